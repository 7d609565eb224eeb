"""What every command's start has in common, and each change of the FAQ after it."""

import codecs
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

SWITCH_INTERVAL = 0.0001
"""Seconds after which a thread that works in Python lets another one go on; Python's own: 0.005."""


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


@contextmanager
def replacing() -> Iterator[None]:
    """Make another state of the FAQ in a process that serves.

    As at a start, but by now the process has garbage, and left alone that would stay for good.
    """
    gc.collect()
    with starting():
        yield


def take_short_turns() -> None:
    """Let threads take turns quickly; for a process that serves.

    A question asks for its turn again after each call that lets other threads go on, several times.
    While a changed FAQ is analysed in another thread, each time would be a wait for up to 5 ms.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)


def other_encoding(stream: TextIO) -> str:
    """Return the encoding of standard input or output where it isn't UTF-8; empty where it is."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return "" if codecs.lookup(encoding).name == "utf-8" else encoding
