"""The whole process on Discord: killed at any moment it loses and repeats nothing.

What the fake Discord holds is the judge, never the bot's own tables.
"""

import asyncio
import contextlib
import random
import signal
import sqlite3
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_state import LOADING, TOKEN, WATCHED, Fault, Interaction, Post
from tests.fakes.faq import FAQ
from tests.platforms.command import end, idle, run
from tests.platforms.test_web import free_port

KILLS = [4, pytest.param(50, marks=pytest.mark.long)]


@dataclass
class Bot:
    """The process, and the Discord it serves."""

    fake: FakeDiscord
    folder: Path
    port: int = field(default_factory=free_port)

    async def start(self, **settings: str) -> Process:
        """Start the bot, without waiting for it."""
        given = {
            "DISCORD_TOKEN": TOKEN,
            "FAQBOT_DISCORD__API_URL": self.fake.api_url,
            "FAQBOT_DISCORD__WATCH": f'["{WATCHED}"]',
            "FAQBOT_HTTP__PORT": str(self.port),
        }
        return await run(self.folder, **given, **settings)

    async def get(self, path: str) -> str:
        """Ask the bot's HTTP port; empty where it doesn't answer (yet)."""
        async with aiohttp.ClientSession() as session:
            try:
                async with session.get(f"http://127.0.0.1:{self.port}{path}") as response:
                    return await response.text()
            except aiohttp.ClientError:
                return ""

    def accepted(self) -> set[str]:
        """Return the ids of what was committed: a promise is only made for these."""
        file = f"file:{self.folder / 'var' / 'faqbot.db'}?mode=rw"
        try:
            with contextlib.closing(sqlite3.connect(file, uri=True)) as database:
                keys = database.execute("select key from inbox").fetchall()
        except sqlite3.OperationalError:  # killed before it had one
            return set()
        return {key.rpartition(":")[2].removeprefix("command-") for (key,) in keys}

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with FakeDiscord() as fake:
        yield Bot(fake, tmp_path)
        assert fake.world.refused == []


@pytest.mark.fault(72)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kills", KILLS)
async def test_killed_at_any_moment_every_accepted_question_is_answered_once(
    bot: Bot, kills: int
) -> None:
    """What Discord delivered and the bot didn't live to keep is not accepted: nobody sends it
    again, but in watched channels the bot reads back."""
    chance = random.Random(5)
    fake = bot.fake
    asked: list[Post] = []
    overheard: list[Post] = []
    sent: list[Interaction] = []

    async def ask_on() -> None:
        for number in range(100_000):
            question = FAQ[number % len(FAQ)].question
            who = f"会員{number}"
            match number % 3:
                case 0:
                    asked.append(await fake.says(who, f"@FAQ {question}"))
                case 1:
                    overheard.append(await fake.says(who, question, WATCHED))
                case _:
                    sent.append(await fake.commands(who, question))
            await asyncio.sleep(chance.uniform(0.02, 0.1))

    fake.api.lag = lambda: chance.choice((0.0, 0.02, 0.1))
    fake.world.keeps_nonces = False
    asking = asyncio.create_task(ask_on())
    killed = kept = 0
    # On a slow machine some lives end before they have heard anything: they don't count as trials.
    while killed < kills or kept <= kills:
        fake.gateway.drop()
        # As if minutes had passed: what was posted must be found by its looks.
        fake.world.nonces.clear()
        process = await bot.start()
        with contextlib.suppress(TimeoutError):
            await fake.gateway.connected(5)
        await asyncio.sleep(chance.uniform(0.0, 1.2))
        await end(process, signal.SIGKILL)
        killed += 1
        kept = len(bot.accepted() & {each.id for each in asked})
    assert not asking.done()
    asking.cancel()
    process = await bot.start()
    await fake.gateway.connected(20)
    last = await fake.says("係", f"@FAQ {FAQ[0].question}")
    await fake.until(lambda: answers(fake, last), 60)
    await idle(bot.port)
    await end(process, signal.SIGTERM)
    assert process.returncode == 0
    accepted = bot.accepted()
    assert {answers(fake, each) for each in asked if each.id in accepted} == {1}
    assert {command_answers(fake, each) for each in sent if each.id in accepted} == {1}
    assert max(answers(fake, each) for each in (*asked, *overheard)) == 1


@pytest.mark.fault(78)
async def test_told_to_stop_it_finishes_and_ends_with_0(bot: Bot) -> None:
    process = await bot.start()
    await bot.fake.gateway.connected(20)
    bot.fake.api.fail("POST /channels/.*/messages", Fault(-1, wait=0.5))
    said = await bot.fake.says("明美", f"@FAQ {FAQ[0].question}")
    await bot.fake.until(lambda: any("/messages" in each for each in bot.fake.api.requests))
    began = asyncio.get_running_loop().time()
    await end(process, signal.SIGTERM)
    assert process.returncode == 0
    assert asyncio.get_running_loop().time() - began < 10
    assert answers(bot.fake, said) == 1
    bot.fake.gateway.drop()
    process = await bot.start()
    await bot.fake.gateway.connected(20)
    await idle(bot.port)
    await end(process, signal.SIGTERM)
    assert answers(bot.fake, said) == 1


def answers(fake: FakeDiscord, question: Post) -> int:
    """Count the replies to a question: below it, or in its thread; further parts aside."""
    return sum(
        post.reply_to == question.id or (post.channel == question.id and post.reply_to is None)
        for post in fake.replies()
    )


def command_answers(fake: FakeDiscord, sent: Interaction) -> int:
    """Count the answers to a command: in place of the promise."""
    return sum(post.id == sent.original and not post.flags & LOADING for post in fake.world.posts)
