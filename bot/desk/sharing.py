"""What processes share, each part done by one of them at a time."""

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import replace

from bot.desk.offload import Offload, Urgency
from bot.store import Share

__all__ = ["Share", "Sharing"]


class Sharing:
    """Leases on the parts of what one process at a time may do, such as to serve a shard.

    Args:
        owner: Names this process in its leases.
        offload: Reaches the store.
        alone: No other process can have the store: what is taken stays taken.

    Attributes:
        alone: As given.
    """

    def __init__(self, owner: str, offload: Offload, *, alone: bool) -> None:
        self._owner = owner
        self._offload = offload
        self.alone = alone

    async def share(
        self,
        what: str,
        seconds: float,
        of: int,
        wanted: Collection[int] | None = None,
        notes: Mapping[int, str] | None = None,
    ) -> Share:
        """Hold on to one's own parts, and take those that nobody holds; see ``Leases.share``.

        Raises:
            StoreError: It couldn't be committed.
            TimeoutError: Nor is it known after as long as the leases hold.
        """
        # The database's clock is read later than this one: the leases end no earlier than that.
        until = time.monotonic() + seconds
        async with asyncio.timeout(seconds):
            share = await self._offload.store(
                lambda tx: tx.leases.share(what, self._owner, seconds, of, wanted, notes),
                Urgency.WAITED_FOR,
            )
        return share if self.alone else replace(share, until=until)

    async def knows(self, ask: str) -> bool:
        """Whether an ask is in the store that this process and its replicas share.

        Raises:
            StoreError: It couldn't be looked up.
        """
        return await self._offload.store(lambda tx: tx.asks.get(ask)) is not None

    async def turn(self, what: str, seconds: float) -> None:
        """Wait for a turn, of which all processes together have one in so many seconds.

        Raises:
            StoreError: Nobody knows whose turn it is.
        """
        while wait := await self._offload.store(  # noqa: ASYNC110  # nobody rings a bell
            lambda tx: tx.leases.turn(what, seconds)
        ):
            await asyncio.sleep(wait)
