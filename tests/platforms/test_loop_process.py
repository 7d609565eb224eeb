"""The whole process is killed in the midst of the learning loop: each thing arrives once.

What the fake Slack and the fake Discord hold is the judge; the bot's own tables only say when it
has nothing left to do.
"""

import asyncio
import contextlib
import random
import signal
import sqlite3
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_state import ORGANISERS as DISCORD_ORGANISERS
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT
from tests.fakes.waiting import until
from tests.platforms.chat import whispered
from tests.platforms.command import end, healthy, start
from tests.platforms.conformance_learning import (
    ANSWER,
    QUESTION,
    RATING,
    SENT,
    answers,
    newest,
    public,
    question_card,
    shows,
)
from tests.platforms.discord_driver import DiscordChat
from tests.platforms.slack_driver import ORGANISERS as SLACK_ORGANISERS
from tests.platforms.slack_driver import SlackChat
from tests.platforms.test_discord_process import Bot
from tests.platforms.test_web import free_port

HOLD = 3.0
"""Seconds that an answer to the bot is held back: far more than it takes to kill it."""
TAKEN = "select count(*) from inbox"
BUSY = """\
select (select count(*) from inbox where done_at is null)
     + (select count(distinct channel) from outbox where done_at is null)"""


def count(folder: Path, query: str) -> int:
    """Ask the bot's database how many there are."""
    path = folder / "var" / "faqbot.db"
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as database:
        return int(database.execute(query).fetchone()[0])


async def until_rest(folder: Path, *, but: int = 0) -> None:
    """Wait until the process has nothing left to do, but in so many channels."""
    await until(lambda: count(folder, BUSY) <= but)


class SlackProcess(SlackChat):
    """Drives a bot that is a process of its own."""

    def __init__(self, fake: FakeSlack, folder: Path) -> None:
        super().__init__(fake, folder)
        self.folder = folder
        self.fake = fake

    async def run(self) -> Process:
        process = await start(self.fake, self.folder, FAQBOT_SLACK__ORGANISERS=SLACK_ORGANISERS)
        await healthy(self.fake)
        return process

    def lags(self, lag: Callable[[], float]) -> None:
        self.fake.lag = lag

    def posts(self) -> int:
        return sum(each.user == BOT and each.only_for is None for each in self.fake.messages)

    async def settled(self) -> None:
        await until_rest(self.folder)


class DiscordProcess(DiscordChat):
    """Drives a bot that is a process of its own."""

    def __init__(self, fake: FakeDiscord, folder: Path) -> None:
        super().__init__(folder, fake)
        self.folder = folder
        self.fake = fake
        self._bot = Bot(fake, folder)

    async def run(self) -> Process:
        self.fake.gateway.drop()
        # As if minutes had passed: what was posted must be found by its looks.
        self.fake.world.nonces.clear()
        process = await self._bot.start(FAQBOT_DISCORD__ORGANISERS=DISCORD_ORGANISERS)
        await self.fake.gateway.connected(20)
        return process

    def lags(self, lag: Callable[[], float]) -> None:
        self.fake.api.lag = lag

    def posts(self) -> int:
        return sum(each.only_for is None for each in self._posts())

    async def _say(self, who: str, text: str, channel: str, thread: str | None) -> str:
        before = count(self.folder, TAKEN)
        said = await super()._say(who, text, channel, thread)
        await self.fake.until(lambda: count(self.folder, TAKEN) > before)
        return said

    async def settled(self) -> None:
        await until_rest(self.folder)


@dataclass
class Killed:
    """A bot that is killed while it does what people have it do, and started anew."""

    chat: SlackProcess | DiscordProcess
    process: Process

    async def by(self, deed: Awaitable[object], after: float | None = None) -> None:
        """Kill the bot once it has taken a deed: when a post stands and its answer is still out.

        Args:
            deed: What somebody does.
            after: Kill it so many seconds after it took the deed, instead.
        """
        chat, posts = self.chat, self.chat.posts()
        taken = count(chat.folder, TAKEN)
        held = (each for each in (HOLD,))
        if after is None:
            chat.lags(lambda: next(held, 0.0) if chat.posts() > posts else 0.0)
        await deed
        if after is None:
            await chat.fake.until(lambda: chat.posts() > posts)
            # What else it does is done: an edit of unknown fate would wait for seconds.
            await until_rest(chat.folder, but=1)
        else:
            await chat.fake.until(lambda: count(chat.folder, TAKEN) > taken)
            await asyncio.sleep(after)
        await end(self.process, signal.SIGKILL)
        chat.lags(lambda: 0.0)
        self.process = await chat.run()


@pytest.fixture(params=["slack", "discord"])
async def killed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Killed]:
    async with contextlib.AsyncExitStack() as stack:
        chat: SlackProcess | DiscordProcess
        if request.param == "slack":
            slack = await stack.enter_async_context(FakeSlack(mode="socket", ack_wait=1.0))
            slack.port_of_bot = free_port()
            chat, refused = SlackProcess(slack, tmp_path), slack.refused
        else:
            discord = await stack.enter_async_context(FakeDiscord())
            discord.world.keeps_nonces = False
            chat, refused = DiscordProcess(discord, tmp_path), discord.world.refused
        made = Killed(chat, await chat.run())
        yield made
        await end(made.process, signal.SIGTERM)
        assert refused == []


async def goes_round(killed: Killed, after: Callable[[], float | None]) -> None:
    """Ask, answer and publish, and kill the bot each time; everything must have come once."""
    chat = killed.chat
    thread = await chat.says("明美", QUESTION)
    await chat.sees()
    await killed.by(chat.submits("明美", QUESTION), after())
    await question_card(chat)
    await chat.organiser_presses("講師", "回答する")
    await killed.by(answers(chat, form=False), after())
    draft = await newest(chat)
    await killed.by(chat.organiser_presses("運営", draft.buttons[0]), after())
    (card,) = (each for each in await public(chat) if not each.thread)
    (published,) = (each for each in await public(chat) if each.thread)
    assert "公開済み（運営 さん）" in card.text
    assert ("直す", "公開を取り下げる") == published.buttons
    seen = await chat.sees()
    (told,) = (each for each in seen if each.pinged)
    assert ("明美", thread, True) == (told.pinged, told.thread, shows(told, ANSWER))
    direct = await chat.sees_direct("明美")
    assert 1 == sum(SENT in text for _, text in whispered(seen)) + sum(
        SENT in each.text for each in direct
    )
    await asyncio.sleep(0.0 if after() is None else 2.0)  # by then every process searches it
    await chat.says("健太", QUESTION)
    again = (await chat.sees())[-1]
    assert (RATING, True) == (again.buttons, shows(again, ANSWER))


@pytest.mark.fault(129)
async def test_killed_before_it_notes_what_it_posted_the_loop_brings_each_once(
    killed: Killed,
) -> None:
    await goes_round(killed, lambda: None)


@pytest.mark.long
@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", range(3))
async def test_killed_at_any_moment_the_loop_brings_each_once(killed: Killed, seed: int) -> None:
    chance = random.Random(seed)
    await goes_round(killed, lambda: chance.uniform(0.0, 0.25))
