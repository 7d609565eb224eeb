"""How sure it is that a hit answers the query: by its lead, with the same constants for every FAQ.

Explained for organisers in docs/search.md, measured in docs/quality.md; what was tried beside, and
why no FAQ is calibrated: docs/decisions/0043-certainty.md.
"""

import math
from collections.abc import Sequence

from bot.domain.retrieval import Thresholds
from bot.search.ranker import Candidate

ASKED_WEIGHT = 0.15
"""What it says that the entry's whole question was asked, against a lead of 1."""

UNMET_WEIGHT = 0.1
"""What it says that the entry speaks of none of the query's nouns."""

UNRELATED = 0.5
"""What an entry scores that is about something near; in place of the third where there is none."""

_EVEN, _STEEPNESS = 0.288, 6.0
"""The lead at which a hit is as often right as wrong, and how fast that changes: fitted at once to
all FAQs that are tuned on, from 14 to 1,786 entries.
"""


def assess(candidates: Sequence[Candidate], entries: int) -> list[float]:
    """Return the confidence of each candidate, from 0 to 1.

    The lead counts over the third: the second may say the same (two lecturers, one question).

    Args:
        candidates: Best first.
        entries: Number of entries in the FAQ.
    """
    third = candidates[2].score if len(candidates) > 2 else UNRELATED if entries < 3 else 0.0
    return [_confidence(candidate, candidate.score - third) for candidate in candidates]


def _confidence(candidate: Candidate, lead: float) -> float:
    sign = lead + ASKED_WEIGHT * candidate.asked - UNMET_WEIGHT * candidate.unmet
    return 1 / (1 + math.exp(_STEEPNESS * (_EVEN - sign)))


def relevance(candidates: Sequence[Candidate], nearest: float | None) -> float:
    """Return whether the FAQ speaks of the query's matter at all, from 0 to about 1.5.

    Args:
        candidates: Best first.
        nearest: The best cosine of any entry: what is about something else is far from all of them.
            None where meaning is left out.
    """
    words = candidates[0].words if candidates else 0.0
    return 2 * words if nearest is None else nearest + words / 2


def thresholds(strictness: float) -> Thresholds:
    """Return how sure the bot must be.

    Args:
        strictness: From 0 (answers readily) to 1 (hardly ever).
    """
    return Thresholds(
        answer=0.4 + 0.6 * strictness,
        suggest=0.29 + 0.2 * strictness,
        overheard=0.94 + 0.06 * strictness,
    )
