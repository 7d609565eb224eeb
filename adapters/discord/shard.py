"""One of Discord's shards, served: its connection, kept, and what was missed on it, read back."""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import discord

from adapters.common.supervise import closing
from adapters.discord import DiscordSettings, inbound
from adapters.discord.api import Api
from adapters.discord.backlog import Notebook, read_back, watches_any
from adapters.discord.errors import PLATFORM, REFUSED_WAIT, closed, token_fatal, translated
from adapters.discord.gateway import Connection
from adapters.discord.listeners import Listeners
from adapters.discord.render import Json
from bot.desk.desk import Desk
from bot.domain.backoff import Backoff
from bot.domain.ports import PlatformError
from bot.telemetry import EventLogger
from bot.texts import Text

LONGEST_WAIT = 20.0
RETRY = 600.0
"""Seconds between two tries to register the commands."""
_CUT_OFF = 4
"""Times the patience with a connection after which another process may try."""
PERMITTING = ("guild_channel_create", "guild_channel_update", "guild_role_update",
              "member_update", "guild_join")  # fmt: skip
"""Events after which the bot may do what it couldn't before; of members it is told of itself."""


Commands = Sequence[Json]

log = EventLogger("faqbot.discord")


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


class Shard:
    """A shard, as long as this process serves it.

    Args:
        number: Which, and of how many.
        notebook: What was remembered of it.
        content: Ask for the words of messages.
        turn: Waits until it may sign in; see ``Connection``.
        settings: The section ``discord``.

    Attributes:
        fence: The number of its lease.
        until: The moment at which that ends, on the clock that nobody sets, in seconds.
    """

    def __init__(
        self,
        number: tuple[int, int],
        fence: int,
        until: float,
        notebook: Notebook,
        *,
        desk: Desk,
        api: Api,
        listeners: Listeners,
        settings: DiscordSettings,
        timing: Timing,
        content: bool,
        turn: Callable[[int], Awaitable[None]],
    ) -> None:
        self.fence = fence
        self.until = until
        self._first = number[0] == 0
        self._notebook = notebook
        self._desk = desk
        self._api = api
        self._listeners = listeners
        self._settings = settings
        self._timing = timing
        self._look_for_watched = False
        self._down_since = time.monotonic()
        self._tasks: set[asyncio.Task[None]] = set()
        self._connection = Connection(
            content=content,
            shard=number,
            hears={
                "message": self._hear,
                "raw_message_edit": listeners.edited,
                "raw_message_delete": listeners.deleted,
                "thread_create": listeners.post,
                "interaction": listeners.interaction,
                "ready": self._is_ready,
                **dict.fromkeys(PERMITTING, listeners.permitted),
            },
            turn=turn,
            may_hear=lambda: not self.is_over,
            heard=notebook.kept.heard,
            heartbeat_timeout=timing.heartbeat,
            guilds_timeout=timing.guilds,
            wait=timing.wait,
        )

    @property
    def is_over(self) -> bool:
        """Whether another process may serve it by now."""
        return time.monotonic() >= self.until

    @property
    def is_up(self) -> bool:
        """Whether it is connected."""
        return self._connection.up

    @property
    def is_cut_off(self) -> bool:
        """Whether it couldn't connect for so long that this process may be what hinders it."""
        down = 0.0 if self.is_up else time.monotonic() - self._down_since
        return down >= _CUT_OFF * self._timing.patience and self._connection.trouble is None

    @property
    def trouble(self) -> Text | None:
        """Why it is down, once that has lasted; None before, and while it is up."""
        if self.is_up or time.monotonic() - self._down_since < self._timing.patience:
            return None
        return self._connection.trouble or Text("discord.down")

    def note(self) -> str:
        """Return what is to be left for whoever serves it next."""
        if self._connection.caught_up:
            self._notebook.hear(self._connection.heard)
        return self._notebook.text

    async def serve(self) -> None:
        """Serve until cancelled.

        Raises:
            Fatal: Discord refuses the bot for good.
            PlatformError: It couldn't sign in.
        """
        connection, token = self._connection, self._settings.token
        try:
            with translated():
                await connection.login(token.reveal() if token else "")
            self._api.connected.add(connection)
            if self._first:  # one shard is enough for it
                self._begin(register(self._api, self._settings.guilds, self._notebook))
            await connection.connect()
        except discord.LoginFailure:
            raise token_fatal(self._timing.refused) from None
        except discord.ConnectionClosed as end:
            raise closed(end.code, self._timing.refused) from None
        finally:
            try:
                await self._end_tasks()
                await closing(PLATFORM, connection.hang_up(), self._timing.close)
            finally:
                self._api.connected.discard(connection)
                await closing(PLATFORM, connection.close(), self._timing.close)
                await self._end_tasks()  # discord.py may have put off that it is ready

    async def look_after(self) -> None:
        """See that Discord still answers: it may send events and yet answer no heartbeat."""
        if not self.is_up:
            return
        self._down_since = time.monotonic()
        if not self._connection.is_answered(self._timing.acks):
            log.warning("discord doesn't answer heartbeats: connecting anew")
            await self._connection.resume()

    async def has_new_watched(self) -> bool:
        """Whether a channel of its servers is watched, when that may be news."""
        if not self._look_for_watched:
            return False
        self._look_for_watched = False
        return await watches_any(self._connection, self._desk)

    async def _hear(self, message: discord.Message) -> None:
        await self._listeners.message(message, lambda: not self.is_over)
        if message.guild is None and inbound.is_spoken(message):
            self._notebook.meet(str(message.channel.id))

    async def _is_ready(self) -> None:
        """Read what Discord doesn't send in a new session."""
        if not self._connection.is_closed():
            self._look_for_watched = True
            self._begin(self._read_back())

    async def _read_back(self) -> None:
        connection, direct = self._connection, self._notebook.kept.direct
        missed, organisers = connection.missed, self._settings.organisers
        waits = Backoff(self._timing.wait, LONGEST_WAIT)
        while not await read_back(  # noqa: ASYNC110  # Discord rings no bell
            connection, self._desk, missed, direct, self._hear, organisers
        ):
            await asyncio.sleep(waits.next())
        connection.caught_up = True
        self._notebook.note(heard=connection.heard)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin what ends with the sign-in, and what nothing else depends on."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task failed", error)

    async def _end_tasks(self) -> None:
        for each in self._tasks:
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def commands() -> Commands:
    """Read ``commands.yaml``."""
    import yaml  # 7 ms: time enough while Discord is being connected

    text = (resources.files("adapters.discord") / "commands.yaml").read_text(encoding="utf-8")
    loaded: Commands = yaml.safe_load(text)
    return loaded


