"""Reading the FAQ without asking: talks with their entries, examples, what is popular."""

from collections.abc import Iterable, Mapping

from bot.domain.entry import Entry

SHORT = 40
"""Characters that an example has at most, where the FAQ has one as short."""


def by_talk(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], ...]:
    """Group entries by talk and lecturer, in the order in which they first appear."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.talk, entry.lecturer), []).append(entry)
    return tuple(tuple(group) for group in groups.values())


def examples(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Choose two questions that show how to ask: short ones, of two talks where possible.

    Each is whole: a question of the FAQ that is short, else a wording of one that is, else the
    shortest wording there is.
    """

    def length(wording: tuple[int, str]) -> tuple[bool, bool, int]:
        number, text = wording
        return len(text) > SHORT, number > 0 and len(text) <= SHORT, len(text)

    entries = tuple(entries)
    talks = by_talk(entries)
    found = [
        min((each for entry in group for each in enumerate(entry.wordings)), key=length)
        for group in (talks if len(talks) > 1 else [(entry,) for entry in entries])
    ]
    return tuple(text for _, text in sorted(found, key=length)[:2])


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
