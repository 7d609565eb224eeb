"""Troubles of what the bot depends on: its database, the network, the disk, the clock."""

import asyncio
import itertools
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from tests.fakes import postgresql
from tests.fakes.proxy import Proxy
from tests.proofs.troubles import (
    RECOVERED,
    Outcome,
    Stage,
    asking,
    conclude,
    say,
    server,
    tell,
    up,
    url_of,
)
from tests.proofs.world import World, world


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
HEARTBEATS = {"Discord": 2.5 * 30.0}
"""Seconds after which silence is known to be death where only heartbeats tell: as often as Discord
wants them, the fake one every 30 s, and two and a half of them."""


async def cut(stage: Stage, there: World, peer: str, proxy: Proxy, times: int) -> Outcome:
    """Let the network between the bot and a peer fail in each way."""
    outcome = Outcome(f"The network to {peer} fails", within=HEARTBEATS.get(peer, RECOVERED))
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
