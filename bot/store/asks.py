"""Asks and their ratings: accepted questions and what became of them."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, delete, func, literal_column, or_, select, true, update

from bot.domain.ask import Ask, Candidate, Outcome, Vote
from bot.store.codec import decode_place, encode_place
from bot.store.schema import Part, asks, inbox, ratings

_FOLLOWS = " after "


class Asks(Part):
    """Asks and ratings within one transaction."""

    def add(self, ask: Ask, *, unasked: bool = False, after: str = "") -> bool:
        """Keep an ask.

        Args:
            ask: The ask.
            unasked: Nobody addressed the bot.
            after: The id of the ask that an unasked one follows up.

        Returns:
            False where the question has its ask already, or, ``unasked``, the thread a reply, or
            the ask before it another that follows it up.
        """
        alone = f"{ask.thread}{_FOLLOWS}{after}" if after else ask.thread
        return self._session.insert_new(
            asks,
            id=ask.id,
            question=ask.question,
            place=encode_place(ask.place),
            thread=ask.thread,
            unasked=alone if unasked else None,
            asker=ask.asker,
            text=ask.text,
            outcome=ask.outcome,
            confidence=ask.confidence,
            candidates=msgspec.json.encode(ask.candidates).decode(),
            offered=ask.offered,
            entry=ask.entry,
            created_at=self._session.now,
        )

    def get(self, ask: str) -> Ask | None:
        """Return an ask by its id; None where it is unknown."""
        return self._one(asks.c.id == ask)

    def of_question(self, key: str) -> Ask | None:
        """Return the ask that a question became; None where it became none."""
        return self._one(asks.c.question == key)

    def replies(self, escalation: str) -> tuple[Ask, ...]:
        """Return what organisers replied to a question, in order."""
        reply = asks.c.outcome == Outcome.REPLY
        found = select(asks).where(asks.c.thread == escalation, reply).order_by(asks.c.id)
        return tuple(map(_ask, self._execute(found)))

    def spoke(self, thread: str) -> bool:
        """Whether the bot has spoken in a thread."""
        found = select(asks.c.id).where(asks.c.thread == thread).limit(1)
        return self._execute(found).first() is not None

    def lately(
        self, ago: float, window: float, *, member: str = "", channel: str = ""
    ) -> tuple[int, int]:
        """Count the questions that came in within a while, and those refused as too many.

        Args:
            ago: Seconds since that while ended.
            window: Seconds that it lasted.
            member: Only this member's; by the platform's id.
            channel: Only those asked there; as ``channel_of`` names it.
        """
        until = self._session.now - ago
        # Word for word as the index has it; none was answered before it came in.
        kept = or_(asks.c.text.is_not(None), asks.c.asker != literal_column("''"))
        refused = func.count().filter(asks.c.outcome == Outcome.LIMITED)
        found = (
            select(func.count(), refused)
            .join_from(asks, inbox, inbox.c.key == asks.c.question)
            .where(kept, asks.c.created_at > until - window)
            .where(inbox.c.received_at > until - window, inbox.c.received_at <= until)
            .where(asks.c.asker == member if member else true())
            .where(asks.c.thread.startswith(f"{channel}:", autoescape=True) if channel else true())
        )
        count, over = self._execute(found).one()
        return count, over

    def to_follow_up(self, thread: str, member: str) -> tuple[Ask, frozenset[str]] | None:
        """Return what a member's next words in a thread follow up, if they do.

        Returns:
            The thread's last ask, and the words of all its asks; None where the last one isn't that
            member's, or did itself follow up unasked.
        """
        within = select(asks.c.id, asks.c.asker, asks.c.unasked, asks.c.text)
        found = within.where(asks.c.thread == thread).order_by(asks.c.id)
        rows = self._execute(found).all()
        if not rows or rows[-1].asker != member or _FOLLOWS in (rows[-1].unasked or ""):
            return None
        last = self.get(rows[-1].id)
        assert last is not None
        return last, frozenset(row.text for row in rows if row.text is not None)

    def offer(self, ask: str, offered: int) -> None:
        """Note how many candidates the asker has seen."""
        self._set(ask, offered=offered)

    def show(self, ask: str, entry: str) -> None:
        """Note the entry that was shown as the answer."""
        self._set(ask, entry=entry)

    def reword(self, ask: str, text: str | None) -> None:
        """Replace the words, or forget them."""
        self._set(ask, text=text)

    def shown(self) -> Mapping[str, int]:
        """Count how often each entry was the answer, by entry id."""
        count = select(asks.c.entry, func.count()).group_by(asks.c.entry)
        rows = self._execute(count.where(asks.c.entry.is_not(None)))
        return {entry: times for entry, times in rows if entry}

    def rate(self, ask: str, position: int, member: str, entry: str, vote: Vote) -> bool:
        """Keep a member's vote on an answer, the last one if there were several.

        Returns:
            False where the member had voted the same before.
        """
        same = select(ratings.c.value).where(
            ratings.c.ask == ask, ratings.c.position == position, ratings.c.member == member
        )
        if self._execute(same).scalar_one_or_none() == vote:
            return False
        self._execute(
            delete(ratings).where(
                ratings.c.ask == ask, ratings.c.position == position, ratings.c.member == member
            )
        )
        return self._session.insert_new(
            ratings,
            ask=ask,
            position=position,
            member=member,
            entry=entry,
            value=vote,
            rated_at=self._session.now,
        )

    def doubts(self, ask: str, member: str) -> bool:
        """Whether a member said of an answer that it is wrong."""
        wrong = (ratings.c.ask == ask) & (ratings.c.member == member)
        found = select(ratings.c.ask).where(wrong, ratings.c.value == Vote.WRONG).limit(1)
        return self._execute(found).first() is not None

    def _one(self, which: ColumnElement[bool]) -> Ask | None:
        row = self._execute(select(asks).where(which)).one_or_none()
        return _ask(row) if row is not None else None

    def _set(self, ask: str, **values: object) -> None:
        self._execute(update(asks).where(asks.c.id == ask).values(**values))


def _ask(row: Row[Any]) -> Ask:
    return Ask(
        id=row.id,
        question=row.question,
        place=decode_place(row.place),
        thread=row.thread,
        asker=row.asker,
        text=row.text,
        outcome=Outcome(row.outcome),
        confidence=row.confidence,
        candidates=msgspec.json.decode(row.candidates, type=tuple[Candidate, ...]),
        offered=row.offered,
        entry=row.entry,
    )
