"""The database: opened, checked, migrated; one transaction at a time."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text, update
from sqlalchemy.pool import ConnectionPoolEntry

from bot.store.asks import Asks
from bot.store.errors import StoreError, explaining
from bot.store.escalations import Escalations
from bot.store.inbox import Inbox
from bot.store.migrate import migrate
from bot.store.outbox import Outbox
from bot.store.retention import forget, purge
from bot.store.schema import inbox, outbox
from bot.store.sqlite_file import SqliteFile
from bot.store.tables import Session
from bot.store.watches import Watches
from bot.texts import Text

T = TypeVar("T")

CLOCK = {
    "sqlite": text("SELECT (julianday('now') - 2440587.5) * 86400.0"),
    "postgresql": text("SELECT extract(epoch FROM clock_timestamp())::float8"),
}


class Transaction:
    """Everything that is stored, within one transaction: all of it is committed, or nothing."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.inbox = Inbox(session)
        self.asks = Asks(session)
        self.outbox = Outbox(session)
        self.escalations = Escalations(session)
        self.watches = Watches(session)

    def release(self, owner: str) -> None:
        """Hand back whatever a process had claimed."""
        self.inbox.release(owner)
        self.outbox.release(owner)

    def reclaim(self) -> None:
        """Free whatever was claimed: for who knows that no other process is alive."""
        for table in (inbox, outbox):
            self._session.connection.execute(
                update(table).where(table.c.done_at.is_(None)).values(owner=None, lease_until=0)
            )

    def purge(self, days: int) -> None:
        """Forget what isn't needed any more."""
        purge(self._session, days)

    def forget(self, member: str) -> None:
        """Remove what a member wrote and who they are."""
        forget(self._session, member)


class Database:
    """The store, opened. To be used by one thread at a time."""

    def __init__(self, engine: Engine, file: SqliteFile | None) -> None:
        self._engine = engine
        self._file = file

    @classmethod
    def open(cls, url: str) -> "Database":
        """Open the store, creating or upgrading it first.

        Args:
            url: ``sqlite:///PATH`` or ``postgresql+psycopg://…``.

        Raises:
            StoreError: It can't be used; it is left as it was.
        """
        with explaining():
            path = file_of(url)
            if path is not None:
                return cls._open_sqlite(SqliteFile(path))
            engine = postgresql(url)
            with engine.begin() as connection:
                migrate(connection)
            return cls(engine, None)

    @classmethod
    def _open_sqlite(cls, file: SqliteFile) -> "Database":
        try:
            file.prepare(create=lambda path: _upgrade(path, None))
            _upgrade(file.path, file.back_up)
            database = cls(sqlite(file.path), file)
            # The file's lock says so: what a killed process had claimed needn't wait.
            database.transact(Transaction.reclaim)
        except BaseException:
            file.release()
            raise
        return database

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` in one transaction and commit it.

        Raises:
            StoreError: Nothing was committed, or, the connection lost, it isn't known.
        """
        if self._file is not None and self._file.replaced():
            self._engine.dispose()
        with explaining(), self._engine.begin() as connection:
            now = connection.execute(CLOCK[connection.dialect.name]).scalar_one()
            return work(Transaction(Session(connection, now)))

    def close(self) -> None:
        """Close the store and free its file for others."""
        self._engine.dispose()
        if self._file is not None:
            self._file.release()


def sqlite(path: Path) -> Engine:
    """Return what connects to a file; each transaction holds the write lock from its beginning."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)), pool_size=1, max_overflow=0, hide_parameters=True,
        connect_args={"timeout": 10.0},
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        # sqlite3 would begin a deferred transaction by itself: those fail at once, whatever the
        # timeout, when another connection wrote since (SQLITE_BUSY_SNAPSHOT).
        connection.isolation_level = None
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            # Forgotten words are overwritten, not only unlinked, and the log doesn't keep them.
            "secure_delete = ON",
            "journal_size_limit = 0",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def file_of(url: str) -> Path | None:
    """Return the file that a database is in; None where a PostgreSQL server has it.

    Raises:
        StoreError: It is another kind of database.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return None
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return Path(parsed.database)
    raise StoreError(Text("store.unsupported"))


def postgresql(url: str) -> Engine:
    """Return what connects to a server, and waits for it no longer than a question may."""
    return create_engine(
        url, pool_size=1, max_overflow=0, pool_pre_ping=True, hide_parameters=True,
        connect_args={
            "connect_timeout": 10,
            "options": "-c statement_timeout=10000 -c lock_timeout=10000 "
            "-c idle_in_transaction_session_timeout=30000",
        },
    )  # fmt: skip


def _upgrade(path: Path, back_up: Callable[[str], None] | None) -> None:
    engine = sqlite(path)
    try:
        with engine.begin() as connection:
            migrate(connection, back_up)
    finally:
        engine.dispose()
