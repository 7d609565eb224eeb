"""The index: two BM25 fields over the FAQ, merged into one posting list."""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, KeysView, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain, pairwise
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from bot.domain.entry import Entry
from bot.search.bm25 import K1, B, Documents, PostingsBM25, Vocabulary, idf, owners

QUESTION_WEIGHT = 1.0
WHOLE_WEIGHT = 2.0

_MAX_REMEMBERED = 4_096  # entries whose terms are kept as a set
_LEAST_GROUPS = 80  # of scores: fewer take more time than to order so many takes

POSTING = np.dtype([("wording", np.int64), ("impact", np.float64)])
"""A wording that has a term, and what that adds to its score."""


@dataclass(frozen=True, slots=True, eq=False)
class AnalysedEntries:
    """Entries and their terms, numbered; an entry's parts are its wordings, and last the rest.

    Arrays of all entries instead of objects for each: a change of one entry costs little more than
    copying them, and meanwhile other threads go on.

    Attributes:
        entries: The entries.
        terms: The terms of each part of each entry, one after the other, shape (T,).
        lengths: How many terms each part has, shape (parts,).
        parts: How many parts each entry has, shape (entries,).
    """

    entries: tuple[Entry, ...]
    terms: NDArray[np.int32]
    lengths: NDArray[np.int64]
    parts: NDArray[np.int64]

    @classmethod
    def of(
        cls, analysed: Iterable[tuple[Entry, Sequence[Sequence[str]]]], vocabulary: Vocabulary
    ) -> "AnalysedEntries":
        """Number the terms of entries, given with the terms of their parts."""
        entries = []
        terms, lengths, parts = array("i"), array("q"), array("q")
        for entry, of_parts in analysed:
            entries.append(entry)
            parts.append(len(of_parts))
            lengths.extend(map(len, of_parts))
            terms.extend(map(vocabulary.__getitem__, chain.from_iterable(of_parts)))
        return cls(tuple(entries), np.array(terms), np.array(lengths), np.array(parts))

    def __len__(self) -> int:
        return len(self.entries)

    def __add__(self, other: "AnalysedEntries") -> "AnalysedEntries":
        return AnalysedEntries(
            self.entries + other.entries,
            np.concatenate((self.terms, other.terms)),
            np.concatenate((self.lengths, other.lengths)),
            np.concatenate((self.parts, other.parts)),
        )

    def take(self, positions: NDArray[np.int64], entries: tuple[Entry, ...]) -> "AnalysedEntries":
        """Return the entries at some positions, in that order."""
        of_parts = _stretches(self.parts, positions)
        of_terms = _stretches(self.lengths, of_parts)
        return AnalysedEntries(
            entries, self.terms[of_terms], self.lengths[of_parts], self.parts[positions]
        )


