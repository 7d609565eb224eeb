"""What runs all the time: workers, senders, upkeep. It stops in order, within ten seconds."""

import asyncio
import time
from collections.abc import Callable, Mapping

from bot.desk.memory import Memory
from bot.desk.pump import STOPPING, Pump
from bot.desk.senders import Senders
from bot.desk.settings import RetentionSettings
from bot.desk.threads import Threads
from bot.desk.workers import Workers
from bot.domain.ports import Platform
from bot.store.database import Transaction
from bot.store.errors import StoreError
from bot.store.inbox import Claimed
from bot.store.outbox import Due
from bot.telemetry.health import Health
from bot.telemetry.log import EventLogger
from bot.telemetry.metrics import Metrics
from bot.texts import Text

WORKERS = 8
SENDERS = 64
GRACE = 8.0
"""Seconds for what runs when the process stops: a supervisor waits ten."""
UPKEEP_EVERY = 600.0
MEASURE_EVERY = 1.0


class Service:
    """Runs the queues.

    Args:
        owner: Names this process in its claims.
    """

    def __init__(
        self,
        *,
        owner: str,
        threads: Threads,
        workers: Workers,
        senders: Senders,
        memory: Memory,
        retention: RetentionSettings,
        metrics: Metrics,
        health: Health,
    ) -> None:
        self._owner = owner
        self._threads = threads
        self._workers = workers
        self._senders = senders
        self._memory = memory
        self._retention = retention
        self._metrics = metrics
        self._health = health
        self._log = EventLogger("faqbot.service")
        self._inbox = Pump(
            "workers", claim=workers.claim, work=self._work, width=WORKERS, health=health
        )
        self._outbox = Pump(
            "senders", claim=senders.claim, work=self._send, width=SENDERS, health=health
        )

    def received(self) -> None:
        """Say that something new lies in the inbox."""
        self._inbox.ring()

    def posted(self) -> None:
        """Say that something new lies in the outbox."""
        self._outbox.ring()

    async def run(self, platforms: Mapping[str, Platform]) -> None:
        """Run until cancelled; then finish what runs, or hand it back."""
        self._senders.serve(platforms)
        tasks = [
            asyncio.create_task(each)
            for each in (
                self._inbox.run(),
                self._outbox.run(),
                self._every("upkeep", UPKEEP_EVERY, self._upkeep),
                self._every("figures", MEASURE_EVERY, self._count),
                self._measure_lag(),
            )
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Questions first: what they post may still be sent.
            until = time.monotonic() + GRACE
            await self._inbox.stop(GRACE / 2)
            await self._outbox.stop(until - time.monotonic())
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            await self._hand_back()
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _work(self, claimed: Claimed) -> None:
        await self._workers.work(claimed)
        self.posted()

    async def _send(self, due: Due) -> None:
        again = await self._senders.send(due)
        # Once this card is done with, the next one of its channel is first.
        self._outbox.ring_in(again or 0)

    async def _hand_back(self) -> None:
        try:
            await self._threads.store(lambda tx: tx.release(self._owner))
        except StoreError:
            self._log.warning("claims weren't handed back; they run out by themselves")

    def _upkeep(self, tx: Transaction) -> None:
        """Forget what isn't needed any more, and read the small tables again."""
        tx.purge(self._retention.days)
        self._memory.load(tx)

    def _count(self, tx: Transaction) -> None:
        self._metrics.waiting.labels("inbox").set(tx.inbox.waiting())
        self._metrics.waiting.labels("outbox").set(tx.outbox.waiting())

    async def _every(self, name: str, seconds: float, work: Callable[[Transaction], None]) -> None:
        """Do something in the store again and again; its failure stops nothing else."""
        while True:
            try:
                await self._threads.persist(work)
                self._health.report(name, True)
            except STOPPING:
                raise
            except BaseException as error:  # noqa: BLE001  # no reason to leave questions unanswered
                self._health.report(name, False, Text("health.fails"))
                self._log.error("failed", error, what=name)
            await asyncio.sleep(seconds)

    async def _measure_lag(self) -> None:
        """Measure how late the loop wakes up: much later means that something blocks it."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + MEASURE_EVERY
            await asyncio.sleep(MEASURE_EVERY)
            self._metrics.loop_lag.observe(max(loop.time() - due, 0.0))
