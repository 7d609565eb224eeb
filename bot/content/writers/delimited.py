"""Writer of CSV and TSV, so that Excel shows Japanese and runs nothing."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Literal

from bot.content.writers.cells import table
from bot.domain.entry import Entry

# What a spreadsheet runs as a formula, and what is protected already: reading takes off one "'".
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def write(entries: Sequence[Entry], name: str, delimiter: Literal[",", "\t"]) -> bytes:
    """Return a table of the entries in UTF-8 with a byte order mark, which Excel needs."""
    columns, rows = table(entries, name)
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows([_protect(cell) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _protect(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell
