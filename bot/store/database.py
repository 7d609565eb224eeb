"""The database: opened, checked, migrated, one transaction at a time; or used beside a bot."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from bot.store.errors import StoreError, explaining
from bot.store.migrate import is_there, migrate
from bot.store.schema import Jump, Session
from bot.store.sqlite_file import SqliteFile
from bot.store.transaction import Transaction
from bot.texts import Text

__all__ = ["Database", "Reader", "Transaction", "reading", "unwritable", "writing"]

T = TypeVar("T")

CLOCK = {
    "sqlite": text("SELECT (julianday('now') - 2440587.5) * 86400.0"),
    "postgresql": text("SELECT extract(epoch FROM clock_timestamp())::float8"),
}


SET = 2.0
"""Seconds by which a clock that was set differs at least; less is its drift, or the reading's."""


class Clock:
    """The database's clock, watched beside this process's own, which nobody can set."""

    def __init__(self) -> None:
        self._ahead: float | None = None
        self._jumps: tuple[Jump, ...] = ()

    def begin(self, connection: Connection) -> Session:
        """Return a transaction with the database's time and how that was set until now."""
        before = time.monotonic()
        clock = CLOCK[connection.dialect.name]
        now: float
        if connection.dialect.name == "sqlite":
            (now,) = _driver(connection).execute(str(clock)).fetchone()
        else:
            now = connection.execute(clock).scalar_one()
        after = time.monotonic()
        if after - before < SET / 2:  # read in time to compare the two
            ahead = now - after
            if self._ahead is not None and abs(ahead - self._ahead) > SET:
                self._jumps = (*self._jumps[-15:], Jump(now, ahead - self._ahead))
            self._ahead = ahead
        return Session(connection, now, self._jumps)


class Database:
    """The store, opened. To be used by one thread at a time."""

    def __init__(self, engine: Engine, file: SqliteFile | None) -> None:
        self._engine = engine
        self._file = file
        self._clock = Clock()

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
                file = SqliteFile(path)
                with explaining(file.damaged):
                    return cls._open_sqlite(file)
            engine = postgresql(url)
            with engine.begin() as connection:
                migrate(connection)
            return cls(engine, None)

    @classmethod
    def _open_sqlite(cls, file: SqliteFile) -> "Database":
        try:
            file.prepare(create=lambda path: upgrade(path, None))
            upgrade(file.path, file.back_up)
            database = cls(sqlite(file.path), file)
            # The file's lock says so: what a killed process had claimed needn't wait.
            database.transact(_reclaim)
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
            self._file.take()
        with (
            explaining(self._file.damaged if self._file else None),
            self._engine.begin() as connection,
        ):
            return work(Transaction(self._clock.begin(connection)))

    @property
    def is_shared(self) -> bool:
        """Whether other processes may use it at the same time."""
        return self._file is None

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
        # By the driver, as the clock below: SQLAlchemy's way takes longer than SQLite's.
        _driver(connection).execute("BEGIN IMMEDIATE")

    return engine


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


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


def _reclaim(tx: Transaction) -> None:
    tx.inbox.reclaim()
    tx.outbox.reclaim()
    tx.leases.reclaim()


def upgrade(path: Path, back_up: Callable[[str], None] | None) -> None:
    """Create or upgrade the tables of a file; see ``migrate``."""
    engine = sqlite(path)
    try:
        with engine.begin() as connection:
            migrate(connection, back_up)
    finally:
        engine.dispose()


@contextmanager
def reading(url: str) -> Iterator[Session | None]:
    """Open the store only to read it, also while a bot runs: nothing is made, upgraded or locked.

    Args:
        url: As for ``Database.open``.

    Yields:
        One transaction, so that all that is read belongs together; None where there is no
        database, or nothing in it.

    Raises:
        StoreError: It can't be used.
    """
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with _beside(url, _readable, options) as session:
        yield session


