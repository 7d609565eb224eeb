"""What the store raises."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError

from bot.errors import FaqbotError


class StoreError(FaqbotError):
    """The database can't be opened, or a write wasn't committed."""


class StaleClaim(Exception):
    """The row was claimed anew, edited or closed since: whatever was made of it is dropped."""


@contextmanager
def explaining() -> Iterator[None]:
    """Say in a ``StoreError`` what the database's own error means."""
    try:
        yield
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(f"FAQBOT_DATABASE_URL can't be used: {_line(error)}.") from error
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise StoreError(
            f"The database driver {error.name} isn't installed.",
            "Install the extra: pip install 'faqbot[postgresql]'.",
        ) from error
    except SQLAlchemyError as error:
        raise _explained(error) from error


def _explained(error: SQLAlchemyError) -> StoreError:
    # Only this kind is about the database's state; the messages of others may quote the row.
    operational = isinstance(error, OperationalError)
    cause = _line(error) if operational else type(error).__name__
    if "locked" in cause:
        return StoreError("The database is busy.", "Close the other program that uses it.")
    return StoreError(
        f"The database refused: {cause}.",
        "Check that it is reachable, and the disk's space and permissions.",
    )


def _line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0].rstrip(".")
