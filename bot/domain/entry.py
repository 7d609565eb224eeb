"""An entry: one question with one lecturer's answer. And reading entries without asking."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SHORT = 40
"""Characters that an example has at most, where the FAQ has one as short."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One question with one lecturer's answer.

    Attributes:
        id: Stable and unique within the FAQ, such as ``kawahara-1``.
        lecturer: The lecturer's name, without 先生.
        talk: Title of the lecture the entry belongs to; empty where unknown.
        question: The question as the audience put it.
        answer: The lecturer's words, verbatim; paragraphs are separated by an empty line.
        variants: Other wordings of the question.
        links: Addresses (http, https, mailto) that belong to the answer.
        source: Where the entry comes from, as the organisers put it.
        updated: Date of the last change, ISO 8601; empty where unknown.
    """

    id: str
    lecturer: str
    talk: str
    question: str
    answer: str
    variants: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    source: str = ""
    updated: str = ""

    @property
    def wordings(self) -> tuple[str, ...]:
        """The question and its variants, in that order."""
        return (self.question, *self.variants)


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
