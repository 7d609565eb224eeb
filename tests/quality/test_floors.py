"""The bot is at least as good as it was: on what members ask, and on what they only say."""

from collections.abc import Callable

import pytest

from benchmarks.quality import sets
from benchmarks.quality.decisions import Decision, decide
from benchmarks.quality.figures import Overheard, listen, tempt
from bot.domain.reply import Answer
from bot.search.searcher import LISTS, Searcher

OURS, OTHERS = ("queries.tune", "queries.final"), ("others.tune", "others.final")


@pytest.fixture(scope="module")
def decided() -> Callable[[str], list[Decision]]:
    collection = sets.own("queries.tune")
    searcher = Searcher(collection.entries, LISTS)
    return {half: decide(searcher, sets.own(half)) for half in OURS + OTHERS}.__getitem__


@pytest.fixture(scope="module")
def overheard() -> Overheard:
    return listen(sets.own("chat"))


def share(decisions: list[Decision], counts: Callable[[Decision], bool]) -> float:
    return sum(map(counts, decisions)) / len(decisions)


@pytest.mark.parametrize(
    ("half", "first", "shown", "answered"),
    [
        ("queries.tune", 0.99, 0.99, 0.74),
        ("queries.final", 0.97, 0.97, 0.64),
        ("others.tune", 0.96, 0.96, 0.33),
        ("others.final", 0.94, 0.95, 0.42),
    ],
)
def test_what_the_faq_answers_is_found_shown_and_often_answered(
    decided: Callable[[str], list[Decision]],
    half: str,
    first: float,
    shown: float,
    answered: float,
) -> None:
    answerable = [decision for decision in decided(half) if decision.answerable]
    assert first <= share(answerable, lambda one: one.right)
    assert shown <= share(answerable, lambda one: one.shown)
    assert answered <= share(answerable, lambda one: one.right and isinstance(one.reply, Answer))


@pytest.mark.parametrize("half", OURS + OTHERS)
def test_answers_are_right_98_times_in_100(
    decided: Callable[[str], list[Decision]], half: str
) -> None:
    answers = [one for one in decided(half) if isinstance(one.reply, Answer)]
    assert 0.98 <= share(answers, lambda one: one.right)


@pytest.mark.parametrize("half", OURS + OTHERS)
@pytest.mark.parametrize(
    ("kind", "most"), [("field", 0.02), ("chat", 0), ("statement", 0), ("offtopic", 0)]
)
def test_what_no_entry_answers_is_hardly_ever_answered(
    decided: Callable[[str], list[Decision]], half: str, kind: str, most: float
) -> None:
    asked = [one for one in decided(half) if one.query.kind == kind]
    assert share(asked, lambda one: isinstance(one.reply, Answer)) <= most


def test_tempting_questions_are_seldom_answered() -> None:
    answered, asked = tempt(sets.own("tempting"))
    assert 150 <= asked
    assert answered <= 0.1 * asked


def test_nothing_overheard_is_answered_wrongly(overheard: Overheard) -> None:
    assert 300 <= overheard.lines
    assert 0 == overheard.wrong


def test_more_than_half_of_the_questions_overheard_are_answered(overheard: Overheard) -> None:
    assert 0.5 * overheard.questions <= overheard.right
