"""``make faults``: every kind of trouble, one after the other, and what the report says of it."""

import asyncio
import tempfile
import traceback
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.results import Section, Table, Target
from tests.proofs import outages, processes
from tests.proofs.ledger import Verdict
from tests.proofs.mutants import survivors
from tests.proofs.simulation import simulate
from tests.proofs.troubles import Outcome, Stage, say

PLAYS = {
    "kills": processes.kills,
    "pauses": processes.pauses,
    "crashes": outages.crashes,
    "networks": outages.networks,
    "disks": outages.disks,
    "clocks": outages.clocks,
    "upgrades": processes.upgrades,
}
KINDS = (*PLAYS, "simulation", "mutants")
CHUNK = 50


def play(folder: Path, seed: int, trials: int, seeds: int, kind: str) -> list[Section]:
    """Play one kind.

    Args:
        folder: One for what the processes write.
        seed: Of all chance.
        trials: How many kills for each store; other trouble strikes in proportion.
        seeds: How many simulated hours.
        kind: A name among ``KINDS``.

    Returns:
        What the report says.
    """
    if kind == "simulation":
        return [_simulated(seeds)]
    if kind == "mutants":
        return [_mutated()]
    return [_troubles(kind, _played(kind, Stage(folder, seed, trials)))]


def _played(name: str, stage: Stage) -> list[Outcome]:
    """Play one kind; a failure of it leaves the others alone."""
    try:
        return asyncio.run(PLAYS[name](stage))
    except Exception as error:  # noqa: BLE001  # whatever it is, the report says it
        traceback.print_exc()
        return [Outcome(name, wrong=[f"couldn't be played: {error!r}"])]


def _troubles(kind: str, outcomes: Sequence[Outcome]) -> Section:
    header = (
        "what happens", "times", "asked", "lost", "doubled", "told of an error",
        "commands dropped", "longest recovery, s", "",
    )  # fmt: skip
    rows = tuple(
        (
            each.name, str(each.trials), f"{each.verdict.asked:,}", str(len(each.verdict.lost)),
            str(len(each.verdict.doubled)), str(each.verdict.sorry), str(each.verdict.dropped),
            f"{max(each.recoveries):.1f}" if each.recoveries else "",
            "ok" if each.passed else "; ".join(("**failed**", *each.wrong[:3])),
        )
        for each in outcomes
    )  # fmt: skip
    total = sum((each.verdict for each in outcomes), Verdict())
    notes = tuple(f"{each.name}: {'; '.join(each.notes)}." for each in outcomes if each.notes)
    targets = (
        Target("lost", len(total.lost), must=0),
        Target("doubled", len(total.doubled), must=0),
        Target("kinds of trouble that failed", sum(not each.passed for each in outcomes), must=0),
        Target("recoveries that took too long", sum(each.slow for each in outcomes), must=0),
    )
    return Section(kind.capitalize(), notes, (Table(header, rows),), targets)


def _simulated(seeds: int) -> Section:
    """Play seeds on all processors."""
    chunks = [range(at, min(at + CHUNK, seeds)) for at in range(0, seeds, CHUNK)]
    asked, failed = 0, []
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for number, (some, wrong) in enumerate(pool.map(_hours, chunks), 1):
            asked += some
            failed += wrong
            if number % 10 == 0:
                say(f"simulation: {number * CHUNK} seeds, {len(failed)} failed")
    for each in failed[:10]:
        print("    ", each, flush=True)
    notes = (
        "The desk and its store with made-up time and platforms, one or two processes: deliveries "
        "are dropped, doubled, delayed and reordered; posts meet 429 and 5xx, are cut before and "
        "behind their effect, and land late; commits fail, or their answer is lost; processes die "
        "between any two steps; clocks are set. A seed gives the same minutes again.",
        *(f"Failed: {each}." for each in failed[:10]),
    )
    targets = (
        Target("seeds", seeds, must=2000, at_least=True),
        Target("questions and forms that were acknowledged", asked, must=1, at_least=True),
        Target("seeds with anything lost or doubled", len(failed), must=0),
    )
    return Section("Simulated minutes", notes, (), targets)


def _hours(seeds: Sequence[int]) -> tuple[int, list[str]]:
    """Play some seeds; return how much was acknowledged, and what went wrong."""
    shared = Path("/dev/shm")
    asked, wrong = 0, []
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        for played in simulate(seeds, Path(folder)):
            asked += len(played.acknowledged)
            if faults := played.faults():
                wrong.append(f"seed {played.seed}: {', '.join(faults)}")
    return asked, wrong


def _mutated() -> Section:
    """Take each guard away, and see a test fail."""
    rows, alive = [], 0
    for mutant, wrong in survivors():
        alive += bool(wrong)
        rows.append((mutant.name, mutant.file, f"**{wrong}**" if wrong else "caught"))
        say("mutant:", *rows[-1])
    rows[0] = ("nothing is changed", "", rows[0][2].replace("caught", "all tests pass"))
    notes = (
        "A guard is taken out of the bot's code, in a copy; the tests that are named for it must "
        "then fail.",
    )
    targets = (
        Target("guards", len(rows) - 1, must=20, at_least=True),
        Target("not missed by any test", alive, must=0),
    )
    header = ("without the guard, the bot …", "file", "")
    return Section("Mutants", notes, (Table(header, tuple(rows)),), targets)
