"""CSV and TSV: read strictly, written so that Excel shows Japanese and runs nothing."""

import csv
import io
import re
from collections.abc import Sequence

from bot.content.columns import Row, row_of_cells, table
from bot.content.problems import ContentError, parser_says
from bot.content.source import MOST_ABOVE, Opened
from bot.domain.entry import Entry

# What a spreadsheet runs as a formula, and what is protected already: reading takes off one "'".
# Excel in Japanese takes full-width signs for the same.
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠﹦﹢﹣﹫−]")


def read(file: Opened) -> tuple[Row, ...]:
    """Return the rows below the header row."""
    columns: tuple[str | None, ...] = ()
    rows = []
    records = [(n, cells) for n, cells in _records(file) if any(cell.strip() for cell in cells)]
    names = (n for n, cells in records[:MOST_ABOVE] if file.headers.name_columns(cells))
    header = next(names, 0)
    for line, cells in records:
        where = file.at(line)
        if line < header:
            file.findings.note(where, "table.above")
        elif not columns:
            columns = file.headers.resolve(cells, where)
        elif len(cells) != len(columns):
            file.findings.problem(where, "table.cells", cells=len(cells), expected=len(columns))
        else:
            rows.append(row_of_cells(columns, [_unprotected(cell) for cell in cells], where))
        if any(cell.strip() for cell, name in zip(cells, columns, strict=False) if name is None):
            file.findings.problem(where, "table.unnamed")
    return tuple(rows)


def _records(file: Opened) -> list[tuple[int, list[str]]]:
    """Return each record with the line it begins on."""
    text, delimiter = file.text, file.separator
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
            raise ContentError.at(file.at(opening), "table.open_quote") from None
        raise ContentError.at(
            file.at(line), "table.bad_row", reason=parser_says(str(error))
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


def _unprotected(cell: str) -> str:
    """Take off the one ``'`` that keeps a spreadsheet from running the cell as a formula."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write(entries: Sequence[Entry], name: str) -> bytes:
    """Return a table of the entries in UTF-8 with a byte order mark, which Excel needs.

    Args:
        entries: What to write.
        name: Of the file; its suffix says whether tabs separate the cells.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter="\t" if name.lower().endswith(".tsv") else ",")
    writer.writerows(map(_protected, row) for row in table(entries, name))
    return file.getvalue().encode("utf-8-sig")


def _protected(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell
