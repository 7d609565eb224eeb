"""A world to be troubled: Slack and Discord on loopback, people who ask, the bot's processes."""

import asyncio
import itertools
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from bot.content import load
from bot.quality import read
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_state import TOKEN, WATCHED, Channel
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import APP_TOKEN, BOT, BOT_TOKEN, SECRET, Json
from tests.platforms.command import DATA
from tests.platforms.test_web import free_port
from tests.proofs.ledger import Ledger, Verdict
from tests.proofs.victim import Other, Start, Trap, forking

ROOT = Path(__file__).parents[2]
SLACK_WATCHED = "C0WATCHED"
SETTLE = 120.0
"""Seconds for everything to be answered once nothing is wrong any more. A replica that died holds
its claims for 20 s, and a message of unknown fate isn't sent again within 15 s."""
LATE = 16.0
"""Seconds after which no second answer can come any more."""


KINDS = ("slack", "slack", "slack watched", "discord", "discord", "discord watched", "command")
"""What people do, one as often as another."""


class SpreadSlack(FakeSlack):
    """Spreads what it delivers over several processes: as a load balancer, or by their sockets."""

    def __init__(self, mode: str, ports: Sequence[int]) -> None:
        super().__init__(mode=mode, ack_wait=3.0)
        self.retry_waits = [0.3] * 10_000
        self._addresses = itertools.cycle(f"http://127.0.0.1:{each}/slack/events" for each in ports)
        self._replicas = len(ports)
        self._turns = itertools.count()
        self._turn: web.WebSocketResponse | None = None
        self._silent: dict[web.WebSocketResponse, float] = {}  # until when

    async def _by_http(self, kind: str, body: Json, attempt: int) -> Json:
        for _ in range(self._replicas - 1):
            self.bot_url = next(self._addresses)
            with suppress(aiohttp.ClientConnectorError):  # the balancer takes another one
                return await super()._by_http(kind, body, attempt)
        self.bot_url = next(self._addresses)
        return await super()._by_http(kind, body, attempt)

    async def _by_socket(self, kind: str, body: Json, attempt: int) -> Json:
        await self.connected(self.ack_wait)
        now = time.monotonic()
        sockets = super()._live()
        live = [each for each in sockets if self._silent.get(each, 0) < now] or sockets
        self._turn = live[next(self._turns) % len(live)]
        chosen = self._turn
        try:
            return await super()._by_socket(kind, body, attempt)
        except asyncio.CancelledError:  # no acknowledgement in time: others are asked first
            self._silent[chosen] = now + 20
            raise

    def _live(self) -> list[web.WebSocketResponse]:
        return sorted(super()._live(), key=lambda each: each is self._turn)


@dataclass
class Bot:
    """One process of the bot's, now and again.

    Attributes:
        folder: Where it runs.
        port: Of its HTTP server.
        settings: More of its settings.
        clock: A file that holds by how many seconds its clocks are wrong.
        code: A folder with another version of it.
    """

    folder: Path
    port: int
    settings: dict[str, str]
    clock: Path | None = None
    code: Path | None = None
    process: BaseProcess | Other | None = None

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.is_alive()

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def must_live(self) -> None:
        """Raise a ``RuntimeError`` with what it wrote last where it has ended."""
        if self.process is not None and not self.process.is_alive():
            ended = f"a process that was to serve ended with {self.process.exitcode}"
            raise RuntimeError(f"{ended}:\n{self.log[-3000:]}")

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        assert self.process.pid is not None
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, number)

    def count_tasks(self) -> None:
        """Have it write into ``tasks`` how many it has."""
        self.send(signal.SIGUSR1)

    async def ended(self, seconds: float) -> bool:
        """Wait for its end; return whether it came."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.alive:  # noqa: ASYNC110  # a process rings no bell
                    await asyncio.sleep(0.01)
        return not self.alive

    async def kill(self) -> None:
        self.send(signal.SIGKILL)
        assert await self.ended(10)

    async def stop(self) -> int | None:
        """Tell it to stop; return its exit code, None where it didn't end within 15 s."""
        self.send(signal.SIGTERM)
        if not await self.ended(15):
            await self.kill()
            return None
        return self.process.exitcode if self.process else None


