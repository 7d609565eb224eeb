"""What every command's start has in common."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def starting() -> Iterator[None]:
    """Make what lasts as long as the process; as a decorator, make it in a function.

    Modules and a FAQ are 150,000 objects and more, hardly any of them garbage. To look through
    them for it again and again takes a sixth of a start, and later each full collection would hold
    the process for 50 ms; so the collector pauses, and leaves them alone from then on.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
