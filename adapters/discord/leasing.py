"""Which shards this process serves: those that it holds the leases of, and no longer than that."""

import asyncio
import contextlib
from pathlib import Path

from adapters.discord import DiscordSettings
from adapters.discord.api import Api
from adapters.discord.errors import PLATFORM
from adapters.discord.gateway import Timing
from adapters.discord.listeners import Listeners
from adapters.discord.outbound import DiscordPlatform
from adapters.discord.shard import Notebook, Shard
from bot.desk.desk import Desk, Share, StoreError
from bot.telemetry import EventLogger

EARLIER = Path("var/discord.json")
"""Where version 0.2 kept what stands in the shards' leases now."""

_NOTE = 30.0
"""Seconds between two notes of when Discord was heard, where no other process waits."""
_STANDING_BY = 2.0
"""Seconds between two looks whether a shard is free, at most."""
_GIVE_BACK = 1.0
"""Seconds to wait until it is known that the shards are others' now."""


class Leasing:
    """The shards that are served here.

    Args:
        settings: The section ``discord``.
        content: Ask for the words of messages.

    Attributes:
        served: Each shard with what serves it, by number.
        share: How things stood when the store was asked last; None: it wasn't yet.
        of: How many shards there are; 0: that isn't known yet.
        content: As given; it counts for shards that begin from then on.
    """

    def __init__(
        self,
        settings: DiscordSettings,
        desk: Desk,
        api: Api,
        platform: DiscordPlatform,
        listeners: Listeners,
        timing: Timing,
        *,
        content: bool,
    ) -> None:
        self._settings = settings
        self._desk = desk
        self._api = api
        self._platform = platform
        self._listeners = listeners
        self._timing = timing
        self.served: dict[int, tuple[Shard, asyncio.Task[None]]] = {}
        self.share: Share | None = None
        self.of = settings.shard_count or 0
        self.content = content
        self._left: dict[int, str] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._earlier = ""
        self._changing = asyncio.Lock()
        self._bell = asyncio.Event()
        self._log = EventLogger("faqbot.discord")

    @property
    def shards(self) -> list[Shard]:
        """The shards that are served here."""
        return [shard for shard, _ in self.served.values()]

    async def keep(self) -> None:
        """Keep the leases on shards, take those that are free, and serve what is held."""
        lease = self._settings.lease
        with contextlib.suppress(OSError):
            self._earlier = await asyncio.to_thread(EARLIER.read_text)
        while True:
            self._bell.clear()
            await self._share_out()
            if self._desk.sharing.alone and self.served:
                wait = _NOTE
            else:
                wait = lease / 3 if self.served else min(lease / 3, _STANDING_BY)
            try:
                async with asyncio.timeout(wait):
                    await self._bell.wait()
            except TimeoutError:
                continue

    async def _share_out(self) -> None:
        """Look once which shards are to be served here, and begin or end that."""
        left, self._left = self._left, {}
        notes = left | {number: shard.note() for number, (shard, _) in self.served.items()}
        wanted = self._settings.shards or None
        try:
            share = await self._desk.sharing.share(
                PLATFORM, self._settings.lease, self.of, wanted, notes
            )
        except (StoreError, TimeoutError):  # the store says so itself
            self._left = left | self._left
            return
        self.share = share
        if share.of != self.of and self._settings.shard_count is None:
            self.of = share.of
            self._bell.set()
        async with self._changing:
            served = self.served.items()
            lost = [
                number for number, (shard, _) in served if share.held.get(number) != shard.fence
            ]
            await self._drop(*lost)
            for number in share.held:
                if number in self.served:
                    self.served[number][0].until = share.until
                else:
                    self._begin(number, share)

    def _begin(self, number: int, share: Share) -> None:
        """Serve a shard."""
        left = share.notes[number] if any(share.notes.values()) else self._earlier
        notebook = Notebook.read(left)
        if not notebook.heard:  # a new one, of servers that others had before
            notebook.heard = max(Notebook.read(each).heard for each in share.notes.values())
        self._log.info("serving a shard", shard=number, of=share.of)
        self._platform.overhears = self.content
        shard = Shard(
            (number, share.of),
            share.held[number],
            share.until,
            notebook,
            self._bell.set,
            desk=self._desk,
            api=self._api,
            listeners=self._listeners,
            settings=self._settings,
            timing=self._timing,
            content=self.content,
        )
        self.served[number] = shard, asyncio.create_task(shard.serve())

    async def leave(self, *numbers: int) -> None:
        """Serve shards no more, if they are served."""
        async with self._changing:
            await self._drop(*(each for each in numbers if each in self.served))

    async def _drop(self, *numbers: int) -> None:
        """Serve shards no more."""
        for number in numbers:
            shard, task = self.served.pop(number)
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
            self._left[number] = shard.note()
        # Who is told to stop meanwhile doesn't cut them off a second time.
        await asyncio.shield(asyncio.gather(*self._ending, return_exceptions=True))

    async def restart(self) -> None:
        """Let every shard sign in anew."""
        await self.leave(*self.served)
        self._bell.set()

    async def give_back(self) -> None:
        """Let another process have the shards at once."""
        await self.leave(*self.served)
        try:
            await self._desk.sharing.share(PLATFORM, _GIVE_BACK, self.of, (), self._left)
        except (StoreError, TimeoutError) as error:
            self._log.warning("shards weren't given back; their leases run out", error=str(error))
        self.share = None
