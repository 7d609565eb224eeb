"""How much the bot carries: events at a steady rate, a burst, a year of rows; and half an hour."""

import asyncio
import os
import resource
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.results import Section, Table, Target
from benchmarks.storing import aged
from tests.fakes.slack_api import BOT
from tests.proofs.ledger import Verdict
from tests.proofs.troubles import say, server, url_of
from tests.proofs.world import OWN, QUESTIONS, Bot, World, world

MIX = ("slack", "slack", "slack", "discord", "discord", "discord", "discord", "discord",
       "discord watched", "command")  # fmt: skip
"""What people do. Slack tells of each mention twice, so half of all events are Slack's."""
EVENTS = sum(2 if kind == "slack" else 1 for kind in MIX) / len(MIX)
"""Events that one question makes."""
CHANNELS = 25
WARM = 30.0
"""Seconds of the same rate that don't count: starting and its first questions are no steady rate.
"""
YEAR = 120_000
"""Rows in each table after a year."""
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Loaded:
    """What a stretch of load has shown.

    Attributes:
        acks: Seconds until Slack's events were acknowledged.
        replies: Seconds until the replies to messages stood there, by platform.
        cpu: Share of one processor that all of the bot's processes took.
        own: The same of the platforms and people.
    """

    name: str
    seconds: float = 0.0
    events: int = 0
    repeated: int = 0
    acks: list[float] = field(default_factory=list)
    replies: dict[str, list[float]] = field(default_factory=dict)
    cpu: float = 0.0
    own: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)

    def row(self) -> tuple[str, ...]:
        """Return the row of the report's table."""
        slack, discord = self.replies["slack"], self.replies["discord"]
        return (
            self.name, f"{self.events / self.seconds:.0f}", f"{self.verdict.asked:,}",
            *(f"{1000 * of(each, part):.0f}" for each in (self.acks, slack, discord)
              for part in (0.5, 0.99)),
            f"{self.cpu:.2f}", f"{1000 * self.cpu * self.seconds / max(self.events, 1):.1f}",
            f"{self.own:.2f}", str(len(self.verdict.lost)), str(len(self.verdict.doubled)),
        )  # fmt: skip

    def targets(self) -> tuple[Target, ...]:
        """Return what was asked for."""
        replies = [*self.replies["slack"], *self.replies["discord"]]
        return (
            Target(f"{self.name}: lost", len(self.verdict.lost), must=0),
            Target(f"{self.name}: doubled", len(self.verdict.doubled), must=0),
            Target(f"{self.name}: Slack's acknowledgement, p99 ms", 1000 * of(self.acks, 0.99), 50),
            Target(f"{self.name}: reply, p99 ms", 1000 * of(replies, 0.99), must=1000),
        )


HEADER = (
    "what", "events/s", "questions", "ack p50 ms", "p99", "Slack reply p50 ms", "p99",
    "Discord reply p50 ms", "p99", "bot's processors", "ms an event", "platforms' processors",
    "lost", "doubled",
)  # fmt: skip


