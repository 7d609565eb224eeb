"""Excel workbooks: guarded before one is opened, written so that nothing runs or is reformatted."""

import io
import zipfile
import zlib
from collections.abc import Sequence
from urllib.parse import unquote
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from bot.content.columns import LEFT_OUT, Row, lines, row_of_cells, table
from bot.content.formats.shown import iso_date, shown
from bot.content.formats.spreadsheetml import Book, Cell, Sheet, TooLarge, escaped
from bot.content.problems import ContentError, Where
from bot.content.source import Opened, Source
from bot.domain.entry import Entry
from bot.domain.links import is_address
from bot.domain.text import utf16_length

MOST_MEMBERS = 500
MOST_UNPACKED = 50 * 1024 * 1024
HIGHEST_RATIO = 100
# Below this size a file can't do harm, and a few long texts compress better than the ratio.
RATIO_FROM = 1024 * 1024
MOST_COLUMNS = 64
MOST_ROWS = 20_000

SHEET = "FAQ"
LONGEST = 32_767
"""UTF-16 units that a cell of Excel holds; openpyxl would cut the rest without a word."""

_WIDTHS = {"A": 16, "B": 16, "C": 30, "D": 60, "E": 80, "F": 40, "G": 40, "H": 20, "I": 12}

# What a broken archive or part of one may raise.
_BROKEN = (
    zipfile.BadZipFile,
    ParseError,
    zlib.error,
    EOFError,
    LookupError,
    NotImplementedError,  # an unknown way of packing
    OSError,
    RuntimeError,  # an encrypted member
    ValueError,
)


def read(file: Opened) -> tuple[Row, ...]:
    """Return the rows of every sheet with a row that names question and answer.

    Raises:
        ContentError: It is no workbook, a broken one, or one that would unpack to too much.
    """
    where = file.source.where
    try:
        with zipfile.ZipFile(io.BytesIO(file.source.data)) as archive:
            _guard(file.source, archive)
            book = Book(archive, MOST_ROWS, MOST_COLUMNS)
            sheets = [sheet for sheet in book.sheets() if sheet.rows]
        tables = {sheet.title: header for sheet in sheets if (header := _header(file, sheet))}
        if not tables:
            _refuse_headers(file, sheets)
        elif others := [sheet.title for sheet in sheets if sheet.title not in tables]:
            names = ", ".join(tables)
            file.findings.note(where, "xlsx.sheets", read=names, others=", ".join(others))
        return tuple(
            row
            for sheet in sheets
            if sheet.title in tables
            for row in _Table(file, sheet, tables[sheet.title], book.since_1904).rows()
        )
    except DefusedXmlException as error:
        raise ContentError.at(where, "xlsx.entities") from error
    except TooLarge as error:
        limit = MOST_ROWS if error.key == "xlsx.rows" else MOST_COLUMNS
        at = file.at(error.row, sheet=error.sheet)
        raise ContentError.at(at, error.key, limit=limit) from None
    except _BROKEN as error:
        raise ContentError.at(where, "xlsx.broken") from error


def _guard(source: Source, archive: zipfile.ZipFile) -> None:
    """Refuse an archive that would unpack to too much, by its directory alone."""
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > MOST_MEMBERS:
        raise ContentError.at(source.where, "xlsx.members", count=len(members), limit=MOST_MEMBERS)
    if unpacked > MOST_UNPACKED:
        megabytes, limit = (size / 1024 / 1024 for size in (unpacked, MOST_UNPACKED))
        raise ContentError.at(source.where, "xlsx.unpacked", size=megabytes, limit=limit)
    if unpacked > RATIO_FROM and unpacked > HIGHEST_RATIO * packed:
        raise ContentError.at(source.where, "xlsx.ratio", limit=HIGHEST_RATIO)


def _header(file: Opened, sheet: Sheet) -> int:
    """Return the number of the row that names the columns; 0 if there is none."""
    for number, cells in sheet.rows.items():
        if file.headers.name_columns(_headers(cells)):
            return number
    return 0


def _headers(cells: dict[int, Cell]) -> list[str]:
    return [cells[at].text if at in cells else "" for at in range(1, max(cells) + 1)]


def _refuse_headers(file: Opened, sheets: Sequence[Sheet]) -> None:
    """Say what is wrong with the first row of each sheet, none of which can be read."""
    if not sheets:
        file.findings.problem(file.source.where, "xlsx.empty")
    for sheet in sheets:
        number, cells = next(iter(sheet.rows.items()))
        try:
            file.headers.resolve(_headers(cells), file.at(number, sheet=sheet.title))
        except ContentError as error:
            file.findings.problems += error.problems