@dataclass
class World:
    """Both platforms, people and processes.

    Attributes:
        name: What the people are called by, besides.
        url: The database's.
        kinds: What people do.
        note: Which trial runs, so that a failure says when it was asked.
        discord_events: How many messages and commands Discord has delivered.
    """

    name: str
    url: str
    slack: SpreadSlack
    discord: FakeDiscord
    bots: list[Bot]
    start_process: Callable[[Start], BaseProcess]
    chance: random.Random
    slack_channels: tuple[str, ...]
    discord_channels: tuple[str, ...]
    kinds: tuple[str, ...] = KINDS
    note: str = ""
    discord_events: int = 0
    ledger: Ledger = field(init=False)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _asking: set["asyncio.Task[Any]"] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.slack, self.discord)

    def start(self, bot: Bot, trap: Trap | None = None) -> None:
        """Start a process, without waiting for it."""
        given = Start(bot.folder, self.environ(bot), trap=trap, clock=bot.clock)
        bot.process = Other(given, bot.code) if bot.code else self.start_process(given)

    def environ(self, bot: Bot) -> dict[str, str]:
        """Return the settings of a process."""
        door = {"SLACK_APP_TOKEN": APP_TOKEN} if self.slack.mode == "socket" else {}
        return {
            **{k: v for k, v in os.environ.items() if not k.upper().endswith("_PROXY")},
            **door,
            "PYTHONPATH": str(ROOT),
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "FAQBOT_SLACK__API_URL": self.slack.api_url,
            "FAQBOT_SLACK__WATCH": f'["{SLACK_WATCHED}"]',
            "DISCORD_TOKEN": TOKEN,
            "FAQBOT_DISCORD__API_URL": self.discord.api_url,
            "FAQBOT_DISCORD__WATCH": f'["{WATCHED}"]',
            "FAQBOT_HTTP__PORT": str(bot.port),
            "FAQBOT_DATABASE_URL": self.url,
            "FAQBOT_DATA": str((bot.code or ROOT) / "data"),
            "FAQBOT_SEARCH__MEANING": "off",  # what is tried here has its own costs
            **bot.settings,
        }

    async def ready(self, bot: Bot, seconds: float = 30.0) -> None:
        """Wait until a process says that it takes questions."""
        async with asyncio.timeout(seconds):
            while await self.asked(bot, "readyz") != 200:
                bot.must_live()
                await asyncio.sleep(0.05)

    async def asked(self, bot: Bot, path: str) -> int:
        """Return the status that a process answers with; 0: none."""
        limit = aiohttp.ClientTimeout(total=2)
        with suppress(aiohttp.ClientError, TimeoutError):
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.get(f"http://127.0.0.1:{bot.port}/{path}") as response,
            ):
                return response.status
        return 0

    def ask(self, kind: str | None = None) -> None:
        """Let somebody ask; Slack asks again until it is acknowledged."""
        number = next(self._numbers)
        kind = kind or self.chance.choice(self.kinds)
        who = f"{self.name}{number}{self.note}"
        questions = OWN if "watched" in kind else QUESTIONS
        question = questions[number % len(questions)]
        self._begin(self._asks(kind, who, question))

    async def ask_on(self, rate: float) -> None:
        """Ask so many questions a second, at irregular times."""
        while True:
            self.ask()
            await asyncio.sleep(self.chance.expovariate(rate))

    async def settle(self, seconds: float = SETTLE) -> None:
        """Wait until all is answered, or for so long; commands that nobody kept aside."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._asking or self.ledger.open() - self._dropped():  # noqa: ASYNC110
                    await asyncio.sleep(0.2)

    async def judge(self, *, late: float = LATE) -> Verdict:
        """Wait for the answers, and for second ones, and count."""
        await self.settle()
        await asyncio.sleep(late)
        return self.ledger.verdict(self._kept())

    async def recovery(self, seconds: float = 60.0) -> float:
        """Ask on both platforms, and return how long the slower answer takes, at most so long."""
        began = asyncio.get_running_loop().time()
        before = set(self.ledger.open())
        self.ask("slack")
        self.ask("discord")
        await asyncio.sleep(0)
        asked = self.ledger.open() - before
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.ledger.open() & asked:  # noqa: ASYNC110  # a list rings no bell
                    await asyncio.sleep(0.05)
        return asyncio.get_running_loop().time() - began

    def _begin(self, asking: "Any") -> None:
        task = asyncio.create_task(asking)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _asks(self, kind: str, who: str, question: str) -> None:
        self.discord_events += kind in ("discord", "discord watched", "command")
        match kind:
            case "slack":
                channel = self.chance.choice(self.slack_channels)
                await self.slack.says(f"U0{who}".upper(), f"<@{BOT}> {question}", channel=channel)
            case "slack watched":
                await self.slack.says(f"U0{who}".upper(), question, channel=SLACK_WATCHED)
            case "discord":
                channel = self.chance.choice(self.discord_channels)
                await self.discord.says(who, f"@FAQ {question}", channel)
            case "discord watched":
                await self.discord.says(who, question, WATCHED)
            case _:
                channel = self.chance.choice(self.discord_channels)
                sent = await self.discord.commands(who, question, channel=channel)
                self.ledger.commanded[sent.id] = question

    def _dropped(self) -> set[str]:
        """Return the commands that the bot can't know of: who was asked is dead."""
        commands = {sent.id for sent in self.discord.world.interactions.values()}
        waiting = self.ledger.open() & commands
        if not waiting:
            return set()
        try:
            return waiting - self._kept()
        except OperationalError:  # not now: the database is what is troubled
            return set()

    def _kept(self) -> set[str]:
        """Return the ids of what was ever committed: only of these commands an answer is due."""
        engine = create_engine(self.url)
        try:
            with engine.connect() as connection:
                keys = connection.execute(text("SELECT key FROM inbox")).scalars()
                return {key.rpartition(":")[2] for key in keys}
        finally:
            engine.dispose()


