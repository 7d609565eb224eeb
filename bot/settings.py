"""The settings of the core, and what every part's settings model is made of.

A part owns its model: a frozen dataclass whose fields are the settings, with msgspec's
constraints in ``Annotated``. ``__post_init__`` may raise ``SettingsError`` where fields must fit
together.
The command line's ``Config`` fills and validates a model when its section is first used.
"""

import re
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from bot.errors import FaqbotError
from bot.texts import Lines, Text


class SettingsError(FaqbotError):
    """Settings that can't be used; each problem, on a line of its own, says what to do."""

    def __init__(self, *problems: Text) -> None:
        super().__init__(Lines(problems))
        self.problems = problems


class Secret:
    """A token that doesn't show itself in a log, a traceback or an error."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the token itself; only for handing it to the platform's client."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


@dataclass(frozen=True)
class CoreSettings:
    """Settings without a section.

    Attributes:
        data: The FAQ: a folder, or one file of any format that ``import`` reads. None: ``data/``.
        database_url: Where asks, ratings and escalations live.
        locale: Language of the bot's own words.
    """

    data: Path | None = None
    database_url: str = "sqlite:///var/faqbot.db"
    locale: Literal["ja", "en"] = "ja"


@dataclass(frozen=True)
class LogSettings:
    """What is written to the log.

    Attributes:
        level: The least level that is.
    """

    level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True)
class PolicySettings:
    """How sure the bot must be.

    Attributes:
        strictness: 0 answers readily, 1 hardly ever.
    """

    strictness: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.5


@dataclass(frozen=True)
class SearchSettings:
    """How entries are found.

    Attributes:
        meaning: ``on``: by words and by meaning; ``off``: by words alone, without the encoder.
    """

    meaning: Literal["on", "off"] = "on"


@dataclass(frozen=True)
class RetentionSettings:
    """How long words are kept.

    Attributes:
        days: For unanswered questions; answered ones lose theirs within a day or two.
    """

    days: Annotated[int, Meta(ge=1)] = 90


@dataclass(frozen=True)
class LimitSettings:
    """How much may be asked.

    Attributes:
        member: Questions a minute from one member.
        channel: Questions a minute in one channel.
    """

    member: Annotated[int, Meta(ge=1)] = 60
    channel: Annotated[int, Meta(ge=1)] = 600


@dataclass(frozen=True)
class LearningSettings:
    """How what lecturers answer in chat becomes an entry.

    Attributes:
        review: ``any``: whoever may answer may publish; ``other``: somebody else than the writer.
        digest: When the organisers get the week's digest, such as ``mon 09:00``, by the clock of
            where the bot runs; ``off``: never.
    """

    review: Literal["any", "other"] = "any"
    digest: str = "off"

    def __post_init__(self) -> None:
        if self.digest.strip().lower() != "off" and _moment(self.digest) is None:
            raise SettingsError(Text("setting.digest", value=repr(self.digest)))

    @property
    def weekly(self) -> tuple[int, time] | None:
        """The weekday, 0 for Monday, and the time of the digest; None where there is none."""
        return _moment(self.digest)


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOMENT = re.compile(rf"({'|'.join(WEEKDAYS)}) ([01]?\d|2[0-3]):([0-5]\d)")


def _moment(text: str) -> tuple[int, time] | None:
    found = _MOMENT.fullmatch(" ".join(text.lower().split()))
    return found and (WEEKDAYS.index(found[1]), time(int(found[2]), int(found[3])))
