"""Reading the FAQ without asking: talks with their entries, examples, what is popular."""

from collections.abc import Iterable, Mapping

from bot.domain.entry import Entry


def by_talk(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], ...]:
    """Group entries by talk and lecturer, in the order in which they first appear."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.talk, entry.lecturer), []).append(entry)
    return tuple(tuple(group) for group in groups.values())


def examples(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Choose two questions that show how to ask: the shortest ones, of two talks where possible."""
    shortest = sorted(
        (min((entry.question for entry in group), key=len) for group in by_talk(entries)), key=len
    )
    return tuple(shortest[:2])


def popular(entries: Iterable[Entry], asked: Mapping[str, int], limit: int) -> tuple[Entry, ...]:
    """Return the most asked entries; then, to fill up, the first of each talk, then the rest.

    Args:
        entries: The FAQ, in order.
        asked: How often each entry was shown, by entry id.
        limit: How many at most.
    """
    entries = tuple(entries)
    most = sorted((e for e in entries if asked.get(e.id)), key=lambda e: -asked[e.id])
    firsts = [group[0] for group in by_talk(entries)]
    return tuple(dict.fromkeys((*most, *firsts, *entries)))[:limit]
