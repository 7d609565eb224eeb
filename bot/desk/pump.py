"""Rows of a queue, claimed and worked on at the same time, as many as there are hands."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Generic, TypeVar

import structlog

from bot.store.errors import StoreError
from bot.telemetry.health import Health

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
        self._log = structlog.get_logger("faqbot.workers")
        self._bell = asyncio.Event()
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def ring(self) -> None:
        """Say that there may be work."""
        self._bell.set()

    def ring_in(self, seconds: float) -> None:
        """Say when there will be work."""
        asyncio.get_running_loop().call_later(seconds, self.ring)

    async def run(self) -> None:
        """Work until stopped; an error costs a second, never the pump."""
        while not self._stop.is_set():
            self._bell.clear()
            try:
                rows = await self._claim(self._width - len(self._tasks)) if self._free else ()
                self._health.report(self._name, True)
            except StoreError as error:
                self._health.report(self._name, False, str(error))
                rows = ()
            except STOPPING:
                raise
            except BaseException:  # noqa: BLE001  # the pump must outlive any error
                self._health.report(self._name, False, "It fails; the log has the traceback.")
                self._log.exception("claim failed", queue=self._name)
                await asyncio.sleep(IDLE)
                continue
            if self._stop.is_set():
                return  # what was claimed meanwhile is handed back with all else
            for row in rows:
                task = asyncio.create_task(self._work(row))
                self._tasks.add(task)
                task.add_done_callback(self._finished)
            await self._wait()

    async def stop(self, grace: float) -> None:
        """Claim nothing more; let what runs finish within ``grace`` seconds, then cancel it."""
        self._stop.set()
        self.ring()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def _free(self) -> bool:
        return len(self._tasks) < self._width

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("work failed", queue=self._name, exc_info=error)
        self.ring()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(IDLE):
                await self._bell.wait()
        except TimeoutError:
            return
