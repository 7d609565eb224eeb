"""The regression check: ratios of this commit against the ratios recorded in the repository.

It needs no other search library than rank_bm25, and takes half a minute.
"""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks import engines
from benchmarks.asking import DATA, LISTS, sudachi
from benchmarks.corpora import corpus, queries, sentences, zipf_pool
from benchmarks.timing import interleave, stopwatch
from bot.content import load
from bot.search.searcher import Searcher

MARGIN = 2.0
"""A ratio may get this many times worse: times vary, and only real regressions are to be found."""

TRIES = 3


def ratios() -> dict[str, float]:
    """Return what ours costs, as a share of something that doesn't change."""
    found: dict[str, float] = {}
    pool = zipf_pool()
    for size in (1_000, 10_000):
        drawn = corpus(size, pool, 20)
        theirs = engines.rank_bm25_two_fields(drawn)
        built, ours = stopwatch(partial(engines.ours_two_fields, drawn))
        timed = interleave({"rank_bm25": theirs, "ours": ours}, drawn.queries)
        found[f"search, {size:,} entries ÷ rank_bm25"] = timed.ratio("ours", to="rank_bm25")
        found[f"index, {size:,} entries ÷ one rank_bm25 search"] = built / timed.p50("rank_bm25")
    said = sentences(Path("no such folder"), DATA)
    searcher, tokenize = Searcher(load(DATA), LISTS), sudachi()
    for length in (20, 120):
        texts = queries(length, said, 40)
        timed = interleave({"Sudachi": tokenize, "ask": searcher.reply}, texts, in_blocks=True)
        found[f"ask, {length} characters ÷ Sudachi"] = timed.ratio("ask", to="Sudachi")
    return found


def worse(now: Mapping[str, float], recorded: Mapping[str, float]) -> list[str]:
    """Return a line for each ratio that got worse by more than the margin.

    Raises:
        KeyError: A ratio isn't recorded yet.
    """
    return [
        f"{name}: {ratio:.3g}, recorded {recorded[name]:.3g}, "
        f"{ratio / recorded[name]:.1f} times as much"
        for name, ratio in now.items()
        if ratio > MARGIN * recorded[name]
    ]


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
