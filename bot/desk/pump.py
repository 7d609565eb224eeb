"""Rows of a queue, claimed and worked on at the same time, as many as there are hands."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Generic, TypeVar

from bot.store.errors import StoreError
from bot.telemetry.health import Health
from bot.telemetry.log import EventLogger
from bot.texts import Text

T = TypeVar("T")

IDLE = 1.0
"""Seconds after which a queue is looked at again though nobody rang: leases and retries."""

STOPPING = (asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit)
"""What isn't an error but the wish to end. Everything else is caught at a task's root, also what
is no ``Exception``, such as a panic in a library written in Rust."""


class Pump(Generic[T]):
    """Claims rows of one queue and works on them until it is stopped.

    Args:
        name: Of the component, for health and the log.
        claim: Takes at most so many rows.
        work: Works on one row; handles its own errors.
        width: How many rows are worked on at once.
        health: Where it reports.
    """

    def __init__(
        self,
        name: str,
        *,
        claim: Callable[[int], Awaitable[Sequence[T]]],
        work: Callable[[T], Coroutine[None, None, None]],
        width: int,
        health: Health,
    ) -> None:
        self._name = name
        self._claim = claim
        self._work = work
        self._width = width
        self._health = health
        self._log = EventLogger("faqbot.workers")
        self._bell = asyncio.Event()
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        # Every hand is busy: rows may have been left.
        self._left = False

    def ring(self) -> None:
        """Say that there may be work."""
        self._bell.set()

    def ring_in(self, seconds: float) -> None:
        """Say when there will be work."""
        asyncio.get_running_loop().call_later(seconds, self.ring)

    async def run(self) -> None:
        """Work until stopped."""
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
            free = self._width - len(self._tasks)
            rows = await self._claim(free) if free else ()
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
        for row in rows:
            task = asyncio.create_task(self._work(row))
            self._tasks.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("work failed", error, queue=self._name)
        if self._left:
            self.ring()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(IDLE):
                await self._bell.wait()
        except TimeoutError:
            return
