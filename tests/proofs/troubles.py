"""What befalls the bot while people ask: each trouble with its own world, and its own verdict."""

import asyncio
import io
import itertools
import random
import re
import signal
import sqlite3
import subprocess
import tarfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.fakes import postgresql
from tests.fakes.proxy import Proxy
from tests.fakes.slack_api import BOT as SLACK_BOT
from tests.proofs.ledger import Verdict
from tests.proofs.victim import STEPS, Trap
from tests.proofs.world import ROOT, UNKNOWN, Bot, World, world

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
        wrong: Whatever else wasn't as it must be.
        notes: What the report says besides.
    """

    name: str
    trials: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    recoveries: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        slow = max(self.recoveries, default=0.0) > RECOVERED
        return not (self.verdict.lost or self.verdict.doubled or self.wrong or slow)


@dataclass(frozen=True)
class Stage:
    """Where troubles are played.

    Attributes:
        folder: For their files.
        seed: Of all chance.
        trials: How many kills for each store; other troubles strike less often, in proportion.
        server: What makes a PostgreSQL server with an empty database; None where there is none.
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


async def kill(stage: Stage, there: World, name: str) -> Outcome:
    """Kill processes at each named step in turn, and at random instants; each its own trials."""
    outcome = Outcome(name)
    reached: Counter[str] = Counter()
    numbers = iter(range(stage.trials))
    there.slack.lag = lambda: there.chance.choice((0.0, 0.02, 0.1))
    there.discord.api.lag = there.slack.lag
    await up(there)

    async def trials(bot: Bot) -> None:
        for number in numbers:
            dice = stage.dice(name, number)
            there.note = f"t{number}"
            # Four of five at a named step, one anywhere, also while it starts.
            step = STEPS[number * 4 // 5 % len(STEPS)] if number % 5 else ""
            trap = Trap(step, dice.choice((1, 1, 2, 3))) if step else None
            if bot.alive:
                await bot.kill()
            there.start(bot, trap)
            if step and await bot.ended(5.0):
                reached[step] += 1
            else:
                await asyncio.sleep(0 if step else dice.uniform(0.05, 2.0))
                reached["anywhere"] += 1
                await bot.kill()
            outcome.trials += 1
            if outcome.trials % 50 == 0:
                doubled = len(there.ledger.verdict(()).doubled)
                say(f"{name}: {outcome.trials} kills, {doubled} doubled so far")

    async with asking(there, 5.0 * len(there.bots)):
        await asyncio.gather(*map(trials, there.bots))
    there.note = "end"
    outcome.notes.append(
        "kills by step: " + ", ".join(f"{step} {reached[step]}" for step in (*STEPS, "anywhere"))
    )
    return await conclude(outcome, there)


PAUSED = (
    "after sending commit", "before send", "after claim commit", "before answer commit",
    "before sent commit",
)  # fmt: skip
"""Steps at which a process is stopped on purpose, for longer than its claims hold."""


async def pause(stage: Stage, there: World, name: str, times: int) -> Outcome:
    """Stop a process for 5 to 40 s, anywhere or where it holds a claim, and let it go on."""
    outcome = Outcome(name)
    await up(there)
    async with asking(there, 3.0):
        for number in range(times):
            dice = stage.dice(name, number)
            there.note = f"t{number}"
            bot = dice.choice(there.bots)
            if number % 2:
                await bot.kill()
                step = PAUSED[number // 2 % len(PAUSED)]
                there.start(bot, Trap(step, dice.choice((1, 2)), signal.SIGSTOP))
                await asyncio.sleep(4)
                seconds = 40.0
            else:
                await asyncio.sleep(dice.uniform(0, 1))
                bot.send(signal.SIGSTOP)
                seconds = dice.uniform(5, 40)
            await asyncio.sleep(seconds)
            bot.send(signal.SIGCONT)
            outcome.trials += 1
            outcome.recoveries.append(await there.recovery())
    return await conclude(outcome, there)


async def crash_database(
    stage: Stage, there: World, given: postgresql.Server, times: int
) -> Outcome:
    """Crash PostgreSQL under load, and start it again a moment later."""
    outcome = Outcome("PostgreSQL crashes and starts again under load, two replicas")
    await up(there)
    async with asking(there, 10.0):
        for number in range(times):
            there.note = f"t{number}"
            dice = stage.dice("crash", number)
            await asyncio.sleep(dice.uniform(0.5, 2.5))
            await asyncio.to_thread(given.crash)
            await asyncio.sleep(dice.uniform(0.0, 3.0))
            await asyncio.to_thread(given.start)
            outcome.trials += 1
            outcome.recoveries.append(await there.recovery())
    return await conclude(outcome, there)


async def fail_over(
    there: World, primary: postgresql.Server, standby: postgresql.Server
) -> Outcome:
    """Lose the primary for good under load; its synchronous standby takes over."""
    outcome = Outcome("PostgreSQL fails over to its streaming standby under load, two replicas")
    await up(there)
    async with asking(there, 10.0):
        await asyncio.sleep(3)
        await asyncio.to_thread(primary.crash)
        await asyncio.sleep(2)
        await asyncio.to_thread(standby.promote)
        outcome.trials = 1
        outcome.recoveries.append(await there.recovery())
        await asyncio.sleep(3)
    return await conclude(outcome, there)


Mischief = Callable[[Proxy], None]
NETWORK: dict[str, tuple[Mischief, bool]] = {
    "open connections freeze": (lambda proxy: proxy.freeze(), False),
    "all connections freeze": (lambda proxy: proxy.freeze(new=True), True),
    "open connections lose what is sent": (lambda proxy: proxy.blackhole(), False),
    "all connections lose what is sent": (lambda proxy: proxy.blackhole(new=True), True),
    "every connection is reset, and again": (lambda proxy: proxy.reset(), False),
    "no connection can be made": (lambda proxy: proxy.reset(new=True), True),
    "each packet takes 0.3 s": (lambda proxy: proxy.slow(0.3), True),
}
"""What the proxy does, and whether that must be healed for the bot to work again."""


async def cut(stage: Stage, there: World, peer: str, proxy: Proxy, times: int) -> Outcome:
    """Let the network between the bot and a peer fail in each way."""
    outcome = Outcome(f"The network to {peer} fails")
    await up(there)
    async with asking(there, 3.0):
        for number, (what, (mischief, heals)) in itertools.product(range(times), NETWORK.items()):
            there.note = f"{number}{what[:12]}".replace(" ", "")
            mischief(proxy)
            if heals:
                await asyncio.sleep(stage.dice(peer, what, number).uniform(8, 15))
                proxy.heal()
            outcome.trials += 1
            seconds = await there.recovery(90)
            outcome.recoveries.append(seconds)
            outcome.notes.append(f"{what}: {seconds:.1f} s")
            say(f"{peer}: {what}: answers again after {seconds:.1f} s")
            proxy.heal()
    return await conclude(outcome, there)


async def fill_disk(there: World, disk: Path, times: int) -> Outcome:
    """Fill the disk that the database is on, and make room again."""
    outcome = Outcome("The disk is full, SQLite")
    (bot,) = there.bots
    await up(there)
    filler = disk / "filler"
    async with asking(there, 3.0):
        for number in range(times):
            there.note = f"t{number}"
            await asyncio.to_thread(_fill, filler)
            for _ in range(12):
                await asyncio.sleep(1)
                state = await there.asked(bot, "healthz")
                if state == 503:
                    break
            else:
                outcome.wrong.append(f"/healthz is {state} though nothing can be written")
            # Quiet or not, it stays red.
            for _ in range(5):
                await asyncio.sleep(1)
                state = await there.asked(bot, "healthz")
                if state != 503:
                    outcome.wrong.append(f"/healthz turned {state} on a full disk")
                    break
            filler.unlink()
            outcome.trials += 1
            outcome.recoveries.append(await there.recovery())
    return await conclude(outcome, there)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        for size in (1 << 16, 1 << 10, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a small disk in memory.

    Raises:
        PermissionError: This needs root, and a system that lets it mount.
    """
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise PermissionError("a small disk can't be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


async def set_clock(there: World, clock: Path) -> Outcome:
    """Set the clocks of the machine and of the database forth and back by an hour and more."""
    outcome = Outcome("The clock jumps by an hour and by a day")
    await up(there)
    async with asking(there, 5.0):
        for wrong in (3600, 0, -3600, 0, 86_400, 0, -86_400, 1):
            await asyncio.sleep(2)
            there.note = f"at{wrong}".replace("-", "minus")
            clock.with_suffix(".new").write_text(str(wrong))
            clock.with_suffix(".new").replace(clock)
            outcome.trials += 1
            outcome.recoveries.append(await there.recovery())
    outcome = await conclude(outcome, there)
    if outcome.verdict.sorry:
        outcome.wrong.append(f"{outcome.verdict.sorry} questions were taken for too old")
    return outcome


async def kills(stage: Stage) -> list[Outcome]:
    """Kill one process on SQLite, and two replicas on PostgreSQL, at the same time."""
    name = "kill -9, {}"
    with server() as given:
        async with (
            world(stage.room("kill sqlite"), name="KS", seed=stage.seed) as one,
            # No process lives as long as a shard's lease holds by itself.
            world(stage.room("kill postgresql"), name="KP", seed=stage.seed,
                  url=url_of(given.port), replicas=2, mode="http",
                  settings={"FAQBOT_DISCORD__LEASE": "2"}) as two,
        ):  # fmt: skip
            return list(
                await asyncio.gather(
                    kill(stage, one, name.format("one process on SQLite")),
                    kill(stage, two, name.format("two replicas on PostgreSQL")),
                )
            )


async def pauses(stage: Stage) -> list[Outcome]:
    """Stop processes: several worlds at once, as a stopped one takes no time."""
    times = stage.times(1 / 45, least=2)
    with server() as one, server() as two:
        async with (
            world(stage.room("pause sqlite"), name="PS", seed=stage.seed) as alone,
            world(stage.room("pause postgresql 1"), name="PA", seed=stage.seed,
                  url=url_of(one.port), replicas=2, mode="http") as pair,
            world(stage.room("pause postgresql 2"), name="PB", seed=stage.seed + 1,
                  url=url_of(two.port), replicas=2) as other,
        ):  # fmt: skip
            return list(
                await asyncio.gather(
                    pause(stage, alone, "SIGSTOP for 5 to 40 s, SQLite", times),
                    pause(stage, pair, "SIGSTOP for 5 to 40 s, two replicas by HTTP", times),
                    pause(stage, other, "SIGSTOP for 5 to 40 s, two replicas by sockets", times),
                )
            )


async def crashes(stage: Stage) -> list[Outcome]:
    """Crash the database, and fail over."""
    with server() as given:
        async with world(
            stage.room("crash"), name="DB", seed=stage.seed, url=url_of(given.port), replicas=2,
            mode="http",
        ) as there:  # fmt: skip
            crashed = await crash_database(stage, there, given, stage.times(1 / 15, least=2))
    with server() as primary, primary.standby() as standby:
        async with world(
            stage.room("failover"), name="FO", seed=stage.seed,
            url=url_of(primary.port, standby.port), replicas=2, mode="http",
        ) as there:  # fmt: skip
            failed = await fail_over(there, primary, standby)
        primary.start()  # for its end, as any other's
    return [crashed, failed]


async def networks(stage: Stage) -> list[Outcome]:
    """Cut each of the three connections, in three worlds at once."""
    times = stage.times(1 / 300)
    with server() as given, Proxy("127.0.0.1", given.port) as before_database:
        async with (
            world(stage.room("net postgresql"), name="NP", seed=stage.seed,
                  url=url_of(before_database.port)) as one,
            world(stage.room("net slack"), name="NS", seed=stage.seed) as two,
            world(stage.room("net discord"), name="ND", seed=stage.seed) as three,
        ):  # fmt: skip
            with (
                Proxy("127.0.0.1", two.slack.port) as before_slack,
                Proxy("127.0.0.1", three.discord.port) as before_discord,
            ):
                two.slack.port, three.discord.port = before_slack.port, before_discord.port
                return list(
                    await asyncio.gather(
                        cut(stage, one, "PostgreSQL", before_database, times),
                        cut(stage, two, "Slack", before_slack, times),
                        cut(stage, three, "Discord", before_discord, times),
                    )
                )


async def disks(stage: Stage) -> list[Outcome]:
    """Fill a small disk."""
    folder = stage.room("disk")
    home = stage.room("disk world")
    try:
        with small_disk(folder) as disk:
            async with world(
                home, name="DF", seed=stage.seed, url=f"sqlite:///{disk / 'faqbot.db'}"
            ) as there:
                return [await fill_disk(there, disk, stage.times(1 / 150, least=1))]
    except PermissionError as error:
        skipped = Outcome("The disk is full, SQLite", notes=[f"skipped: {error}"])
        tell(skipped)
        return [skipped]


async def clocks(stage: Stage) -> list[Outcome]:
    """Set the clock, on both stores."""
    outcomes = []
    with server() as given:
        for store, url in (("SQLite", ""), ("PostgreSQL", url_of(given.port))):
            room = stage.room(f"clock {store}")
            async with world(room, name=f"C{store[0]}", seed=stage.seed, url=url) as there:
                clock = room / "clock"
                clock.write_text("0")
                for bot in there.bots:
                    bot.clock = clock
                found = await set_clock(there, clock)
                outcomes.append(replace(found, name=f"{found.name}, {store}"))
    return outcomes


async def upgrade(there: World, code: Path) -> Outcome:
    """Put two processes of this version in the place of two of the last release, under load."""
    outcome = Outcome("Rolling upgrade from the last release, PostgreSQL", trials=1)
    old, new = there.bots[:2], there.bots[2:]
    for bot in old:
        bot.code = code
        there.start(bot)
        await there.ready(bot)
    asked = await there.slack.says("U0BEFORE", f"<@{SLACK_BOT}> {UNKNOWN}")
    await there.slack.until(lambda: there.slack.replies(asked.ts), 30)
    (reply,) = there.slack.replies(asked.ts)
    async with asking(there, 5.0):
        for leaving, coming in zip(old, new, strict=True):
            await asyncio.sleep(2)
            there.start(coming)
            await there.ready(coming)
            await asyncio.sleep(2)
            if await leaving.stop() != 0:
                outcome.wrong.append("told to stop, a process of the last release failed")
        await asyncio.sleep(2)
        outcome.recoveries.append(await there.recovery())
    there.bots[:] = new
    # What stands under a card of the last release still opens its form, which is taken.
    await there.slack.presses("U0BEFORE", reply, "講師に聞く")
    if not there.slack.views:
        outcome.wrong.append("the button of a card of the last release opens no form")
    elif not (await there.slack.submits("U0BEFORE", there.slack.views[-1], UNKNOWN)).acked:
        outcome.wrong.append("its form isn't taken")
    return await conclude(outcome, there)


def last_release(folder: Path) -> str:
    """Write the code of the last release into a folder, and return its version.

    Raises:
        LookupError: The repository's history isn't here.
    """
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(r"^## \[(\d[^]]*)\]", changelog, re.MULTILINE)
    assert found, "the changelog names no release"
    heading, git = f"## [{found[1]}]", ["git", "-C", str(ROOT)]
    log = [*git, "log", "-1", "--format=%H", f"-S{heading}", "--", "CHANGELOG.md"]
    commit = subprocess.run(log, capture_output=True, text=True, check=False).stdout.strip()
    # In a shallow clone its only commit seems to have written all of the changelog.
    before = [*git, "rev-parse", "--verify", "--quiet", f"{commit}^"]
    if not commit or subprocess.run(before, capture_output=True, check=False).returncode:
        raise LookupError(f"the history back to {found[1]} isn't here")
    packed = subprocess.run([*git, "archive", commit], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return found[1]


async def upgrades(stage: Stage) -> list[Outcome]:
    """Upgrade from the last release; without the history, say that it wasn't tried."""
    code = stage.room("last release")
    try:
        version = last_release(code)
    except LookupError as error:
        skipped = Outcome("Rolling upgrade from the last release", notes=[f"skipped: {error}"])
        tell(skipped)
        return [skipped]
    with server() as given:
        async with world(
            stage.room("upgrade"), name="UP", seed=stage.seed, url=url_of(given.port), replicas=4,
            mode="http",
        ) as there:  # fmt: skip
            found = await upgrade(there, code)
    found.notes.append(f"from {version}")
    return [found]
