"""The tables, and a transaction on them.

Times are seconds since 1970 by the database's clock; JSON is text on both stores.
"""

import functools
import math
import time
from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    Index,
    Insert,
    Integer,
    MetaData,
    Table,
    Text,
    false,
    text,
)

from bot.store.sqlite_file import driver

metadata = MetaData()
DAY = 86_400.0
WAITING = "joined IS NULL AND state IN ('open', 'drafted')"
"""Which escalations aren't done with. With parameters in it no index would be used."""

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
_SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")

# What ``migrate.make`` reads: of which rows an index is, and the revision that brought what wasn't
# among the first tables. Said in SQLAlchemy's own way, the former would load both stores' dialects
# at each start, for 25 ms.
_OPEN = {"where": "done_at IS NULL"}
_LEARNING = {"since": "0004"}
_WAITING = {"where": WAITING, "since": "0004"}
_ONE_DRAFT = "state = 'draft' AND escalation <> ''"
_DONE = {"where": "done_at IS NOT NULL", "since": "0003"}


def _claim() -> tuple[Column[str], Column[float], Column[int], Column[int]]:
    """Who works on a row, until when, and how often it was claimed (the fencing number)."""
    return (
        Column("owner", Text),
        Column("lease_until", Double, nullable=False, server_default=text("0")),
        Column("fence", Integer, nullable=False, server_default=text("0")),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
    )


inbox = Table(
    "inbox",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("payload", Text),  # null once done
    Column("received_at", Double, nullable=False),
    Column("done_at", Double),
    Column("outcome", Text),
    *_claim(),
    Index("inbox_open", "seq", info=_OPEN),
    Index("inbox_done", "done_at", info=_DONE),
)

