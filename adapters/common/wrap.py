"""Lines of a terminal's width: a Japanese character takes two columns."""

import re
import unicodedata
from collections.abc import Iterator

WIDTH = 80
"""Columns of what a command prints."""

_MAY_HANG = "。、，．」』）)]!?！？"
_PIECE = re.compile(rf"\s*(?:[!-~]+|\S)[{re.escape(_MAY_HANG)}]*")


def wrapped(text: str, width: int, indent: str = "") -> Iterator[str]:
    """Yield the lines of a text; an empty line stays one.

    A line may break between any two characters, but not inside a Latin word or before 。 and 」
    (JIS X 4051); such marks hang over by up to two columns.
    """
    for paragraph in text.split("\n"):
        line = indent
        for found in _PIECE.findall(paragraph):
            piece: str = found
            if columns(line + piece.rstrip(_MAY_HANG)) > width - 2 and line.strip():
                yield line.rstrip()
                line = indent
                piece = piece.lstrip()
            line += piece
        yield line.rstrip()


def columns(text: str) -> int:
    """Return how many columns a text takes."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def padded(text: str, width: int) -> str:
    """Fill a text with blanks up to so many columns."""
    return text + " " * (width - columns(text))
