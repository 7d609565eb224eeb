"""What was written in watched channels while Discord couldn't tell the bot."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import discord

from adapters.discord import inbound
from adapters.discord.errors import translated
from adapters.discord.listeners import Listeners
from bot.desk.desk import Desk
from bot.domain.ports import PlatformError
from bot.telemetry.log import EventLogger

MOST = 100
"""Messages that are read of one channel at most."""
LONGEST = 3600.0
"""Seconds that are read back at most."""
OVERLAP = 60.0
"""Seconds that are read twice, to be sure; what was received before is known by its id."""

Readable = discord.TextChannel | discord.Thread


class Backlog:
    """Reads watched channels back after a session was lost."""

    def __init__(self, desk: Desk, listeners: Listeners) -> None:
        self._desk = desk
        self._listeners = listeners
        self._log = EventLogger("faqbot.discord")

    async def read(self, client: discord.Client, heard: float) -> None:
        """Take what was written since Discord was heard last, within bounds.

        Args:
            client: Signed in, with its servers known.
            heard: Unix time, in seconds; 0: never, then there is nothing to read.
        """
        if not heard:
            return
        since = datetime.fromtimestamp(max(heard - OVERLAP, time.time() - LONGEST), UTC)
        newest = discord.utils.time_snowflake(since)
        read = 0
        async for channel in self.watched(client):
            if (channel.last_message_id or 0) < newest:
                continue
            try:
                with translated():
                    async for message in channel.history(limit=MOST, after=since):
                        await self._listeners.message(client, message)
                        read += 1
            except PlatformError as error:
                self._log.warning("couldn't read back", channel=channel.id, problem=str(error))
        self._log.info("read back", messages=read)

    async def watched(self, client: discord.Client) -> AsyncIterator[Readable]:
        """Yield the watched channels and the open threads and posts of watched channels."""
        for guild in client.guilds:
            channels: list[Readable] = [*guild.text_channels, *guild.threads]
            for channel in channels:
                if await self._desk.watches(inbound.where(guild.id, channel).place()):
                    yield channel

    async def watches_any(self, client: discord.Client) -> bool:
        """Whether any channel or forum of the bot's servers is watched."""
        for guild in client.guilds:
            for channel in (*guild.text_channels, *guild.forums):
                if await self._desk.watches(inbound.where(guild.id, channel).place()):
                    return True
        return False
