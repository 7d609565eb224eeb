"""Cards on their way out: ``Platform`` for Slack."""

import re
import time
from dataclasses import replace
from typing import Any, Literal, assert_never
from urllib.parse import urlencode

from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.common import Malformed
from adapters.slack import payloads
from adapters.slack.api import (
    EVENT_TYPE,
    Undrawable,
    answered,
    card_of,
    has_begun,
    parts,
    translated,
    wait_of,
)
from adapters.slack.inbound import DIRECT, PLATFORM
from adapters.slack.render import INPUT_VALUE, Drawn, messages
from bot.domain.card import Kind, Outgoing
from bot.domain.inbound import Circle, MessageRef, Place
from bot.domain.ports import Gone, NotAllowed, PlatformError, RateLimited, Unreachable
from bot.telemetry import EventLogger
from bot.texts import Text

NAMES_LAST = 3600.0
"""Seconds for which a member's name is kept."""

_MEMBERS = 1000
_TS = re.compile(r"\d+\.\d+")


class SlackPlatform:
    """Posts, whispers and edits cards, and finds what was posted.

    Attributes:
        workspace: Its address in a browser, such as ``https://event.slack.com/``, once it is known.
    """

    name = PLATFORM
    whispers = overhears = True
    room = INPUT_VALUE

    def __init__(
        self,
        client: AsyncWebClient,
        session: ClientSession,
        organisers: str | None = None,
        group: str | None = None,
    ) -> None:
        """Post by the Web API, and answer by handles.

        Args:
            client: Acts as the bot.
            session: Answers by handles.
            organisers: The id of the organisers' channel, if Slack has it.
            group: The id of the user group that may answer; None: who is in that channel.
        """
        self._client = client
        self._session = session
        self._organisers = organisers
        self._group = group
        self.circle = Circle.CHANNEL if group is None else Circle.GROUP
        self._names: dict[str, tuple[float, str]] = {}
        self.workspace = ""
        self._log = EventLogger("faqbot.slack")

    async def send(self, outgoing: Outgoing) -> MessageRef:
        """Deliver a card; parts that an earlier try brought out are not repeated.

        Raises:
            PlatformError: As ``Platform.send`` says.
        """
        match outgoing.kind:
            case Kind.THREAD:
                ts = await self._post(outgoing)
            case Kind.DIRECT:
                outgoing = await self._direct(outgoing)
                ts = await self._post(outgoing)
            case Kind.PRIVATE:
                ts = await self._whisper(outgoing)
            case Kind.EDIT:
                ts = await self._edit(outgoing)
            case _:
                assert_never(outgoing.kind)
        return MessageRef(outgoing.to, ts)

    async def find(self, outgoing: Outgoing) -> MessageRef | None:
        """Look for a posted card by the id in its metadata.

        An edit is simply made again, and nobody can look for what only one person sees.
        """
        if outgoing.kind is Kind.DIRECT:
            outgoing = await self._direct(outgoing)
        elif outgoing.kind is not Kind.THREAD:
            return None
        there = await parts(self._client, outgoing.to, outgoing.id)
        whole = len(there) == len(messages(outgoing.card))
        return MessageRef(outgoing.to, there[1]) if whole else None

    def address(self, ref: MessageRef) -> str | None:
        """Return where a browser shows a message, or a channel; empty for direct messages.

        None until Slack has said where the workspace is.
        """
        if not ref.place.channel or ref.place.channel.startswith(DIRECT):
            return ""
        if not self.workspace:
            return None
        channel = f"{self.workspace}archives/{ref.place.channel}"
        ts = ref.message if _TS.fullmatch(ref.message) else ref.place.thread
        if ts is None:
            return channel
        inside = {"thread_ts": ref.place.thread, "cid": ref.place.channel}
        return f"{channel}/p{ts.replace('.', '')}" + (
            f"?{urlencode(inside)}" if ref.place.thread not in (None, ts) else ""
        )

    async def called(self, person: str) -> str:
        """Return the name that a member chose to be shown by; Slack is asked once an hour."""
        now = time.monotonic()
        asked, name = self._names.get(person, (-NAMES_LAST, ""))
        if now - asked < NAMES_LAST:
            return name
        try:
            info = await answered(self._client.users_info(user=person), payloads.MemberInfo)
        except (PlatformError, Malformed) as error:
            self._log.warning("couldn't ask for a name", error=str(error))
            return ""
        name = info.user.profile.display_name or info.user.profile.real_name
        self._names = {key: each for key, each in self._names.items() if now - each[0] < NAMES_LAST}
        self._names[person] = (now, name)
        return name

    async def organises(self, person: str) -> bool:
        """Whether somebody is in the user group that may answer, or the organisers' channel, now.

        Raises:
            PlatformError: Slack couldn't be asked.
        """
        if self._group is not None:
            call = self._client.usergroups_users_list(usergroup=self._group)
            return person in (await answered(call, payloads.GroupMembers)).users
        cursor = ""
        while self._organisers is not None:
            call = self._client.conversations_members(
                channel=self._organisers, limit=_MEMBERS, cursor=cursor
            )
            page = await answered(call, payloads.Members)
            if person in page.members:
                return True
            cursor = page.response_metadata.next_cursor if page.response_metadata else ""
            if not cursor:
                break
        return False

    async def respond(
        self,
        handle: str,
        message: Drawn,
        to: Literal["ephemeral", "in_channel"],
    ) -> None:
        """Answer an interaction by its ``response_url``, even where the bot may not post.

        Args:
            handle: The ``response_url``, and behind ``#`` the thread that it belongs in.
            message: What is shown.
            to: The one person only, or everybody in the channel.

        Raises:
            Gone: The handle was used too often, or is too old.
            PlatformError: It wasn't shown, or nobody knows.
        """
        url, _, thread = handle.partition("#")
        webhook = AsyncWebhookClient(url, session=self._session, retry_handlers=[])
        body = {
            "text": message.text,
            "blocks": list(message.blocks) or None,
            "response_type": to,
            "replace_original": False,
            "thread_ts": thread or None,
        }
        with translated():
            response = await webhook.send_dict(body)
        match response.status_code:
            case 429:
                raise RateLimited(PLATFORM, wait_of(response.headers))
            case 403 | 404 | 410:
                raise Gone(PLATFORM, "The answer came too late to be shown privately.")
            case status if status >= 500:
                raise Unreachable(PLATFORM, f"HTTP {status}")
            case status if status >= 400:
                raise PlatformError(PLATFORM, Text("slack.refuses", code=f"HTTP {status}"))

    async def _direct(self, outgoing: Outgoing) -> Outgoing:
        """Return a card addressed to the conversation of the bot and one person."""
        call = self._client.conversations_open(users=outgoing.to.private_to or "")
        channel = (await answered(call, payloads.Opened)).channel
        to = Place(PLATFORM, outgoing.to.workspace, channel.id)
        return replace(outgoing, to=to, kind=Kind.THREAD)

    async def _post(self, outgoing: Outgoing) -> str:
        """Post the parts in order; return the first one's ``ts``.

        Where the bot isn't in the channel they are shown to all by the handle, if there is one: so
        an answer to ``/faq`` can be shared in channels that the bot wasn't invited to.
        """
        to, drawn = outgoing.to, messages(outgoing.card)
        try:
            there = await parts(self._client, to, outgoing.id) if len(drawn) > 1 else {}
            for number, message in enumerate(drawn, start=1):
                if number not in there:
                    there[number] = await self._post_part(to, message, outgoing.id, number)
            return there[1]
        except (NotAllowed, Gone) as refusal:
            if to.handle is None:
                raise
            # What is for all belongs in its own thread, wherever the button for it stood.
            handle = to.handle.partition("#")[0] + (f"#{to.thread}" if to.thread else "")
            try:
                for message in drawn:
                    await self.respond(handle, message, "in_channel")
            except PlatformError:
                raise refusal from None
            return outgoing.id

    async def _post_part(self, to: Place, message: Drawn, card: str, number: int) -> str:
        """Post one message; where Slack can't draw it, once more in words alone."""
        for blocks in (list(message.blocks), None):
            try:
                with translated():
                    response = await self._client.chat_postMessage(
                        channel=to.channel,
                        thread_ts=to.thread,
                        blocks=blocks,
                        mrkdwn=False,
                        unfurl_links=False,
                        unfurl_media=False,
                        **_body(message, card, number),
                    )
                break
            except Undrawable as error:
                if blocks is None:
                    raise
                self._log.error("sent without blocks", problem=str(error))
        return str(response["ts"])

    async def _edit(self, outgoing: Outgoing) -> str:
        """Replace a card, all parts of it, by another; a part too many is deleted.

        The message that ``edits`` names is always kept, so that the edit can be made again.
        """
        to, edits = outgoing.to, outgoing.edits or ""
        if not _TS.fullmatch(edits):
            raise Gone(PLATFORM, "That message was posted by a handle, and can't be changed.")
        card, there = await card_of(self._client, to, edits)
        drawn = messages(outgoing.card)
        start = max(0, min(there.index(edits), len(there) - len(drawn)))
        kept = there[start : start + len(drawn)]
        for number, message in enumerate(drawn, start=1):
            if number > len(kept):
                kept.append(await self._post_part(to, message, card, number))
                continue
            with translated():
                await self._client.chat_update(
                    channel=to.channel,
                    ts=kept[number - 1],
                    blocks=list(message.blocks),
                    **_body(message, card, number),
                )
        for ts in there:
            if ts not in kept:
                with translated():
                    await self._client.chat_delete(channel=to.channel, ts=ts)
        return kept[0]

    async def _whisper(self, outgoing: Outgoing) -> str:
        """Show a card to one person only; return an id to tell it by."""
        to, handle = outgoing.to, outgoing.to.handle
        shown = []
        for message in messages(outgoing.card):
            if handle is not None:
                try:
                    await self.respond(handle, message, "ephemeral")
                    shown.append(outgoing.id)
                    continue
                except Gone:
                    handle = None
            shown.append(await self._post_privately(to, message))
        return shown[0]

    async def _post_privately(self, to: Place, message: Drawn) -> str:
        """Show a message without a handle: in its thread, or, where that hasn't begun, above it."""
        thread = to.thread if await has_begun(self._client, to) else None
        with translated():
            response = await self._client.chat_postEphemeral(
                channel=to.channel,
                thread_ts=thread,
                user=to.private_to or "",
                text=message.text,
                blocks=list(message.blocks),
                parse="none",
                link_names=False,
            )
        return str(response["message_ts"])


def _body(message: Drawn, card: str, number: int) -> dict[str, Any]:
    """Return what a message of a card has, posted or changed: nothing in it is parsed."""
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"id": card, "part": number}}
    return {"text": message.text, "metadata": metadata, "parse": "none", "link_names": False}
