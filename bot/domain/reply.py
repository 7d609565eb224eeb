"""What the bot means to say: meaning only, the wording is the desk's."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.retrieval import Hit


@dataclass(frozen=True, slots=True)
class Answer:
    """The entries that answer: one, or the best of each question in the message."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Two or three candidates to choose from, or one that is only half sure."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Decline:
    """Nothing in the FAQ answers it."""


@dataclass(frozen=True, slots=True)
class Help:
    """There was nothing to search for: say how to ask."""


class Reason(StrEnum):
    """Why the bot keeps silent."""

    NOT_A_QUESTION = "not a question"
    NOT_SURE = "not sure"
    ALREADY_SPOKE = "already spoke in this thread"


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is said, and why."""

    reason: Reason


Reply = Answer | Suggestions | Decline | Help | Silence
