"""What was written while Discord couldn't tell the bot, and what it must remember to find that."""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime

import discord
import msgspec

from adapters.discord import inbound
from adapters.discord.errors import translated
from bot.desk.desk import Desk
from bot.domain.ports import Gone, NotAllowed, PlatformError
from bot.telemetry import EventLogger

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


class Remembered(msgspec.Struct, frozen=True):
    """What is remembered of a shard.

    Attributes:
        registered: Hash of the commands that were registered last, by server id; "": everywhere.
        heard: When Discord was heard last, in seconds since 1970; 0: never.
        direct: Ids of the channels of direct messages, who wrote last at the end.
    """

    registered: Mapping[str, str] = {}
    heard: float = 0.0
    direct: tuple[str, ...] = ()


class Notebook:
    """What a shard's process leaves for the next one that serves it, in the shard's lease.

    Nothing in it is needed: without it the commands are registered once more, and what was written
    while nobody served the shard isn't read.

    Args:
        text: What was left.
        changed: Called when it should be written down soon.

    Attributes:
        kept: What is remembered.
    """

    def __init__(self, text: str, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        try:
            self.kept = msgspec.json.decode(text, type=Remembered)
        except msgspec.DecodeError:  # nothing yet, or what another version made of it
            self.kept = Remembered()

    @property
    def text(self) -> str:
        """What is to be left."""
        return msgspec.json.encode(self.kept).decode()

    def note(self, **new: object) -> None:
        """Remember new values of ``Remembered``; they are written down soon."""
        self.kept = msgspec.structs.replace(self.kept, **new)
        self._changed()

    def hear(self, at: float) -> None:
        """Remember when Discord was heard; it is written down by and by."""
        self.kept = msgspec.structs.replace(self.kept, heard=at)

    def meet(self, channel: str) -> None:
        """Remember that somebody writes direct messages; in which order, by and by."""
        before = self.kept.direct
        direct = (*(each for each in before if each != channel), channel)[-PEOPLE:]
        self.kept = msgspec.structs.replace(self.kept, direct=direct)
        if channel not in before:
            self._changed()


async def read_back(
    client: discord.Client,
    desk: Desk,
    heard: float,
    direct: Iterable[str],
    hear: Callable[[discord.Message], Awaitable[None]],
    organisers: str | None = None,
) -> bool:
    """Take what was written since Discord was heard last, within bounds.

    Of watched channels, and of the organisers', that is all; of others what mentions the bot, or
    is written to it directly.

    Args:
        client: The shard's, with its servers known.
        desk: Knows what is watched.
        heard: In seconds since 1970; 0: never, then there is nothing to read.
        direct: Ids of the channels of direct messages.
        hear: Takes each message, and knows which is for the bot.
        organisers: Id of the channel where they reply to its cards.

    Returns:
        False where Discord couldn't be asked for some of it, or said to wait.
    """
    if not heard:
        return True
    since = datetime.fromtimestamp(max(heard - OVERLAP, time.time() - LONGEST), UTC)
    newest = discord.utils.time_snowflake(since)
    watched, others = await _readable(client, desk, newest, organisers)
    private = [
        client.get_partial_messageable(int(each), type=discord.ChannelType.private)
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
            await hear(message)
        read += len(found)
    log.info("read back", messages=read)
    return whole


async def watches_any(client: discord.Client, desk: Desk) -> bool:
    """Whether any channel or forum of the shard's servers is watched."""
    for guild in client.guilds:
        for channel in (*guild.text_channels, *guild.forums):
            if await desk.watches(inbound.location(guild.id, channel).place()):
                return True
    return False


async def _readable(
    client: discord.Client, desk: Desk, newest: int, organisers: str | None
) -> tuple[list[Readable], list[Readable]]:
    """Return the watched channels, threads and posts with something new, and the others.

    Args:
        client: Knows its servers.
        desk: Knows what is watched.
        newest: The least id of what is new.
        organisers: Id of a channel that is read as the watched ones are.

    Returns:
        The others are those where the bot may read, who spoke last first.
    """
    watched: list[Readable] = []
    others: list[Readable] = []
    for guild in client.guilds:
        for channel in (*guild.channels, *guild.threads):
            if not isinstance(channel, Readable) or (channel.last_message_id or 0) < newest:
                continue
            at = inbound.location(guild.id, channel)
            if at.channel == organisers or await desk.watches(at.place()):
                watched.append(channel)
            elif channel.permissions_for(guild.me).read_message_history:
                others.append(channel)
    return watched, sorted(others, key=lambda each: each.last_message_id or 0, reverse=True)
