"""Discord, put together, and kept signed in: or it is said what to do."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
import discord

from adapters.common.supervise import Supervisor
from adapters.discord import gateway, inbound
from adapters.discord.api import Api
from adapters.discord.backlog import Notebook, read_back, watches_any
from adapters.discord.commands import register
from adapters.discord.errors import (
    REFUSED_WAIT,
    ContentRefused,
    Fatal,
    closed,
    token_fatal,
    translated,
)
from adapters.discord.gateway import Connection
from adapters.discord.listeners import Listeners
from adapters.discord.outbound import DiscordPlatform
from adapters.discord.settings import DiscordSettings
from bot.desk.desk import Desk
from bot.domain.backoff import Backoff
from bot.telemetry import EventLogger
from bot.texts import Text

LINK = "discord"
WATCHING = "discord_watch"
"""Names of the components that are reported to health."""
REQUEST_LIMIT = 10.0
"""Seconds that one request may take; after that its fate is unknown."""
PERMITTING = ("guild_channel_create", "guild_channel_update", "guild_role_update",
              "member_update", "guild_join")  # fmt: skip
"""Events after which the bot may do what it couldn't before; of members it is told of itself."""
NOTEBOOK = Path("var/discord.json")

_NOTE = 30.0
"""Seconds between two notes of when Discord was heard."""
_LONGEST_WAIT = 20.0
_PATIENCE = 20.0
"""Seconds to wait until a new sign-in shows what Discord gives."""


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
    refused: float = REFUSED_WAIT


