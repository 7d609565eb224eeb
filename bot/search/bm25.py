"""rank-bm25's Okapi with an idf that stays positive, and postings instead of a walk.

What our subclass replaces and why: docs/decisions/0030-a-subclass-of-rank-bm25.md.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

K1 = 1.2
B = 0.75


def idf(documents: int, document_frequency: float) -> float:
    """Return ln(1 + (N − n + 0.5) / (n + 0.5)), as Lucene does; always positive.

    Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009,
    with 1 added inside the logarithm.
    """
    return math.log(1 + (documents - document_frequency + 0.5) / (document_frequency + 0.5))


class PostingsBM25(BM25Okapi):  # type: ignore[misc]
    """BM25Okapi over postings: the same scores without visiting documents that share no term.

    Args:
        corpus: Documents as lists of terms; may be empty, and so may each document.
        k1: Saturation of the term frequency.
        b: Normalisation by document length, from 0 (none) to 1 (full).
        vocabulary: Term to term id; shared between fields, and extended with what is new here.

    Attributes:
        terms: Term id of each posting, ascending, shape (P,).
        documents: Document of each posting, ascending within a term, shape (P,).
        impacts: What the posting adds to its document's score, shape (P,).
    """

    def __init__(
        self,
        corpus: Sequence[Sequence[str]],
        k1: float = K1,
        b: float = B,
        vocabulary: dict[str, int] | None = None,
    ) -> None:
        self.vocabulary = {} if vocabulary is None else vocabulary
        super().__init__(corpus, k1=k1, b=b)
        self._weigh()

    def _initialize(self, corpus: Sequence[Sequence[str]]) -> dict[str, int]:
        """Make postings; rank-bm25 calls this hook and hands the result to ``_calc_idf``."""
        known = self.vocabulary
        flat = [known.setdefault(term, len(known)) for document in corpus for term in document]
        lengths = np.fromiter((len(document) for document in corpus), np.int64, len(corpus))
        self.corpus_size = len(corpus)
        self.doc_len = lengths
        self.avgdl = float(lengths.mean()) if len(flat) else 1.0

        owners = np.repeat(np.arange(self.corpus_size, dtype=np.int64), lengths)
        pairs = np.array(flat, dtype=np.int64) * max(self.corpus_size, 1) + owners
        pairs, frequencies = np.unique(pairs, return_counts=True)
        self.terms, self.documents = np.divmod(pairs, max(self.corpus_size, 1))
        self.frequencies = frequencies
        counts = np.bincount(self.terms, minlength=len(known))
        return {term: int(counts[at]) for term, at in known.items() if counts[at]}

    def _calc_idf(self, nd: dict[str, int]) -> None:
        self.idf = {term: idf(self.corpus_size, count) for term, count in nd.items()}

    def _weigh(self) -> None:
        weights = np.zeros(len(self.vocabulary))
        for term, weight in self.idf.items():
            weights[self.vocabulary[term]] = weight
        frequency = self.frequencies
        length = self.doc_len[self.documents] / self.avgdl
        self.impacts: NDArray[np.float64] = (
            weights[self.terms]
            * frequency
            * (self.k1 + 1)
            / (frequency + self.k1 * (1 - self.b + self.b * length))
        )
        self._starts = np.searchsorted(self.terms, np.arange(len(self.vocabulary) + 1))

    def get_scores(self, query: Sequence[str]) -> NDArray[np.float64]:
        """Score every document; a term twice in the query counts twice, as in rank-bm25.

        Returns:
            Shape (documents,).
        """
        scores = np.zeros(self.corpus_size)
        for term, count in Counter(query).items():
            if term in self.idf:
                at = self.vocabulary[term]
                postings = slice(self._starts[at], self._starts[at + 1])
                scores[self.documents[postings]] += count * self.impacts[postings]
        return scores

    def get_batch_scores(self, query: Sequence[str], doc_ids: Sequence[int]) -> NDArray[np.float64]:
        """Score some documents, in the order given."""
        return self.get_scores(query)[list(doc_ids)]