asks = Table(
    "asks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("question", Text, nullable=False, unique=True),
    Column("place", Text, nullable=False),
    Column("thread", Text, nullable=False),
    # The thread again where nobody addressed the bot: one such reply in each.
    Column("unasked", Text, unique=True),
    Column("asker", Text, nullable=False),
    Column("text", Text),
    Column("outcome", Text, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("candidates", Text, nullable=False),
    Column("offered", Integer, nullable=False),
    Column("entry", Text),
    Column("created_at", Double, nullable=False),
    Index("ix_asks_thread", "thread"),
    Index(
        "asks_kept",
        "created_at",
        info={"where": "text IS NOT NULL OR asker <> ''", "since": "0003"},
    ),
    Index("asks_shown", "entry", info={"where": "entry IS NOT NULL", "since": "0003"}),
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("once", Text, nullable=False, unique=True),
    Column("ask", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("payload", Text),  # null once sent or failed
    Column("state", Text, nullable=False),
    Column("message", Text),
    Column("reason", Text),
    Column("due", Double, nullable=False),
    Column("wait", Double, nullable=False, server_default=text("0")),
    Column("tried_at", Double),
    Column("created_at", Double, nullable=False),
    Column("done_at", Double),
    *_claim(),
    Index("ix_outbox_ask", "ask"),
    Index("outbox_open", "channel", "seq", info=_OPEN),
    Index("outbox_next", "seq", info={**_OPEN, "since": "0003"}),
    Index("outbox_done", "done_at", info=_DONE),
)

ratings = Table(
    "ratings",
    metadata,
    Column("ask", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("entry", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("rated_at", Double, nullable=False),
)

escalations = Table(
    "escalations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("ask", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    # The escalation on whose card it stands; null: on its own, which the columns below are about.
    Column("joined", Text, info=_LEARNING),
    Column("card", Text, info=_LEARNING),
    Column("revision", Integer, nullable=False, server_default=text("0"), info=_LEARNING),
    Column("changed_at", Double, info=_LEARNING),
    Column("changed_by", Text, nullable=False, server_default=text("''"), info=_LEARNING),
    Column("changed_name", Text, nullable=False, server_default=text("''"), info=_LEARNING),
    Column("near", Text, nullable=False, server_default=text("'[]'"), info={"since": "0005"}),
    Index("escalations_card", "card", info=_LEARNING),
    Index("escalations_joined", "joined", info=_LEARNING),
    Index("escalations_waiting", "created_at", info=_WAITING),
    Index("escalations_kept", "created_at", info={"where": "text <> ''", "since": "0004"}),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("escalation", Text, nullable=False),
    Column("lecturer", Text, nullable=False),
    Column("talk", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("links", Text, nullable=False),
    Column("variants", Text, nullable=False),
    *(
        Column(f"{who}{name}", Text, nullable=False, server_default=text("''"))
        for who in ("author", "replied", "approver", "changed_by")
        for name in ("", "_name")
    ),
    Column("permalink", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("over_gate", Boolean, nullable=False, server_default=false()),
    Column("saved_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("published_at", Double),
    # A question has one open draft, whoever begins another at the same time.
    Index("drafts_open", "escalation", unique=True, info={"where": _ONE_DRAFT}),
    Index("drafts_escalation", "escalation"),
    info=_LEARNING,
)

proposals = Table(
    "proposals",
    metadata,
    Column("ask", Text, primary_key=True),
    Column("entry", Text, primary_key=True),
    Column("wording", Text, nullable=False),  # names the words without saying them
    Column("words", Text),  # null once settled
    Column("sign", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("changed_by", Text, nullable=False, server_default=text("''")),
    Column("changed_name", Text, nullable=False, server_default=text("''")),
    Column("created_at", Double, nullable=False),
    Index("proposals_wording", "wording"),
    info=_LEARNING,
)

# How often something changed that every process keeps a copy of: cheap to look at.
changes = Table(
    "changes",
    metadata,
    Column("what", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    info=_LEARNING,
)

watches = Table(
    "watches",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("watched", Boolean, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Double, nullable=False),
)

# What one process at a time may do, and what it leaves for the next.
leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text),
    Column("lease_until", Double, nullable=False, server_default=text("0")),
    Column("fence", Integer, nullable=False, server_default=text("0")),
    Column("note", Text, nullable=False, server_default=text("''")),
    info={"since": "0006"},
)

handled = Table(
    "handled",
    metadata,
    Column("question", Text, primary_key=True),  # an ask's id, or that of a form without one
    Column("handled_at", Double, nullable=False),
    info={"since": "0002"},
)


CHANNEL = "faqbot"
"""Where processes tell one another news: who tells, and of what."""
News = frozenset[str]
INBOX, OUTBOX, CHANGES = "inbox", "outbox", "changes"
NEWS: News = frozenset({INBOX, OUTBOX, CHANGES})
"""What other processes are told of: that there may be work in a queue, that ``changes`` has."""


UNSEEN = 30.0
"""Seconds within which every process sees that the clock was set: it looks far more often."""


@dataclass(frozen=True, slots=True)
class Jump:
    """The database's clock was set.

    Attributes:
        at: What it showed right after, in seconds since 1970.
        by: How far it jumped, in seconds; below 0: it was put back.
    """

    at: float
    by: float


@dataclass(frozen=True, slots=True)
class Session:
    """One open transaction.

    Attributes:
        connection: Inside the transaction.
        now: The database's clock when it began, in seconds since 1970: leases of several
            replicas must not depend on each one's own clock.
        jumps: How that clock was set while this process ran, oldest first.
        news: What other processes are told of once it is committed: what it is, and which one.
    """

    connection: Connection
    now: float
    jumps: tuple[Jump, ...] = ()
    news: set[tuple[str, str]] = field(default_factory=set)

    def since(self, moment: float) -> float:
        """Return the seconds that went by since a stored moment.

        Jumps that this process has seen don't count: whoever waits has waited no longer for them.
        Of a moment still to come, as of before the clock was put back unseen, it is 0.
        """
        now, jumped = self.now, 0.0
        for jump in reversed(self.jumps):
            # Another replica may have seen it, and stamped, before this one did.
            seen = jump.at - min(UNSEEN, abs(jump.by) - 1.0)
            # Replicas' transactions overlap: another one's stamp may be a little ahead of ours.
            if seen <= moment <= now + 1.0:
                break
            now = jump.at - jump.by
            jumped += jump.by
        return max(self.now - moment - jumped, 0.0)

    def insert_new(self, table: Table, /, **values: object) -> bool:
        """Insert a row unless one of its unique keys is taken; return whether it was inserted."""
        insert = _insert(table, self.connection.dialect.name)
        return self.connection.execute(insert, values).rowcount == 1

    def changed(self, what: str) -> None:
        """Let every process know that it must read something anew, once this is committed.

        The row is held until then, so that a number is seen only with all that came before it.
        """
        self.news.add((CHANGES, what))
        self.insert_new(changes, what=what, number=0)
        counted = changes.c.number + 1
        self.connection.execute(
            changes.update().where(changes.c.what == what).values(number=counted)
        )


CLOCK = {
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())::float8",
}
BEGAN = "began"
"""Under which a connection to a server has what its clock showed when the transaction began."""
SET = 2.0
"""Seconds by which a clock that was set differs at least; less is its drift, or the reading's."""


class Clock:
    """The database's clock, watched beside this process's own, which nobody can set.

    Several connections may watch it, each in a thread of its own.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._compared = -math.inf
        self._ahead: float | None = None
        self._jumps: tuple[Jump, ...] = ()

    def begin(self, connection: Connection, asked: float | None = None) -> Session:
        """Return a transaction with the database's time and how that was set until now.

        Args:
            connection: Inside the transaction.
            asked: When it was begun, on this process's clock, in seconds; None: just now.
        """
        before = time.monotonic() if asked is None else asked
        now: float
        if connection.dialect.name == "sqlite":  # by the driver, for a sixth of the time
            (now,) = driver(connection).execute(CLOCK["sqlite"]).fetchone()
        else:
            now = connection.info[BEGAN]
        after = time.monotonic()
        if after - before < SET / 2:  # read in time to compare the two
            ahead = now - after
            with self._lock:
                # Else another thread has read it meanwhile, perhaps on the other side of a jump.
                if before >= self._compared:
                    if self._ahead is not None and abs(ahead - self._ahead) > SET:
                        self._jumps = (*self._jumps[-15:], Jump(now, ahead - self._ahead))
                    self._ahead, self._compared = ahead, after
        return Session(connection, now, self._jumps)


class Part:
    """Some of the tables, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._execute = session.connection.execute


@functools.cache
def _insert(table: Table, dialect: str) -> Insert:
    """Build the statement once for each table: to build it takes longer than to run it."""
    # Each dialect has its own insert; importing the other one would slow every start.
    statement: Insert
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_postgresql

        statement = insert_postgresql(table).on_conflict_do_nothing()
    else:
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        statement = insert_sqlite(table).on_conflict_do_nothing()
    # psycopg's count is thrown away for an INSERT unless it is asked for.
    return statement.execution_options(preserve_rowcount=True)
