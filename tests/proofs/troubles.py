"""What all troubles have in common: a world in which people ask, and a verdict at the end."""

import asyncio
import random
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes import postgresql
from tests.proofs.ledger import Verdict
from tests.proofs.world import World

RECOVERED = 30.0
"""Seconds within which the bot must answer again once it can, without a restart."""
WRITTEN = 6.0
"""Seconds until it is written down that Discord was heard: of before nothing is read back."""


@dataclass
class Outcome:
    """What one trouble did.

    Attributes:
        name: The trouble, as the report names it.
        trials: How often it struck.
        verdict: What became of the questions.
        recoveries: Seconds until a question was answered again after each time.
        within: Seconds that this may take.
        wrong: Whatever else wasn't as it must be.
        notes: What the report says besides.
    """

    name: str
    trials: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    recoveries: list[float] = field(default_factory=list)
    within: float = RECOVERED
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not (self.verdict.lost or self.verdict.doubled or self.wrong or self.slow)

    @property
    def slow(self) -> int:
        """How often it took too long."""
        return sum(each > self.within for each in self.recoveries)


@dataclass(frozen=True)
class Stage:
    """Where troubles are played.

    Attributes:
        folder: For their files.
        seed: Of all chance.
        trials: How many kills for each store; other troubles strike less often, in proportion.
    """

    folder: Path
    seed: int
    trials: int

    def times(self, share: float, least: int = 1) -> int:
        """Return how often a trouble strikes that takes longer than a kill."""
        return max(least, round(self.trials * share))

    def room(self, name: str) -> Path:
        """Return an empty folder."""
        made = self.folder / name.replace(" ", "-").replace(",", "")
        made.mkdir()
        return made

    def dice(self, *of: object) -> random.Random:
        """Return the chance of one trial, the same for the same seed."""
        return random.Random(f"{self.seed}:{of}")


def say(*words: object) -> None:
    """Report progress."""
    print(time.strftime("%H:%M:%S"), *words, flush=True)


@contextmanager
def server() -> Iterator[postgresql.Server]:
    """Run a PostgreSQL server with a database for the bot."""
    programs = postgresql.installed()
    if programs is None:
        raise SystemExit("PostgreSQL isn't installed here: apt-get install postgresql")
    with postgresql.folder() as folder, postgresql.Server(programs, folder) as made:
        made.say("CREATE DATABASE faqbot")
        yield made


def url_of(*ports: int) -> str:
    """Return the address of the bot's database on any of these ports, whichever takes writes."""
    if len(ports) == 1:
        return f"postgresql+psycopg://faqbot@127.0.0.1:{ports[0]}/faqbot"
    hosts = "&".join(f"host=127.0.0.1:{port}" for port in ports)
    return f"postgresql+psycopg://faqbot@/faqbot?{hosts}&target_session_attrs=read-write"


@asynccontextmanager
async def asking(there: World, rate: float) -> AsyncIterator[None]:
    """Let people ask so many questions a second, as long as the context lasts."""
    task = asyncio.create_task(there.ask_on(rate))
    try:
        yield
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.wait([task])


async def up(there: World) -> None:
    """Start every process, and wait until they take questions on both platforms."""
    for bot in there.bots:
        there.start(bot)
        await there.ready(bot)
    await there.discord.gateway.connected(30)
    await there.recovery()
    await asyncio.sleep(WRITTEN)


async def conclude(outcome: Outcome, there: World) -> Outcome:
    """Let the world come to rest with every process up, and judge."""
    for bot in there.bots:
        bot.send(signal.SIGCONT) if bot.process else None
        if not bot.alive:
            there.start(bot)
            await there.ready(bot)
    outcome.verdict = await there.judge()
    for bot in there.bots:
        code = await bot.stop()
        if code != 0:
            outcome.wrong.append(f"told to stop, a process ended with {code}")
        for line in bot.log.splitlines():
            if "never retrieved" in line or "Traceback" in line:
                outcome.wrong.append(f"in the log: {line[:200]}")
                break
    outcome.wrong += [f"refused by Slack: {each}" for each in there.slack.refused[:3]]
    outcome.wrong += [f"refused by Discord: {each}" for each in there.discord.world.refused[:3]]
    if there.url.startswith("sqlite"):
        with closing(sqlite3.connect(there.url.removeprefix("sqlite:///"))) as connection:
            checked = connection.execute("PRAGMA quick_check").fetchone()
        if checked != ("ok",):
            outcome.wrong.append(f"quick_check: {checked}")
    tell(outcome)
    return outcome


def tell(outcome: Outcome) -> None:
    verdict = outcome.verdict
    say(
        f"{'ok  ' if outcome.passed else 'FAIL'} {outcome.name}: {outcome.trials} times,",
        f"{verdict.asked} asked, {len(verdict.lost)} lost, {len(verdict.doubled)} doubled,",
        f"{verdict.sorry} told of an error, {verdict.dropped} commands dropped,",
        f"longest recovery {max(outcome.recoveries, default=0):.1f} s",
    )
    for each in (*verdict.lost[:10], *verdict.doubled[:10], *outcome.wrong[:10]):
        print("    ", each, flush=True)
