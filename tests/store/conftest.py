"""Every test of the store's contract runs on SQLite and on PostgreSQL."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.store.database import Database
from tests.fakes import postgresql

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    programs = postgresql.installed()
    if programs is None:
        pytest.skip("PostgreSQL isn't installed here")
    with postgresql.running(programs) as address:
        yield address


@pytest.fixture
def replicated_url(server: str) -> str:
    """An address that several processes may open at once."""
    name = f"faqbot_{next(_NUMBERS)}"
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'faqbot.db'}"
    address: str = request.getfixturevalue("replicated_url")
    return address


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database.open(url)
    yield database
    database.close()
