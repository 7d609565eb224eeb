"""How sure it is that a hit answers the query, from the FAQ itself; no labelled data is needed.

Explained for organisers in docs/search.md, measured in docs/quality.md.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from bot.domain.retrieval import Thresholds
from bot.search.bm25 import K1
from bot.search.index import QUESTION_WEIGHT, WHOLE_WEIGHT, Found, Index
from bot.search.synonyms import Alternative

SYNONYM_CREDIT = 0.7
"""What a word counts as covered that only a synonym of it meets."""

PRIOR_ENTRIES = 10
PRIOR_THRESHOLD = 0.25
"""A small FAQ says little about itself: its threshold is drawn towards that of a large one."""


def confidence(evidence: float, coverage: float, asked: float, margin: float) -> float:
    """Combine the four signs, each from 0 to 1, into one figure from 0 to 1.

    Args:
        evidence: How much matched at all, see ``evidence``.
        coverage: How much of the query's weight the entry covers.
        asked: How much of the weight of the entry's question was asked.
        margin: How far the next entry is behind, relative to this one.
    """
    return evidence * (coverage + asked + margin) / 3


def evidence(score: float, unknown_idf: float) -> float:
    """Return 1 − exp(−score / what one perfect match of a unique term could score)."""
    ceiling = (K1 + 1) * (QUESTION_WEIGHT + WHOLE_WEIGHT) * unknown_idf
    return 1 - math.exp(-score / ceiling)


def covered(
    weights: dict[str, float],
    present: frozenset[str],
    alternatives: Iterable[tuple[frozenset[str], frozenset[str]]],
) -> float:
    """Return the share of the weights whose terms are present, themselves or by a synonym.

    Args:
        weights: idf of each term that should be present.
        present: The terms that are.
        alternatives: Pairs (terms, other terms that say the same).
    """
    total = sum(weights.values())
    if not total:
        return 0.0
    credit = {term: weight for term, weight in weights.items() if term in present}
    for terms, others in alternatives:
        if others <= present:
            for term in terms:
                if term in weights:
                    credit.setdefault(term, SYNONYM_CREDIT * weights[term])
    return sum(credit.values()) / total


def assess(
    index: Index,
    terms: Sequence[str],
    alternatives: Sequence[Alternative],
    found: Sequence[Found],
) -> list[float]:
    """Return the confidence of each hit, in the order found.

    Args:
        index: The index that was searched.
        terms: The query's terms.
        alternatives: Synonyms of stretches of the query.
        found: The hits, best first.
    """
    asked_weights = {term: index.idf(term) for term in terms}
    query = frozenset(asked_weights)
    pairs = [(frozenset(terms[a.start : a.end]), frozenset(a.word.terms)) for a in alternatives]
    back = [(others, own) for own, others in pairs]
    confidences = []
    for rank, hit in enumerate(found):
        question = index.wording_terms(hit.wording)
        question_weights = {term: index.idf(term) for term in question}
        runner_up = found[rank + 1].score if rank + 1 < len(found) else 0.0
        confidences.append(
            confidence(
                evidence(hit.score, index.unknown_idf),
                covered(asked_weights, index.entry_terms(int(index.owner[hit.wording])), pairs),
                covered(question_weights, query, back),
                # Only the best hit can be ahead of the others.
                (hit.score - runner_up) / hit.score if rank == 0 else 0.0,
            )
        )
    return confidences


def thresholds(leave_one_out: Sequence[float], strictness: float) -> Thresholds:
    """Calibrate how sure the bot must be.

    Ask each entry's own question with that entry left out: what is found then is wrong, so an
    answer must be surer than such finds usually are.

    Args:
        leave_one_out: The best hit's confidence for each question so asked.
        strictness: The quantile of them that an answer must reach, from 0 to 1.
    """
    count = len(leave_one_out)
    typical = float(np.quantile(leave_one_out, strictness)) if count else 0.0
    answer = (count * typical + PRIOR_ENTRIES * PRIOR_THRESHOLD) / (count + PRIOR_ENTRIES)
    return Thresholds(answer=answer, suggest=answer / 3, overheard=answer + (1 - answer) / 4)