class _Table:
    """A sheet that is read."""

    def __init__(self, file: Opened, sheet: Sheet, header: int, since_1904: bool) -> None:
        self._file = file
        self._sheet = sheet
        self._header = header
        self._since_1904 = since_1904
        headers = _headers(sheet.rows[header])
        self._columns = file.headers.resolve(headers, self._at(header))
        self._links = 0

    def rows(self) -> list[Row]:
        """Return the rows below the header; what Excel doesn't show is read with a note."""
        rows = []
        for number, cells in self._sheet.rows.items():
            if number < self._header:
                self._note("table.above", number)
            elif number > self._header and (row := self._row(number, cells)):
                rows.append(row)
        if self._sheet.hidden:
            self._note("xlsx.hidden_sheet", entries=len(rows))
        hidden = self._sheet.hidden_rows & {row.where.row for row in rows}
        if hidden:
            self._note("xlsx.hidden_rows", rows=", ".join(map(str, sorted(hidden))))
        for at in sorted(self._sheet.hidden_columns):
            if at <= len(self._columns) and self._columns[at - 1]:
                self._note("xlsx.hidden_column", letter=get_column_letter(at))
        if self._links:
            self._note("xlsx.links", count=self._links)
        return rows

    def _row(self, number: int, cells: dict[int, Cell]) -> Row | None:
        """Return a row; None for a blank one, and for one that a formula makes unreadable."""
        problems = len(self._file.findings.problems)
        texts = []
        behind: list[str] = []
        for at, column in enumerate(self._columns, start=1):
            cell = cells.get(at)
            if cell is None or column == LEFT_OUT:
                texts.append("")
                continue
            text = self._shown(cell, column or "", number, at)
            if cell.link and column and self._is_behind(cell.link, text, number, column):
                if column == "links":
                    text = (
                        f"{text}\n{cell.link}" if any(map(is_address, lines(text))) else cell.link
                    )
                else:
                    behind.append(cell.link)
            texts.append(text)
        unnamed = any(t for t, column in zip(texts, self._columns, strict=True) if column is None)
        if unnamed or any(at > len(self._columns) for at in cells):
            self._file.findings.problem(self._at(number), "table.unnamed")
        formulas = any(cell.kind == "formula" for cell in cells.values())
        if formulas and len(self._file.findings.problems) > problems:
            return None  # that its cells are empty need not be said too
        if not any(text.strip() for text in texts):
            return None
        return row_of_cells(self._columns, texts, self._at(number), tuple(behind))

    def _shown(self, cell: Cell, column: str, number: int, at: int) -> str:
        """Return what Excel shows in a cell; of a date that is to be one, the date."""
        problem = self._file.findings.problem
        match cell.kind:
            case "text":
                return cell.text
            case "error":
                problem(self._at(number, column), "xlsx.error", error=cell.text)
            case "formula":
                problem(self._at(number, get_column_letter(at)), "xlsx.no_result")
            case "number":
                value = float(cell.text)
                text = shown(value, cell.format, since_1904=self._since_1904)
                if column == "updated":
                    text = iso_date(value, cell.format, since_1904=self._since_1904) or text
                if text is not None:
                    return text
                problem(self._at(number, column), "xlsx.format", format=cell.format)
        return "-"

    def _is_behind(self, link: str, text: str, number: int, column: str) -> bool:
        """Whether an address isn't to be seen in its cell, and may be kept."""
        if unquote(link).rstrip("/").removeprefix("mailto:") in unquote(text):
            return False
        if not is_address(link):
            self._note("entry.unsafe_link", number, column, link=link[:60])
            return False
        self._links += 1
        return True

    def _at(self, number: int, column: str = "") -> Where:
        return self._file.at(number, column, self._sheet.title)

    def _note(self, key: str, number: int = 0, column: str = "", **values: object) -> None:
        self._file.findings.note(self._at(number, column), key, **values)


def write(entries: Sequence[Entry], name: str) -> bytes:
    """Return a workbook with one sheet of the entries.

    Raises:
        ContentError: A cell would be longer than Excel can hold; ``name`` is the file to blame.
    """
    rows = table(entries, name)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    sheet.freeze_panes = "A2"
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    for row, texts in enumerate(rows, start=1):
        for number, text in enumerate(map(escaped, texts), start=1):
            length = utf16_length(text)
            if length > LONGEST:
                raise ContentError.at(
                    Where(name, SHEET, row, rows[0][number - 1]),
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
