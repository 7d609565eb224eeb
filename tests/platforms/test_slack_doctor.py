"""The doctor names what is wrong on the Slack side, and what to do."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.common.finding import Finding
from adapters.slack.doctor import examine
from adapters.slack.settings import SlackSettings
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import Fault
from tests.platforms.slack_bench import slack_settings


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as made:
        yield made


async def findings(fake: FakeSlack, **change: object) -> dict[str, Finding]:
    settings = replace(slack_settings(fake), **change)
    return {each.what: each for each in await examine(settings, offline=False)}


async def test_all_is_well_on_a_good_setup(fake: FakeSlack) -> None:
    found = await findings(fake, watch=("C0GENERAL",), organisers="C0ORGANISERS")
    assert [each for each in found.values() if not each.ok] == []
    assert set(found) == {
        "slack: settings", "slack: bot token", "slack: scopes", "slack: clock",
        "slack: Socket Mode", "slack: channel C0GENERAL", "slack: channel C0ORGANISERS",
    }  # fmt: skip


async def test_no_slack_is_no_problem() -> None:
    (found,) = await examine(SlackSettings(), offline=False)
    assert found.ok


async def test_offline_nothing_is_asked(fake: FakeSlack) -> None:
    assert all(each.ok for each in await examine(slack_settings(fake), offline=True))
    assert fake.calls == []


async def test_a_revoked_token_says_where_to_get_another(fake: FakeSlack) -> None:
    fake.revoked = True
    found = (await findings(fake))["slack: bot token"]
    assert (found.ok, "Install App" in found.remedy) == (False, True)


async def test_a_missing_scope_is_named(fake: FakeSlack) -> None:
    fake.scopes = fake.scopes.replace(",im:history", "").replace(",users:read", "")
    found = (await findings(fake))["slack: scopes"]
    assert (found.ok, "im:history, users:read" in found.detail) == (False, True)


async def test_socket_mode_that_is_off_says_where_it_is_switched_on(fake: FakeSlack) -> None:
    fake.fail("apps.connections.open", Fault(error="not_allowed"))
    found = (await findings(fake))["slack: Socket Mode"]
    assert (found.ok, "Switch it on" in found.remedy) == (False, True)


async def test_a_channel_without_the_bot_asks_for_an_invitation(fake: FakeSlack) -> None:
    fake.outside.add("C0GENERAL")
    found = (await findings(fake, watch=("C0GENERAL",)))["slack: channel C0GENERAL"]
    assert (found.ok, "/invite" in found.remedy) == (False, True)


async def test_a_slack_that_does_not_answer_is_told_from_a_wrong_token(fake: FakeSlack) -> None:
    fake.down = True
    found = (await findings(fake))["slack: bot token"]
    assert (found.ok, "didn't answer" in found.detail) == (False, True)
