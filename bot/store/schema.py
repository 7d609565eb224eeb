"""The tables. Times are seconds since 1970 by the database's clock; JSON is text on both stores."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

metadata = MetaData()

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
_SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")


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
    # Of rows not done yet: the migration says so. Said here, it would load both stores' dialects at
    # each start, for 25 ms.
    Index("inbox_open", "seq"),
)

asks = Table(
    "asks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("question", Text, nullable=False, unique=True),
    Column("place", Text, nullable=False),
    Column("thread", Text, nullable=False, index=True),
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
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("once", Text, nullable=False, unique=True),
    Column("ask", Text, nullable=False, index=True),
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
    Index("outbox_open", "channel", "seq"),  # of rows not done yet
)

ratings = Table(
    "ratings",
    metadata,
    Column("ask", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("member", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("rated_at", Double, nullable=False),
    PrimaryKeyConstraint("ask", "position", "member"),
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
)

watches = Table(
    "watches",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("watched", Boolean, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Double, nullable=False),
)

handled = Table(
    "handled",
    metadata,
    Column("question", Text, primary_key=True),  # an ask's id, or that of a form without one
    Column("handled_at", Double, nullable=False),
)
