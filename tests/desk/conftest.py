"""A running desk on a platform in memory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.desk import running
from tests.desk.loop import Loop
from tests.platforms.memory_driver import MemoryChat


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a queue be looked at ten times a second: some cards wait for the next look."""
    monkeypatch.setattr(running, "IDLE", 0.1)


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[MemoryChat]:
    chat = MemoryChat(tmp_path)
    await chat.start()
    yield chat
    await chat.stop()


@pytest.fixture
async def closed(tmp_path: Path) -> AsyncIterator[MemoryChat]:
    """One that takes questions in but doesn't answer before ``serve()``."""
    chat = MemoryChat(tmp_path)
    chat.open()
    yield chat
    await chat.stop()


@pytest.fixture
async def loop(tmp_path: Path) -> AsyncIterator[Loop]:
    loop = Loop(tmp_path)
    await loop.chat.start()
    yield loop
    await loop.chat.stop()
