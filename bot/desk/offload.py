"""From the event loop to the synchronous parts: the search, and the database's threads.

And, by the database, what processes share: each part is done by one of them at a time.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from enum import IntEnum
from itertools import count, repeat
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple, TypeVar

from bot.domain.backoff import Backoff, give_way
from bot.store import Database, News, Share, StoreError, Transaction
from bot.telemetry import EventLogger, Health
from bot.texts import Text

T = TypeVar("T")

SEARCH_THREADS = 2
LATE = 5.0
"""Seconds after which somebody notices that the database keeps them waiting."""
WATCH_EVERY = 1.0
SHARED = 0.01
"""Seconds after which no more joins a transaction: what came first waits for its commit, too."""
CLOSING = 1.5
"""Seconds for the database's last transaction when the process ends."""

STOPPING = (asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit)
"""What isn't an error but the wish to end. Everything else is caught at a task's root, also what
is no ``Exception``, such as a panic in a library written in Rust."""


class Urgency(IntEnum):
    """What goes first. Within one urgency, what came first."""

    WAITED_FOR = 0  # a platform waits for the acknowledgement, or a member for a form
    WORK = 1
    UPKEEP = 2  # may take long, and nobody waits for it


class _Job(NamedTuple):
    work: Callable[[Transaction], Any]
    done: "asyncio.Future[Any]"


