"""What the store raises."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError, SQLAlchemyError

from bot.errors import FaqbotError, reason
from bot.texts import Text

READ_ONLY = "25006"
"""PostgreSQL's code for a write that a standby refuses, or a server that is only to be read."""
_BY_CODE = {READ_ONLY: "store.standby", "42501": "store.no_rights"}
"""What is said of a code of PostgreSQL's, whose own words may quote a row."""


_REASONS: Mapping[object, str] = {
    sqlite3.SQLITE_FULL: "reason.full",
    sqlite3.SQLITE_CANTOPEN: "reason.unopened",
    sqlite3.SQLITE_READONLY: "reason.read_only",
    sqlite3.SQLITE_IOERR: "reason.io",
    "53100": "reason.full",
}
"""Why a database refuses, by SQLite's code or PostgreSQL's: what an operator can mend."""


class StoreError(FaqbotError):
    """The database can't be opened, or a write wasn't committed."""


class Outdated(StoreError):
    """The database is an older version's; a start upgrades it."""


class Newer(StoreError):
    """The database is a newer version's."""


class StaleClaim(Exception):
    """The row was claimed anew, edited or closed since: whatever was made of it is dropped."""


@contextmanager
def explaining(damaged: Callable[[], StoreError] | None = None) -> Iterator[None]:
    """Say in a ``StoreError`` what the database's own error means.

    Args:
        damaged: Says that the database's file is damaged, and what to do about it.
    """
    try:
        yield
    except ArgumentError as error:
        raise StoreError(Text("store.bad_url", reason=Text("store.as_url"))) from error
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise StoreError(Text("store.no_driver", driver=error.name)) from error
    except PermissionError as error:  # the folder that the file is in is somebody else's
        text = Text("store.unusable", path=error.filename, reason=reason(error))
        raise StoreError(text) from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        if damaged is not None and is_damage(getattr(error, "orig", error)):
            raise damaged() from error
        raise _explained(error) from error


def is_damage(error: object) -> bool:
    """Whether an error of SQLite says that its file isn't what it wrote."""
    if not isinstance(error, sqlite3.DatabaseError):
        return False
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # SQLite had nothing to say: sqlite3 found a text that is none
        return isinstance(error, sqlite3.OperationalError)
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)


def _explained(error: Exception) -> StoreError:
    raised = getattr(error, "orig", None) or error
    code = getattr(raised, "sqlstate", None)
    if code in _BY_CODE:
        return StoreError(Text(_BY_CODE[code]))
    # These kinds are about the database's state, its address or its tables; the messages of others
    # may quote the row.
    told = isinstance(error, OperationalError | ProgrammingError | sqlite3.OperationalError)
    cause = _line(error) if told else type(error).__name__
    if "locked" in cause:
        return StoreError(Text("store.busy"))
    known = _REASONS.get(code or getattr(raised, "sqlite_errorcode", 0) & 0xFF)
    return StoreError(Text("store.refused", reason=Text(known) if known else cause))


def _line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0].rstrip(".")
