"""Operators see over HTTP whether the bot works; nobody sees more."""

import contextlib
import json
import random
import socket
from collections.abc import AsyncIterator

import aiohttp
import aiohttp.web
import pytest

from adapters.web import HttpSettings
from adapters.web.server import listening, serving
from bot.errors import FaqbotError
from bot.telemetry import Health
from bot.telemetry.metrics import Metrics
from bot.texts import Texts


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
async def base(health: Health) -> AsyncIterator[str]:
    port = free_port()
    with listening(HttpSettings(port=port)) as sockets:
        async with serving(sockets, health, Metrics()):
            yield f"http://127.0.0.1:{port}"


def free_port() -> int:
    """Return a port that nobody listens on, below those that outgoing connections take."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


async def test_health_is_red_until_every_part_works(base: str, health: Health) -> None:
    assert (await get(f"{base}/healthz"))[0] == 503
    health.report("workers", True)
    assert (await get(f"{base}/healthz"))[0] == 200
    health.report("slack", False, "Not connected.", vital=True)
    status, text = await get(f"{base}/healthz")
    assert (status, json.loads(text)["status"]) == (503, "failing")
    assert "Not connected." in text


async def test_what_leaves_no_question_unanswered_is_told_and_is_no_503(
    base: str, health: Health
) -> None:
    health.report("meaning", True, "loading")
    assert json.loads((await get(f"{base}/healthz"))[1])["status"] == "ok"
    health.report("content", False, "a.yaml:3: 回答がありません。Run faqbot check.")
    status, text = await get(f"{base}/healthz")
    assert "回答がありません" in text
    told = json.loads(text)
    assert (status, told["status"]) == (200, "degraded")
    parts = {part["name"]: (part["ok"], part["message"]) for part in told["parts"]}
    assert parts == {
        "meaning": (True, "loading"),
        "content": (False, "a.yaml:3: 回答がありません。Run faqbot check."),
    }


async def test_a_process_that_works_is_alive_whatever_fails(base: str, health: Health) -> None:
    """A restart mends neither a typing error in the FAQ nor a full disk."""
    health.report("store", False, "The disk is full.", vital=True)
    assert (await get(f"{base}/livez"))[0] == 200


async def test_ready_is_who_can_take_questions_though_a_platform_is_down(
    base: str, health: Health
) -> None:
    assert (await get(f"{base}/readyz"))[0] == 503
    for part in ("workers", "senders"):
        health.report(part, True)
    health.report("slack", False, "Not connected.", vital=True)
    assert (await get(f"{base}/readyz"))[0] == 200
    health.report("store", False, "The disk is full.", vital=True)
    assert (await get(f"{base}/readyz"))[0] == 503


async def test_figures_say_which_part_works(base: str, health: Health) -> None:
    health.report("slack", False)
    status, text = await get(f"{base}/metrics")
    assert status == 200
    assert 'faqbot_up{part="slack"} 0.0' in text
    assert "faqbot_failing 0.0" in text
    health.report("slack", False, vital=True)
    assert "faqbot_failing 1.0" in (await get(f"{base}/metrics"))[1]


@pytest.mark.fault(93)
async def test_it_listens_on_loopback_by_default() -> None:
    assert HttpSettings().host == "127.0.0.1"


async def test_without_slack_by_http_there_is_no_door_for_it(base: str) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"{base}/slack/events") as response:
        assert response.status == 404


@pytest.mark.fault(83)
def test_a_port_in_use_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = rf"127\.0\.0\.1:{port} can't be listened on: another program uses this port"
        with pytest.raises(FaqbotError, match=said), listening(HttpSettings(port=port)):
            pass


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("192.0.2.1", ":8080 で待ち受けできません（このマシンのアドレスではありません）。"),
        ("nowhere.invalid", "この名前のホストが見つかりません"),
        ("a..b", "この名前のホストが見つかりません"),
    ],
)
def test_an_address_that_cannot_be_listened_on_is_told_in_japanese(host: str, says: str) -> None:
    with pytest.raises(FaqbotError) as refused, listening(HttpSettings(host=host)):
        pass
    assert says in refused.value.in_words(Texts("ja"))


async def test_port_0_serves_nothing_unless_slack_needs_it(health: Health) -> None:
    with listening(HttpSettings(port=0)) as sockets:
        async with serving(sockets, health, Metrics()):
            pass
        with pytest.raises(FaqbotError, match="FAQBOT_HTTP__PORT is 0"):
            async with serving(sockets, health, Metrics(), _never):
                pass


def test_an_address_that_is_not_this_machines_is_said_with_the_setting() -> None:
    for host in ("192.0.2.1", "no such host"):
        settings, said = HttpSettings(host, free_port()), "Correct FAQBOT_HTTP__HOST"
        with pytest.raises(FaqbotError, match=said), listening(settings):
            pass


async def test_every_address_of_a_name_is_listened_on(health: Health) -> None:
    with listening(HttpSettings("localhost", free_port())) as sockets:
        async with serving(sockets, health, Metrics()):
            for each in sockets:
                host, port = each.getsockname()[:2]
                shown = f"[{host}]" if ":" in host else host
                assert (await get(f"http://{shown}:{port}/livez"))[0] == 200


async def _never(request: aiohttp.web.Request) -> aiohttp.web.Response:
    raise AssertionError(request)
