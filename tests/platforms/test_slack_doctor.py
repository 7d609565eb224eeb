"""What ``faqbot doctor`` finds on the Slack side."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from adapters.common import Finding
from adapters.slack import SlackSettings
from adapters.slack.doctor import examine
from bot.settings import Secret
from bot.texts import Texts
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import APP_TOKEN, BOT_TOKEN, Fault

ORGANISERS, WATCHED = "C0ORGANISERS", "C0WATCHED"


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with FakeSlack(mode="socket") as made:
        yield made


def settings(fake: FakeSlack) -> SlackSettings:
    return SlackSettings(
        bot_token=Secret(BOT_TOKEN),
        app_token=Secret(APP_TOKEN),
        watch=(WATCHED,),
        organisers=ORGANISERS,
        api_url=fake.api_url,
    )


async def problems(fake: FakeSlack) -> list[Finding]:
    found = await examine(settings(fake), offline=False)
    return [each for each in found if not each.ok]


async def test_all_is_well_and_nothing_is_posted_to_find_out(fake: FakeSlack) -> None:
    assert await problems(fake) == []
    assert fake.messages == []
    called = {method for method, _ in fake.calls}
    assert called == {"auth.test", "apps.connections.open", "conversations.info"}


@pytest.mark.fault(94)
@pytest.mark.parametrize(
    ("hinder", "detail", "remedy"),
    [
        (lambda fake: fake.outside.add(ORGANISERS), "isn't in #general", "/invite @FAQ"),
        (lambda fake: fake.archived.add(ORGANISERS), "is archived", "another channel"),
        (lambda fake: fake.read_only.add(ORGANISERS), "lets only some", "Let the app post"),
    ],
)
async def test_an_organisers_channel_that_refuses_is_told_with_what_to_do(
    fake: FakeSlack, hinder: Callable[[FakeSlack], None], detail: str, remedy: str
) -> None:
    hinder(fake)
    (problem,) = await problems(fake)
    assert problem.what == f"slack: channel {ORGANISERS}"
    assert detail in str(problem.detail)
    assert remedy in str(problem.remedy)


async def test_a_channel_that_is_not_there_or_not_shown_is_told(fake: FakeSlack) -> None:
    fake.fail("conversations.info", Fault("channel_not_found"), times=2)
    first, second = await problems(fake)
    assert "/invite @FAQ" in str(first.remedy)
    assert {first.what, second.what} == {f"slack: channel {each}" for each in (ORGANISERS, WATCHED)}


async def test_a_missing_scope_and_a_revoked_token_are_told_in_the_reader_s_language(
    fake: FakeSlack,
) -> None:
    fake.scopes = fake.scopes.replace("chat:write,", "")
    fake.outside.add(ORGANISERS)
    problem, channel = await problems(fake)
    assert channel.what == f"slack: channel {ORGANISERS}"
    assert "chat:write" in Texts("ja")(problem.detail)
    assert Texts("ja")(problem.remedy).endswith("アプリを入れ直してください。")

    fake.revoked = True
    refused, *_ = await problems(fake)
    assert refused.what == "slack: bot token"
    assert Texts("ja")(refused.detail).startswith("Slack が SLACK_BOT_TOKEN を受け付けません")


@pytest.mark.parametrize(
    ("groups", "detail"),
    [({}, "no such user group"), ({"S0STAFF": []}, "0"), ({"S0STAFF": ["U1", "U2"]}, None)],
)
async def test_a_user_group_that_may_answer_is_looked_at(
    fake: FakeSlack, groups: dict[str, list[str]], detail: str | None
) -> None:
    fake.groups = groups
    found = await examine(replace(settings(fake), organiser_group="S0STAFF"), offline=False)
    (group,) = (each for each in found if each.what == "slack: user group S0STAFF")
    assert group.ok == (detail is None)
    assert (detail or "2") in str(group.detail)
    assert group.ok or "FAQBOT_SLACK__ORGANISER_GROUP" in str(group.remedy)
