"""The outbox: what will be posted, in order for each channel."""

import functools
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Double,
    Row,
    Select,
    bindparam,
    case,
    exists,
    false,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from bot.domain.card import Card, Outgoing
from bot.domain.inbound import MessageRef, Place
from bot.store.codec import decode_outgoing, decode_ref, encode_outgoing, encode_ref
from bot.store.queue import NOW, Queue, claiming, looking, passed
from bot.store.schema import OUTBOX, outbox


class State(StrEnum):
    """Where an outgoing card stands. The first three are open."""

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Due:
    """A card to be sent now.

    Attributes:
        outgoing: The card.
        ask: The ask it belongs to; empty where there is none.
        once: What it is for: no second card is ever made for the same.
        fence: The number of the claim: a later claim makes this one void.
        attempts: How often it was claimed, this time included.
        tried: Seconds since it was sent without learning what became of it; None: never.
        age: Seconds since it was written.
        claimed: When it was claimed, on this process's clock that nobody sets, in seconds.
    """

    outgoing: Outgoing
    ask: str
    once: str
    fence: int
    attempts: int
    tried: float | None
    age: float
    claimed: float


_LEASE: BindParameter[float] = bindparam("lease", type_=Double())


def _next(platforms: tuple[str, ...] | None) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Say which cards are served, and the first of their channel."""
    earlier = outbox.alias("earlier")
    served = or_(false(), *(outbox.c.channel.startswith(f"{each}:") for each in platforms or ()))
    return true() if platforms is None else served, ~exists().where(
        earlier.c.channel == outbox.c.channel,
        earlier.c.seq < outbox.c.seq,
        earlier.c.done_at.is_(None),
    )


@functools.cache
def _claim(platforms: tuple[str, ...] | None) -> ReturningUpdate[Any]:
    """Build the statement that takes what is due."""
    first_time = outbox.c.state == State.PENDING
    # Set before the clock was put back: it would be for ever that it was just now.
    to_come = outbox.c.tried_at > NOW + 1.0
    return claiming(
        outbox,
        _LEASE,
        passed(outbox.c.due, outbox.c.wait),
        *_next(platforms),
        state=case((first_time, State.SENDING), else_=State.UNKNOWN),
        tried_at=case((or_(first_time, to_come), NOW), else_=outbox.c.tried_at),
    )


@functools.cache
def _look(platforms: tuple[str, ...] | None) -> Select[int, float | None]:
    """Build the statement that looks for cards that nobody sends."""
    return looking(outbox, outbox.c.due, *_next(platforms))


_WAITS = select(exists().where(outbox.c.channel == bindparam("of"), outbox.c.done_at.is_(None)))


class Outbox(Queue):
    """The outbox within one transaction."""

    table = outbox
    key = outbox.c.id
    whose = outbox.c.channel

    def add(self, outgoing: Outgoing, *, ask: str, once: str) -> bool:
        """Keep a card to be sent; return False where one for the same purpose exists already."""
        return self._add(
            id=outgoing.id,
            once=once,
            ask=ask,
            channel=channel_of(outgoing.to),
            payload=encode_outgoing(outgoing),
            state=State.PENDING,
            due=self._session.now,
            created_at=self._session.now,
        )

    def look(self, platforms: tuple[str, ...] | None = None) -> tuple[int, float]:
        """Count the open cards, and tell for how many seconds one is due that nobody sends.

        Args:
            platforms: Those whose cards are looked at for that; None: all.
        """
        return self._look(_look(platforms))

    def claim(
        self, owner: str, limit: int, lease: float, platforms: tuple[str, ...] | None = None
    ) -> tuple[Due, ...]:
        """Take the first open card of each channel where it is due, and mark it as being sent.

        Args:
            owner: Who sends.
            limit: How many at most.
            lease: Seconds for which the claim holds.
            platforms: Where the owner can send; what goes elsewhere waits for who can. None:
                everywhere.
        """
        return self._take(_claim(platforms), self._read, claimer=owner, most=limit, lease=lease)

    def waits(self, place: Place) -> bool:
        """Whether a card waits for its turn in a channel."""
        return bool(self._session.connection.scalar(_WAITS, {"of": channel_of(place)}))

    def resending(self, due: Due) -> None:
        """Note that a card of unknown fate goes out once more."""
        self._update(due, tried_at=self._session.now)

    def sent(self, due: Due, message: MessageRef) -> None:
        """Note where the card is now, and forget its words."""
        self._update(due, state=State.SENT, message=encode_ref(message), payload=None,
                     done_at=self._session.now)  # fmt: skip

    def failed(self, due: Due, reason: str) -> None:
        """Give the card up, and forget its words."""
        self._update(due, state=State.FAILED, reason=reason, payload=None,
                     done_at=self._session.now)  # fmt: skip

    def postpone(self, due: Due, seconds: float, *, unknown: bool) -> None:
        """Try again later; the channel's later cards wait behind it.

        Args:
            due: The card.
            seconds: How long to wait.
            unknown: It may have been delivered, so it must be looked for first.
        """
        self._update(due, state=State.UNKNOWN if unknown else State.PENDING, owner=None,
                     lease_until=0, due=self._session.now + seconds, wait=seconds)  # fmt: skip

    def hasten(self, platform: str, channel: str) -> None:
        """Let what waits for a channel be due now."""
        self._session.news.add((OUTBOX, ""))
        key = outbox.c.channel
        there = (key.startswith(f"{platform}:"), key.endswith(f":{channel}", autoescape=True))
        self._change(*there, outbox.c.owner.is_(None), due=self._session.now, wait=0)

    def release(self, owner: str) -> None:
        """Hand back what this process had claimed: its fate is unknown."""
        if self._change(outbox.c.owner == owner, owner=None, lease_until=0):
            self._session.news.add((OUTBOX, ""))

    def drop(self, ask: str) -> None:
        """Don't send what waits for an ask whose question was deleted."""
        waits = (outbox.c.ask == ask) & (outbox.c.state == State.PENDING)
        self._give_up(waits, "question deleted")

    def forget(self, member: str, theirs: ColumnElement[bool]) -> None:
        """Don't send what is for a member, by the platform's id, and forget where it was seen.

        Args:
            member: Whoever alone may see it.
            theirs: What is for them besides.
        """
        seen_by_them = f'"private_to":"{member}"'
        for_them = outbox.c.payload.contains(seen_by_them, autoescape=True)
        self._give_up(for_them | theirs, "forgotten")
        seen = outbox.c.message.contains(seen_by_them, autoescape=True)
        self._execute(update(outbox).where(seen).values(message=None))

    def reword(self, purpose: str, card: Card | None, opens: str = "") -> None:
        """Give what waits for a purpose another card, unless it is under way.

        Args:
            purpose: What ``once`` begins with.
            card: Is sent in place of what it was; None: nothing is.
            opens: The name of the thread that it opens.
        """
        waits = outbox.c.once.startswith(purpose, autoescape=True) & (
            outbox.c.state == State.PENDING
        )
        if card is None:
            self._give_up(waits, "forgotten")
            return
        for row in self._execute(select(outbox).where(waits)).all():
            outgoing = replace(decode_outgoing(row.payload), card=card, opens=opens)
            self._change(outbox.c.id == row.id, payload=encode_outgoing(outgoing))

    def cancel(self, once: str) -> None:
        """Don't send what waits for a purpose, unless it is under way."""
        self._give_up((outbox.c.once == once) & (outbox.c.state == State.PENDING), "cancelled")

    def may_stand(self, to: Place, purpose: str) -> bool:
        """Whether a card may stand in a channel by now without its message being known.

        Args:
            to: The channel.
            purpose: What the card's ``once`` begins with.
        """
        found = select(outbox.c.id).where(
            outbox.c.channel == channel_of(to),
            outbox.c.once.startswith(purpose),
            outbox.c.state.in_((State.SENDING, State.UNKNOWN)),
            outbox.c.done_at.is_(None),
        )
        return self._execute(found.limit(1)).first() is not None

    def gave_up(self, once: str) -> bool:
        """Whether a card for a purpose couldn't be sent."""
        found = select(outbox.c.state).where(outbox.c.once == once)
        return self._execute(found).scalar_one_or_none() == State.FAILED

    def reply_to(self, ask: str) -> MessageRef | None:
        """Return the first message that an ask got; None where none was sent."""
        sent = select(outbox.c.message).where(outbox.c.ask == ask, outbox.c.message.is_not(None))
        found = self._execute(sent.order_by(outbox.c.seq).limit(1))
        message = found.scalar_one_or_none()
        return decode_ref(message) if message else None

    def message(self, once: str) -> MessageRef | None:
        """Return the message that a card became; None where it wasn't sent."""
        found = self._execute(
            select(outbox.c.message).where(outbox.c.once == once)
        ).scalar_one_or_none()
        return decode_ref(found) if found else None

    def _read(self, row: Row[Any]) -> Due:
        since = self._session.since
        tried = since(row.tried_at) if row.state == State.UNKNOWN else None
        age = since(row.created_at)
        outgoing = decode_outgoing(row.payload)
        return Due(
            outgoing, row.ask, row.once, row.fence, row.attempts, tried, age, time.monotonic()
        )  # fmt: skip

    def _give_up(self, which: ColumnElement[bool], why: str) -> int:
        now = self._session.now
        return self._change(which, state=State.FAILED, reason=why, payload=None, done_at=now)

    def _update(self, row: Due, **values: object) -> None:
        self._settle(row.outgoing.id, row.fence, **values)


def channel_of(place: Place) -> str:
    """Name the channel of a place: within it, cards keep their order."""
    return f"{place.platform}:{place.workspace}:{place.channel}"
