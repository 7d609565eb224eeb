"""What was written in watched channels while Discord couldn't tell the bot."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import discord
import msgspec

from adapters.discord import inbound
from adapters.discord.errors import translated
from bot.desk.desk import Desk
from bot.domain.ports import PlatformError
from bot.telemetry import EventLogger

MOST = 100
"""Messages that are read of one channel at most."""
LONGEST = 3600.0
"""Seconds that are read back at most."""
OVERLAP = 60.0
"""Seconds that are read twice, to be sure; what was received before is known by its id."""

Readable = discord.TextChannel | discord.Thread

log = EventLogger("faqbot.discord")


class Remembered(msgspec.Struct, frozen=True):
    """What the file holds.

    Attributes:
        registered: Hash of the commands that were registered last, by server id; "": everywhere.
        heard: When Discord was heard last, in seconds since 1970; 0: never.
    """

    registered: Mapping[str, str] = {}
    heard: float = 0.0


class Notebook:
    """A small file of what one bot remembers about Discord across restarts.

    Nothing in it is needed: without it the commands are registered once more, and what was written
    while the bot was away isn't read. So it isn't in the database, which replicas share.

    Attributes:
        kept: What is remembered.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = asyncio.Lock()
        self.kept = Remembered()

    async def load(self) -> None:
        """Read the file; one that is missing or damaged holds nothing."""
        try:
            data = await asyncio.to_thread(self._path.read_bytes)
            self.kept = msgspec.json.decode(data, type=Remembered)
        except (OSError, msgspec.DecodeError):
            self.kept = Remembered()

    async def note(self, **new: object) -> None:
        """Remember new values of ``Remembered``; where the file can't be written, until the end."""
        self.kept = msgspec.structs.replace(self.kept, **new)
        async with self._writing:
            try:
                await asyncio.to_thread(self._write)
            except OSError as error:
                log.warning("not remembered", file=str(self._path), error=str(error))

    def _write(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._path.with_name(f"{self._path.name}.new")
        new.touch(0o600)
        new.write_bytes(msgspec.json.encode(self.kept))
        new.replace(self._path)


async def read_back(
    client: discord.Client,
    desk: Desk,
    heard: float,
    hear: Callable[[discord.Message], Awaitable[None]],
) -> None:
    """Take what was written in watched channels since Discord was heard last, within bounds.

    Args:
        client: Signed in, with its servers known.
        desk: Knows what is watched.
        heard: In seconds since 1970; 0: never, then there is nothing to read.
        hear: Takes each message.
    """
    if not heard:
        return
    since = datetime.fromtimestamp(max(heard - OVERLAP, time.time() - LONGEST), UTC)
    newest = discord.utils.time_snowflake(since)
    read = 0
    async for channel in _watched(client, desk):
        if (channel.last_message_id or 0) < newest:
            continue
        try:
            with translated():
                async for message in channel.history(limit=MOST, after=since):
                    await hear(message)
                    read += 1
        except PlatformError as error:
            log.warning("couldn't read back", channel=channel.id, problem=str(error))
    log.info("read back", messages=read)


async def watches_any(client: discord.Client, desk: Desk) -> bool:
    """Whether any channel or forum of the bot's servers is watched."""
    for guild in client.guilds:
        for channel in (*guild.text_channels, *guild.forums):
            if await desk.watches(inbound.location(guild.id, channel).place()):
                return True
    return False


async def _watched(client: discord.Client, desk: Desk) -> AsyncIterator[Readable]:
    """Yield the watched channels and the open threads and posts of watched channels."""
    for guild in client.guilds:
        channels: list[Readable] = [*guild.text_channels, *guild.threads]
        for channel in channels:
            if await desk.watches(inbound.location(guild.id, channel).place()):
                yield channel
