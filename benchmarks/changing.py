"""A large FAQ: one entry changes while questions come in, and a start from files and from cache.

The process is prepared as the one that serves is. Questions with and without a change come in
turns, as all that is compared: the first ones would else pay for the second ones' warm caches.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles

from adapters.cli.starting import replacing, starting, take_short_turns
from benchmarks.corpora import faq, queries
from benchmarks.results import Section, Table, Target
from benchmarks.timing import stopwatch
from bot.content import load
from bot.domain.entry import Entry
from bot.search.cache import Cache
from bot.search.searcher import LISTS, Searcher

CHANGES = 5
PAUSE = 0.01
"""Seconds between questions."""


def changing(said: Sequence[str], size: int) -> Section:
    """Start from files and from the cache, then change entries while questions are answered."""
    entries = faq(size, said)
    texts = queries(20, said, 50)
    with tempfile.TemporaryDirectory() as folder:
        data = _write(Path(folder) / "data", entries)
        cache = Cache(Path(folder) / "faq.cache")
        start = partial(cache.searcher, data, partial(load, data), LISTS, 0.5)
        with starting():
            from_files, searcher = stopwatch(start)
        cached = median(stopwatch(start)[0] for _ in range(3))
    take_short_turns()
    seconds, building, during, quiet = _change(searcher, entries, texts)
    held = asyncio.run(_loop_lateness(searcher, entries, texts))
    rows = (
        ("start from the files (once), s", f"{from_files:.1f}"),
        ("start from the cache, s", f"{cached:.2f}"),
        ("a changed entry is searchable after, s", f"{seconds:.2f}"),
        ("a question, nothing else going on, p50 ms", f"{median(quiet) * 1e3:.2f}"),
        ("a question, nothing else going on, p95 ms", f"{_percentile(quiet, 95) * 1e3:.1f}"),
        ("a question during a change, p50 ms", f"{median(during) * 1e3:.2f}"),
        ("a question during a change, p95 ms", f"{_percentile(during, 95) * 1e3:.1f}"),
        ("… until the changed entry is searchable, p50 ms", f"{median(building) * 1e3:.2f}"),
        (
            "… until the changed entry is searchable, p95 ms",
            f"{_percentile(building, 95) * 1e3:.1f}",
        ),
        ("event loop late, searches under way, p99 ms", f"{held['searching'] * 1e3:.1f}"),
        ("event loop late, a rebuild under way, p99 ms", f"{held['rebuilding'] * 1e3:.1f}"),
    )
    label = f"{size:,} entries"
    targets = (
        Target(f"{label}: start from files ÷ from cache", from_files / cached, 5, at_least=True),
        Target(f"{label}: a changed entry is searchable, s", seconds, must=1),
        Target(
            f"{label}: a question during a change ÷ without, p50",
            median(building) / median(quiet),
            must=2,
        ),
        Target(
            f"{label}: a question during a change ÷ without, p95",
            _percentile(building, 95) / _percentile(quiet, 95),
            must=2,
        ),
        Target(f"{label}: event loop held by searches, p99 s", held["searching"], must=0.02),
        Target(f"{label}: event loop held by a rebuild, p99 s", held["rebuilding"], must=0.02),
    )
    notes = (
        "A change replaces one entry by `Searcher.replace` in a thread of its own; the others "
        "aren't tokenized again. Meanwhile questions of 20 characters come every 10 ms, and the "
        "change waits while one is answered. It lasts until its thresholds are calibrated; once "
        "the entry is searchable, questions find nothing remembered of the new state.",
    )
    title = f"Changes and starts at {size:,} entries"
    return Section(title, notes, (Table(("what", "measured"), rows),), targets)


def _change(
    searcher: Searcher, entries: tuple[Entry, ...], texts: Sequence[str]
) -> tuple[float, list[float], list[float], list[float]]:
    """Return the median seconds of a change, and those of each question beside it.

    Returns:
        Seconds until the changed entry is searchable; of questions until then, of questions until
        the change is done, and of questions without a change.
    """
    changes, building, during, quiet = [], [], [], []
    for change in range(CHANGES):
        _ask(searcher, texts)  # once, so that what is remembered of them is there
        quiet += _ask(searcher, texts)
        new = _changed(entries, change)
        with ThreadPoolExecutor(1) as thread:
            start = time.perf_counter()
            replacing = thread.submit(_replace, searcher, entries, change)
            found = 0.0
            for text in cycle(texts):
                if not found and searcher.entry(new.id) == new:
                    found = time.perf_counter() - start
                if replacing.done():
                    break
                taken = _ask(searcher, [text])
                during += taken
                if not found:
                    building += taken
        replacing.result()
        changes.append(found)
    return median(changes), building, during, quiet


def _ask(searcher: Searcher, texts: Sequence[str]) -> list[float]:
    """Return the seconds that each question takes, with a pause behind it."""
    taken = []
    for text in texts:
        taken.append(stopwatch(partial(searcher.reply, text))[0])
        time.sleep(PAUSE)
    return taken


def _replace(searcher: Searcher, entries: tuple[Entry, ...], change: int) -> None:
    """Change the FAQ as the process that serves does."""
    with replacing():
        at = _at(entries, change)
        searcher.replace((*entries[:at], _changed(entries, change), *entries[at + 1 :]))


def _at(entries: tuple[Entry, ...], change: int) -> int:
    return change * len(entries) // CHANGES


def _changed(entries: tuple[Entry, ...], change: int) -> Entry:
    entry = entries[_at(entries, change)]
    return replace(entry, answer=f"{entry.answer}\n第{change}版です。")


async def _loop_lateness(
    searcher: Searcher, entries: tuple[Entry, ...], texts: Sequence[str]
) -> dict[str, float]:
    """Return by how much the event loop is late, 99th percentile, while a thread works."""

    def search() -> None:
        for _ in range(20):
            for text in texts:
                searcher.reply(text)

    def rebuild() -> None:
        for change in range(CHANGES):
            _replace(searcher, entries, change)

    return {"searching": await _late(search), "rebuilding": await _late(rebuild)}


async def _late(work: Callable[[], None]) -> float:
    """Wake up every millisecond while the work runs in a thread."""
    step, late = 0.001, []
    running = asyncio.create_task(asyncio.to_thread(work))
    while not running.done():
        start = time.perf_counter()
        await asyncio.sleep(step)
        late.append(time.perf_counter() - start - step)
    await running
    return _percentile(late, 99)


def _percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _write(folder: Path, entries: Sequence[Entry]) -> Path:
    """Write the entries as a data folder, a file for each lecturer."""
    folder.mkdir()
    files: dict[str, list[str]] = {}
    for entry in entries:
        lines = files.setdefault(
            entry.lecturer, [f"talk: {entry.talk}", f"lecturer: {entry.lecturer}", "entries:"]
        )
        lines += [f"- id: {entry.id}", "  question: |-", f"    {entry.question}", "  answer: |-"]
        lines += [f"    {line}" for line in entry.answer.split("\n")]
    for number, lines in enumerate(files.values()):
        (folder / f"lecturer-{number}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
