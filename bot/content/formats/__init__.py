"""The formats: what a file is, judged by its content; what it holds, and what holds entries.

Each format has a module that turns a file into rows and entries into a file. It is imported when
it is needed.
"""

import contextlib
import io
import itertools
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal, assert_never

from bot.content.columns import NO_REMARKS, REQUIRED, Headers, Remarks, column_of
from bot.content.problems import ContentError, Findings, Where
from bot.content.rows import Draft, Row, drafts, refuse_equal_ids, settled
from bot.content.source import Source, decode, lines_of, take
from bot.domain.entry import Entry
from bot.texts import Text

WRITTEN = (".yaml", ".yml", ".tsv", ".csv", ".xlsx", ".jsonl")

EVERY_FILES = Headers()
"""What headers mean where a file has none of its own."""

Format = Literal["symposium", "yaml", "jsonl", "csv", "tsv", "xlsx", "qnabot", "markdown"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_OLE_STREAMS = {
    "EncryptedPackage": "protected",
    "WordDocument": "doc",
    "PowerPoint Document": "doc",
}
_MAGIC = {
    b"%PDF": "pdf",
    rb"{\rtf": "rtf",
    **dict.fromkeys((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF"), "image"),
    **dict.fromkeys((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!\x1a"), "zip"),
}
_MEMBERS = {"word/document.xml": "docx", "ppt/presentation.xml": "docx", "xl/workbook.bin": "xlsb"}
_HTML = re.compile(r"\s*<(?:!doctype html|html|head|body|table)\b", re.IGNORECASE)
_ARRAY = re.compile(r'\s*\[\s*[{\["\]]')

_SEPARATOR = re.compile(r'"?sep=(?P<mark>[^\r\n])"?[,;\t]*(?=\r|\n|\Z)', re.IGNORECASE)
_YAML = {".yaml", ".yml"}
_SHORTCUT = re.compile(r'\s*\{[^{}]*"doc_id"\s*:')
_QNABOT = re.compile(r'\s*\{\s*"qna"\s*:\s*\[')
MOST_ABOVE = 20
"""Rows of a table among which is the one that names its columns."""

_LECTURE = re.compile(r"[^\t]*先生\s*「[^\t]*」\s*")
_YAML_KEY = re.compile(r"---|%YAML|- |[\"']?(?P<key>\w+)[\"']?[:：](?:\s|\Z|(?<=：))")


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that is being read.

    Attributes:
        source: Its bytes.
        format: What it is.
        text: Of a text format.
        headers: What its headers mean.
        findings: Gets the problems and notes.
        separator: What stands between the cells of a table.
    """

    source: Source
    format: Format
    text: str
    headers: Headers
    findings: Findings
    separator: str = ","

    def at(self, row: int, column: str = "", sheet: str = "") -> Where:
        """Return a place in it; ``row`` is a line of a text, from 1."""
        return Where(self.source.name, sheet, row, column)


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds.

    Attributes:
        drafts: Its entries, in order; without an id where the file gives none.
        notes: What the organiser should know, such as the encoding or what was left out.
        order: Where its talks come among those of other files; None where it doesn't say.
    """

    drafts: tuple[Draft, ...]
    notes: tuple[Text, ...] = ()
    order: int | None = None

    @classmethod
    def joined(cls, contents: Iterable["Content"]) -> "Content":
        """Return what several hold, in order, as one."""
        every = tuple(contents)
        drafts = itertools.chain.from_iterable(content.drafts for content in every)
        notes = itertools.chain.from_iterable(content.notes for content in every)
        return cls(tuple(drafts), tuple(notes))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Its entries alone."""
        return tuple(draft.entry for draft in self.drafts)

    def place(self) -> float:
        """Return where it comes among others: behind all that say so if it doesn't."""
        return math.inf if self.order is None else self.order


def read(path: Path, *, lecturer: str | None = None, headers: Headers = EVERY_FILES) -> Content:
    """Read one file of any format; the format is judged by its content.

    Args:
        path: A regular file.
        lecturer: Who answered where the file doesn't say.
        headers: What its headers mean.

    Raises:
        ContentError: It can't be used; the error lists each problem with its row and column.
    """
    return read_source(take(path), lecturer=lecturer, headers=headers)


def read_source(
    source: Source, *, lecturer: str | None = None, headers: Headers = EVERY_FILES
) -> Content:
    """Read a file from its snapshot; see ``read``."""
    findings = Findings()
    file = _judge(source, headers, findings)
    rows = settled(_reader(file.format)(file), findings)
    # Where more is wrong with the rows than is shown, their texts can wait.
    found = () if findings.full else drafts(rows, lecturer, findings)
    refuse_equal_ids(found, findings)
    findings.raise_problems()
    return Content(found, tuple(findings.notes), findings.order)


def render(path: Path, entries: Sequence[Entry], remarks: Remarks = NO_REMARKS) -> bytes:
    """Return the bytes of a file in the format of its suffix; export → import changes nothing.

    Args:
        path: The file.
        entries: What it is to hold.
        remarks: What is to stand behind variants in YAML, as comments.

    Raises:
        ContentError: The suffix is unknown, or the format can't hold an entry.
    """
    name = str(path)
    match path.suffix.lower():
        case ".yaml" | ".yml":
            from bot.content.formats import yaml_

            return yaml_.write(entries, remarks)
        case ".csv" | ".tsv":
            from bot.content.formats import plain

            return plain.write_table(entries, name)
        case ".jsonl":
            from bot.content.formats import plain

            return plain.write_jsonl(entries)
        case ".xlsx":
            from bot.content.formats import xlsx

            return xlsx.write(entries, name)
    suffix = path.suffix or "–"
    raise ContentError.at(Where(name), "file.suffix", suffix=suffix, suffixes=", ".join(WRITTEN))


def _reader(format_: Format) -> Callable[[Opened], Sequence[Row]]:
    match format_:
        case "yaml":
            from bot.content.formats.yaml_ import read
        case "markdown":
            from bot.content.formats.yaml_ import read_markdown as read
        case "symposium":
            from bot.content.formats.plain import read_symposium as read
        case "csv" | "tsv":
            from bot.content.formats.plain import read_table as read
        case "jsonl":
            from bot.content.formats.plain import read_jsonl as read
        case "qnabot":
            from bot.content.formats.plain import read_qnabot as read
        case "xlsx":
            from bot.content.formats.xlsx import read
        case _:
            assert_never(format_)
    return read


def _judge(source: Source, headers: Headers, findings: Findings) -> Opened:
    """Say what a file is, by its content, and decode a text.

    Args:
        source: The file.
        headers: What its headers mean.
        findings: Gets the problems and notes.

    Raises:
        ContentError: It is nothing that can be read; the error says what it really is.
    """
    data = source.data
    kind = "lock" if PurePath(source.name).name.startswith("~$") else _kind_of_bytes(data)
    if kind:
        raise ContentError.at(source.where, f"kind.{kind}")
    if data.startswith(_ZIP):
        if source.suffix == ".zip" and b"[Content_Types].xml" not in data:
            raise ContentError.at(source.where, "kind.zip")
        if source.suffix not in {".xlsx", ".xlsm"}:
            findings.note(source.where, "file.read_as_xlsx")
        return Opened(source, "xlsx", "", headers, findings)
    text = decode(source, findings)
    separator = ""
    if told := _SEPARATOR.match(text):  # a line by which Excel knows; only it shall see it
        separator, text = told["mark"], text[told.end() :]
    format_ = _judge_text(source, text, headers, separator)
    if source.suffix in {".xlsx", ".xlsm", ".xls"}:
        raise ContentError.at(
            source.where, "file.text_named_xlsx", format=format_.upper(), suffix=format_
        )
    if source.suffix in {".csv", ".tsv", ".jsonl", ".yaml"} and source.suffix != f".{format_}":
        findings.note(source.where, "file.read_as", format=format_.upper())
    return Opened(
        source, format_, text, headers, findings, separator or ("\t" if format_ == "tsv" else ",")
    )


def _judge_text(source: Source, text: str, headers: Headers, separator: str) -> Format:
    lines = lines_of(text)
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    if not first:
        raise ContentError.at(source.where, "file.empty")
    if separator:
        return "tsv" if separator == "\t" else "csv"
    if source.suffix == ".md":
        return "markdown"
    if _QNABOT.match(text):
        return "qnabot"
    is_yaml = _begins_yaml(first, named=source.suffix in _YAML)
    if is_yaml and source.suffix in _YAML:
        return "yaml"
    if _LECTURE.fullmatch(first):
        return "symposium"
    kind = _kind_of_text(text)
    if kind:
        raise ContentError.at(source.where, f"kind.{kind}")
    if first.lstrip().startswith("{"):
        return "jsonl"
    separator = _separator(text, headers)
    if separator == ";" or (not separator and _has_semicolons(first)):
        raise ContentError.at(source.where, "kind.semicolons")
    if separator == "\t" or (not separator and "\t" in first):
        return "tsv"
    if is_yaml and not separator:
        return "yaml"
    if separator or "," in first:
        return "csv"
    if source.suffix in _YAML:
        return "yaml"  # its reader says what is wrong
    raise ContentError.at(source.where, "file.no_entries")


def _begins_yaml(line: str, *, named: bool) -> bool:
    """Whether a line begins YAML, at least by its file's name: 「Q: …」 begins a text of others."""
    found = _YAML_KEY.match(line)
    key = found["key"] if found else None
    known = key in {None, "entries", "order"} or column_of(key or "") in {"talk", "lecturer"}
    return found is not None and (known or (named and "：" not in found[0]))


def _separator(text: str, headers: Headers) -> str:
    """Return what separates the cells of the row that names the columns; empty if none does."""
    import csv  # a start on YAML doesn't come here

    for separator in "\t,;":
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        with contextlib.suppress(csv.Error):  # the reader of the format says what is wrong
            if any(headers.name_columns(row) for row in itertools.islice(rows, MOST_ABOVE)):
                return separator
    return ""


def _has_semicolons(first: str) -> bool:
    """Whether a header separates its cells by semicolons, as Excel does in some countries."""
    headers = {column_of(header.strip().strip('"')) for header in first.split(";")}
    return headers.issuperset(REQUIRED) or (";" in first and not re.search(r"[,\t:]", first))


def _kind_of_bytes(data: bytes) -> str:
    """Return the kind of a file that isn't text, such as ``ods``; empty for what may be read."""
    if data.startswith(_OLE):
        return next((k for n, k in _OLE_STREAMS.items() if n.encode("utf-16-le") in data), "xls")
    if data.startswith(_ZIP):
        return _kind_of_zip(data)
    return next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), "")


def _kind_of_zip(data: bytes) -> str:
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                with archive.open("mimetype") as file:
                    mime = file.read(200)
                if b"opendocument" in mime:
                    return "ods" if b"spreadsheet" in mime else "docx"
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return ""  # no whole archive: the reader of workbooks says so
    if any(name.endswith(".iwa") or name == "Index.zip" for name in names):
        return "numbers"
    return next((kind for name, kind in _MEMBERS.items() if name in names), "")


def _kind_of_text(text: str) -> str:
    """Return the kind of a text that can't be read, such as ``json_array``; else empty."""
    if text.lstrip().startswith("<?xml"):
        return "html" if re.search(r"<html\b", text[:2_000], re.IGNORECASE) else "xml"
    if _HTML.match(text):
        return "html"
    if _ARRAY.match(text):
        return "json_array"
    if _SHORTCUT.match(text):
        return "gsheet"
    return _kind_of_object(text) if text.lstrip().startswith("{") else ""


def _kind_of_object(text: str) -> str:
    """Return which JSON object it is that isn't one a line, such as ``json_held``; else empty."""
    import json

    first, _, rest = text.strip().partition("\n")
    if rest and not first.rstrip().endswith("}"):
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return "json_object" if first.strip() == "{" else ""
        return "json_object"
    try:
        values = json.loads(first).values()
    except (ValueError, RecursionError):
        return ""
    held = (each for value in values if isinstance(value, list) for each in value)
    return "json_held" if any(isinstance(each, dict) for each in held) else ""
