"""An ask's candidates, and the positions among them that travel with its buttons."""

from collections.abc import Iterable

from bot.domain.ask import Ask, Candidate
from bot.domain.ports import Faq
from bot.domain.retrieval import Answer, Decline, Help, Hit, Ranking, Reply, Silence, Suggestions

MOST = 6
"""Candidates kept for one ask: what is shown first, and one round more."""
NEXT = 3
"""Candidates offered at a time after a wrong answer."""


def candidates(reply: Reply, ranking: Ranking) -> tuple[Candidate, ...]:
    """Return what may be offered for an ask: the reply's hits first, then the ranking's.

    Also those of little confidence: they are offered only where the best one was wrong, and
    their own is low because of it. Where nothing was asked, nothing comes next.
    """
    first = shown(reply)
    following = () if isinstance(reply, Help) else ranking.hits
    hits = {hit.entry.id: hit for hit in (*first, *following)}
    kept = tuple(Candidate(id_, hit.score, hit.confidence) for id_, hit in hits.items())
    return kept[: max(MOST, len(first))]


def shown(reply: Reply) -> tuple[Hit, ...]:
    """Return the hits that a reply shows."""
    match reply:
        case Answer(hits) | Suggestions(hits) | Help(hits=hits):
            return hits
        case Decline() | Silence():
            return ()


def resolve(ask: Ask, positions: Iterable[int], faq: Faq) -> tuple[Hit, ...]:
    """Return an ask's candidates as hits, up to the first whose entry is no more."""
    hits = []
    for candidate in (ask.candidates[position] for position in positions):
        entry = faq.entry(candidate.entry)
        if entry is None:
            break
        hits.append(Hit(entry, candidate.score, candidate.confidence))
    return tuple(hits)


def positions(argument: str, ask: Ask) -> range | None:
    """Read a button's argument: ``2``, or ``0-2`` for an answer to several questions.

    Returns:
        The positions; None where the argument isn't one that the ask's buttons carry.
    """
    first, _, last = argument.partition("-")
    last = last or first
    # isdecimal alone would let other scripts' digits through.
    if not (argument.isascii() and first.isdecimal() and last.isdecimal()):
        return None
    span = range(int(first[:3]), int(last[:3]) + 1)
    return span if len(span) > 0 and span[-1] < ask.offered else None