async def register(api: Api, guilds: tuple[str, ...], notebook: Notebook) -> None:
    """Register the commands where something changed; where that fails, try again later.

    Args:
        api: Signed in.
        guilds: Ids of the servers that are served; there commands appear at once. Empty: all.
        notebook: Remembers what was registered.
    """
    own = commands()
    wanted: dict[str, Commands] = dict.fromkeys(guilds or ("",), own)
    # Where the bot served before it has no commands any more.
    wanted |= {guild: () for guild in notebook.kept.registered if guild not in wanted}
    while True:
        done = [await _register(api, notebook, *each) for each in wanted.items()]
        if all(done):
            return
        await asyncio.sleep(RETRY)


async def _register(api: Api, notebook: Notebook, guild: str, wanted: Commands) -> bool:
    """Register at one place; return False where it failed."""
    known = notebook.kept.registered
    what = json.dumps([str(api.signed_in.application_id), *wanted], sort_keys=True)
    mark = hashlib.sha256(what.encode()).hexdigest()
    if known.get(guild) == mark:
        return True
    try:
        await api.register(wanted, guild)
    except PlatformError as error:
        log.error("commands not registered", guild=guild, problem=str(error))
        return False
    log.info("commands registered", guild=guild or "everywhere")
    notebook.note(registered={**notebook.kept.registered, guild: mark})
    return True
