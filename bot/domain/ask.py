"""What became of a question that somebody asked."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.inbound import Place


class Outcome(StrEnum):
    """What an accepted question got. The values are stored: never rename one."""

    ANSWER = "answer"
    SUGGESTIONS = "suggestions"
    DECLINE = "decline"
    HELP = "help"
    SILENCE = "silence"
    LIMITED = "limited"
    EXPIRED = "expired"
    FAILED = "failed"


class Vote(StrEnum):
    """What a member thinks of an answer. The values are stored: never rename one."""

    USEFUL = "useful"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that search found for an ask, by id."""

    entry: str
    score: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Ask:
    """One accepted question and what became of it.

    Attributes:
        id: Unique; travels with the buttons.
        question: The dedupe key of the question.
        place: Where it was asked and where replies belong; its handle isn't kept.
        thread: The conversation it is part of.
        asker: The platform's id of who asked.
        text: The words; None once they aren't needed.
        outcome: What the question got.
        confidence: That of the best hit.
        candidates: What search found, what was shown first.
        offered: How many of the candidates the asker has seen.
        entry: The id of the entry shown as the answer.
    """

    id: str
    question: str
    place: Place
    thread: str
    asker: str
    text: str | None = field(repr=False)
    outcome: Outcome
    confidence: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    offered: int = 0
    entry: str | None = None
