"""Writer of JSONL: one object a line, every column in it but an unknown lecturer."""

import json
from collections.abc import Sequence

from bot.content.columns import COLUMNS
from bot.content.markup import protect
from bot.domain.entry import Entry


def write(entries: Sequence[Entry]) -> bytes:
    """Return the entries as UTF-8 lines."""
    return "".join(f"{_line(entry)}\n" for entry in entries).encode()


def _line(entry: Entry) -> str:
    values: dict[str, str | tuple[str, ...]] = {
        column: getattr(entry, column)
        for column in COLUMNS
        if column != "lecturer" or entry.lecturer
    }
    values["question"] = protect(entry.question)
    values["answer"] = protect(entry.answer)
    return json.dumps(values, ensure_ascii=False)