def of(values: Sequence[float], share: float) -> float:
    """Return a percentile; 0 where there is nothing."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


async def press(there: World, name: str, seconds: float, rate: float) -> Loaded:
    """Let so many events a second come, and judge what became of them."""
    found = Loaded(name)
    there.ledger.collect(keep=2_000)
    there.slack.delivered.clear()
    for each in there.ledger.seconds.values():
        each.clear()
    before = there.discord_events
    cpu, own, began = _cpu(there.bots), _own_cpu(), time.monotonic()
    due, told = began, began
    while due < began + seconds:
        there.ask(there.chance.choice(MIX))
        due += there.chance.expovariate(rate / EVENTS)
        await asyncio.sleep(max(due - time.monotonic(), 0))
        if time.monotonic() > told + 1:
            told += 1
            _tidy(there, found, before)
            if int(told - began) % 30 == 0:
                say(f"{name}: {told - began:.0f} s, ack p99 {1000 * of(found.acks, 0.99):.0f} ms")
    found.seconds = time.monotonic() - began
    found.cpu = (_cpu(there.bots) - cpu) / found.seconds
    found.own = (_own_cpu() - own) / found.seconds
    await there.settle()
    _tidy(there, found, before)
    found.replies = {platform: list(each) for platform, each in there.ledger.seconds.items()}
    found.verdict = await there.judge(late=2)
    say(" | ".join(found.row()))
    return found


def _tidy(there: World, found: Loaded, before: int) -> None:
    """Note what was delivered, and forget what nobody asks for any more."""
    there.ledger.collect(keep=2_000)
    done = [each for each in there.slack.delivered if each.acked]
    found.acks += (each.seconds for each in done)
    found.repeated += sum(each.attempts > 1 for each in done)
    there.slack.delivered[:] = [each for each in there.slack.delivered if not each.acked]
    there.slack.calls.clear()
    api = there.discord.api
    for notes in (api.requests, api.bodies, api.asked):
        notes.clear()
    found.events = len(found.acks) + there.discord_events - before


async def burst(there: World, events: int) -> tuple[float, Verdict]:
    """Deliver so many of Slack's events at once; return the seconds until the last is taken."""
    began = time.monotonic()
    await asyncio.gather(
        *(
            there.slack.says(
                f"U0BURST{number}", f"<@{BOT}> {QUESTIONS[number % len(QUESTIONS)]}",
                channel=there.slack_channels[number % CHANNELS],
            )
            for number in range(events // 2)
        )
    )  # fmt: skip
    return time.monotonic() - began, await there.judge(late=2)


@asynccontextmanager
async def serving(
    name: str, seed: int, *, replicas: int, meaning: str, year: bool = False
) -> AsyncIterator[World]:
    """Serve by so many processes: one on SQLite by a socket, more on PostgreSQL by HTTP."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = url_of(stack.enter_context(server()).port) if replicas > 1 else ""
        if year:
            url = f"sqlite:///{folder / 'year.db'}"
            aged(folder / "year.db", YEAR).close()
        there = await stack.enter_async_context(
            world(folder, name=name, seed=seed, url=url, replicas=replicas, channels=CHANNELS,
                  mode="http" if replicas > 1 else "socket",
                  settings={"FAQBOT_SEARCH__MEANING": meaning})
        )  # fmt: skip
        for bot in there.bots:
            there.start(bot)
            await there.ready(bot, 60)
        await there.discord.gateway.connected(30)
        await there.recovery()
        yield there
        for bot in there.bots:
            if await bot.stop() != 0:
                raise RuntimeError("told to stop, a process didn't end with 0")


async def loads(
    minutes: float, rate: float, processes: Sequence[int], meaning: str, seed: int
) -> list[Section]:
    """Measure a steady rate with each number of processes, a burst, and a year of rows."""
    rows: list[Loaded] = []
    for number in processes:
        name = f"{number} processes on PostgreSQL" if number > 1 else "1 process on SQLite"
        async with serving(f"L{number}", seed, replicas=number, meaning=meaning) as there:
            await press(there, f"{name}, warming up", WARM, rate)
            rows.append(await press(there, name, 60 * minutes, rate))
    async with serving("LY", seed, replicas=1, meaning=meaning, year=True) as there:
        name = f"{YEAR:,} rows in each table, SQLite"
        await press(there, f"{name}, warming up", WARM, rate)
        rows.append(await press(there, name, 6 * minutes, rate))
    async with serving("LB", seed, replicas=1, meaning=meaning) as there:
        seconds, verdict = await burst(there, 1_000)
    say(f"burst: acknowledged in {seconds:.2f} s, {verdict}")
    steady = Section(
        "A steady rate",
        (
            f"{rate:g} events a second, half of them Slack's, who tells of each mention twice; the "
            f"processors are shared with the platforms and the people. {WARM:.0f} s go before that "
            "don't count, in which processes warm up. Questions come at irregular "
            f"times, from as many people, in {CHANNELS} channels of each platform: what members "
            f"write, of {statistics.mean(map(len, QUESTIONS)):.0f} characters on average; in the "
            "channel that is watched, the FAQ's own questions, of "
            f"{statistics.mean(map(len, OWN)):.0f} characters.",
        ),
        (Table(HEADER, tuple(each.row() for each in rows)),),
        tuple(target for each in rows for target in each.targets()),
    )
    at_once = Section(
        "A burst",
        ("1,000 of Slack's events at once, to one process on SQLite.",),
        (),
        (
            Target("all acknowledged, s", seconds, must=3),
            Target("lost", len(verdict.lost), must=0),
            Target("doubled", len(verdict.doubled), must=0),
        ),
    )
    return [steady, at_once]


@dataclass(frozen=True)
class Sample:
    """What a process holds at one moment."""

    at: float
    rss: int
    threads: int
    files: int
    tasks: int


async def soak(
    minutes: float, rate: float, reconnect: float, meaning: str, seed: int
) -> list[Section]:
    """Serve for long, with a new connection to each platform every so many seconds."""
    samples: list[Sample] = []
    async with serving("SK", seed, replicas=1, meaning=meaning) as there:
        (bot,) = there.bots
        ends = _end_connections(there, reconnect)
        ending = asyncio.create_task(ends)
        pressing = asyncio.create_task(press(there, "soak", 60 * minutes, rate))
        began = time.monotonic()
        while not pressing.done():
            samples.append(await _sample(bot, time.monotonic() - began))
            if len(samples) % 30 == 1:
                say(samples[-1])
            await asyncio.sleep(5)
        ending.cancel()
        loaded = await pressing
    settled = min(300.0, 60 * minutes / 3)
    window = settled / 2.5
    later = [each for each in samples if each.at <= loaded.seconds]
    first = [each for each in later if settled <= each.at < settled + window]
    last = [each for each in later if each.at >= loaded.seconds - window]
    rows, targets = [], []
    for what in ("rss", "threads", "files", "tasks"):
        before, after = (
            statistics.median(getattr(each, what) for each in part) for part in (first, last)
        )
        scale, unit = (1 / 1024, " MB") if what == "rss" else (1, "")
        rows.append((what, f"{before * scale:.0f}{unit}", f"{after * scale:.0f}{unit}"))
        if what == "rss":
            targets.append(Target("rss: growth, %", 100 * (after / before - 1), must=5))
        else:  # connections are kept for what may come: a few more or less are none
            targets.append(Target(f"{what}: more at the end", after - before, must=10))
    targets += [
        Target("lost", len(loaded.verdict.lost), must=0),
        Target("doubled", len(loaded.verdict.doubled), must=0),
    ]
    notes = (
        f"{rate:g} events a second to one process on SQLite; every {reconnect:g} s the connections "
        f"to both platforms end, in turn announced, closed and cut. Medians of {window:.0f} s: the "
        f"first from {settled:.0f} s on, the last at the end.",
    )
    header = ("what the process holds", f"after {settled / 60:.0f} min", f"after {minutes:g} min")
    return [
        Section("For long", notes, (Table(header, tuple(rows)),), tuple(targets)),
        Section("What was answered meanwhile", (), (Table(HEADER, (loaded.row(),)),)),
    ]


async def _end_connections(there: World, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        await there.slack.disconnect("refresh_requested")
        await there.discord.gateway.op(7)
        await asyncio.sleep(seconds)
        await there.slack.disconnect("warning", close=True)
        await there.discord.gateway.close(1000)
        await asyncio.sleep(seconds)
        await there.slack.reset()
        there.discord.gateway.reset()


async def _sample(bot: Bot, at: float) -> Sample:
    assert bot.process is not None
    home = Path(f"/proc/{bot.process.pid}")
    bot.count_tasks()
    await asyncio.sleep(0.5)
    lines = dict(
        line.split(":", 1) for line in (home / "status").read_text().splitlines() if ":" in line
    )
    return Sample(
        at,
        rss=int(lines["VmRSS"].split()[0]),
        threads=int(lines["Threads"]),
        files=len(list((home / "fd").iterdir())),
        tasks=int((bot.folder / "tasks").read_text()),
    )


def _cpu(bots: Sequence[Bot]) -> float:
    """Return the seconds of processor time that processes took."""
    used = 0
    for bot in bots:
        assert bot.process is not None
        bot.must_live()
        stat = Path(f"/proc/{bot.process.pid}/stat").read_text().rpartition(")")[2].split()
        used += int(stat[11]) + int(stat[12])
    return used / TICK


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
