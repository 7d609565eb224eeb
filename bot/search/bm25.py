"""rank-bm25's Okapi with an idf that stays positive, and postings instead of a walk.

What our subclass replaces and why: docs/decisions/0030-a-subclass-of-rank-bm25.md.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rank_bm25 import BM25Okapi

K1 = 1.2
B = 0.75


def idf(documents: int, document_frequency: ArrayLike) -> NDArray[np.float64]:
    """Return ln(1 + (N − n + 0.5) / (n + 0.5)), as Lucene does; always positive.

    Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009,
    with 1 added inside the logarithm.
    """
    n = np.asarray(document_frequency)
    return np.asarray(np.log(1 + (documents - n + 0.5) / (n + 0.5)), dtype=np.float64)


def owners(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each element of stretches that follow one another in which it is: 0, 0, 0, 1 …

    It is ``np.repeat`` in steps that let other threads go on, which that doesn't.
    """
    ends = np.cumsum(lengths)
    size = int(ends[-1]) if len(ends) else 0
    return np.cumsum(np.bincount(ends[:-1], minlength=size)[:size])


class Vocabulary(dict[str, int]):
    """Numbers terms in the order they come, and never forgets one: ``[]`` numbers, ``get`` asks."""

    def __missing__(self, term: str) -> int:
        number = self[term] = len(self)
        return number

    def number(self, terms: Iterable[str]) -> NDArray[np.int32]:
        """Return the terms' numbers, in order."""
        return np.fromiter(map(self.__getitem__, terms), np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Documents:
    """Documents as numbered terms, one document after the other.

    Attributes:
        terms: Shape (T,).
        lengths: How many terms each document has, shape (documents,).
        vocabulary: What numbered the terms.
    """

    terms: NDArray[np.int32]
    lengths: NDArray[np.int64]
    vocabulary: Vocabulary

    @classmethod
    def of(cls, corpus: Sequence[Sequence[str]]) -> "Documents":
        """Number the terms of a corpus."""
        vocabulary = Vocabulary()
        terms = vocabulary.number(chain.from_iterable(corpus))
        return cls(terms, np.fromiter(map(len, corpus), np.int64, len(corpus)), vocabulary)


class PostingsBM25(BM25Okapi):  # type: ignore[misc]
    """BM25Okapi over postings: the same scores without visiting documents that share no term.

    Args:
        corpus: Documents as lists of terms, or numbered; may be empty, and so may each document.
        k1: Saturation of the term frequency.
        b: Normalisation by document length, from 0 (none) to 1 (full).

    Attributes:
        vocabulary: Term to term number.
        idf: Weight of each term by its number, shape (vocabulary,).
        terms: Term number of each posting, ascending, shape (P,).
        documents: Document of each posting, ascending within a term, shape (P,).
        impacts: What the posting adds to its document's score, shape (P,).
        starts: Where each term's postings start, and the end of the last, shape (vocabulary + 1,).
    """

    def __init__(
        self, corpus: Documents | Sequence[Sequence[str]], k1: float = K1, b: float = B
    ) -> None:
        super().__init__(corpus, k1=k1, b=b)
        norms = k1 * (1 - b + b * self.doc_len / self.avgdl)
        # In place: at millions of postings fresh memory costs more than the arithmetic.
        self.impacts: NDArray[np.float64] = np.take(norms, self.documents)
        self.impacts += self.frequencies
        np.divide(self.frequencies, self.impacts, out=self.impacts)
        self.impacts *= (self.idf * (k1 + 1))[self.terms]

    def _initialize(self, corpus: Documents | Sequence[Sequence[str]]) -> NDArray[np.int64]:
        """Make postings; rank-bm25 calls this hook and hands the result to ``_calc_idf``."""
        numbered = corpus if isinstance(corpus, Documents) else Documents.of(corpus)
        size = len(numbered.lengths)
        self.vocabulary = numbered.vocabulary
        self.corpus_size = size
        self.doc_len = numbered.lengths
        self.avgdl = len(numbered.terms) / size if len(numbered.terms) else 1.0

        # One sort of (term, document) pairs; equal neighbours are the term frequency.
        pairs = numbered.terms.astype(np.int64)
        pairs *= max(size, 1)
        pairs += owners(numbered.lengths)
        pairs.sort()
        first = np.flatnonzero(np.diff(pairs, prepend=-1) > 0)
        self.frequencies = np.diff(first, append=len(pairs))
        self.terms, self.documents = np.divmod(pairs[first], max(size, 1))
        # Not by np.bincount: it looks for the largest first, and other threads wait.
        self.starts = np.searchsorted(self.terms, np.arange(len(self.vocabulary) + 1))
        return np.diff(self.starts)

    def _calc_idf(self, nd: NDArray[np.int64]) -> None:
        self.idf = idf(self.corpus_size, nd)

    def get_scores(self, query: Sequence[str]) -> NDArray[np.float64]:
        """Score every document; a term twice in the query counts twice, as in rank-bm25.

        Returns:
            Shape (documents,).
        """
        scores = np.zeros(self.corpus_size)
        for term, count in Counter(query).items():
            number = self.vocabulary.get(term)
            if number is not None:
                postings = slice(self.starts[number], self.starts[number + 1])
                scores[self.documents[postings]] += count * self.impacts[postings]
        return scores

    def get_batch_scores(self, query: Sequence[str], doc_ids: Sequence[int]) -> NDArray[np.float64]:
        """Score some documents, in the order given."""
        return self.get_scores(query)[list(doc_ids)]
