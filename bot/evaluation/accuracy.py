"""How accurate search and policy are on labelled queries."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from bot.domain.reply import Answer, Decline, Help, Reply, Silence, Suggestions
from bot.domain.retrieval import Ranking
from bot.evaluation.labelled import LabelledQuery
from bot.evaluation.metrics import ndcg, reciprocal_rank, success

DEPTH = 100
"""How deep a ranking is looked at."""


class Verdict(StrEnum):
    """What a reply was worth."""

    ANSWERED_RIGHTLY = "answered rightly"
    ANSWERED_WRONGLY = "answered wrongly"
    SUGGESTED_RIGHTLY = "right one suggested"
    SUGGESTED_WRONGLY = "wrong ones suggested"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled query, what was found and what was replied.

    Attributes:
        query: The query with its labels.
        ranked: Ids found, best first.
        confidence: That of the best hit.
        verdict: What the reply was worth; None where only related entries are labelled.
    """

    query: LabelledQuery
    ranked: tuple[str, ...]
    confidence: float
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Averages over queries; None where no query counts towards one.

    Attributes:
        queries: How many queries.
        answerable: How many of them have a right entry.
        p1, mrr, s3, s5: Over the answerable ones.
        ndcg10: Over those with any relevant entry.
        precision: Share of right ones among automatic answers.
        verdicts: How often each verdict was given to an answerable query.
        unanswerable: The same for queries without any relevant entry.
        auroc: How well confidence tells a right best hit from all else (0.5: not at all).
    """

    queries: int
    answerable: int
    p1: float | None
    mrr: float | None
    s3: float | None
    s5: float | None
    ndcg10: float | None
    precision: float | None
    verdicts: Counter[Verdict]
    unanswerable: Counter[Verdict]
    auroc: float | None


def judge(
    queries: Sequence[LabelledQuery], ask: Callable[[str, int], tuple[Reply, Ranking]]
) -> tuple[Judged, ...]:
    """Ask every query.

    Args:
        queries: Labelled queries.
        ask: Text and depth in, reply and ranking out.
    """
    judged = []
    for query in queries:
        reply, ranking = ask(query.text, DEPTH)
        ranked = tuple(hit.entry.id for hit in ranking.hits)
        only_related = bool(query.grades) and not query.right
        verdict = None if only_related else _verdict(reply, query.right)
        judged.append(Judged(query, ranked, ranking.confidence, verdict))
    return tuple(judged)


def summarise(judged: Sequence[Judged]) -> Accuracy:
    """Average what was judged."""
    answerable = [one for one in judged if one.query.right]
    unanswerable = [one for one in judged if not one.query.grades]
    verdicts = Counter(one.verdict for one in answerable if one.verdict)
    wrongly = Counter(one.verdict for one in unanswerable if one.verdict)
    answered = [*verdicts.elements(), *wrongly.elements()]
    right = answered.count(Verdict.ANSWERED_RIGHTLY)
    wrong = answered.count(Verdict.ANSWERED_WRONGLY)
    return Accuracy(
        queries=len(judged),
        answerable=len(answerable),
        p1=_mean([success(one.ranked, one.query.right, 1) for one in answerable]),
        mrr=_mean([reciprocal_rank(one.ranked, one.query.right) for one in answerable]),
        s3=_mean([success(one.ranked, one.query.right, 3) for one in answerable]),
        s5=_mean([success(one.ranked, one.query.right, 5) for one in answerable]),
        ndcg10=_mean([ndcg(one.ranked, one.query.grades) for one in judged if one.query.grades]),
        precision=right / (right + wrong) if right + wrong else None,
        verdicts=verdicts,
        unanswerable=wrongly,
        auroc=_auroc(
            [one.confidence for one in answerable if success(one.ranked, one.query.right, 1)],
            [one.confidence for one in answerable if not success(one.ranked, one.query.right, 1)]
            + [one.confidence for one in unanswerable],
        ),
    )


def _verdict(reply: Reply, right: frozenset[str]) -> Verdict:
    match reply:
        case Answer(hits):
            met = not right.isdisjoint(hit.entry.id for hit in hits)
            return Verdict.ANSWERED_RIGHTLY if met else Verdict.ANSWERED_WRONGLY
        case Suggestions(hits):
            met = not right.isdisjoint(hit.entry.id for hit in hits)
            return Verdict.SUGGESTED_RIGHTLY if met else Verdict.SUGGESTED_WRONGLY
        case Decline() | Help() | Silence():
            return Verdict.DECLINED
        case _:
            assert_never(reply)


def _mean(figures: Sequence[float]) -> float | None:
    return sum(figures) / len(figures) if figures else None


def _auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Return the probability that a positive outranks a negative; ties count half."""
    if not positive or not negative:
        return None
    wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    return wins / (len(positive) * len(negative))
