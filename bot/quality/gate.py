"""The content gate: entries that search can't tell apart, or doesn't find by their own words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.entry import Entry
from bot.domain.keys import question_key
from bot.domain.retrieval import Match, Ranking
from bot.texts import Text

CLOSE = 0.90
"""Two entries are too close when one's question gives the other this share of its own score."""

Search = Callable[[str, int], Ranking]


class Problem(StrEnum):
    """What the gate looks for; as a key of the texts."""

    SAME_QUESTION = "check.same_question"
    TOO_CLOSE = "check.too_close"
    NOT_FOUND = "check.not_found"
    VARIANT_ELSEWHERE = "check.variant_elsewhere"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something an organiser should look at.

    Attributes:
        problem: What it is.
        entry: The entry concerned.
        other: The entry it collides with; empty where there is none.
        why: The reason, and what to do.
    """

    problem: Problem
    entry: str
    other: str
    why: Text


def check(
    entries: Sequence[Entry], open_search: Callable[[Sequence[Entry]], Search]
) -> tuple[Finding, ...]:
    """Look through the FAQ.

    Args:
        entries: The FAQ.
        open_search: Indexes entries and returns their search function (text, limit).
    """
    plain = [replace(entry, variants=()) for entry in entries]
    search = open_search(plain)
    return (
        *_same_questions(entries),
        *(finding for entry in entries for finding in _own_question(entry, search)),
        *(finding for entry in entries for finding in _variants(entry, search)),
    )


def _same_questions(entries: Sequence[Entry]) -> Iterator[Finding]:
    owner: dict[str, str] = {}
    for entry in entries:
        for wording in entry.wordings:
            first = owner.setdefault(question_key(wording), entry.id)
            if first != entry.id:
                why = Text("check.both_ask", wording=wording)
                yield Finding(Problem.SAME_QUESTION, entry.id, first, why)


def _own_question(entry: Entry, search: Search) -> Iterator[Finding]:
    hits = search(entry.question, 2).hits
    if not hits or hits[0].entry.id != entry.id:
        other = hits[0].entry.id if hits else ""
        why = _shared(hits[0].matches) if hits else Text("check.nothing_searchable")
        yield Finding(Problem.NOT_FOUND, entry.id, other, why)
    elif len(hits) > 1 and hits[1].score >= CLOSE * hits[0].score:
        why = Text("check.share", share=hits[1].score / hits[0].score)
        yield Finding(Problem.TOO_CLOSE, entry.id, hits[1].entry.id, why)


def _variants(entry: Entry, search: Search) -> Iterator[Finding]:
    for variant in entry.variants:
        hits = search(variant, 1).hits
        if hits and hits[0].entry.id != entry.id:
            why = Text("check.variant", variant=variant, why=_shared(hits[0].matches))
            yield Finding(Problem.VARIANT_ELSEWHERE, entry.id, hits[0].entry.id, why)


def _shared(matches: Sequence[Match]) -> Text:
    words = ", ".join(match.entry for match in matches)
    return Text("check.other_has", words=words) if words else Text("check.other_shares")
