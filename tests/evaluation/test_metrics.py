"""Measures, against figures worked out by hand."""

import math

import pytest

from bot.evaluation.metrics import ndcg, reciprocal_rank, success


def test_reciprocal_rank_is_that_of_the_first_right_one() -> None:
    assert 0.5 == reciprocal_rank(("a", "b", "c"), frozenset("bc"))
    assert 0.0 == reciprocal_rank(("a",), frozenset("b"))
    assert 0.0 == reciprocal_rank((), frozenset("b"))


def test_success_looks_only_as_deep_as_told() -> None:
    assert 0.0 == success(("a", "b"), frozenset("b"), 1)
    assert 1.0 == success(("a", "b"), frozenset("b"), 2)


def test_ndcg_weighs_grades_by_rank() -> None:
    grades = {"a": 1, "b": 2}
    ideal = 2 + 1 / math.log2(3)

    assert ndcg(("b", "a"), grades) == pytest.approx(1.0)
    assert ndcg(("a", "x", "b"), grades) == pytest.approx((1 + 2 / math.log2(4)) / ideal)
    assert 0.0 == ndcg(("x",), grades)
    assert 0.0 == ndcg(("x",), {})


def test_ndcg_looks_no_deeper_than_its_depth() -> None:
    assert 0.0 == ndcg(("x", "a"), {"a": 1}, depth=1)
