"""Every request to Discord: messages and threads, the answers to interactions, what stands there.

discord.py's clients know Discord's rate limits, and repeat a request that met a server fault; a
nonce keeps a repeated message from being posted twice. Only the outbox repeats anything else.
A card's messages are found by their nonces or by their looks.
"""

import asyncio
import base64
import hashlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
from discord.http import Route
from discord.webhook.async_ import async_context

from adapters.common.text import split
from adapters.discord.errors import (
    ARCHIVED,
    BANNED_WAIT,
    PLATFORM,
    UNKNOWN_CHANNEL,
    NotSent,
    Refused,
    not_connected,
    translated,
)
from adapters.discord.gateway import proxy
from adapters.discord.inbound import Interaction
from adapters.discord.render import Drawn, Json, seen
from bot.domain.inbound import Place
from bot.domain.ports import NotAllowed, Unreachable
from bot.telemetry import EventLogger
from bot.texts import Text

Channel = discord.abc.GuildChannel | discord.Thread | discord.abc.PrivateChannel

EPHEMERAL = 1 << 6
LOADING = 1 << 7
SILENT = 1 << 12
"""It rings nobody: what follows the first message of a card, and so is known by it."""

THREAD_NAME = 100
"""Characters of a thread's name at most, counted as UTF-16 units."""

AT_ONCE = 2.5
"""Seconds for the first answer to an interaction: Discord waits three."""

_NONCE = 25
"""Characters of a nonce at most."""
_PAGE = 100
_REMEMBERED = 1000
_ARCHIVE_AFTER = 1440
"""Minutes without a message after which Discord folds a thread away."""

