"""Measures of a ranking, each for one query; averages are the caller's.

Source: Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 2008, chapter 8;
nDCG with linear gains: Järvelin and Kekäläinen, "Cumulated gain-based evaluation", 2002.
"""

import math
from collections.abc import Mapping, Sequence


def reciprocal_rank(ranked: Sequence[str], right: frozenset[str]) -> float:
    """Return 1 / rank of the first right id; 0 where none was found."""
    return next((1 / rank for rank, found in enumerate(ranked, 1) if found in right), 0.0)


def success(ranked: Sequence[str], right: frozenset[str], depth: int) -> float:
    """Return 1 where a right id stands among the first ``depth``, else 0."""
    return float(not right.isdisjoint(ranked[:depth]))


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], depth: int = 10) -> float:
    """Return the discounted cumulative gain over that of the ideal order, from 0 to 1."""
    gain = sum(
        grades.get(found, 0) / math.log2(rank + 1) for rank, found in enumerate(ranked[:depth], 1)
    )
    ideal = sum(
        grade / math.log2(rank + 1)
        for rank, grade in enumerate(sorted(grades.values(), reverse=True)[:depth], 1)
    )
    return gain / ideal if ideal else 0.0
