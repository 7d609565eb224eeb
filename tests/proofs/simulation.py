"""A seeded simulation: the desk and its store as they are, with made-up time and platforms.

Hours go by in a tenth of a second, and the same seed gives the same hours: what comes in is
dropped, doubled, delayed and reordered; what goes out meets 429 and 5xx, is cut before and after it
took effect, or lands late; commits fail or their answer is lost; clocks are set; processes die
between any two steps, one or two at a time, and are started again.
"""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

from sqlalchemy import Engine

from bot import bootstrap
from bot.bootstrap import build
from bot.desk.desk import Desk
from bot.domain.card import Kind, Outgoing
from bot.domain.inbound import Circle, Form, MessageRef, Person, Place, Question
from bot.domain.ports import RateLimited, Unreachable
from bot.settings import CoreSettings, LimitSettings
from bot.store import Database, News, StoreError, Transaction
from bot.store.schema import metadata
from bot.store.sqlite_file import sqlite
from tests.fakes.faq import FAQ, SYNTHETIC
from tests.fakes.search import PairSearch
from tests.proofs.made_up import BEGINNING, MadeUpTime, made_up_time

T = TypeVar("T")

PLATFORM = "simulated"
ORGANISERS = "organisers"
TROUBLED = 40.0
"""Seconds in which trouble comes; then all is well, and everything must come to its end."""
AFTER = 1_200.0
"""Seconds for that: a platform's last redelivery, leases, the longest wait for a 429."""
IN_FLIGHT = 15.0
QUESTIONS = 9
WORDS = (SYNTHETIC.question, "円周率とは何ですか", "評価について")
"""Answered, not answered, with candidates."""


class Crashed(BaseException):
    """The process is no more: nothing that it still does has any effect."""


@dataclass
class Life:
    """One process, from its start to its end.

    Attributes:
        dead: It has ended.
        ends: How many more transactions it sees; 0: it isn't struck in one.
        before: Whether that is just before the last one's commit, or just behind.
    """

    dead: bool = False
    ends: int = 0
    before: bool = False


