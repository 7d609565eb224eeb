"""The conformance table on Discord."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.discord import FakeDiscord
from tests.platforms.conformance import Chat, Conformance
from tests.platforms.discord_driver import DiscordChat


class TestDiscord(Conformance):
    """Every row, through discord.py's real client."""

    @pytest.fixture
    async def chat(self, tmp_path: Path) -> AsyncIterator[Chat]:
        async with FakeDiscord() as fake:
            chat = DiscordChat(tmp_path, fake)
            await chat.start()
            yield chat
            await chat.stop()
            assert fake.world.refused == []
