"""The conformance table on the desk alone: with the tests' search, and with the real one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.search.searcher import LISTS, Searcher
from tests.fakes.faq import FAQ
from tests.platforms.conformance import Chat, Conformance
from tests.platforms.memory_driver import MemoryChat


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    return Searcher(FAQ, LISTS)


class TestMemory(Conformance):
    """Every row, without a chat service in between."""

    @pytest.fixture
    async def chat(self, tmp_path: Path) -> AsyncIterator[Chat]:
        async with MemoryChat(tmp_path) as chat:
            yield chat


class TestSearch(Conformance):
    """Every row, with the search that members meet."""

    @pytest.fixture
    async def chat(self, tmp_path: Path, searcher: Searcher) -> AsyncIterator[Chat]:
        async with MemoryChat(tmp_path, faq=searcher) as chat:
            yield chat


class TestPostgreSQL(Conformance):
    """Every row, on the store that several processes share."""

    @pytest.fixture
    async def chat(self, tmp_path: Path, replicated_url: str) -> AsyncIterator[Chat]:
        async with MemoryChat(tmp_path, url=replicated_url) as chat:
            yield chat
