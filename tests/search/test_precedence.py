"""Questions go first, and other work gets done all the same."""

import threading

import pytest

from bot.search import precedence
from bot.search.precedence import Precedence

PATIENT = 60.0
"""Seconds; longer than any of these tests takes."""


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> Precedence:
    monkeypatch.setattr(precedence, "TURN", PATIENT)
    return Precedence()


def working(questions: Precedence, done: list[int]) -> threading.Thread:
    """Start some work in three steps."""
    thread = threading.Thread(target=lambda: done.extend(questions.between(range(3))), daemon=True)
    thread.start()
    return thread


def test_work_goes_on_at_once_if_nobody_asks(questions: Precedence) -> None:
    assert [0, 1, 2] == list(questions.between(range(3)))


def test_work_waits_until_the_last_of_several_questions_is_answered(questions: Precedence) -> None:
    done: list[int] = []
    with questions:
        with questions:
            work = working(questions, done)
        work.join(0.05)
        assert work.is_alive()
    work.join(PATIENT / 2)
    assert [0, 1, 2] == done


def test_a_question_that_fails_is_not_waited_for(questions: Precedence) -> None:
    with pytest.raises(ZeroDivisionError), questions:
        1 / 0  # noqa: B018
    done: list[int] = []
    working(questions, done).join(PATIENT / 2)
    assert [0, 1, 2] == done


def test_work_takes_turns_with_questions_that_never_end() -> None:
    questions = Precedence()
    done: list[int] = []
    with questions:
        working(questions, done).join(PATIENT / 2)
        assert [0, 1, 2] == done
