"""What was asked and what became of it, looked back on. Nothing here says who asked."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Row, delete, select

from bot.domain.ask import Candidate, Outcome, Stage, Vote
from bot.store.codec import decode_place
from bot.store.schema import DAY, Session, asks, escalations, handled, ratings


@dataclass(frozen=True, slots=True)
class Asked:
    """One question.

    Attributes:
        id: That of its ask; where it came by the form for the lecturers alone, of the form.
        at: When it was asked, in seconds since 1970.
        platform: Where.
        text: The words; None where they aren't kept any more.
        escalated: It is open before the lecturers.
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
    outcome: Outcome | None = None
    candidates: tuple[Candidate, ...] = ()
    shown: str | None = None
    votes: tuple[tuple[str, Vote], ...] = ()
    handled: bool = False


def asked(session: Session, days: int | None = None) -> tuple[Asked, ...]:
    """Return every question, oldest first.

    Args:
        session: The open transaction.
        days: How many days to look back; None: to the beginning.
    """
    since = 0.0 if days is None else session.now - days * DAY
    execute = session.connection.execute
    open_forms = select(escalations).where(
        escalations.c.state.in_((Stage.OPEN, Stage.DRAFTED)),
        escalations.c.text != "",  # else whoever asked was forgotten
        escalations.c.created_at >= since,
    )
    forms: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in execute(open_forms.order_by(escalations.c.id)):
        forms[row.ask or row.id].append(row)
    votes: dict[str, list[tuple[str, Vote]]] = defaultdict(list)
    of_recent = ratings.c.ask.in_(select(asks.c.id).where(asks.c.created_at >= since))
    for row in execute(select(ratings).where(of_recent)):
        votes[row.ask].append((row.entry, Vote(row.value)))
    done = set(execute(select(handled.c.question)).scalars())
    found = []
    no_questions = asks.c.outcome.in_((Outcome.REPLY, Outcome.TOLD))
    for row in execute(select(asks).where(asks.c.created_at >= since, ~no_questions)):
        # What was typed into the form is what the lecturers are asked; a second form is another.
        form = forms[row.id].pop(0) if forms[row.id] else None
        found.append(
            Asked(
                id=row.id,
                at=row.created_at,
                platform=decode_place(row.place).platform,
                text=form.text if form else row.text,
                escalated=form is not None,
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
            escalated=True,
            handled=id_ in done,
        )
        for key, left in forms.items()
        for number, form in enumerate(left)
    ]
    return tuple(sorted(found, key=lambda one: (one.at, one.id)))


def handle(session: Session, questions: Iterable[str]) -> None:
    """Note that the organisers have done with these questions, by id."""
    for question in questions:
        session.insert_new(handled, question=question, handled_at=session.now)


def reopen(session: Session, questions: Iterable[str]) -> None:
    """Take that note back."""
    session.connection.execute(delete(handled).where(handled.c.question.in_(tuple(questions))))
