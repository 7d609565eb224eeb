"""An entry as a file states it: its columns, and a table's rows."""

from collections.abc import Sequence

from bot.content.columns import COLUMNS
from bot.content.problems import ContentError, Where
from bot.domain.entry import Entry


def fields(entry: Entry) -> dict[str, str | tuple[str, ...]]:
    """Return an entry by its columns, in their order."""
    return {column: getattr(entry, column) for column in COLUMNS}


def stated(entry: Entry) -> dict[str, str | tuple[str, ...]]:
    """Return an entry by its columns as a file states it, so that reading gives the same entry."""
    from bot.content import markup  # most starts read no HTML and write nothing

    protect = markup.protect
    return {
        column: protect(value) if isinstance(value, str) else tuple(map(protect, value))
        for column, value in fields(entry).items()
    }


def table(entries: Sequence[Entry], name: str) -> list[tuple[str, ...]]:
    """Return a table's rows, its headers first; several values stand one per line inside a cell.

    Raises:
        ContentError: Some entries have a lecturer and some have none: reading would refuse that.
    """
    unsigned = [entry.id for entry in entries if not entry.lecturer]
    if unsigned and len(unsigned) < len(entries):
        raise ContentError.at(Where(name), "export.unsigned", id=unsigned[0])
    columns = tuple(column for column in COLUMNS if column != "lecturer" or not unsigned)
    values = map(stated, entries)
    return [columns, *(tuple(_cell(of[column]) for column in columns) for of in values)]


def _cell(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else "\n".join(value)
