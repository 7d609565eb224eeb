"""One snapshot of a file: its bytes, read once, and as text.

Bytes become text by what they say of themselves, else by what makes sense; never by a guess.
"""

import codecs
import contextlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from bot.content.problems import ContentError, Findings, Where
from bot.errors import reason

LARGEST_FILE = 10 * 1024 * 1024

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the one of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NAMES = (("cp932", "CP932 (Shift_JIS)"), ("euc_jp", "EUC-JP"))
# Three Japanese characters of UTF-8 in a row. In CP932 such bytes make no sense: a file that is
# not UTF-8 as a whole but holds them is a damaged or mixed one.
_UTF8_INSIDE = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){3}")
# Bytes that Python's CP932 accepts though the character set doesn't define them.
_CP932_UNDEFINED = re.compile("[\x80\xa0\uf8f0-\uf8f3]")

_ISO_2022 = re.compile(rb"\x1b(?:\$[@B]|\$\(D|\([BJI])")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc、。「」]")
# No Western text has two such bytes in a row as often as a single hiragana needs them.
_RUN = re.compile("[^\x00-\x7f]{2,}|[\u3041-\u3096]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_MOST_NULS = 0.25  # from here on it is UTF-16: in that, each ASCII character has one


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


def decode(source: Source, findings: Findings) -> str:
    """Return a file's text, without a mark at its start and an old end-of-file at its end.

    Raises:
        ContentError: Its encoding isn't known; the error names the line and the byte.
    """
    text, encoding = _decoded(source)
    if encoding:
        findings.note(source.where, "file.encoding", encoding=encoding)
    return re.sub("\x1a[\x1a\\s]*\\Z", "", text.lstrip("\ufeff"))


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, whether they end in LF, CRLF or CR."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _decoded(source: Source) -> tuple[str, str]:
    """Return a file's text, and its encoding where that isn't UTF-8 (else empty).

    By byte order mark or escape sequences, else UTF-8, else whichever of CP932 and EUC-JP reads
    as Japanese, each strictly: other encodings fit any bytes, and would be read as nonsense.

    Raises:
        ContentError: It is none of them.
    """
    data = source.data
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = _strictly(source, encoding, len(bom))
            return text, "" if encoding == "utf-8" else encoding.upper()
    if unmarked := _unmarked_utf16(data):
        return _strictly(source, unmarked), unmarked.upper()
    if data.isascii() and _ISO_2022.search(data):
        return _iso_2022_jp(source), "ISO-2022-JP"
    try:
        return _strictly(source, "utf-8"), ""
    except ContentError as error:
        refusal = error
    japanese = []
    for encoding, name in () if _UTF8_INSIDE.search(data) else _NAMES:
        with contextlib.suppress(UnicodeDecodeError):
            if _is_japanese(text := data.decode(encoding)):
                japanese.append((text, name))
    if len(japanese) != 1:
        raise refusal
    return japanese[0]


def _strictly(source: Source, encoding: str, skipped: int = 0) -> str:
    data = source.data[skipped:]
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(error.encoding).count("\n") + 1
        raise _undecodable(source, error.encoding.upper(), line, skipped + error.start) from None


def _undecodable(source: Source, encoding: str, line: int, at: int) -> ContentError:
    """Return the error for the first byte that doesn't fit: its line from 1, its place from 0."""
    return ContentError.at(
        Where(source.name, row=line),
        "file.undecodable",
        byte=f"0x{source.data[at]:02X}",
        number=at + 1,
        encoding=encoding,
    )


def _unmarked_utf16(data: bytes) -> str:
    """Return which UTF-16 bytes without a mark are; empty for none."""
    odd, even = data[1::2].count(0), data[::2].count(0)
    if len(data) % 2 or bool(odd) == bool(even):
        return ""
    encoding = "utf-16-le" if odd else "utf-16-be"
    if max(odd, even) >= _MOST_NULS * len(data):
        return encoding
    return encoding if _is_japanese(data.decode(encoding, errors="replace")) else ""


def _iso_2022_jp(source: Source) -> str:
    """Return the text of mail's encoding, with the characters that Windows adds (①, ㈱).

    Raises:
        ContentError: A sequence is cut or unknown.
    """
    data = source.data
    texts = []
    at = 0
    mode = b"\x1b(B"
    for found in [*_ISO_2022.finditer(data), None]:
        piece = data[at : found.start() if found else len(data)]
        try:
            texts.append(_segment(piece, mode))
        except ValueError:
            line = data[:at].count(b"\n") + 1
            raise _undecodable(source, "ISO-2022-JP", line, at) from None
        if found:
            mode, at = found[0], found.end()
    return "".join(texts)


def _segment(piece: bytes, mode: bytes) -> str:
    """Decode what stands behind an escape sequence; line breaks may stand in any.

    Raises:
        ValueError: It isn't whole, or has an unknown escape sequence in it.
    """
    if 0x1B in piece:
        raise ValueError(piece)
    if mode in {b"\x1b(B", b"\x1b(J"}:
        return piece.decode("ascii")
    if mode == b"\x1b(I":
        return bytes(byte | 0x80 if byte > 0x20 else byte for byte in piece).decode("cp932")
    decoded = bytearray()
    at = 0
    while at < len(piece):
        first, second = piece[at], piece[at + 1] if at + 1 < len(piece) else 0
        if first <= 0x20:
            decoded.append(first)
            at += 1
            continue
        if not 0x20 < second < 0x7F:
            raise ValueError(piece)
        at += 2
        if mode == b"\x1b$(D":
            decoded += bytes((0x8F, first | 0x80, second | 0x80))
        else:
            shifted = second + (0x1F + (second > 0x5F) if first % 2 else 0x7E)
            lead = (first + 1) // 2 + (0x70 if first < 0x5F else 0xB0)
            decoded += bytes((lead, shifted))
    return decoded.decode("euc_jp" if mode == b"\x1b$(D" else "cp932")


def _is_japanese(text: str) -> bool:
    """Whether a text reads as Japanese, rather than as another language's bytes taken for it.

    Western accents and quotes become single kanji among ASCII, other languages of the East kanji
    without kana or half-width kana in a row.
    """
    if _CP932_UNDEFINED.search(text):
        return False
    if "質問" in text and "回答" in text:
        return True
    foreign = sum(not char.isascii() for char in text)
    in_runs = sum(map(len, _RUN.findall(text)))
    if in_runs < 0.8 * foreign or len(_HALF_WIDTH.findall(text)) > 0.5 * foreign:
        return False
    return len(_KANA.findall(text)) >= max(1, 0.1 * foreign)
