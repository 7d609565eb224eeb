"""The list of what to do: what belongs on it, and what is one question."""

import pytest

from bot.evaluation.unanswered import Fate, unanswered
from bot.store.asks import Candidate, Outcome
from bot.store.figures import Asked

NEAR = Candidate("yamada-1", 3.0, 0.3)
NEXT = Candidate("yamada-2", 2.0, 0.2)


def asked(
    text: str | None = "録画はありますか",
    at: float = 0.0,
    outcome: Outcome | None = Outcome.DECLINE,
    *,
    platform: str = "slack",
    candidates: tuple[Candidate, ...] = (NEAR, NEXT),
    shown: str | None = None,
    doubted: bool = False,
    escalated: bool = False,
) -> Asked:
    return Asked(at, platform, text, escalated, outcome, candidates, shown, doubted)


@pytest.mark.parametrize(
    ("one", "fate"),
    [
        (asked(), Fate.DECLINED),
        (asked(outcome=Outcome.SUGGESTIONS), Fate.NONE_TAKEN),
        (asked(outcome=Outcome.ANSWER, shown="yamada-1", doubted=True), Fate.WRONG),
        (asked(outcome=Outcome.SUGGESTIONS, shown="yamada-1", doubted=True), Fate.WRONG),
        (asked(outcome=Outcome.ANSWER, shown="yamada-1", escalated=True), Fate.ESCALATED),
        (asked(outcome=None, candidates=(), escalated=True), Fate.ESCALATED),
    ],
)
def test_what_nothing_answered_is_listed_with_what_became_of_it(one: Asked, fate: Fate) -> None:
    (listed,) = unanswered([one])
    assert (fate,) == listed.fates


@pytest.mark.parametrize(
    "one",
    [
        asked(outcome=Outcome.ANSWER, shown="yamada-1"),
        asked(outcome=Outcome.SUGGESTIONS, shown="yamada-1"),
        *(
            asked(outcome=each)
            for each in (Outcome.HELP, Outcome.LIMITED, Outcome.EXPIRED, Outcome.FAILED)
        ),
    ],
)
def test_what_was_answered_or_never_searched_for_is_not_listed(one: Asked) -> None:
    assert () == unanswered([one])


def test_the_same_question_is_one_line_whoever_asks_it_where_and_however() -> None:
    (listed,) = unanswered(
        [
            asked("録画はありますか", 1),
            asked("録画は　ありますか？", 3, platform="discord", escalated=True),
            asked(" 録画はありますか。\n", 2, Outcome.SUGGESTIONS),
        ]
    )
    assert ("録画は　ありますか？", 3, 3) == (listed.question, listed.at, listed.times)
    assert ("discord", "slack") == listed.platforms
    assert (Fate.DECLINED, Fate.NONE_TAKEN) == listed.fates
    assert listed.escalated


def test_width_and_case_make_no_difference_but_words_do() -> None:
    assert ["RAGとは", "ＬＬＭとは"] == [
        each.question
        for each in unanswered([asked("LLMとは", 1), asked("ＬＬＭとは", 2), asked("RAGとは", 3)])
    ]


def test_questions_without_words_are_taken_together_by_the_nearest_entry() -> None:
    listed = unanswered(
        [
            asked(None, 3),
            asked(None, 2),
            asked(None, 1, candidates=(NEXT,)),
            asked(None, 0, candidates=()),
        ]
    )
    assert [("yamada-1", 2), ("yamada-2", 1), (None, 1)] == [
        (each.nearest.entry if each.nearest else None, each.times) for each in listed
    ]


def test_the_entry_that_was_shown_is_the_nearest_even_if_another_came_first() -> None:
    (listed,) = unanswered([asked(outcome=Outcome.ANSWER, shown="yamada-2", doubted=True)])
    assert NEXT == listed.nearest


def test_an_id_of_a_member_in_the_words_is_taken_out() -> None:
    """Adapters take mentions off; what was typed into a form passes no adapter's gate."""
    (listed,) = unanswered([asked("<@U0123> <@!456> 録画は？")])
    assert "録画は？" == listed.question