log = EventLogger("faqbot.discord")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where exactly a card stands.

    Attributes:
        place: Its thread is one that there is.
        reply_to: The message that the card replies to.
    """

    place: Place
    reply_to: str | None = None

    @property
    def channel(self) -> str:
        """Id of the channel or thread."""
        return self.place.thread or self.place.channel


class Api:
    """Asks Discord, for the client that is signed in now; no shard need be connected for that.

    Interactions are answered without a client: that needs no permission.

    Args:
        session: For those answers; its time limit is theirs.

    Attributes:
        client: Who is signed in; None: nothing is sent but answers to interactions.
        connected: The clients of the shards that are served here: they know channels.
    """

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._posted: deque[str] = deque(maxlen=_REMEMBERED)
        self.client: discord.Client | None = None
        self.connected: set[discord.Client] = set()
        self._banned_until = 0.0

    @property
    def signed_in(self) -> discord.Client:
        """Who is signed in.

        Raises:
            RateLimited: Nobody is: nothing can be sent yet.
        """
        if self.client is None:
            raise not_connected()
        return self.client

    @property
    def me(self) -> str:
        """The bot's id.

        Raises:
            RateLimited: It isn't signed in.
        """
        user = self.signed_in.user
        if user is None:
            raise not_connected()
        return str(user.id)

    def channel(self, channel: str) -> Channel | None:
        """Return a channel that Discord has told of, to a shard that is served here."""
        for each in (self.client, *self.connected):
            found = each.get_channel(int(channel)) if each is not None else None
            if found is not None:
                return found
        return None

    async def described(self, channel: str) -> discord.abc.GuildChannel:
        """Return a server's channel, or of a thread the channel around it, with all roles there.

        Raises:
            PlatformError: Discord couldn't be asked, or there is no such channel.
        """
        known = self.channel(channel)
        if isinstance(known, discord.Thread):
            known = known.parent
        if isinstance(known, discord.abc.GuildChannel):
            return known
        client = self.signed_in
        with translated():
            bare = await client.fetch_channel(int(channel))
            if not isinstance(bare, discord.Thread | discord.abc.GuildChannel):
                raise Refused(Text("platform.no_channel"), UNKNOWN_CHANNEL)
            guild = await client.fetch_guild(bare.guild.id, with_counts=False)
            around = bare.parent_id if isinstance(bare, discord.Thread) else bare.id
            found = await guild.fetch_channel(around)
        assert not isinstance(found, discord.Thread)
        return found

    async def recommended(self) -> int:
        """Return into how many shards Discord wants the bot to be divided."""
        try:
            with translated():
                shards, _, _ = await self.signed_in.http.get_bot_gateway()
        except discord.GatewayNotFound:
            raise Unreachable(PLATFORM, "/gateway/bot") from None
        return max(shards, 1)

    def knows_thread(self, thread: str) -> bool:
        """Whether Discord has told of a thread of this id: one that isn't folded away."""
        return isinstance(self.channel(thread), discord.Thread)

    async def has_thread(self, thread: str) -> bool:
        """Whether there is a thread of this id; a message may have one of its own id."""
        if self.knows_thread(thread):
            return True
        try:
            await self._request(_channel("GET", thread))
        except Refused:
            return False
        return True

    async def post(
        self, channel: str, message: Json, nonce: str, reply_to: str | None, *, silent: bool = False
    ) -> str:
        """Post a message; return its id. The same nonce doesn't post twice within minutes."""
        self._posted.append(nonce)
        payload = {**message, "nonce": nonce, "enforce_nonce": True}
        if silent:
            payload["flags"] = SILENT
        if reply_to is not None:
            payload["message_reference"] = {"message_id": reply_to, "fail_if_not_exists": False}
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
        return str((await self._unfolded(route, payload))["id"])

    def has_posted(self, nonce: str) -> bool:
        """Whether this process posted a message lately, by its nonce."""
        return nonce in self._posted

    async def edit(self, channel: str, message: str, payload: Json) -> None:
        """Change a message of the bot's."""
        await self._unfolded(_message("PATCH", channel, message), payload)

    async def delete(self, channel: str, message: str) -> None:
        """Delete a message of the bot's."""
        await self._unfolded(_message("DELETE", channel, message))

    async def message(self, channel: str, message: str) -> Json:
        """Read a message."""
        found: Json = await self._request(_message("GET", channel, message))
        return found

    async def page(self, channel: str, after: str | None) -> list[Json]:
        """Read up to a hundred messages after one, oldest first; without one, the latest."""
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel)
        window = {"after": after} if after is not None else {}
        found: list[Json] = await self._request(route, params={"limit": _PAGE, **window})
        return sorted(found, key=lambda each: int(str(each["id"])))

    async def open_thread(self, channel: str, message: str, name: str) -> None:
        """Make the thread on a message; it gets the message's id."""
        route = Route("POST", "/channels/{channel_id}/messages/{message_id}/threads",
                      channel_id=channel, message_id=message)  # fmt: skip
        payload: Json = {"name": thread_name(name), "auto_archive_duration": _ARCHIVE_AFTER}
        await self._request(route, payload)

    async def rename_thread(self, thread: str, name: str) -> None:
        """Give a thread another name."""
        await self._unfolded(_channel("PATCH", thread), {"name": thread_name(name)})

    async def direct_channel(self, person: str) -> str:
        """Return the channel of the direct messages with somebody."""
        payload: Json = {"recipient_id": person}
        return str((await self._request(Route("POST", "/users/@me/channels"), payload))["id"])

    async def register(self, commands: Sequence[Json], guild: str) -> None:
        """Let a server have these commands and no others; ``""``: every server."""
        path = "/applications/{application_id}" + ("/guilds/{guild_id}" if guild else "")
        ids = {"guild_id": guild} if guild else {}
        application = self.signed_in.application_id
        route = Route("PUT", f"{path}/commands", application_id=application, **ids)
        await self._request(route, list(commands))

    async def respond(
        self,
        to: discord.Interaction,
        kind: discord.InteractionResponseType,
        data: Json | None = None,
    ) -> None:
        """Answer an interaction at once, in the way that ``kind`` names."""
        route = Route("POST", "/interactions/{webhook_id}/{webhook_token}/callback",
                      webhook_id=to.id, webhook_token=to.token)  # fmt: skip
        payload: Json = {"type": kind.value} if data is None else {"type": kind.value, "data": data}
        with translated():
            async with asyncio.timeout(AT_ONCE):
                await self._by_token(route, payload)

    async def defer(self, to: discord.Interaction, *, private: bool) -> None:
        """Promise an answer: Discord shows that the bot is thinking."""
        kind = discord.InteractionResponseType.deferred_channel_message
        await self.respond(to, kind, {"flags": EPHEMERAL if private else 0})

    async def say(self, to: discord.Interaction, message: Json) -> None:
        """Answer at once, for the one who asked only."""
        kind = discord.InteractionResponseType.channel_message
        await self.respond(to, kind, {**message, "flags": EPHEMERAL})

    async def original(self, to: Interaction) -> Mapping[str, Any]:
        """Return the answer as it is now; ``LOADING`` among its flags: it is still awaited.

        Raises:
            Gone: The token is over, or nothing was promised.
        """
        return await self._answer("GET", "/messages/@original", to)

    async def fulfil(self, to: Interaction, message: Json) -> str:
        """Put a message in the place of "thinking"; return its id."""
        return str((await self._answer("PATCH", "/messages/@original", to, message))["id"])

    async def follow(self, to: Interaction, message: Json, *, private: bool) -> str:
        """Send a further message; return its id."""
        payload = {**message, "flags": EPHEMERAL if private else 0}
        return str((await self._answer("POST", "", to, payload))["id"])

    async def _request(
        self, route: Route, payload: Json | list[Json] | None = None, params: Json | None = None
    ) -> Any:
        client = self.signed_in
        now = asyncio.get_running_loop().time()
        if now < self._banned_until:
            wait = self._banned_until - now
            raise NotSent(Text("discord.banned"), Text("platform.again"), wait)
        given: dict[str, Any] = {}
        if payload is not None:
            given["json"] = payload
        if params is not None:
            given["params"] = params
        try:
            with translated():
                return await client.http.request(route, **given)
        except NotSent as error:
            if error.retry_after >= BANNED_WAIT:
                self._banned_until = now + error.retry_after
            raise

    async def _unfolded(self, route: Route, payload: Json | None = None) -> Any:
        """Request something within a thread; one that was folded away is opened for it."""
        try:
            return await self._request(route, payload)
        except Refused as refusal:
            if refusal.code != ARCHIVED:
                raise
        await self._request(_channel("PATCH", str(route.channel_id)), {"archived": False})
        return await self._request(route, payload)

    async def _answer(
        self, method: str, path: str, to: Interaction, payload: Json | None = None
    ) -> Mapping[str, Any]:
        route = Route(method, "/webhooks/{webhook_id}/{webhook_token}" + path,
                      webhook_id=to.application, webhook_token=to.token)  # fmt: skip
        with translated():
            data: Mapping[str, Any] = await self._by_token(route, payload, {"wait": "true"})
        return data

    async def _by_token(
        self, route: Route, payload: Json | None, params: Json | None = None
    ) -> Any:
        """Request what an interaction's own token allows: nobody needs to be signed in."""
        return await async_context.get().request(
            route, self._session, payload=payload, params=params, proxy=proxy()
        )


