"""discord.py's client: what it hands to the listeners, and how it stays connected."""

import asyncio
import random
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from adapters.discord.listeners import Listeners, log_failure
from bot.telemetry.log import EventLogger

FATAL = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
"""Reasons for which Discord closes a connection that it won't take again."""
RATE_LIMIT_WAIT = 30.0
"""Seconds that discord.py itself waits out a rate limit; longer ones are the outbox's."""

_CONNECT = 30.0
_STABLE = 30.0
"""Seconds that a connection must last so that the waits begin anew after it."""
_LONGEST_WAIT, _LONGEST_FLAPPING = 20.0, 120.0
_MANY = 30
"""Failures after which the longer wait counts: Discord resets a token that signs in 1,000 times
a day."""


def intents(*, content: bool) -> discord.Intents:
    """Return what the bot asks to hear; the words of messages only where it watches."""
    wanted = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
    wanted.message_content = content
    return wanted


class Connection(discord.Client):
    """One sign-in to Discord. It keeps no messages and no members.

    Attributes:
        up: Whether it is connected.
        was_up: Whether it ever was.
    """

    def __init__(
        self,
        *,
        content: bool,
        heartbeat_timeout: float = 60.0,
        guilds_timeout: float = 2.0,
        wait: float = 1.0,
    ) -> None:
        """Take how it connects; nothing is opened yet.

        Args:
            content: Ask for the words of messages, which Discord must have granted.
            heartbeat_timeout: Seconds without a sign of life after which a connection is dead.
            guilds_timeout: Seconds after which a server that Discord doesn't describe isn't
                waited for.
            wait: Seconds after the first failure to connect; doubled with each.
        """
        super().__init__(
            intents=intents(content=content),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            heartbeat_timeout=heartbeat_timeout,
            guild_ready_timeout=guilds_timeout,
            max_ratelimit_timeout=RATE_LIMIT_WAIT,
        )
        self._wait = wait
        self._failures = 0
        self._since = 0.0
        self._events: set[asyncio.Task[Any]] = set()
        self.up = self.was_up = False

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected, resuming where Discord allows it.

        discord.py's own loop waits up to 17 minutes between two tries, and not at all between
        two sessions that Discord ends at once.

        Args:
            reconnect: False: end with the first connection.

        Raises:
            discord.ConnectionClosed: For one of the reasons in ``FATAL``, or any but ``reconnect``.
        """
        resume = False
        while not self.is_closed():
            resume = await self._converse(resume=resume, reconnect=reconnect)
            lasted = time.monotonic() - self._since if self.up else 0.0
            self.up = False
            self._failures = 1 if lasted >= _STABLE else self._failures + 1
            longest = _LONGEST_WAIT if self._failures < _MANY else _LONGEST_FLAPPING
            doubled = self._wait * 2.0 ** min(self._failures - 1, 7)
            await asyncio.sleep(min(doubled * random.uniform(0.8, 1.2), longest))  # noqa: S311

    def ack_age(self) -> float:
        """Return how many seconds ago Discord answered a heartbeat; 0 while not connected."""
        keep_alive = getattr(self.ws, "_keep_alive", None)
        if keep_alive is None:
            return 0.0
        return float(time.perf_counter() - keep_alive._last_ack)

    def heartbeat(self) -> float:
        """Return the seconds between two heartbeats, as Discord wants them."""
        keep_alive = getattr(self.ws, "_keep_alive", None)
        return float(keep_alive.interval) if keep_alive is not None else 0.0

    async def resume(self) -> None:
        """Drop the connection; it is made anew, and Discord sends what was missed."""
        await self.ws.close(4000)

    async def hang_up(self) -> None:
        """Hear nothing more, and finish what was heard; one can still post."""
        if self.ws is not None:
            await self.ws.close()
        while self._events:
            await asyncio.wait(self._events)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Hand out an event; a client that was closed still finds one that it had put off."""
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)

    def _schedule_event(
        self,
        coro: Callable[..., Coroutine[Any, Any, Any]],
        event_name: str,
        *args: Any,
        **kwargs: Any,
    ) -> asyncio.Task[Any]:
        task = super()._schedule_event(coro, event_name, *args, **kwargs)
        self._events.add(task)
        task.add_done_callback(self._events.discard)
        return task

    async def on_connect(self) -> None:
        self._is_up()

    async def on_resumed(self) -> None:
        self._is_up()

    async def _converse(self, *, resume: bool, reconnect: bool) -> bool:
        """Connect and listen to the end of the connection; return whether it may be resumed."""
        try:
            coro = DiscordWebSocket.from_client(self, **await self._session(resume=resume))
            self.ws = await asyncio.wait_for(coro, _CONNECT)
            while True:
                await self.ws.poll_event()
        except ReconnectWebSocket as again:
            return again.resume
        except discord.ConnectionClosed as closed:
            if closed.code in FATAL or not reconnect:
                raise
        except (OSError, discord.HTTPException, aiohttp.ClientError, TimeoutError):
            if not reconnect:
                raise
        return True

    async def _session(self, *, resume: bool) -> dict[str, Any]:
        """Return how to connect: to the session that there was, or to a new one."""
        ws = self.ws
        if ws is None or ws.session_id is None or not resume:
            return {"initial": ws is None, "gateway": await self._gateway()}
        return {
            "gateway": ws.gateway,
            "sequence": ws.sequence,
            "session": ws.session_id,
            "resume": True,
        }

    async def _gateway(self) -> yarl.URL:
        """Ask Discord where to connect; the usual place where it doesn't say."""
        try:
            _, url, _ = await self.http.get_bot_gateway()
        except discord.GatewayNotFound:
            return DiscordWebSocket.DEFAULT_GATEWAY
        return yarl.URL(url)

    def _is_up(self) -> None:
        self.up = self.was_up = True
        self._since = time.monotonic()


class FaqClient(Connection):
    """The sign-in that serves: it hands to the listeners what Discord sends.

    Args:
        listeners: What is told.
        on_session: Called at the beginning of each session: what happened before isn't sent.
        on_ready: Called once the servers are known in it.
        connection: As ``Connection`` takes it.
    """

    def __init__(
        self,
        listeners: Listeners,
        *,
        on_session: Callable[[], None],
        on_ready: Callable[["FaqClient"], None],
        **connection: Any,
    ) -> None:
        super().__init__(**connection)
        self._listeners_ = listeners
        self._on_session = on_session
        self._on_ready = on_ready
        self._log = EventLogger("faqbot.discord")

    async def on_connect(self) -> None:
        self._on_session()
        await super().on_connect()

    async def on_ready(self) -> None:
        self._on_ready(self)

    async def on_message(self, message: discord.Message) -> None:
        await self._listeners_.message(self, message)

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        await self._listeners_.edited(self, event)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        await self._listeners_.deleted(self, event)

    async def on_thread_create(self, thread: discord.Thread) -> None:
        await self._listeners_.post(self, thread)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        await self._listeners_.interaction(interaction)

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        error = sys.exc_info()[1]
        if error is not None:
            log_failure(self._log, "listener failed", error, listener=event_method)
