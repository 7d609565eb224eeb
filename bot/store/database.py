"""The database: opened, checked, migrated, one transaction at a time; or used beside a bot."""

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Event, Thread
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import Connection, Engine, RootTransaction, make_url, text
from sqlalchemy.exc import DBAPIError

from bot.store.errors import StoreError, explaining
from bot.store.migrate import is_there, migrate, wrong_encoding
from bot.store.schema import CHANNEL, Clock, News, Session
from bot.store.sqlite_file import SqliteFile, readable, sqlite
from bot.store.transaction import Transaction
from bot.texts import Text

T = TypeVar("T")

PAUSE = 1.0
"""Seconds for which a server isn't tried after a transaction couldn't even begin: to find that out
may have taken long, and whoever waits behind it should hear of it, too."""
ROOM = 1_000_000
"""Bytes that must be free for a start: an empty database takes a fourth of that."""


class Database:
    """The store, opened. To be used by one thread at a time."""

    def __init__(self, engine: Engine, file: SqliteFile | None) -> None:
        self._engine = engine
        # Kept between transactions: to take it from the pool and give it back costs as much CPU
        # time as two statements.
        self._connection: Connection | None = None
        self._file = file
        self._clock = Clock()
        self._origin = os.urandom(8).hex()
        self._refused: StoreError | None = None
        self._refused_until = 0.0

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
            upgrade(_server(url), None)
            database = cls(_server(url, serving=True), None)
            database.transact(lambda _: None)  # who looks whether a bot is connected sees it
            return database

    @classmethod
    def _open_sqlite(cls, file: SqliteFile) -> "Database":
        try:
            file.prepare(create=lambda path: upgrade(sqlite(path), None))
            upgrade(sqlite(file.path), file.back_up)
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
        if self._refused is not None and time.monotonic() < self._refused_until:
            raise self._refused.with_traceback(None)
        if self._file is not None and self._file.replaced():
            self._give_back()
            self._engine.dispose()
            self._file.take()
        begun = False
        try:
            with explaining(self._file.damaged if self._file else None):
                if self._connection is None:
                    self._connection = self._engine.connect()
                with _beginning(self._connection, self._clock, self._origin) as session:
                    begun = True
                    return work(Transaction(session))
        except BaseException as error:
            self._give_back()  # whatever state it is in
            if isinstance(error, StoreError) and not begun and self.is_shared:
                self._refused, self._refused_until = error, time.monotonic() + PAUSE
            raise

    def beside(self) -> "Database":
        """Return the same store for another thread, where ``is_shared``; it tells this no news."""
        other = Database(self._engine, None)
        other._clock, other._origin = self._clock, self._origin
        return other

    @contextmanager
    def listening(self, heard: Callable[[News | None], None]) -> Iterator[None]:
        """Hear of what other processes change, as long as the context lasts, if there may be some.

        Args:
            heard: Called from another thread; see ``postgresql.listen``.
        """
        if not self.is_shared:
            yield
            return
        from bot.store.postgresql import listen

        stop = Event()
        url = self._engine.url.render_as_string(hide_password=False)
        thread = Thread(
            target=listen, args=(url, self._origin, heard, stop), name="news", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            stop.set()

    @property
    def is_shared(self) -> bool:
        """Whether other processes may use it at the same time."""
        return self._file is None

    def close(self) -> None:
        """Close the store and free its file for others."""
        if self._connection is not None:
            self._connection.detach()  # else it may go back into a pool that was disposed of
        self._give_back()
        self._engine.dispose()
        if self._file is not None:
            self._file.release()

    def _give_back(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def file_of(url: str) -> Path | None:
    """Return the file that a database is in; None where a PostgreSQL server has it.

    Raises:
        StoreError: It is another kind of database, or can't be read.
    """
    unread = Text("store.bad_url", reason=Text("store.as_percent"))
    try:
        parsed = make_url(url)
    except ValueError:  # it would quote what it takes for a port, which may be the password
        raise StoreError(unread) from None
    if "@" in (parsed.host or ""):  # the end of the password, which would be shown as a host
        raise StoreError(unread)
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return None
    backend = parsed.get_backend_name()
    # Two slashes too few are taken for a host: sqlite://var/faqbot.db.
    if backend == "sqlite" and not parsed.host and parsed.database not in (None, "", ":memory:"):
        return Path(parsed.database)
    raise StoreError(Text("store.unsupported"))


@contextmanager
def _beginning(connection: Connection, clock: Clock, origin: str = "-") -> Iterator[Session]:
    """Begin a transaction; at the end of the context commit it, and tell others of its news.

    A connection that was lost since it was last used is found out by the first thing that is
    asked, and nothing has been done by then: so it is made anew, and asked again.
    """
    try:
        transaction, session = _begun(connection, clock)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        transaction, session = _begun(connection, clock)
    with transaction:
        yield session
        if session.news and connection.dialect.name == "postgresql":
            told = " ".join((origin, *sorted({what for what, _ in session.news})))
            connection.exec_driver_sql(f"NOTIFY {CHANNEL}, '{told}'")


def _begun(connection: Connection, clock: Clock) -> tuple[RootTransaction, Session]:
    asked = time.monotonic()
    transaction = connection.begin()
    try:
        return transaction, clock.begin(connection, asked)
    except BaseException:
        transaction.close()
        raise


@contextmanager
def _once(engine: Engine) -> Iterator[Session]:
    """Begin a transaction on a connection of its own; see ``_beginning``."""
    with engine.connect() as connection, _beginning(connection, Clock()) as session:
        yield session


_READING: Mapping[str, object] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _server(
    url: str, options: Mapping[str, object] = MappingProxyType({}), *, serving: bool = False
) -> Engine:
    """Return what connects to a server.

    Args:
        url: ``postgresql+psycopg://…``.
        options: How the server is to run transactions.
        serving: Members wait for each.
    """
    from bot.store import postgresql  # without its driver SQLite must work

    within = postgresql.TRANSACTION if serving else math.inf
    return postgresql.engine(url, within).execution_options(**options)


def upgrade(engine: Engine, back_up: Callable[[str], None] | None) -> None:
    """Create or upgrade the tables; see ``migrate``."""
    try:
        with _once(engine) as session:
            migrate(session.connection, back_up)
    finally:
        engine.dispose()


class _Beside:
    """The store as one uses it, also again and again, beside whoever has it; by any one thread.

    Args:
        url: As for ``Database.open``.
        open_sqlite: Returns what connects to a file.
        options: How a server is to run the transactions.
    """

    def __init__(
        self, url: str, open_sqlite: Callable[[Path], Engine], options: Mapping[str, object]
    ) -> None:
        self._url = url
        self._open_sqlite = open_sqlite
        self._options = options
        self._engine: Engine | None = None

    @contextmanager
    def begin(self) -> Iterator[Transaction | None]:
        """Open a transaction; None where there is no database, or nothing in it."""
        with ExitStack() as stack:
            stack.enter_context(explaining())
            path = file_of(self._url)
            if path is not None:
                file = SqliteFile(path)
                stack.enter_context(explaining(file.damaged))
                if not (file.is_sound() if self._engine is None else path.exists()):
                    yield None
                    return
            if self._engine is None:
                self._engine = (
                    _server(self._url, self._options) if path is None else self._open_sqlite(path)
                )
            with _once(self._engine) as session:
                yield Transaction(session) if is_there(session.connection) else None

    def close(self) -> None:
        """Close the connection."""
        if self._engine is not None:
            self._engine.dispose()


class Reader(_Beside):
    """The store as one reads it again and again; nothing is made, upgraded or locked.

    Args:
        url: As for ``Database.open``.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url, readable, _READING)

    def read(self, work: Callable[[Transaction], T]) -> T | None:
        """Run ``work``, which only reads, in one transaction.

        Returns:
            What it returns; None where there is no database, or nothing in it.

        Raises:
            StoreError: It can't be used, or is another version's.
        """
        with self.begin() as tx:
            return work(tx) if tx else None


@contextmanager
def reading(url: str) -> Iterator[Transaction | None]:
    """Open the store only to read it, also while a bot runs: nothing is made, upgraded or locked.

    Args:
        url: As for ``Database.open``.

    Yields:
        One transaction, so that all that is read belongs together; None where there is no
        database, or nothing in it.

    Raises:
        StoreError: It can't be used.
    """
    with closing(Reader(url)) as store, store.begin() as tx:
        yield tx


@contextmanager
def writing(url: str) -> Iterator[Transaction | None]:
    """Open the store for one small change, also while a bot runs: nothing is made or upgraded.

    Args:
        url: As for ``Database.open``.

    Yields:
        One transaction, committed at the end; None where there is no database, or nothing in it.

    Raises:
        StoreError: It can't be used; nothing was changed.
    """
    with closing(_Beside(url, sqlite, {})) as store, store.begin() as tx:
        yield tx


def absent(url: str) -> Text:
    """Say that there is no database, or nothing in it, and what to do about it.

    Args:
        url: As for ``Database.open``.
    """
    path = file_of(url)
    gone = path is not None and not path.exists()
    return Text("store.absent", path=path) if gone else Text("store.no_tables")


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
            return _forbidden(_server(url))
        folder = path.parent
        while not folder.exists() and not folder.is_symlink():
            folder = folder.parent
        fine = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
        if fine and (not path.exists() or os.access(path, os.W_OK)):
            disk = os.statvfs(folder)
            full = disk.f_bavail * disk.f_frsize < ROOM
            return Text("store.full", path=folder.absolute()) if full else None
        return Text("store.no_writing", path=(path if fine else folder).absolute())


_ONLY_READS = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean"


def _forbidden(engine: Engine) -> Text | None:
    """Ask a server whether whoever connects may write there."""
    try:
        with engine.connect() as connection:
            if connection.execute(text(_ONLY_READS)).scalar_one():
                return Text("store.standby")
            if (unfit := wrong_encoding(connection)) is not None:
                return unfit
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
