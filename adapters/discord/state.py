"""A small file of what one bot remembers about Discord across restarts.

Nothing in it is needed: without it the commands are registered once more, and what was written
while the bot was away isn't read. So it isn't in the database, which replicas share.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec

from bot.telemetry.log import EventLogger


class Remembered(msgspec.Struct, frozen=True):
    """What the file holds.

    Attributes:
        registered: Hash of the commands that were registered last, by server id; "": everywhere.
        heard: When Discord was heard last, in seconds since 1970; 0: never.
    """

    registered: Mapping[str, str] = {}
    heard: float = 0.0


class State:
    """What is remembered, and the file that keeps it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._remembered = Remembered()
        self._writing = asyncio.Lock()
        self._log = EventLogger("faqbot.discord")

    @property
    def registered(self) -> Mapping[str, str]:
        """Hash of the commands that were registered last, by server id."""
        return self._remembered.registered

    @property
    def heard(self) -> float:
        """When Discord was heard last, in seconds since 1970; 0: never."""
        return self._remembered.heard

    async def load(self) -> None:
        """Read the file; one that is missing or damaged holds nothing."""
        try:
            data = await asyncio.to_thread(self._path.read_bytes)
            self._remembered = msgspec.json.decode(data, type=Remembered)
        except (OSError, msgspec.DecodeError):
            self._remembered = Remembered()

    async def register(self, guild: str, mark: str) -> None:
        """Remember which commands were registered."""
        registered = {**self.registered, guild: mark}
        await self._remember(msgspec.structs.replace(self._remembered, registered=registered))

    async def hear(self, at: float) -> None:
        """Remember when Discord was heard."""
        await self._remember(msgspec.structs.replace(self._remembered, heard=at))

    async def _remember(self, new: Remembered) -> None:
        self._remembered = new
        async with self._writing:
            try:
                await asyncio.to_thread(self._write)
            except OSError as error:
                self._log.warning("not remembered", file=str(self._path), error=str(error))

    def _write(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._path.with_name(f"{self._path.name}.new")
        new.touch(0o600)
        new.write_bytes(msgspec.json.encode(self._remembered))
        new.replace(self._path)
