"""Word vectors: what words mean, from the company they keep on the web.

A file in the package, made by scripts/word_vectors.py from chiVe: word2vec over what Sudachi makes
of the NINJAL Web Japanese Corpus; (c) Works Applications Co., Ltd. and National Institute for
Japanese Language and Linguistics, Apache License 2.0 (data/LICENSE.apache-2.0), reduced. Why, and
what it gains: docs/decisions/0038-word-vectors.md.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1
"""In place of a row, for a word without a vector."""

_FILE = Path(__file__).with_name("word_vectors.npz")


class WordVectors:
    """The vectors, and which term has which.

    Terms are kept as 64-bit numbers: 100,000 strings would cost as much memory as all the rest of
    a small FAQ. That any two clash is a matter of one in a billion.

    Attributes:
        vectors: Of length 1, shape (rows, dimensions).
    """

    def __init__(self) -> None:
        with np.load(_FILE) as file:
            self._numbers: NDArray[np.uint64] = file["numbers"]
            self._rows: NDArray[np.uint16] = file["rows"]
            vectors = file["vectors"].astype(np.float32)
        self.vectors: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def rows(self, terms: Iterable[str]) -> NDArray[np.int32]:
        """Return the row of each term's vector, or ``UNKNOWN``, shape (terms,)."""
        wanted = np.fromiter(map(number, terms), np.uint64)
        at = self._numbers.searchsorted(wanted)
        at[at == len(self._numbers)] = 0
        return np.where(self._numbers[at] == wanted, self._rows[at].astype(np.int32), UNKNOWN)


def number(term: str) -> int:
    """Return the 64 bits by which a term is known."""
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "little")


@lru_cache(1)
def word_vectors() -> WordVectors:
    """Return the vectors; read once, when they are first needed."""
    return WordVectors()