@dataclass
class Simulation:
    """One seed's hours.

    Attributes:
        chance: All of it.
        time: Made up.
        posts: What was posted: the card's id, and which question or form it is for.
        acknowledged: The questions and forms that the platform has seen acknowledged.
        history: What happened, in order.
    """

    seed: int
    engine: Engine
    time: MadeUpTime = field(default_factory=MadeUpTime)
    posts: list[tuple[str, str]] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    history: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.replicas = 1 + self.seed % 2
        self.dies = self.seed % 10 not in (0, 5) or self.seed % 4 == 0
        self.lives: list[Life] = []
        self.desks: list[Desk | None] = [None] * self.replicas

    def loop(self) -> asyncio.AbstractEventLoop:
        made = asyncio.SelectorEventLoop(self.time)
        # What a crash ended is no news.
        made.set_exception_handler(lambda *_: None)
        return made

    @property
    def troubled(self) -> bool:
        return self.time.now < BEGINNING + TROUBLED

    def strikes(self, share: float) -> bool:
        """Whether trouble comes that comes so often while it lasts."""
        return self.chance.random() < share and self.troubled

    def note(self, *what: object) -> None:
        self.history.append(" ".join(map(str, (f"{self.time.now - BEGINNING:.3f}", *what))))

    async def play(self) -> None:
        """Let everything happen, and come to its end."""
        processes = [asyncio.create_task(self._process(each)) for each in range(self.replicas)]
        clock = asyncio.create_task(self._set_clock())
        await asyncio.gather(*(self._ask(number) for number in range(QUESTIONS)))
        until = self.time.now + AFTER
        while self.time.now < until and (self.troubled or self.faults()):  # noqa: ASYNC110
            await asyncio.sleep(5)
        await asyncio.sleep(2 * IN_FLIGHT)  # nothing lands later
        for task in (clock, *processes):
            task.cancel()
        await asyncio.gather(clock, *processes, return_exceptions=True)

    def faults(self) -> list[str]:
        """Judge by what was posted: each acknowledged question once, each sent form once."""
        told = Counter(where for _, where in self.posts)
        wrong = sorted(each for each in self.acknowledged | told.keys() if told[each] != 1)
        return [f"{each}: {told[each]} posts" for each in wrong]

    async def _process(self, number: int) -> None:
        """Run one process again and again."""
        while True:
            life = Life()
            if self.dies and self.strikes(0.9):
                life.ends, life.before = self.chance.randint(1, 40), self.chance.random() < 0.5
            self.lives.append(life)
            desk = self._build(life)
            if desk is None:
                await asyncio.sleep(1)
                continue
            self.desks[number] = desk
            serving = asyncio.create_task(desk.run({PLATFORM: SimulatedPlatform(self, life)}))
            try:
                while not life.dead:
                    await asyncio.sleep(self.chance.uniform(0.5, 5))
                    if self.dies and self.strikes(0.1):
                        life.dead = True
            finally:
                if (
                    not life.dead and self.chance.random() < 0.5
                ):  # told to stop, it does so in order
                    serving.cancel()
                    await asyncio.wait([serving])
                life.dead = True
                self.note("process", number, "ends")
                self.desks[number] = None
                serving.cancel()
                await asyncio.wait([serving])
                desk.close()
            await asyncio.sleep(self.chance.uniform(0.1, 15))

    def _build(self, life: Life) -> Desk | None:
        class Opened(SimulatedDatabase):
            simulation, process = self, life

        with patch.object(bootstrap, "Database", Opened):
            try:
                return build(
                    PairSearch(FAQ),
                    CoreSettings(),
                    limits=LimitSettings(member=1000),
                    organisers={PLATFORM: ORGANISERS},
                    in_flight=IN_FLIGHT,
                )
            except (StoreError, Crashed):
                return None

    async def _set_clock(self) -> None:
        """Set the wall clock in every fifth seed: where processes die, it is only put back.

        Set ahead while nobody lives it is as if that time had gone by.
        """
        while self.seed % 5 == 0:
            await asyncio.sleep(self.chance.uniform(5, 30))
            if self.troubled:
                self.time.set += -3600 if self.dies else self.chance.choice((3600, -3600, 86_400))
                self.note("clock", self.time.set)

    async def _ask(self, number: int) -> None:
        """Let a member ask; about half of those who get no answer send it to the lecturers."""
        name = f"q{number}"
        await asyncio.sleep(self.chance.uniform(0, TROUBLED * 0.8))
        place = Place(PLATFORM, "W", f"room {number % 3}", thread=name)
        asker = Person(f"U{number}", f"会員{number}")
        words = WORDS[number % len(WORDS)]
        await self._deliver(name, Question(MessageRef(place, name), asker, words))
        if number % len(WORDS) == 1:
            form = Form.of_question(f"form {name}", "", f"{words} {number}", asker, place)
            await self._deliver(f"card {name}", form)

    async def _deliver(self, name: str, item: Question | Form) -> None:
        """Deliver until it is acknowledged, sometimes twice at once, or again all the same."""
        copies = 2 if self.strikes(0.2) else 1
        waits = iter((0.5, 2.0, *[10.0] * 200))
        while name not in self.acknowledged:
            if not self.strikes(0.1):  # else it is lost on the way
                await asyncio.gather(*(self._hand(name, item) for _ in range(copies)))
            await asyncio.sleep(next(waits))
        if self.strikes(0.2):
            await asyncio.sleep(self.chance.uniform(0, 60))
            await self._hand(name, item)

    async def _hand(self, name: str, item: Question | Form) -> None:
        await asyncio.sleep(self.chance.uniform(0, 3) if self.strikes(0.5) else 0.01)
        living = [each for each in self.desks if each is not None]
        if not living:
            return
        with suppress(StoreError, Crashed):
            await self.chance.choice(living).receive(item)
            if not self.strikes(0.1):  # else the acknowledgement is lost on the way back
                self.acknowledged.add(name)
                self.note("acknowledged", name)


class SimulatedDatabase(Database):
    """The store, whose process may die in any transaction, and which refuses now and then."""

    simulation: Simulation
    process: Life

    @classmethod
    def open(cls, url: str) -> "SimulatedDatabase":
        """Take the one engine there is: to build one costs more than to play a seed."""
        return cls(cls.simulation.engine, None)

    def beside(self) -> "SimulatedDatabase":
        """Return itself: whoever commits, a transaction is whole before the next one begins."""
        return self

    @contextmanager
    def listening(self, heard: Callable[[News | None], None]) -> Iterator[None]:
        """Hear of nothing, and look: a thread that listens would draw from the seeded chance."""
        yield

    def close(self) -> None:
        """Leave it to the next process."""

    def transact(self, work: Callable[[Transaction], T]) -> T:
        simulation, life = self.simulation, self.process
        if life.dead:
            raise Crashed
        if life.ends:
            life.ends -= 1
            if not life.ends:
                life.dead = True
                if life.before:
                    raise Crashed
        elif simulation.strikes(0.02):
            raise StoreError("It is busy.")
        try:
            result = super().transact(work)
        finally:
            self._give_back()  # all processes take turns with the one connection
        if life.dead:
            raise Crashed
        if simulation.strikes(0.02):
            raise StoreError("The answer to the commit was lost.")
        return result


