"""What words mean, for one state of the FAQ: which words are near one that it doesn't know, and how
much a query and an entry are about the same.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from math import prod
from mmap import MAP_PRIVATE, mmap

import numpy as np
from numpy.typing import NDArray

from bot.search.index import Index
from bot.search.word_vectors import UNKNOWN, WordVectors

NEAR = 0.6
"""Cosine from which on another word may stand for an unknown one."""

MOST_RELATED = 3

RELATED_WEIGHT = 0.5
"""What a related word counts, times its cosine, against 1 for the member's own word."""

_MAX_REMEMBERED = 4_096  # words of queries

Related = tuple[tuple[str, float], ...]
"""Words of the FAQ, and what each counts."""


class Meaning:
    """Compares by word vectors.

    A text's vector is the sum of its distinct words' vectors, each weighed by its idf: Arora, Liang
    and Ma, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings", 2017. A wording's vector
    is the mean of two of length 1, that of the question and that of the whole entry.

    Args:
        index: The FAQ.
        vectors: The word vectors.
        rows: Row of the vector of each term, by its number in the index's vocabulary.
    """

    def __init__(self, index: Index, vectors: WordVectors, rows: NDArray[np.int32]) -> None:
        self._index = index
        self._vectors = vectors
        self._rows = rows
        # Filled when a wording is first compared. Untouched memory isn't taken; mapped, and not by
        # np.zeros, it comes in small pages: one of 2 MB keeps all threads waiting for 5 ms.
        shape = (len(index.owner), vectors.dimensions)
        memory = mmap(-1, max(4 * prod(shape), 1), MAP_PRIVATE)
        self._of_wording = np.frombuffer(memory, np.float32, prod(shape)).reshape(shape)
        self._filled = bytearray(len(index.owner))
        # Not by methods: a cycle would keep a replaced index until the collector comes by.
        self._row = lru_cache(_MAX_REMEMBERED)(partial(_row, index, vectors, rows))
        self._related = lru_cache(_MAX_REMEMBERED)(partial(_related, index, vectors, rows))

    def related(self, term: str) -> Related:
        """Return the words of the FAQ that mean nearly what another word does."""
        row = self._row(term)
        return () if row == UNKNOWN else self._related(row)

    def likeness(self, weights: Mapping[str, float], wordings: Sequence[int]) -> list[float]:
        """Return how much a query and each wording are about the same, from 0 to 1.

        Args:
            weights: What each term of the query counts.
            wordings: What to compare it with.
        """
        rows, counts = [], []
        for term, weight in weights.items():
            row = self._row(term)
            if row != UNKNOWN:
                rows.append(row)
                counts.append(weight)
        if not rows or not wordings:
            return [0.0] * len(wordings)
        for wording in wordings:
            if not self._filled[wording]:
                self._of_wording[wording] = self._prepare(wording)
                self._filled[wording] = 1
        asked = self._vectors.sum(rows, counts)
        length = math.sqrt(asked @ asked)
        cosines = (self._of_wording.take(wordings, 0) @ asked).tolist()
        return [cosine / length if cosine > 0 else 0.0 for cosine in cosines]

    def _prepare(self, wording: int) -> NDArray[np.float32]:
        question, entry = self._index.numbers(wording)
        return (self._sum(question) + self._sum(entry)) / np.float32(2)

    def _sum(self, terms: NDArray[np.int32]) -> NDArray[np.float32]:
        # Not by np.unique: its first use imports 7 ms of code that nothing else needs.
        terms = np.sort(terms)
        first = np.diff(terms, prepend=-1) > 0
        terms = terms[first & (self._rows[terms] != UNKNOWN)]
        vector = self._vectors.sum(self._rows[terms], self._index.idfs[terms])
        length = math.sqrt(vector @ vector)
        return vector / np.float32(length) if length else vector


def _row(index: Index, vectors: WordVectors, rows: NDArray[np.int32], term: str) -> int:
    number = index.number(term)
    return int(vectors.rows((term,))[0] if number is None else rows[number])


def _related(index: Index, vectors: WordVectors, rows: NDArray[np.int32], row: int) -> Related:
    """Find the terms of the index whose vectors are nearest to one."""
    known = index.terms[rows[index.terms] != UNKNOWN]
    cosines = vectors.cosines(row, rows[known])
    near = (-cosines).argsort(kind="stable")[:MOST_RELATED]
    return tuple(
        (index.term(number), RELATED_WEIGHT * cosine)
        for number, cosine in zip(known[near].tolist(), cosines[near].tolist(), strict=True)
        if cosine >= NEAR
    )
