"""JSONL: one object with the columns' names as keys on each line."""

import json
from collections.abc import Sequence

from bot.content.columns import LEFT_OUT, LISTS, Row, refuse_unknown, stated, titled
from bot.content.encoding import lines_of
from bot.content.problems import ContentError, Where, parser_says
from bot.content.source import Opened
from bot.domain.entry import Entry


def read(file: Opened) -> tuple[Row, ...]:
    """Return one row for each line that isn't blank."""
    lines = enumerate(lines_of(file.text), start=1)
    return tuple(_row(file, line, file.at(number)) for number, line in lines if line.strip())


def _row(file: Opened, line: str, where: Where) -> Row:
    texts: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for key, value in _pairs(line, where):
        column = file.headers.column_of(key)
        if column == LEFT_OUT:
            continue
        if column is None:
            refuse_unknown(file.findings, where, "table.unknown_key", key)
        elif column in texts or column in lists:
            file.findings.problem(where.at(column), "table.two_values", column=titled(column))
        elif column in LISTS and isinstance(value, list) and all(isinstance(v, str) for v in value):
            lists[column] = tuple(value)
        elif column not in LISTS and isinstance(value, str):
            texts[column] = value
        else:
            key = "jsonl.no_list" if column in LISTS else "jsonl.no_text"
            file.findings.problem(where.at(column), key, column=titled(column))
    return Row(where, texts, lists)


def _pairs(line: str, where: Where) -> list[tuple[str, object]]:
    """Return the pairs of the object on a line, doubled keys included."""
    try:
        pairs: object = json.loads(line, object_pairs_hook=list)
    except json.JSONDecodeError as error:
        raise ContentError.at(
            where, "jsonl.broken", reason=parser_says(error.msg), character=error.pos + 1
        ) from None
    except RecursionError:
        raise ContentError.at(where, "jsonl.deep") from None
    if not line.lstrip().startswith("{") or not isinstance(pairs, list):
        raise ContentError.at(where, "jsonl.no_object")
    return pairs


def write(entries: Sequence[Entry]) -> bytes:
    """Return the entries as UTF-8 lines, every column in them but an unknown lecturer."""
    lines = (
        {column: value for column, value in stated(entry).items() if column != "lecturer" or value}
        for entry in entries
    )
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode()
