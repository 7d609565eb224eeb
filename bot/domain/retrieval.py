"""What search speaks of: query, token, match, hit, ranking."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

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
        score: BM25 over the fields, ≥ 0; comparable within one ranking only.
        confidence: From 0 to 1: how sure it is that this entry answers the query.
        matches: The words that met, most telling first, at most five.
    """

    entry: Entry
    score: float
    confidence: float
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best hits for one query, best first, ties by entry id."""

    query: Query
    hits: tuple[Hit, ...]

    @property
    def confidence(self) -> float:
        """The best hit's confidence; 0 where there is none."""
        return self.hits[0].confidence if self.hits else 0.0

    def first(self, limit: int) -> "Ranking":
        """Return the same with at most so many hits."""
        return Ranking(self.query, self.hits[:limit]) if limit < len(self.hits) else self


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How sure the bot must be, calibrated from the FAQ itself.

    Attributes:
        answer: From this confidence on, an addressed question is answered.
        suggest: From this confidence on, candidates are offered.
        overheard: From this confidence on, a question that nobody put to the bot is answered.
    """

    answer: float
    suggest: float
    overheard: float
