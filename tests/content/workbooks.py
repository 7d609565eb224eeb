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


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def stored(
    *rows: str,
    strings: Sequence[str] = (),
    styles: str = "",
    book: str = "",
    main: str = MAIN,
    office: str = OFFICE,
) -> bytes:
    """Return a workbook whose parts are written here, as other programs than ours write them.

    Args:
        rows: The cells of each row, from the second on; the first names question and answer.
        strings: What is in each ``si`` of the shared strings.
        styles: What is in the style sheet.
        book: What stands before the sheets in the workbook.
        main: The namespace of all parts.
        office: That of what relates them.
    """
    header = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("質問", "回答"))
    data = "".join(f"<row>{cells}</row>" for cells in (header, *rows))
    items = "".join(f"<si>{item}</si>" for item in strings)
    relations = "".join(
        f'<Relationship Id="{id_}" Type="{office}/{kind}" Target="{target}"/>'
        for id_, kind, target in (
            ("a", "worksheet", "worksheets/sheet1.xml"),
            ("b", "sharedStrings", "/xl/sharedStrings.xml"),
            ("c", "styles", "styles.xml"),
        )
    )
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">{book}<sheets>'
        '<sheet name="FAQ" sheetId="1" r:id="a"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships>{relations}</Relationships>",
        SHEET: f'<worksheet xmlns="{main}"><sheetData>{data}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{items}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}">{styles}</styleSheet>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def text(value: str) -> str:
    """Return a cell with a text of its own."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'
