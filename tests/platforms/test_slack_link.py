"""The Socket Mode connection comes back by itself, whatever happened to it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import ClientSession

from tests.fakes.slack_api import BOT, Fault
from tests.platforms.slack_bench import FAST, Bench, bench

MENTION = f"<@{BOT}> 合成データは使っていますか"


@pytest.fixture
async def slack() -> AsyncIterator[Bench]:
    async with bench("socket") as made:
        yield made


async def test_the_link_reports_that_it_is_up(slack: Bench) -> None:
    await slack.fake.until(lambda: slack.desk.ok("slack"))


@pytest.mark.fault(42)
@pytest.mark.parametrize("reason", ["refresh_requested", "warning", "too_many_websockets"])
async def test_a_disconnect_is_followed_by_a_new_connection(slack: Bench, reason: str) -> None:
    await slack.fake.disconnect(reason, close=reason != "warning")
    await _serves_again(slack)


@pytest.mark.fault(42)
async def test_a_reset_connection_is_made_anew(slack: Bench) -> None:
    await slack.fake.reset()
    await _serves_again(slack)


@pytest.mark.fault(42)
async def test_a_frozen_connection_is_made_anew(slack: Bench) -> None:
    slack.fake.freeze()
    await _serves_again(slack)


@pytest.mark.fault(42)
async def test_a_link_that_is_switched_off_says_so_and_recovers(slack: Bench) -> None:
    refused = Fault(error="invalid_auth")
    slack.fake.fail("apps.connections.open", refused, times=1000)
    await slack.fake.disconnect("link_disabled")
    await slack.fake.until(lambda: slack.desk.ok("slack") is False)
    assert "Socket Mode was switched off" in slack.desk.problem("slack")
    slack.fake.mend("apps.connections.open")
    await _serves_again(slack)


@pytest.mark.fault(41)
async def test_a_ticket_that_did_not_work_is_not_tried_for_ever(slack: Bench) -> None:
    slack.fake.link_down = True
    await slack.fake.disconnect("refresh_requested")
    await slack.fake.until(lambda: slack.desk.ok("slack") is False)
    slack.fake.link_down = False
    await _serves_again(slack)


@pytest.mark.fault(43)
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(error="invalid_auth"), "Slack refuses SLACK_APP_TOKEN (invalid_auth)."),
        (Fault(status=500), "Slack didn't answer (HTTP 500)."),
        (Fault(status=429, error="ratelimited", retry_after="1"), "asks to wait 1 s"),
    ],
)
async def test_where_no_connection_is_opened_health_says_why(
    slack: Bench, fault: Fault, words: str
) -> None:
    slack.fake.fail("apps.connections.open", fault, times=1000)
    await slack.fake.reset()
    await slack.fake.until(lambda: slack.desk.ok("slack") is False)
    await slack.fake.until(lambda: words in slack.desk.problem("slack"))
    slack.fake.mend("apps.connections.open")
    await _serves_again(slack)


@pytest.mark.fault(43)
async def test_refusals_are_not_hammered_at() -> None:
    timing = replace(FAST, patience=0.2, wait=0.1)
    async with bench("socket", timing) as slack:
        slack.fake.fail("apps.connections.open", Fault(error="invalid_auth"), times=1000)
        await slack.fake.reset()
        await slack.fake.until(lambda: slack.desk.ok("slack") is False)
        before = len(slack.fake.calls_of("apps.connections.open"))
        await slack.fake.until(lambda: "SLACK_APP_TOKEN" in slack.desk.problem("slack"))
        assert len(slack.fake.calls_of("apps.connections.open")) - before <= 1


@pytest.mark.fault(42)
async def test_a_silent_connection_is_kept_while_slack_answers_the_probe() -> None:
    async with bench("socket", replace(FAST, quiet=0.2)) as slack:
        opened = len(slack.fake.calls_of("apps.connections.open"))
        probes = len(slack.fake.calls_of("auth.test"))
        await slack.fake.until(lambda: len(slack.fake.calls_of("auth.test")) > probes + 4)
        assert len(slack.fake.calls_of("apps.connections.open")) == opened
        slack.fake.fail("auth.test", Fault(status=503), times=1000)
        await slack.fake.until(lambda: len(slack.fake.calls_of("apps.connections.open")) > opened)


@pytest.mark.fault(83)
async def test_a_second_process_on_the_same_token_is_noticed(
    slack: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    url = slack.fake.ticket()
    async with ClientSession() as session, session.ws_connect(url):
        await slack.fake.disconnect("refresh_requested")
        await slack.fake.until(lambda: "second process" in caplog.text)


async def _serves_again(slack: Bench) -> None:
    """A mention that was on its way meanwhile is committed once, and the next one too."""
    slack.fake.retry_waits = [0.2] * 40
    slack.fake.ack_wait = 0.5
    for number in range(2):
        await slack.fake.says("U0AKEMI", f"{MENTION} {number}")
    await slack.fake.until(lambda: len(slack.desk.items) == 2)
    assert [item.text[-1] for item in slack.desk.items] == ["0", "1"]  # type: ignore[union-attr]
    await slack.fake.until(lambda: slack.desk.ok("slack"))
