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

import numpy as np
from numpy.typing import NDArray

from adapters.cli.run import settle
from benchmarks.corpora import SEED, faq, queries
from benchmarks.results import Section, Table, Target
from benchmarks.timing import anonymous, stopwatch
from bot.catalogue import Catalogue
from bot.domain.entry import Entry
from bot.search.meaning import Encoder, Meaning
from bot.search.searcher import Searcher

CHANGES = 5
PAUSE = 0.01
"""Seconds between questions."""
SAMPLE = 1_000
"""Entries that are encoded, to tell what all would take."""

_FOUND = "a changed entry is searchable after, ms"
_QUIET = "a question, nothing else going on, p{} ms"
_BESIDE = "a question during a change, p{} ms"
_LATE = (
    "event loop late, searches under way, p99 ms",
    "event loop late, a rebuild under way, p99 ms",
)


def changing(said: Sequence[str], size: int) -> Section:
    """Start from files and from the cache, then change entries while questions are answered."""
    entries = faq(size, said)
    texts = queries(20, said, 50)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = _write(folder / "data", entries)
        start = partial(Catalogue, data, var=folder)
        from_files, catalogue = stopwatch(start)
        searcher = catalogue.searcher
        cached = median(stopwatch(start)[0] for _ in range(3))
        settle()
        by_words = _measure(searcher, entries, texts)
        meaning = Meaning(folder)
        encoding = _seconds_to_encode(meaning.encoder, entries)
        before = anonymous()
        _add_drawn_vectors(searcher, meaning)
        vectors = anonymous() - before
        by_meaning = _measure(searcher, entries, texts)
    rows = (
        ("start from the files (once), s", f"{from_files:.1f}", ""),
        ("start from the cache, s", f"{cached:.2f}", ""),
        (f"encoding all (by a sample of {SAMPLE:,}), minutes", "", f"{encoding / 60:.0f}"),
        ("vectors, MB", "", f"{vectors / 1e6:.0f}"),
        *((what, f"{ms:.1f}", f"{by_meaning[what]:.1f}") for what, ms in by_words.items()),
    )
    label = f"{size:,} entries"
    targets = [
        Target(f"{label}: start from files ÷ from cache", from_files / cached, 5, at_least=True),
        Target(f"{label}: a question by meaning, p50 ms", by_meaning[_QUIET.format(50)], must=50),
    ]
    for witnesses, ms in (("words", by_words), ("words and meaning", by_meaning)):
        of = f"{label}, by {witnesses}"
        targets.append(Target(f"{of}: a changed entry is searchable, ms", ms[_FOUND], must=1_000))
        for percent in (50, 95):
            ratio = ms[_BESIDE.format(percent)] / ms[_QUIET.format(percent)]
            what = f"{of}: a question during a change ÷ without, p{percent}"
            targets.append(Target(what, ratio, must=2))
        for while_ in _LATE:
            targets.append(Target(f"{of}: {while_}", ms[while_], must=20))
    notes = (
        "A change replaces one entry by `Searcher.replace` in a thread of its own; the others "
        "are neither tokenized nor encoded again. Meanwhile questions of 20 characters come every "
        "10 ms, and the change waits while one is answered.",
        f"What encoding costs is measured on {SAMPLE:,} entries and multiplied: until all are "
        "encoded, questions are answered by words alone. For the rest the vectors are drawn at "
        "random, but the changed entry is encoded.",
    )
    header = ("what", "by words", "by words and meaning")
    title = f"Changes and starts at {size:,} entries"
    return Section(title, notes, (Table(header, rows),), tuple(targets))


def _measure(
    searcher: Searcher, entries: tuple[Entry, ...], texts: Sequence[str]
) -> dict[str, float]:
    """Return what changes take, and questions beside them, in milliseconds."""
    found, beside, quiet = _change(searcher, entries, texts)
    late = asyncio.run(_loop_lateness(searcher, entries, texts))
    seconds = {_FOUND: found}
    for percent in (50, 95):
        seconds[_QUIET.format(percent)] = _percentile(quiet, percent)
        seconds[_BESIDE.format(percent)] = _percentile(beside, percent)
    return {what: each * 1e3 for what, each in (seconds | late).items()}


def _seconds_to_encode(encoder: Encoder, entries: Sequence[Entry]) -> float:
    """Return what encoding all entries would take, by a sample of them."""
    meaning = Meaning()
    meaning.encoder = encoder
    sample = entries[:: max(1, len(entries) // SAMPLE)][:SAMPLE]
    return stopwatch(lambda: meaning.vectors(sample))[0] / len(sample) * len(entries)


class _Drawn(Encoder):
    """Draws vectors of length 1 instead of encoding."""

    def __init__(self, name: str) -> None:
        self.name = name
        drawn = np.random.default_rng(SEED).standard_normal((SAMPLE, self.dimensions), np.float32)
        self._next = cycle(drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).__next__

    def encode(self, text: str) -> NDArray[np.float32]:
        return self._next()


def _add_drawn_vectors(searcher: Searcher, meaning: Meaning) -> None:
    """Let meaning be added as if all entries had been encoded; what comes then, is."""
    encoder, meaning.encoder = meaning.encoder, _Drawn(meaning.encoder.name)
    searcher.add(meaning)
    meaning.encoder = encoder


def _change(
    searcher: Searcher, entries: tuple[Entry, ...], texts: Sequence[str]
) -> tuple[float, list[float], list[float]]:
    """Return the median seconds of a change, and those of each question beside it.

    Returns:
        Seconds until the changed entry is searchable; of questions until then; of questions without
        a change.
    """
    changes, beside, quiet = [], [], []
    for change in range(CHANGES):
        _ask(searcher, texts)  # once, so that what is remembered of them is there
        quiet += _ask(searcher, texts)
        new = _changed(entries, change)
        with ThreadPoolExecutor(1) as thread:
            start = time.perf_counter()
            replacing = thread.submit(_replace, searcher, entries, change)
            for text in cycle(texts):
                if searcher.entry(new.id) == new:
                    break
                beside += _ask(searcher, [text])
            changes.append(time.perf_counter() - start)
        replacing.result()
    return median(changes), beside, quiet


def _ask(searcher: Searcher, texts: Sequence[str]) -> list[float]:
    """Return the seconds that each question takes, with a pause behind it."""
    taken = []
    for text in texts:
        taken.append(stopwatch(partial(searcher.reply, text))[0])
        time.sleep(PAUSE)
    return taken


def _replace(searcher: Searcher, entries: tuple[Entry, ...], change: int) -> None:
    """Change the FAQ as the process that serves does."""
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
        for text in 10 * list(texts):
            searcher.reply(text)

    def rebuild() -> None:
        for change in range(CHANGES):
            _replace(searcher, entries, change)

    return {what: await _late(work) for what, work in zip(_LATE, (search, rebuild), strict=True)}


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
