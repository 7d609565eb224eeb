"""A Discord that only a proxy leads to, as in many companies' networks."""

import pytest

from adapters.discord.doctor import examine
from tests.fakes.discord import FakeDiscord
from tests.fakes.proxy import Proxy
from tests.platforms.discord_bench import serving, settings, settled
from tests.platforms.discord_desk import RecordingDesk

NOWHERE = "discord.invalid"


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "http_proxy"])
async def test_all_of_discord_is_reached_by_the_proxy_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """What is posted, the gateway, and what answers a command, each go their own way."""
    monkeypatch.setattr(FakeDiscord, "gateway_url", f"ws://{NOWHERE}/gateway")
    async with FakeDiscord() as fake:
        with Proxy("127.0.0.1", fake.port) as proxy:
            monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
            leading = {"api_url": f"http://{NOWHERE}/api/v10"}
            desk = RecordingDesk()
            async with serving(fake, desk, **leading):
                await fake.says("明美", "@FAQ 合成データは？")
                command = await fake.commands("明美", "費用は？")
                await settled(fake)
            found = await examine(settings(fake, **leading), offline=False)
            monkeypatch.undo()
    assert ["合成データは？", "費用は？"] == [getattr(each, "text", "") for each in desk.items]
    assert command.answered is not None
    assert [each for each in found if not each.ok] == []
