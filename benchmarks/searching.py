"""Search alone, on terms: ours against the libraries, a C loop and the memory's bandwidth."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from benchmarks import engines
from benchmarks.corpora import QUERY_TERMS, Corpus, corpus
from benchmarks.results import Plot, Section, Table, Target
from benchmarks.timing import ROUNDS, Timed, interleave, stopwatch

SIZES = (14, 1_000, 10_000, 100_000, 1_000_000)
QUERIES = 100
BYTES_PER_POSTING = 16  # a wording as int64, what it adds as float64

# rank_bm25 keeps a dict a document, SQLite a row: at a million both take minutes.
_UP_TO = {"rank_bm25": 100_000, "SQLite FTS5": 100_000}
_TWO_FIELDS = {14: (5, 9), 1_000: (30, 55), 10_000: (120, 250), 100_000: (500, 1_500)}
_ONE_FIELD = ("rank-bm25-rs", "bm25s numpy", "bm25s numba", "tantivy")


def two_fields(pool: Sequence[str], largest: int) -> Section:
    """The bot's search against rank_bm25's, same documents, same fields."""
    rows, targets = [], []
    p50: dict[str, dict[int, float]] = {"rank_bm25": {}, "ours": {}}
    for size in SIZES:
        if size not in _TWO_FIELDS or size > largest:
            continue
        drawn = corpus(size, pool, QUERIES)
        contenders = {
            "rank_bm25": engines.rank_bm25_two_fields(drawn),
            "ours": engines.ours_two_fields(drawn),
        }
        timed = interleave(contenders, drawn.queries)
        ratio = timed.ratio("rank_bm25", to="ours")
        must, aim = _TWO_FIELDS[size]
        for name, costs in p50.items():
            costs[size] = timed.p50(name) * 1e6
        what = f"two fields, {size:,} entries: rank_bm25 ÷ ours"
        targets.append(Target(what, ratio, must, aim, at_least=True))
        rows.append(
            (
                f"{size:,}",
                micro(timed.p50("rank_bm25")),
                micro(timed.p50("ours")),
                micro(timed.p95("ours")),
                f"{ratio:,.0f}×",
            )
        )
    header = ("entries", "rank_bm25, p50 µs", "ours, p50 µs", "ours, p95 µs", "ratio")
    notes = (
        "Question (9 terms) and whole entry (30 terms), weighted 1:2, top 5. "
        "rank_bm25 as it is: two `BM25Okapi`, their scores added, the best five taken.",
    )
    plot = Plot("fields", "Search, two fields, top 5", "µs a query (p50)", p50)
    table = Table(header, tuple(rows))
    return Section("Search in two fields", notes, (table,), tuple(targets), (plot,))


def one_field(pool: Sequence[str], largest: int) -> Section:
    """Our index against other libraries', same terms, one field."""
    p50: dict[str, dict[int, float]] = {name: {} for name in engines.ENGINES}
    p95: dict[int, str] = {}
    floors: dict[int, float] = {}
    builds: dict[int, float] = {}
    targets: list[Target] = []
    bandwidth = memory_bandwidth()
    for size in (size for size in SIZES if size <= largest):
        drawn = corpus(size, pool, QUERIES)
        contenders: dict[str, engines.Search] = {}
        for name, build in engines.ENGINES.items():
            if size > _UP_TO.get(name, size) or not engines.available(name):
                continue
            seconds, contenders[name] = stopwatch(partial(build, drawn.questions))
            if name == "ours":
                builds[size] = seconds
        timed = interleave(contenders, drawn.queries, ROUNDS if size > 10_000 else 2 * ROUNDS)
        for name in contenders:
            p50[name][size] = timed.p50(name) * 1e6
        p95[size] = f"{timed.p95('ours') / timed.p50('ours'):.1f}"
        floors[size] = floor(drawn, bandwidth) * 1e6
        targets += _judge(size, timed)
        if size == 1_000_000:
            targets.append(Target("one field, 1,000,000 entries: built, s", builds[size], must=60))
    sizes = tuple(floors)
    rows = [
        (name, *(f"{costs[size]:,.1f}" if size in costs else "–" for size in sizes))
        for name, costs in p50.items()
    ]
    rows.append(("memory floor", *(f"{floors[size]:,.1f}" for size in sizes)))
    rows.append(("ours, p95 ÷ p50", *(p95[size] for size in sizes)))
    rows.append(("ours, built in s", *(f"{builds[size]:.2f}" for size in sizes)))
    notes = (
        f"One field of 9 terms a document, {QUERY_TERMS} terms a query, the best five; p50 µs a "
        "query. Each library by the quickest of its documented calls. *C loop*: the same sums over "
        "the same postings, compiled with -O3 for this machine, called by ctypes. *Memory floor*: "
        f"bytes of the postings touched and of the scores, by the {bandwidth / 1e9:.1f} GB/s that "
        "numpy reads here.",
        "Up to 10,000 entries the time goes into looking up Python objects, beyond into memory. "
        "Ours adds 64-bit numbers, as rank_bm25 does; bm25s adds 32-bit ones, compiled by numba. "
        "Where a million entries have to be searched, or several times a hundred thousand on "
        "every keystroke, that one or tantivy is the better engine; below, Sudachi and the rest "
        "of an ask take longer than the search.",
    )
    plot = Plot("search", "Search, one field, top 5", "µs a query (p50)", p50)
    return Section(
        "Search in one field",
        notes,
        (Table(("", *(f"{size:,}" for size in sizes)), tuple(rows)),),
        tuple(targets),
        (plot,),
    )


def _judge(size: int, timed: Timed) -> list[Target]:
    targets = []
    for name in _ONE_FIELD:
        ratio = timed.ratio(name, to="ours")
        what = f"one field, {size:,} entries: {name} ÷ ours"
        if size <= 10_000 or (size == 100_000 and name != "bm25s numba"):
            targets.append(Target(what, ratio, must=1, at_least=True))
        elif size == 100_000:
            targets.append(Target(what, ratio, must=0, aim=1, at_least=True))
        elif name.startswith("bm25s"):
            targets.append(Target(what, ratio, must=1, at_least=True))
    spread = timed.p95("ours") / timed.p50("ours")
    targets.append(Target(f"one field, {size:,} entries: p95 ÷ p50", spread, must=3))
    if size in (1_000, 10_000) and "C loop" in timed.seconds:
        above = timed.ratio("ours", to="C loop")
        targets.append(Target(f"one field, {size:,} entries: ours ÷ C loop", above, must=3))
    return targets


def memory_bandwidth() -> float:
    """Return the bytes a second that numpy adds up from memory too large for a cache."""
    large = np.ones(32_000_000)
    timed = interleave({"sum": lambda _: large.sum()}, [None], rounds=7)
    return large.nbytes / timed.p50("sum")


def floor(drawn: Corpus, bandwidth: float) -> float:
    """Return the seconds that reading a query's postings and writing the scores takes at least."""
    counts: dict[str, int] = {}
    for document in drawn.questions:
        for term in set(document):
            counts[term] = counts.get(term, 0) + 1
    touched = [sum(counts.get(term, 0) for term in query) for query in drawn.queries]
    read = BYTES_PER_POSTING * float(np.median(touched)) + 8 * len(drawn.questions)
    return read / bandwidth


def micro(seconds: float) -> str:
    """Return microseconds as text."""
    return f"{seconds * 1e6:,.1f}" if seconds < 1e-3 else f"{seconds * 1e6:,.0f}"


Benchmark = Callable[[Sequence[str], int], Section]