def _members() -> list[str]:
    path = ROOT / "tests" / "quality" / "queries.tune.tsv"
    queries = read(path, frozenset(entry.id for entry in FAQ))
    # A mention of somebody else among what was pasted, and the bot would be silent.
    return [each.text for each in queries if each.right and each.kind != "noisy"]


FAQ = load(DATA)
QUESTIONS = _members()
"""What members ask, in their words: answered, or offered candidates for."""
OWN = [entry.question for entry in FAQ]
"""The FAQ's own questions: they are surely answered, in watched channels too."""
UNKNOWN = "円周率とは何ですか"
"""What the FAQ doesn't answer."""


@asynccontextmanager
async def world(
    folder: Path, *, name: str, seed: int, url: str = "", replicas: int = 1, mode: str = "socket",
    settings: Mapping[str, str] | None = None, channels: int = 10,
) -> AsyncIterator[World]:  # fmt: skip
    """Set up both platforms and as many processes as there are replicas; none is started."""
    ports = [free_port() for _ in range(replicas)]
    bots = []
    for number, port in enumerate(ports):
        home = folder / str(number)
        home.mkdir()
        bots.append(Bot(home, port, dict(settings or {})))
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SpreadSlack(mode, ports))
        discord = await stack.enter_async_context(FakeDiscord())
        made = World(
            name=name,
            url=url or f"sqlite:///{folder / 'faqbot.db'}",
            slack=slack,
            discord=discord,
            bots=bots,
            start_process=_START,
            chance=random.Random(seed),
            slack_channels=tuple(f"C0ROOM{number}" for number in range(channels)),
            discord_channels=_rooms(discord, channels),
        )
        try:
            yield made
        finally:
            for task in tuple(made._asking):
                task.cancel()
            for bot in made.bots:
                if bot.alive:
                    bot.send(signal.SIGCONT)
                    await bot.kill()


def _rooms(discord: FakeDiscord, number: int) -> tuple[str, ...]:
    """Open so many channels: from each no more than its newest hundred messages are read back."""
    ids = tuple(str(4_000_000_000_000_000_000 + each) for each in range(number))
    for each in ids:
        discord.world.channels[each] = Channel(each, 0, f"room {each[-2:]}")
    return ids


_START = forking()
