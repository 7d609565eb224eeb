"""One of Discord's shards, served: its connection, kept, and what was missed on it, read back."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Self

import discord
import msgspec

from adapters.common.supervise import closing
from adapters.discord import DiscordSettings, inbound
from adapters.discord.api import Api
from adapters.discord.errors import PLATFORM, closed, translated
from adapters.discord.gateway import LONGEST_WAIT, Connection, Timing
from adapters.discord.listeners import Listeners, commands
from bot.desk.desk import Desk, StoreError
from bot.domain.backoff import Backoff
from bot.domain.ports import Gone, NotAllowed, PlatformError
from bot.telemetry import EventLogger
from bot.texts import Text

RETRY = 600.0
"""Seconds between two tries to register the commands."""
_CUT_OFF = 4
"""Times the patience with a connection after which another process may try."""
PERMITTING = ("guild_channel_create", "guild_channel_update", "guild_role_update",
              "member_update", "guild_join")  # fmt: skip
"""Events after which the bot may do what it couldn't before; of members it is told of itself."""
MOST = 500
"""Messages that are read of one channel at most: Discord hands out a hundred at a time."""
LONGEST = 3600.0
"""Seconds that are read back at most."""
OVERLAP = 60.0
"""Seconds that are read twice, to be sure; what was received before is known by its id."""
CHANNELS = 50
"""Channels that are looked through for a mention of the bot at most, beside the watched ones."""
PEOPLE = 100
"""People whose direct messages are read at most: who wrote last, as Discord names nobody."""

Readable = discord.TextChannel | discord.Thread | discord.VoiceChannel | discord.StageChannel

log = EventLogger("faqbot.discord")


class Notebook(msgspec.Struct):
    """What a shard's process leaves for the next one that serves it, in the shard's lease.

    Nothing in it is needed: without it the commands are registered once more, and what was written
    while nobody served the shard isn't read.

    Attributes:
        registered: Hash of the commands that were registered last, by server id; "": everywhere.
        heard: When Discord was heard last, in seconds since 1970; 0: never.
        direct: Ids of the channels of direct messages, who wrote last at the end.
    """

    registered: dict[str, str] = {}
    heard: float = 0.0
    direct: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what was left; an empty one where that is nothing, or of another version."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError:
            return cls()


