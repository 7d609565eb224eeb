"""Slack's door over HTTP: Slack gets in, nonsense doesn't, and nothing of it is a server error."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings

from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import SECRET
from tests.fakes.slack_transport import signed
from tests.payloads import damaged
from tests.payloads import slack as payload
from tests.platforms.chat import a_desk
from tests.platforms.slack_bench import Bench, bench, serving

JSON_TYPE = {"Content-Type": "application/json"}
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def slack() -> AsyncIterator[Bench]:
    async with bench("http") as made:
        yield made


async def post(
    slack: Bench, body: str | bytes | io.BytesIO, headers: dict[str, str]
) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(slack.fake.bot_url, data=body, headers=headers) as response,
    ):
        return response.status, await response.text()


@pytest.mark.fault(54)
@pytest.mark.parametrize(
    "proof",
    [
        {},
        {"X-Slack-Request-Timestamp": "", "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "9" * 5000, "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=é"},
        signed("{}", secret="another secret"),
        signed("{}", at=int(time.time()) - 360),
    ],
)
async def test_what_is_not_proven_to_be_slacks_gets_401(
    slack: Bench, proof: dict[str, str]
) -> None:
    assert (await post(slack, "{}", {**JSON_TYPE, **proof}))[0] == 401


@pytest.mark.fault(54)
@pytest.mark.parametrize(
    "body",
    [
        "[1]", "1", "null", '"x"', "{", "\x00", "[" * 100_000, '{"event": [1]}', '{"user": 5}',
        '{"type": "event_callback"}', '{"type": "event_callback", "event": [1]}',
        '{"type": "event_callback", "event": {"type": 1}}',
        '{"type": "event_callback", "event": {"type": "message", "message": 3}}',
        '{"type": "event_callback", "event": {"type": "message", "channel": {"id": 1}}}',
        '{"type": "block_actions", "actions": {}}', '{"type": "block_actions"}',
        '{"type": "block_actions", "actions": [], "trigger_id": 1}',
        '{"type": "view_submission", "view": []}', '{"type": "message_action"}', '{"command": []}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("content", [JSON_TYPE, FORM_TYPE])
async def test_signed_nonsense_is_no_server_error(
    slack: Bench, body: str, content: dict[str, str]
) -> None:
    status, _ = await post(slack, body, {**content, **signed(body)})
    assert status in (200, 400, 404)
    assert slack.desk.items == []


@pytest.mark.fault(54)
async def test_what_is_refused_is_told_in_one_line_without_a_word_of_it(
    slack: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        await post(slack, '{"text": "内緒"}', {**JSON_TYPE, "X-Slack-Signature": "内緒"})
        await post(slack, '["内緒"]', {**JSON_TYPE, **signed('["内緒"]')})
    lines = [line for line in caplog.records if line.getMessage() == "request refused"]
    assert sorted(vars(line)["values"]["status"] for line in lines) == [400, 401]
    assert "内緒" not in "\n".join(str(vars(line)) for line in caplog.records)


@pytest.mark.fault(54)
@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("app_mention", '"C0'),
        ("app_mention", '"U0'),
        ("app_mention", '"T0'),
        ("block_actions", '"1111'),
        ("view_submission", r'"{\"ask'),
    ],
)
async def test_half_a_surrogate_pair_in_an_id_is_malformed_and_told_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, broken: str
) -> None:
    sent = json.dumps(payload(name))
    body = sent.replace(broken, broken.replace('"', r'"\ud800', 1))
    async with (
        a_desk(f"sqlite:///{tmp_path / 'faqbot.db'}") as desk,
        FakeSlack(mode="http") as fake,
        serving(fake, desk),
        aiohttp.ClientSession() as session,
        session.post(fake.bot_url, data=body, headers={**JSON_TYPE, **signed(body)}) as response,
    ):
        assert (body != sent, response.status) == (True, 400)
    lines = [each for each in caplog.records if each.levelname in ("WARNING", "ERROR")]
    assert [each.getMessage() for each in lines] == ["malformed payload"]
    assert not any(each.exc_info for each in lines)


@pytest.mark.fault(54)
async def test_bytes_that_are_no_text_get_400(slack: Bench) -> None:
    status, _ = await post(slack, b"\xff\xfe", {**JSON_TYPE, **signed("??")})
    assert status == 400


@pytest.mark.fault(54)
async def test_two_megabytes_get_413(slack: Bench) -> None:
    body = json.dumps({"x": "y" * 2_000_000})
    large = io.BytesIO(body.encode())
    assert (await post(slack, large, {**JSON_TYPE, **signed(body)}))[0] == 413


@pytest.mark.fault(54)
async def test_a_challenge_is_answered_only_when_signed(slack: Bench) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"})
    assert "abc" in (await post(slack, body, {**JSON_TYPE, **signed(body)}))[1]
    status, text = await post(slack, body, JSON_TYPE)
    assert (status, "abc" in text) == (401, False)


async def test_being_told_that_events_are_held_back_is_acknowledged(slack: Bench) -> None:
    body = json.dumps({"type": "app_rate_limited", "team_id": "T0EVENT"})
    assert (await post(slack, body, {**JSON_TYPE, **signed(body)}))[0] == 200


@pytest.mark.fault(54)
async def test_slack_may_check_the_certificate(slack: Bench) -> None:
    body = "ssl_check=1&token=x"
    assert (await post(slack, body, {**FORM_TYPE, **signed(body)}))[0] == 200


@pytest.mark.fault(54)
async def test_there_is_nothing_to_get(slack: Bench) -> None:
    async with aiohttp.ClientSession() as session, session.get(slack.fake.bot_url) as response:
        assert response.status == 405


NAMES = ["app_mention", "message_changed", "message_action", "block_actions", "view_submission"]


@pytest.mark.fault(54)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(damaged(NAMES))
def test_no_damage_to_a_signed_payload_is_a_server_error(body: dict[str, Any]) -> None:
    async def run() -> int:
        text = json.dumps(body)
        async with bench("http") as slack:
            return (await post(slack, text, {**JSON_TYPE, **signed(text, secret=SECRET)}))[0]

    assert asyncio.run(run()) in (200, 400, 404)
