"""The connection of a shard to Discord: discord.py's client, and how it stays connected."""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.http import Route

from adapters.discord.errors import REFUSED_WAIT, token_fatal, translated
from bot.domain.backoff import Backoff
from bot.settings import Secret
from bot.telemetry import EventLogger, withhold
from bot.texts import Text

FATAL = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
"""Reasons for which Discord closes a connection that it won't take again."""
_RATE_LIMIT_WAIT = 30.0
"""Seconds that discord.py itself waits out a rate limit; longer ones are the outbox's."""

_CONNECT = 30.0
_STABLE = 30.0
"""Seconds that a connection must last so that the waits begin anew after it."""
LONGEST_WAIT, _LONGEST_FLAPPING = 20.0, 120.0
_MANY = 30
"""Failures after which the longer wait counts: Discord resets a token that signs in 1,000 times
a day."""

_SPARE = 5
"""Sign-ins of the day's that are left to others: several processes may count them at once."""
_ASK_AGAIN = 600.0

Hear = Callable[..., Coroutine[Any, Any, None]]


def prepare(api_url: str) -> None:
    """Tell discord.py where Discord is, and to keep members' words and secrets out of the log.

    It writes whole payloads into its log lines while debugging, and addresses with a token in them
    above that.
    """
    Route.BASE = api_url
    withhold("discord", level=logging.WARNING)
    # Two libraries for voice are missing on purpose.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def proxy() -> str | None:
    """Return the proxy that leads to Discord, by the variables that Slack's client reads, too."""
    names = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
    return next((os.environ[name].strip() for name in names if os.environ.get(name)), None) or None


@dataclass(frozen=True, slots=True)
class Timing:
    """How long is waited, in seconds.

    Attributes:
        heartbeat: Without any sign of life, until a connection is dead.
        acks: Heartbeats without an answer, until a connection is dropped.
        look: Between two looks at the connections.
        patience: Until a connection that is down is reported.
        close: What signing out may take.
        guilds: Until a server that Discord doesn't describe isn't waited for.
        wait: After the first failure to sign in or connect; doubled with each.
        refused: After Discord refused for good, until it is asked again.
        sign_in: Between two sign-ins: Discord wants five, and they may take longer on their way.
    """

    heartbeat: float = 60.0
    acks: float = 2.5
    look: float = 1.0
    patience: float = 15.0
    close: float = 1.5
    guilds: float = 2.0
    wait: float = 1.0
    refused: float = REFUSED_WAIT
    sign_in: float = 5.5


class _Socket(DiscordWebSocket):
    """Closed where waiting for its turn is cut off: nobody has it yet, and its heart beats on."""

    async def identify(self) -> None:
        try:
            await super().identify()
        except BaseException:
            await self.close()
            raise


