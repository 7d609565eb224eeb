"""The parts of an Excel workbook as they are stored: sheets, rows, cells and what they link to.

Elements are known by their names without namespace: Strict Open XML and books of other programs
have other ones. Only what is shown in cells is looked at, so nothing else can be wrong.
"""

import contextlib
import datetime
import itertools
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import iterparse
from openpyxl.utils import column_index_from_string

from bot.content.formats import Opened
from bot.content.formats.shown import BUILT_IN
from bot.content.problems import ContentError

MOST_COLUMNS = 64
MOST_ROWS = 20_000

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d+)")
_HYPERLINK = re.compile(
    r'\s*(?:_xlfn\.)?HYPERLINK\((?:\s*"(?P<address>(?:[^"]|"")+)"\s*[,)])?', re.IGNORECASE
)
_WORKBOOK = re.compile(r"spreadsheetml.*main\+xml|ms-excel.*main\+xml")
_TRUE = {"1", "true", "on"}
_COMMENTS = {"comments", "threadedComment"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that holds something.

    Attributes:
        kind: ``formula`` is one without a stored result.
        text: Of a number, its digits as stored; of an error, its name.
        format: The number format.
        link: The address behind it, or the formula that makes one of what isn't known here.
        struck: What is struck out in it, and so left out of the text.
    """

    kind: Literal["text", "number", "error", "formula"]
    text: str
    format: str = "General"
    link: str = ""
    struck: tuple[str, ...] = ()


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
        beside: Whether it has comments, pictures or shapes, which stand in no cell.
    """

    title: str
    hidden: bool
    since_1904: bool = False
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    beside: bool = False


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
            _words(item)
            for kind, path in related.values()
            if kind == "sharedStrings"
            for item in parts.elements(path, "si")
        ),
        tuple(
            style
            for kind, path in related.values()
            if kind == "styles"
            for style in _styles(parts.elements(path, "numFmt", "font", "cellXfs"))
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
    """What the cells refer to.

    Attributes:
        strings: Their texts, by number.
        styles: Their number formats, and whether a line goes through all in them, by number.
        formulas: Of the sheet that is being read, those that several cells have, by their ids.
    """

    strings: Sequence[Cell]
    styles: Sequence[tuple[str, bool]]
    formulas: dict[str, str] = field(default_factory=dict)


def _styles(elements: Iterable[Element]) -> Iterator[tuple[str, bool]]:
    """Yield the styles of cells, as ``_Shared`` has them."""
    codes = dict(BUILT_IN)
    struck: list[bool] = []
    for element in elements:
        match _name(element):
            case "numFmt":
                codes[int(element.get("numFmtId", 0))] = element.get("formatCode", "")
            case "font":
                struck.append(_is_struck(element))
            case _:
                for style in element:
                    id_, font = int(style.get("numFmtId", 0)), int(style.get("fontId", 0))
                    yield codes.get(id_, f"#{id_}"), font < len(struck) and struck[font]


def _is_struck(font: Iterable[Element]) -> bool:
    """Whether the font of a cell, or of some words in one, has a line through it."""
    return any(_name(each) == "strike" and each.get("val", "1") in _TRUE for each in font)


def _fill(sheet: Sheet, file: Opened, parts: _Parts, path: str, shared: _Shared) -> None:
    """Read the part of a sheet."""
    relations = parts.relations(path)
    sheet.beside = any(
        kind in _COMMENTS or (kind == "drawing" and _has_shapes(parts, target))
        for kind, target in relations.values()
    )
    shared.formulas.clear()
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


def _has_shapes(parts: _Parts, drawing: str) -> bool:
    """Whether a drawing has something in it: Google's sheets have one each, mostly empty."""
    anchors = "absoluteAnchor", "oneCellAnchor", "twoCellAnchor"
    with contextlib.suppress(KeyError, ParseError):  # it is of no further concern
        return any(True for _ in parts.elements(drawing, *anchors))
    return False


def _cells(row: Element, shared: _Shared) -> dict[int, Cell]:
    cells = {}
    column = 0
    for element in row:
        if _name(element) != "c":
            continue
        found = _REFERENCE.fullmatch(element.get("r", ""))
        column = column_index_from_string(found[1]) if found else column + 1
        cell = _cell(element, shared)
        if cell:
            cells[column] = cell
    return cells


def _cell(element: Element, shared: _Shared) -> Cell | None:
    number = int(element.get("s", 0))
    known = number < len(shared.styles)
    format_, struck = shared.styles[number] if known else ("General", False)
    cell = _held(element, shared, format_)
    if struck and cell and cell.kind in {"text", "number"}:
        return Cell("text", "", struck=(*cell.struck, cell.text))
    return cell


def _held(element: Element, shared: _Shared, format_: str) -> Cell | None:
    """Return what a cell holds, whatever its style."""
    parts = {_name(part): part for part in element}
    kind = element.get("t", "n")
    stored = parts["v"].text if "v" in parts else None
    address = _address(parts["f"], shared) if "f" in parts else ""
    match kind:
        case "s" if stored:
            return replace(shared.strings[int(stored)], format=format_, link=address)
        case "inlineStr" if "is" in parts:
            return replace(_words(parts["is"]), format=format_, link=address)
        case "str":  # a formula's result, which may be empty
            return Cell("text", _unescaped(stored or ""), format_, address)
        case "e" if stored:
            return Cell("error", stored)
        case "b" if stored:
            return Cell("text", "TRUE" if stored in _TRUE else "FALSE")
        case "n" | "d" if stored:
            return Cell("number", stored if kind == "n" else str(_serial(stored)), format_)
    return Cell("formula", "") if "f" in parts else None


def _address(formula: Element, shared: _Shared) -> str:
    """Return the address behind a cell with a formula; empty for none."""
    text = formula.text or ""
    if formula.get("t") == "shared":  # where cells share one, the first of them has it
        text = shared.formulas.setdefault(formula.get("si", ""), text)
    found = _HYPERLINK.match(text)
    if found is None:
        return ""
    return found["address"].replace('""', '"') if found["address"] else text


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


def _words(item: Element) -> Cell:
    """Return the text of a string, of all its runs; not the reading above it."""
    texts: list[str] = []
    struck = []
    for part in item:
        if _name(part) == "t":
            texts.append(part.text or "")
        elif _name(part) == "r":
            text = "".join(piece.text or "" for piece in part if _name(piece) == "t")
            fonts = [piece for piece in part if _name(piece) == "rPr"]
            if any(map(_is_struck, fonts)):
                struck.append(_unescaped(text))
            else:
                texts.append(_moved(text, "".join(texts), itertools.chain(*fonts)))
    return Cell("text", _unescaped("".join(texts)), struck=tuple(struck))


def _moved(text: str, before: str, font: Iterable[Element]) -> str:
    """Return some words of a cell, raised or lowered if their font is."""
    where = next((each.get("val") for each in font if _name(each) == "vertAlign"), "")
    if where not in {"superscript", "subscript"}:
        return text
    from bot.content.markup import raised  # most books don't need it

    return raised(text, before, "sup" if where == "superscript" else "sub")


def _link(sheet: Sheet, reference: str, address: str) -> None:
    """Put an address behind the cells of a reference such as ``B2:B5``."""
    corners = [_REFERENCE.fullmatch(corner) for corner in reference.split(":")]
    rows = [int(found[2]) for found in corners if found]
    columns = [column_index_from_string(found[1]) for found in corners if found]
    for number in sheet.rows.keys() & range(min(rows, default=0), max(rows, default=0) + 1):
        cells = sheet.rows[number]
        for column in cells.keys() & range(min(columns), max(columns) + 1):
            cells[column] = replace(cells[column], link=address)


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
