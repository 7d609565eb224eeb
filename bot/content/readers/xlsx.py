"""Reader of Excel workbooks: guarded before it is opened, then row by row."""

import datetime
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from bot.content.columns import REQUIRED, Row, column_of, resolve, row_of_cells
from bot.content.errors import ContentError, Findings, Where
from bot.content.source import Source

MOST_MEMBERS = 500
MOST_UNPACKED = 50 * 1024 * 1024
HIGHEST_RATIO = 100
# Below this size a file can't do harm, and a few long texts compress better than the ratio.
RATIO_FROM = 1024 * 1024
MOST_COLUMNS = 64
MOST_ROWS = 20_000

_SAVE = "Open it in Excel and save it as an Excel workbook (.xlsx)."
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


def read(source: Source, findings: Findings) -> tuple[Row, ...]:
    """Return the rows of every sheet whose first row names question and answer.

    Raises:
        ContentError: It is no workbook, a broken one, or one that would unpack to too much.
    """
    try:
        _guard(source)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl can't keep doesn't concern the texts
            return _Workbook(source, findings).rows()
    except _BROKEN as error:
        # openpyxl wraps most errors in ValueError, which DefusedXmlException is itself.
        if isinstance(error, DefusedXmlException) or isinstance(
            error.__cause__, DefusedXmlException
        ):
            message = "the workbook defines XML entities, which none needs."
        else:
            message = "this is a ZIP file, but no whole Excel workbook."
        raise ContentError.at(source.where, message, _SAVE) from error


def _guard(source: Source) -> None:
    """Refuse an archive that would unpack to too much, by its directory alone."""
    with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
        members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    found = ""
    if len(members) > MOST_MEMBERS:
        found = f"{len(members):,} files inside, {MOST_MEMBERS} are allowed"
    elif unpacked > MOST_UNPACKED:
        limit = MOST_UNPACKED // 1024 // 1024
        found = f"it unpacks to {unpacked / 1024 / 1024:,.0f} MB, {limit} MB are allowed"
    elif unpacked > RATIO_FROM and unpacked > HIGHEST_RATIO * packed:
        found = f"it unpacks to more than {HIGHEST_RATIO} times its size"
    if found:
        raise ContentError.at(
            source.where, f"{found}.", "Copy the rows with entries into a new workbook."
        )


class _Workbook:
    """One workbook, opened as it is stored and, where it has formulas, with their results."""

    def __init__(self, source: Source, findings: Findings) -> None:
        self._source = source
        self._findings = findings

    def rows(self) -> tuple[Row, ...]:
        rows: list[Row] = []
        names = []
        ignored: dict[str, _Grid] = {}
        book = self._open(results=False)
        for sheet in book.worksheets:
            grid = list(self._grid(sheet))
            header = next((number for number, cells in grid if _names_columns(cells)), 0)
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
                self._source.where,
                f"read sheet {', '.join(names)}; without columns question and answer, so not read: "
                f"{', '.join(ignored)}.",
            )
        return tuple(rows)

    def _refuse_headers(self, sheets: dict[str, _Grid]) -> None:
        """Say what is wrong with the first row of each sheet, none of which can be read."""
        if not sheets:
            self._findings.problem(self._source.where, "the workbook is empty.", "Fill it in.")
        for title, grid in sheets.items():
            number, cells = grid[0]
            try:
                resolve(_headers(cells), Where(self._source.name, title, number))
            except ContentError as error:
                self._findings.problems += str(error).split("\n")

    def _open(self, *, results: bool) -> Workbook:
        return load_workbook(
            io.BytesIO(self._source.data), read_only=True, data_only=results, keep_links=False
        )

    def _grid(self, sheet: object) -> Iterator[_Numbered]:
        """Yield the rows that aren't blank with their numbers."""
        assert isinstance(sheet, ReadOnlyWorksheet)
        sheet.reset_dimensions()  # a stale one hides rows
        for number, cells in enumerate(sheet.rows, start=1):
            where = Where(self._source.name, sheet.title, number)
            if number > MOST_ROWS:
                raise ContentError.at(
                    where, f"more than {MOST_ROWS:,} rows.", "Delete the rows below the entries."
                )
            if all(cell.value is None for cell in cells):
                continue
            if any(cell.value is not None for cell in cells[MOST_COLUMNS:]):
                raise ContentError.at(
                    where, f"more than {MOST_COLUMNS} columns.", "Delete those without entries."
                )
            yield number, cells[:MOST_COLUMNS]

    def _sheet(self, title: str, grid: _Grid, header: int) -> Iterator[Row]:
        """Yield a sheet's rows below its header."""
        columns: tuple[str | None, ...] = ()
        for number, cells in self._with_results(title, grid):
            where = Where(self._source.name, title, number)
            if number < header:
                self._findings.note(where, "a row above the header was not read.")
            elif number == header:
                columns = resolve(_headers(cells), where)
            else:
                texts = [
                    self._shown(cell, where.at(column or ""))
                    for cell, column in zip(cells, columns, strict=False)
                ]
                texts += [""] * (len(columns) - len(texts))
                unnamed = [t for t, column in zip(texts, columns, strict=True) if not column]
                if any(unnamed) or any(cell.value is not None for cell in cells[len(columns) :]):
                    self._findings.problem(
                        where, "a cell in a column without a name.", "Name it, or empty it."
                    )
                if any(text.strip() for text in texts):
                    yield row_of_cells(columns, texts, where)

    def _with_results(self, title: str, grid: _Grid) -> _Grid:
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
        for number, column in formulas:
            cells = results.get(number, ())
            if column >= len(cells) or cells[column].value is None:
                self._findings.problem(
                    Where(self._source.name, title, number, get_column_letter(column + 1)),
                    "a formula without a stored result.",
                    "Replace it by its value (paste as values), or save the file in Excel.",
                )
        book.close()
        return [(number, results.get(number, ())) for number, _ in grid]

    def _shown(self, cell: _Cell, where: Where) -> str:
        """Return what Excel shows for a cell."""
        value = cell.value
        if cell.data_type == "e":
            self._findings.problem(where, f"the cell shows the error {value}.", "Mend it.")
            return ""
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
            self._findings.problem(
                where,
                f"a number shown by the format {format_!r}.",
                "Format the cell as text, and type what it shall say.",
            )
            return ""
        decimals = len(found["decimals"] or "")
        width = len(found["zeros"]) + (decimals + 1 if decimals else 0)
        comma = "," if found["thousands"] else ""
        shown = value * 100 if found["percent"] else value
        text = f"{abs(shown):0{width}{comma}.{decimals}f}" + ("%" if found["percent"] else "")
        return f"-{text}" if shown < 0 else text


def _headers(cells: tuple[_Cell, ...]) -> list[str]:
    return [str(cell.value or "") for cell in cells]


def _names_columns(cells: tuple[_Cell, ...]) -> bool:
    return set(map(column_of, _headers(cells))).issuperset(REQUIRED)
