"""The database, used beside a running bot without disturbing it."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.pool import ConnectionPoolEntry

from bot.store.database import CLOCK, file_of, postgresql, sqlite
from bot.store.errors import explaining
from bot.store.migrate import is_there
from bot.store.sqlite_file import SqliteFile
from bot.store.tables import Session
from bot.texts import Text


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
    with _beside(url, _sqlite, options) as session:
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
    with explaining():
        path = file_of(url)
        if path is not None and not SqliteFile(path).is_sound():
            yield None
            return
        engine = postgresql(url).execution_options(**options) if path is None else open_sqlite(path)
        try:
            with engine.begin() as connection:
                now = connection.execute(CLOCK[connection.dialect.name]).scalar_one()
                yield Session(connection, now) if is_there(connection) else None
        finally:
            engine.dispose()


def _sqlite(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)), hide_parameters=True,
        connect_args={"timeout": 10.0},
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
