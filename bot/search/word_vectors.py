"""Word vectors: what words mean, from the company they keep on the web, and how common they are.

A file in the package, made by scripts/word_vectors.py from chiVe: word2vec over what Sudachi makes
of the NINJAL Web Japanese Corpus; (c) Works Applications Co., Ltd. and National Institute for
Japanese Language and Linguistics, Apache License 2.0 (lists/LICENSE.apache-2.0), reduced. Why, and
what it gains: docs/decisions/0038-word-vectors.md and 0039-common-words.md.
"""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1
"""In place of a row, for a word without a vector."""

RARE = 65_535
"""In place of a rank, for a word that isn't among the 20,000 most frequent ones."""

COMMON_WEIGHT = 0.6
"""What the commonest word counts, against 1 for a rare one."""

_COMMONEST, _TELLING = 20, 10_000
"""Ranks up to which words hardly differ, and from which on they count in full."""

_MAX_REMEMBERED = 4_096  # words of queries

_FILE = Path(__file__).with_name("word_vectors.npz")


class WordVectors:
    """The vectors, and which term has which.

    Terms are kept as 64-bit numbers: 100,000 strings would cost as much memory as all the rest of
    a small FAQ. That any two clash is a matter of one in a billion.

    Attributes:
        dimensions: Of each vector.
    """

    def __init__(self) -> None:
        with np.load(_FILE) as file:
            self._numbers: NDArray[np.uint64] = file["numbers"]
            self._rows: NDArray[np.uint16] = file["rows"]
            self._ranks: NDArray[np.uint16] = file["ranks"]
            self._vectors: NDArray[np.int8] = file["vectors"]
            self._lengths: NDArray[np.float32] = file["lengths"]
        self.dimensions = self._vectors.shape[1]

    def rows(self, terms: Iterable[str]) -> NDArray[np.int32]:
        """Return the row of each term's vector, or ``UNKNOWN``, shape (terms,)."""
        return self._look_up(self._rows, terms, UNKNOWN)

    def ranks(self, terms: Iterable[str]) -> NDArray[np.int32]:
        """Return how many words are more frequent than each term, or ``RARE``, shape (terms,)."""
        return self._look_up(self._ranks, terms, RARE)

    def sum(
        self,
        rows: Sequence[int] | NDArray[np.int32],
        weights: Sequence[float] | NDArray[np.float64],
    ) -> NDArray[np.float32]:
        """Add up vectors, each at the length of its weight, shape (dimensions,).

        Args:
            rows: Whose vectors, shape (n,).
            weights: What each counts, shape (n,).
        """
        scaled = np.asarray(weights, np.float32) / self._lengths.take(rows)
        return np.asarray(scaled @ self._vectors.take(rows, 0), np.float32)

    def cosines(self, row: int, rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the cosines of the angles between one vector and others, shape (rows,)."""
        products = self._vectors.take(rows, 0) @ self._vectors[row].astype(np.float32)
        return np.asarray(products / (self._lengths[rows] * self._lengths[row]))

    def _look_up(
        self, column: NDArray[np.uint16], terms: Iterable[str], missing: int
    ) -> NDArray[np.int32]:
        wanted = np.fromiter(map(number, terms), np.uint64)
        at = self._numbers.searchsorted(wanted)
        at[at == len(self._numbers)] = 0
        return np.where(self._numbers[at] == wanted, column[at].astype(np.int32), missing)


def number(term: str) -> int:
    """Return the 64 bits by which a term is known."""
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "little")


@lru_cache(1)
def word_vectors() -> WordVectors:
    """Return the vectors; read once, when they are first needed."""
    return WordVectors()


@lru_cache(_MAX_REMEMBERED)
def weight(term: str) -> float:
    """Return how much a word of a query says, from ``COMMON_WEIGHT`` to 1.

    In a FAQ of a dozen entries most words of a question are equally rare, その場 as much as
    マルチモーダル; how common they are in the language tells them apart. By Zipf's law a word's
    probability is in inverse proportion to its rank, so what it says, −log p, grows with log rank.
    """
    rank = min(int(word_vectors().ranks((term,))[0]), _TELLING)
    share = math.log1p(rank / _COMMONEST) / math.log1p(_TELLING / _COMMONEST)
    return COMMON_WEIGHT + (1 - COMMON_WEIGHT) * share
