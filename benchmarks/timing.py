"""Timing side by side: every contender gets the same input in turn, again and again."""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TypeVar

ROUNDS = 5
SLOW = 0.5
"""Seconds that one contender may take of a round; a slower one gets fewer of the inputs."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timed:
    """How long each contender took.

    Attributes:
        seconds: By contender and input: the median of all rounds, or whatever was asked for.
    """

    seconds: Mapping[str, Mapping[int, float]]

    def p50(self, name: str) -> float:
        """Return the median over the inputs, in seconds."""
        return median(self.seconds[name].values())

    def p95(self, name: str) -> float:
        """Return the 95th percentile over the inputs, in seconds."""
        taken = list(self.seconds[name].values())
        return quantiles(taken, n=20, method="inclusive")[-1] if len(taken) > 1 else taken[0]

    def ratio(self, name: str, to: str) -> float:
        """Return how many times longer one contender takes than another: the median over inputs."""
        ours, theirs = self.seconds[to], self.seconds[name]
        return median(theirs[at] / ours[at] for at in theirs.keys() & ours.keys())


def interleave(
    contenders: Mapping[str, Callable[[T], object]],
    inputs: Sequence[T],
    rounds: int = ROUNDS,
    *,
    in_blocks: bool = False,
    counts: Callable[[Sequence[float]], float] = median,
) -> Timed:
    """Time each contender on each input, in turns, so that all meet the same disturbances.

    Args:
        contenders: What to time.
        inputs: What each of them is given.
        rounds: How often.
        in_blocks: Take turns after all inputs; for contenders that share memory, since each would
            find warm what the other has just read. False: take turns at every input.
        counts: What counts of an input's rounds.
    """
    taken: dict[str, dict[int, list[float]]] = {name: {} for name in contenders}
    turns = [
        (name, work, at, given)
        for at, given in enumerate(inputs)
        for name, work in contenders.items()
    ]
    if in_blocks:
        turns.sort(key=lambda turn: turn[0])
    strides = {name: _stride(work, inputs) for name, work in contenders.items()}
    turns = [turn for turn in turns if turn[2] % strides[turn[0]] == 0]
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for name, work, at, given in turns:
            start = time.perf_counter()
            work(given)
            seconds = time.perf_counter() - start
            taken[name].setdefault(at, []).append(seconds)
    gc.unfreeze()
    return Timed(
        {
            name: {at: counts(seconds) for at, seconds in by_input.items()}
            for name, by_input in taken.items()
        }
    )


def anonymous() -> int:
    """Return the bytes of this process's memory that aren't mapped from files."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("RssAnon")).split()[1])


def stopwatch(work: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds that a piece of work took, and its result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def _stride(work: Callable[[T], object], inputs: Sequence[T]) -> int:
    """Warm a contender up, and return which share of the inputs it has time for."""
    for given in inputs[:3]:
        start = time.perf_counter()
        work(given)
        seconds = time.perf_counter() - start
    most = max(1, int(SLOW / seconds))
    return -(-len(inputs) // min(most, len(inputs)))
