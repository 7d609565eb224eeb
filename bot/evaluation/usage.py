"""Figures of what was asked: how much, what came of it, which entries were the answer."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.store.asks import Outcome, Vote
from bot.store.figures import Asked

MOST_DAYS = 31
"""A longer time is shown by weeks."""

UNSEARCHED = (Outcome.HELP, Outcome.LIMITED, Outcome.EXPIRED, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Period:
    """A day, or a week by its Monday, where the command runs.

    Attributes:
        start: Its first day.
        asked: How many questions were asked.
        answered: How many of them were shown an entry: at once, or from the candidates.
    """

    start: date
    asked: int
    answered: int


@dataclass(frozen=True, slots=True)
class Use:
    """How often an entry was the answer, and the votes on it."""

    entry: str
    shown: int
    useful: int
    wrong: int

    @property
    def never(self) -> bool:
        """Whether nobody was ever shown it."""
        return not (self.shown or self.useful or self.wrong)


@dataclass(frozen=True, slots=True)
class Usage:
    """The figures.

    Attributes:
        first: The day of the first question; None where there is none.
        asked: How many questions the bot took.
        outcomes: How many of them got each outcome.
        taken: How many were offered candidates, and one was taken.
        escalated: How many are open before the lecturers, also those that came by the form alone.
        platforms: How many were asked on each.
        by: What a period is.
        periods: All from the first question until now, oldest first.
        entries: Every entry in the FAQ's order, then those that it doesn't have any more.
    """

    first: date | None
    asked: int
    outcomes: Mapping[Outcome, int]
    taken: int
    escalated: int
    platforms: Mapping[str, int]
    by: Literal["day", "week"]
    periods: tuple[Period, ...]
    entries: tuple[Use, ...]

    @property
    def fates(self) -> Mapping[str, int]:
        """What became of the questions that the FAQ was searched for; shares are shares of them."""
        return {
            "answered": self.outcomes[Outcome.ANSWER],
            "taken": self.taken,
            "none_taken": self.outcomes[Outcome.SUGGESTIONS] - self.taken,
            "declined": self.outcomes[Outcome.DECLINE],
        }

    @property
    def searched(self) -> int:
        """How many questions the FAQ was searched for."""
        return sum(self.fates.values())

    @property
    def unsearched(self) -> Mapping[Outcome, int]:
        """What became of the other questions, where there were any."""
        return {which: self.outcomes[which] for which in UNSEARCHED if self.outcomes[which]}

    @property
    def votes(self) -> Mapping[str, int]:
        """How many votes say that an answer was useful, and that it was wrong."""
        return {
            "useful": sum(use.useful for use in self.entries),
            "wrong": sum(use.wrong for use in self.entries),
        }


def measure(
    questions: Iterable[Asked],
    votes: Mapping[tuple[str, Vote], int],
    entries: Iterable[str],
    today: date,
) -> Usage:
    """Count.

    Args:
        questions: What was asked, oldest first.
        votes: How often members voted, by entry and vote.
        entries: The ids of the FAQ's entries.
        today: The day where the command runs.
    """
    questions = tuple(questions)
    asks = [one for one in questions if one.outcome is not None]
    outcomes = Counter(ask.outcome for ask in asks)
    shown = Counter(ask.shown for ask in asks if ask.shown)
    ids = dict.fromkeys((*entries, *shown, *(entry for entry, _ in votes)))
    by, periods = _periods(asks, today)
    return Usage(
        first=date.fromtimestamp(asks[0].at) if asks else None,
        asked=len(asks),
        outcomes={outcome: outcomes[outcome] for outcome in Outcome},
        taken=sum(ask.outcome is Outcome.SUGGESTIONS and ask.shown is not None for ask in asks),
        escalated=sum(one.escalated for one in questions),
        platforms=dict(Counter(ask.platform for ask in asks).most_common()),
        by=by,
        periods=periods,
        entries=tuple(
            Use(id_, shown[id_], votes.get((id_, Vote.USEFUL), 0), votes.get((id_, Vote.WRONG), 0))
            for id_ in ids
        ),
    )


def _periods(
    asks: Sequence[Asked], today: date
) -> tuple[Literal["day", "week"], tuple[Period, ...]]:
    days = [date.fromtimestamp(ask.at) for ask in asks]
    last = max((*days[-1:], today))
    by: Literal["day", "week"] = "day"
    if days and (last - days[0]).days >= MOST_DAYS:
        by, days = "week", [day - timedelta(day.weekday()) for day in days]
    asked = Counter(days)
    answered = Counter(day for day, ask in zip(days, asks, strict=True) if ask.shown)
    step = 1 if by == "day" else 7
    count = (last - days[0]).days // step + 1 if days else 0
    starts = [days[0] + timedelta(step * number) for number in range(count)]
    return by, tuple(Period(start, asked[start], answered[start]) for start in starts)
