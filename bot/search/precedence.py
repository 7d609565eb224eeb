"""Questions go first: who makes the next state of the FAQ lets them pass."""

import threading
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

TURN = 0.01
"""Seconds that the work waits at most, longer than a question takes, and then goes on at least."""

T = TypeVar("T")


class Precedence:
    """Lets questions go first where another thread works at something long.

    Python runs one thread at a time, and gives each the same share: beside a FAQ that is being
    indexed a question would take twice as long. So the questions under way are counted, and between
    the small steps of its work the other thread waits until there is none:

        with questions:                             # each question
            ...
        for entry in questions.between(entries):    # the work
            ...

    If they never end, both take turns, so that the work gets done as well.
    """

    def __init__(self) -> None:
        self._under_way = 0
        self._lock = threading.Lock()
        self._none_left = threading.Condition(self._lock)
        self._work_until = 0.0

    def __enter__(self) -> None:
        with self._lock:
            self._under_way += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._under_way -= 1
            if not self._under_way:
                self._none_left.notify_all()

    def between(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items of some work, each when no question is under way."""
        for item in items:
            if self._under_way:
                self._give_way()
            yield item

    def _give_way(self) -> None:
        if time.monotonic() < self._work_until:
            return
        with self._none_left:
            if not self._none_left.wait_for(lambda: not self._under_way, TURN):
                self._work_until = time.monotonic() + TURN


NOBODY = Precedence()
"""For what is made while nobody can ask."""
