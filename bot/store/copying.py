"""The whole store, copied: into a file beside a running bot, or into another database."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Table, create_engine, func, make_url, select, text
from sqlalchemy.pool import NullPool

from bot.errors import reason
from bot.store.database import absent, file_of, reading, upgrade
from bot.store.errors import Newer, Outdated, StoreError, explaining
from bot.store.migrate import is_there, migrate
from bot.store.schema import metadata
from bot.store.sqlite_file import SqliteFile, sqlite
from bot.texts import Text

BATCH = 1000
"""Rows in memory at once."""


def back_up(url: str, target: Path) -> None:
    """Copy the store into a new file, also while a bot writes: the file is of one moment.

    Args:
        url: As for ``Database.open``.
        target: What SQLite opens, or, of a server, what ``pg_restore`` reads.

    Raises:
        StoreError: There is such a file already, or no store, or it can't be copied; there is no
            file then.
    """
    if target.exists():
        raise StoreError(Text("backup.exists", path=target))
    draft = target.with_name(f"{target.name}.part")
    try:
        draft.unlink(missing_ok=True)
        draft.touch(0o600)
        with explaining():
            path = file_of(url)
            if path is None:
                _dump(url, draft)
            else:
                _copy_file(path, draft)
        # Of another version's, too, somebody may want one, before it is upgraded or given up.
        with suppress(Outdated, Newer), reading(url) as tx:
            if tx is None:
                raise StoreError(absent(url))
        draft.replace(target)
    except OSError as error:
        raise StoreError(Text("backup.unwritable", path=target, reason=reason(error))) from error
    finally:
        with suppress(OSError):  # there is none, or no folder that it could be in
            draft.unlink()


def _copy_file(source: Path, target: Path) -> None:
    if not SqliteFile(source).is_sound():
        raise StoreError(Text("store.absent", path=source))
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        # In one step, which waits for nobody's writing and lets others write: in several, each
        # write of another process would make it begin anew.
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")  # one file, with none beside it
        if new.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise SqliteFile(source).damaged()


def _dump(url: str, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise StoreError(Text("backup.no_pg_dump"))
    address = make_url(url).set(drivername="postgresql")
    # The password goes another way: arguments are seen by everybody on the machine.
    password = address.password or address.query.get("password")
    environment = {**os.environ, "PGPASSWORD": str(password)} if password else None
    address = address.difference_update_query(["password"])
    address = address._replace(password=None)  # set() would leave it, and it would be shown as ***
    done = subprocess.run(  # noqa: S603  # no shell between
        [program, "--format=custom", "--no-password", f"--file={target}", str(address)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = (done.stderr.splitlines() or ["pg_dump"])[0].rstrip(".")
        raise StoreError(Text("store.refused", reason=said))


def copy(source: str, target: str) -> dict[str, int]:
    """Copy every row of a store into an empty one, all or none, while nobody uses either.

    Args:
        source: As for ``Database.open``; it stays as it is.
        target: The same; it is made where there is none.

    Returns:
        How many rows each table has, counted on both sides.

    Raises:
        StoreError: There is nothing to copy, the target holds something, or one of them is in
            use; the target holds nothing new then.
    """
    with ExitStack() as stack:
        stack.enter_context(explaining())
        path = file_of(source)
        if path is not None and not path.exists():
            raise StoreError(absent(source))
        old = stack.enter_context(_alone(source))
        if not is_there(old):
            raise StoreError(absent(source))
        try:
            new = stack.enter_context(_alone(target))
        except StoreError as error:  # which speaks of FAQBOT_DATABASE_URL as if it meant that one
            raise StoreError(Text("copy.target", problem=error)) from error
        migrate(new)
        if any(_count(new, table) for table in metadata.sorted_tables):
            raise StoreError(Text("copy.not_empty"))
        return {table.name: _copy_rows(old, new, table) for table in metadata.sorted_tables}


@contextmanager
def _alone(url: str) -> Iterator[Connection]:
    """Open a transaction on a store that no bot uses; a file is made where there is none."""
    with ExitStack() as stack:
        stack.enter_context(explaining())
        path = file_of(url)
        if path is None:
            # None of the limits that keep a question from waiting: a table may take minutes.
            engine = create_engine(
                url,
                poolclass=NullPool,
                hide_parameters=True,
                connect_args={"connect_timeout": 10, "client_encoding": "utf8"},
            )
        else:
            file = SqliteFile(path)
            stack.enter_context(explaining(file.damaged))
            stack.callback(file.release)
            file.prepare(create=lambda path: upgrade(sqlite(path), None))
            engine = sqlite(path)
        stack.callback(engine.dispose)
        connection = stack.enter_context(engine.begin())
        if path is None:
            others = text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            if connection.scalar(others):
                raise StoreError(Text("copy.in_use"))
        yield connection


def _copy_rows(old: Connection, new: Connection, table: Table) -> int:
    rows = old.execution_options(yield_per=BATCH).execute(select(table))
    for batch in rows.mappings().partitions():
        new.execute(table.insert(), [dict(row) for row in batch])
    copied = _count(new, table)
    if copied != _count(old, table):
        raise StoreError(Text("copy.miscounted", table=table.name))
    numbered = table.autoincrement_column
    if numbered is not None and new.dialect.name == "postgresql":
        last = select(func.coalesce(func.max(numbered), 0) + 1)
        sequence = func.pg_get_serial_sequence(table.name, numbered.name)
        new.execute(select(func.setval(sequence, last.scalar_subquery(), False)))
    return copied


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0
