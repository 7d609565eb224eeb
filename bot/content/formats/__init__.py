"""The formats: each has a module that turns a file into rows and entries into a file.

It is imported when it is needed.
"""

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from bot.content.columns import Headers, Row
from bot.content.dialects import settled
from bot.content.gate import Draft, drafts, refuse_equal_ids
from bot.content.problems import ContentError, Findings, Where
from bot.content.source import Format, Opened, Source, judge, take
from bot.domain.entry import Entry
from bot.errors import reason
from bot.texts import Text

WRITTEN = (".yaml", ".yml", ".tsv", ".csv", ".xlsx", ".jsonl")

EVERY_FILES = Headers()
"""What headers mean where a file has none of its own."""


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
    file = judge(source, headers, findings)
    rows = settled(_reader(file.format)(file), findings)
    # Where more is wrong with the rows than is shown, their texts can wait.
    found = () if findings.full else drafts(rows, lecturer, findings)
    refuse_equal_ids(found, findings)
    findings.raise_problems()
    return Content(found, tuple(findings.notes), findings.order)


def render(path: Path, entries: Sequence[Entry]) -> bytes:
    """Return the bytes of a file in the format of its suffix; export → import changes nothing.

    Raises:
        ContentError: The suffix is unknown, or the format can't hold an entry.
    """
    name = str(path)
    match path.suffix.lower():
        case ".yaml" | ".yml":
            from bot.content.formats import yaml_

            return yaml_.write(entries)
        case ".csv" | ".tsv":
            from bot.content.formats import delimited

            return delimited.write(entries, name)
        case ".jsonl":
            from bot.content.formats import jsonl

            return jsonl.write(entries)
        case ".xlsx":
            from bot.content.formats import xlsx

            return xlsx.write(entries, name)
    suffix = path.suffix or "–"
    raise ContentError.at(Where(name), "file.suffix", suffix=suffix, suffixes=", ".join(WRITTEN))


def _reader(format_: Format) -> Callable[[Opened], Sequence[Row]]:
    match format_:
        case "yaml":
            from bot.content.formats.yaml_ import read
        case "symposium":
            from bot.content.formats.symposium import read
        case "csv" | "tsv":
            from bot.content.formats.delimited import read
        case "jsonl":
            from bot.content.formats.jsonl import read
        case "qnabot":
            from bot.content.formats.qnabot import read
        case "markdown":
            from bot.content.formats.markdown import read
        case "xlsx":
            from bot.content.formats.xlsx import read
        case _:
            assert_never(format_)
    return read


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        ContentError: It can't be written.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ContentError.at(Where(str(path)), "file.unwritable", reason=reason(error)) from error
