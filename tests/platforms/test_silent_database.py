"""The whole process while its database is silent: it says so, it stops, and nothing is lost."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.fakes.faq import FAQ
from tests.fakes.proxy import Proxy
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT, Said
from tests.fakes.waiting import until
from tests.platforms.command import end, healthy, start
from tests.platforms.test_web import free_port, get

pytestmark = pytest.mark.fault(119)


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with FakeSlack(mode="socket") as made:
        made.retry_waits = [0.5] * 1000
        made.port_of_bot = free_port()
        yield made


@pytest.mark.long
@pytest.mark.timeout(180)
async def test_silence_is_told_and_overcome_and_the_process_ends_in_it(
    fake: FakeSlack, tmp_path: Path, replicated_url: str
) -> None:
    server = make_url(replicated_url)
    with Proxy(str(server.host), int(server.port or 0)) as proxy:
        url = server.set(port=proxy.port).render_as_string(hide_password=False)
        process = await start(fake, tmp_path, FAQBOT_DATABASE_URL=url)
        await healthy(fake)
        asked = list[asyncio.Task[Said]]()

        async def ask() -> None:
            text = f"<@{BOT}> {FAQ[0].question}"
            asked.append(asyncio.create_task(fake.says(f"U{len(asked)}", text)))

        proxy.freeze()  # new connections work: nobody notices but for a moment
        await ask()
        first = await asked[0]
        await fake.until(lambda: fake.replies(first.ts))

        proxy.freeze(new=True)
        began = time.monotonic()
        await ask()
        await until(lambda: _answers(fake, "healthz", 503))
        assert time.monotonic() - began < 30
        assert await _answers(fake, "livez", 200)
        proxy.heal()
        began = time.monotonic()
        await healthy(fake)
        second = await asked[1]
        await fake.until(lambda: fake.replies(second.ts))
        assert time.monotonic() - began < 30

        proxy.freeze(new=True)
        await ask()
        await asyncio.sleep(1)
        began = time.monotonic()
        await end(process, signal.SIGTERM)
        assert time.monotonic() - began < 10
        assert process.returncode == 0

        proxy.heal()
        process = await start(fake, tmp_path, FAQBOT_DATABASE_URL=url)
        await healthy(fake)
        third = await asked[2]
        await fake.until(lambda: fake.replies(third.ts))
        await end(process, signal.SIGTERM)
        assert [len(fake.replies(each.ts)) for each in (first, second, third)] == [1, 1, 1]


def test_whatever_hangs_the_process_ends_and_says_where() -> None:
    """Also a thread that the interpreter would wait for."""
    hangs = (
        "import threading, adapters.cli.run as run\n"
        "def hang_here(): threading.Event().wait()\n"
        "threading.Thread(target=hang_here).start()\n"
        "run.END = 0.2\n"
        "run._end_in_time()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", hangs], capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 1
    assert "in hang_here" in ended.stderr


async def _answers(fake: FakeSlack, path: str, status: int) -> bool:
    return (await get(f"http://127.0.0.1:{fake.port_of_bot}/{path}"))[0] == status
