"""Confidence: within 0 and 1, growing with each sign, calibrated from the FAQ."""

import pytest
from bot.search.confidence import PRIOR_ENTRIES, PRIOR_THRESHOLD, thresholds
from bot.search.shares import Shares
from hypothesis import given
from hypothesis import strategies as st

from bot.search import confidence
from bot.search.ranker import Candidate

SHARE = st.floats(0, 1)


def candidate(score: float, share: float = 0.5) -> Candidate:
    shares = Shares(share, share, share, share, share, aimed=share, missing=1 - share)
    return Candidate(0, score, score, shares)


@given(st.tuples(SHARE, SHARE, SHARE, SHARE), SHARE)
def test_confidence_lies_between_0_and_1(
    signs: tuple[float, float, float, float], crowd: float
) -> None:
    assert 0 <= confidence.confidence(*signs, crowd) <= 1 + 1e-12


@given(st.tuples(SHARE, SHARE, SHARE, SHARE), st.integers(0, 3), SHARE, SHARE)
def test_no_sign_lowers_it(
    signs: tuple[float, float, float, float], which: int, higher: float, crowd: float
) -> None:
    raised = list(signs)
    raised[which] = max(raised[which], higher)
    assert confidence.confidence(*signs, crowd) <= confidence.confidence(*raised, crowd) + 1e-12


def test_being_ahead_says_more_the_more_there_are() -> None:
    crowds = [confidence.crowd(entries) for entries in (0, 1, 14, 50, 200, 100_000)]
    assert crowds == sorted(crowds)
    assert [0, 0] == crowds[:2]
    assert [1, 1] == crowds[-2:]
    ahead = {"evidence": 1.0, "spoken": 0.0, "asked": 0.5, "lead": 1.0}
    assert confidence.confidence(**ahead, crowd=0.4) < confidence.confidence(**ahead, crowd=1.0)


def test_evidence_grows_towards_1() -> None:
    some, more = confidence.evidence(5, 3), confidence.evidence(50, 3)
    assert 0 == confidence.evidence(0, 3)
    assert 0 < some < more < 1


def test_only_the_best_hit_is_ahead_and_of_the_third() -> None:
    alone, second, _ = confidence.assess([candidate(9), candidate(9), candidate(1)], 3)
    close, *_ = confidence.assess([candidate(9), candidate(9), candidate(9)], 3)
    assert second < alone
    assert close == second


def test_the_very_words_of_a_question_are_enough_if_nothing_else_is_near() -> None:
    few = candidate(0.5, share=1.0)
    assert [1.0] == confidence.assess([few], 3)
    assert confidence.assess([few, few, few], 3)[0] < 0.5
    assert confidence.assess([candidate(0.5, share=0.9)], 3)[0] < 0.5


def test_nothing_found_gives_no_confidence() -> None:
    assert [] == confidence.assess([], 3)


def test_an_empty_faq_has_the_prior_threshold() -> None:
    assert PRIOR_THRESHOLD == thresholds((), 0.5, 0).answer


def test_a_small_faq_is_drawn_towards_the_prior() -> None:
    expected = (PRIOR_ENTRIES * 0.1 + PRIOR_ENTRIES * PRIOR_THRESHOLD) / (2 * PRIOR_ENTRIES)
    assert pytest.approx(expected) == thresholds([0.1] * PRIOR_ENTRIES, 0.5, PRIOR_ENTRIES).answer


def test_a_sample_counts_as_much_as_the_faq_that_it_is_of() -> None:
    whole, sample = [0.1, 0.2, 0.3] * 1_000, [0.1, 0.2, 0.3]

    assert thresholds(whole, 0.5, len(whole)) == thresholds(sample, 0.5, len(whole))


@given(st.lists(SHARE, min_size=1, max_size=30), SHARE, SHARE)
def test_a_stricter_bot_has_higher_thresholds(
    leave_one_out: list[float], one: float, other: float
) -> None:
    loose = thresholds(leave_one_out, min(one, other), len(leave_one_out))
    strict = thresholds(leave_one_out, max(one, other), len(leave_one_out))
    assert loose.answer <= strict.answer + 1e-12
    assert strict.suggest < strict.answer <= strict.overheard
