"""Time that is made up, for one loop and all that looks at a clock; and no threads beside it."""

import asyncio
import logging
import selectors
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

from bot.desk import offload, running
from bot.store import Database, Transaction, schema

T = TypeVar("T")

BEGINNING = 1_000_000.0
LOOKS = 4.0
"""Seconds between two looks at a queue where nobody rings: fewer than there are, for speed."""


class Inline(Executor):
    """Does everything at once: a thread would bring chance into the order of things."""

    def submit(self, job: Callable[..., T], /, *given: Any, **_: Any) -> "Future[T]":
        future: Future[T] = Future()
        try:
            future.set_result(job())
        except BaseException as error:  # noqa: BLE001  # raised where the result is awaited
            future.set_exception(error)
        return future


class InlineWriter:
    """The database's thread without a thread: each transaction as soon as it is wanted."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._inline = Inline()

    def submit(
        self, work: Callable[[Transaction], T], urgency: offload.Urgency
    ) -> "asyncio.Future[T]":
        return asyncio.wrap_future(self._inline.submit(lambda: self._database.transact(work)))

    def close(self, within: float) -> None:
        """Close the database; nothing waits."""
        self._database.close()


class Searchers(Inline):
    """The same for searches, which come with what they are given."""

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__()

    def submit(self, job: Callable[..., T], /, *given: Any, **named: Any) -> "Future[T]":
        return super().submit(lambda: job(*given, **named))


class MadeUpTime(selectors.DefaultSelector):
    """Where a loop would wait, time has gone by instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGINNING
        self.set = 0.0  # by how many seconds the wall clock is wrong

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("nothing will ever happen any more")
            self.now += max(timeout, 1e-6)
        return ready


@contextmanager
def made_up_time(clock: MadeUpTime) -> Iterator[None]:
    """Let the bot live in made-up time, and without threads."""

    def now() -> float:
        return clock.now

    class Wall(dict[str, str]):
        """The statement that tells SQLite's time, made anew each time."""

        def __getitem__(self, _: str) -> str:
            return f"SELECT {1.7e9 + clock.now + clock.set!r}"

    with ExitStack() as stack:
        for where, name, value in (
            (time, "monotonic", now),
            (offload, "Writer", InlineWriter),
            (offload, "ThreadPoolExecutor", Searchers),
            (schema, "CLOCK", Wall()),
            (running, "IDLE", LOOKS),
            (running, "MEASURE_EVERY", LOOKS),
            (running, "QUIET", 10 * LOOKS),
            (offload, "WATCH_EVERY", LOOKS),
        ):
            stack.enter_context(patch.object(where, name, value))
        before = logging.root.manager.disable
        logging.disable(logging.CRITICAL)
        stack.callback(logging.disable, before)
        yield