class Index:
    """An immutable snapshot of the FAQ, ready to be searched.

    The fields are the question (each wording is a document of its own) and the whole entry
    (question, variants, answer, talk, lecturer). A wording's score is its BM25 in the first field
    plus twice its entry's BM25 in the second; an entry scores as its best wording does.

    Args:
        analysed: The entries in any order.
        vocabulary: What numbered their terms; it may know more.

    Attributes:
        entries: The entries by id, so that the order of equal scores is that of their ids.
        owner: Entry of each wording, ascending, shape (wordings,).
        most_per_idf: What a term adds at most to a wording's score, per idf.
    """

    def __init__(self, analysed: AnalysedEntries, vocabulary: Vocabulary) -> None:
        unordered = analysed.entries
        order = sorted(range(len(unordered)), key=lambda at: unordered[at].id)
        ordered = analysed.take(np.array(order, np.int64), tuple(unordered[at] for at in order))
        self.entries = ordered.entries
        self._vocabulary = vocabulary
        self._terms = tuple(vocabulary)
        self._numbers = ordered.terms
        self._ends = np.concatenate(([0], np.cumsum(ordered.lengths)))

        # Of all parts, those that are wordings: in each entry all but the last.
        wordings = ordered.parts - 1
        part_ends = np.cumsum(ordered.parts)
        is_wording = np.ones(len(ordered.lengths), dtype=np.bool_)
        is_wording[part_ends - 1] = False
        self.owner = owners(wordings)
        self._most_wordings = int(wordings.max(initial=1))

        self._entry_ends = self._ends[np.concatenate(([0], part_ends))]
        entry_lengths = np.diff(self._entry_ends)
        whole = PostingsBM25(Documents(ordered.terms, entry_lengths, vocabulary), K1, B)
        asked = np.compress(is_wording[owners(ordered.lengths)], ordered.terms)
        asked_lengths = ordered.lengths[is_wording]
        question = PostingsBM25(Documents(asked, asked_lengths, vocabulary), K1, B)
        self._idf: list[float] = whole.idf.tolist()
        self.most_per_idf = (K1 + 1) * (QUESTION_WEIGHT + WHOLE_WEIGHT)
        self.unknown_idf = float(idf(len(ordered), 0))
        # By term, as bytes of ``POSTING``: what costs is looking up and joining objects, not
        # adding, and none is as small, joined as fast, or passed over by the garbage collector.
        self._postings = self._merge(question, whole, wordings)
        # Not by a method: a cycle would keep a replaced index until the collector comes by.
        terms_of = partial(_terms_of, ordered.terms, self._entry_ends, self._terms)
        self.entry_terms = lru_cache(_MAX_REMEMBERED)(terms_of)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, term: object) -> bool:
        return term in self._postings

    @property
    def terms(self) -> KeysView[str]:
        """All terms, in the order of their numbers."""
        return self._postings.keys()

    def entry(self, entry_id: str) -> Entry | None:
        """Return the entry of that id."""
        at = bisect_left(self.entries, entry_id, key=attrgetter("id"))
        found = self.entries[at] if at < len(self.entries) else None
        return found if found is not None and found.id == entry_id else None

    def idf(self, term: str) -> float:
        """Return the term's weight in the whole-entry field; an unknown term weighs most."""
        number = self._vocabulary.get(term)
        # A later snapshot may have numbered terms that this one doesn't know.
        if number is None or number >= len(self._idf):
            return self.unknown_idf
        return self._idf[number]

    def adjacent(self, first: str, second: str) -> bool:
        """Whether an entry has two terms one right behind the other."""
        one, other = self._vocabulary.get(first), self._vocabulary.get(second)
        if one is None or other is None:
            return False
        at = np.flatnonzero(self._numbers[:-1] == one)
        return bool((self._numbers[at + 1] == other).any())

    def wording_terms(self, wording: int) -> tuple[str, ...]:
        """Return the distinct terms of one wording of a question, in order."""
        part = wording + self.owner.item(wording)  # each entry before has a rest as well
        numbers = _stretch(self._numbers, self._ends, part).tolist()
        return tuple(dict.fromkeys(self._terms[number] for number in numbers))

    def scores(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """Score every wording, shape (wordings,).

        Args:
            weights: What each term of the query counts.
        """
        known = self._postings
        of_terms = [*filter(None, map(known.get, weights))]
        if not of_terms:
            return np.zeros(len(self.owner))
        postings = np.frombuffer(b"".join(of_terms), POSTING)
        impacts = postings["impact"]
        if list(weights.values()).count(1.0) < len(weights):
            factors = np.array([weight for term, weight in weights.items() if term in known])
            impacts = impacts * factors.repeat([len(some) // POSTING.itemsize for some in of_terms])
        # Typed as integers, which they are without weights only.
        return np.bincount(postings["wording"], impacts, len(self.owner))  # type: ignore[return-value]

    def highest(self, terms: Collection[str]) -> NDArray[np.float64]:
        """Score every wording by the one of some terms that says most, shape (wordings,)."""
        scores = np.zeros(len(self.owner))
        of_terms = filter(None, map(self._postings.get, terms))
        postings = np.frombuffer(b"".join(of_terms), POSTING)
        np.maximum.at(scores, postings["wording"], postings["impact"])
        return scores

    def _merge(
        self,
        question: PostingsBM25,
        whole: PostingsBM25,
        wordings: NDArray[np.int64],
    ) -> dict[str, bytes]:
        """Make one posting list of both fields: an impact for each term and wording.

        Whatever is in a wording is in its entry too, so the question field adds no posting.
        """
        terms, documents, impacts = whole.terms, whole.documents, whole.impacts
        if self._most_wordings > 1:
            postings = owners(wordings[documents])  # each for every wording of its entry
            terms, impacts = terms[postings], impacts[postings]
            documents = _stretches(wordings, documents)
        width = max(len(self.owner), 1)
        pairs = terms * width
        pairs += documents
        at = np.searchsorted(pairs, question.terms * width + question.documents)
        impacts *= WHOLE_WEIGHT
        impacts[at] += QUESTION_WEIGHT * question.impacts

        starts = np.searchsorted(terms, np.arange(len(self._terms) + 1)).tolist()
        merged = np.rec.fromarrays((documents, impacts), POSTING)
        cut = merged.view(np.uint8).data  # much faster than arrays
        size = POSTING.itemsize
        return {
            term: cut[size * start : size * end].tobytes()
            for term, (start, end) in zip(self._terms, pairwise(starts), strict=True)
            if start < end
        }


def _terms_of(
    numbers: NDArray[np.int32], ends: NDArray[np.int64], terms: Sequence[str], entry: int
) -> frozenset[str]:
    """Return the terms of a whole entry."""
    return frozenset(map(terms.__getitem__, _stretch(numbers, ends, entry).tolist()))


def _stretch(values: NDArray[np.int32], ends: NDArray[np.int64], at: int) -> NDArray[np.int32]:
    """Return one stretch of an array; before all ends stands 0."""
    return values[ends[at] : ends[at + 1]]


def _stretches(lengths: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions of all elements of some stretches of an array.

    Args:
        lengths: How long each stretch of the array is.
        at: Which stretches are wanted, in that order.
    """
    wanted = lengths[at]
    shift = np.cumsum(lengths)[at] - np.cumsum(wanted)  # where they are taken from and put to
    positions = shift[owners(wanted)]
    positions += np.arange(len(positions))
    return positions


def best(scores: NDArray[np.floating], count: int) -> list[int]:
    """Return where the best positive scores stand, at least ``count``, best first, ties in order.

    Partitioning the scores as they are is slow, as most are equal: 0. But if they are split into
    groups, the ``count``-th best of the groups' maxima is a score that ``count`` of them reach.
    """
    bar, rows = 0.0, min(len(scores) // max(4 * count, _LEAST_GROUPS), 64)
    if rows > 1:
        groups = len(scores) // rows
        maxima = np.maximum.reduce(scores[: rows * groups].reshape(rows, groups))
        maxima.sort()
        bar = maxima.item(-count)
    (reaching,) = (scores >= bar if bar > 0 else scores > 0).nonzero()
    return sorted(reaching.tolist(), key=scores.item, reverse=True)  # so few: quicker than numpy
