"""The search libraries that ours is compared with: documents in, a search for the best five out."""

import ctypes
import logging
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from benchmarks.corpora import Corpus
from bot.domain.entry import Entry
from bot.search.bm25 import K1, B, Documents, PostingsBM25, Vocabulary
from bot.search.index import WHOLE_WEIGHT, AnalysedEntries, Index, best

LIMIT = 5

Terms = Sequence[str]
Search = Callable[[Terms], object]
Build = Callable[[Sequence[Terms]], Search]


def entry(number: int) -> Entry:
    """Return an entry whose words don't matter."""
    return Entry(f"e{number:07d}", "", "", "", "")


def index(questions: Sequence[Terms], answers: Sequence[Terms]) -> Index:
    """Build our index over two fields."""
    vocabulary = Vocabulary()
    analysed = (
        (entry(number), (question, answer))
        for number, (question, answer) in enumerate(zip(questions, answers, strict=True))
    )
    return Index(AnalysedEntries.of(analysed, vocabulary), vocabulary)


def ours(documents: Sequence[Terms]) -> Search:
    """Our index, one field."""
    return _search(index(documents, [()] * len(documents)))


def ours_two_fields(corpus: Corpus) -> Search:
    """Our index as the bot uses it."""
    return _search(index(corpus.questions, corpus.answers))


def rank_bm25(documents: Sequence[Terms]) -> Search:
    """The library that defines the score."""
    okapi = BM25Okapi(documents, k1=K1, b=B)
    return lambda terms: _best(okapi.get_scores(terms))


def rank_bm25_two_fields(corpus: Corpus) -> Search:
    """The score that the bot uses, by rank-bm25."""
    question, whole = BM25Okapi(corpus.questions, k1=K1, b=B), BM25Okapi(corpus.whole, k1=K1, b=B)
    return lambda terms: _best(question.get_scores(terms) + WHOLE_WEIGHT * whole.get_scores(terms))


def rank_bm25_rs(documents: Sequence[Terms]) -> Search:
    """rank-bm25 written anew in Rust."""
    from rank_bm25_rs import BM25Okapi as Okapi  # type: ignore[import-untyped]

    okapi = Okapi(documents, k1=K1, b=B)
    return lambda terms: _best(okapi.get_scores(terms))


def bm25s_numpy(documents: Sequence[Terms]) -> Search:
    """bm25s with scores added up by numpy."""
    return _bm25s(documents, "numpy")


def bm25s_numba(documents: Sequence[Terms]) -> Search:
    """bm25s compiled while running: scores and the choice of the best."""
    return _bm25s(documents, "numba")


def tantivy(documents: Sequence[Terms]) -> Search:
    """A search engine in Rust, its index in memory."""
    import tantivy as library

    builder = library.SchemaBuilder()
    builder.add_text_field("terms", stored=False, tokenizer_name="whitespace")
    schema = builder.build()
    searched = library.Index(schema)
    writer = searched.writer(heap_size=200_000_000, num_threads=1)
    for document in documents:
        writer.add_document(library.Document(terms=" ".join(document)))
    writer.commit()
    writer.wait_merging_threads()
    searched.reload()
    searcher = searched.searcher()

    def search(terms: Terms) -> object:
        clauses = [
            (library.Occur.Should, library.Query.term_query(schema, "terms", term))
            for term in terms
        ]
        return searcher.search(library.Query.boolean_query(clauses), LIMIT).hits

    return search


def sqlite_fts5(documents: Sequence[Terms]) -> Search:
    """SQLite's full-text search, in memory."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE faq USING fts5(terms, content='', tokenize='unicode61')")
    database.executemany(
        "INSERT INTO faq(rowid, terms) VALUES (?, ?)",
        ((number, " ".join(document)) for number, document in enumerate(documents)),
    )
    query = f"SELECT rowid, rank FROM faq WHERE faq MATCH ? ORDER BY rank LIMIT {LIMIT}"
    return lambda terms: database.execute(
        query, (" OR ".join(f'"{term}"' for term in terms),)
    ).fetchall()


def c_loop(documents: Sequence[Terms]) -> Search:
    """The same sums in a C loop over the same postings: what can't be undercut in one thread.

    Raises:
        LookupError: There is no C compiler.
    """
    function = _compile()
    field = PostingsBM25(Documents.of(documents))
    starts, owners = field.starts.astype(np.int64), field.documents.astype(np.int64)
    impacts, scores = field.impacts, np.zeros(len(documents))
    best = (ctypes.c_int64 * LIMIT)()
    arrays = (starts, owners, impacts, scores)
    bound = [array.ctypes.data_as(ctypes.c_void_p) for array in arrays]  # keeps the array alive
    number, size = field.vocabulary.get, len(documents)

    def search(terms: Terms) -> object:
        known = [at for term in terms if (at := number(term)) is not None]
        asked = (ctypes.c_int64 * len(known))(*known)
        function(*bound, size, asked, len(known), LIMIT, best)
        return [(at, scores[at]) for at in best if at >= 0]

    return search


ENGINES: Mapping[str, Build] = {
    "rank_bm25": rank_bm25,
    "rank-bm25-rs": rank_bm25_rs,
    "bm25s numpy": bm25s_numpy,
    "bm25s numba": bm25s_numba,
    "tantivy": tantivy,
    "SQLite FTS5": sqlite_fts5,
    "C loop": c_loop,
    "ours": ours,
}
"""One field each."""


def _search(searched: Index) -> Search:
    def search(terms: Terms) -> object:
        scores = searched.scores(dict.fromkeys(terms, 1.0))
        return [(at, scores.item(at)) for at in best(scores, LIMIT)[:LIMIT]]

    return search


def _best(scores: NDArray[np.float64]) -> object:
    order = np.argsort(scores)[::-1][:LIMIT]
    return [(int(at), float(scores[at])) for at in order]


def _bm25s(documents: Sequence[Terms], backend: str) -> Search:
    import bm25s  # type: ignore[import-untyped]

    logging.getLogger("bm25s").setLevel(logging.ERROR)
    scorer = bm25s.BM25(k1=K1, b=B, method="lucene", backend=backend)
    scorer.index([list(document) for document in documents], show_progress=False)
    known, most = scorer.vocab_dict, min(LIMIT, len(documents))
    return lambda terms: scorer.retrieve(
        [[term for term in terms if term in known]], k=most, show_progress=False
    )


def available(name: str) -> bool:
    """Say whether an engine can be measured here: the C loop needs a compiler."""
    return name != "C loop" or _compiler() is not None


def _compiler() -> str | None:
    return next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)


def _compile() -> Callable[..., None]:
    compiler = _compiler()
    if compiler is None:
        raise LookupError("there is no C compiler")
    source = Path(__file__).with_name("limit.c")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "limit.so"
        flags = ["-O3", "-march=native", "-shared", "-fPIC"]
        subprocess.run([compiler, *flags, str(source), "-o", str(library)], check=True)
        function = ctypes.CDLL(str(library)).search
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    function.argtypes = [*[pointer] * 4, number, pointer, number, number, pointer]
    function.restype = None
    return function
