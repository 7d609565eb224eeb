"""The FAQ, analysed: every entry once, for as long as it stays the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from bot.domain.entry import Entry
from bot.domain.retrieval import Token
from bot.search.analysis import Analyzer
from bot.search.bm25 import Vocabulary
from bot.search.index import AnalysedEntry
from bot.search.word_vectors import word_vectors


@dataclass(frozen=True, slots=True)
class Stored:
    """A corpus as plain data, to be kept in a file.

    Attributes:
        fingerprint: The analysis that it was made by.
        entries: The entries.
        vocabulary: Terms by number.
        spellings: How terms were spelled.
        terms: Numbers of all entries' terms, one entry after the other: int32.
        lengths: How many terms each part of each entry has: int32.
        words: Terms of the words in the synonym lists.
        readings: How terms are read.
    """

    fingerprint: str
    entries: tuple[Entry, ...]
    vocabulary: tuple[str, ...]
    spellings: tuple[str, ...]
    terms: bytes
    lengths: bytes
    words: dict[str, tuple[str, ...]]
    readings: dict[str, str]


class Corpus:
    """What was analysed so far.

    Args:
        analyzer: The chain that entries and queries go through.
        stored: What an earlier process analysed; passed over if another chain made it.

    Attributes:
        vocabulary: Numbers of all terms that were ever seen.
        spellings: How terms were ever spelled, and the terms, lower case.
        words: Terms of each word of the synonym lists that was ever analysed.
        readings: How each term that was ever looked up is read.
    """

    def __init__(self, analyzer: Analyzer, stored: Stored | None = None) -> None:
        self._analyzer = analyzer
        self._known: dict[str, AnalysedEntry] = {}
        self.vocabulary = Vocabulary()
        self.spellings: set[str] = set()
        self.words: dict[str, tuple[str, ...]] = {}
        self.readings: dict[str, str] = {}
        self._rows = np.zeros(0, np.int32)
        if stored is not None and stored.fingerprint == analyzer.fingerprint:
            self._restore(stored)

    def analyse(self, entries: Iterable[Entry]) -> list[AnalysedEntry]:
        """Analyse the entries that are new or changed, and forget those that are gone."""
        before = self._known
        self._known = {}
        for entry in entries:
            known = before.get(entry.id)
            if known is None or known.entry != entry:
                known = self._analyse(entry)
            self._known[entry.id] = known
        return list(self._known.values())

    def rows(self) -> NDArray[np.int32]:
        """Return the row of each term's word vector, by its number in the vocabulary."""
        new = islice(self.vocabulary, len(self._rows), None)
        self._rows = np.concatenate((self._rows, word_vectors().rows(new)))
        return self._rows

    def store(self) -> Stored:
        """Return what was analysed, to be kept."""
        known = self._known.values()
        return Stored(
            self._analyzer.fingerprint,
            tuple(one.entry for one in known),
            tuple(self.vocabulary),
            tuple(sorted(self.spellings)),
            b"".join(one.terms.tobytes() for one in known),
            b"".join(np.array(one.lengths, np.int32).tobytes() for one in known),
            self.words,
            self.readings,
        )

    def _restore(self, stored: Stored) -> None:
        self.vocabulary.number(stored.vocabulary)
        self.spellings.update(stored.spellings)
        self.words.update(stored.words)
        self.readings.update(stored.readings)
        terms = np.frombuffer(stored.terms, np.int32)
        lengths = iter(np.frombuffer(stored.lengths, np.int32).tolist())
        start = 0
        for entry in stored.entries:
            parts = tuple(next(lengths) for _ in range(len(entry.wordings) + 1))
            end = start + sum(parts)
            self._known[entry.id] = AnalysedEntry(entry, terms[start:end], parts)
            start = end

    def _analyse(self, entry: Entry) -> AnalysedEntry:
        tokens = self._analyzer.tokens
        wordings = [self._terms(tokens(wording)) for wording in entry.wordings]
        rest = self._terms(tokens(f"{entry.answer}\n{entry.talk}\n{entry.lecturer}"))
        return AnalysedEntry.of(entry, wordings, rest, self.vocabulary)

    def _terms(self, tokens: Sequence[Token]) -> list[str]:
        for token in tokens:
            self.spellings.update((token.surface.lower(), token.term))
        return [token.term for token in tokens]
