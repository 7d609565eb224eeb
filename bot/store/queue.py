"""What inbox and outbox share: rows that are claimed for a while, worked on, closed."""

import functools
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Double,
    Row,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from bot.store.codec import UNREADABLE
from bot.store.errors import StaleClaim
from bot.store.schema import Part
from bot.telemetry import EventLogger

T = TypeVar("T")

NOW: BindParameter[float] = bindparam("now", type_=Double())
"""The session's time in a statement that is built once: to build it takes longer than to run it."""


class Queue(Part):
    """A queue within one transaction.

    Attributes:
        table: Its rows; they are open until ``done_at`` is set.
        key: The column that names a row.
        whose: The column whose value begins with the platform.
    """

    table: ClassVar[Table]
    key: ClassVar[Column[str]]
    whose: ClassVar[Column[str]]

    def waiting(self, of: str = "") -> int:
        """Count the open rows whose key (inbox) or channel (outbox) begins so."""
        open_ = self.table.c.done_at.is_(None) & self.whose.startswith(of, autoescape=True)
        count = select(func.count()).select_from(self.table).where(open_)
        return self._execute(count).scalar_one()

    def _add(self, **values: Any) -> bool:
        """Keep a row unless it is there; who could work on it is told, if nobody here takes it."""
        new = self._session.insert_new(self.table, **values)
        if new:
            self._session.news.add((self.table.name, values[self.key.name]))
        return new

    def _look(self, look: Select[int, float | None]) -> tuple[int, float]:
        """Count the open rows, and tell how long the one has waited that may be taken longest."""
        count, oldest = self._execute(look, {"now": self._session.now}).one()
        return count, 0.0 if oldest is None else self._session.since(oldest)

    def reclaim(self) -> None:
        """Free whatever was claimed: for who knows that no other process is alive."""
        self._change(owner=None, lease_until=0)

    def _take(
        self, claim: ReturningUpdate[Any], read: Callable[[Row[Any]], T], **given: object
    ) -> tuple[T, ...]:
        """Claim rows and read them, oldest first; what can't be read is given up."""
        given["now"] = self._session.now
        rows = self._execute(claim, given).all()
        taken = []
        for row in sorted(rows, key=lambda row: row.seq):
            self._session.news.discard((self.table.name, getattr(row, self.key.name)))
            try:
                taken.append(read(row))
            except UNREADABLE:
                # It must not hold up what is behind it.
                self._give_up(self.table.c.seq == row.seq, "unreadable")
                EventLogger("faqbot.store").error(
                    "a row of a queue can't be read", queue=self.table.name, seq=row.seq
                )
        return tuple(taken)

    def _give_up(self, which: ColumnElement[bool], why: str) -> int:
        """Close open rows without having done what they are for; return how many."""
        raise NotImplementedError

    def _settle(self, row: str, fence: int, **values: object) -> None:
        """Change a row that this process has claimed.

        Args:
            row: Its name.
            fence: The number of the claim.
            values: What is set; no expressions.

        Raises:
            StaleClaim: Somebody else has it by now, or it was edited or deleted.
        """
        settle = _settling(self.table, self.key, tuple(values))
        named = {f"new_{name}": value for name, value in values.items()}
        given = {"row": row, "held": fence, **named}
        if not self._execute(settle, given).rowcount:
            raise StaleClaim(row)

    def _change(self, *which: ColumnElement[bool], **values: object) -> int:
        """Change open rows; return how many."""
        change = update(self.table).where(self.table.c.done_at.is_(None), *which).values(**values)
        return self._execute(change).rowcount


def looking(
    table: Table, since: ColumnElement[float], *which: ColumnElement[bool]
) -> Select[int, float | None]:
    """Build the statement that counts the open rows, and tells since when one may be taken.

    Args:
        table: The queue.
        since: From when on a row may be taken.
        which: What a row that may be taken must be besides.
    """
    free = and_(table.c.lease_until <= NOW, since <= NOW, *which)
    return select(func.count(), func.min(since).filter(free)).where(table.c.done_at.is_(None))


def claiming(
    table: Table,
    lease: ColumnElement[float] | float,
    *which: ColumnElement[bool],
    **values: object,
) -> ReturningUpdate[Any]:
    """Build the statement that takes the oldest rows that nobody works on.

    Args:
        table: The queue.
        lease: Seconds for which the claim holds.
        which: What a row must be besides.
        values: What is set besides.
    """
    free = (
        select(table.c.seq)
        .where(table.c.done_at.is_(None), *which, passed(table.c.lease_until, lease))
        .order_by(table.c.seq)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )
    return (
        update(table)
        .where(table.c.seq.in_(free))
        .values(
            owner=bindparam("claimer"),
            lease_until=NOW + lease,
            fence=table.c.fence + 1,
            attempts=table.c.attempts + 1,
            **values,
        )
        .returning(table)
    )


@functools.cache
def _settling(table: Table, key: ColumnElement[str], names: tuple[str, ...]) -> Update:
    mine = (key == bindparam("row"), table.c.fence == bindparam("held"))
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    return update(table).where(table.c.done_at.is_(None), *mine).values(values)


def passed(moment: ColumnElement[float], span: ColumnElement[float] | float) -> ColumnElement[bool]:
    """Whether a moment set ``span`` seconds ahead has come.

    A moment further ahead than its span was set before the clock was put back: it counts as come,
    or its row would wait for as long as the clock was wrong.
    """
    return or_(moment <= NOW, moment > NOW + span + 1.0)
