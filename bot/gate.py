"""The content gate: entries that search can't tell apart, or doesn't find by their own words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.entry import Entry
from bot.domain.ports import Search
from bot.domain.retrieval import Match
from bot.domain.text import question_key
from bot.texts import Text

Preview = Callable[[Sequence[Entry]], Search]
"""Indexes entries and returns the search over them."""

NEAR = 8
"""So many of the nearest entries are looked at."""

CLOSE = 0.90
"""Two entries are too close when one's question gives the other this share of its own score."""


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


def check(entries: Sequence[Entry], preview: Preview) -> tuple[Finding, ...]:
    """Look through the FAQ.

    Args:
        entries: The FAQ.
        preview: Returns the search over other entries.
    """
    plain = [replace(entry, variants=()) for entry in entries]
    search = preview(plain)
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


class Clash(StrEnum):
    """What speaks against an entry, or a wording of one, that is to be published."""

    SAME = "same"
    """The other entry asks the same, to the letter."""
    BEHIND = "behind"
    """Asked in the new words, the other entry is found first."""
    CLOSE = "close"
    """The other entry is found nearly as well."""
    TAKES = "takes"
    """Asked in the other entry's own words, the new one is found first."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Something that speaks against an entry that is to be published.

    Attributes:
        clash: What it is.
        other: The entry that it collides with.
        figure: ``BEHIND``: the other entry's confidence; ``CLOSE``: its score by the new one's;
            ``TAKES``: the share of its wordings.
        wording: The words by which that was found.
    """

    clash: Clash
    other: Entry
    figure: float
    wording: str


def objections(
    new: Entry, wordings: Sequence[str], entries: Sequence[Entry], preview: Preview
) -> tuple[Objection, ...]:
    """Find what speaks against publishing an entry, at most one objection for each other entry.

    Args:
        new: The entry as it would be.
        wordings: Those of its wordings that are new.
        entries: The FAQ as it is.
        preview: Returns the search over other entries.
    """
    others = [entry for entry in entries if entry.id != new.id]
    search = preview([*others, new])
    owners = {question_key(wording): entry for entry in others for wording in entry.wordings}
    found: dict[str, Objection] = {}
    near: dict[str, Entry] = {}
    for wording in wordings:
        hits = search(wording, NEAR).hits
        near |= {hit.entry.id: hit.entry for hit in hits if hit.entry.id != new.id}
        own = next((hit for hit in hits if hit.entry.id == new.id), None)
        best = next((hit for hit in hits if hit.entry.id != new.id), None)
        if other := owners.get(question_key(wording)):
            found.setdefault(other.id, Objection(Clash.SAME, other, 1.0, wording))
        elif best is None:
            continue
        elif own is None or best.score > own.score:
            objection = Objection(Clash.BEHIND, best.entry, best.confidence, wording)
            found.setdefault(best.entry.id, objection)
        elif best.score >= CLOSE * own.score:
            objection = Objection(Clash.CLOSE, best.entry, best.score / own.score, wording)
            found.setdefault(best.entry.id, objection)
    for other in near.values():
        taken = [each for each in other.wordings if _first(search, each) == new.id]
        if taken and other.id not in found:
            share = len(taken) / len(other.wordings)
            found[other.id] = Objection(Clash.TAKES, other, share, taken[0])
    return tuple(found.values())


def _first(search: Search, wording: str) -> str:
    hits = search(wording, 1).hits
    return hits[0].entry.id if hits else ""