class Connection(discord.Client):
    """One shard's sign-in to Discord. It keeps no messages and no members.

    Attributes:
        up: Whether it is connected.
        trouble: Why it doesn't even try to connect; None: nothing keeps it.
        heard: When Discord was heard last, in seconds since 1970; 0: never.
        missed: The same before this session, in which Discord says nothing of the time between.
        caught_up: Whether what was said in that time has been read.
    """

    def __init__(
        self,
        *,
        content: bool,
        shard: tuple[int, int] = (0, 1),
        hears: Mapping[str, Hear] | None = None,
        turn: Callable[[int], Awaitable[None]] | None = None,
        may_hear: Callable[[], bool] = lambda: True,
        heard: float = 0.0,
        timing: Timing | None = None,
    ) -> None:
        """Take how it connects; nothing is opened yet.

        Args:
            content: Ask for the words of messages, which Discord must have granted.
            shard: Its number, and how many there are.
            hears: What is told of each event, by discord.py's name without ``on_``.
            turn: Waits until a new session may begin: Discord lets so many shards do so at once,
                and is given the remainder of this one's number by how many. None: at once.
            may_hear: Whether events are still this process's to take.
            heard: When another connection heard Discord last.
            timing: How long is waited.
        """
        timing = timing or Timing()
        super().__init__(
            intents=discord.Intents(
                guilds=True, guild_messages=True, dm_messages=True, message_content=content
            ),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            shard_id=shard[0],
            shard_count=shard[1],
            heartbeat_timeout=timing.heartbeat,
            guild_ready_timeout=timing.guilds,
            max_ratelimit_timeout=_RATE_LIMIT_WAIT,
            proxy=proxy(),
        )
        for event, hear in (hears or {}).items():
            setattr(self, f"on_{event}", hear)
        self._number = shard[0]
        self._turn = turn
        self._at_once = 1
        self._may_hear = may_hear
        self._waits = Backoff(timing.wait, LONGEST_WAIT)
        self._refused = timing.refused
        self._since = 0.0
        self._events: set[asyncio.Task[Any]] = set()
        self._log = EventLogger("faqbot.discord")
        self.up = self.caught_up = False
        self.heard = self.missed = heard
        self.trouble: Text | None = None

    async def sign_in(self, token: Secret | None) -> None:
        """Sign in: from then on one can post.

        Raises:
            Fatal: Discord refuses the token.
            PlatformError: It couldn't be asked.
        """
        try:
            with translated():
                await self.login(token.reveal() if token else "")
        except discord.LoginFailure:
            raise token_fatal(self._refused) from None

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
            if self.up and time.monotonic() - self._since >= _STABLE:
                self._waits.reset()
            self.up = False
            flapping = self._waits.tries >= _MANY
            self._waits.most = _LONGEST_FLAPPING if flapping else LONGEST_WAIT
            await asyncio.sleep(self._waits.next())

    def is_answered(self, heartbeats: float) -> bool:
        """Whether Discord has answered one of the last heartbeats; if so, it was heard then."""
        keep_alive = getattr(self.ws, "_keep_alive", None)
        if keep_alive is None:  # between two connections
            return True
        age = time.perf_counter() - keep_alive._last_ack
        if age > heartbeats * keep_alive.interval:
            return False
        self.heard = time.time() - age
        return True

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
        if not self.is_closed() and self._may_hear():
            super().dispatch(event, *args, **kwargs)

    def _schedule_event(self, coro: Hear, event_name: str, *args: Any, **kwargs: Any,
                        ) -> asyncio.Task[Any]:  # fmt: skip
        task = super()._schedule_event(coro, event_name, *args, **kwargs)
        self._events.add(task)
        task.add_done_callback(self._events.discard)
        return task

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait for the turn to begin a session; right before that, as Discord counts it then."""
        if self._turn is not None:
            await self._turn(self._number % self._at_once)

    async def on_connect(self) -> None:
        """A new session has begun."""
        if self.caught_up or not self.missed:
            self.missed, self.caught_up = self.heard, False
        self._is_up()

    async def on_resumed(self) -> None:
        """The session goes on."""
        self._is_up()

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        """Log what a listener raised."""
        self._log.error("listener failed", sys.exc_info()[1], listener=event_method)

    async def _converse(self, *, resume: bool, reconnect: bool) -> bool:
        """Connect and listen to the end of the connection; return whether it may be resumed."""
        ws = self.ws
        session: dict[str, Any] = {}
        try:
            if resume and ws is not None and ws.session_id is not None:
                gateway = ws.gateway
                session = {"sequence": ws.sequence, "session": ws.session_id, "resume": True}
            else:
                gateway = await self._gateway()
            coro = _Socket.from_client(self, shard_id=self._number, gateway=gateway, **session)
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

    async def _gateway(self) -> yarl.URL:
        """Ask Discord where to connect; the usual place where it doesn't say.

        Whoever begins more sessions than a day has gets another token: then better none.
        """
        while True:
            try:
                _, url, starts = await self.http.get_bot_gateway()
            except discord.GatewayNotFound:
                return DiscordWebSocket.DEFAULT_GATEWAY
            self._at_once = starts["max_concurrency"]
            if starts["remaining"] >= _SPARE:
                self.trouble = None
                return yarl.URL(url)
            wait = starts["reset_after"] / 1000
            self.trouble = Text("discord.sign_ins", minutes=f"{wait / 60:.0f}")
            await asyncio.sleep(min(wait, _ASK_AGAIN))

    def _is_up(self) -> None:
        self.up = True
        self.heard = time.time()
        self._since = time.monotonic()
