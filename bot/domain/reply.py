"""What the bot means to say: meaning only, the wording is the desk's.

``outcome`` names each kind of reply, as ``ask --json`` and the store do.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from bot.domain.retrieval import Hit


@dataclass(frozen=True, slots=True)
class Answer:
    """The entries that answer: one, or the best of each question in the message."""

    outcome: ClassVar[str] = "answer"
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Two or three candidates to choose from, or one that is only half sure."""

    outcome: ClassVar[str] = "suggestions"
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Decline:
    """Nothing in the FAQ answers it."""

    outcome: ClassVar[str] = "decline"


class Topic(StrEnum):
    """What is said to the bot itself; of several in one message the one further up counts."""

    WRONG = "wrong"
    """That wasn't it."""
    ASK_LECTURER = "lecturer"
    """To ask a person."""
    MORE = "more"
    """To be told more than the lecturer said."""
    LIST = "list"
    """What there is in the FAQ, and whose."""
    ASKING = "asking"
    """How to use the bot."""
    THANKS = "thanks"
    """Thanks or praise."""
    GREETING = "greeting"
    """A greeting, a test, a question about the bot itself."""
    NOTED = "noted"
    """Understood, goodbye, sorry: nothing that wants more than a word."""
    ENTRIES = "entries"
    """A lecturer's name: what they answered."""


@dataclass(frozen=True, slots=True)
class Help:
    """Nothing was asked of the FAQ: say how to ask, or what else fits what was said.

    Attributes:
        topic: What was said.
        hits: Entries to choose from: those of the lecturer who was named, or whose questions hold
            what was said, such as 「一覧」.
    """

    outcome: ClassVar[str] = "help"
    topic: Topic = Topic.ASKING
    hits: tuple[Hit, ...] = ()


class Reason(StrEnum):
    """Why the bot keeps silent."""

    NOT_A_QUESTION = "not a question"
    NOT_SURE = "not sure"


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is said, and why."""

    outcome: ClassVar[str] = "silence"
    reason: Reason


Reply = Answer | Suggestions | Decline | Help | Silence
