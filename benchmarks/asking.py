"""The whole way of a question through the search, against Sudachi and the encoder alone."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from types import FrameType

import sudachipy

from benchmarks.corpora import faq, queries, statements
from benchmarks.results import Section, Table, Target
from benchmarks.searching import micro
from benchmarks.timing import ROUNDS, interleave, stopwatch
from bot.content import load
from bot.search.meaning import Encoder, Meaning
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


def floor(tokenize: Callable[[str], object], encoder: Encoder) -> Callable[[str], object]:
    """Return what an ask by meaning can't do without: Sudachi and the encoder on its text."""
    return lambda text: (tokenize(text), encoder.encode(text))


def asking(said: Sequence[str]) -> Section:
    """The ask path at two sizes and two lengths, where its time goes, and on two threads."""
    faqs = {14: load(DATA), LARGE: faq(LARGE, said)}
    rows, targets, profiles, threads = [], [], [], []
    tokenize = sudachi()
    for size, entries in faqs.items():
        by_words, by_meaning = Searcher(entries, LISTS), Searcher(entries, LISTS)
        meaning = Meaning()
        by_meaning.add(meaning)
        contenders = {
            "Sudachi": tokenize,
            "words": by_words.reply,
            "floor": floor(tokenize, meaning.encoder),
            "meaning": by_meaning.reply,
        }
        for length in LENGTHS:
            texts = queries(length, statements(said), QUERIES)
            timed = interleave(contenders, texts, 2 * ROUNDS, in_blocks=True)
            label = f"ask, {size:,} entries, {length} characters"
            words = timed.ratio("words", to="Sudachi")
            ratio = timed.ratio("meaning", to="floor")
            spread = timed.p95("meaning") / timed.p50("meaning")
            targets += [
                Target(f"{label}: whole path ÷ (Sudachi + encoder)", ratio, must=1.6),
                Target(f"{label}: p95 ÷ p50", spread, must=2),
                Target(f"{label}: by words alone ÷ Sudachi", words, must=10, aim=5),
            ]
            times = [micro(timed.p50(name)) for name in contenders]
            rows.append((f"{size:,}", str(length), *times, f"{words:.1f}×", f"{ratio:.2f}×"))
            for name, searcher in (("words", by_words), ("meaning", by_meaning)):
                profiles.append((f"{size:,}, {length}, {name}", profile(searcher.reply, texts)))
        gain = two_threads(by_meaning, queries(120, said, 200))
        threads.append(Target(f"ask, {size:,} entries: 2 threads ÷ 1", gain, 1.2, at_least=True))
    steps = sorted({step for _, shares in profiles for step in shares})
    by_step = Table(
        ("module of bot/search", *(name for name, _ in profiles)),
        tuple(
            (step, *(f"{shares.get(step, 0.0):.0%}" for _, shares in profiles)) for step in steps
        ),
    )
    header = (
        "entries", "characters", "Sudachi, p50 µs", "by words, p50 µs", "Sudachi + encoder, p50 µs",
        "by words and meaning, p50 µs", "words ÷ Sudachi", "both ÷ (Sudachi + encoder)",
    )  # fmt: skip
    notes = (
        "Clean, tokenize, search, confidence, policy, explanation: `Searcher.reply`, warm; by "
        "words alone, and by words and meaning. Where its time goes, by module, sampled every "
        "millisecond of processor time; `tokenizer` is Sudachi and what takes its morphemes over, "
        "`meaning` the encoder. Columns: entries, characters, witnesses.",
        "The floor is Sudachi's and the encoder's own time on the same text. They are also what "
        "two threads can share, since Python runs one thread at a time and only Sudachi and numpy "
        "let go. Each text asks one question: where there are several, each is searched for by "
        "itself as well, and encoded, so that a message of two costs twice the floor.",
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