def thread_name(text: str) -> str:
    """Return the beginning of a text as the name of a thread, which can't be empty."""
    return next(iter(split(text, THREAD_NAME)), "FAQ").strip() or "FAQ"


async def parts(api: Api, spot: Spot, card: str, drawn: tuple[Drawn, ...]) -> dict[int, str]:
    """Return the ids of a card's parts that stand at a spot, by position."""
    marks = {nonce(card, number): number for number in range(len(drawn))}
    looks = {seen(message.payload()): number for number, message in enumerate(drawn)}
    found: dict[int, str] = {}
    # What the card stands below, if anything: it needn't be looked for above that.
    after, whole = spot.reply_to or spot.place.thread, False
    try:
        while not whole:
            page = await api.page(spot.channel, after)
            for message in page:
                if _author(message) != api.me:
                    continue
                number = marks.get(str(message.get("nonce", "")))
                if number is None and _replies_to(message) in (spot.reply_to, *found.values()):
                    number = looks.get(seen(message))
                if number is not None:
                    found.setdefault(number, str(message["id"]))
            whole = after is None or len(page) < _PAGE
            after = str(page[-1]["id"]) if page else None
    except NotAllowed as refusal:
        log.warning("can't look for what was posted", problem=str(refusal))
    except Refused as refusal:
        if refusal.code != UNKNOWN_CHANNEL:
            raise
    return found


async def card_of(api: Api, channel: str, first: str) -> list[str]:
    """Return the ids of all parts of a card that begins with a message, in order."""
    found = [first]
    for message in await api.page(channel, first):
        silent = int(str(message.get("flags", 0))) & SILENT
        if silent and _author(message) == api.me and _replies_to(message) == first:
            found.append(str(message["id"]))
    return found


def nonce(card: str, number: int) -> str:
    """Return what marks one part of a card, the same at every try."""
    digest = hashlib.blake2b(f"{card}:{number}".encode(), digest_size=15).digest()
    return base64.b32encode(digest).decode().lower()[:_NONCE]


def _author(message: Json) -> str:
    match message.get("author"):
        case {"id": str(author)}:
            return author
    return ""


def _replies_to(message: Json) -> str | None:
    match message.get("message_reference"):
        case {"message_id": str(above)}:
            return above
    return None


def _channel(method: str, channel: str) -> Route:
    return Route(method, "/channels/{channel_id}", channel_id=channel)


def _message(method: str, channel: str, message: str) -> Route:
    path = "/channels/{channel_id}/messages/{message_id}"
    return Route(method, path, channel_id=channel, message_id=message)
