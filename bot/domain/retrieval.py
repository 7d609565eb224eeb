"""What search speaks of: query, token, match, hit, ranking; and what the bot replies by them.

A reply is meaning only, the wording is the desk's. ``outcome`` names each kind, as ``ask --json``
and the store do; ``hits`` are the entries that it shows.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar, NamedTuple

from bot.domain.entry import Entry


@dataclass(frozen=True, slots=True)
class Token:
    """One term of an analysed text.

    Attributes:
        term: What is compared: a morpheme's normalized form, lower case.
        surface: What was written.
        start: Offset of the surface in the normalised text, in code points.
        end: Offset behind it.
        weight: What it counts: less than 1 where it is only read like what was written.
    """

    term: str
    surface: str
    start: int
    end: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Query:
    """What a member asked, analysed.

    Attributes:
        text: The words after normalisation.
        tokens: The content words, in order; empty where nothing is searchable.
        cut: The text was longer than the limit and its end was left out.
    """

    text: str = field(repr=False)
    tokens: tuple[Token, ...]
    cut: bool = False


class Via(StrEnum):
    """Why two words match."""

    SAME = "same"
    NORMAL_FORM = "normal form"
    SYNONYM = "synonym"
    READING = "reading"
    MEANING = "meaning"


@dataclass(frozen=True, slots=True)
class Match:
    """A word of the query met a word of the entry; both as they were written."""

    query: str
    entry: str
    via: Via


class Hit(NamedTuple):
    """An entry that search found.

    Attributes:
        entry: The entry.
        score: What words and meaning say together, from 0 to about 2.1.
        confidence: From 0 to 1: how sure it is that this entry answers the query.
        matches: The words that met, most telling first, at most five.
    """

    entry: Entry
    score: float
    confidence: float
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best hits for one query, best first, ties by entry id.

    Attributes:
        query: The query.
        hits: What was found.
        relevance: Whether the FAQ speaks of the query's matter at all, from 0 to about 1.5.
    """

    query: Query
    hits: tuple[Hit, ...]
    relevance: float = 0.0

    @property
    def confidence(self) -> float:
        """The best hit's confidence; 0 where there is none."""
        return self.hits[0].confidence if self.hits else 0.0

    def first(self, limit: int) -> "Ranking":
        """Return the same with at most so many hits."""
        return replace(self, hits=self.hits[:limit]) if limit < len(self.hits) else self


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How sure the bot must be.

    Attributes:
        answer: From this confidence on, an addressed question is answered.
        suggest: From this relevance on, candidates are offered; from a little less where the best
            one stands out.
        overheard: From this relevance on, a question that nobody put to the bot is answered, if its
            answer is sure.
    """

    answer: float
    suggest: float
    overheard: float


def probable(hits: Sequence[Hit]) -> Entry | None:
    """Return an entry of the lecturer whom a question is probably for; None where nobody is.

    That is whose entries it finds, each counted by its score; nobody's where none has one.
    """
    scores: dict[str, float] = defaultdict(float)
    for hit in hits:
        scores[hit.entry.lecturer] += max(hit.score, 0.0)
    best = max(scores, key=lambda each: scores[each], default="")
    found = best and scores[best] > 0
    return next((hit.entry for hit in hits if found and hit.entry.lecturer == best), None)


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
    hits: ClassVar[tuple[Hit, ...]] = ()


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
    TOLD = "told"
    NOT_SURE = "not sure"


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is said, and why."""

    outcome: ClassVar[str] = "silence"
    hits: ClassVar[tuple[Hit, ...]] = ()
    reason: Reason


Reply = Answer | Suggestions | Decline | Help | Silence
