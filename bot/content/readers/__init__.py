"""Files in: each format has a module that turns a file into rows, imported when it is needed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, assert_never

from bot.content.columns import Headers, Row
from bot.content.errors import Findings
from bot.content.gate import Draft, drafts, refuse_equal_ids
from bot.content.source import Source, judge, take
from bot.texts import Text

EVERY_FILES = Headers()
"""What headers mean where a file has none of its own."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds.

    Attributes:
        drafts: Its entries, in order; without an id where the file gives none.
        notes: What the organiser should know, such as the encoding or what was left out.
    """

    drafts: tuple[Draft, ...]
    notes: tuple[Text, ...] = ()


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
    rows = _rows(source, findings, headers)
    found = drafts(rows, lecturer, findings)
    refuse_equal_ids(found, findings)
    findings.raise_problems()
    return Content(found, tuple(findings.notes))


def _rows(source: Source, findings: Findings, headers: Headers) -> tuple[Row, ...]:
    format_, text = judge(source, findings)
    match format_:
        case "yaml":
            from bot.content.readers import yaml_

            return yaml_.read(source, text, findings, headers)
        case "symposium":
            from bot.content.readers import symposium

            return symposium.read(source, text, findings)
        case "csv" | "tsv":
            from bot.content.readers import delimited

            delimiter: Literal[",", "\t"] = "," if format_ == "csv" else "\t"
            return delimited.read(source, text, findings, headers, delimiter)
        case "jsonl":
            from bot.content.readers import jsonl

            return jsonl.read(source, text, findings, headers)
        case "xlsx":
            from bot.content.readers import xlsx

            return xlsx.read(source, findings, headers)
    assert_never(format_)
