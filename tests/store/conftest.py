"""Every test of the store's contract runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.database import Database


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
