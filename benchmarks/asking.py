"""The whole way of a question through the search, against Sudachi alone on the same text."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from types import FrameType

import sudachipy

from benchmarks.corpora import faq, queries
from benchmarks.results import Section, Table, Target
from benchmarks.searching import micro
from benchmarks.timing import ROUNDS, interleave, stopwatch
from bot.content import load
from bot.domain.entry import Entry
from bot.search.searcher import LISTS, Searcher

LENGTHS = (20, 120)
QUERIES = 60
LARGE = 2_000
DATA = Path(__file__).resolve().parents[1] / "data"


def sudachi() -> Callable[[str], object]:
    """Return Sudachi's own tokenize, in split mode A."""
    tokenize: Callable[[str], object] = (
        sudachipy.Dictionary(dict="core").tokenizer(mode=sudachipy.SplitMode.A).tokenize
    )
    return tokenize


def asking(said: Sequence[str]) -> Section:
    """The ask path at two sizes and two lengths, where its time goes, and on two threads."""
    faqs = {14: load(DATA), LARGE: faq(LARGE, said)}
    rows, targets, profiles, threads = [], [], [], []
    tokenize = sudachi()
    for size, entries in faqs.items():
        searcher = Searcher(entries, LISTS)
        for length in LENGTHS:
            texts = queries(length, said, QUERIES)
            timed = interleave(
                {"Sudachi": tokenize, "ask": searcher.reply}, texts, 2 * ROUNDS, in_blocks=True
            )
            ratio = timed.ratio("ask", to="Sudachi")
            what = f"ask, {len(entries):,} entries, {length} characters: whole path ÷ Sudachi alone"
            targets.append(Target(what, ratio, must=10, aim=5))
            rows.append(
                (
                    f"{len(entries):,}",
                    str(length),
                    micro(timed.p50("Sudachi")),
                    micro(timed.p50("ask")),
                    micro(timed.p95("ask")),
                    f"{ratio:.1f}×",
                )
            )
            shares = profile(searcher.reply, texts)
            profiles.append((f"{len(entries):,}, {length}", shares))
            step, most = max(shares.items(), key=lambda item: item[1])
            what = f"ask, {len(entries):,} entries, {length} characters: largest step ({step})"
            targets.append(Target(what, most, must=0.5))
        gain = two_threads(searcher, queries(120, said, 200))
        threads.append(Target(f"ask, {size:,} entries: 2 threads ÷ 1", gain, 1.2, at_least=True))
    steps = sorted({step for _, shares in profiles for step in shares})
    by_step = Table(
        ("module of bot/search", *(name for name, _ in profiles)),
        tuple(
            (step, *(f"{shares.get(step, 0.0):.0%}" for _, shares in profiles)) for step in steps
        ),
    )
    header = ("entries", "characters", "Sudachi, p50 µs", "ask, p50 µs", "ask, p95 µs", "ratio")
    notes = (
        "Clean, tokenize, search, confidence, policy, explanation: `Searcher.reply`, warm. "
        "Where its time goes, by module, sampled every millisecond of processor time; "
        "`tokenizer` is Sudachi and what takes its morphemes over. Columns: entries, characters.",
        "The floor is Sudachi's own time. It is also all that two threads can share, since Python "
        "runs one thread at a time and only Sudachi lets go: a second thread keeps a long question "
        "from blocking a short one, but doesn't answer more of them.",
    )
    return Section(
        "The ask path", notes, (Table(header, tuple(rows)), by_step), (*targets, *threads)
    )


def profile(
    ask: Callable[[str], object], texts: Sequence[str], seconds: float = 1.5
) -> dict[str, float]:
    """Return each module's share of the time, by looking at the stack again and again.

    The innermost frame of bot/search counts, so that a library's time is its caller's.
    """
    seen: Counter[str] = Counter()

    def look(_signal: int, frame: FrameType | None) -> None:
        while frame is not None:
            path = Path(frame.f_code.co_filename)
            if path.parent.name == "search":
                seen[path.stem] += 1
                return
            frame = frame.f_back

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
    try:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            for text in texts:
                ask(text)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return {module: count / seen.total() for module, count in seen.items()}


def two_threads(searcher: Searcher, texts: Sequence[str]) -> float:
    """Return how many times as many asks two threads answer as one does."""

    def answer(some: Sequence[str]) -> None:
        for text in some:
            searcher.reply(text)

    gains = []
    with ThreadPoolExecutor(2) as threads:
        for _ in range(2 * ROUNDS):
            together, _ = stopwatch(lambda: list(threads.map(answer, (texts[::2], texts[1::2]))))
            alone, _ = stopwatch(lambda: answer(texts))
            gains.append(alone / together)
    return median(gains)


def calibration(said: Sequence[str], sizes: Sequence[int]) -> Section:
    """What calibrating costs at load, against tokenizing the FAQ once."""
    rows, targets = [], []
    for size in sizes:
        entries = load(DATA) if size == 14 else faq(size, said)
        searcher = Searcher(entries, LISTS)
        contenders = {
            "tokenizing": partial(_tokenize, searcher, entries),
            "calibrating": partial(_calibrate, searcher),
        }
        timed = interleave(contenders, [None], ROUNDS if size < 10_000 else 1)
        ratio = timed.ratio("calibrating", to="tokenizing")
        what = f"calibration, {size:,} entries: ÷ tokenizing the FAQ once"
        targets.append(Target(what, ratio, must=1))
        rows.append(
            (
                f"{size:,}",
                f"{timed.p50('tokenizing') * 1e3:,.0f}",
                f"{timed.p50('calibrating') * 1e3:,.0f}",
                f"{ratio:.2f}×",
            )
        )
    header = ("entries", "tokenizing, ms", "calibrating, ms", "ratio")
    return Section("Calibration", (), (Table(header, tuple(rows)),), tuple(targets))


def _tokenize(searcher: Searcher, entries: Sequence[Entry], _: object = None) -> None:
    for entry in entries:
        for text in (*entry.wordings, entry.answer, entry.talk, entry.lecturer):
            searcher.analyzer.tokens(text)


def _calibrate(searcher: Searcher, _: object = None) -> None:
    searcher._calibrate(searcher._snapshot.ranker)  # private: nobody else calibrates alone
