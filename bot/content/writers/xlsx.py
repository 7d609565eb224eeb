"""Writer of Excel workbooks: every cell is text, so nothing runs and nothing is reformatted."""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from bot.content.errors import ContentError, Where
from bot.content.writers.cells import table
from bot.domain.entry import Entry

SHEET = "FAQ"
LONGEST = 32_767
"""UTF-16 units that a cell of Excel holds; openpyxl would cut the rest without a word."""

_WIDTHS = {"A": 16, "B": 16, "C": 30, "D": 60, "E": 80, "F": 40, "G": 40, "H": 20, "I": 12}


def write(entries: Sequence[Entry], name: str) -> bytes:
    """Return a workbook with one sheet of the entries.

    Raises:
        ContentError: A cell would be longer than Excel can hold; ``name`` is the file to blame.
    """
    columns, rows = table(entries, name)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    sheet.freeze_panes = "A2"
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    for row, texts in enumerate([columns, *rows], start=1):
        for number, text in enumerate(texts, start=1):
            length = len(text.encode("utf-16-le")) // 2
            if length > LONGEST:
                raise ContentError.at(
                    Where(name, SHEET, row, columns[number - 1]),
                    "export.long_cell",
                    id=texts[0],
                    length=length,
                    limit=LONGEST,
                )
            cell = sheet.cell(row, number, text)
            cell.data_type = "s"  # else "=..." would become a formula
            cell.number_format = "@"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=row == 1)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
