"""What became of a question that somebody asked, and what the FAQ learns from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.entry import Entry
from bot.domain.inbound import MessageRef, Person, Place
from bot.domain.retrieval import Decline, Help, Hit, Ranking, Reply

MOST = 6
"""Candidates kept for one ask: what is shown first, and one round more."""


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
    REPLY = "reply"
    """No question: said in the thread of one that is before the lecturers."""
    TOLD = "told"
    """No question: a lecturer's answer, brought to who asked before."""


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


def candidates(reply: Reply, ranking: Ranking) -> tuple[Candidate, ...]:
    """Return what may be offered for an ask: the reply's hits first, then the ranking's.

    Also those of little confidence: they are offered only where the best one was wrong, and
    their own is low because of it. Where nothing was asked, nothing comes next. What was declined
    finds only what happens to be least far, and tells of no lecturer: it has no score.
    """
    following = () if isinstance(reply, Help) else ranking.hits
    hits = {hit.entry.id: hit for hit in (*reply.hits, *following)}
    scored = not isinstance(reply, Decline)
    kept = tuple(
        Candidate(id_, hit.score if scored else 0.0, hit.confidence) for id_, hit in hits.items()
    )
    return kept[: max(MOST, len(reply.hits))]


def still_there(
    found: Sequence[Candidate], entry_of: Callable[[str], Entry | None]
) -> tuple[Hit, ...]:
    """Return what was found, as far as it is still in the FAQ; ``entry_of`` knows that, by id."""
    return tuple(
        Hit(entry, each.score, each.confidence)
        for each in found
        if (entry := entry_of(each.entry)) is not None
    )


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


class Stage(StrEnum):
    """Where an escalation stands. The values are stored and printed: never rename one."""

    OPEN = "open"
    DRAFTED = "drafted"
    PUBLISHED = "published"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who waits for the lecturers' answer.

    Attributes:
        id: Of this asking: whatever is said to them is said once for it.
        ask: The ask that the form was opened from; empty where there was none.
        by: Who.
        place: Where they asked; private to them where nobody else may see it.
        text: Their words.
        at: When they asked, in seconds since 1970.
    """

    id: str
    ask: str
    by: Person
    place: Place
    text: str = field(repr=False)
    at: float


@dataclass(frozen=True, slots=True)
class Escalation:
    """One question on its way to the lecturers, for everybody who asked it.

    Attributes:
        id: Unique; travels with the buttons of its card.
        text: The words on its card; empty once they were to be forgotten.
        stage: Where it stands.
        revision: Grows whenever its stage changes.
        askers: Whoever waits for the answer, oldest first; nobody once they were forgotten.
        card: Its message in the organisers' channel; None until that stands.
        by: Who changed its stage last; None where nobody did, or it isn't known any more.
        at: When it was first asked, in seconds since 1970.
        changed_at: When its stage changed or somebody joined, last.
        near: What the search found for its words when it was asked, best first.
    """

    id: str
    text: str = field(repr=False)
    stage: Stage
    revision: int
    askers: tuple[Asker, ...]
    card: MessageRef | None
    by: Person | None
    at: float
    changed_at: float
    near: tuple[Candidate, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether it isn't done with: somebody else may still join."""
        return self.stage in (Stage.OPEN, Stage.DRAFTED)


class DraftKind(StrEnum):
    """What a draft adds to the FAQ. The values are stored: never rename one."""

    ENTRY = "entry"
    VARIANT = "variant"


class DraftState(StrEnum):
    """Where a version of a draft stands. The values are stored: never rename one."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of what was written in chat: an entry, or a new wording of one.

    Attributes:
        id: The same for all its versions.
        version: 1, and one more with each edit.
        kind: What it adds.
        entry: The id of the entry that it is to be, or whose wording it is.
        escalation: The question that it answers; empty where there is none.
        question: The entry's question; of a variant, the wording.
        author: Who sent the form for this version.
        replied: The author of the reply that was used for the answer; None where none was.
        permalink: Where it was written; empty where that can't be linked to.
        state: Where it stands.
        over_gate: It was published though the content gate was against it.
        approver: Who published it; None: nobody did.
        by: Who changed its state last; None where nobody did.
        saved_at: When this version was written, in seconds since 1970.
        changed_at: When its state changed last.
        published_at: When it was published; None: never.
    """

    id: str
    version: int
    kind: DraftKind
    entry: str
    escalation: str
    lecturer: str
    talk: str
    question: str = field(repr=False)
    answer: str = field(repr=False)
    links: tuple[str, ...]
    variants: tuple[str, ...] = field(repr=False)
    author: Person
    replied: Person | None = None
    permalink: str = ""
    state: DraftState = DraftState.DRAFT
    over_gate: bool = False
    approver: Person | None = None
    by: Person | None = None
    saved_at: float = 0.0
    changed_at: float = 0.0
    published_at: float | None = None

    def as_entry(self, source: str = "", updated: str = "") -> Entry:
        """Return the entry that it is to be; of a variant, no entry of its own."""
        return Entry(
            id=self.entry,
            lecturer=self.lecturer,
            talk=self.talk,
            question=self.question,
            answer=self.answer,
            variants=self.variants,
            links=self.links,
            source=source,
            updated=updated,
        )


class Sign(StrEnum):
    """How a member showed a wording for an entry. The values are stored: never rename one."""

    CHOSEN = "chosen"
    """They took it from the candidates after 「違う」 or 「どれでもない」."""
    USEFUL = "useful"
    """It was only offered, and rated useful."""


class ProposalState(StrEnum):
    """What the organisers made of a wording. The values are stored: never rename one."""

    OPEN = "open"
    ADDED = "added"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A wording that members showed for an entry.

    Attributes:
        id: Of the wording, whoever used it; short enough for a button.
        entry: The entry's id.
        words: As they were first written; empty once it is settled.
        signs: How often it came, by how.
        state: What the organisers made of it.
        by: Who settled it; None where nobody did, or it isn't known any more.
    """

    id: str
    entry: str
    words: str = field(repr=False)
    signs: Mapping[Sign, int]
    state: ProposalState = ProposalState.OPEN
    by: Person | None = None
