"""Limits for members and channels that ask very much at once."""

import math
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.inbound import Question
from bot.settings import LimitSettings

WINDOW = 60.0
SHARE = 8
"""A process that has seen so small a part of what is allowed doesn't ask what others have seen."""
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


Elsewhere = Callable[[Limit], Awaitable[tuple[int, int]]]
"""Returns how many questions of the same member or channel are stored of the minute before, and how
many of them were refused."""


class Limits:
    """Counts questions by the minute, in memory: a restart forgets them, which harms nobody."""

    def __init__(self, settings: LimitSettings) -> None:
        self._settings = settings
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()
        self._told: dict[str, float] = {}

    async def refuse(
        self, question: Question, at: float, elsewhere: Elsewhere | None = None
    ) -> Refusal | None:
        """Count a question; return the refusal where there are too many.

        Args:
            question: The question.
            at: When it came in, in seconds of a clock that nobody sets.
            elsewhere: Knows what other processes have answered, too; None: there are none.
        """
        place = question.ref.place
        member = f"{place.platform}:{question.asker.id}"
        channel = f"{place.platform}:{place.channel}"
        for key, limit, most in (
            (member, Limit.MEMBER, self._settings.member),
            (channel, Limit.CHANNEL, self._settings.channel),
        ):
            number, refused = self._count(f"{limit}:{key}", at), 0
            if elsewhere is not None and number > most / SHARE:
                stored, refused = await elsewhere(limit)
                number = max(number, stored + 1)
            if number > most:
                first = not refused and self._tell(f"{limit}:{key}", at)
                return Refusal(limit, say=question.addressed and first)
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
