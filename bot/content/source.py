"""One snapshot of a file: its bytes, read once, and what they are, judged by content."""

import contextlib
import io
import itertools
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.content import encoding as encodings
from bot.content.columns import REQUIRED, Headers, column_of
from bot.content.encoding import lines_of
from bot.content.problems import ContentError, Findings, Where
from bot.errors import reason

LARGEST_FILE = 10 * 1024 * 1024

Format = Literal["symposium", "yaml", "jsonl", "csv", "tsv", "xlsx", "qnabot", "markdown"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_OLE_STREAMS = {
    "EncryptedPackage": "protected",
    "WordDocument": "doc",
    "PowerPoint Document": "doc",
}
_MAGIC = {b"%PDF": "pdf", rb"{\rtf": "rtf", b"\x89PNG": "image", b"\xff\xd8\xff": "image"}
_MEMBERS = {"word/document.xml": "docx", "ppt/presentation.xml": "docx", "xl/workbook.bin": "xlsb"}
_HTML = re.compile(r"\s*<(?:!doctype html|html|head|body|table)\b", re.IGNORECASE)
_ARRAY = re.compile(r'\s*\[\s*[{\["\]]')

_SEPARATOR = re.compile(r'"?sep=(?P<mark>[^\r\n])"?[,;\t]*(?=\r|\n|\Z)', re.IGNORECASE)
_YAML = {".yaml", ".yml"}
_QNABOT = re.compile(r'\s*\{\s*"qna"\s*:\s*\[')
MOST_ABOVE = 20
"""Rows of a table among which is the one that names its columns."""

_LECTURE = re.compile(r"[^\t]*先生\s*「[^\t]*」\s*")
_YAML_KEY = re.compile(r"(?:---|%YAML|[\w\"']+:(?:\s|$)|- )")


@dataclass(frozen=True, slots=True)
class Source:
    """A file's bytes at one moment.

    Attributes:
        name: As the organiser named it, for messages.
        suffix: Of the name, lower case, with the dot.
        data: The bytes.
    """

    name: str
    suffix: str
    data: bytes

    @property
    def where(self) -> Where:
        """The file as a whole."""
        return Where(self.name)


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


def take(path: Path) -> Source:
    """Read a file once.

    Raises:
        ContentError: It isn't a regular file, is too large, or can't be read.
    """
    where = Where(str(path))
    try:
        # Not blocking: opening a named pipe would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ContentError.at(where, "file.not_regular")
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read(LARGEST_FILE + 1)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise ContentError.at(where, "file.missing") from None
    except OSError as error:
        raise ContentError.at(where, "file.unreadable", reason=reason(error)) from error
    if len(data) > LARGEST_FILE:
        raise ContentError.at(where, "file.too_large", limit=LARGEST_FILE // 1024 // 1024)
    return Source(str(path), path.suffix.lower(), data)


def judge(source: Source, headers: Headers, findings: Findings) -> Opened:
    """Say what a file is, by its content, and decode a text.

    Args:
        source: The file.
        headers: What its headers mean.
        findings: Gets the problems and notes.

    Raises:
        ContentError: It is nothing that can be read; the error says what it really is.
    """
    data = source.data
    kind = _kind_of_bytes(data)
    if kind:
        raise ContentError.at(source.where, f"kind.{kind}")
    if data.startswith(_ZIP):
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


def decode(source: Source, findings: Findings) -> str:
    """Return a file's text.

    Raises:
        ContentError: Its encoding isn't known; the error names the line and the byte.
    """
    try:
        text, encoding = encodings.decode(source.data)
    except encodings.Undecodable as error:
        raise ContentError.at(
            Where(source.name, row=error.line),
            "file.undecodable",
            byte=f"0x{error.byte:02X}",
            number=error.number,
            encoding=error.encoding,
        ) from None
    if encoding:
        findings.note(source.where, "file.encoding", encoding=encoding)
    return text


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
    is_yaml = _YAML_KEY.match(first) or ("：" in first and column_of(first.split("：")[0]))
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
    if text.lstrip().startswith("{") and _is_one_object(text):
        return "json_object"
    return ""


def _is_one_object(text: str) -> bool:
    """Whether it is one JSON object over several lines, and not one a line."""
    import json

    first, _, rest = text.strip().partition("\n")
    if not rest or first.rstrip().endswith("}"):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return first.strip() == "{"
    return True
