"""How long to wait before what failed is tried again."""

import random


class Backoff:
    """Waits that double with each failure and vary a little, so that many don't come back at once.

    Args:
        first: Seconds of the shortest wait; none is ever shorter.
        most: Seconds of the longest.
        jitter: By which share a wait may be longer than it would be without chance.

    Attributes:
        most: Seconds of the longest; it may be changed.
        tries: How often it was waited since the last ``reset``.
    """

    def __init__(self, first: float, most: float, jitter: float = 0.25) -> None:
        self._first = first
        self.most = most
        self._jitter = jitter
        self.tries = 0

    def next(self) -> float:
        """Return the seconds to wait now."""
        doubled = self._first * 2.0 ** min(self.tries, 60)
        self.tries += 1
        longer = random.uniform(1, 1 + self._jitter)  # noqa: S311  # no secret
        return max(self._first, min(doubled, self.most / (1 + self._jitter)) * longer)

    def reset(self) -> None:
        """Begin anew with the shortest wait: it has worked."""
        self.tries = 0
