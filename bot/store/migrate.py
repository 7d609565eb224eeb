"""Bring a database to this version's schema."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bot.store.errors import Newer, Outdated, StoreError
from bot.store.schema import metadata
from bot.telemetry import EventLogger
from bot.texts import Text

SCRIPTS = Path(__file__).parent / "migrations"
# Any number will do, as long as every replica takes the same one.
_ADVISORY_LOCK = 7_203_117

log = EventLogger("faqbot.store")


def migrate(connection: Connection, back_up: Callable[[str], None] | None = None) -> None:
    """Create or upgrade the tables, within the caller's transaction.

    Args:
        connection: Inside a transaction; on SQLite one that holds the write lock.
        back_up: Called with the old revision before an upgrade.

    Raises:
        StoreError: The database was written by a newer version, or by another program, or can't
            hold every text.
    """
    if connection.dialect.name == "postgresql":
        if (unfit := wrong_encoding(connection)) is not None:
            raise StoreError(unfit)
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
    current, known = _current(connection), _known()
    if current == known[-1]:
        return
    if current is not None:
        if current not in known:
            raise Newer(Text("store.newer", schema=current))
        if back_up is not None:
            back_up(current)
    _upgrade(connection)
    log.info("database upgraded" if current else "database made", schema=known[-1])


def wrong_encoding(connection: Connection) -> Text | None:
    """Say that a server's database can't hold every text; None: it can."""
    encoding = connection.scalar(text("SHOW server_encoding"))
    # SQL_ASCII, what a server has whose machine had no locale, keeps whatever it is given.
    fits = encoding in ("UTF8", "SQL_ASCII")
    return None if fits else Text("store.encoding", encoding=encoding)


def make(revision: str) -> None:
    """Make what ``schema`` says came with a revision: what a migration does first, or all of it.

    So no table is written twice. A column that is taken out of ``schema`` isn't made any more: the
    migration that drops it must see whether it is there.
    """
    from alembic import op

    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        since = table.info.get("since", "0001")
        came = {each: each.info.get("since", since) for each in (*table.columns, *table.indexes)}
        if since == revision:
            op.create_table(table.name, *(each for each in table.columns if came[each] <= revision))
        for column in table.columns:
            if since < revision == came[column]:
                op.add_column(table.name, column)
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            if came[index] == revision:
                where = text(index.info["where"]) if "where" in index.info else None
                columns = [each.name for each in index.columns]
                op.create_index(
                    index.name,
                    table.name,
                    columns,
                    unique=index.unique,
                    sqlite_where=where,
                    postgresql_where=where,
                )


def is_there(connection: Connection) -> bool:
    """Whether the tables are there, in this version's schema.

    Raises:
        StoreError: They are there in another version's, or another program's are.
    """
    current, known = _current(connection), _known()
    if current in known[:-1]:
        raise Outdated(Text("store.older", schema=current))
    if current not in (None, known[-1]):
        raise Newer(Text("store.newer", schema=current))
    return current is not None


def _current(connection: Connection) -> str | None:
    """Return the revision that the database is at; None where it has no tables.

    Raises:
        StoreError: It has another program's.
    """
    looked = inspect(connection)
    if not looked.has_table("alembic_version"):
        if looked.get_table_names():
            raise StoreError(Text("store.foreign"))
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _known() -> list[str]:
    """Return every revision, oldest first: they are numbered, and so are their files."""
    return sorted(path.name.split("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*_*.py"))


def _upgrade(connection: Connection) -> None:
    # Imported here: a start that has nothing to upgrade does without Alembic.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
