"""What members asked and what became of it: the figures, and the list of what went unanswered."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from bot.domain.ask import Candidate, Outcome, Stage, Vote
from bot.domain.text import question_key
from bot.search.meaning import Gather
from bot.store import Asked

MOST_DAYS = 31
"""A longer time is shown by weeks."""

NEAR = 0.35
"""An entry of less confidence is about something else."""

SHORTEST = 5
"""Characters of a line's code: the end of an id, which is random."""

_MENTION = re.compile(r"<[@#][!&]?\w+(?:\|[^>]*)?>")


class Fate(StrEnum):
    """What became of a question: each has one. The values are printed: never rename one."""

    ANSWERED = "answered at once"
    TAKEN = "candidate taken"
    WRONG = "voted wrong"
    NONE_TAKEN = "no candidate taken"
    DECLINED = "declined"
    ESCALATED = "for the lecturers"
    UNSEARCHED = "not searched for"


ANSWERED = (Fate.ANSWERED, Fate.TAKEN)
UNANSWERED = (Fate.WRONG, Fate.NONE_TAKEN, Fate.DECLINED, Fate.ESCALATED)


def fate(one: Asked) -> Fate:
    """Say what became of a question.

    What was voted wrong isn't answered, and neither is what is open before the lecturers, however
    it came there.
    """
    if (one.shown, Vote.WRONG) in one.votes:
        return Fate.WRONG
    if one.outcome is Outcome.DECLINE:
        return Fate.DECLINED
    if one.outcome is Outcome.SUGGESTIONS and one.shown is None:
        return Fate.NONE_TAKEN
    if one.escalated:
        return Fate.ESCALATED
    if one.shown is None:
        return Fate.UNSEARCHED
    another = any(each.entry != one.shown for each in one.candidates[:1])
    return Fate.TAKEN if another or one.outcome is Outcome.SUGGESTIONS else Fate.ANSWERED


@dataclass(frozen=True, slots=True)
class Period:
    """A day, or a week by its Monday, where the command runs.

    Attributes:
        start: Its first day.
        asked: How many questions were asked.
        answered: How many of them were answered: at once, or from the candidates.
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
        fates: How many questions had each fate: all of them together are all questions.
        unsearched: What became of those that nothing was searched for, where there are any.
        outcomes: How many got each outcome at first; none for those that came by the form alone.
        handled: How many unanswered ones the organisers have done with.
        escalated: How many are open before the lecturers, whatever else became of them.
        platforms: How many were asked on each.
        by: What a period is.
        periods: All from the first question until now, oldest first.
        entries: Every entry in the FAQ's order, then those that it doesn't have any more.
    """

    first: date | None
    fates: Mapping[Fate, int]
    unsearched: Mapping[Outcome, int]
    outcomes: Mapping[Outcome, int]
    handled: int
    escalated: int
    platforms: Mapping[str, int]
    by: Literal["day", "week"]
    periods: tuple[Period, ...]
    entries: tuple[Use, ...]

    @property
    def asked(self) -> int:
        """How many questions there were."""
        return sum(self.fates.values())

    @property
    def answered(self) -> int:
        """How many were answered, and nobody said that it was wrong."""
        return sum(self.fates[each] for each in ANSWERED)

    @property
    def unanswered(self) -> int:
        """How many weren't, the ones that the organisers have done with among them."""
        return sum(self.fates[each] for each in UNANSWERED)

    @property
    def searched(self) -> int:
        """How many an answer was looked for: in the FAQ, or with the lecturers."""
        return self.answered + self.unanswered

    @property
    def votes(self) -> Mapping[str, int]:
        """How many votes say that an answer was useful, and that it was wrong."""
        return {
            "useful": sum(use.useful for use in self.entries),
            "wrong": sum(use.wrong for use in self.entries),
        }


def measure(questions: Sequence[Asked], entries: Iterable[str], today: date) -> Usage:
    """Count.

    Args:
        questions: What was asked, oldest first.
        entries: The ids of the FAQ's entries.
        today: The day where the command runs.
    """
    fates = [fate(one) for one in questions]
    each = Counter(fates)
    outcomes = Counter(one.outcome for one in questions)
    shown = Counter(one.shown for one in questions if one.shown)
    votes = Counter(vote for one in questions for vote in one.votes)
    ids = dict.fromkeys((*entries, *shown, *(entry for entry, _ in votes)))
    unsearched = Counter(
        one.outcome
        for one, what in zip(questions, fates, strict=True)
        if what is Fate.UNSEARCHED and one.outcome
    )
    by, periods = _periods(questions, fates, today)
    return Usage(
        first=date.fromtimestamp(questions[0].at) if questions else None,
        fates={which: each[which] for which in Fate},
        unsearched={which: unsearched[which] for which in Outcome if unsearched[which]},
        outcomes={outcome: outcomes[outcome] for outcome in Outcome},
        handled=sum(
            (one.handled or one.settled is not None) and what in UNANSWERED
            for one, what in zip(questions, fates, strict=True)
        ),
        escalated=sum(one.escalated for one in questions),
        platforms=dict(Counter(one.platform for one in questions).most_common()),
        by=by,
        periods=periods,
        entries=tuple(
            Use(id_, shown[id_], votes[(id_, Vote.USEFUL)], votes[(id_, Vote.WRONG)]) for id_ in ids
        ),
    )


def _periods(
    questions: Sequence[Asked], fates: Sequence[Fate], today: date
) -> tuple[Literal["day", "week"], tuple[Period, ...]]:
    days = [date.fromtimestamp(one.at) for one in questions]
    last = max((*days[-1:], today))
    by: Literal["day", "week"] = "day"
    if days and (last - days[0]).days >= MOST_DAYS:
        by, days = "week", [day - timedelta(day.weekday()) for day in days]
    asked = Counter(days)
    answered = Counter(day for day, what in zip(days, fates, strict=True) if what in ANSWERED)
    step = 1 if by == "day" else 7
    count = (last - days[0]).days // step + 1 if days else 0
    starts = [days[0] + timedelta(step * number) for number in range(count)]
    return by, tuple(Period(start, asked[start], answered[start]) for start in starts)


@dataclass(frozen=True, slots=True)
class Line:
    """A question to do something about, in all its wordings, however often it was asked.

    Attributes:
        every: Each time it was asked, the last first.
        length: How many characters of the ids tell them all apart.
    """

    every: tuple[Asked, ...] = field(repr=False)
    length: int

    @property
    def code(self) -> str:
        """Names the line as it stands: asked again, it has another one."""
        return self.last.id[-self.length :]

    @property
    def times(self) -> int:
        """How often it was asked since the organisers had done with it."""
        return len(self._open)

    @property
    def _open(self) -> tuple[Asked, ...]:
        # An answer to one is an answer to whoever asked the same before, of the lecturers or not.
        moments = [one.settled for one in self.every if one.settled is not None]
        until = max(moments, default=-math.inf)
        return tuple(one for one in self.every if not one.handled and one.at > until)

    @property
    def state(self) -> Stage:
        """Where it stands: by the furthest of the times that it is about."""
        stages = {one.stage for one in self.current}
        if self.times:
            return Stage.DRAFTED if Stage.DRAFTED in stages else Stage.OPEN
        return Stage.PUBLISHED if Stage.PUBLISHED in stages else Stage.CLOSED

    @property
    def done(self) -> int:
        """How often it was asked before."""
        return len(self.every) - self.times

    @property
    def current(self) -> tuple[Asked, ...]:
        """The times that it is about: those not done with, or else all."""
        return self._open or self.every

    @property
    def last(self) -> Asked:
        """The last time."""
        return self.current[0]

    @property
    def wordings(self) -> tuple[str, ...]:
        """How it was asked, the last first; empty where the words aren't kept any more."""
        different: dict[str, str] = {}
        for text in filter(None, map(_words, self.current)):
            different.setdefault(question_key(text), text)
        return tuple(different.values())

    @property
    def platforms(self) -> tuple[str, ...]:
        """Where it was asked."""
        return tuple(sorted({one.platform for one in self.current}))

    @property
    def fates(self) -> tuple[Fate, ...]:
        """What became of it, the last first."""
        return tuple(dict.fromkeys(map(fate, self.current)))

    @property
    def nearest(self) -> Candidate | None:
        """The entry that was shown as its answer, or else the best one, if it is near."""
        return next((near for one in self.current if (near := _nearest(one))), None)

    @property
    def escalated(self) -> bool:
        """Whether it is open before the lecturers."""
        return any(one.escalated for one in self.current)


def unanswered(asked: Iterable[Asked], gather: Gather) -> tuple[Line, ...]:
    """Return what wasn't answered, each question once: the most asked first, then what is done.

    Those without words are taken together by their nearest entry: it may lack a variant.

    Args:
        asked: What was asked.
        gather: Says which wordings ask the same.
    """
    open_ = sorted((one for one in asked if fate(one) in UNANSWERED), key=lambda one: -one.at)
    wordings = tuple(dict.fromkeys(text for one in open_ if (text := _words(one))))
    labels = dict(zip(wordings, gather(wordings), strict=True))
    same: dict[Hashable, list[Asked]] = {}
    for one in open_:
        near = _nearest(one)
        words = _words(one)
        label = ("words", labels[words]) if words else ("near", near.entry if near else None)
        same.setdefault(label, []).append(one)
    ids = {one.id for one in open_}
    length = next(
        n for n in itertools.count(SHORTEST) if len({id_[-n:] for id_ in ids}) == len(ids)
    )
    lines = (Line(tuple(every), length) for every in same.values())
    return tuple(sorted(lines, key=lambda line: (-line.times, -line.last.at)))


def named(lines: Iterable[Line], code: str) -> tuple[Line, tuple[Asked, ...]] | None:
    """Find what a code named when it was shown, also where the question was asked again since.

    Args:
        lines: All that isn't answered.
        code: The code of a line.

    Returns:
        The line as it is now, and the times that were on it; None where the code names no line, or
        more than one.
    """
    found = [(line, one) for line in lines for one in line.every if one.id.endswith(code)]
    if len(found) != 1 or len(code) < min(SHORTEST, len(found[0][1].id)):
        return None
    ((line, last),) = found
    return line, tuple(one for one in line.every if one.at <= last.at)


def _words(one: Asked) -> str:
    """Return the words without mentions: what was typed into a form passes no adapter's gate."""
    return _MENTION.sub(" ", one.text or "").strip()


def _nearest(one: Asked) -> Candidate | None:
    shown = (each for each in one.candidates if each.entry == one.shown)
    best = (each for each in one.candidates[:1] if each.confidence >= NEAR)
    return next(shown, next(best, None))
