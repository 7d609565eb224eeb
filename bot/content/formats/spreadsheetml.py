"""The parts of an Excel workbook as they are stored: sheets, rows, cells and what they link to.

Elements are known by their names without namespace: Strict Open XML and books of other programs
have other ones. Only what is shown in cells is looked at, so nothing else can be wrong.
"""

import datetime
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

from bot.content.formats import Opened
from bot.content.formats.shown import BUILT_IN
from bot.content.problems import ContentError

MOST_COLUMNS = 64
MOST_ROWS = 20_000

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d+)")
_HYPERLINK = re.compile(r'\s*(?:_xlfn\.)?HYPERLINK\(\s*"((?:[^"]|"")*)"', re.IGNORECASE)
_WORKBOOK = re.compile(r"spreadsheetml.*main\+xml|ms-excel.*main\+xml")
_TRUE = {"1", "true", "on"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that holds something.

    Attributes:
        kind: ``formula`` is one without a stored result.
        text: Of a number, its digits as stored; of an error, its name.
        format: The number format.
        link: The address behind it.
    """

    kind: Literal["text", "number", "error", "formula"]
    text: str
    format: str = "General"
    link: str = ""


@dataclass(slots=True)
class Sheet:
    """A sheet.

    Attributes:
        title: Its name.
        hidden: Whether Excel doesn't show it.
        since_1904: Its dates count from 1904, as in books from old Macs.
        rows: The cells of each row that has some by their columns, both from 1.
        hidden_rows: The numbers of rows that aren't shown, by a filter too.
        hidden_columns: Those of columns.
    """

    title: str
    hidden: bool
    since_1904: bool = False
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def sheets(file: Opened, archive: zipfile.ZipFile) -> Iterator[Sheet]:
    """Yield the sheets of a workbook in order.

    Args:
        file: The workbook.
        archive: The same, opened.

    Raises:
        KeyError: A part isn't there.
        ContentError: A cell is too far down or too far right.
    """
    parts = _Parts(archive)
    books = (
        of.get("PartName", "")
        for of in parts.elements("[Content_Types].xml", "Override")
        if _WORKBOOK.search(of.get("ContentType", ""))
    )
    book = next(books, "xl/workbook.xml").lstrip("/")
    related = parts.relations(book)
    since_1904 = False
    found: list[tuple[Sheet, str]] = []
    for element in parts.elements(book, "workbookPr", "sheet"):
        if _name(element) == "workbookPr":
            since_1904 = element.get("date1904") in _TRUE
        else:
            kind, path = related.get(_attribute(element, "id"), ("", ""))
            if kind == "worksheet":
                hidden = element.get("state", "visible") != "visible"
                found.append((Sheet(element.get("name", ""), hidden), path))
    shared = _Shared(
        tuple(
            _text_of(item)
            for kind, path in related.values()
            if kind == "sharedStrings"
            for item in parts.elements(path, "si")
        ),
        tuple(
            code
            for kind, path in related.values()
            if kind == "styles"
            for code in _codes(parts.elements(path, "numFmt", "cellXfs"))
        ),
    )
    for sheet, path in found:
        sheet.since_1904 = since_1904
        _fill(sheet, file, parts, path, shared)
        yield sheet


class _Parts:
    """The parts of an Open XML file by their names, whose case means nothing."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}

    def elements(self, part: str, *names: str) -> Iterator[Element]:
        """Yield the elements of these names, each with what is in it."""
        with self._archive.open(self._names[part.lower()]) as file:
            inside = 0
            for event, element in iterparse(file, ("start", "end")):
                wanted = _name(element) in names
                inside += wanted and event == "start"
                if event == "end":
                    inside -= wanted
                    if wanted:
                        yield element
                    if not inside:
                        element.clear()  # else the whole part stays in memory

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return the kind and the target of each relation of a part by its id."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        relations = {}
        for element in self.elements(path, "Relationship") if path.lower() in self._names else ():
            target = element.get("Target", "")
            if element.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            kind = element.get("Type", "").rpartition("/")[2]
            relations[element.get("Id", "")] = kind, target
        return relations


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the cells of all sheets refer to by number.

    Attributes:
        strings: Their texts.
        formats: The number format of each style.
    """

    strings: Sequence[str]
    formats: Sequence[str]


def _codes(styles: Iterable[Element]) -> Iterator[str]:
    """Yield the number format of each style of a cell."""
    codes = dict(BUILT_IN)
    for element in styles:
        if _name(element) == "numFmt":
            codes[int(element.get("numFmtId", 0))] = element.get("formatCode", "")
        else:
            ids = [int(style.get("numFmtId", 0)) for style in element]
            yield from (codes.get(id_, f"#{id_}") for id_ in ids)


def _fill(sheet: Sheet, file: Opened, parts: _Parts, path: str, shared: _Shared) -> None:
    """Read the part of a sheet."""
    relations = parts.relations(path)
    number = 0
    for element in parts.elements(path, "row", "col", "hyperlink"):
        if _name(element) == "row":
            number = int(element.get("r", number + 1))
            cells = _cells(element, shared)
            if cells:
                if number > MOST_ROWS:
                    where = file.at(MOST_ROWS + 1, sheet=sheet.title)
                    raise ContentError.at(where, "xlsx.rows", limit=MOST_ROWS)
                if max(cells) > MOST_COLUMNS:
                    where = file.at(number, sheet=sheet.title)
                    raise ContentError.at(where, "xlsx.columns", limit=MOST_COLUMNS)
                sheet.rows[number] = cells
            if element.get("hidden") in _TRUE:
                sheet.hidden_rows.add(number)
        elif _name(element) == "col" and element.get("hidden") in _TRUE:
            first, last = int(element.get("min", 0)), int(element.get("max", 0))
            sheet.hidden_columns.update(range(first, min(last, MOST_COLUMNS) + 1))
        elif _name(element) == "hyperlink":
            _, target = relations.get(_attribute(element, "id"), ("", ""))
            if target:
                anchor = element.get("location")
                _link(sheet, element.get("ref", ""), f"{target}#{anchor}" if anchor else target)


def _cells(row: Element, shared: _Shared) -> dict[int, Cell]:
    cells = {}
    column = 0
    for element in row:
        if _name(element) != "c":
            continue
        found = _REFERENCE.fullmatch(element.get("r", ""))
        column = _column(found[1]) if found else column + 1
        cell = _cell(element, shared)
        if cell:
            cells[column] = cell
    return cells


def _cell(element: Element, shared: _Shared) -> Cell | None:
    parts = {_name(part): part for part in element}
    kind = element.get("t", "n")
    stored = parts["v"].text if "v" in parts else None
    formula = parts.get("f")
    link = _HYPERLINK.match(formula.text or "") if formula is not None else None
    address = link[1].replace('""', '"') if link else ""
    match kind:
        case "s" if stored:
            return Cell("text", shared.strings[int(stored)], link=address)
        case "inlineStr" if "is" in parts:
            return Cell("text", _text_of(parts["is"]), link=address)
        case "str":  # a formula's result, which may be empty
            return Cell("text", _unescaped(stored or ""), link=address)
        case "e" if stored:
            return Cell("error", stored)
        case "b" if stored:
            return Cell("text", "TRUE" if stored in _TRUE else "FALSE")
        case "n" | "d" if stored:
            style = int(element.get("s", 0))
            code = shared.formats[style] if style < len(shared.formats) else "General"
            return Cell("number", stored if kind == "n" else str(_serial(stored)), code)
    return Cell("formula", "") if formula is not None else None


def escaped(text: str) -> str:
    """Return a text so that what looks like an escape in it stays as it is."""
    return re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)  # the next may begin where one ends


def _unescaped(text: str) -> str:
    """Return a text with ``_x000D_`` and its like as the characters they stand for."""
    if "_x" not in text:
        return text
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    # An emoji is escaped as its two halves.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _text_of(item: Element) -> str:
    """Return the text of a string, of all its runs; not the reading above it."""
    texts = []
    for part in item:
        if _name(part) == "t":
            texts.append(part.text or "")
        elif _name(part) == "r":
            texts += [piece.text or "" for piece in part if _name(piece) == "t"]
    return _unescaped("".join(texts))


def _link(sheet: Sheet, reference: str, address: str) -> None:
    """Put an address behind the cells of a reference such as ``B2:B5``."""
    corners = [_REFERENCE.fullmatch(corner) for corner in reference.split(":")]
    rows = [int(found[2]) for found in corners if found]
    columns = [_column(found[1]) for found in corners if found]
    for number in sheet.rows.keys() & range(min(rows, default=0), max(rows, default=0) + 1):
        cells = sheet.rows[number]
        for column in cells.keys() & range(min(columns), max(columns) + 1):
            cells[column] = replace(cells[column], link=address)


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _serial(iso: str) -> float:
    """Return the number of days that Excel would store for a date or time in ISO 8601."""
    if "-" not in iso:
        iso = f"1899-12-30T{iso}"
    moment = datetime.datetime.fromisoformat(iso.replace("Z", "")).replace(tzinfo=None)
    return (moment - datetime.datetime(1899, 12, 30)) / datetime.timedelta(days=1)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _attribute(element: Element, name: str) -> str:
    """Return an attribute that has a namespace."""
    return next((v for key, v in element.items() if key.endswith(f"}}{name}")), "")
