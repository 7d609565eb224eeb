"""An entry as the cells of a table."""

from bot.content.markup import protect
from bot.domain.entry import Entry


def cells(entry: Entry) -> tuple[str, ...]:
    """Return an entry's cells in the order of ``COLUMNS``; several values stand one per line."""
    return (
        entry.id,
        entry.lecturer,
        entry.talk,
        protect(entry.question),
        protect(entry.answer),
        "\n".join(entry.variants),
        "\n".join(entry.links),
        entry.source,
        entry.updated,
    )
