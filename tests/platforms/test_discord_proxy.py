"""A Discord that only a proxy leads to, as in many companies' networks."""

import socket

import pytest

from adapters.discord.doctor import examine
from adapters.slack import SlackSettings
from adapters.slack.doctor import examine as of_slack
from bot.settings import Secret
from bot.texts import Texts
from tests.fakes.discord import FakeDiscord
from tests.fakes.proxy import Proxy
from tests.fakes.slack_api import APP_TOKEN, BOT_TOKEN
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


@pytest.mark.parametrize("wrong", ["proxy:8080", "http://127.0.0.1:{closed}"])
async def test_a_proxy_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    """It was told as if Discord or Slack didn't answer."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", wrong.format(closed=port))
    async with FakeDiscord() as fake:
        (problem,) = (each for each in await examine(settings(fake), offline=False) if not each.ok)
    slack = SlackSettings(bot_token=Secret(BOT_TOKEN), app_token=Secret(APP_TOKEN))
    refused, *_ = (each for each in await of_slack(slack, offline=False) if not each.ok)
    for said in (problem, refused):
        assert "HTTPS_PROXY のプロキシを使えません" in Texts("ja")(said.detail)
