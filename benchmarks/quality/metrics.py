"""Ranking and decision metrics, and how far chance alone may carry them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.sets import Collection

SEED = 20_261_015
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Ranks:
    """How well a collection was ranked, query by query.

    Attributes:
        first: 1 where the first entry answers; queries with an answer only.
        reciprocal: 1 / rank of the first entry that answers, 0 where none was found.
        among_5: 1 where one of the first five answers.
        ndcg: nDCG@10 by grades; queries with any relevant entry.
    """

    first: NDArray[np.float64]
    reciprocal: NDArray[np.float64]
    among_5: NDArray[np.float64]
    ndcg: NDArray[np.float64]

    @property
    def means(self) -> tuple[float, float, float, float]:
        """P@1, MRR, S@5, nDCG@10."""
        return (
            float(self.first.mean()),
            float(self.reciprocal.mean()),
            float(self.among_5.mean()),
            float(self.ndcg.mean()),
        )


def ranks(collection: Collection, rankings: Sequence[Sequence[str]]) -> Ranks:
    """Measure rankings.

    Args:
        collection: What was asked.
        rankings: For each query the entries' ids, best first.
    """
    positions, ndcg = [], []
    for query, ranking in zip(collection.queries, rankings, strict=True):
        if not query.grades:
            continue
        ndcg.append(_ndcg(query.grades, ranking))
        right = query.right(collection.best)
        if right:
            found = (at for at, entry in enumerate(ranking, 1) if entry in right)
            positions.append(next(found, math.inf))
    at = np.array(positions)
    return Ranks((at == 1).astype(float), 1 / at, (at <= 5).astype(float), np.array(ndcg))


def _ndcg(grades: dict[str, int], ranking: Sequence[str], depth: int = 10) -> float:
    """Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002."""
    best = sorted(grades.values(), reverse=True)[:depth]
    ideal = sum(grade / math.log2(at + 2) for at, grade in enumerate(best))
    gain = sum(grades.get(entry, 0) / math.log2(at + 2) for at, entry in enumerate(ranking[:depth]))
    return gain / ideal


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the chance that a positive one is above a negative one, ties half."""
    if not positive or not negative:
        return math.nan
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, "left") + np.searchsorted(ordered, positive, "right")
    return float(below.sum() / (2 * len(positive) * len(negative)))


def auroc_of_halves(
    positive: Sequence[float], negative: Sequence[float]
) -> tuple[float, float, float]:
    """Take half of the queries as positive and the other half as negative, again and again.

    Args:
        positive: What each query would be with its answer.
        negative: The same without.

    Returns:
        The mean AUROC, and the ends of the interval that 95 % of the draws fall into.
    """
    draw = np.random.default_rng(SEED)
    with_answer, without = np.array(positive), np.array(negative)
    found = []
    for _ in range(RESAMPLES):
        drawn = draw.permutation(len(with_answer))
        half = len(drawn) // 2
        found.append(auroc(with_answer[drawn[:half]].tolist(), without[drawn[half:]].tolist()))
    low, high = np.quantile(found, (0.025, 0.975))
    return float(np.mean(found)), float(low), float(high)


def difference(one: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % interval of mean(one − other), by the paired bootstrap.

    Source: Sakai, "Evaluating evaluation metrics based on the bootstrap", SIGIR 2006.
    """
    delta = one - other
    drawn = np.random.default_rng(SEED).integers(0, len(delta), (RESAMPLES, len(delta)))
    low, high = np.quantile(delta[drawn].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)
