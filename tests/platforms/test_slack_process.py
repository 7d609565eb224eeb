"""The whole process: killed at any moment it loses and repeats nothing; told to stop, it stops.

What the fake Slack holds is the judge, never the bot's own tables.
"""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.faq import FAQ
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT, Fault, Said
from tests.platforms.command import end, healthy, idle, start
from tests.platforms.test_web import free_port

KILLS = [4, pytest.param(25, marks=pytest.mark.long)]


@pytest.fixture(params=["socket", "http"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeSlack]:
    async with FakeSlack(mode=request.param, ack_wait=1.0) as made:
        made.retry_waits = [0.1] * 1000
        made.port_of_bot = free_port()
        made.bot_url = f"http://127.0.0.1:{made.port_of_bot}/slack/events"
        yield made
        assert made.refused == []


def times_answered(fake: FakeSlack, question: Said) -> int:
    """Count the replies in a question's thread; every part of a long one must be there once."""
    parts = Counter(
        (reply.metadata or {}).get("event_payload", {}).get("part")
        for reply in fake.replies(question.ts, channel=question.channel)
    )
    assert len(set(parts.values())) <= 1
    return parts[1]


@pytest.mark.fault(72)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kills", KILLS)
async def test_killed_at_any_moment_every_question_is_answered_once(
    fake: FakeSlack, tmp_path: Path, kills: int
) -> None:
    chance = random.Random(4)
    asked: list[asyncio.Task[Said]] = []

    async def ask_on() -> None:
        for number in range(100_000):
            entry = FAQ[number % len(FAQ)]
            user = f"U0MEMBER{number}"
            text, channel = f"<@{BOT}> {entry.question}", f"C0ROOM{number % 5}"
            asked.append(asyncio.create_task(fake.says(user, text, channel=channel)))
            await asyncio.sleep(chance.uniform(0.05, 0.2))

    fake.lag = lambda: chance.choice((0.0, 0.02, 0.1))
    asking = asyncio.create_task(ask_on())
    for _ in range(kills):
        process = await start(fake, tmp_path)
        waiting = asyncio.create_task(healthy(fake))
        await asyncio.wait([waiting], timeout=chance.choice((0.9, 5.0, 5.0)))
        waiting.cancel()
        await asyncio.sleep(chance.uniform(0.0, 0.3))
        await end(process, signal.SIGKILL)
    asking.cancel()
    process = await start(fake, tmp_path)
    questions = await asyncio.gather(*asked)
    await fake.until(lambda: all(times_answered(fake, said) for said in questions), 60)
    await idle(fake.port_of_bot)
    await end(process, signal.SIGTERM)
    counts = Counter(times_answered(fake, said) for said in questions)
    assert (set(counts), counts[1] > 2 * kills) == ({1}, True)


@pytest.mark.fault(78)
async def test_told_to_stop_it_finishes_and_ends_with_0(fake: FakeSlack, tmp_path: Path) -> None:
    process = await start(fake, tmp_path)
    await healthy(fake)
    fake.fail("chat.postMessage", Fault(delay=0.5, after_effect=True), times=1)
    said = await fake.says("U0AKEMI", f"<@{BOT}> {FAQ[0].question}")
    started = asyncio.get_running_loop().time()
    await end(process, signal.SIGTERM)
    assert process.returncode == 0
    assert asyncio.get_running_loop().time() - started < 10
    assert "stopped" in (tmp_path / "log").read_text()
    process = await start(fake, tmp_path)
    await healthy(fake)
    await fake.until(lambda: fake.replies(said.ts))
    await idle(fake.port_of_bot)
    await end(process, signal.SIGTERM)
    assert times_answered(fake, said) == 1


@pytest.mark.fault(83)
async def test_a_second_process_on_the_same_file_is_refused(
    fake: FakeSlack, tmp_path: Path
) -> None:
    first = await start(fake, tmp_path)
    await healthy(fake)
    fake.port_of_bot = free_port()  # the first one has its own port; the file is what they share
    second = await start(fake, tmp_path)
    assert await second.wait() != 0
    assert "別の faqbot が使っています" in (tmp_path / "log").read_text()
    await end(first, signal.SIGTERM)
