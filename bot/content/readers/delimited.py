"""Reader of CSV and TSV, strictly: a row that doesn't fit refuses the file."""

import csv
import io
import re
from typing import Literal

from bot.content.columns import Headers, Row, row_of_cells
from bot.content.errors import ContentError, Findings, Where, parser_says
from bot.content.source import Source

_PROTECTED = re.compile(r"'+[=+\-@\t\r]")


def read(
    source: Source,
    text: str,
    findings: Findings,
    headers: Headers,
    delimiter: Literal[",", "\t"],
) -> tuple[Row, ...]:
    """Return the rows below the header row."""
    columns: tuple[str | None, ...] = ()
    rows = []
    for line, cells in _records(source, text, delimiter):
        where = Where(source.name, row=line)
        if not any(cell.strip() for cell in cells):
            continue
        if not columns:
            columns = headers.resolve(cells, where)
        elif len(cells) != len(columns):
            findings.problem(where, "table.cells", cells=len(cells), expected=len(columns))
        else:
            rows.append(row_of_cells(columns, [_unprotect(cell) for cell in cells], where))
        if any(cell.strip() for cell, name in zip(cells, columns, strict=False) if name is None):
            findings.problem(where, "table.unnamed")
    return tuple(rows)


def _records(source: Source, text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return each record with the line it begins on."""
    # The csv module's own limit is one for the whole process; the text gate limits cells.
    limit = csv.field_size_limit(len(text) + 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records = []
    line = 1
    try:
        for cells in reader:
            records.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        opening = _open_quote(text, line, delimiter)
        if opening:
            raise ContentError.at(Where(source.name, row=opening), "table.open_quote") from None
        raise ContentError.at(
            Where(source.name, row=line), "table.bad_row", reason=parser_says(str(error))
        ) from None
    finally:
        csv.field_size_limit(limit)
    return records


def _open_quote(text: str, line: int, delimiter: str) -> int:
    """Return the line of the quote that stays open in the record from a line on; 0 if none does."""
    opened = 0
    begins_cell = True
    for number, content in enumerate(io.StringIO(text, newline=None), start=1):
        if number < line:
            continue
        rest = content.replace('""', "") if opened else content
        for char in rest:
            if char == '"' and (opened or begins_cell):
                opened = 0 if opened else number
            begins_cell = not opened and char in f"{delimiter}\n"
    return opened


def _unprotect(cell: str) -> str:
    """Take off the one ``'`` that keeps a spreadsheet from running the cell as a formula."""
    return cell[1:] if _PROTECTED.match(cell) else cell
