"""What runs all the time: two queues, and upkeep. It stops in order, within ten seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from bot.desk.offload import LATE, STOPPING, Offload, Urgency
from bot.domain.inbound import Form, Press, Question
from bot.store import CHANGES, INBOX, OUTBOX, Claimed, Due, News, StoreError, Transaction
from bot.telemetry import EventLogger, Health
from bot.telemetry.metrics import Metrics
from bot.texts import Text

T = TypeVar("T")
R = TypeVar("R")

GRACE = 6.0
"""Seconds for what runs when the process stops: a supervisor waits ten."""
LAST = 0.5
"""Seconds for handing back what wasn't finished by then."""
UPKEEP_EVERY = 600.0
MEASURE_EVERY = 1.0
HEED = 0.2
"""Seconds after which a queue is looked at for somebody else's work: mostly they are quicker."""
QUIET = 5.0
"""Seconds after which queues are counted again though nothing has happened here."""
IDLE = 1.0
"""Seconds after which a queue is looked at again though nobody rang: leases and retries."""
POLL = 5.0
"""The same while other processes tell of their work: they may die, and their leases run out."""
AHEAD = 2
"""Rows that who adds one may claim: where there are fewer, nothing else is left to claim."""


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

    Attributes:
        rung: Whether it was told of work; to be reset by who asks.
        told: Whether other processes tell of theirs, too.
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
        self.rung = self.told = self._heeding = False
        self._running = False
        self._tasks: set[asyncio.Task[float | None]] = set()
        # Hands that are kept for rows which are being claimed by who adds them.
        self._kept = 0
        # No hand was free for more: rows may have been left.
        self._left = False

    def ring(self) -> None:
        """Say that there may be work."""
        self.rung = True
        self._bell.set()

    def heed(self) -> None:
        """Say that somebody else may have left work; said many times at once, it is looked once."""
        if not self._heeding:
            self._heeding = True
            asyncio.get_running_loop().call_later(HEED, self._heed)

    def _heed(self) -> None:
        self._heeding = False
        self.ring()

    async def adding(
        self,
        work: Callable[[Transaction, int], tuple[R, Sequence[T]]],
        urgency: Urgency = Urgency.WORK,
    ) -> R:
        """Run ``work`` in one transaction, and work on what it claims of what it adds to the queue.

        That spares the transaction that would claim it, and the time until then. Where rows were
        left, it claims nothing: they go first.

        Args:
            work: Is given how many rows it may claim, mostly more than one; returns what is
                returned from here, and the rows.
            urgency: As for ``Offload.store``.

        Raises:
            StoreError: It wasn't committed.
        """
        self.rung = True
        hands = min(AHEAD, self._free()) if self._running and not self._left else 0
        self._kept += hands
        try:
            result, rows = await self._offload.store(lambda tx: work(tx, hands), urgency)
        finally:
            self._kept -= hands
        if self._running:  # else they are handed back with all that is claimed
            self._work_on(rows)
        if len(rows) == hands or self._left:
            self.ring()
        return result

    def claim(self, tx: Transaction, most: int) -> Sequence[T]:
        """Take at most so many rows, to be worked on by this process."""
        return self._claim(tx, most) if most else ()

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
            self._bell.set()
            return
        except STOPPING:
            raise
        except BaseException as error:  # noqa: BLE001  # the pump must outlive any error
            self._health.report(self._name, False, Text("health.fails"), vital=True)
            self._log.error("claim failed", error, queue=self._name)
            await asyncio.sleep(IDLE)
            self._bell.set()
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
            async with asyncio.timeout(POLL if self.told else IDLE):
                await self._bell.wait()
        except TimeoutError:
            return


class Service:
    """Runs the queues and what else there is to do now and then.

    Args:
        owner: Names this process in its claims.
        inbox: Works on what came in.
        outbox: Sends what goes out.
        looks: For each queue what counts the rows that wait, and tells for how many seconds one
            does that could be taken.
        changed: Called, from any thread, when something has changed that others keep a copy of.
    """

    def __init__(
        self,
        owner: str,
        offload: Offload,
        inbox: Pump[Claimed],
        outbox: Pump[Due],
        metrics: Metrics,
        health: Health,
        looks: Mapping[str, Callable[[Transaction], tuple[int, float]]],
        changed: Callable[[], None],
    ) -> None:
        self.inbox = inbox
        self.outbox = outbox
        self._owner = owner
        self._offload = offload
        self._metrics = metrics
        self._health = health
        self._looks = looks
        self._waiting = 0
        self._left: list[Pump[Claimed] | Pump[Due]] = []
        self._tell = changed
        self._numbers: Mapping[str, int] = {}  # of the changes that were seen
        self._changed = asyncio.Event()
        self._log = EventLogger("faqbot.service")

    async def accept(self, item: Question | Press | Form) -> bool:
        """Commit what came in, and begin to work on it where a hand is free.

        Returns:
            False where it was seen before.

        Raises:
            StoreError: It wasn't committed.
        """

        def work(tx: Transaction, hands: int) -> tuple[bool, Sequence[Claimed]]:
            new = tx.inbox.accept(item, self._owner if hands else "")
            return bool(new), (new,) if isinstance(new, Claimed) else ()

        return await self.inbox.adding(work, Urgency.WAITED_FOR)

    async def run(
        self,
        upkeep: Callable[[Transaction], None],
        follow: Callable[[Transaction], None],
        *more: Coroutine[None, None, None],
    ) -> None:
        """Run until cancelled; then finish what runs, or hand it back.

        Args:
            upkeep: What is done in the store every ten minutes.
            follow: What is done there when something has changed that every process keeps a copy
                of.
            more: What else runs as long; what ends by itself ends nothing.
        """

        def look(tx: Transaction) -> None:
            self._count(tx)
            before, self._numbers = self._numbers, tx.changes()
            if before != self._numbers:
                follow(tx)
                self._tell()

        tasks = [
            asyncio.create_task(each)
            for each in (
                self.inbox.run(),
                self.outbox.run(),
                self._every("upkeep", upkeep, lambda: asyncio.sleep(UPKEEP_EVERY), Urgency.UPKEEP),
                self._every("figures", look, self._stirred),
                self._measure_lag(),
                self._offload.watch(),
            )
        ]
        beside = [asyncio.create_task(each) for each in more]
        try:
            with self._offload.listening(self._heard):
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
                async with asyncio.timeout(LAST):
                    # Behind all that may still claim, whichever connection commits it.
                    for urgency in (Urgency.WAITED_FOR, Urgency.WORK):
                        await self._offload.store(lambda tx: tx.release(self._owner), urgency)
            except (StoreError, TimeoutError):
                self._log.warning("claims weren't handed back; they run out by themselves")
        for error in ended:
            if isinstance(error, Exception):
                raise error

    def _count(self, tx: Transaction) -> None:
        self._waiting, self._left = 0, []
        for queue, look in self._looks.items():
            rows, seconds = look(tx)
            self._waiting += rows
            if seconds:
                self._left.append(self.inbox if queue == INBOX else self.outbox)
            self._metrics.waiting.labels(queue).set(rows)
            self._metrics.oldest.labels(queue).set(seconds)
            late = seconds > LATE
            said = Text(f"health.{queue}") if late else ""
            self._health.report(queue, not late, said, vital=True)

    async def _stirred(self) -> None:
        """Wait until another process changes something; else a second, more while all is quiet.

        What was handed back, or left by who died, was found by counting: it is taken now.
        """
        for pump in self._left:
            pump.ring()
        for _ in range(int(QUIET / MEASURE_EVERY)):
            with suppress(TimeoutError):
                async with asyncio.timeout(MEASURE_EVERY):
                    await self._changed.wait()
            if self._changed.is_set() or self._waiting or self.inbox.rung or self.outbox.rung:
                break
        self._changed.clear()
        self.inbox.rung = self.outbox.rung = False

    def _heard(self, news: News | None) -> None:
        """Take what another process tells; None: nothing is heard for now."""
        self.inbox.told = self.outbox.told = news is not None
        said = "" if news is not None else Text("health.news")
        self._health.report("news", news is not None, said)
        if news is None:
            return
        if INBOX in news:
            self.inbox.heed()
        if OUTBOX in news:
            self.outbox.heed()
        if CHANGES in news:
            self._changed.set()

    async def _every(
        self,
        name: str,
        work: Callable[[Transaction], None],
        pause: Callable[[], Awaitable[None]],
        urgency: Urgency = Urgency.WORK,
    ) -> None:
        """Do something in the store again and again; its failure stops nothing else."""
        while True:
            try:
                await self._offload.persist(work, urgency)
                self._health.report(name, True)
            except STOPPING:
                raise
            except BaseException as error:  # noqa: BLE001  # no reason to leave questions unanswered
                self._health.report(name, False, Text("health.fails"))
                self._log.error("failed", error, what=name)
            await pause()

    async def _measure_lag(self) -> None:
        """Measure how late the loop wakes up: much later means that something blocks it."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + MEASURE_EVERY
            await asyncio.sleep(MEASURE_EVERY)
            self._metrics.loop_lag.observe(max(loop.time() - due, 0.0))
