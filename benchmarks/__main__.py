"""``python -m benchmarks``: measure, and write docs/performance.md.

python -m benchmarks                 everything, under ten minutes
python -m benchmarks --quick         smaller sizes, a minute; prints, writes nothing
python -m benchmarks --only start    one part; prints, writes nothing
python -m benchmarks --check         compare with docs/performance.json; exit code 1 if worse
"""

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import asking, changing, check, cost, searching, starting, storing
from benchmarks.corpora import sentences, zipf_pool
from benchmarks.results import Section

PROJECT = Path(__file__).resolve().parents[1]
DOCS = PROJECT / "docs"


def main() -> int:
    """Run what the command line asks for, and return the exit code."""
    given = _parser().parse_args()
    if given.check:
        return check.run(DOCS / "performance.json")
    # First, in a fresh process, as it will be compared.
    recorded = {} if given.quick or given.only else check.ratios()
    said = sentences(given.texts, asking.DATA)
    parts = _parts(said, quick=given.quick)
    if given.only:
        parts = {name: part for name, part in parts.items() if name == given.only}
    sections = []
    for name, part in parts.items():
        started = time.monotonic()
        section = part()
        sections.append(section)
        _print(section)
        print(f"[{name}: {time.monotonic() - started:.0f} s]\n", flush=True)
    if recorded:
        from benchmarks import report

        texts = given.texts.name if given.texts.is_dir() else "the FAQ's own sentences"
        origin = "two public data sets" if given.texts.is_dir() else texts
        report.write(DOCS, sections, recorded, origin)
    return 0


def _parts(said: list[str], *, quick: bool) -> dict[str, Callable[[], Section]]:
    pool = zipf_pool()
    large = 10_000 if quick else 100_000
    return {
        "fields": partial(searching.two_fields, pool, 10_000 if quick else 100_000),
        "engines": partial(searching.one_field, pool, 10_000 if quick else 1_000_000),
        "ask": partial(asking.asking, said),
        "change": partial(changing.changing, said, large),
        "start": starting.starts,
        "cost": partial(cost.costs, 60 if quick else 200),
        "store": partial(storing.storing, 20_000 if quick else 120_000),
        "memory": partial(starting.memory, 2_000 if quick else 20_000, large),
    }


def _print(section: Section) -> None:
    print(f"== {section.title}")
    for table in section.tables:
        for row in (table.header, *table.rows):
            print("  " + " | ".join(row))
    for target in section.targets:
        sign = "≥" if target.at_least else "≤"
        print(
            f"  {target.what}: {target.measured:.3g} (must {sign} {target.must:g}) {target.verdict}"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes; prints only")
    parser.add_argument("--check", action="store_true", help="compare with the recorded ratios")
    names = ("fields", "engines", "ask", "change", "start", "cost", "store", "memory")
    parser.add_argument("--only", choices=names, help="one part; prints only")
    parser.add_argument(
        "--texts",
        type=Path,
        default=PROJECT.parent / "shared" / "eval",
        help="folder of real Japanese texts (*/*.jsonl); without it the FAQ's own are used",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
