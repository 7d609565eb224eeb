"""Reader of JSONL: one object with the columns' names as keys on each line."""

import json

from bot.content.columns import LEFT_OUT, LISTS, Headers, Row, about_unknown, titled
from bot.content.errors import ContentError, Findings, Where, parser_says
from bot.content.source import Source, lines_of


def read(source: Source, text: str, findings: Findings, headers: Headers) -> tuple[Row, ...]:
    """Return one row for each line that isn't blank."""
    rows = []
    for number, line in enumerate(lines_of(text), start=1):
        if line.strip():
            rows.append(_row(line, Where(source.name, row=number), findings, headers))
    return tuple(rows)


def _row(line: str, where: Where, findings: Findings, headers: Headers) -> Row:
    texts: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for key, value in _pairs(line, where):
        column = headers.column_of(key)
        if column == LEFT_OUT:
            continue
        if column is None:
            findings.problem(where, "table.unknown_key", **about_unknown(key))
        elif column in texts or column in lists:
            findings.problem(where.at(column), "table.two_values", column=titled(column))
        elif column in LISTS and isinstance(value, list) and all(isinstance(v, str) for v in value):
            lists[column] = tuple(value)
        elif column not in LISTS and isinstance(value, str):
            texts[column] = value
        else:
            key = "jsonl.no_list" if column in LISTS else "jsonl.no_text"
            findings.problem(where.at(column), key, column=titled(column))
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