@contextmanager
def writing(url: str) -> Iterator[Session | None]:
    """Open the store for one small change, also while a bot runs: nothing is made or upgraded.

    Args:
        url: As for ``Database.open``.

    Yields:
        One transaction, committed at the end; None where there is no database, or nothing in it.

    Raises:
        StoreError: It can't be used; nothing was changed.
    """
    with _beside(url, sqlite, {}) as session:
        yield session


@contextmanager
def _beside(
    url: str, open_sqlite: Callable[[Path], Engine], options: Mapping[str, object]
) -> Iterator[Session | None]:
    """Open a transaction beside whoever has the database.

    Args:
        url: As for ``Database.open``.
        open_sqlite: Returns what connects to a file.
        options: How a server is to run the transaction.
    """
    with ExitStack() as stack:
        stack.enter_context(explaining())
        path = file_of(url)
        if path is not None:
            file = SqliteFile(path)
            stack.enter_context(explaining(file.damaged))
            if not file.is_sound():
                yield None
                return
        engine = postgresql(url).execution_options(**options) if path is None else open_sqlite(path)
        try:
            with engine.begin() as connection:
                yield Clock().begin(connection) if is_there(connection) else None
        finally:
            engine.dispose()


class Reader:
    """The store as one reads it again and again beside whoever writes it; by any one thread.

    Args:
        url: As for ``Database.open``.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine: Engine | None = None

    def read(self, work: Callable[[Transaction], T]) -> T | None:
        """Run ``work``, which only reads, in one transaction.

        Returns:
            What it returns; None where there is no database, or nothing in it.

        Raises:
            StoreError: It can't be used, or is another version's.
        """
        with ExitStack() as stack:
            stack.enter_context(explaining())
            path = file_of(self._url)
            if path is not None:
                file = SqliteFile(path)
                stack.enter_context(explaining(file.damaged))
                if not path.exists() or (self._engine is None and not file.is_sound()):
                    return None
            if self._engine is None:
                options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
                # A file is opened anew each time: another one may have been put in its place.
                self._engine = (
                    postgresql(self._url).execution_options(**options)
                    if path is None
                    else _readable(path, poolclass=NullPool)
                )
            with self._engine.begin() as connection:
                if not is_there(connection):
                    return None
                return work(Transaction(Clock().begin(connection)))

    def close(self) -> None:
        """Close the connection."""
        if self._engine is not None:
            self._engine.dispose()


def _readable(path: Path, **options: object) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)), hide_parameters=True,
        connect_args={"timeout": 10.0}, **options,
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # sqlite3 would begin no transaction for what only reads
        connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def unwritable(url: str) -> Text | None:
    """Say what keeps a start from writing into the store, without writing; None: nothing does.

    Args:
        url: As for ``Database.open``.

    Raises:
        StoreError: It can't be reached.
    """
    with explaining():
        path = file_of(url)
        if path is None:
            return _forbidden(postgresql(url))
        folder = path.parent
        while not folder.exists():
            folder = folder.parent
        fine = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
        if fine and (not path.exists() or os.access(path, os.W_OK)):
            return None
        return Text("store.no_writing", path=(path if fine else folder).absolute())


def _forbidden(engine: Engine) -> Text | None:
    """Ask a server whether whoever connects may write there."""
    try:
        with engine.connect() as connection:
            if connection.execute(text("SELECT pg_is_in_recovery()")).scalar_one():
                return Text("store.standby")
            allowed = connection.execute(
                text(
                    "SELECT CASE WHEN to_regclass('inbox') IS NULL"
                    " THEN has_schema_privilege(current_schema(), 'CREATE')"
                    " ELSE has_table_privilege('inbox', 'INSERT')"
                    " AND has_table_privilege('inbox', 'UPDATE') END"
                )
            ).scalar_one()
            return None if allowed else Text("store.no_rights")
    finally:
        engine.dispose()
