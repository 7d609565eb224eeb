"""Other searches over the same entries, for comparison."""

import warnings
from collections.abc import Callable

import bm25s  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import ArrayLike
from rank_bm25 import BM25Okapi

from benchmarks.quality.metrics import Ranks, ranks
from benchmarks.quality.sets import Collection, encoder
from bot.search.analysis import Analyzer, Tokenizer
from bot.search.meaning import Meaning
from bot.search.searcher import LISTS, read_stop_words

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
