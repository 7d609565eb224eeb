"""The conformance table in a terminal, for one person."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.faq import SYNTHETIC
from tests.platforms.conformance import Chat, Conformance
from tests.platforms.console_driver import ConsoleChat

ONE_PERSON = "a terminal has one person only"


class TestConsole(Conformance):
    """Every row that one person at one terminal can play."""

    @pytest.fixture
    async def chat(self, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Chat]:
        if "健太" in request.function.__code__.co_consts:
            pytest.skip(ONE_PERSON)
        async with ConsoleChat(tmp_path) as chat:
            yield chat

    async def test_nothing_to_search_gets_help_with_examples(self, chat: Chat) -> None:
        """In a terminal ？ alone is a command; other marks say as little."""
        await chat.says("明美", "？！")
        (reply,) = await chat.sees()
        assert SYNTHETIC.question in reply.text
