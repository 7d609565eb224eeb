"""What the bot would do: answered, offered, declined, and how right it was."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.quality.metrics import auroc
from benchmarks.quality.sets import Collection, Labelled
from bot.domain.reply import Answer, Reply, Suggestions
from bot.domain.retrieval import Hit, Ranking
from bot.search import confidence, policy
from bot.search.question import understand
from bot.search.searcher import Searcher

DEPTH = 40
EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 1.0)
"""Of the bins of confidence."""


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


@dataclass(frozen=True, slots=True)
class Summary:
    """Decisions in figures; shares of the answerable queries unless said otherwise.

    Attributes:
        answered_right: Answered, rightly.
        precision: Of all answers given, those that are right.
        answered_unanswerable: Of the unanswerable queries, those that were answered.
        shown: An entry that answers was shown, as the answer or among the candidates.
        auroc_answerable: How well confidence tells answerable from unanswerable queries.
        auroc_right: How well it tells right best hits from all others.
    """

    answered_right: float
    precision: float
    answered_unanswerable: float
    shown: float
    auroc_answerable: float
    auroc_right: float


def decide(searcher: Searcher, collection: Collection) -> list[Decision]:
    """Ask each query of a collection."""
    decisions = []
    for query in collection.queries:
        reply, ranking = searcher.reply(query.text)
        decisions.append(_decision(query, query.right(collection.best), reply, ranking))
    return decisions


def decide_twice(searcher: Searcher, collection: Collection) -> list[Decision]:
    """Ask each query that an entry answers twice: as it is, and with all relevant entries left out.

    So half of all queries have no answer, and no luck of the draw decides which.
    """
    return [
        decide_without(searcher, query, query.right(collection.best), removed)
        for query in collection.queries
        if query.right(collection.best)
        for removed in (frozenset[str](), frozenset(query.grades))
    ]


def decide_without(
    searcher: Searcher, query: Labelled, right: frozenset[str], removed: frozenset[str]
) -> Decision:
    """Decide as if some entries weren't in the FAQ."""
    snapshot = searcher._snapshot
    analysed, morphemes = searcher.analyzer.query(query.text)
    intent = understand(analysed.text, morphemes)
    index = snapshot.ranker.index
    found = snapshot.ranker.rank(analysed, intent.questions, DEPTH)
    kept = [
        candidate
        for candidate in found.candidates
        if index.entries[index.owner[candidate.wording]].id not in removed
    ][:5]
    sure = confidence.assess(kept, len(index))
    hits = tuple(
        Hit(index.entries[index.owner[candidate.wording]], candidate.score, certainty)
        for candidate, certainty in zip(kept, sure, strict=True)
    )
    ranking = Ranking(found.query, hits)
    reply = policy.decide(ranking, searcher.thresholds, addressed=True, intent=intent)
    return _decision(query, right - removed, reply, ranking)


def summarise(decisions: Sequence[Decision]) -> Summary:
    """Count decisions."""
    answerable = [decision for decision in decisions if decision.answerable]
    hopeless = [decision for decision in decisions if not decision.answerable]
    answers = [decision for decision in decisions if isinstance(decision.reply, Answer)]
    right = sum(decision.right for decision in answers)
    return Summary(
        right / len(answerable),
        right / max(len(answers), 1),
        sum(isinstance(decision.reply, Answer) for decision in hopeless) / max(len(hopeless), 1),
        sum(decision.shown for decision in answerable) / len(answerable),
        auroc(confidences(answerable), confidences(hopeless)),
        auroc(
            confidences([decision for decision in decisions if decision.right]),
            confidences([decision for decision in decisions if not decision.right]),
        ),
    )


def confidences(decisions: Sequence[Decision]) -> list[float]:
    """Return the best hit's confidence in each."""
    return [decision.ranking.confidence for decision in decisions]


@dataclass(frozen=True, slots=True)
class Bin:
    """The decisions whose confidence lies in one bin.

    Attributes:
        confidence: Their mean confidence.
        right: The share whose best hit is right.
        count: How many there are.
    """

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
            sum(confidences(found)) / len(found) if found else math.nan,
            sum(decision.right for decision in found) / len(found) if found else math.nan,
            len(found),
        )
        for found in sorted_in
    ]


def _decision(query: Labelled, right: frozenset[str], reply: Reply, ranking: Ranking) -> Decision:
    hits = reply.hits if isinstance(reply, Answer | Suggestions) else ()
    return Decision(
        query,
        bool(right),
        bool(ranking.hits) and ranking.hits[0].entry.id in right,
        reply,
        ranking,
        any(hit.entry.id in right for hit in hits),
    )
