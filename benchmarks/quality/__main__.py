"""Measure search quality and write docs/quality.md, docs/quality.json and the plots."""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.quality import report, sets
from benchmarks.quality.figures import (
    Figures,
    decide_all,
    listen,
    measure,
    tempt,
    without_parts_of_certainty,
    without_parts_of_order,
)
from benchmarks.quality.fingerprint import fingerprint
from benchmarks.quality.sets import Collection, searcher

PARTS = ((14, 20), (50, 10), (200, 5), (600, 3))
"""Sizes of small FAQs drawn from a large one, and how many are drawn of each."""


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="own sets only; print, write nothing")
    parser.add_argument("--final", action="store_true", help="measure the final halves too")
    parser.add_argument(
        "--eval",
        type=Path,
        default=sets.ROOT.parent / "shared" / "eval",
        help="folder of campus, localgovfaq and jsquad (default: %(default)s)",
    )
    arguments = parser.parse_args()
    figures = Figures()
    tuned = [sets.own(half) for half in sets.OWN if "final" not in half]
    kept = [sets.own(half) for half in sets.OWN if "final" in half and arguments.final]
    theirs = [] if arguments.quick else list(_theirs(arguments.eval))
    for collection in (*tuned, *theirs, *kept):
        began = time.monotonic()
        for rows, meaning in ((figures.faqs, True), (figures.words, False)):
            rows.append(measure(collection, meaning))
            print(collection.name, rows[-1].ranks.means, rows[-1].summary)
        print(f"{time.monotonic() - began:.0f} s")
    for name, meaning in (("語と意味", True), ("語だけ", False)):
        figures.overheard[name] = listen(searcher(tuned[0], meaning=meaning))
    figures.tempted = tempt(searcher(tuned[0]))
    print(figures.overheard, figures.tempted)
    if not arguments.quick:
        _compare(figures)
        report.write(figures, fingerprint())


def _theirs(folder: Path) -> Iterator[Collection]:
    for read in (sets.campus, sets.local_gov, sets.jsquad):
        try:
            yield read(folder)
        except FileNotFoundError as missing:
            print(f"{missing.filename} isn't here: left out.")


def _compare(figures: Figures) -> None:
    """Compare with other searches, by the size of the FAQ, and with each part taken out."""
    from benchmarks.quality import baselines  # bm25s is there for benchmarks only

    tuned = [row for row in figures.faqs if row.collection.tuned]
    faqs: list[tuple[str, list[Collection]]] = []
    for row in tuned:
        collection = row.collection
        figures.baselines[collection.name] = baselines.measure(collection)
        if row.summary.unanswerable is not None:
            faqs.append((collection.name, [collection]))
            figures.reliable[collection.name] = row.decided
        if collection.unanswerable:
            for size, count in PARTS:
                name = f"{collection.name} から取り出した {size} 項目"
                faqs.append((name, sets.parts(collection, size, count)))
                figures.reliable[name] = decide_all(faqs[-1][1])
    faqs[1][1].append(sets.own("tempting"))
    figures.order = without_parts_of_order([row.collection for row in tuned])
    figures.certainty = without_parts_of_certainty(faqs)


if __name__ == "__main__":
    main()
