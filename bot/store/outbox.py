"""The outbox: what will be posted, in order for each channel."""

import functools
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Double,
    bindparam,
    case,
    exists,
    false,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from bot.domain.card import Outgoing
from bot.domain.inbound import MessageRef, Place
from bot.store.codec import decode_outgoing, decode_ref, encode_outgoing, encode_ref
from bot.store.errors import StaleClaim
from bot.store.schema import outbox
from bot.store.tables import NOW, Session, passed
from bot.telemetry.log import EventLogger


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
    """

    outgoing: Outgoing
    ask: str
    once: str
    fence: int
    attempts: int
    tried: float | None
    age: float


_LOG = EventLogger("faqbot.store")
_EARLIER = outbox.alias("earlier")
_FIRST_TIME = outbox.c.state == State.PENDING
_LEASE: BindParameter[float] = bindparam("lease", type_=Double())


@functools.cache
def _claim(platforms: tuple[str, ...] | None) -> ReturningUpdate[Any]:
    """Build the statement that takes what is due."""
    served = or_(false(), *(outbox.c.channel.startswith(f"{each}:") for each in platforms or ()))
    return (
        update(outbox)
        .where(
            outbox.c.seq.in_(
                select(outbox.c.seq)
                .where(
                    outbox.c.done_at.is_(None),
                    true() if platforms is None else served,
                    passed(outbox.c.due, outbox.c.wait),
                    passed(outbox.c.lease_until, _LEASE),
                    ~exists().where(
                        _EARLIER.c.channel == outbox.c.channel,
                        _EARLIER.c.seq < outbox.c.seq,
                        _EARLIER.c.done_at.is_(None),
                    ),
                )
                .order_by(outbox.c.seq)
                .limit(bindparam("most"))
                .with_for_update(skip_locked=True)
            )
        )
        .values(
            state=case((_FIRST_TIME, State.SENDING), else_=State.UNKNOWN),
            tried_at=case((_FIRST_TIME, NOW), else_=outbox.c.tried_at),
            owner=bindparam("claimer"),
            lease_until=NOW + _LEASE,
            fence=outbox.c.fence + 1,
            attempts=outbox.c.attempts + 1,
        )
        .returning(outbox)
    )


class Outbox:
    """The outbox within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, outgoing: Outgoing, *, ask: str, once: str) -> bool:
        """Keep a card to be sent; return False where one for the same purpose exists already."""
        return self._session.insert_new(
            outbox,
            id=outgoing.id,
            once=once,
            ask=ask,
            channel=channel_of(outgoing.to),
            payload=encode_outgoing(outgoing),
            state=State.PENDING,
            due=self._session.now,
            created_at=self._session.now,
        )

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
        now = self._session.now
        claim = {"now": now, "claimer": owner, "most": limit, "lease": lease}
        found = self._session.connection.execute(_claim(platforms), claim)
        rows = sorted(found, key=lambda row: row.seq)
        cards = []
        for row in rows:
            try:
                outgoing = decode_outgoing(row.payload)
            except (msgspec.DecodeError, KeyError):
                # It must not hold up the channel.
                self._fail(outbox.c.seq == row.seq, "unreadable")
                _LOG.error("a row of the outbox can't be read", seq=row.seq)
                continue
            tried = now - row.tried_at if row.state == State.UNKNOWN else None
            age = now - row.created_at
            cards.append(Due(outgoing, row.ask, row.once, row.fence, row.attempts, tried, age))
        return tuple(cards)

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

    def release(self, owner: str) -> None:
        """Hand back what this process had claimed: its fate is unknown."""
        self._session.connection.execute(
            update(outbox)
            .where(outbox.c.owner == owner, outbox.c.done_at.is_(None))
            .values(owner=None, lease_until=0)
        )

    def drop(self, ask: str) -> None:
        """Don't send what waits for an ask whose question was deleted."""
        self._fail((outbox.c.ask == ask) & (outbox.c.state == State.PENDING), "question deleted")

    def message(self, once: str) -> MessageRef | None:
        """Return the message that a card became; None where it wasn't sent."""
        found = self._session.connection.execute(
            select(outbox.c.message).where(outbox.c.once == once)
        ).scalar_one_or_none()
        return decode_ref(found) if found else None

    def waiting(self, of: str = "") -> int:
        """Count the open cards to channels whose name begins so."""
        open_ = outbox.c.done_at.is_(None) & outbox.c.channel.startswith(of, autoescape=True)
        count = select(func.count()).select_from(outbox).where(open_)
        return self._session.connection.execute(count).scalar_one()

    def _fail(self, which: ColumnElement[bool], reason: str) -> None:
        self._session.connection.execute(
            update(outbox)
            .where(which)
            .values(state=State.FAILED, reason=reason, payload=None, done_at=self._session.now)
        )

    def _update(self, row: Due, **values: object) -> None:
        change = (
            update(outbox)
            .where(outbox.c.id == row.outgoing.id, outbox.c.fence == row.fence)
            .where(outbox.c.done_at.is_(None))
            .values(**values)
        )
        if self._session.connection.execute(change).rowcount == 0:
            raise StaleClaim(row.outgoing.id)


def channel_of(place: Place) -> str:
    """Name the channel of a place: within it, cards keep their order."""
    return f"{place.platform}:{place.workspace}:{place.channel}"
