"""Excel workbooks: guarded before one is opened, written so that nothing runs or is reformatted."""

import io
import itertools
import zipfile
import zlib
from collections.abc import Sequence
from urllib.parse import unquote
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from bot.content.columns import LEFT_OUT, are_nearly_required, table
from bot.content.formats import MOST_ABOVE, Opened
from bot.content.formats.shown import iso_date, shown, shown_text
from bot.content.formats.spreadsheetml import Cell, Sheet, escaped, sheets
from bot.content.problems import ContentError, Findings, Where
from bot.content.rows import Row, is_blank, lines, note_struck, row_of_cells
from bot.content.source import Source
from bot.domain.entry import Entry
from bot.domain.links import is_address
from bot.domain.text import utf16_length

MOST_MEMBERS = 500
MOST_UNPACKED = 50 * 1024 * 1024
HIGHEST_RATIO = 100
# Below this size a file can't do harm, and a few long texts compress better than the ratio.
RATIO_FROM = 1024 * 1024

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
            found = [each for each in sheets(file, archive) if each.rows]
        tables = {sheet.title: header for sheet in found if (header := _header(file, sheet))}
        if not tables:
            _refuse_headers(file, found)
        elif others := [sheet.title for sheet in found if sheet.title not in tables]:
            names = ", ".join(tables)
            file.findings.note(where, "xlsx.sheets", read=names, others=", ".join(others))
        return tuple(
            row
            for sheet in found
            if sheet.title in tables
            for row in _rows(file, sheet, tables[sheet.title])
        )
    except DefusedXmlException as error:
        raise ContentError.at(where, "xlsx.entities") from error
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
    rows = sheet.rows.items()
    return next((n for n, cells in rows if file.headers.name_columns(_headers(cells))), 0)


def _headers(cells: dict[int, Cell]) -> list[str]:
    return [cells[at].text if at in cells else "" for at in range(1, max(cells) + 1)]


def _refuse_headers(file: Opened, found: Sequence[Sheet]) -> None:
    """Say what is wrong with the headers of each sheet, none of which can be read.

    Where some look like questions or answers, nothing is said of the other sheets.
    """
    if not found:
        file.findings.problem(file.source.where, "xlsx.empty")
    headers = {}
    for sheet in found:
        first = itertools.islice(sheet.rows.items(), MOST_ABOVE)
        number = file.headers.likeliest((number, _headers(cells)) for number, cells in first)
        headers[sheet.title, number] = _headers(sheet.rows[number])
    likely = {place: names for place, names in headers.items() if are_nearly_required(names)}
    for (title, number), names in (likely or headers).items():
        try:
            file.headers.resolve(names, file.at(number, sheet=title))
        except ContentError as error:
            file.findings.problems += error.problems


def _rows(file: Opened, sheet: Sheet, header: int) -> list[Row]:
    """Return the rows below the header; what Excel doesn't show is read with a note."""
    findings = file.findings
    whole = file.at(0, sheet=sheet.title)
    at_header = file.at(header, sheet=sheet.title)
    names = _headers(sheet.rows[header])
    columns = file.headers.resolve(names, at_header)
    rows: list[Row] = []
    links: list[str] = []
    for number in sheet.rows:
        if number < header:
            findings.note(file.at(number, sheet=sheet.title), "table.above")
        elif _headers(sheet.rows[number]) == names:
            continue  # the header itself, and again, of the next page
        elif row := _row(file, sheet, columns, number, links):
            rows.append(row)
    if sheet.hidden:
        findings.note(whole, "xlsx.hidden_sheet", entries=len(rows))
    hidden = sheet.hidden_rows & {row.where.row for row in rows}
    if hidden:
        findings.note(whole, "xlsx.hidden_rows", rows=", ".join(map(str, sorted(hidden))))
    for at in sorted(sheet.hidden_columns):
        if at <= len(columns) and columns[at - 1]:
            findings.note(whole, "xlsx.hidden_column", letter=get_column_letter(at))
    if links:
        findings.note(whole, "xlsx.links", count=len(links))
    if sheet.beside:
        findings.note(whole, "xlsx.beside")
    return rows


def _row(
    file: Opened, sheet: Sheet, columns: Sequence[str | None], number: int, links: list[str]
) -> Row | None:
    """Return a row; None for a blank one, and for one that a formula makes unreadable.

    Args:
        file: The workbook.
        sheet: Its sheet.
        columns: What the sheet's columns mean.
        number: The row's.
        links: Gets the addresses that aren't to be seen in their cells.
    """
    findings = file.findings
    cells = sheet.rows[number]
    problems = len(findings.problems)
    texts = []
    behind: list[str] = []
    for at, column in enumerate(columns, start=1):
        cell = cells.get(at)
        if cell is None or column == LEFT_OUT:
            texts.append("")
            continue
        where = file.at(number, column or "", sheet.title)
        text = _shown(cell, where, at, findings, since_1904=sheet.since_1904)
        if column:
            note_struck(cell.struck, where, findings)
        if cell.link and column and _is_behind(cell.link, text, where, findings):
            links.append(cell.link)
            if column == "links":
                text = f"{text}\n{cell.link}" if any(map(is_address, lines(text))) else cell.link
            else:
                behind.append(cell.link)
        texts.append(text)
    unnamed = any(text for text, column in zip(texts, columns, strict=True) if column is None)
    whole = file.at(number, sheet=sheet.title)
    if unnamed or any(at > len(columns) for at in cells):
        findings.problem(whole, "table.unnamed")
    formulas = any(cell.kind == "formula" for cell in cells.values())
    if formulas and len(findings.problems) > problems:
        return None  # that its cells are empty need not be said too
    if is_blank(columns, texts):
        return None
    return row_of_cells(columns, texts, whole, tuple(behind))


def _shown(cell: Cell, where: Where, at: int, findings: Findings, *, since_1904: bool) -> str:
    """Return what Excel shows in a cell; of a date that is to be one, the date."""
    match cell.kind:
        case "text":
            plain = cell.format in {"General", "@"} or not cell.text
            return cell.text if plain else shown_text(cell.text, cell.format)
        case "error":
            findings.problem(where, "xlsx.error", error=cell.text)
        case "formula":
            findings.problem(where.at(get_column_letter(at)), "xlsx.no_result")
        case "number":
            value = float(cell.text)
            text = shown(value, cell.format, since_1904=since_1904)
            if where.column == "updated":
                text = iso_date(value, cell.format, since_1904=since_1904) or text
            if text is not None:
                return text
            findings.problem(where, "xlsx.format", format=cell.format)
    return "-"


def _is_behind(link: str, text: str, where: Where, findings: Findings) -> bool:
    """Whether an address isn't to be seen in its cell, and may be kept."""
    if unquote(link).rstrip("/").removeprefix("mailto:") in unquote(text):
        return False
    if is_address(link):
        return True
    by_formula = "HYPERLINK(" in link.upper()
    if not by_formula or not is_address(text):  # else it shows the address that it makes
        key = "xlsx.made_link" if by_formula else "entry.unsafe_link"
        findings.note(where, key, link=link[:60])
    return False


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
