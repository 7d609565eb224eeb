"""Excel workbooks: guarded before one is opened, written so that nothing runs or is reformatted."""

import datetime
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from bot.content.columns import LEFT_OUT, REQUIRED, Row, row_of_cells, table
from bot.content.problems import ContentError, Where
from bot.content.source import Opened, Source
from bot.domain.entry import Entry

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

# openpyxl has no error of its own for a broken workbook.
_BROKEN = (
    zipfile.BadZipFile,
    InvalidFileException,
    ParseError,
    zlib.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    RuntimeError,  # an encrypted member
    OSError,
    TypeError,
    ValueError,
)
_NUMBER = re.compile(r"(?P<thousands>#,##)?(?P<zeros>0+)(?:\.(?P<decimals>0+))?(?P<percent>%)?")

_Cell = Cell | MergedCell
_Numbered = tuple[int, tuple[_Cell, ...]]
_Grid = list[_Numbered]


def read(file: Opened) -> tuple[Row, ...]:
    """Return the rows of every sheet whose first row names question and answer.

    Raises:
        ContentError: It is no workbook, a broken one, or one that would unpack to too much.
    """
    try:
        _guard(file.source)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl can't keep doesn't concern the texts
            return _Workbook(file).rows()
    except _BROKEN as error:
        # openpyxl wraps most errors in ValueError, which DefusedXmlException is itself.
        if isinstance(error, DefusedXmlException) or isinstance(
            error.__cause__, DefusedXmlException
        ):
            raise ContentError.at(file.source.where, "xlsx.entities") from error
        raise ContentError.at(file.source.where, "xlsx.broken") from error


def _guard(source: Source) -> None:
    """Refuse an archive that would unpack to too much, by its directory alone."""
    with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
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


class _Workbook:
    """One workbook, opened as it is stored and, where it has formulas, with their results."""

    def __init__(self, file: Opened) -> None:
        self._file = file
        self._findings = file.findings
        self._meaning = file.headers

    def rows(self) -> tuple[Row, ...]:
        rows: list[Row] = []
        names = []
        ignored: dict[str, _Grid] = {}
        book = self._open(results=False)
        for sheet in book.worksheets:
            grid = list(self._grid(sheet))
            header = next((number for number, cells in grid if self._names_columns(cells)), 0)
            if header:
                names.append(sheet.title)
                rows += self._sheet(sheet.title, grid, header)
            elif grid:
                ignored[sheet.title] = grid
        book.close()
        if not names:
            self._refuse_headers(ignored)
        elif ignored:
            self._findings.note(
                self._file.source.where,
                "xlsx.sheets",
                read=", ".join(names),
                others=", ".join(ignored),
            )
        return tuple(rows)

    def _refuse_headers(self, sheets: dict[str, _Grid]) -> None:
        """Say what is wrong with the first row of each sheet, none of which can be read."""
        if not sheets:
            self._findings.problem(self._file.source.where, "xlsx.empty")
        for title, grid in sheets.items():
            number, cells = grid[0]
            try:
                self._meaning.resolve(_headers(cells), self._file.at(number, sheet=title))
            except ContentError as error:
                self._findings.problems += error.problems

    def _names_columns(self, cells: tuple[_Cell, ...]) -> bool:
        return set(map(self._meaning.column_of, _headers(cells))).issuperset(REQUIRED)

    def _open(self, *, results: bool) -> Workbook:
        return load_workbook(
            io.BytesIO(self._file.source.data), read_only=True, data_only=results, keep_links=False
        )

    def _grid(self, sheet: object) -> Iterator[_Numbered]:
        """Yield the rows that aren't blank with their numbers."""
        assert isinstance(sheet, ReadOnlyWorksheet)
        sheet.reset_dimensions()  # a stale one hides rows
        for number, cells in enumerate(sheet.rows, start=1):
            where = self._file.at(number, sheet=sheet.title)
            if number > MOST_ROWS:
                raise ContentError.at(where, "xlsx.rows", limit=MOST_ROWS)
            if all(cell.value is None for cell in cells):
                continue
            if any(cell.value is not None for cell in cells[MOST_COLUMNS:]):
                raise ContentError.at(where, "xlsx.columns", limit=MOST_COLUMNS)
            yield number, cells[:MOST_COLUMNS]

    def _sheet(self, title: str, grid: _Grid, header: int) -> Iterator[Row]:
        """Yield a sheet's rows below its header."""
        columns = self._meaning.resolve(
            _headers(dict(grid)[header]), self._file.at(header, sheet=title)
        )
        for number, cells in self._with_results(title, grid, columns):
            where = self._file.at(number, sheet=title)
            if number < header:
                self._findings.note(where, "xlsx.above")
            elif number > header:
                texts = [
                    "" if column == LEFT_OUT else self._shown(cell, where.at(column or ""))
                    for cell, column in zip(cells, columns, strict=False)
                ]
                texts += [""] * (len(columns) - len(texts))
                unnamed = [t for t, column in zip(texts, columns, strict=True) if column is None]
                if any(unnamed) or any(cell.value is not None for cell in cells[len(columns) :]):
                    self._findings.problem(where, "table.unnamed")
                if any(text.strip() for text in texts):
                    yield row_of_cells(columns, texts, where)

    def _with_results(self, title: str, grid: _Grid, columns: tuple[str | None, ...]) -> _Grid:
        """Return the grid with each formula's stored result; one without is a problem."""
        formulas = [
            (number, column)
            for number, cells in grid
            for column, cell in enumerate(cells)
            if cell.data_type == "f"
        ]
        if not formulas:
            return grid
        book = self._open(results=True)
        results = dict(self._grid(book[title]))
        refused = set()
        for number, column in formulas:
            if columns[column : column + 1] == (LEFT_OUT,):
                continue
            cells = results.get(number, ())
            where = self._file.at(number, get_column_letter(column + 1), title)
            if column >= len(cells) or cells[column].value is None:
                self._findings.problem(where, "xlsx.no_result")
                refused.add(number)  # that its cell is empty need not be said too
        book.close()
        return [
            (number, () if number in refused else results.get(number, ())) for number, _ in grid
        ]

    def _shown(self, cell: _Cell, where: Where) -> str:
        """Return what Excel shows for a cell."""
        value = cell.value
        if cell.data_type == "e":
            self._findings.problem(where, "xlsx.error", error=str(value))
            return "-"
        match value:
            case None:
                return ""
            case str():
                return value
            case bool():
                return str(value).upper()
            case int() | float():
                return self._number(value, str(cell.number_format), where)
            case datetime.datetime() if value.time() == datetime.time():
                return value.date().isoformat()
            case _:
                return str(value)

    def _number(self, value: float, format_: str, where: Where) -> str:
        if format_ in {"General", "@"}:
            return f"{value:.15g}" if abs(value) < 10**15 else f"{value:.0f}"
        found = _NUMBER.fullmatch(format_)
        if not found:
            self._findings.problem(where, "xlsx.format", format=format_)
            return ""
        decimals = len(found["decimals"] or "")
        width = len(found["zeros"]) + (decimals + 1 if decimals else 0)
        comma = "," if found["thousands"] else ""
        shown = value * 100 if found["percent"] else value
        text = f"{abs(shown):0{width}{comma}.{decimals}f}" + ("%" if found["percent"] else "")
        return f"-{text}" if shown < 0 else text


def _headers(cells: tuple[_Cell, ...]) -> list[str]:
    return [str(cell.value or "") for cell in cells]


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
        for number, text in enumerate(texts, start=1):
            length = len(text.encode("utf-16-le")) // 2
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
