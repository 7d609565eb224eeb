"""Other searches over the same entries, for comparison."""

import re
import sqlite3
import warnings
from collections.abc import Callable
from contextlib import closing

import bm25s  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import ArrayLike
from rank_bm25 import BM25Okapi

from benchmarks.quality.metrics import Ranks, ranks
from benchmarks.quality.sets import Collection, encoder
from bot.search.analysis import Analyzer
from bot.search.bm25 import PostingsBM25
from bot.search.meaning import Meaning
from bot.search.searcher import LISTS, read_stop_words
from bot.search.tokenizer import Tokenizer

DEPTH = 100

Ranking = list[str]
Terms = Callable[[str], list[str]]


def measure(collection: Collection) -> dict[str, Ranks]:
    """Rank a collection's queries by each baseline."""
    analyzer = Analyzer(Tokenizer(), read_stop_words(*LISTS.stop_words))

    def surfaces(text: str) -> list[str]:
        return [morpheme.surface for morpheme in analyzer.tokenizer.morphemes(text)]

    rankings = {
        "rank_bm25、表層形のまま": _rank_bm25(collection, surfaces),
        "rank_bm25、本プロジェクトの語": _rank_bm25(collection, analyzer.terms),
        "bm25s、本プロジェクトの語": _bm25s(collection, analyzer.terms),
        "文字 2-gram の BM25": _bigrams(collection),
        "SQLite FTS5 trigram": _fts5(collection),
        "エンコーダだけ": _meaning(collection),
    }
    return {name: ranks(collection, found) for name, found in rankings.items()}


def _documents(collection: Collection) -> list[str]:
    return [f"{entry.question}\n{entry.answer}" for entry in collection.entries]


def _best(collection: Collection, scores: ArrayLike) -> Ranking:
    order = np.argsort(-np.asarray(scores), kind="stable")[:DEPTH]
    return [collection.entries[at].id for at in order]


def _rank_bm25(collection: Collection, terms: Terms) -> list[Ranking]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a document without terms
        model = BM25Okapi([terms(text) for text in _documents(collection)])
        return [
            _best(collection, model.get_scores(terms(query.text))) for query in collection.queries
        ]


def _bm25s(collection: Collection, terms: Terms) -> list[Ranking]:
    model = bm25s.BM25()
    model.index([terms(text) for text in _documents(collection)], show_progress=False)
    known = model.vocab_dict
    asked = [[word for word in terms(query.text) if word in known] for query in collection.queries]
    return [_best(collection, model.get_scores(words)) if words else [] for words in asked]


def _meaning(collection: Collection) -> list[Ranking]:
    meaning = Meaning(encoder=encoder())
    vectors = meaning.vectors(collection.entries)
    starts = np.cumsum([0, *(len(entry.wordings) for entry in collection.entries[:-1])])
    return [
        _best(collection, np.maximum.reduceat(vectors @ meaning.encoder.encode(query.text), starts))
        for query in collection.queries
    ]


def _bigrams(collection: Collection) -> list[Ranking]:
    def pairs(text: str) -> list[str]:
        squeezed = re.sub(r"[\s\W]+", "", text).lower()
        return [squeezed[at : at + 2] for at in range(len(squeezed) - 1)]

    model = PostingsBM25([pairs(text) for text in _documents(collection)])
    return [_best(collection, model.get_scores(pairs(query.text))) for query in collection.queries]


def _fts5(collection: Collection) -> list[Ranking]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE VIRTUAL TABLE faq USING fts5(text, tokenize='trigram')")
        database.executemany("INSERT INTO faq VALUES (?)", zip(_documents(collection)))
        rankings = []
        for query in collection.queries:
            text = re.sub(r"[\s\W]+", "", query.text)
            trigrams = dict.fromkeys(text[at : at + 3] for at in range(len(text) - 2))
            match = " OR ".join(f'"{trigram}"' for trigram in trigrams)
            found = (
                database.execute(
                    "SELECT rowid FROM faq WHERE faq MATCH ? ORDER BY rank LIMIT ?", (match, DEPTH)
                )
                if match
                else ()
            )
            rankings.append([collection.entries[row - 1].id for (row,) in found])
        return rankings