class Shard:
    """A shard, as long as this process serves it.

    Args:
        number: Which, and of how many.
        notebook: What was remembered of it.
        changed: Called when the notebook should be left soon.
        settings: The section ``discord``.
        content: Ask for the words of messages.

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
        changed: Callable[[], None],
        *,
        desk: Desk,
        api: Api,
        listeners: Listeners,
        settings: DiscordSettings,
        timing: Timing,
        content: bool,
    ) -> None:
        self.fence = fence
        self.until = until
        self._first = number[0] == 0
        self._notebook = notebook
        self._changed = changed
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
            turn=self._turn,
            may_hear=lambda: not self.is_over,
            heard=notebook.heard,
            timing=timing,
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
            self._notebook.heard = self._connection.heard
        return msgspec.json.encode(self._notebook).decode()

    async def serve(self) -> None:
        """Serve until cancelled.

        Raises:
            Fatal: Discord refuses the bot for good.
            PlatformError: It couldn't sign in.
        """
        connection = self._connection
        try:
            await connection.sign_in(self._settings.token)
            self._api.connected.add(connection)
            if self._first:  # one shard is enough for it
                guilds = self._settings.guilds
                self._begin(register(self._api, guilds, self._notebook, self._changed))
            await connection.connect()
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
        for guild in self._connection.guilds:
            for channel in (*guild.text_channels, *guild.forums):
                if await self._desk.watches(inbound.place(guild.id, channel)):
                    return True
        return False

    async def _turn(self, number: int) -> None:
        """Wait until it may sign in."""
        pause = self._timing.sign_in
        try:
            await self._desk.sharing.turn(f"{PLATFORM} sign-in:{number}", pause)
        except StoreError:  # nobody knows, so as if somebody had just done so
            await asyncio.sleep(pause)

    async def _hear(self, message: discord.Message) -> None:
        await self._listeners.message(message, lambda: not self.is_over)
        if message.guild is None and inbound.is_spoken(message):
            channel, known = str(message.channel.id), self._notebook.direct
            others = (each for each in known if each != channel)
            self._notebook.direct = (*others, channel)[-PEOPLE:]
            if channel not in known:
                self._changed()

    async def _is_ready(self) -> None:
        """Read what Discord doesn't send in a new session."""
        if not self._connection.is_closed():
            self._look_for_watched = True
            self._begin(self._read_back())

    async def _read_back(self) -> None:
        """Take what was written since Discord was heard last, within bounds.

        Of watched channels, and of the organisers', that is all; of others what mentions the bot,
        or is written to it directly.
        """
        missed, direct = self._connection.missed, self._notebook.direct
        waits = Backoff(self._timing.wait, LONGEST_WAIT)
        while missed and not await self._read_since(missed, direct):  # noqa: ASYNC110  # Discord rings no bell
            await asyncio.sleep(waits.next())
        self._connection.caught_up = True
        self._notebook.heard = self._connection.heard
        self._changed()

    async def _read_since(self, heard: float, direct: tuple[str, ...]) -> bool:
        """Read back once; return False where Discord couldn't be asked, or said to wait."""
        since = datetime.fromtimestamp(max(heard - OVERLAP, time.time() - LONGEST), UTC)
        watched, others = await self._readable(discord.utils.time_snowflake(since))
        private = [
            self._connection.get_partial_messageable(int(each), type=discord.ChannelType.private)
            for each in direct
        ]
        read, whole = 0, True
        for channel in (*watched, *others[:CHANNELS], *private):
            # A watched channel is read on from where it was left; elsewhere the newest counts.
            on = channel in watched
            try:
                with translated():
                    history = channel.history(limit=MOST, after=since, oldest_first=on)
                    found = [message async for message in history]
            except PlatformError as error:
                log.warning("couldn't read back", channel=channel.id, problem=str(error))
                whole &= isinstance(error, Gone | NotAllowed)
                continue
            for message in found if on else reversed(found):
                try:
                    await self._hear(message)
                except Exception as error:  # noqa: BLE001  # the next ones are taken all the same
                    log.error("listener failed", error, listener="read back")
            read += len(found)
        log.info("read back", messages=read)
        return whole

    async def _readable(self, newest: int) -> tuple[list[Readable], list[Readable]]:
        """Return the channels, threads and posts with something new since an id.

        Returns:
            Those that are watched or the organisers', and the others where the bot may read, who
            spoke last first.
        """
        watched: list[Readable] = []
        others: list[Readable] = []
        for guild in self._connection.guilds:
            for channel in (*guild.channels, *guild.threads):
                if not isinstance(channel, Readable) or (channel.last_message_id or 0) < newest:
                    continue
                at = inbound.place(guild.id, channel)
                if at.channel == self._settings.organisers or await self._desk.watches(at):
                    watched.append(channel)
                elif channel.permissions_for(guild.me).read_message_history:
                    others.append(channel)
        return watched, sorted(others, key=lambda each: each.last_message_id or 0, reverse=True)

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


async def register(
    api: Api, guilds: tuple[str, ...], notebook: Notebook, changed: Callable[[], None]
) -> None:
    """Register the commands where something changed; where that fails, try again later.

    Args:
        api: Signed in.
        guilds: Ids of the servers that are served; there commands appear at once. Empty: all.
        notebook: Remembers what was registered.
        changed: Called when it does.
    """
    wanted = dict.fromkeys(guilds or ("",), commands())
    # Where the bot served before it has no commands any more.
    wanted |= {guild: () for guild in notebook.registered if guild not in wanted}
    while True:
        for guild, own in tuple(wanted.items()):
            what = json.dumps([str(api.signed_in.application_id), *own], sort_keys=True)
            mark = hashlib.sha256(what.encode()).hexdigest()
            if notebook.registered.get(guild) != mark:
                try:
                    await api.register(own, guild)
                except PlatformError as error:
                    log.error("commands not registered", guild=guild, problem=str(error))
                    continue
                log.info("commands registered", guild=guild or "everywhere")
                notebook.registered[guild] = mark
                changed()
            del wanted[guild]
        if not wanted:
            return
        await asyncio.sleep(RETRY)
