"""The inbox: what came in, committed before it is acknowledged."""

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, case, select

from bot.domain.inbound import Question
from bot.store.codec import TAGS, UNREADABLE, Item, decode_item, encode
from bot.store.queue import Queue, claiming, looking
from bot.store.schema import INBOX, inbox

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
        received_at: When it was committed, on this process's clock that nobody sets, in seconds.
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


_CLAIM = claiming(inbox, LEASE)
_CAME, _LEASED = inbox.c.received_at, inbox.c.lease_until
_LOOK = looking(inbox, case((_LEASED > _CAME, _LEASED), else_=_CAME))


class Inbox(Queue):
    """The inbox within one transaction."""

    table = inbox
    key = whose = inbox.c.key

    def accept(self, item: Item, claimer: str = "") -> Claimed | bool:
        """Keep what came in; return False where its key was seen before.

        Args:
            item: What came in.
            claimer: Works on it at once: that spares claiming it.
        """
        key, now = key_of(item), self._session.now
        row = {"key": key, "kind": TAGS[type(item)], "payload": encode(item), "received_at": now}
        if not claimer:
            return self._add(**row)
        claim = {"owner": claimer, "lease_until": now + LEASE, "fence": 1, "attempts": 1}
        new = self._session.insert_new(inbox, **row, **claim)
        return new and Claimed(key, item, 1, 1, time.monotonic(), 0.0)

    def look(self) -> tuple[int, float]:
        """Count the open rows, and tell for how many seconds one waits for a worker."""
        return self._look(_LOOK)

    def claim(self, owner: str, limit: int) -> tuple[Claimed, ...]:
        """Take the oldest rows that nobody works on, for ``LEASE`` seconds."""
        return self._take(_CLAIM, self._read, claimer=owner, most=limit)

    def finish(self, claimed: Claimed, outcome: str) -> None:
        """Close a row and forget its words; the key stays, so that a redelivery is known.

        Raises:
            StaleClaim: Somebody else has it by now, or it was edited or deleted.
        """
        closed = {"done_at": self._session.now, "outcome": outcome, "payload": None}
        self._settle(claimed.key, claimed.fence, lease_until=0, **closed)

    def reword(self, question: Question) -> bool:
        """Give an open question its new words; return False where it was answered already.

        Whoever works on the old words loses the claim.
        """
        changed = self._change(
            inbox.c.key == question.ref.key,
            payload=encode(question),
            owner=None,
            lease_until=0,
            fence=inbox.c.fence + 1,
        )
        return changed == 1

    def open_question(self, key: str) -> Question | None:
        """Return a question that still waits for its reply."""
        row = self._execute(
            select(inbox.c.payload)
            .where(inbox.c.key == key, inbox.c.kind == "question")
            .where(inbox.c.done_at.is_(None))
        ).one_or_none()
        item = decode_item("question", row.payload) if row else None
        return item if isinstance(item, Question) else None

    def close(self, key: str, outcome: str) -> bool:
        """Close an open row whoever works on it; return False where there was none."""
        return self._give_up(inbox.c.key == key, outcome) == 1

    def hand_back(self, claimed: Claimed, wait: float = 0.0) -> None:
        """Let the row be claimed anew, after so many seconds; this attempt doesn't count."""
        self._hand_back(inbox.c.key == claimed.key, inbox.c.fence == claimed.fence, wait=wait)

    def release(self, owner: str) -> None:
        """Hand back all that a process had claimed and not finished."""
        self._hand_back(inbox.c.owner == owner)

    def forget(self, member: str) -> None:
        """Close what waits from a member, by the platform's id."""
        self._give_up(inbox.c.seq.in_(self._of(member)), "forgotten")

    def count_of(self, member: str) -> int:
        """Count what waits from a member, by the platform's id."""
        return len(self._of(member))

    def _of(self, member: str) -> list[int]:
        found = []
        for row in self._execute(select(inbox).where(inbox.c.done_at.is_(None))):
            with suppress(*UNREADABLE):  # its words go when it is claimed
                if _author(decode_item(row.kind, row.payload)) == member:
                    found.append(row.seq)
        return found

    def _read(self, row: Row[Any]) -> Claimed:
        item = decode_item(row.kind, row.payload)
        age = self._session.since(row.received_at)
        received_at = time.monotonic() - age
        return Claimed(row.key, item, row.fence, row.attempts, received_at, age)

    def _give_up(self, which: ColumnElement[bool], why: str) -> int:
        now = self._session.now
        return self._change(which, payload=None, done_at=now, outcome=why, fence=inbox.c.fence + 1)

    def _hand_back(self, *which: ColumnElement[bool], wait: float = 0.0) -> None:
        until = self._session.now + wait if wait else 0.0
        if self._change(*which, owner=None, lease_until=until, attempts=inbox.c.attempts - 1):
            self._session.news.add((INBOX, ""))


def _author(item: Item) -> str:
    return item.asker.id if isinstance(item, Question) else item.by.id
