"""Counting what was asked: by what became of it, by platform, day or week, entry."""

from datetime import date, datetime, timedelta

import pytest

from bot.domain.ask import Candidate, Outcome, Vote
from bot.store.history import Asked
from bot.usage import ANSWERED, UNANSWERED, Fate, Period, Usage, Use, fate, measure

TODAY = date(2026, 11, 25)  # a Wednesday
FIRST, SECOND = Candidate("a-1", 3.0, 0.6), Candidate("a-2", 2.0, 0.3)


def asked(
    ago: int,
    outcome: Outcome | None,
    shown: str | None = None,
    platform: str = "slack",
    *,
    votes: tuple[tuple[str, Vote], ...] = (),
    candidates: tuple[Candidate, ...] = (),
    escalated: bool = False,
    handled: bool = False,
) -> Asked:
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12) - timedelta(ago)
    return Asked(
        id=f"{ago}",
        at=noon.timestamp(),
        platform=platform,
        text=None,
        escalated=escalated or outcome is None,
        outcome=outcome,
        candidates=candidates,
        shown=shown,
        votes=votes,
        handled=handled,
    )


def measured(*questions: Asked) -> Usage:
    return measure(questions, ("a-1", "a-2"), TODAY)


WRONG = (("a-1", Vote.WRONG),)


@pytest.mark.parametrize(
    ("one", "what"),
    [
        (asked(0, Outcome.ANSWER, "a-1"), Fate.ANSWERED),
        (asked(0, Outcome.ANSWER, "a-1", candidates=(FIRST, SECOND)), Fate.ANSWERED),
        (asked(0, Outcome.SUGGESTIONS, "a-1"), Fate.TAKEN),
        (asked(0, Outcome.ANSWER, "a-1", votes=WRONG), Fate.WRONG),
        (asked(0, Outcome.SUGGESTIONS, "a-1", votes=WRONG), Fate.WRONG),
        (asked(0, Outcome.ANSWER, "a-1", votes=WRONG, escalated=True), Fate.WRONG),
        (asked(0, Outcome.SUGGESTIONS), Fate.NONE_TAKEN),
        (asked(0, Outcome.DECLINE), Fate.DECLINED),
        (asked(0, Outcome.DECLINE, escalated=True), Fate.DECLINED),
        (asked(0, Outcome.ANSWER, "a-1", escalated=True), Fate.ESCALATED),
        (asked(0, Outcome.HELP, escalated=True), Fate.ESCALATED),
        (asked(0, None), Fate.ESCALATED),
        (asked(0, Outcome.HELP), Fate.UNSEARCHED),
        (asked(0, Outcome.LIMITED), Fate.UNSEARCHED),
        (asked(0, Outcome.EXPIRED), Fate.UNSEARCHED),
        (asked(0, Outcome.FAILED), Fate.UNSEARCHED),
    ],
)
def test_a_question_has_one_fate(one: Asked, what: Fate) -> None:
    assert what is fate(one)


def test_who_rejects_one_entry_and_takes_the_next_is_answered_from_the_candidates() -> None:
    one = asked(0, Outcome.ANSWER, "a-2", votes=WRONG, candidates=(FIRST, SECOND))
    assert Fate.TAKEN is fate(one)


def test_a_vote_that_it_is_useful_does_not_take_the_other_one_back() -> None:
    one = asked(0, Outcome.ANSWER, "a-1", votes=(("a-1", Vote.USEFUL), *WRONG))
    assert Fate.WRONG is fate(one)


def test_answered_unanswered_and_not_searched_for_add_up_to_what_was_asked() -> None:
    usage = measured(
        asked(2, Outcome.ANSWER, "a-1"),
        asked(2, Outcome.ANSWER, "a-1", votes=WRONG),
        asked(2, Outcome.SUGGESTIONS, "gone-1"),
        asked(1, Outcome.SUGGESTIONS),
        asked(1, Outcome.DECLINE, platform="discord", escalated=True, handled=True),
        asked(0, Outcome.HELP, handled=True),
        asked(0, Outcome.LIMITED),
        asked(0, None),
    )
    assert (8, 2, 4, 6) == (usage.asked, usage.answered, usage.unanswered, usage.searched)
    assert (2, 1) == (usage.escalated, usage.handled)
    assert {
        "ANSWERED": 1, "TAKEN": 1, "WRONG": 1, "NONE_TAKEN": 1, "DECLINED": 1, "ESCALATED": 1,
        "UNSEARCHED": 2,
    } == {which.name: count for which, count in usage.fates.items()}  # fmt: skip
    assert {Outcome.HELP: 1, Outcome.LIMITED: 1} == usage.unsearched
    assert {"slack": 7, "discord": 1} == usage.platforms
    assert {"useful": 0, "wrong": 1} == usage.votes
    assert {*Fate} == {*ANSWERED, *UNANSWERED, Fate.UNSEARCHED}


def test_every_entry_is_counted_also_the_unasked_and_the_removed() -> None:
    usage = measured(
        asked(0, Outcome.ANSWER, "a-1", votes=(("a-1", Vote.USEFUL), ("a-1", Vote.USEFUL))),
        asked(0, Outcome.ANSWER, "gone-1", votes=(("gone-1", Vote.WRONG),)),
    )
    assert (Use("a-1", 1, 2, 0), Use("a-2", 0, 0, 0), Use("gone-1", 1, 0, 1)) == usage.entries
    assert [False, True, False] == [use.never for use in usage.entries]


def test_a_month_is_shown_by_days_with_the_quiet_ones() -> None:
    usage = measured(
        asked(2, Outcome.ANSWER, "a-1"),
        asked(2, Outcome.ANSWER, "a-1", votes=WRONG),
        asked(2, Outcome.DECLINE),
    )
    assert "day" == usage.by
    assert (
        Period(date(2026, 11, 23), 3, 1),
        Period(date(2026, 11, 24), 0, 0),
        Period(TODAY, 0, 0),
    ) == usage.periods


def test_a_longer_time_is_shown_by_weeks_from_monday() -> None:
    usage = measured(asked(31, Outcome.DECLINE), asked(0, Outcome.ANSWER, "a-1"))
    assert "week" == usage.by
    assert (date(2026, 10, 19), date(2026, 11, 23)) == (
        usage.periods[0].start, usage.periods[-1].start,
    )  # fmt: skip
    assert [1, 0, 0, 0, 0, 1] == [period.asked for period in usage.periods]


def test_nothing_asked_has_no_periods() -> None:
    usage = measured()
    assert (None, 0, ()) == (usage.first, usage.searched, usage.periods)
