"""How to give way: waits before what failed is tried again, threads that let others go first."""

import os
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

JITTER = 0.25
"""By which share a wait may be longer than it would be without chance."""
BEHIND = 10
"""By how much nicer a thread is that gives way: to Linux it counts a tenth of the others."""
SHORT_TURN, TURN = 0.0001, 0.005
"""Seconds after which a thread that works in Python lets another one go on; 0.005 is Python's own.
"""


class Backoff:
    """Waits that double with each failure and vary a little, so that many don't come back at once.

    Args:
        first: Seconds of the shortest wait; none is ever shorter.
        most: Seconds of the longest.

    Attributes:
        most: Seconds of the longest; it may be changed.
        tries: How often it was waited since the last ``reset``.
    """

    def __init__(self, first: float, most: float) -> None:
        self._first = first
        self.most = most
        self.tries = 0

    def next(self) -> float:
        """Return the seconds to wait now."""
        self.tries += 1
        return wait_after(self.tries, self._first, self.most)

    def reset(self) -> None:
        """Begin anew with the shortest wait: it has worked."""
        self.tries = 0


def wait_after(tries: int, first: float, most: float) -> float:
    """Return the seconds to wait after so many tries, at least one; as for ``Backoff``."""
    doubled = first * 2.0 ** min(tries - 1, 60)
    longer = random.uniform(1, 1 + JITTER)  # noqa: S311  # no secret
    return max(first, min(doubled, most / (1 + JITTER)) * longer)


def give_way() -> None:
    """Let all other threads, those of other processes too, go before the one that calls this.

    Searching and getting ready to search take most of the processor's time. Where that is short,
    what comes in would wait for it to be acknowledged, and a platform waits no longer than three
    seconds. Only Linux knows priorities of threads; elsewhere this does nothing.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with suppress(OSError):  # a sandbox may forbid it: then all wait alike, as elsewhere
            behind = os.getpriority(os.PRIO_PROCESS, thread) + BEHIND
            os.setpriority(os.PRIO_PROCESS, thread, behind)


@contextmanager
def taking_turns() -> Iterator[None]:
    """Let all threads take turns quickly while this one works for long in Python.

    A question asks for its turn anew after each call that lets other threads go on, several times.
    While a changed FAQ is analysed in another thread, each time would be a wait for up to 5 ms. At
    all times short turns would cost more than they bring, as to change threads takes its time.
    Where two such contexts overlap, the one that ends last goes on with long ones.
    """
    sys.setswitchinterval(SHORT_TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(TURN)
