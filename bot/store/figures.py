"""What was asked and what became of it, looked back on. Nothing here says who asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import exists, func, select

from bot.store.asks import Candidate, Outcome, Vote
from bot.store.codec import decode_place
from bot.store.retention import DAY
from bot.store.schema import asks, escalations, ratings
from bot.store.tables import Session


@dataclass(frozen=True, slots=True)
class Asked:
    """One question.

    Attributes:
        at: When it was asked, in seconds since 1970.
        platform: Where.
        text: The words; None where they aren't kept any more.
        escalated: It is open before the lecturers.
        outcome: What it got; None where it came by the form for the lecturers alone.
        candidates: What search found, best first.
        shown: The id of the entry that was shown as the answer, at last.
        doubted: Somebody voted that this entry isn't the answer.
    """

    at: float
    platform: str
    text: str | None = field(repr=False)
    escalated: bool
    outcome: Outcome | None = None
    candidates: tuple[Candidate, ...] = ()
    shown: str | None = None
    doubted: bool = False


class Figures:
    """What happened, within one transaction.

    Args:
        session: The open transaction.
        days: How many days to look back; None: to the beginning.
    """

    def __init__(self, session: Session, days: int | None) -> None:
        self._connection = session.connection
        since = 0.0 if days is None else session.now - days * DAY
        self._recent = asks.c.created_at >= since
        self._sent = (escalations.c.state == "open") & (escalations.c.created_at >= since)

    def asked(self) -> tuple[Asked, ...]:
        """Return every question, oldest first."""
        doubted = exists().where(
            ratings.c.ask == asks.c.id,
            ratings.c.entry == asks.c.entry,
            ratings.c.value == Vote.WRONG,
        )
        sent = select(escalations).where(self._sent).order_by(escalations.c.id)
        forms = {(row.ask or row.id): row for row in self._connection.execute(sent)}
        found = []
        for row in self._connection.execute(
            select(asks, doubted.label("doubted")).where(self._recent)
        ):
            form = forms.pop(row.id, None)
            found.append(
                Asked(
                    at=row.created_at,
                    platform=decode_place(row.place).platform,
                    text=form.text if form and row.text is None else row.text,
                    escalated=form is not None,
                    outcome=Outcome(row.outcome),
                    candidates=msgspec.json.decode(row.candidates, type=tuple[Candidate, ...]),
                    shown=row.entry,
                    doubted=bool(row.doubted),
                )
            )
        found += [
            Asked(form.created_at, decode_place(form.place).platform, form.text, escalated=True)
            for form in forms.values()
        ]
        return tuple(sorted(found, key=lambda one: one.at))

    def votes(self) -> Mapping[tuple[str, Vote], int]:
        """Count the votes on these questions' answers, by entry and by what they say."""
        rows = self._connection.execute(
            select(ratings.c.entry, ratings.c.value, func.count())
            .join(asks, ratings.c.ask == asks.c.id)
            .where(self._recent)
            .group_by(ratings.c.entry, ratings.c.value)
        )
        return {(entry, Vote(value)): times for entry, value, times in rows}
