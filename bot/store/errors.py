"""What the store raises."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError

from bot.errors import FaqbotError
from bot.texts import Text


class StoreError(FaqbotError):
    """The database can't be opened, or a write wasn't committed."""


class Outdated(StoreError):
    """The database is an older version's; a start upgrades it."""


class StaleClaim(Exception):
    """The row was claimed anew, edited or closed since: whatever was made of it is dropped."""


@contextmanager
def explaining() -> Iterator[None]:
    """Say in a ``StoreError`` what the database's own error means."""
    try:
        yield
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(Text("store.bad_url", reason=_line(error))) from error
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise StoreError(Text("store.no_driver", driver=error.name)) from error
    except SQLAlchemyError as error:
        raise _explained(error) from error


def _explained(error: SQLAlchemyError) -> StoreError:
    # Only this kind is about the database's state; the messages of others may quote the row.
    operational = isinstance(error, OperationalError)
    cause = _line(error) if operational else type(error).__name__
    if "locked" in cause:
        return StoreError(Text("store.busy"))
    return StoreError(Text("store.refused", reason=cause))


def _line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0].rstrip(".")
