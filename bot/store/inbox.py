"""The inbox: what came in, committed before it is acknowledged."""

from dataclasses import dataclass

import msgspec
from sqlalchemy import ColumnElement, bindparam, func, select, update

from bot.domain.inbound import Question
from bot.store.codec import ITEMS, Item, decode_item, encode
from bot.store.errors import StaleClaim
from bot.store.schema import inbox
from bot.store.tables import NOW, Session, passed
from bot.telemetry.log import EventLogger

LEASE = 20.0
"""Seconds for which a claim holds: far more than an answer takes, and a dead replica's questions
wait no longer."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that this process may work on.

    Attributes:
        key: The dedupe key.
        item: What came in.
        fence: The number of the claim: a later claim makes this one void.
        attempts: How often it was claimed, this time included.
        received_at: When it was committed, in seconds since 1970.
        age: Seconds since then.
    """

    key: str
    item: Item
    fence: int
    attempts: int
    received_at: float
    age: float


def key_of(item: Item) -> str:
    """Return the dedupe key."""
    return item.ref.key if isinstance(item, Question) else item.id


_LOG = EventLogger("faqbot.store")
_CLAIM = (
    update(inbox)
    .where(
        inbox.c.seq.in_(
            select(inbox.c.seq)
            .where(inbox.c.done_at.is_(None), passed(inbox.c.lease_until, LEASE))
            .order_by(inbox.c.seq)
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
        )
    )
    .values(
        owner=bindparam("claimer"),
        lease_until=NOW + LEASE,
        fence=inbox.c.fence + 1,
        attempts=inbox.c.attempts + 1,
    )
    .returning(inbox)
)


class Inbox:
    """The inbox within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def accept(self, item: Item) -> bool:
        """Keep what came in; return False where its key was seen before."""
        kind = next(name for name, type_ in ITEMS.items() if isinstance(item, type_))
        return self._session.insert_new(
            inbox,
            key=key_of(item),
            kind=kind,
            payload=encode(item),
            received_at=self._session.now,
        )

    def claim(self, owner: str, limit: int) -> tuple[Claimed, ...]:
        """Take the oldest rows that nobody works on, for ``LEASE`` seconds."""
        now = self._session.now
        claim = {"now": now, "claimer": owner, "most": limit}
        rows = sorted(self._session.connection.execute(_CLAIM, claim), key=lambda row: row.seq)
        claimed = []
        for row in rows:
            try:
                item = decode_item(row.kind, row.payload)
            except msgspec.DecodeError:
                # It must not hold up what came in behind it.
                self.close(row.key, "unreadable")
                _LOG.error("a row of the inbox can't be read", seq=row.seq, kind=row.kind)
                continue
            age = now - row.received_at
            claimed.append(Claimed(row.key, item, row.fence, row.attempts, row.received_at, age))
        return tuple(claimed)

    def finish(self, claimed: Claimed, outcome: str) -> None:
        """Close a row and forget its words; the key stays, so that a redelivery is known.

        Raises:
            StaleClaim: Somebody else has it by now, or it was edited or deleted.
        """
        done = (
            update(inbox)
            .where(inbox.c.key == claimed.key, inbox.c.fence == claimed.fence)
            .where(inbox.c.done_at.is_(None))
            .values(done_at=self._session.now, outcome=outcome, payload=None, lease_until=0)
        )
        if self._session.connection.execute(done).rowcount == 0:
            raise StaleClaim(claimed.key)

    def reword(self, question: Question) -> bool:
        """Give an open question its new words; return False where it was answered already.

        Whoever works on the old words loses the claim.
        """
        return self._change(question.ref.key, payload=encode(question), owner=None, lease_until=0)

    def open_question(self, key: str) -> Question | None:
        """Return a question that still waits for its reply."""
        row = self._session.connection.execute(
            select(inbox.c.payload)
            .where(inbox.c.key == key, inbox.c.kind == "question")
            .where(inbox.c.done_at.is_(None))
        ).one_or_none()
        item = decode_item("question", row.payload) if row else None
        return item if isinstance(item, Question) else None

    def close(self, key: str, outcome: str) -> bool:
        """Close an open row whoever works on it; return False where there was none."""
        return self._change(key, payload=None, done_at=self._session.now, outcome=outcome)

    def hand_back(self, claimed: Claimed) -> None:
        """Let somebody else claim the row; the attempt doesn't count."""
        self._hand_back(inbox.c.key == claimed.key, inbox.c.fence == claimed.fence)

    def release(self, owner: str) -> None:
        """Hand back all that a process had claimed and not finished."""
        self._hand_back(inbox.c.owner == owner)

    def waiting(self, of: str = "") -> int:
        """Count the open rows whose key begins so."""
        open_ = inbox.c.done_at.is_(None) & inbox.c.key.startswith(of, autoescape=True)
        count = select(func.count()).select_from(inbox).where(open_)
        return self._session.connection.execute(count).scalar_one()

    def _hand_back(self, *which: ColumnElement[bool]) -> None:
        self._session.connection.execute(
            update(inbox)
            .where(inbox.c.done_at.is_(None), *which)
            .values(owner=None, lease_until=0, attempts=inbox.c.attempts - 1)
        )

    def _change(self, key: str, **values: object) -> bool:
        change = (
            update(inbox)
            .where(inbox.c.key == key, inbox.c.done_at.is_(None))
            .values(fence=inbox.c.fence + 1, **values)
        )
        return self._session.connection.execute(change).rowcount == 1
