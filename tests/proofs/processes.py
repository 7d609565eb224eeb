"""Troubles of the bot's own processes: killed, stopped for a while, put in another one's place."""

import asyncio
import io
import re
import signal
import subprocess
import tarfile
from collections import Counter
from pathlib import Path

from tests.fakes.slack_api import BOT as SLACK_BOT
from tests.proofs.troubles import (
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
from tests.proofs.victim import STEPS, Trap
from tests.proofs.world import ROOT, UNKNOWN, Bot, World, world

BREATHER = 30
"""After so many kills there is a breather: else nothing is ever read back of Discord to its end."""
LIVES = 10.0
"""Seconds that it lasts."""


async def kill(stage: Stage, there: World, name: str) -> Outcome:
    """Kill processes at each named step in turn, and at random instants; each its own trials."""
    outcome = Outcome(name)
    reached: Counter[str] = Counter()
    numbers = iter(range(stage.trials))
    there.slack.lag = lambda: there.chance.choice((0.0, 0.02, 0.1))
    there.discord.api.lag = there.slack.lag
    await up(there)
    calm = asyncio.Lock()

    async def trials(bot: Bot) -> None:
        for number in numbers:
            async with calm:
                if number % BREATHER == BREATHER - 1:
                    if not bot.alive:
                        there.start(bot, None)
                    await asyncio.sleep(LIVES)
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

    # So few that what nobody reads between two kills stays within what is read back of a channel.
    async with asking(there, 1.5 * len(there.bots)):
        await asyncio.gather(*map(trials, there.bots))
    there.note = "end"
    outcome.notes.append(
        "kills by step: " + ", ".join(f"{step} {reached[step]}" for step in (*STEPS, "anywhere"))
    )
    return await conclude(outcome, there)


PAUSED = (
    "after sending commit", "after claim commit", "before answer commit",
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


async def upgrade(there: World, code: Path) -> Outcome:
    """Put two processes of this version in the place of two of the last release, under load."""
    outcome = Outcome("Rolling upgrade from the last release, PostgreSQL, Slack", trials=1)
    # The last release knows nothing of leases: on Discord it must be stopped first.
    there.kinds = ("slack", "slack watched")
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
    there.bots[:] = new
    outcome.recoveries.append(await there.recovery())
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
