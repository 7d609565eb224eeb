"""The conformance table on the desk alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.platforms.conformance import Chat, Conformance
from tests.platforms.memory_driver import MemoryChat


class TestMemory(Conformance):
    """Every row, without a chat service in between."""

    @pytest.fixture
    async def chat(self, tmp_path: Path) -> AsyncIterator[Chat]:
        chat = MemoryChat(tmp_path)
        await chat.start()
        yield chat
        await chat.stop()
