"""One snapshot of a file: its bytes, read once, and what they are, judged by content."""

import codecs
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.content.errors import ContentError, Findings, Where

LARGEST_FILE = 10 * 1024 * 1024

Format = Literal["symposium", "yaml", "jsonl", "csv", "tsv", "xlsx"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Three Japanese characters of UTF-8 in a row. In CP932 such bytes make no sense: a file that is
# not UTF-8 as a whole but holds them is a damaged or mixed one.
_UTF8_INSIDE = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){3}")
# Bytes that Python's CP932 accepts though the character set doesn't define them.
_CP932_UNDEFINED = re.compile("[\x80\xa0\uf8f0-\uf8f3]")

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
                raise ContentError.at(where, "this is no file.", "Name a file, or a data folder.")
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read(LARGEST_FILE + 1)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise ContentError.at(where, "there is no such file.", "Check the path.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = "Check the path, its owner and its mode."
        raise ContentError.at(where, f"can't be read ({reason}).", remedy) from error
    if len(data) > LARGEST_FILE:
        limit = LARGEST_FILE // 1024 // 1024
        raise ContentError.at(where, f"the file is larger than {limit} MB.", "Split it.")
    return Source(str(path), path.suffix.lower(), data)


def judge(source: Source, findings: Findings) -> tuple[Format, str]:
    """Return a file's format and, of a text format, its text.

    Raises:
        ContentError: It is nothing that can be read; the error says what it really is.
    """
    data = source.data
    if data.startswith(_OLE):
        kind = "a password-protected workbook" if _ENCRYPTED in data else "an old .xls workbook"
        raise ContentError.at(
            source.where,
            f"this is {kind}.",
            "Open it in Excel and save it as an Excel workbook (.xlsx) without a password.",
        )
    if data.startswith(_ZIP):
        if source.suffix not in {".xlsx", ".xlsm"}:
            findings.note(source.where, "read as an Excel workbook, which its content is.")
        return "xlsx", ""
    text = decode(source, findings)
    format_ = _judge_text(source, text)
    if source.suffix in {".xlsx", ".xlsm", ".xls"}:
        raise ContentError.at(
            source.where,
            f"this is {format_.upper()} text, not an Excel workbook.",
            f"Rename it to .{format_}, or save it in Excel as .xlsx.",
        )
    if source.suffix in {".csv", ".tsv", ".jsonl", ".yaml"} and source.suffix != f".{format_}":
        findings.note(source.where, f"read as {format_.upper()}, which its content is.")
    return format_, text


def decode(source: Source, findings: Findings) -> str:
    """Return a file's text: by byte order mark, else UTF-8, else CP932, each strictly.

    Raises:
        ContentError: It is none of them; the error names the line and the byte.
    """
    data = source.data
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            body = data[len(bom) :]
            if encoding != "utf-8":
                findings.note(source.where, f"read as {encoding.upper()}.")
            try:
                return body.decode(encoding)
            except UnicodeDecodeError as error:
                raise _undecodable(source, error, len(bom)) from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        utf8 = error
    if _UTF8_INSIDE.search(data):
        raise _undecodable(source, utf8, 0)
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        raise _undecodable(source, utf8, 0) from None
    if _CP932_UNDEFINED.search(text):
        raise _undecodable(source, utf8, 0)
    findings.note(source.where, "read as CP932 (Shift_JIS).")
    return text


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, whether they end in LF, CRLF or CR."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _undecodable(source: Source, error: UnicodeDecodeError, skipped: int) -> ContentError:
    line = error.object[: error.start].decode(error.encoding).count("\n") + 1
    return ContentError.at(
        Where(source.name, row=line),
        f"byte 0x{error.object[error.start]:02X}, number {skipped + error.start + 1} of the file, "
        f"is no text in {error.encoding.upper()} or any other encoding tried.",
        "Save the file as UTF-8; in Excel: CSV UTF-8.",
    )


def _judge_text(source: Source, text: str) -> Format:
    lines = lines_of(text)
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    if not first:
        raise ContentError.at(source.where, "the file is empty.", "Name a file with entries.")
    if _LECTURE.fullmatch(first):
        return "symposium"
    if first.lstrip().startswith("{"):
        return "jsonl"
    if "\t" in first:
        return "tsv"
    if _YAML_KEY.match(first):
        return "yaml"
    if "," in first:
        return "csv"
    raise ContentError.at(
        source.where,
        "this is no file of entries.",
        "Readable are YAML, CSV, TSV, XLSX, JSONL, and lines of question TAB answer "
        "below a header such as: 河原 大輔 先生「講演名」.",
    )
