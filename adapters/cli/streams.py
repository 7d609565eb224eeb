"""Standard input and output, which faqbot takes to be UTF-8."""

import codecs
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from bot.errors import FaqbotError
from bot.texts import Text


def other_encoding(stream: TextIO) -> str:
    """Return the encoding of standard input or output where it isn't UTF-8; empty where it is."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return "" if codecs.lookup(encoding).name == "utf-8" else encoding


def settle_streams() -> None:
    """Give the process streams that nothing fails on: one may be closed, or hold few characters."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - it stays open
        elif isinstance(stream, io.TextIOWrapper) and other_encoding(stream):
            stream.reconfigure(errors="replace")


def require_utf8() -> None:
    """Refuse to converse where another encoding is set: nobody could read it.

    Raises:
        FaqbotError: Standard input or output isn't UTF-8.
    """
    for name, stream in (("output", sys.stdout), ("input", sys.stdin)):
        if encoding := other_encoding(stream):
            raise FaqbotError(
                f"Standard {name} is {encoding} here, and faqbot speaks UTF-8.",
                "Set LC_ALL=C.UTF-8 (or ja_JP.UTF-8), and unset PYTHONUTF8 and PYTHONIOENCODING.",
            )


def lines(stream: TextIO) -> Iterator[str]:
    """Yield every line as a question; an unreadable byte becomes the replacement mark.

    Raises:
        FaqbotError: A line is in another encoding of Japanese.
    """
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    for number, line in enumerate(stream, start=1):
        data = line.rstrip("\r\n").encode(errors="surrogateescape")
        if _is_other_japanese(data):
            raise FaqbotError(Text("command.other_japanese", line=number))
        yield data.removeprefix(codecs.BOM_UTF8 if number == 1 else b"").decode(errors="replace")


def _is_other_japanese(data: bytes) -> bool:
    """Whether bytes are text in Shift_JIS or EUC-JP, with no Japanese in them that is UTF-8."""
    if _decodes(data, "utf-8") or any(char >= "\u0800" for char in data.decode(errors="ignore")):
        return False
    return _decodes(data, "cp932") or _decodes(data, "euc_jp")


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
