"""Measure search quality and write docs/quality.md, docs/quality.json and the plots."""

import argparse
import time
from pathlib import Path

from benchmarks.quality import report, sets
from benchmarks.quality.ablations import CONFIDENCE, RANKING
from benchmarks.quality.decisions import confidences
from benchmarks.quality.figures import (
    Figures,
    by_kind,
    decide_all,
    decide_parts,
    listen,
    rank_all,
    tempt,
)
from benchmarks.quality.fingerprint import fingerprint
from benchmarks.quality.metrics import auroc_of_halves
from bot.domain.reply import Answer

PARTS = ((14, 40), (50, 20), (200, 10))
"""Sizes of small FAQs drawn from a large one, and how many are drawn of each."""


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="own set only; print, write nothing")
    parser.add_argument("--final", action="store_true", help="measure the final halves too")
    parser.add_argument(
        "--eval",
        type=Path,
        default=sets.ROOT.parent / "shared" / "eval",
        help="folder of localgovfaq and jsquad (default: %(default)s)",
    )
    arguments = parser.parse_args()
    figures = Figures()
    _own(figures, "queries.tune", quick=arguments.quick)
    _own(figures, "others.tune", quick=True)
    if arguments.final:
        _own(figures, "queries.final", quick=True)
        _own(figures, "others.final", quick=True)
    figures.overheard = listen(sets.own("chat"))
    figures.tempted = tempt(sets.own("tempting"))
    if not arguments.quick:
        _public(figures, arguments.eval)
        report.write(figures, fingerprint())
    for name, summary in figures.summaries.items():
        print(name, summary)
    print(figures.overheard, figures.tempted)


def _own(figures: Figures, half: str, quick: bool) -> None:
    collection = sets.own(half)
    decided, signs = decide_all(collection, () if quick else CONFIDENCE, twice=False)
    half = half.removeprefix("queries.")
    name = f"講師の FAQ({half})"
    figures.kinds[half] = by_kind(decided)
    figures.summaries[name] = next(iter(signs.values()))
    figures.rankings[name] = rank_all(collection, () if quick else RANKING, others=not quick)
    if not quick:
        figures.signs[name] = signs
        figures.decided["lecturers' FAQ, 14 entries"] = decided
        figures.missed = [
            one
            for one in decided
            if one.answerable != isinstance(one.reply, Answer) or one.right != one.answerable
            if one.answerable or isinstance(one.reply, Answer)
        ]


def _public(figures: Figures, folder: Path) -> None:
    for read, twice in ((sets.local_gov, True), (sets.jsquad, False)):
        began = time.monotonic()
        try:
            collection = read(folder)
        except FileNotFoundError as missing:
            print(f"{missing.filename} isn't here: left out.")
            continue
        figures.rankings[collection.name] = rank_all(collection, RANKING, others=True)
        if twice:
            decided, signs = decide_all(collection, CONFIDENCE, twice)
            figures.signs[collection.name] = signs
            figures.summaries[collection.name] = next(iter(signs.values()))
            figures.halves = auroc_of_halves(confidences(decided[::2]), confidences(decided[1::2]))
            for size, count in PARTS:
                name = f"localgovFAQ, {size} of its entries"
                figures.decided[name] = decide_parts(collection, size, count)
            figures.decided["localgovFAQ, 1,786 entries"] = decided
        print(f"{collection.name}: {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
