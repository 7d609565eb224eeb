"""The regression check: ratios of this commit against the ratios recorded in the repository.

It needs no other search library than rank_bm25, and takes a few seconds.

What is compared takes turns, and of the rounds of each input the quickest counts: whatever else the
machine does only ever adds to the others. Yardsticks are as short as what they measure, or do the
same kind of work, so that both suffer alike. That keeps a ratio within 30 % of its middle even if
there is more to do than the machine has processors.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from benchmarks import asking, engines
from benchmarks.asking import DATA, sudachi
from benchmarks.corpora import corpus, queries, sentences, statements, zipf_pool
from benchmarks.timing import interleave
from bot.content import load
from bot.search.meaning import Meaning
from bot.search.searcher import LISTS, Searcher

MARGIN = 2.0
"""A ratio may get this many times worse: times vary, and only real regressions are to be found."""

TRIES = 3
ROUNDS = 20
QUERIES = 20

T = TypeVar("T")


def ratios() -> dict[str, float]:
    """Return what ours costs, as a share of something that doesn't change."""
    found: dict[str, float] = {}
    pool = zipf_pool()
    shortest = engines.rank_bm25_two_fields(corpus(14, pool, QUERIES))
    for size in (14, 1_000, 10_000):
        drawn = corpus(size, pool, QUERIES)
        searched = engines.ours_two_fields(drawn)
        found[f"search, {size:,} entries ÷ rank_bm25, 14 entries"] = share(
            searched, shortest, drawn.queries
        )
    found["index, 200 entries ÷ rank_bm25's"] = share(
        engines.ours_two_fields, engines.rank_bm25_two_fields, [corpus(200, pool, QUERIES)] * 5
    )
    said = sentences(Path("no such folder"), DATA)
    by_words, by_meaning = Searcher(load(DATA), LISTS), Searcher(load(DATA), LISTS)
    meaning, tokenize = Meaning(), sudachi()
    by_meaning.add(meaning)
    floor = asking.floor(tokenize, meaning.encoder)
    for length in (20, 120):
        texts = queries(length, statements(said), 2 * QUERIES)
        # Each by itself, since an ask begins with Sudachi on the same text.
        found[f"ask by words, {length} characters ÷ Sudachi"] = share(
            by_words.reply, tokenize, texts, in_blocks=True
        )
        found[f"ask, {length} characters ÷ (Sudachi + encoder)"] = share(
            by_meaning.reply, floor, texts, in_blocks=True
        )
    return found


def share(
    ours: Callable[[T], object],
    yardstick: Callable[[T], object],
    inputs: Sequence[T],
    *,
    in_blocks: bool = False,
) -> float:
    """Return how many times longer than the yardstick ours takes on the same inputs."""
    contenders = {"yardstick": yardstick, "ours": ours}
    timed = interleave(contenders, inputs, ROUNDS, in_blocks=in_blocks, counts=min)
    return timed.ratio("ours", to="yardstick")


def worse(now: Mapping[str, float], recorded: Mapping[str, float]) -> list[str]:
    """Return a line for each ratio that got worse by more than the margin, or isn't recorded."""
    lines = []
    for name, ratio in now.items():
        before = recorded.get(name)
        if before is None:
            lines.append(f"{name}: {ratio:.3g}, not recorded")
        elif ratio > MARGIN * before:
            times = f"{ratio / before:.1f} times as much"
            lines.append(f"{name}: {ratio:.3g}, recorded {before:.3g}, {times}")
    return lines


def recorded_in(path: Path) -> dict[str, float]:
    """Read the ratios that a full run recorded."""
    figures: dict[str, dict[str, float]] = json.loads(path.read_text(encoding="utf-8"))
    return figures["check"]


def run(path: Path) -> int:
    """Compare, again if need be: a regression is there each time. Return the exit code."""
    recorded = recorded_in(path)
    problems: list[str] = []
    for _ in range(TRIES):
        now = ratios()
        problems = worse(now, recorded)
        if not problems:
            for name, ratio in now.items():
                print(f"{name}: {ratio:.3g}, recorded {recorded[name]:.3g}")
            return 0
    for problem in problems:
        print(problem)
    print("If this is meant to be: make bench, and commit docs/performance.*")
    return 1