class Writer:
    """Runs transactions one at a time in a thread of its own.

    Hundreds of answers may wait to be written; an acknowledgement must not wait behind them. To
    begin and to commit costs as much as most of what is done in between, so what waits is done
    together, in one transaction.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs: Mapping[Urgency, deque[_Job]] = {urgency: deque() for urgency in Urgency}
        self._bell: SimpleQueue[None] = SimpleQueue()  # rung once for each, and for the end
        self._closed = False
        self._ended: Future[None] = Future()
        Thread(target=self._run, name="store", daemon=True).start()

    def submit(self, work: Callable[[Transaction], T], urgency: Urgency) -> "asyncio.Future[T]":
        """Run ``work`` in a transaction as soon as it is its turn; called on the event loop.

        Where something fails that shares its transaction, it is run once more, in one of its own.

        Raises:
            RuntimeError: The writer was closed.
        """
        if self._closed:
            raise RuntimeError("the writer is closed")
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs[urgency].append(_Job(work, done))
        self._bell.put(None)
        return done

    def close(self, within: float) -> None:
        """Run what was submitted, and close the database.

        Raises:
            TimeoutError: That takes more than ``within`` seconds.
        """
        self._closed = True
        self._bell.put(None)
        self._ended.result(within)

    def _run(self) -> None:
        while True:
            self._bell.get()
            urgency = self._next()
            if urgency is None:  # it was rung for the end
                break
            job = self._jobs[urgency].popleft()
            if not job.done.cancelled():
                self._transact(job, urgency)
        try:
            self._database.close()
        except BaseException as error:  # noqa: BLE001  # raised where the end is awaited
            self._ended.set_exception(error)
        else:
            self._ended.set_result(None)

    def _next(self) -> Urgency | None:
        return next((urgency for urgency, jobs in self._jobs.items() if jobs), None)

    def _transact(self, first: _Job, shared: Urgency | None) -> None:
        """Run a job in one transaction, with what waits of that urgency and nothing above."""
        jobs, results = [first], list[Any]()
        begun = False

        def work(tx: Transaction) -> None:
            nonlocal begun
            begun = True
            until = time.monotonic() + SHARED
            results.append(first.work(tx))
            while shared is not None and self._next() is shared and time.monotonic() < until:
                self._bell.get()
                job = self._jobs[shared].popleft()
                if not job.done.cancelled():
                    jobs.append(job)
                    results.append(job.work(tx))

        try:
            self._database.transact(work)
        except BaseException as error:  # noqa: BLE001  # raised where the result is awaited
            if len(jobs) > 1 and len(results) < len(jobs):  # the last one failed, not the commit
                for job in jobs:
                    self._transact(job, None)
            else:
                _settle(jobs, repeat(error), asyncio.Future.set_exception)
            if not begun:
                self._refuse(error)
        else:
            _settle(jobs, results, asyncio.Future.set_result)

    def _refuse(self, error: BaseException) -> None:
        """Let whoever waits hear why nothing can begin: each would find it out as late again."""
        for jobs in self._jobs.values():
            for _ in range(len(jobs)):  # no more: what comes from now on may be luckier
                self._bell.get()
                _settle((jobs.popleft(),), (error,), asyncio.Future.set_exception)


def _settle(
    jobs: Sequence[_Job],
    outcomes: Iterable[Any],
    settle: Callable[["asyncio.Future[Any]", Any], None],
) -> None:
    """Tell the event loop what became of jobs: of all at once, as each time wakes it up."""

    def tell() -> None:
        for job, outcome in zip(jobs, outcomes, strict=False):
            if not job.done.done():  # else nobody awaits it any more
                settle(job.done, outcome)

    with suppress(RuntimeError):  # the loop has ended
        jobs[0].done.get_loop().call_soon_threadsafe(tell)


class Offload:
    """One thread for the database, or two for a server; a few for the search.

    Attributes:
        is_shared: Whether other processes may work on the same database.
    """

    def __init__(self, database: Database, health: Health) -> None:
        self.is_shared = database.is_shared
        self._database = database
        self._health = health
        self._log = EventLogger("faqbot.store")
        self._writer = Writer(database)
        # A server commits several at once: then what is waited for waits for no work at all.
        self._door = Writer(database.beside()) if database.is_shared else self._writer
        self._numbers = count()
        self._waiting: dict[int, float] = {}  # when each call began, oldest first
        self._refusals = self._mended = 0
        self._searchers = ThreadPoolExecutor(SEARCH_THREADS, "search", initializer=give_way)

    async def compute(self, work: Callable[..., T], *given: object) -> T:
        """Run a search, or what else takes its time, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._searchers, work, *given)

    async def store(self, work: Callable[[Transaction], T], urgency: Urgency = Urgency.WORK) -> T:
        """Run ``work`` in one transaction.

        Raises:
            StoreError: It wasn't committed.
        """
        try:
            writer = self._door if urgency is Urgency.WAITED_FOR else self._writer
            running = writer.submit(work, urgency)
        except RuntimeError as error:
            raise StoreError(Text("store.stopping")) from error
        number = next(self._numbers)
        self._waiting[number] = time.monotonic()
        try:
            result = await running
        except StoreError as error:
            self._refusals += 1
            if self._health.report("store", False, error, vital=True):
                self._log.error("store refuses", problem=error.message, remedy=error.remedy)
            raise
        finally:
            del self._waiting[number]
        self._report()
        return result

    def _report(self) -> None:
        """Say how the database is: red while it keeps callers waiting, or since it refused."""
        if self._waiting and time.monotonic() - next(iter(self._waiting.values())) > LATE:
            self._health.report("store", False, Text("health.late"), vital=True)
        elif self._refusals == self._mended and self._health.report("store", True):
            self._log.info("store works")

    @contextmanager
    def listening(self, heard: Callable[[News | None], None]) -> Iterator[None]:
        """Hear of what other processes change, as long as the context lasts.

        Args:
            heard: Called on the event loop with what changed; None: it can't be heard now.
        """
        loop = asyncio.get_running_loop()

        def pass_on(news: News | None) -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(heard, news)

        with self._database.listening(pass_on):
            yield

    async def watch(self) -> None:
        """Say how the database is while nothing comes back from it, too; until cancelled.

        What it refused may have been a write, and what works since may be reading: only a write
        that needs room shows that it takes such again.
        """
        probe: asyncio.Task[None] | None = None
        while True:
            await asyncio.sleep(WATCH_EVERY)
            self._report()
            if self._refusals != self._mended and (probe is None or probe.done()):
                probe = asyncio.create_task(self._probe())

    async def _probe(self) -> None:
        refusals = self._refusals
        try:
            # First by the connection for what is waited for: it may be that one that is refused.
            await self.store(Transaction.clear, Urgency.WAITED_FOR)
            await self.store(Transaction.fill)
            await self.store(Transaction.clear)
        except StoreError:
            return  # ``store`` has said so
        self._mended = refusals
        self._report()

    async def persist(self, work: Callable[[Transaction], T], urgency: Urgency = Urgency.WORK) -> T:
        """Run ``work`` in one transaction, again and again until the database takes it."""
        waits = Backoff(1.0, 10.0)
        while True:
            try:
                return await self.store(work, urgency)
            except StoreError:
                # ``store`` has said so; what is to be kept must not be lost.
                await asyncio.sleep(waits.next())

    def close(self) -> None:
        """Finish what runs, and close the database; a thread that hangs is left to the exit."""
        self._searchers.shutdown(wait=False, cancel_futures=True)
        until = time.monotonic() + CLOSING
        for writer in {self._door, self._writer}:
            try:
                writer.close(max(until - time.monotonic(), 0.0))
            except TimeoutError:
                self._log.warning("cut off", what="store")


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
