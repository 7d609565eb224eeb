"""Slack and Discord in one process, on one desk: a fault in one doesn't touch the other."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from bot.bootstrap import build
from bot.desk.desk import Desk
from bot.domain.retrieval import Ranking, Reply
from bot.settings import CoreSettings
from bot.telemetry import log
from tests.fakes import discord_state
from tests.fakes.discord import FakeDiscord
from tests.fakes.faq import FAQ, SYNTHETIC
from tests.fakes.search import PairSearch
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT, Fault
from tests.platforms import discord_bench, slack_bench

QUESTION = SYNTHETIC.question


class SlowSearch(PairSearch):
    """Blocks its thread, as a large import would, while ``released`` is clear.

    Attributes:
        begun: Set once it does.
    """

    def __init__(self) -> None:
        super().__init__(FAQ)
        self.begun, self.released = threading.Event(), threading.Event()

    def reply(self, text: str, addressed: bool, *, below: bool = False) -> tuple[Reply, Ranking]:
        if "ゆっくり" in text:
            self.begun.set()
            assert self.released.wait(60)
        return super().reply(text, addressed, below=below)


@dataclass
class Both:
    """Both platforms at work on one desk."""

    slack: FakeSlack
    discord: FakeDiscord
    desk: Desk
    search: SlowSearch

    async def ask_slack(self, text: str = QUESTION) -> None:
        said = await self.slack.says("U0AKEMI", f"<@{BOT}> {text}")
        await self.slack.until(lambda: self.slack.replies(said.ts))

    async def ask_discord(self, text: str = QUESTION) -> None:
        said = await self.discord.says("明美", f"@FAQ {text}")
        await self.discord.until(
            lambda: any(post.reply_to == said.id for post in self.discord.replies())
        )


@contextlib.asynccontextmanager
async def set_up(folder: Path) -> AsyncIterator[Both]:
    search = SlowSearch()
    desk = build(search, CoreSettings(database_url=f"sqlite:///{folder / 'faqbot.db'}"))
    try:
        async with (
            FakeSlack(mode="socket", ack_wait=1.0) as slack,
            FakeDiscord() as discord,
            slack_bench.serving(slack, desk) as on_slack,
            discord_bench.serving(discord, desk) as (on_discord, _),
        ):
            platforms = {"slack": on_slack.platform, "discord": on_discord.platform}
            running = asyncio.create_task(desk.run(platforms))
            try:
                yield Both(slack, discord, desk, search)
            finally:
                search.released.set()
            running.cancel()
            await asyncio.wait([running])
    finally:
        desk.close()


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Put the root logger back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.fault(62)
async def test_while_discord_is_down_slack_answers(tmp_path: Path) -> None:
    async with set_up(tmp_path) as both:
        both.discord.api.down = True
        both.discord.gateway.refuses = 4004
        await both.discord.gateway.close(4004)
        await both.discord.until(lambda: not discord_bench.up(both.desk))
        await both.ask_slack()
        both.discord.api.down, both.discord.gateway.refuses = False, None
        await both.discord.until(lambda: discord_bench.up(both.desk))
        await both.ask_discord()


async def test_while_slack_is_down_discord_answers(tmp_path: Path) -> None:
    async with set_up(tmp_path) as both:
        both.slack.fail("chat.postMessage", Fault(status=500), times=1000)
        await both.slack.says("U0AKEMI", f"<@{BOT}> {QUESTION}")
        await both.ask_discord()


async def test_a_slow_search_for_one_does_not_keep_the_others_first_answer(tmp_path: Path) -> None:
    async with set_up(tmp_path) as both:
        for asks in (
            lambda: both.slack.says("U0AKEMI", f"<@{BOT}> ゆっくり探してください"),
            lambda: both.discord.says("明美", "@FAQ ゆっくり探してください"),
        ):
            await asks()
            await both.discord.until(both.search.begun.is_set)
            sent = await both.discord.commands("明美", QUESTION)
            await both.discord.until(lambda: sent.answered)  # noqa: B023
            assert (await both.slack.commands("U0AKEMI", QUESTION)).acked
            both.search.released.set()
            both.search.begun.clear()
            both.search.released.clear()


@pytest.mark.fault(92)
async def test_neither_words_nor_tokens_reach_the_log_at_any_level(
    tmp_path: Path, restored_logging: None
) -> None:
    """Also while requests fail and the connection breaks."""
    written = StringIO()
    log.configure(logging.DEBUG, written)
    word = "秘密のしるし"
    async with set_up(tmp_path) as both:
        fake = both.discord
        await both.ask_discord(f"{QUESTION}{word}")
        sent = await fake.commands("明美", f"{QUESTION}{word}", private=True)
        await fake.until(lambda: fake.private("明美"))
        answer = fake.private("明美")[0]
        fake.api.fail("POST /webhooks", discord_state.Fault(500), discord_state.Fault(400, 50035))
        await fake.presses("明美", answer, "役に立った")
        await fake.gateway.close(4000)
        await fake.gateway.connected()
        post = await fake.says("明美", f"@FAQ {word}")
        await fake.edits(post, f"@FAQ {word}{word}")
        await discord_bench.settled(fake)
    lines = written.getvalue()
    assert "question" in lines
    for secret in (word, discord_state.TOKEN, sent.token, SYNTHETIC.answer[:8]):
        assert secret not in lines
