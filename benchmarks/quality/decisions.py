"""What the bot would do: answered, offered, declined, and how right it was."""

import math
from bisect import bisect_right
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import fmean
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np

from benchmarks.quality.sets import Collection, Labelled
from bot.domain.retrieval import Answer, Ranking, Reply, Suggestions
from bot.search.searcher import Searcher

EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
"""Of the bins of confidence."""

MOST_BAD = 0.02
"""So many of all that is asked may be answered badly, where the threshold is chosen afterwards."""

NOT_ASKED = frozenset(("chat", "statement"))
"""Kinds of queries that ask nothing: they aren't counted where answers are set against them."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for one query.

    Attributes:
        query: The query.
        answerable: An entry answers it (in this run).
        right: The best hit answers it.
        reply: What the bot replies.
        ranking: What was found.
        shown: An entry that answers it stands in the reply.
    """

    query: Labelled
    answerable: bool
    right: bool
    reply: Reply
    ranking: Ranking
    shown: bool

    @property
    def answered(self) -> bool:
        """It was answered at once."""
        return isinstance(self.reply, Answer)

    @property
    def offered(self) -> bool:
        """Candidates were offered."""
        return isinstance(self.reply, Suggestions)


@dataclass(frozen=True, slots=True)
class Summary:
    """Decisions in figures; None where nothing of the kind was asked.

    Attributes:
        answered_right: Of the answerable queries, those answered at once, rightly.
        shown: Of them, those whose entry was shown, as the answer or among the candidates.
        bad: Of all that was asked, what was answered wrongly or has no answer, but got one.
        unanswerable: Of the unanswerable queries, those that were answered.
        chat_offered: Of chat and what is off topic, what candidates were offered for.
        statements_offered: Of statements, the same.
    """

    answered_right: float | None
    shown: float | None
    bad: float
    unanswerable: float | None
    chat_offered: float | None
    statements_offered: float | None


def decide(searcher: Searcher, collection: Collection) -> list[Decision]:
    """Ask each query of a collection.

    Where the collection has no unanswerable ones, each is asked twice: as it is, and with all
    relevant entries left out. So half have no answer, and no luck of the draw decides which.
    """
    decisions = []
    for query in collection.queries:
        right = query.right(collection.best)
        decisions.append(_decide(searcher, query, right))
        if collection.unanswerable and right:
            with _without(searcher, query.grades):
                decisions.append(_decide(searcher, query, frozenset()))
        elif collection.unanswerable:
            decisions.pop()
    return decisions


def _decide(searcher: Searcher, query: Labelled, right: frozenset[str]) -> Decision:
    reply, ranking = searcher.reply(query.text)
    hits = reply.hits if isinstance(reply, Answer | Suggestions) else ()
    best = hits if isinstance(reply, Answer) else ranking.hits[:1]
    return Decision(
        query,
        bool(right),
        bool(best) and all(hit.entry.id in right for hit in best),
        reply,
        ranking,
        any(hit.entry.id in right for hit in hits),
    )


@contextmanager
def _without(searcher: Searcher, removed: Container[str]) -> Iterator[None]:
    """Leave entries out of all that is found: neither witness sees them."""
    ranker = searcher._snapshot.ranker
    index, rank, scores = ranker.index, ranker.rank, ranker.index.scores
    gone = np.isin(index.owner, [n for n, each in enumerate(index.entries) if each.id in removed])

    def rank_others(query: Any, intent: Any, cosines: Any, limit: int) -> Any:
        others = None if cosines is None else np.where(gone, 0, cosines)
        return rank(query, intent, others, limit)

    def score_others(weights: Any) -> Any:
        return np.where(gone, 0, scores(weights))

    with patch.object(ranker, "rank", rank_others), patch.object(index, "scores", score_others):
        yield


def summarise(decisions: Sequence[Decision]) -> Summary:
    """Count decisions."""
    asked = [one for one in decisions if one.query.kind not in NOT_ASKED]
    answerable = [one for one in decisions if one.answerable]
    return Summary(
        share(answerable, lambda one: one.answered and one.right),
        share(answerable, lambda one: one.shown),
        sum(_bad(one) for one in decisions) / len(asked),
        share([one for one in decisions if not one.answerable], lambda one: one.answered),
        share(
            [one for one in decisions if one.query.kind in ("chat", "offtopic")],
            lambda one: one.offered,
        ),
        share([one for one in decisions if one.query.kind == "statement"], lambda one: one.offered),
    )


def share(made: Sequence[Decision], counts: Callable[[Decision], bool]) -> float | None:
    """Return the share of decisions that count; None of none."""
    return sum(map(counts, made)) / len(made) if made else None


def at_its_best(decisions: Sequence[Decision]) -> float:
    """Return what would be answered rightly at once by the best threshold.

    That is the lowest at which hardly anything asked is answered badly.

    Args:
        decisions: Made by a searcher that answers however unsure it is.
    """
    asked = [one for one in decisions if one.query.kind not in NOT_ASKED]
    answers = sorted(
        (one for one in decisions if one.answered), key=lambda one: -one.ranking.confidence
    )
    most = MOST_BAD * len(asked)
    right = bad = best = 0
    for at, one in enumerate(answers):
        right += one.right
        bad += _bad(one)
        last = at + 1 == len(answers) or answers[at + 1].ranking.confidence < one.ranking.confidence
        if last and bad <= most:
            best = right
    return best / sum(one.answerable for one in decisions)


def _bad(decision: Decision) -> bool:
    return decision.answered and not decision.right


class Bin(NamedTuple):
    """Decisions of like confidence: its mean, the share that is right, and how many there are."""

    confidence: float
    right: float
    count: int


def bins(made: Sequence[Decision]) -> list[Bin]:
    """Sort decisions into bins of confidence; an empty bin has the figures nan."""
    sorted_in: list[list[Decision]] = [[] for _ in EDGES[1:]]
    for decision in made:
        at = bisect_right(EDGES, decision.ranking.confidence, hi=len(EDGES) - 1) - 1
        sorted_in[at].append(decision)
    return [
        Bin(
            fmean(one.ranking.confidence for one in found) if found else math.nan,
            fmean(one.right for one in found) if found else math.nan,
            len(found),
        )
        for found in sorted_in
    ]
