"""Sends what the outbox holds: each channel in order, nothing twice, nothing forgotten."""

import asyncio
import random
from collections.abc import Mapping

from bot.desk.posting import Posting
from bot.desk.pump import STOPPING
from bot.desk.threads import Threads
from bot.desk.wording import Wording
from bot.domain.card import Kind
from bot.domain.inbound import MessageRef, Person
from bot.domain.ports import Gone, NotAllowed, Platform, RateLimited
from bot.errors import FaqbotError
from bot.store.database import Transaction
from bot.store.errors import StaleClaim
from bot.store.outbox import Due, channel_of
from bot.telemetry.log import EventLogger
from bot.telemetry.metrics import Metrics

BACKOFF_MOST = 60.0
TOO_OLD = 3600.0
"""Seconds after which a card whose platform can't be reached is given up."""
COMPLAIN_EVERY = 3600.0
"""Seconds between two lines to the operator about the same channel."""


class _StillInFlight(Exception):
    """An earlier send may still take effect; look again in ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Senders:
    """Sends cards.

    Args:
        in_flight: Seconds that a request to a platform may take: a send is cut off then, and one
            of unknown fate isn't repeated earlier.
    """

    def __init__(
        self,
        *,
        owner: str,
        threads: Threads,
        posting: Posting,
        wording: Wording,
        metrics: Metrics,
        in_flight: float,
    ) -> None:
        self._owner = owner
        self._threads = threads
        self._posting = posting
        self._wording = wording
        self._metrics = metrics
        self._in_flight = in_flight
        self._platforms: Mapping[str, Platform] = {}
        self._complained: dict[str, float] = {}
        self._log = EventLogger("faqbot.senders")

    def serve(self, platforms: Mapping[str, Platform]) -> None:
        """Send to these platforms from now on; what goes to others stays in the outbox."""
        self._platforms = platforms

    def serves(self, platform: str) -> bool:
        """Whether it sends to a platform."""
        return platform in self._platforms

    async def claim(self, limit: int) -> tuple[Due, ...]:
        """Take the cards that are due: the first of each channel."""
        lease = 1.5 * self._in_flight
        served = tuple(self._platforms)
        return await self._threads.store(
            lambda tx: tx.outbox.claim(self._owner, limit, lease, served)
        )

    async def send(self, due: Due) -> float | None:
        """Send one card, and note what became of it.

        Returns:
            Seconds after which it is due again; None where it is done with.
        """
        try:
            return await self._send(due)
        except StaleClaim:
            self._log.info("claim is stale", outgoing=due.outgoing.id)
            return None

    async def _send(self, due: Due) -> float | None:
        try:
            async with asyncio.timeout(self._in_flight):
                message = await self._once(due)
        except RateLimited as limited:
            if due.age > TOO_OLD:  # a refused token was mended too late: nobody waits any more
                await self._give_up(due, limited)
                return None
            unknown = due.tried is not None
            return await self._postpone(due, limited.retry_after, unknown=unknown, result="limited")
        except (NotAllowed, Gone) as refusal:
            await self._give_up(due, refusal)
            return None
        except _StillInFlight as earlier:
            return await self._postpone(due, earlier.seconds, unknown=True, result="in flight")
        except (FaqbotError, TimeoutError) as error:
            return await self._unknown(due, error)
        except STOPPING:
            raise
        except BaseException as error:  # noqa: BLE001  # an adapter's fault holds up its card only
            self._log.error("send failed", error, outgoing=due.outgoing.id)
            return await self._unknown(due, error)
        await self._threads.persist(lambda tx: tx.outbox.sent(due, message))
        self._count(due, "sent")
        return None

    async def _once(self, due: Due) -> MessageRef:
        """Send; where an earlier send may have taken effect, look for that first."""
        platform = self._platforms[due.outgoing.to.platform]
        if due.tried is not None:
            found = await platform.find(due.outgoing)
            if found is not None:
                return found
            if due.tried < self._in_flight:
                raise _StillInFlight(self._in_flight - due.tried)
            await self._threads.store(lambda tx: tx.outbox.resending(due))
        return await platform.send(due.outgoing)

    async def _unknown(self, due: Due, error: BaseException) -> float | None:
        if due.age > TOO_OLD:
            await self._give_up(due, error)
            return None
        wait = min(2.0 ** (due.attempts - 1), BACKOFF_MOST) * random.uniform(0.5, 1)  # noqa: S311
        self._complain(due, error)
        return await self._postpone(due, wait, unknown=True, result="unknown")

    async def _postpone(self, due: Due, seconds: float, *, unknown: bool, result: str) -> float:
        await self._threads.persist(lambda tx: tx.outbox.postpone(due, seconds, unknown=unknown))
        self._count(due, result)
        return seconds

    async def _give_up(self, due: Due, error: BaseException) -> None:
        self._complain(due, error)
        await self._threads.persist(lambda tx: self._failed(tx, due, type(error).__name__))
        self._count(due, "failed")

    def _failed(self, tx: Transaction, due: Due, reason: str) -> None:
        tx.outbox.failed(due, reason)
        ask = tx.asks.get(due.ask) if due.ask and due.outgoing.kind is Kind.THREAD else None
        if ask is not None and ask.asker:
            card = self._wording.line("error.not_posted")
            to, asker = due.outgoing.to, Person(ask.asker)
            self._posting.whisper(tx, to, asker, card, ask="", once=f"{due.once}:not posted")

    def _complain(self, due: Due, error: BaseException) -> None:
        """Write a line to the operator, once an hour for each channel."""
        channel = channel_of(due.outgoing.to)
        now = asyncio.get_running_loop().time()
        if now - self._complained.get(channel, -COMPLAIN_EVERY) < COMPLAIN_EVERY:
            return
        self._complained[channel] = now
        problem = str(error) if isinstance(error, FaqbotError) else type(error).__name__
        self._log.error("not posted", channel=channel, problem=problem)

    def _count(self, due: Due, result: str) -> None:
        self._metrics.sent.labels(due.outgoing.to.platform, result).inc()
