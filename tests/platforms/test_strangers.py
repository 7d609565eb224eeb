"""Who reaches the HTTP port and does no part of a request keeps nobody out, and fills no log."""

import asyncio
import contextlib
import errno
import json
import os
import resource
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from adapters.web import HttpSettings, server
from adapters.web.server import listening, serving
from bot.telemetry import Health
from bot.telemetry.metrics import Metrics
from tests.fakes.faq import FAQ
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT
from tests.platforms.command import end, healthy, start
from tests.platforms.test_web import free_port, get

UNFINISHED = (
    b"",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nX-Slack-",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n{",
)
MALFORMED = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    b"GET / SPAM/1.1\r\n\r\n",
    b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /%ff\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
    b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 1000 + b"\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: minus\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nspam",
    b"POST / HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\nContent-Length: 4\r\n\r\n",
    b"GET /livez HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n" + bytes(99),
)


@contextlib.contextmanager
def open_files(most: int) -> Iterator[None]:
    """Let this process, or one that it starts meanwhile, open so many files."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def says(port: int, words: bytes) -> socket.socket:
    """Connect and say something; nothing is read."""
    stranger = socket.create_connection(("127.0.0.1", port))
    stranger.sendall(words)
    return stranger


@pytest.mark.fault(122)
@pytest.mark.timeout(60)
async def test_1100_unfinished_requests_keep_neither_slack_nor_the_probes_out(
    tmp_path: Path,
) -> None:
    async with FakeSlack(mode="http") as fake:
        fake.port_of_bot = free_port()
        fake.bot_url = f"http://127.0.0.1:{fake.port_of_bot}/slack/events"
        with open_files(256):
            process = await start(fake, tmp_path)
        await healthy(fake)
        with open_files(2048), contextlib.ExitStack() as strangers:
            for number in range(1100):
                words = UNFINISHED[number % len(UNFINISHED)]
                strangers.enter_context(await asyncio.to_thread(says, fake.port_of_bot, words))
                if number % 100 == 0:
                    started = time.monotonic()
                    assert (await get(f"http://127.0.0.1:{fake.port_of_bot}/livez"))[0] == 200
                    assert time.monotonic() - started < 5  # as probes do
            said = await fake.says("U0AKEMI", f"<@{BOT}> {FAQ[0].question}")
            assert (fake.delivered[-1].acked, fake.delivered[-1].attempts) == (True, 1)
            for path, status in (("livez", 200), ("healthz", 200), ("metrics", 200)):
                assert (await get(f"http://127.0.0.1:{fake.port_of_bot}/{path}"))[0] == status
            await fake.until(lambda: fake.replies(said.ts))
        await end(process, signal.SIGTERM)
        log = (tmp_path / "log").read_text().splitlines()
        warned = [json.loads(line) for line in log if '"warning"' in line or '"error"' in line]
        assert [(each["event"], each["cause"]) for each in warned] == [
            ("requests cut off", "too many connections")
        ]
        assert len(log) < 30


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(server, "HEAD", 0.2)
    monkeypatch.setattr(server, "BODY", 0.3)
    free = free_port()
    with listening(HttpSettings(port=free)) as sockets:
        async with serving(sockets, Health(), Metrics()):
            yield free


async def heard(peer: socket.socket) -> bytes:
    """Return what a peer hears until it is cut off."""
    try:
        return await asyncio.to_thread(peer.recv, 1000)
    except ConnectionError:
        return b""


def causes(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the causes told in the log, where there must be nothing else."""
    assert {each.getMessage() for each in caplog.records} <= {"listening", "requests cut off"}
    values = (each.__dict__["values"] for each in caplog.records)
    return [each["cause"] for each in values if "cause" in each]


@pytest.mark.fault(122)
async def test_who_is_late_or_trickles_is_cut_off_and_told_of_once(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    with contextlib.ExitStack() as strangers:
        peers = [strangers.enter_context(says(port, each)) for each in UNFINISHED * 5]

        async def trickle() -> None:
            while True:
                for peer in peers:
                    with contextlib.suppress(ConnectionError):
                        peer.send(b"a")
                await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        async with asyncio.timeout(30):  # else they would trickle for good
            await asyncio.gather(*map(heard, peers))
        trickling.cancel()
    assert causes(caplog) == ["no head in time", "no body in time"]


@pytest.mark.fault(122)
async def test_malformed_requests_are_no_fault_of_ours(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    for words in MALFORMED * 2:
        with says(port, words) as stranger:
            stranger.shutdown(socket.SHUT_WR)
            answer = await heard(stranger)
            assert not answer or (answer.startswith(b"HTTP/1.") and b" 5" not in answer[:12])
    assert causes(caplog) == ["malformed"]


@pytest.mark.fault(122)
async def test_without_files_it_neither_spins_nor_ends(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as stranger:
        free = os.dup(0)
        os.close(free)
        with open_files(free):
            stranger.connect(("127.0.0.1", port))
            began = time.process_time()
            await asyncio.sleep(0.5)
            assert time.process_time() - began < 0.3
        assert causes(caplog) == [os.strerror(errno.EMFILE)]
    assert (await get(f"http://127.0.0.1:{port}/livez"))[0] == 200


@pytest.mark.fault(122)
async def test_of_too_many_those_are_closed_first_that_wait_for_the_peer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "MOST", 3)
    free = free_port()
    done = asyncio.Event()

    async def slack(_: web.Request) -> web.Response:
        await done.wait()
        return web.Response(text="acknowledged")

    with listening(HttpSettings(port=free)) as sockets:
        async with serving(sockets, Health(), Metrics(), slack):
            with contextlib.ExitStack() as peers:
                whole = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
                answered = peers.enter_context(says(free, whole))
                unfinished = peers.enter_context(says(free, UNFINISHED[2]))
                await asyncio.sleep(0.1)
                others = [peers.enter_context(says(free, whole)) for _ in range(2)]
                assert await heard(unfinished) == b""
                assert (await get(f"http://127.0.0.1:{free}/livez"))[0] == 200
                done.set()
                assert await heard(answered) == b""
                for each in others:
                    assert b"acknowledged" in await heard(each)
    assert causes(caplog) == ["too many connections"]
