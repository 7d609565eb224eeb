"""The FAQ, analysed: every entry once, for as long as it stays the same."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from bot.domain.entry import Entry
from bot.search.analysis import Analyzer
from bot.search.bm25 import Vocabulary
from bot.search.index import AnalysedEntries
from bot.search.synonyms import Groups, Stretches, analyse, by_stretch


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
        groups: Groups of each synonym list that may occur in the entries, by the list's hash.
        readings: How terms are read.
    """

    fingerprint: str
    entries: tuple[Entry, ...]
    vocabulary: tuple[str, ...]
    spellings: tuple[str, ...]
    terms: bytes
    lengths: bytes
    groups: dict[str, Groups]
    readings: dict[str, str]


class Corpus:
    """What was analysed so far.

    Args:
        analyzer: The chain that entries and queries go through.
        stored: What an earlier process analysed; passed over if another chain made it.

    Attributes:
        vocabulary: Numbers of all terms that were ever seen.
        readings: How each term that was ever looked up is read.
    """

    def __init__(self, analyzer: Analyzer, stored: Stored | None = None) -> None:
        self._analyzer = analyzer
        self.vocabulary = Vocabulary()
        self._known = AnalysedEntries.of((), self.vocabulary)
        self._spellings: set[str] = set()  # of the terms, and the terms, lower case
        self._groups: dict[str, Groups] = {}
        self._stretches: dict[str, Stretches] = {}
        self._words: dict[str, tuple[str, ...]] = {}
        self.readings: dict[str, str] = {}
        if stored is not None and stored.fingerprint == analyzer.fingerprint:
            self._restore(stored)

    def analyse(self, entries: Sequence[Entry]) -> AnalysedEntries:
        """Analyse the entries that are new or changed, and forget those that are gone."""
        known = self._known
        positions = array("q")
        new: list[Entry] = []
        for entry, at in zip(entries, self._places(entries), strict=True):
            before = None if at is None else known.entries[at]
            # Compared only if they are two: the fields of 100,000 entries take their time.
            if at is None or (before is not entry and before != entry):
                at = len(known) + len(new)
                new.append(entry)
            positions.append(at)
        spelt = len(self._spellings)
        parts = ((entry, self._parts(entry)) for entry in new)
        added = AnalysedEntries.of(parts, self.vocabulary)
        if len(self._spellings) > spelt:  # and more groups may occur by them
            self._groups.clear()
            self._stretches.clear()
        # The entries given: those from before are equal, but would be kept in memory twice.
        self._known = (known + added).take(np.array(positions), tuple(entries))
        return self._known

    def synonyms(self, path: Path) -> Stretches:
        """Return the groups of a list that may occur in the entries, by stretch.

        Raises:
            SynonymError: The list can't be used.
        """
        try:
            key = sha256(path.read_bytes()).hexdigest()
        except OSError:
            key = ""  # what can't be read is for the analysis to explain
        if key not in self._groups:
            self._groups[key] = analyse(path, self._analyzer, self._spellings, self._words)
        if key not in self._stretches:
            self._stretches[key] = by_stretch(self._groups[key])
        return self._stretches[key]

    def store(self) -> Stored:
        """Return what was analysed, to be kept."""
        return Stored(
            self._analyzer.fingerprint,
            self._known.entries,
            tuple(self.vocabulary),
            tuple(sorted(self._spellings)),
            self._known.terms.tobytes(),
            self._known.lengths.astype(np.int32).tobytes(),
            self._groups,
            self.readings,
        )

    def _restore(self, stored: Stored) -> None:
        self.vocabulary.number(stored.vocabulary)
        self._spellings.update(stored.spellings)
        self._groups.update(stored.groups)
        self.readings.update(stored.readings)
        self._known = AnalysedEntries(
            stored.entries,
            np.frombuffer(stored.terms, np.int32),
            np.frombuffer(stored.lengths, np.int32).astype(np.int64),
            np.array([len(entry.variants) + 2 for entry in stored.entries], np.int64),
        )

    def _places(self, entries: Sequence[Entry]) -> Iterator[int | None]:
        """Yield where each entry, whether changed or not, stands among those known."""
        known = self._known.entries
        places: dict[str, int] = {}
        expected = 0
        for entry in entries:
            at: int | None = expected
            # Most come in the order they had, and a table of all would hold other threads up.
            if expected == len(known) or known[expected].id != entry.id:
                places = places or {one.id: at for at, one in enumerate(known)}
                at = places.get(entry.id)
            if at is not None:
                expected = at + 1
            yield at

    def _parts(self, entry: Entry) -> list[list[str]]:
        rest = f"{entry.answer}\n{entry.talk}\n{entry.lecturer}"
        return [self._terms(text) for text in (*entry.wordings, rest)]

    def _terms(self, text: str) -> list[str]:
        tokens = self._analyzer.tokens(text)
        for token in tokens:
            self._spellings.update((token.surface.lower(), token.term))
        return [token.term for token in tokens]
