"""Several processes serve one Discord on one database: a shard is served by one of them at a time.

What the fake Discord holds is the judge, never the bots' own tables.
"""

import asyncio
import contextlib
import json
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_state import Interaction, Post
from tests.fakes.faq import FAQ
from tests.platforms.command import end
from tests.platforms.test_discord_process import Bot, answers, command_answers

LEASE = 2.0
"""Seconds after which a shard is taken over, instead of fifteen."""


@dataclass
class Replica:
    """One of the processes on one database."""

    bot: Bot
    process: Process

    async def says_of_discord(self) -> tuple[bool, str]:
        """Return whether it is well with Discord, by its own word, and what it adds."""
        parts = json.loads(await self.bot.get("/healthz") or "{}").get("parts", ())
        found = next((each for each in parts if each["name"] == "discord"), None)
        return (found["ok"], found["message"]) if found else (False, "")

    async def stands_by(self) -> bool | None:
        """Return whether it stands by, or serves the shard; None: neither yet."""
        ok, said = await self.says_of_discord()
        return said.startswith("待機") if ok else None

    async def serves(self, *, stands_by: bool = False) -> None:
        """Wait until it serves the shard, or stands by."""
        async with asyncio.timeout(20):
            while await self.stands_by() is not stands_by:  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.1)


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        fake.gateway.pause = 5.0
        yield fake
        assert fake.world.refused == []
        assert fake.gateway.early == 0


@pytest.fixture
async def replicas(
    fake: FakeDiscord, replicated_url: str, tmp_path: Path
) -> AsyncIterator[tuple[Replica, Replica]]:
    """Two processes: the one that serves, and the one that stands by."""
    made: list[Replica] = []
    try:
        for name in ("one", "other"):
            folder = tmp_path / name
            folder.mkdir()
            bot = Bot(fake, folder)
            given = {"FAQBOT_DATABASE_URL": replicated_url, "FAQBOT_DISCORD__LEASE": str(LEASE)}
            made.append(Replica(bot, await bot.start(**given)))
        async with asyncio.timeout(30):
            while {await r.stands_by() for r in made} != {True, False}:  # noqa: ASYNC110  # others
                await asyncio.sleep(0.1)
        first = made[await made[0].stands_by() is True]
        yield first, next(each for each in made if each is not first)
    finally:
        for each in made:
            if each.process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    each.process.send_signal(signal.SIGCONT)
                await end(each.process, signal.SIGKILL)


class Asked:
    """What was asked, to see that each of it is answered once."""

    def __init__(self, fake: FakeDiscord) -> None:
        self._fake = fake
        self.said: list[Post] = []
        self.sent: list[Interaction] = []

    async def ask(self, many: int = 1, *, commands: bool = True) -> None:
        for _ in range(many):
            number = len(self.said)
            question = FAQ[number % len(FAQ)].question
            self.said.append(await self._fake.says(f"会員{number}", f"@FAQ {question}"))
            if commands:
                self.sent.append(await self._fake.commands(f"会員{number}", question))

    async def is_answered(self, seconds: float = 20.0) -> None:
        await self._fake.until(lambda: min(self._counts) == 1, seconds)
        assert set(self._counts) == {1}
        await asyncio.sleep(0.5)  # until that is noted: nobody's channel waits for a sleeper

    @property
    def _counts(self) -> list[int]:
        said = [answers(self._fake, each) for each in self.said]
        return said + [command_answers(self._fake, each) for each in self.sent]


@pytest.mark.fault(120)
@pytest.mark.timeout(120)
async def test_two_processes_answer_each_question_once_and_one_stands_by_until_the_other_ends(
    fake: FakeDiscord, replicas: tuple[Replica, Replica]
) -> None:
    first, second = replicas
    assert json.loads(await second.bot.get("/readyz"))["ready"] is True
    assert "standing by" in second.bot.log
    asked = Asked(fake)
    await asked.ask(10)
    await asked.is_answered()
    assert len(fake.gateway.connected_sessions) == 1
    await end(first.process, signal.SIGTERM)
    assert first.process.returncode == 0
    await second.serves()
    await asked.ask(3)
    await asked.is_answered()


@pytest.mark.fault(120)
@pytest.mark.fault(123)
@pytest.mark.timeout(120)
async def test_a_killed_process_is_replaced_and_what_was_said_meanwhile_is_answered(
    fake: FakeDiscord, replicas: tuple[Replica, Replica]
) -> None:
    first, second = replicas
    asked = Asked(fake)
    await asked.ask()
    await asked.is_answered()
    direct = fake.world.direct(fake.person("明美"))
    asked.said.append(await fake.says("明美", FAQ[0].question, direct.id))
    await fake.until(lambda: fake.replies() and len(fake.private("明美")) == 1)
    await asyncio.sleep(LEASE / 2)  # until it is noted who writes direct messages
    await end(first.process, signal.SIGKILL)
    fake.gateway.drop()
    asked.said.clear()
    asked.sent.clear()
    await asked.ask(commands=False)
    asked.said.append(await fake.says("明美", FAQ[1].question, direct.id))
    await second.serves()
    await fake.until(lambda: len(fake.private("明美")) == 2)
    await asked.ask()
    await fake.until(lambda: answers(fake, asked.said[0]) and answers(fake, asked.said[2]))
    assert len(fake.private("明美")) == 2


@pytest.mark.fault(76)
@pytest.mark.fault(120)
@pytest.mark.timeout(120)
async def test_a_paused_process_answers_nothing_twice_when_it_wakes(
    fake: FakeDiscord, replicas: tuple[Replica, Replica]
) -> None:
    first, second = replicas
    asked = Asked(fake)
    await asked.ask()
    await asked.is_answered()
    first.process.send_signal(signal.SIGSTOP)
    await second.serves()
    await asked.ask(3)  # the sleeper's connection gets them too
    await asked.is_answered()
    first.process.send_signal(signal.SIGCONT)
    await first.serves(stands_by=True)
    await asked.ask(3)
    await asked.is_answered()
    assert len(fake.gateway.connected_sessions) == 1
