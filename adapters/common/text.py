"""Texts that are too long: cut into parts that a platform accepts, or a terminal's lines."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from bot.domain import links
from bot.domain.text import MARKS, utf16_length

WIDTH = 80
"""Columns of what a command prints."""

# A sentence ends behind its mark and whatever closes it; a line ends behind its break.
_SENTENCE_END = re.compile(r"[。！？!?]+[」』）)】\"”’]*|\n+")
_CLAUSE_END = re.compile(r"[、，,;；：]|[ \t\u3000]+")
# Nor is an address cut: a code fence, an entity, a character with what belongs to it.
_WHOLE = re.compile(
    r"```.*?```"
    r"|&(?:amp|lt|gt);"
    rf"|.(?:[{MARKS}]|\u200d.)+",
    re.DOTALL,
)
_MAY_HANG = "。、，．」』）)]!?！？"
_PIECE = re.compile(rf"\s*(?:[!-~]+|\S)[{re.escape(_MAY_HANG)}]*")


def split(text: str, limit: int) -> tuple[str, ...]:
    """Cut a text into parts of at most ``limit`` UTF-16 units; joined they are the text again.

    A part ends with a sentence or a line; where none ends in reach, with a clause; else anywhere
    but in a code fence, an address, an entity or a character. Only what is longer than the limit
    itself is cut inside.

    Args:
        text: Any text.
        limit: The longest part in UTF-16 units, at least 2.

    Returns:
        The parts, none of them empty; no part for the empty text.
    """
    if utf16_length(text) <= limit:
        return (text,) if text else ()
    inside = _inside(text)
    sentences, clauses = _ends(_SENTENCE_END, text, inside), _ends(_CLAUSE_END, text, inside)
    anywhere = [at for at in range(1, len(text)) if at not in inside]
    offsets = list(accumulate((2 if char > "\uffff" else 1 for char in text), initial=0))
    parts = []
    start = 0
    while start < len(text):
        reach = bisect_right(offsets, offsets[start] + limit) - 1
        end = reach
        if reach < len(text):
            cuts = (_last(ends, start, reach) for ends in (sentences, clauses, anywhere))
            end = next((cut for cut in cuts if cut is not None), reach)
        parts.append(text[start:end])
        start = end
    return tuple(parts)


def joined(lines: Iterable[str], limit: int) -> Iterator[str]:
    """Join lines into parts of at most ``limit`` UTF-16 units; a longer line is one of its own."""
    part: list[str] = []
    for line in lines:
        if part and utf16_length("\n".join((*part, line))) > limit:
            yield "\n".join(part)
            part = []
        part.append(line)
    if part:
        yield "\n".join(part)


def _inside(text: str) -> frozenset[int]:
    """Return the offsets at which a cut would break something that belongs together."""
    wholes = (*links.spans(text), *(whole.span() for whole in _WHOLE.finditer(text)))
    return frozenset(at for start, end in wholes for at in range(start + 1, end))


def _ends(pattern: re.Pattern[str], text: str, inside: frozenset[int]) -> list[int]:
    return [found.end() for found in pattern.finditer(text) if found.end() not in inside]


def _last(ends: list[int], start: int, reach: int) -> int | None:
    """Return the last of the ascending offsets in (start, reach]; None where there is none."""
    index = bisect_right(ends, reach) - 1
    return ends[index] if index >= 0 and ends[index] > start else None


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
