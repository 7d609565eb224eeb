"""What runs all the time: two queues, and upkeep. It stops in order, within ten seconds."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Generic, TypeVar

from bot.desk.offload import STOPPING, Offload, Urgency
from bot.store import Claimed, Due, StoreError, Transaction
from bot.telemetry.health import Health
from bot.telemetry.log import EventLogger
from bot.telemetry.metrics import Metrics
from bot.texts import Text

T = TypeVar("T")
R = TypeVar("R")

GRACE = 8.0
"""Seconds for what runs when the process stops: a supervisor waits ten."""
UPKEEP_EVERY = 600.0
MEASURE_EVERY = 1.0
IDLE = 1.0
"""Seconds after which a queue is looked at again though nobody rang: leases and retries."""
AHEAD = 2
"""Rows that are claimed by who adds one: where there are fewer, nothing else is left to claim."""


class Pump(Generic[T]):
    """Claims rows of one queue and works on them until it is stopped.

    Args:
        name: Of the component, for health and the log.
        offload: Runs the transactions.
        claim: Takes at most so many rows.
        work: Works on one row; handles its own errors. Returns the seconds after which there may
            be more to claim; None where that is said by ``ring``.
        width: How many rows are worked on at once.
        health: Where it reports.
    """

    def __init__(
        self,
        name: str,
        offload: Offload,
        *,
        claim: Callable[[Transaction, int], Sequence[T]],
        work: Callable[[T], Coroutine[None, None, float | None]],
        width: int,
        health: Health,
    ) -> None:
        self._name = name
        self._offload = offload
        self._claim = claim
        self._work = work
        self._width = width
        self._health = health
        self._log = EventLogger("faqbot.workers")
        self._bell = asyncio.Event()
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()
        self._running = False
        self._tasks: set[asyncio.Task[float | None]] = set()
        # Hands that are kept for rows which are being claimed by who adds them.
        self._kept = 0
        # Every hand is busy: rows may have been left.
        self._left = False

    def ring(self) -> None:
        """Say that there may be work."""
        self._bell.set()

    async def adding(self, work: Callable[[Transaction], R], urgency: Urgency = Urgency.WORK) -> R:
        """Run ``work`` in one transaction, and claim in it what it adds to the queue.

        That spares the transaction that would claim it, and the time until then.

        Raises:
            StoreError: It wasn't committed.
        """
        hands = min(AHEAD, self._free()) if self._running else 0

        def add(tx: Transaction) -> tuple[R, Sequence[T]]:
            result = work(tx)
            return result, self._claim(tx, hands) if hands else ()

        self._kept += hands
        try:
            result, rows = await self._offload.store(add, urgency)
        finally:
            self._kept -= hands
        if self._running:  # else they are handed back with all that is claimed
            self._work_on(rows)
        if len(rows) == hands:
            self.ring()
        return result

    async def run(self) -> None:
        """Work until stopped."""
        self._running = True
        try:
            while not self._stop.is_set():
                self._bell.clear()
                await self._begin()
                await self._wait()
            # What the work of others left here just before the end.
            await self._begin()
        finally:
            self._ended.set()

    async def stop(self, grace: float) -> None:
        """Claim nothing more; let what runs finish within ``grace`` seconds, then cancel it."""
        self._running = False
        self._stop.set()
        self.ring()
        try:
            async with asyncio.timeout(grace):
                await self._ended.wait()
                await asyncio.gather(*self._tasks, return_exceptions=True)
        except TimeoutError:
            self._log.warning("cut off", queue=self._name, rows=len(self._tasks))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _begin(self) -> None:
        """Claim rows and begin to work on them; an error costs a second, never the pump."""
        try:
            free = self._free()
            rows: Sequence[T] = ()
            if free:
                rows = await self._offload.store(lambda tx: self._claim(tx, free))
            self._left = len(rows) == free
            self._health.report(self._name, True)
        except StoreError as error:
            self._health.report(self._name, False, error, vital=True)
            await asyncio.sleep(IDLE)
            return
        except STOPPING:
            raise
        except BaseException as error:  # noqa: BLE001  # the pump must outlive any error
            self._health.report(self._name, False, Text("health.fails"), vital=True)
            self._log.error("claim failed", error, queue=self._name)
            await asyncio.sleep(IDLE)
            return
        self._work_on(rows)

    def _free(self) -> int:
        return max(0, self._width - len(self._tasks) - self._kept)

    def _work_on(self, rows: Sequence[T]) -> None:
        for row in rows:
            task = asyncio.create_task(self._work(row))
            self._tasks.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[float | None]) -> None:
        self._tasks.discard(task)
        if self._left:
            self.ring()
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            self._log.error("work failed", error, queue=self._name)
        elif (seconds := task.result()) is not None:
            asyncio.get_running_loop().call_later(seconds, self.ring)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(IDLE):
                await self._bell.wait()
        except TimeoutError:
            return


class Service:
    """Runs the queues and what else there is to do now and then.

    Args:
        owner: Names this process in its claims.
        inbox: Works on what came in.
        outbox: Sends what goes out.
    """

    def __init__(
        self,
        owner: str,
        offload: Offload,
        inbox: Pump[Claimed],
        outbox: Pump[Due],
        metrics: Metrics,
        health: Health,
    ) -> None:
        self.inbox = inbox
        self.outbox = outbox
        self._owner = owner
        self._offload = offload
        self._metrics = metrics
        self._health = health
        self._log = EventLogger("faqbot.service")

    async def run(
        self, upkeep: Callable[[Transaction], None], *more: Coroutine[None, None, None]
    ) -> None:
        """Run until cancelled; then finish what runs, or hand it back.

        Args:
            upkeep: What is done in the store every ten minutes.
            more: What else runs as long; what ends by itself ends nothing.
        """
        tasks = [
            asyncio.create_task(each)
            for each in (
                self.inbox.run(),
                self.outbox.run(),
                self._every("upkeep", UPKEEP_EVERY, upkeep),
                self._every("figures", MEASURE_EVERY, self._count),
                self._measure_lag(),
            )
        ]
        beside = [asyncio.create_task(each) for each in more]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Questions first: what they post may still be sent.
            until = time.monotonic() + GRACE
            await self.inbox.stop(GRACE / 2)
            await self.outbox.stop(until - time.monotonic())
            for task in (*tasks, *beside):
                task.cancel()
            ended = await asyncio.gather(*tasks, *beside, return_exceptions=True)
            try:
                await self._offload.store(lambda tx: tx.release(self._owner))
            except StoreError:
                self._log.warning("claims weren't handed back; they run out by themselves")
        for error in ended:
            if isinstance(error, Exception):
                raise error

    def _count(self, tx: Transaction) -> None:
        self._metrics.waiting.labels("inbox").set(tx.inbox.waiting())
        self._metrics.waiting.labels("outbox").set(tx.outbox.waiting())

    async def _every(self, name: str, seconds: float, work: Callable[[Transaction], None]) -> None:
        """Do something in the store again and again; its failure stops nothing else."""
        while True:
            try:
                await self._offload.persist(work)
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
