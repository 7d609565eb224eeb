"""Watchdog: the sign-in to Discord is kept, or it is said what to do."""

import asyncio
import random
import time
from collections.abc import Awaitable
from dataclasses import dataclass

import discord

from adapters.discord.backlog import Backlog
from adapters.discord.client import FaqClient
from adapters.discord.commands import Registration
from adapters.discord.errors import PLATFORM, token_refused, translated
from adapters.discord.listeners import Listeners, log_failure
from adapters.discord.rest import Rest
from adapters.discord.state import State
from bot.domain.ports import PlatformError, RateLimited
from bot.settings import Secret
from bot.telemetry.health import Health
from bot.telemetry.log import EventLogger
from bot.texts import Text

LINK = "discord"
WATCHING = "discord_watch"
"""Names of the components that are reported to health."""

_REMEMBER = 30.0
_LONGEST_WAIT = 20.0


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the watchdog waits, in seconds.

    Attributes:
        heartbeat: Without any sign of life, until a connection is dead.
        acks: Heartbeats without an answer, until a connection is dropped.
        look: Between two looks at the connection.
        patience: Until a connection that is down is reported.
        close: What signing out may take.
        guilds: Until a server that Discord doesn't describe isn't waited for.
        wait: After the first failure to sign in or connect; doubled with each.
        refused: After Discord refused for good, until it is asked again.
    """

    heartbeat: float = 60.0
    acks: float = 2.5
    look: float = 1.0
    patience: float = 15.0
    close: float = 1.5
    guilds: float = 2.0
    wait: float = 1.0
    refused: float = 600.0


class Fatal(PlatformError):
    """Discord refuses the bot until somebody changes something."""


class ContentRefused(Fatal):
    """Discord doesn't let the bot read messages that aren't for it."""

    def __init__(self) -> None:
        super().__init__(
            PLATFORM,
            Text("discord.no_content"),
            Text("discord.switch_content_on"),
        )


def token_fatal() -> Fatal:
    """Say that Discord refuses the token."""
    refusal = token_refused()
    return Fatal(PLATFORM, refusal.said, refusal.advised)


def closed(code: int) -> Fatal:
    """Say why Discord closed the connection for good."""
    match code:
        case 4004:
            return token_fatal()
        case 4014:
            return ContentRefused()
        case 4010 | 4011:
            message = Text("discord.shards", code=code)
            return Fatal(PLATFORM, message, Text("discord.fewer_servers"))
        case _:
            message = Text("discord.program", code=code)
            return Fatal(PLATFORM, message, Text("discord.update"))


class Link:
    """Keeps signed in, whatever Discord, the network or the client does."""

    def __init__(
        self,
        token: Secret,
        *,
        watches: bool,
        listeners: Listeners,
        rest: Rest,
        registration: Registration,
        backlog: Backlog,
        state: State,
        health: Health,
        timing: Timing,
    ) -> None:
        """Take what it connects.

        Args:
            token: The bot's.
            watches: The settings name channels to watch.
            listeners: Hear what Discord sends.
            rest: Speaks for whoever is signed in.
            registration: Registers the commands.
            backlog: Reads back what was missed.
            state: Remembers when Discord was heard.
            health: Where it reports.
            timing: How long it waits.
        """
        self._token = token
        self._watches = watches
        self._content = watches
        self._listeners = listeners
        self._rest = rest
        self._registration = registration
        self._backlog = backlog
        self._state = state
        self._health = health
        self._timing = timing
        self._heard = self._before = 0.0
        self._changed = asyncio.Event()
        self._content_refused = False
        self._client: FaqClient | None = None
        self._reading: set[asyncio.Task[None]] = set()
        self._log = EventLogger("faqbot.discord")

    def watch_changed(self) -> None:
        """Say that somebody switched watching on or off for a channel."""
        self._content_refused = False
        self._changed.set()

    async def run(self, *, alone: bool) -> None:
        """Stay signed in until cancelled.

        Args:
            alone: Discord is the only platform: nothing goes on without it.

        Raises:
            Fatal: Discord refuses the bot for good, and it is alone.
        """
        self._heard = self._state.heard
        failures = 0
        while True:
            wait = self._timing.wait * 2.0 ** min(failures, 6) * random.uniform(0.8, 1.2)  # noqa: S311
            wait = min(wait, _LONGEST_WAIT)
            failures += 1
            try:
                if await self._serve():
                    failures, wait = 0, self._timing.wait
            except ContentRefused as refusal:
                if alone and self._watches:
                    self._report_down(refusal)
                    raise
                # Commands and mentions need no such permission.
                self._content, self._content_refused = False, True
                if self._health.report(WATCHING, False, refusal):
                    self._log.error("not watching", problem=str(refusal))
            except Fatal as refusal:
                self._report_down(refusal)
                if alone:
                    raise
                wait = self._timing.refused
            except PlatformError as error:
                self._report_down(error)
                if isinstance(error, RateLimited):
                    wait = max(wait, error.retry_after)
            except Exception as error:  # noqa: BLE001  # the other platforms must go on
                log_failure(self._log, "discord failed", error)
                self._report_down(Text("health.adapter_fails"))
            await asyncio.sleep(wait)

    async def _serve(self) -> bool:
        """Sign in and serve until the client is given up; return whether it was connected.

        Raises:
            PlatformError: It couldn't sign in, or was turned away.
        """
        client = FaqClient(
            self._listeners,
            content=self._content,
            heartbeat_timeout=self._timing.heartbeat,
            guilds_timeout=self._timing.guilds,
            wait=self._timing.wait,
            on_session=self._is_new,
            on_ready=self._is_ready,
        )
        self._client = client
        tasks: list[asyncio.Task[None]] = []
        stopping = False
        try:
            with translated():
                await self._log_in(client)
            self._rest.use(client)
            connecting = asyncio.create_task(client.connect())
            watching = asyncio.create_task(self._watch(client))
            registering = asyncio.create_task(self._registration.run(client))
            registering.add_done_callback(self._log_ended)
            tasks += [connecting, watching, registering]
            await asyncio.wait((connecting, watching), return_when=asyncio.FIRST_COMPLETED)
            for task in (connecting, watching):
                if task.done():
                    task.result()
        except discord.ConnectionClosed as end:
            raise closed(end.code) from None
        except asyncio.CancelledError:
            stopping = True
            raise
        finally:
            for task in (*tasks, *self._reading):
                task.cancel()
            await asyncio.gather(*tasks, *self._reading, return_exceptions=True)
            await self._within_limit(client.hang_up())
            if not stopping:
                await self.close()
        return client.was_up

    async def close(self) -> None:
        """Sign out: nothing is posted any more."""
        self._rest.use(None)
        if self._client is not None:
            await self._within_limit(self._client.close())

    async def _log_in(self, client: FaqClient) -> None:
        try:
            await client.login(self._token.reveal())
        except discord.LoginFailure:
            raise token_fatal() from None

    def _is_new(self) -> None:
        self._before = self._heard

    def _is_ready(self, client: FaqClient) -> None:
        """Read back what Discord doesn't send in a new session."""
        task = asyncio.create_task(self._backlog.read(client, self._before))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)
        task.add_done_callback(self._log_ended)
        self._changed.set()

    def _log_ended(self, task: asyncio.Task[None]) -> None:
        """Log what ended a task that nothing else depends on."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log_failure(self._log, "discord task failed", error)

    async def _watch(self, client: FaqClient) -> None:
        """Return once the client must be replaced by one that may read messages."""
        now = time.monotonic()
        down_since = remembered = now
        while True:
            if client.up:
                down_since = now
                if client.ack_age() > self._timing.acks * client.heartbeat():
                    self._log.warning("discord doesn't answer heartbeats: connecting anew")
                    await client.resume()
                else:
                    self._heard = time.time() - client.ack_age()
                    self._report_up()
                if now - remembered >= _REMEMBER:
                    remembered = now
                    await self._state.hear(self._heard)
                if self._changed.is_set():
                    self._changed.clear()
                    if await self._wants_content(client):
                        self._content = True
                        return
            elif now - down_since >= self._timing.patience:
                self._report_down(Text("discord.down"))
            await asyncio.sleep(self._timing.look)
            now = time.monotonic()

    async def _wants_content(self, client: FaqClient) -> bool:
        """Whether a channel is watched whose messages the bot hasn't asked to read."""
        if self._content or self._content_refused:
            return False
        return await self._backlog.watches_any(client)

    async def _within_limit(self, ending: Awaitable[None]) -> None:
        """Wait for an end, but not for long: a frozen connection doesn't end by itself."""
        try:
            async with asyncio.timeout(self._timing.close):
                await ending
        except TimeoutError:
            self._log.warning("a connection to Discord didn't close in time")

    def _report_up(self) -> None:
        if self._content:
            self._health.report(WATCHING, True)
        if self._health.report(LINK, True):
            self._log.info("connected to discord")

    def _report_down(self, problem: PlatformError | Text) -> None:
        if self._health.report(LINK, False, problem, vital=True):
            self._log.error("not connected to discord", problem=str(problem))
