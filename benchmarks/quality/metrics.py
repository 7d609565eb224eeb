"""Metrics of rankings, and how far chance alone may carry them."""

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
        among_3: 1 where one of the first three answers.
        among_5: 1 where one of the first five answers.
        ndcg: nDCG@10 by grades; queries with any relevant entry.
        graded: Some entries answer better than others.
    """

    first: NDArray[np.float64]
    reciprocal: NDArray[np.float64]
    among_3: NDArray[np.float64]
    among_5: NDArray[np.float64]
    ndcg: NDArray[np.float64]
    graded: bool

    @property
    def means(self) -> dict[str, float]:
        """Means by name; nDCG only where entries are graded."""
        return {
            "p_at_1": float(self.first.mean()),
            "mrr": float(self.reciprocal.mean()),
            "s_at_3": float(self.among_3.mean()),
            "s_at_5": float(self.among_5.mean()),
        } | ({"ndcg_at_10": float(self.ndcg.mean())} if self.graded else {})


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
    first, among_3, among_5 = ((at <= last).astype(float) for last in (1, 3, 5))
    return Ranks(first, 1 / at, among_3, among_5, np.array(ndcg), collection.best > 1)


def _ndcg(grades: dict[str, int], ranking: Sequence[str], depth: int = 10) -> float:
    """Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002."""
    best = sorted(grades.values(), reverse=True)[:depth]
    ideal = sum(grade / math.log2(at + 2) for at, grade in enumerate(best))
    gain = sum(grades.get(entry, 0) / math.log2(at + 2) for at, entry in enumerate(ranking[:depth]))
    return gain / ideal


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % interval of a mean, by the bootstrap."""
    drawn = np.random.default_rng(SEED).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)


def difference(one: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % interval of mean(one − other), by the paired bootstrap.

    Source: Sakai, "Evaluating evaluation metrics based on the bootstrap", SIGIR 2006.
    """
    return interval(one - other)
