"""How sure it is that a hit answers the query, from the FAQ itself; no labelled data is needed.

Explained for organisers in docs/search.md, measured in docs/quality.md.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

from bot.domain.retrieval import Thresholds
from bot.search.bm25 import K1, idf
from bot.search.index import QUESTION_WEIGHT, WHOLE_WEIGHT
from bot.search.ranker import Candidate

CROWDED = 200
"""In a FAQ of so many entries, being ahead of all others says all it can."""

PRIOR_ENTRIES = 150
PRIOR_THRESHOLD = 0.55
"""A small FAQ says little about itself: its threshold is drawn towards a careful one."""


def confidence(evidence: float, spoken: float, asked: float, lead: float, crowd: float) -> float:
    """Combine four signs, each from 0 to 1, into one figure from 0 to 1.

    Args:
        evidence: How much matched at all, see ``evidence``.
        spoken: How much of what was asked about, in nouns, the entry speaks of.
        asked: How much the query and the entry's question are the same.
        lead: How far the third entry is behind, relative to this one.
        crowd: How much that says, see ``crowd``.
    """
    # Rounding may carry the sum of all shares beyond 1, and its complement below 0.
    signs = (7 - 5 * crowd) * spoken + 5 * asked + 5 * crowd * lead
    return max(0.0, evidence * signs / 12)


def crowd(entries: int) -> float:
    """Return how much it says to be ahead of all others, from 0 to 1.

    Among a dozen entries the third is far behind a wrong one too; what the entry speaks of says
    more then.

    Args:
        entries: Number of entries in the FAQ.
    """
    return min(1.0, math.log(max(entries, 1)) / math.log(CROWDED))


def evidence(bm25: float, entries: int) -> float:
    """Return 1 − exp(−score / what a word that only one entry has scores in both fields).

    Args:
        bm25: The score.
        entries: Number of entries in the FAQ; at least 1.
    """
    return 1 - math.exp(-bm25 / _one_word(entries))


@lru_cache
def _one_word(entries: int) -> float:
    return (K1 + 1) * (QUESTION_WEIGHT + WHOLE_WEIGHT) * float(idf(entries, 1))


def assess(candidates: Sequence[Candidate], entries: int) -> list[float]:
    """Return the confidence of each candidate.

    Args:
        candidates: Best first.
        entries: Number of entries in the FAQ.
    """
    # Without likeness: to word vectors, all entries of one field are alike.
    third = candidates[2].lexical if len(candidates) > 2 else 0.0
    ahead = crowd(entries)
    sure = []
    for rank, candidate in enumerate(candidates):
        enough = evidence(candidate.bm25, entries)
        # Only the best can be ahead. The second may say the same: two lecturers, one question.
        lead = max(1 - third / candidate.lexical, 0.0) if rank == 0 else 0.0
        if _same_words(candidate):  # needs no more of them, if nothing else is near
            enough = max(enough, lead)
        spoken = 1 - candidate.shares.missing
        sure.append(confidence(enough, spoken, _sameness(candidate), lead, ahead))
    return sure


def _same_words(candidate: Candidate) -> bool:
    """The query and the entry's question have the same words, whatever their order."""
    return min(candidate.shares.asked, candidate.shares.aimed) > 1 - 1e-9  # sums of floats


def _sameness(candidate: Candidate) -> float:
    """Return how much the query and the entry's question are the same.

    What the entry's question asks counts more than what the query does: members add words.
    """
    shares = candidate.shares
    return (2 * shares.asked + 2 * shares.kanji_asked + shares.aimed) / 5


def thresholds(leave_one_out: Sequence[float], strictness: float, entries: int) -> Thresholds:
    """Calibrate how sure the bot must be.

    Ask each entry's own question with that entry left out: what is found then is wrong, so an
    answer must be surer than such finds usually are.

    Args:
        leave_one_out: The best hit's confidence for each question so asked; of a large FAQ,
            a sample of them.
        strictness: The quantile of them that an answer must reach, from 0 to 1.
        entries: Number of entries in the FAQ.
    """
    typical = _quantile(sorted(leave_one_out), strictness) if leave_one_out else 0.0
    answer = (entries * typical + PRIOR_ENTRIES * PRIOR_THRESHOLD) / (entries + PRIOR_ENTRIES)
    return Thresholds(answer=answer, suggest=answer / 3, overheard=answer + (1 - answer) / 4)


def _quantile(ascending: Sequence[float], share: float) -> float:
    """Interpolate between the neighbours, as numpy does, but without its 15 ms of first imports."""
    at = share * (len(ascending) - 1)
    low, part = int(at), at % 1
    high = min(low + 1, len(ascending) - 1)
    return ascending[low] + part * (ascending[high] - ascending[low])
