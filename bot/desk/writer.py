"""The database's one thread."""

import itertools
from collections.abc import Callable
from concurrent.futures import Future
from enum import IntEnum
from queue import PriorityQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


class Urgency(IntEnum):
    """What goes first. Within one urgency, what came first."""

    WAITED_FOR = 0  # a platform waits for the acknowledgement, or a member for a form
    WORK = 1
    END = 2


class Writer:
    """Runs jobs one at a time in a thread of its own.

    Hundreds of answers may wait to be written; an acknowledgement must not wait behind them.
    """

    def __init__(self) -> None:
        self._jobs: PriorityQueue[tuple[Urgency, int, Callable[[], None] | None]] = PriorityQueue()
        self._numbers = itertools.count()
        self._closed = False
        self._thread = Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], T], urgency: Urgency) -> "Future[T]":
        """Run a job as soon as it is its turn.

        Raises:
            RuntimeError: The writer was closed.
        """
        if self._closed:
            raise RuntimeError("the writer is closed")
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(job())
            except BaseException as error:  # noqa: BLE001  # raised where the result is awaited
                future.set_exception(error)

        self._jobs.put((urgency, next(self._numbers), run))
        return future

    def close(self) -> None:
        """Run what was submitted, then end."""
        self._closed = True
        self._jobs.put((Urgency.END, next(self._numbers), None))
        self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()[2]) is not None:
            job()
