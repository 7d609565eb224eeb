"""Counting what was asked: by outcome, platform, day or week, entry."""

from datetime import date, datetime, timedelta

from bot.evaluation.usage import Period, Usage, Use, measure
from bot.store.asks import Outcome, Vote
from bot.store.figures import Asked

TODAY = date(2026, 11, 25)  # a Wednesday


def asked(
    ago: int, outcome: Outcome | None, shown: str | None = None, platform: str = "slack"
) -> Asked:
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12) - timedelta(ago)
    return Asked(noon.timestamp(), platform, None, outcome is None, outcome, (), shown)


def measured(*questions: Asked) -> Usage:
    votes = {("a-1", Vote.USEFUL): 2, ("gone-1", Vote.WRONG): 1}
    return measure(questions, votes, ("a-1", "a-2"), TODAY)


def test_shares_are_those_of_what_was_searched_for() -> None:
    usage = measured(
        asked(2, Outcome.ANSWER, "a-1"),
        asked(2, Outcome.SUGGESTIONS, "gone-1"),
        asked(1, Outcome.SUGGESTIONS),
        asked(1, Outcome.DECLINE, platform="discord"),
        asked(0, Outcome.HELP),
        asked(0, None),
    )
    assert (5, 4, 1) == (usage.asked, usage.searched, usage.escalated)
    assert {"answered": 1, "taken": 1, "none_taken": 1, "declined": 1} == usage.fates
    assert {"slack": 4, "discord": 1} == usage.platforms
    assert {"useful": 2, "wrong": 1} == usage.votes


def test_every_entry_is_counted_also_the_unasked_and_the_removed() -> None:
    usage = measured(asked(0, Outcome.ANSWER, "a-1"), asked(0, Outcome.ANSWER, "gone-1"))
    assert (Use("a-1", 1, 2, 0), Use("a-2", 0, 0, 0), Use("gone-1", 1, 0, 1)) == usage.entries
    assert [False, True, False] == [use.never for use in usage.entries]


def test_a_month_is_shown_by_days_with_the_quiet_ones() -> None:
    usage = measured(asked(2, Outcome.ANSWER, "a-1"), asked(2, Outcome.DECLINE))
    assert "day" == usage.by
    assert (
        Period(date(2026, 11, 23), 2, 1),
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
