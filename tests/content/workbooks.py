"""Workbooks for tests, some of them as no spreadsheet program would write them."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

HEADER = ("id", "lecturer", "question", "answer")
ROW = ("a-1", "河原 大輔", "合成データは使いますか。", "使います。")
SHEET = "xl/worksheets/sheet1.xml"


def workbook(
    rows: Sequence[Sequence[object]] = (HEADER, ROW),
    change: Callable[[Worksheet], object] = lambda sheet: None,
) -> bytes:
    """Return a workbook with one sheet, FAQ, of these rows."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "FAQ"
    for row in rows:
        sheet.append(list(row))
    change(sheet)
    return saved(book)


def saved(book: Workbook) -> bytes:
    """Return a workbook's bytes."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def edited(data: bytes, member: str, pattern: str, replacement: str) -> bytes:
    """Return the archive with a text in one member replaced; it has to be there."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            text = old.read(name)
            if name == member:
                changed, count = re.subn(pattern, replacement, text.decode(), count=1)
                assert count == 1
                text = changed.encode()
            new.writestr(name, text)
    return file.getvalue()
