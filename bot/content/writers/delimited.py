"""Writer of CSV and TSV, so that Excel shows Japanese and runs nothing."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Literal

from bot.content.columns import COLUMNS
from bot.content.writers.cells import cells
from bot.domain.entry import Entry

# What a spreadsheet runs as a formula, and what is protected already: reading takes off one "'".
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def write(entries: Sequence[Entry], delimiter: Literal[",", "\t"]) -> bytes:
    """Return a table of the entries in UTF-8 with a byte order mark, which Excel needs."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=delimiter)
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([_protect(cell) for cell in cells(entry)])
    return table.getvalue().encode("utf-8-sig")


def _protect(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell
