"""Limits for members and channels that ask very much at once."""

import math
from collections import OrderedDict, deque
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.inbound import Question
from bot.settings import LimitSettings

WINDOW = 60.0
REMEMBERED = 10_000


class Limit(StrEnum):
    """Which limit was reached; the value is the text's key."""

    MEMBER = "limit.member"
    CHANNEL = "limit.channel"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A question over a limit; only the first of a minute is told so."""

    limit: Limit
    say: bool


class Limits:
    """Counts questions by the minute, in memory: a restart forgets them, which harms nobody."""

    def __init__(self, settings: LimitSettings) -> None:
        self._settings = settings
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()
        self._told: dict[str, float] = {}

    def refuse(self, question: Question, at: float) -> Refusal | None:
        """Count a question; return the refusal where there are too many.

        Args:
            question: The question.
            at: When it came in, in seconds of a clock that nobody sets.
        """
        place = question.ref.place
        member = f"{place.platform}:{question.asker.id}"
        channel = f"{place.platform}:{place.channel}"
        for key, limit, most in (
            (member, Limit.MEMBER, self._settings.member),
            (channel, Limit.CHANNEL, self._settings.channel),
        ):
            if self._count(f"{limit}:{key}", at) > most:
                return Refusal(limit, say=question.addressed and self._tell(f"{limit}:{key}", at))
        return None

    def _count(self, key: str, at: float) -> int:
        asked = self._asked.setdefault(key, deque())
        self._asked.move_to_end(key)
        asked.append(at)
        while asked[0] <= at - WINDOW:
            asked.popleft()
        while len(self._asked) > REMEMBERED:
            forgotten, _ = self._asked.popitem(last=False)
            self._told.pop(forgotten, None)
        return len(asked)

    def _tell(self, key: str, at: float) -> bool:
        if at - self._told.get(key, -math.inf) < WINDOW:
            return False
        self._told[key] = at
        return True
