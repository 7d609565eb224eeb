"""Ids that sort by time and never repeat."""

import secrets
import threading
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80


class Ids:
    """Makes ids such as ``01kb6f0v9r0000000000000000``: 48 bits of milliseconds, 80 random bits.

    Within a process each is greater than the one before, also when the clock is put back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def __call__(self) -> str:
        fresh = (time.time_ns() // 1_000_000 << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
        with self._lock:
            self._last = number = max(fresh, self._last + 1)
        return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