class SimulatedPlatform:
    """A platform that has its faults; what it shows outlives the bot."""

    name = PLATFORM
    whispers = overhears = True
    circle = Circle.CHANNEL
    room = 3000

    def __init__(self, simulation: Simulation, life: Life) -> None:
        self._simulation = simulation
        self._life = life

    async def send(self, outgoing: Outgoing) -> MessageRef:
        simulation, chance = self._simulation, self._simulation.chance
        self._lives()
        ref = MessageRef(outgoing.to, outgoing.id)
        fate = chance.choice(["limited", "refused", "cut", "late", "slow", "fine", "fine", "fine"])
        if not simulation.troubled:
            fate = "fine"
        match fate:
            case "limited":
                raise RateLimited(PLATFORM, chance.uniform(0.1, 20))
            case "refused":
                await asyncio.sleep(0.05)
                raise Unreachable(PLATFORM, "503")
            case "cut":
                self._land(outgoing)
                raise Unreachable(PLATFORM, "The connection was cut.")
            case "late":
                wait = chance.uniform(0, IN_FLIGHT * 0.9)
                asyncio.get_running_loop().call_later(wait, self._land, outgoing)
                raise Unreachable(PLATFORM, "The connection was cut.")
            case "slow":
                await asyncio.sleep(chance.uniform(0, IN_FLIGHT * 1.3))
        await asyncio.sleep(0.03)
        if self._life.dead and chance.random() < 0.5:  # else it was on its way already
            raise Crashed
        self._land(outgoing)
        await asyncio.sleep(0.03)
        self._lives()
        return ref

    async def find(self, outgoing: Outgoing) -> MessageRef | None:
        self._lives()
        await asyncio.sleep(0.02)
        if self._simulation.strikes(0.2):
            raise Unreachable(PLATFORM, "503")
        there = any(id_ == outgoing.id for id_, _ in self._simulation.posts)
        return MessageRef(outgoing.to, outgoing.id) if there else None

    def address(self, ref: MessageRef) -> str:
        return ""

    async def called(self, person: str) -> str:
        return ""

    async def organises(self, person: str) -> bool:
        return False

    def _land(self, outgoing: Outgoing) -> None:
        if outgoing.kind is not Kind.THREAD:
            return  # what only one person sees nobody can look for, and edits are made again
        where = outgoing.to.thread or _asked(outgoing)
        self._simulation.posts.append((outgoing.id, where))
        self._simulation.note("posted", where)

    def _lives(self) -> None:
        if self._life.dead:
            raise Crashed


def _asked(outgoing: Outgoing) -> str:
    """Return whose card it is that organisers see: its question ends in a number."""
    words = " ".join(getattr(part, "text", "") for part in outgoing.card.parts)
    found = re.search(r"円周率とは何ですか (\d+)", words)
    return f"card q{found[1]}" if found else words


def simulate(seeds: Iterable[int], folder: Path) -> Iterator[Simulation]:
    """Play seeds, one after the other.

    Args:
        seeds: Each of all chance.
        folder: An empty one for the store; in memory it takes a third of the time.

    Yields:
        What happened; ``faults`` says what mustn't have.
    """
    Database.open(f"sqlite:///{folder / 'faqbot.db'}").close()
    engine = sqlite(folder / "faqbot.db")
    try:
        for seed in seeds:
            with engine.begin() as connection:
                for table in metadata.tables.values():
                    connection.execute(table.delete())
            simulation = Simulation(seed, engine)
            random.seed(seed)  # what the bot itself leaves to chance
            with (
                made_up_time(simulation.time),
                asyncio.Runner(loop_factory=simulation.loop) as runner,
            ):
                runner.run(simulation.play())
            yield simulation
    finally:
        engine.dispose()
