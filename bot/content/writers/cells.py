"""Entries as the cells of a table."""

from collections.abc import Sequence

from bot.content.columns import COLUMNS
from bot.content.errors import ContentError, Where
from bot.content.markup import protect
from bot.domain.entry import Entry


def table(entries: Sequence[Entry], name: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return a table's headers and rows; several values stand one per line inside a cell.

    Raises:
        ContentError: Some entries have a lecturer and some have none: reading would refuse that.
    """
    unsigned = [entry.id for entry in entries if not entry.lecturer]
    if unsigned and len(unsigned) < len(entries):
        raise ContentError.at(Where(name), "export.unsigned", id=unsigned[0])
    columns = tuple(column for column in COLUMNS if column != "lecturer" or not unsigned)
    return columns, [tuple(_cells(entry)[column] for column in columns) for entry in entries]


def _cells(entry: Entry) -> dict[str, str]:
    return {
        "id": entry.id,
        "lecturer": entry.lecturer,
        "talk": entry.talk,
        "question": protect(entry.question),
        "answer": protect(entry.answer),
        "variants": "\n".join(entry.variants),
        "links": "\n".join(entry.links),
        "source": entry.source,
        "updated": entry.updated,
    }
