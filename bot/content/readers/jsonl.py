"""Reader of JSONL: one object with the columns' names as keys on each line."""

import json

from bot.content.columns import LISTS, Row, column_of, remedy_unknown
from bot.content.errors import ContentError, Findings, Where
from bot.content.source import Source, lines_of


def read(source: Source, text: str, findings: Findings) -> tuple[Row, ...]:
    """Return one row for each line that isn't blank."""
    rows = []
    for number, line in enumerate(lines_of(text), start=1):
        if line.strip():
            rows.append(_row(line, Where(source.name, row=number), findings))
    return tuple(rows)


def _row(line: str, where: Where, findings: Findings) -> Row:
    texts: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for key, value in _pairs(line, where):
        column = column_of(key)
        if column is None:
            findings.problem(where, f"unknown key {key!r}.", remedy_unknown(key))
        elif column in texts or column in lists:
            findings.problem(where.at(column), f"two values for {column}.", "Remove one.")
        elif column in LISTS and isinstance(value, list) and all(isinstance(v, str) for v in value):
            lists[column] = tuple(value)
        elif column not in LISTS and isinstance(value, str):
            texts[column] = value
        else:
            wanted = 'a list of texts such as ["..."]' if column in LISTS else 'a text in "quotes"'
            findings.problem(where.at(column), f"{column} is not {wanted}.", f"Write {wanted}.")
    return Row(where, texts, lists)


def _pairs(line: str, where: Where) -> list[tuple[str, object]]:
    """Return the pairs of the object on a line, doubled keys included."""
    try:
        pairs: object = json.loads(line, object_pairs_hook=list)
    except json.JSONDecodeError as error:
        raise ContentError.at(
            where,
            f"no JSON object on this line ({error.msg}, character {error.pos + 1}).",
            "Write one object a line.",
        ) from None
    except RecursionError:
        raise ContentError.at(
            where, "nested too deeply.", "Write one flat object a line."
        ) from None
    if not line.lstrip().startswith("{") or not isinstance(pairs, list):
        raise ContentError.at(where, "no JSON object on this line.", "Write one object a line.")
    return pairs
