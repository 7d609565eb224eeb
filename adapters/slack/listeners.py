"""What happens on each thing that Slack sends: it is committed, or answered at once.

Whatever a worker can do later is only committed here, and then acknowledged. A listener does no
more than that, or opens a view, as Slack waits three seconds and no longer.
"""

import asyncio
import traceback
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.common.payloads import Malformed, read
from adapters.slack import inbound, payloads
from adapters.slack.errors import translated
from adapters.slack.home import HomeWords, home_view
from adapters.slack.inbound import Deleted, Edited, Switch
from adapters.slack.outbound import SlackPlatform
from adapters.slack.render import Drawn, card_view, escape, form_view, messages
from bot.desk.desk import Desk, StoreError
from bot.domain.card import Card, Say
from bot.domain.inbound import Action, Form, Place, Press, Question
from bot.domain.ports import Gone, PlatformError
from bot.domain.text import is_blank
from bot.telemetry.log import EventLogger

Body = Mapping[str, Any]

PATIENCE = 2.5
"""Seconds that asking Slack about somebody may take: the command itself is waited for."""


class Listeners:
    """The listeners. They hold no state: a restart changes nothing."""

    def __init__(self, desk: Desk, client: AsyncWebClient, platform: SlackPlatform) -> None:
        self._desk = desk
        self._client = client
        self._platform = platform
        self._log = EventLogger("faqbot.slack")

    async def message(self, body: Body) -> None:
        """Commit a question; where that fails nothing is acknowledged, and Slack sends it again."""
        match inbound.message(body):
            case Question() as question:
                if question.addressed or await self._desk.watches(question.ref.place):
                    await self._desk.receive(question)
            case Edited(ref, text):
                await self._desk.edited(ref, text)
            case Deleted(ref):
                await self._desk.deleted(ref)

    async def other_event(self, body: Body) -> None:
        """Acknowledge what nobody listens to: unacknowledged, it would be sent three times more."""
        self._log.debug("event without a listener", type=body["event"].get("type"))

    async def home(self, body: Body) -> None:
        """Show the Home tab to who opens it."""
        event = read(body, payloads.HomeDelivery).event
        if event.tab == "home":
            await self._show_home(event.user, 0)

    async def command(self, ack: AsyncAck, body: Body) -> None:
        """Take ``/faq``: a question, or nothing for help; or the switch for watching."""
        match inbound.command(body):
            case Switch() as switch:
                (message,) = messages(await self._switch(switch))
                await ack(text=message.text, blocks=list(message.blocks))
            case Question() as question if await self._commit(question):
                await ack()
            case _:
                await ack(text=self._desk.say("error.not_saved"))

    async def shortcut(self, ack: AsyncAck, body: Body) -> None:
        """Take somebody's message as the question of who chose the shortcut."""
        question = inbound.shortcut(body)
        saved = await self._commit(question)
        await ack()
        if not saved:
            await self._explain(question.ref.place.handle, "error.not_saved")

    async def press(self, ack: AsyncAck, body: Body) -> None:
        """Commit a press; a button that doesn't work (any more) is explained."""
        await ack()
        match inbound.press(body):
            case Press(action=Action.ASK_LECTURER) as press:
                await self._open_form(press)
            case Press() as press:
                if not await self._commit(press):
                    await self._explain(press.on.place.handle, "error.not_saved")
            case Place(handle=handle):
                await self._explain(handle, "error.unknown_button")

    async def _open_form(self, press: Press) -> None:
        """Open the form that asks the lecturers."""
        handle = press.on.place.handle
        try:
            form = await self._desk.form(press.ask)
        except StoreError as error:
            self._log.error("couldn't read the question", error=str(error))
            await self._explain(handle, "error.failed")
            return
        if not await self._open(press.id, form_view(form, press)):
            await self._explain(handle, "error.failed")

    async def submit_form(self, ack: AsyncAck, body: Body) -> None:
        """Commit the form; where that fails it stays open, with what was typed."""
        given = read(body, payloads.Submission)
        form = inbound.form(given)
        if form is None:
            key = "error.unknown_button"
        elif is_blank(form.text):
            key = "escalation.empty"
        elif await self._commit(form):
            await ack()
            return
        else:
            key = "error.not_saved"
        block = next(iter(given.view.state.values), "")
        await ack(response_action="errors", errors={block: self._desk.say(key)})

    async def open_entry(self, ack: AsyncAck, body: Body) -> None:
        """Open an entry that was chosen on the Home tab."""
        await ack()
        given = read(body, payloads.Actions)
        card = self._desk.entry_card(given.actions[0].value) or Card(
            (Say(self._desk.say("answer.gone")),)
        )
        title, close = self._desk.say("home.title"), self._desk.say("home.close")
        await self._open(given.trigger_id, card_view(card, title=title, close=close))

    async def turn_page(self, ack: AsyncAck, body: Body) -> None:
        """Show another page of the Home tab."""
        await ack()
        given = read(body, payloads.Actions)
        page = given.actions[0].value
        await self._show_home(given.user.id, int(page) if page.isdecimal() else 0)

    async def other_view(self, ack: AsyncAck) -> None:
        """Close a modal of an older version."""
        await ack()

    async def failed(self, error: Exception) -> BoltResponse:
        """Answer for a listener that failed: nothing is acknowledged."""
        if isinstance(error, Malformed):
            self._log.warning("malformed payload", fault=str(error))
            return BoltResponse(status=400)
        if isinstance(error, StoreError):
            self._log.error("not saved, so not acknowledged", error=str(error))
        else:
            # Without the error's words: they may quote what a member wrote.
            frames = traceback.extract_tb(error.__traceback__)
            where = [f"{frame.filename}:{frame.lineno}" for frame in frames[-4:]]
            self._log.error("listener failed", error=type(error).__name__, where=where)
        return BoltResponse(status=500)

    async def _commit(self, item: Question | Press | Form) -> bool:
        """Commit what Slack won't send a second time; False where that failed."""
        try:
            await self._desk.receive(item)
        except StoreError as error:
            self._log.error("not saved", error=str(error))
            return False
        return True

    async def _explain(self, handle: str | None, key: str) -> None:
        if handle is None:
            return
        try:
            message = Drawn(escape(self._desk.say(key)), ())
            await self._platform.respond(handle, message, "ephemeral")
        except PlatformError as error:
            self._log.warning("couldn't explain", error=str(error))

    async def _open(self, trigger: str, view: dict[str, object]) -> bool:
        """Open a modal; False where Slack refused, mostly as the press is too long ago."""
        try:
            with translated():
                await self._client.views_open(trigger_id=trigger, view=view)
        except PlatformError as error:
            self._log.warning("couldn't open a view", error=str(error))
            return False
        return True

    async def _show_home(self, user: str, page: int) -> None:
        say = self._desk.say
        words = HomeWords(
            say("home.intro"), say("home.open"), say("home.previous"), say("home.next")
        )
        view = home_view(self._desk.browse(), page, words)
        try:
            with translated():
                await self._client.views_publish(user_id=user, view=view)
        except PlatformError as error:
            self._log.warning("couldn't show the Home tab", error=str(error))

    async def _switch(self, switch: Switch) -> Card:
        """Watch a channel or leave it, if who asks may manage it."""
        say = self._desk.say
        if switch.on is None:
            return Card((Say(say("watch.usage")),))
        try:
            async with asyncio.timeout(PATIENCE):
                if not await self._may_manage(switch.place.channel, switch.by.id):
                    return Card((Say(say("watch.not_allowed")),))
                return await self._desk.set_watch(switch.place, switch.on, switch.by)
        except (PlatformError, StoreError, TimeoutError) as error:
            self._log.warning("couldn't switch watching", error=str(error))
            return Card((Say(say("error.not_saved")),))

    async def _may_manage(self, channel: str, user: str) -> bool:
        """Whether somebody is an administrator, or made the channel."""
        with translated():
            answer = await self._client.users_info(user=user)
        member = read(answer.data, payloads.MemberInfo).user
        if member.is_admin or member.is_owner or member.is_primary_owner:
            return True
        try:
            with translated():
                answer = await self._client.conversations_info(channel=channel)
        except Gone:
            return False
        return read(answer.data, payloads.ChannelInfo).channel.creator == user
