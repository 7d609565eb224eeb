"""``make faults``: every kind of trouble, one after the other, and what the report says of it."""

import asyncio
import traceback
from collections.abc import Sequence
from pathlib import Path

from benchmarks.results import Section, Table, Target
from tests.proofs import troubles
from tests.proofs.ledger import Verdict
from tests.proofs.troubles import RECOVERED, Outcome, Stage

PLAYS = (
    "kills", "pauses", "crashes", "networks", "disks", "clocks",
    "upgrades",
)  # fmt: skip
KINDS = PLAYS


def play(folder: Path, seed: int, trials: int, only: Sequence[str]) -> list[Section]:
    """Play every kind, or some.

    Args:
        folder: An empty one for what the processes write.
        seed: Of all chance.
        trials: How many kills for each store; other trouble strikes in proportion.
        only: Names among ``KINDS``; none: all.

    Returns:
        What the report says.
    """
    stage = Stage(folder, seed, trials)
    outcomes: list[Outcome] = []
    for name in PLAYS:
        if not only or name in only:
            outcomes += _played(name, stage)
    return [_troubles(outcomes)] if outcomes else []


def _played(name: str, stage: Stage) -> list[Outcome]:
    """Play one kind; a failure of it leaves the others alone."""
    try:
        return asyncio.run(getattr(troubles, name)(stage))  # type: ignore[no-any-return]
    except Exception as error:  # noqa: BLE001  # whatever it is, the report says it
        traceback.print_exc()
        return [Outcome(name, wrong=[f"couldn't be played: {error!r}"])]


def _troubles(outcomes: Sequence[Outcome]) -> Section:
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
    slowest = max((max(each.recoveries, default=0.0) for each in outcomes), default=0.0)
    notes = (
        'Told of an error: an explicit "could not answer" in place of the reply, where a question '
        "had been begun five times by processes that died. Commands dropped: Discord gives a "
        "command to one process once; where that one dies before it has kept it, the member sees "
        "that it failed. Recovery: until a question on each platform is answered again, without a "
        "restart.",
        *(f"{each.name}: {'; '.join(each.notes)}." for each in outcomes if each.notes),
    )
    targets = (
        Target("lost", len(total.lost), must=0),
        Target("doubled", len(total.doubled), must=0),
        Target("kinds of trouble that failed", sum(not each.passed for each in outcomes), must=0),
        Target("longest recovery, s", slowest, must=RECOVERED),
    )
    return Section("Troubles", notes, (Table(header, rows),), targets)
