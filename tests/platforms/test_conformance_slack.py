"""The conformance table on Slack, by Socket Mode and by HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.slack import FakeSlack
from tests.platforms.conformance import Chat, Conformance
from tests.platforms.slack_driver import SlackChat


class TestSlack(Conformance):
    """Every row, with the real adapter and a Slack on loopback."""

    @pytest.fixture(params=["socket", "http"])
    async def chat(self, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Chat]:
        async with FakeSlack(mode=request.param) as fake, SlackChat(fake, tmp_path) as chat:
            yield chat
