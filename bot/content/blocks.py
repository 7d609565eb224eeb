"""Lists and tables of HTML: which number an item has, and how far apart cells are."""

import re
from collections.abc import Mapping

from bot.domain.text import numeral

_WIDEST = 20
"""Columns that a cell may take at most."""


class List:
    """A list that is open: where its items begin, to be numbered once all of them are known."""

    def __init__(self, ordered: bool, values: Mapping[str, str | None], depth: int) -> None:
        self._ordered = ordered
        self._start = _whole(values.get("start"))
        self._step = -1 if "reversed" in values else 1
        self._style = values.get("type") or "1"
        self._indent = "  " * depth
        self._items: list[tuple[int | None, int | None]] = []  # where, and which number if given
        self._due = False

    def begin(self, value: str | None) -> None:
        """Note that an item begins."""
        self._items.append((None, _whole(value)))
        self._due = self._ordered

    def mark(self, pieces: list[str]) -> None:
        """Keep a place for the number of the item that has just begun."""
        if self._due:
            self._items[-1] = len(pieces), self._items[-1][1]
            pieces.append("")
            self._due = False

    def number(self, pieces: list[str]) -> None:
        """Write the numbers."""
        first = self._start
        number = first if first is not None else len(self._items) if self._step < 0 else 1
        for at, given in self._items if self._ordered else ():
            number = number if given is None else given
            if at is not None:
                pieces[at] = f"{self._indent}{numeral(number, self._style)}. "
            number += self._step


class Table:
    """A table that is open: in which column its next cell stands."""

    def __init__(self) -> None:
        self._covered: dict[int, int] = {}  # how many rows of a column the cells above take
        self._column = 0  # of the last cell
        self._next = 0

    def row(self) -> None:
        """Note that a row begins."""
        self._covered = {at: rows - 1 for at, rows in self._covered.items() if rows > 1}
        self._column = self._next = 0

    def cell(self, values: Mapping[str, str | None]) -> int:
        """Note that a cell begins, and return how many columns it is to the right of the last."""
        while self._next in self._covered:
            self._next += 1
        moved, self._column = self._next - self._column, self._next
        self._next += min(_whole(values.get("colspan")) or 1, _WIDEST)
        rows = _whole(values.get("rowspan")) or 1
        self._covered |= dict.fromkeys(range(self._column, self._next), rows)
        return moved


def _whole(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\s*-?[0-9]{1,6}\s*", text) else None
