"""Files out: each format has a module that turns entries into bytes, imported when it is needed."""

import os
from collections.abc import Sequence
from pathlib import Path

from bot.content.errors import ContentError, Where
from bot.domain.entry import Entry
from bot.errors import reason

SUFFIXES = (".yaml", ".yml", ".tsv", ".csv", ".xlsx", ".jsonl")


def write(path: Path, entries: Sequence[Entry]) -> None:
    """Write a file in the format of its suffix, whole or not at all.

    Raises:
        ContentError: The suffix is unknown, or the file can't be written.
    """
    write_whole(path, render(path, entries))


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


def render(path: Path, entries: Sequence[Entry]) -> bytes:
    """Return the bytes of a file in the format of its suffix; export → import changes nothing.

    Raises:
        ContentError: The suffix is unknown, or the format can't hold an entry.
    """
    match path.suffix.lower():
        case ".yaml" | ".yml":
            from bot.content.writers import yaml_

            return yaml_.write(entries)
        case ".csv" | ".tsv" as suffix:
            from bot.content.writers import delimited

            return delimited.write(entries, str(path), "," if suffix == ".csv" else "\t")
        case ".xlsx":
            from bot.content.writers import xlsx

            return xlsx.write(entries, str(path))
        case ".jsonl":
            from bot.content.writers import jsonl

            return jsonl.write(entries)
    raise ContentError.at(
        Where(str(path)), "file.suffix", suffix=path.suffix or "–", suffixes=", ".join(SUFFIXES)
    )