class Discord:
    """The Discord side of the bot. Use it as a context: within it ``platform`` can post.

    Attributes:
        platform: What the desk posts by.
        handler: None: Discord sends nothing over HTTP.
    """

    platform: DiscordPlatform
    handler = None

    def __init__(
        self,
        settings: DiscordSettings,
        desk: Desk,
        *,
        alone: bool = False,
        notebook: Path = NOTEBOOK,
        timing: Timing | None = None,
    ) -> None:
        """Take settings with a token; nothing is opened yet.

        Args:
            settings: The section ``discord``.
            desk: What is told.
            alone: Discord is the only platform: nothing goes on without it.
            notebook: A small file of what is remembered across restarts.
            timing: How long the watchdog waits.
        """
        self._settings = settings
        self._desk = desk
        self._alone = alone
        self._notebook = Notebook(notebook)
        self._timing = timing or Timing()
        self._health = desk.health()
        self._supervisor = Supervisor(
            LINK,
            self._health,
            Backoff(self._timing.wait, _LONGEST_WAIT),
            fatal=Fatal if alone else (),
        )
        # Organisers reply below cards without calling the bot.
        self._content = bool(settings.watch or settings.organisers)
        self._refusal: ContentRefused | None = None
        self._look_for_watched = False
        self._words_wanted: asyncio.Future[bool] | None = None
        self._client: Connection | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = EventLogger("faqbot.discord")

    async def __aenter__(self) -> Self:
        gateway.prepare(self._settings.api_url)
        await self._notebook.load()
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_LIMIT))
        self._api = Api(self._session)
        self.platform = DiscordPlatform(
            self._api, self._settings.organisers, self._settings.organiser_role
        )
        self._listeners = Listeners(self._desk, self._api, self._settings, self._gain_words)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._sign_out()
        await self._session.close()

    async def run(self) -> None:
        """Receive until cancelled.

        Raises:
            Fatal: Discord refuses the bot for good, and it is alone.
        """
        await self._supervisor.keep(self._serve)

    async def _serve(self) -> bool:
        """Serve once; where Discord keeps messages from the bot, the next time without them."""
        try:
            return await self._sign_in_and_serve()
        except ContentRefused as refusal:
            if self._alone and self._settings.watch:
                raise
            # Commands and mentions need no such permission.
            self._content, self._refusal = False, refusal
            if not self._words_are_given(False) and self._settings.watch:
                self._health.report(WATCHING, False, refusal)
            return False

    async def _sign_in_and_serve(self) -> bool:
        """Serve until the client is given up; return whether it was connected.

        Raises:
            PlatformError: It couldn't sign in, or was turned away.
        """
        timing, listeners = self._timing, self._listeners
        self.platform.overhears = self._content
        heard, before = self._notebook.kept.heard, self._client
        if before is not None:
            heard = before.heard if before.caught_up else before.missed
        client = self._client = Connection(
            content=self._content,
            hears={
                "message": self._hear,
                "raw_message_edit": listeners.edited,
                "raw_message_delete": listeners.deleted,
                "thread_create": listeners.post,
                "interaction": listeners.interaction,
                "ready": self._is_ready,
                **dict.fromkeys(PERMITTING, listeners.permitted),
            },
            heard=heard,
            heartbeat_timeout=timing.heartbeat,
            guilds_timeout=timing.guilds,
            wait=timing.wait,
        )
        stopping = False
        try:
            with translated():
                await client.login(self._settings.token.reveal() if self._settings.token else "")
            self._api.client = client
            connecting = self._begin(client.connect())
            watching = self._begin(self._watch(client))
            registering = self._begin(register(self._api, self._settings.guilds, self._notebook))
            registering.add_done_callback(self._log_ended)
            await asyncio.wait((connecting, watching), return_when=asyncio.FIRST_COMPLETED)
            for task in (connecting, watching):
                if task.done():
                    task.result()
        except discord.LoginFailure:
            raise token_fatal(timing.refused) from None
        except discord.ConnectionClosed as end:
            raise closed(end.code, timing.refused) from None
        except asyncio.CancelledError:
            stopping = True
            raise
        finally:
            await self._end_tasks()
            await self._within_limit(client.hang_up())
            if not stopping:  # what is under way can still be posted
                await self._sign_out()
        return client.was_up

    async def _sign_out(self) -> None:
        """Sign out: nothing is posted any more."""
        self._api.client = None
        if self._client is not None:
            await self._within_limit(self._client.close())
        await self._end_tasks()  # discord.py may have put off that it is ready

    async def _hear(self, message: discord.Message) -> None:
        await self._listeners.message(message)
        if message.guild is None and inbound.is_spoken(message):
            await self._notebook.meet(str(message.channel.id))

    async def _is_ready(self) -> None:
        """Read what Discord doesn't send in a new session."""
        if self._client is None or self._client.is_closed():
            return
        self._look_for_watched = True
        self._begin(self._read_back(self._client)).add_done_callback(self._log_ended)

    async def _read_back(self, client: Connection) -> None:
        missed, direct = client.missed, self._notebook.kept.direct
        waits = Backoff(self._timing.wait, _LONGEST_WAIT)
        while not await read_back(  # noqa: ASYNC110  # Discord rings no bell
            client, self._desk, missed, direct, self._hear, self._settings.organisers
        ):
            await asyncio.sleep(waits.next())
        client.caught_up = True
        await self._notebook.note(heard=client.heard)

    def _begin(self, work: Awaitable[None]) -> asyncio.Task[None]:
        """Begin what ends with the sign-in."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _end_tasks(self) -> None:
        for each in self._tasks:
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _log_ended(self, task: asyncio.Task[None]) -> None:
        """Log what ended a task that nothing else depends on."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("task failed", error)

    async def _watch(self, client: Connection) -> None:
        """Return once the client must be replaced by one that may read messages."""
        now = time.monotonic()
        down_since = noted = now
        while True:
            if client.up:
                down_since = now
                if client.is_answered(self._timing.acks):
                    self._report_up()
                else:
                    self._log.warning("discord doesn't answer heartbeats: connecting anew")
                    await client.resume()
                if client.caught_up and now - noted >= _NOTE:
                    noted = now
                    await self._notebook.note(heard=client.heard)
                if await self._wants_content(client):
                    self._content = True
                    return
            elif now - down_since >= self._timing.patience:
                self._supervisor.down(Text("discord.down"))
            await asyncio.sleep(self._timing.look)
            now = time.monotonic()

    async def _wants_content(self, client: Connection) -> bool:
        """Whether the bot must sign in anew to read messages that don't mention it."""
        if self._content or self._words_wanted is not None:
            return not self._content
        if not self._look_for_watched:
            return False
        self._look_for_watched = False
        watched = await watches_any(client, self._desk)
        if watched and self._refusal is not None:
            self._health.report(WATCHING, False, self._refusal)
        return watched and self._refusal is None

    async def _gain_words(self) -> bool | None:
        """Sign in anew with the words of messages, unless that is so already.

        Only an attempt tells whether Discord gives them.

        Returns:
            Whether it does; None where that isn't known in time.
        """
        if self._content:
            return True
        if self._words_wanted is None:
            self._words_wanted = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(_PATIENCE):
                return await asyncio.shield(self._words_wanted)
        except TimeoutError:
            return None

    def _words_are_given(self, given: bool) -> bool:
        """Tell who wants the words; return whether somebody does."""
        wanted, self._words_wanted = self._words_wanted, None
        if wanted is not None:
            wanted.set_result(given)
        return wanted is not None

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
            self._words_are_given(True)
        self._supervisor.up()
