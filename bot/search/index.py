"""The index: two BM25 fields over the FAQ, merged into one posting list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.domain.entry import Entry
from bot.search.bm25 import K1, B, PostingsBM25, idf

QUESTION_WEIGHT = 1.0
WHOLE_WEIGHT = 2.0
QUESTION_B = 0.95  # a question's length says more than a whole entry's: measured in docs/quality.md


@dataclass(frozen=True, slots=True)
class AnalysedEntry:
    """An entry and its terms.

    Attributes:
        entry: The entry.
        wordings: Terms of the question and of each variant.
        rest: Terms of answer, talk and lecturer.
    """

    entry: Entry
    wordings: tuple[tuple[str, ...], ...]
    rest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A wording that search found: its position and its score."""

    wording: int
    score: float


class Index:
    """An immutable snapshot of the FAQ, ready to be searched.

    The fields are the question (each wording is a document of its own) and the whole entry
    (question, variants, answer, talk, lecturer). A wording's score is its BM25 in the first field
    plus twice its entry's BM25 in the second; an entry scores as its best wording does.

    Args:
        analysed: The entries in any order.

    Attributes:
        entries: The entries by id, so that the order of equal scores is that of their ids.
        owner: Entry of each wording, ascending, shape (wordings,).
    """

    def __init__(self, analysed: Sequence[AnalysedEntry]) -> None:
        ordered = sorted(analysed, key=lambda one: one.entry.id)
        self.entries = tuple(one.entry for one in ordered)
        wordings = [terms for one in ordered for terms in one.wordings]
        counts = [len(one.wordings) for one in ordered]
        self.owner = np.repeat(np.arange(len(ordered)), counts)
        self._first = np.cumsum([0, *counts[:-1]]) if ordered else np.zeros(0, dtype=np.int64)
        self._one_each = len(wordings) == len(ordered)

        whole = [[t for terms in one.wordings for t in terms] + list(one.rest) for one in ordered]
        self._vocabulary: dict[str, int] = {}
        field_whole = PostingsBM25(whole, K1, B, self._vocabulary)
        field_question = PostingsBM25(wordings, K1, QUESTION_B, self._vocabulary)
        self._idf = field_whole.idf
        self.unknown_idf = idf(len(ordered), 0)

        self._merge(field_question, field_whole, np.array(counts, dtype=np.int64))
        self._terms_of_entry = _Forward(field_whole, len(ordered))
        self._terms_of_wording = _Forward(field_question, len(wordings))
        self._term = tuple(self._vocabulary)
        weights = np.fromiter((self.idf(t) for t in self._term), np.float64, len(self._term))
        self._question_weight = np.bincount(
            field_question.documents, weights[field_question.terms], minlength=len(wordings)
        )

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, term: object) -> bool:
        return term in self._idf

    def idf(self, term: str) -> float:
        """Return the term's weight in the whole-entry field; an unknown term weighs most."""
        return self._idf.get(term, self.unknown_idf)

    def entry_terms(self, entry: int) -> frozenset[str]:
        """Return the terms of a whole entry."""
        return frozenset(self._term[at] for at in self._terms_of_entry.row(entry))

    def wording_terms(self, wording: int) -> frozenset[str]:
        """Return the terms of one wording of a question."""
        return frozenset(self._term[at] for at in self._terms_of_wording.row(wording))

    def question_weight(self, wording: int) -> float:
        """Return the summed idf of a wording's terms."""
        return float(self._question_weight[wording])

    def search(
        self, weights: Mapping[str, float], limit: int, without: int | None = None
    ) -> list[Found]:
        """Find the best entries, best first, ties by entry id.

        Args:
            weights: What each term of the query counts.
            limit: How many entries at most; only entries that share a term are found.
            without: An entry to leave out.
        """
        scores = self.scores(weights)
        if not len(scores):
            return []
        best = scores if self._one_each else np.maximum.reduceat(scores, self._first)
        if without is not None:
            best[without] = 0.0
        found = []
        for at in _top(best, limit):
            wording = int(at)
            if not self._one_each:
                first = int(self._first[at])
                last = int(self._first[at + 1]) if at + 1 < len(self._first) else len(scores)
                wording = first + int(np.argmax(scores[first:last]))
            found.append(Found(wording, float(best[at])))
        return found

    def scores(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """Score every wording, shape (wordings,)."""
        starts, vocabulary = self._starts, self._vocabulary
        documents, impacts = [], []
        for term, weight in weights.items():
            at = vocabulary.get(term)
            if at is not None:
                low, high = starts[at], starts[at + 1]
                documents.append(self._documents[low:high])
                part = self._impacts[low:high]
                impacts.append(part if weight == 1.0 else part * weight)
        if not documents:
            return np.zeros(len(self.owner))
        scores = np.bincount(
            np.concatenate(documents), np.concatenate(impacts), minlength=len(self.owner)
        )
        return np.asarray(scores, dtype=np.float64)

    def _merge(
        self, question: PostingsBM25, whole: PostingsBM25, counts: NDArray[np.int64]
    ) -> None:
        """Make one posting list of both fields: an impact for each term and wording."""
        repeats = counts[whole.documents]
        offsets = np.arange(int(repeats.sum())) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        terms = np.concatenate((np.repeat(whole.terms, repeats), question.terms))
        documents = np.concatenate(
            (np.repeat(self._first[whole.documents], repeats) + offsets, question.documents)
        )
        impacts = np.concatenate(
            (WHOLE_WEIGHT * np.repeat(whole.impacts, repeats), QUESTION_WEIGHT * question.impacts)
        )
        width = max(len(self.owner), 1)
        pairs, inverse = np.unique(terms * width + documents, return_inverse=True)
        self._impacts = np.bincount(inverse, impacts, minlength=len(pairs))
        merged_terms, self._documents = np.divmod(pairs, width)
        starts = np.searchsorted(merged_terms, np.arange(len(self._vocabulary) + 1))
        self._starts: list[int] = starts.tolist()


class _Forward:
    """The term ids of each document."""

    def __init__(self, field: PostingsBM25, documents: int) -> None:
        order = np.argsort(field.documents, kind="stable")
        self._terms = field.terms[order].astype(np.int32)
        self._starts = np.searchsorted(field.documents[order], np.arange(documents + 1))

    def row(self, document: int) -> list[int]:
        row: list[int] = self._terms[self._starts[document] : self._starts[document + 1]].tolist()
        return row


def _top(scores: NDArray[np.float64], limit: int) -> NDArray[np.int64]:
    """Return the positions of the best positive scores, best first, ties by position.

    Partitioning the scores as they are is slow: most of them are equal, namely zero.
    """
    touched = np.flatnonzero(scores)
    values = scores[touched]
    if len(values) > 8 * limit:
        bar = np.partition(values, len(values) - limit)[len(values) - limit]
        touched = touched[values >= bar]
        values = scores[touched]
    return touched[np.argsort(-values, kind="stable")[:limit]]
