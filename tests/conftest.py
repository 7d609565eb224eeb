"""What tests of several parts need: a PostgreSQL server of their own; and how many run at once."""

import itertools
import os
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from tests.fakes import postgresql

_NUMBERS = itertools.count(1)


def pytest_xdist_auto_num_workers() -> int:
    """Return the processes for ``-n auto``: tests that wait for time to go by leave room."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    programs = postgresql.installed()
    if programs is None:
        pytest.skip("PostgreSQL isn't installed here")
    with postgresql.running(programs) as address:
        yield address


@pytest.fixture
def replicated_url(server: str) -> Iterator[str]:
    """An address that several processes may open at once."""
    name = f"faqbot_{next(_NUMBERS)}"
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield f"{server}/{name}"
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()
