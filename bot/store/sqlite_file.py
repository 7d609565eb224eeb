"""The SQLite file itself: locked, judged before it is opened, backed up before an upgrade."""

import fcntl
import os
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TextIO

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, PoolProxiedConnection

from bot.errors import reason
from bot.store.errors import StoreError, is_damage
from bot.texts import Text

HEADER = b"SQLite format 3\x00"
_BEFORE = ".before-upgrade-of-"

_held: set[int] = set()
"""The files that this process holds, by inode."""


class SqliteFile:
    """One database file, held by one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: TextIO | None = None
        self._inode = 0

    def prepare(self, create: Callable[[Path], None]) -> None:
        """Lock the file and see that it is sound; make it where there is none.

        Args:
            create: Makes a database at a path.

        Raises:
            StoreError: Another process has it, or it isn't a sound database.
        """
        with self._reached():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._take_lock()
            if self.path.exists():
                self._judge()
            else:
                self._create(create)
            self._keep_private()
            self._hold(self.path.stat().st_ino)

    def is_sound(self) -> bool:
        """Whether there is a file, without locking or making it.

        Raises:
            StoreError: There is one, and it isn't a sound database.
        """
        with self._reached():
            if not self.path.exists():
                return False
            self._judge()
            return True

    def back_up(self, revision: str) -> None:
        """Copy the database beside itself, named after its schema's revision."""
        target = self.path.with_name(f"{self.path.name}{_BEFORE}{revision}")
        target.touch(0o600)
        with closing(sqlite3.connect(self.path)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)

    def replaced(self) -> bool:
        """Whether another file lies at the path than the one that was taken.

        Raises:
            StoreError: None lies there: what is written now would be lost with the old one.
        """
        try:
            return self.path.stat().st_ino != self._inode
        except OSError as error:
            text = Text("store.gone", path=self.path, reason=reason(error))
            raise StoreError(text) from error

    def take(self) -> None:
        """Go on with the file that lies at the path now; no connection may be open to another.

        Raises:
            StoreError: It isn't a sound database.
        """
        with self._reached():
            inode = self.path.stat().st_ino
            self._judge()
            self._hold(inode)

    def release(self) -> None:
        """Let another process have the file."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        _held.discard(self._inode)

    def _hold(self, inode: int) -> None:
        _held.discard(self._inode)
        _held.add(inode)
        self._inode = inode

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            text = Text("store.unusable", path=self.path, reason=reason(error))
            raise StoreError(text) from error

    def _take_lock(self) -> None:
        # A file of its own: SQLite uses locks on the database's for itself.
        path = self.path.with_name(f"{self.path.name}.lock")
        path.touch(0o600)
        lock = path.open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise StoreError(Text("store.taken", path=self.path)) from error
        self._lock = lock

    def _keep_private(self) -> None:
        """Close to others what an earlier version, or who copied it, left open to them."""
        for file in self.path.parent.glob(f"{self.path.name}*"):
            with suppress(FileNotFoundError):  # a reader closed the log
                status = file.stat()
                ours = stat.S_ISREG(status.st_mode) and status.st_uid == os.getuid()
                if ours and status.st_mode & 0o077:
                    file.chmod(0o600)

    def _create(self, create: Callable[[Path], None]) -> None:
        """Make the database under another name first: a half-made one must not be found here."""
        draft = self.path.with_name(f"{self.path.name}.new")
        for leftover in self.path.parent.glob(f"{draft.name}*"):
            leftover.unlink()
        draft.touch(0o600)  # SQLite makes the files beside it as private as this one
        create(draft)
        os.replace(draft, self.path)  # noqa: PTH105  # says better that it is atomic

    def _judge(self) -> None:
        # To close a file gives back all locks that the process has on it, those of SQLite too. What
        # this process holds was judged before.
        if self.path.stat().st_ino in _held:
            return
        with self.path.open("rb") as file:
            head = file.read(len(HEADER))
        if head != HEADER:
            raise self._unsound(Text("store.no_sqlite" if head else "store.empty", path=self.path))
        try:
            with closing(sqlite3.connect(self.path)) as connection:
                verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            # SQLITE_ERROR: "unsupported file format".
            if not is_damage(error) and error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise StoreError(Text("store.unreadable", path=self.path, reason=error)) from error
            raise self.damaged() from error
        if verdict != "ok":
            raise self.damaged()

    def damaged(self) -> StoreError:
        """Say that the database is damaged, and which backup there is."""
        return self._unsound(Text("store.damaged", path=self.path))

    def _unsound(self, what: Text) -> StoreError:
        if backups := _backups(self.path):
            return StoreError(what, Text("store.restore_this", backup=backups[-1]))
        return StoreError(what, Text("store.restore"))


def _backups(path: Path) -> list[Path]:
    """Return what a database was copied to before its upgrades, oldest schema first."""
    return sorted(path.parent.glob(f"{path.name}{_BEFORE}*"))


def drop_backups(path: Path, until: float) -> None:
    """Remove the copies from before upgrades: what is forgotten since would live on in them.

    Args:
        path: The database.
        until: Those that were made earlier, in seconds since 1970.
    """
    for each in _backups(path):
        with suppress(OSError):  # it is tried again at the next upkeep
            if each.stat().st_mtime < until:
                each.unlink()


def sqlite(path: Path) -> Engine:
    """Return what connects to a file; each transaction holds the write lock from its beginning."""
    pragmas = (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        # Forgotten words are overwritten, not only unlinked, and the log doesn't keep them.
        "secure_delete = ON",
        "journal_size_limit = 0",
    )
    # A deferred one would fail at once, whatever the timeout, when another connection wrote since
    # (SQLITE_BUSY_SNAPSHOT).
    return _engine(path, "BEGIN IMMEDIATE", pragmas, pool_size=1, max_overflow=0)


def readable(path: Path) -> Engine:
    """Return what connects to a file only to read it, anew each time: it may be another by then."""
    return _engine(path, "BEGIN", ("query_only = ON",), poolclass=NullPool)


def _engine(path: Path, beginning: str, pragmas: Iterable[str], **pool: object) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        hide_parameters=True,
        connect_args={"timeout": 10.0},
        **pool,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        # sqlite3 would begin transactions by itself, and none for what only reads.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    def begin(dbapi_connection: PoolProxiedConnection) -> None:
        # By the driver, as the clock: SQLAlchemy's way takes longer than SQLite's.
        dbapi_connection.execute(beginning)

    # Not by the event "begin": once anybody listens to one, SQLAlchemy asks at each statement, four
    # times, who listens to that.
    engine.dialect.do_begin = begin  # type: ignore[method-assign]
    return engine


def driver(connection: Connection) -> sqlite3.Connection:
    """Return the driver's own connection."""
    found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found
