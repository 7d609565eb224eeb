"""What was asked and what became of it, looked back on. Nothing here says who asked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Row, delete, func, or_, select

from bot.domain.ask import (
    Candidate,
    DraftKind,
    DraftState,
    Outcome,
    Proposal,
    Stage,
    Vote,
)
from bot.store.codec import decode_place
from bot.store.learning import Proposals
from bot.store.schema import DAY, Part, asks, drafts, escalations, handled, ratings


@dataclass(frozen=True, slots=True)
class Asked:
    """One question.

    Attributes:
        id: That of its ask; where it came by the form for the lecturers alone, of the form.
        at: When it was asked, in seconds since 1970.
        platform: Where.
        text: The words; None where they aren't kept any more.
        escalated: It is open before the lecturers.
        stage: Where it stands with them; None where it never came to them.
        settled: When they were done with it, in seconds since 1970; None where they aren't.
        outcome: What it got; None where it came by the form for the lecturers alone.
        candidates: What search found, best first.
        shown: The id of the entry that was shown as the answer, at last.
        votes: The entry and what it says, for each vote.
        handled: The organisers have done with it.
    """

    id: str
    at: float
    platform: str
    text: str | None = field(repr=False)
    escalated: bool
    stage: Stage | None = None
    settled: float | None = None
    outcome: Outcome | None = None
    candidates: tuple[Candidate, ...] = ()
    shown: str | None = None
    votes: tuple[tuple[str, Vote], ...] = ()
    handled: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question that waits for a lecturer's answer, on one card for everybody who asked it.

    Attributes:
        text: The words on the card.
        at: When it was first asked, in seconds since 1970.
        askers: How many people asked it.
        stage: Open, or drafted.
        lecturer: Who answers by its draft; empty where there is none.
    """

    text: str = field(repr=False)
    at: float
    askers: int
    stage: Stage
    lecturer: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What the FAQ learned from its members.

    Attributes:
        stages: How many questions came before the lecturers, by where they stand.
        took: Seconds from the first asking to a published answer, for each that has one.
        entries: How many entries were published in chat, and are.
        wordings: How many wordings.
        waiting: The questions that wait, oldest first.
        proposals: Wordings that members showed and nobody settled.
    """

    stages: Mapping[Stage, int]
    took: tuple[float, ...]
    entries: int
    wordings: int
    waiting: tuple[Waiting, ...]
    proposals: tuple[Proposal, ...]


class History(Part):
    """Looks back, within one transaction."""

    def asked(self, days: int | None = None) -> tuple[Asked, ...]:
        """Return every question, oldest first.

        Args:
            days: How many days to look back; None: to the beginning.
        """
        since = 0.0 if days is None else self._session.now - days * DAY
        kept = select(escalations).where(
            # Where whoever asked was forgotten, it says what became of the ask, if there is one.
            or_(escalations.c.text != "", escalations.c.ask != ""),
            escalations.c.created_at >= since,
        )
        every = self._execute(kept.order_by(escalations.c.id)).all()
        moment = select(escalations.c.id, escalations.c.changed_at, escalations.c.created_at)
        over = moment.where(escalations.c.state.in_((Stage.PUBLISHED, Stage.CLOSED)))
        settled = {row.id: row.changed_at or row.created_at for row in self._execute(over)}
        forms: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in every:
            forms[row.ask or row.id].append(row)
        votes: dict[str, list[tuple[str, Vote]]] = defaultdict(list)
        of_recent = ratings.c.ask.in_(select(asks.c.id).where(asks.c.created_at >= since))
        for row in self._execute(select(ratings).where(of_recent)):
            votes[row.ask].append((row.entry, Vote(row.value)))
        done = set(self._execute(select(handled.c.question)).scalars())
        found = []
        no_questions = asks.c.outcome.in_((Outcome.REPLY, Outcome.TOLD))
        for row in self._execute(select(asks).where(asks.c.created_at >= since, ~no_questions)):
            # What was typed into the form is what lecturers are asked; a second form is another.
            form = forms[row.id].pop(0) if forms[row.id] else None
            found.append(
                Asked(
                    id=row.id,
                    at=row.created_at,
                    platform=decode_place(row.place).platform,
                    text=form.text or None if form else row.text,
                    **_stands(form, settled),
                    outcome=Outcome(row.outcome),
                    candidates=msgspec.json.decode(row.candidates, type=tuple[Candidate, ...]),
                    shown=row.entry,
                    votes=tuple(votes[row.id]),
                    handled=row.id in done,
                )
            )
        of_asks = {one.id for one in found}
        found += [
            Asked(
                id=(id_ := form.id if number or key in of_asks else key),
                at=form.created_at,
                platform=decode_place(form.place).platform,
                text=form.text,
                **_stands(form, settled),
                handled=id_ in done,
            )
            for key, left in forms.items()
            for number, form in enumerate(left)
            if form.text
        ]
        return tuple(sorted(found, key=lambda one: (one.at, one.id)))

    def learned(self, days: int | None = None, *, without: frozenset[str] = frozenset()) -> Learned:
        """Look back on what came before the lecturers.

        Args:
            days: How many days to look back; None: to the beginning. What waits, waits however old.
            without: Platforms whose questions aren't looked at.
        """
        since = 0.0 if days is None else self._session.now - days * DAY
        c = drafts.c
        answered = select(c.escalation, func.min(c.published_at)).where(c.published_at.is_not(None))
        moments: dict[str, float] = {
            row[0]: row[1] for row in self._execute(answered.group_by(c.escalation))
        }
        lecturers = select(c.escalation, c.lecturer).where(c.state == DraftState.DRAFT)
        writes: dict[str, str] = {row[0]: row[1] for row in self._execute(lecturers)}
        one = func.coalesce(escalations.c.joined, escalations.c.id)
        asked = select(one, func.count(escalations.c.member.distinct()))
        asked = asked.where(escalations.c.member != "").group_by(one)
        askers: dict[str, int] = {row[0]: row[1] for row in self._execute(asked)}
        stages: Counter[Stage] = Counter()
        took, waiting = [], []
        first = select(escalations).where(escalations.c.joined.is_(None))
        for row in self._execute(first.order_by(escalations.c.created_at, escalations.c.id)):
            if decode_place(row.place).platform in without:
                continue
            stage = Stage(row.state)
            if row.created_at >= since:
                stages[stage] += 1
                if row.id in moments:
                    took.append(max(moments[row.id] - row.created_at, 0.0))
            if stage in (Stage.OPEN, Stage.DRAFTED) and row.text:
                people, lecturer = askers.get(row.id, 0), writes.get(row.id, "")
                waiting.append(Waiting(row.text, row.created_at, people, stage, lecturer))
        public = select(c.kind, func.count()).where(c.state == DraftState.PUBLISHED)
        recent = public.where(c.published_at >= since).group_by(c.kind)
        kinds: dict[str, int] = {row[0]: row[1] for row in self._execute(recent)}
        return Learned(
            stages={stage: stages[stage] for stage in Stage},
            took=tuple(took),
            entries=kinds.get(DraftKind.ENTRY, 0),
            wordings=kinds.get(DraftKind.VARIANT, 0),
            waiting=tuple(waiting),
            proposals=Proposals(self._session).open(),
        )

    def handle(self, questions: Iterable[str]) -> None:
        """Note that the organisers have done with these questions, by id."""
        for question in questions:
            self._session.insert_new(handled, question=question, handled_at=self._session.now)

    def reopen(self, questions: Iterable[str]) -> None:
        """Take that note back."""
        self._execute(delete(handled).where(handled.c.question.in_(tuple(questions))))


def _stands(form: Row[Any] | None, settled: Mapping[str, float]) -> dict[str, Any]:
    """Return what ``Asked`` says of a question that was sent to the lecturers, or wasn't."""
    if form is None:
        return {"escalated": False}
    stage = Stage(form.state)
    waits = stage in (Stage.OPEN, Stage.DRAFTED)
    moment = None if waits else settled.get(form.joined or form.id)
    return {"escalated": waits, "stage": stage, "settled": moment}
