"""The FAQ, analysed: every entry once, for as long as it stays the same."""

from collections.abc import Iterable, Sequence

from bot.domain.entry import Entry
from bot.domain.retrieval import Token
from bot.search.analysis import Analyzer
from bot.search.bm25 import Vocabulary
from bot.search.index import AnalysedEntry


class Corpus:
    """What was analysed so far.

    Args:
        analyzer: The chain that entries and queries go through.

    Attributes:
        vocabulary: Numbers of all terms that were ever seen.
        spellings: How terms were ever spelled, and the terms, lower case.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._known: dict[str, AnalysedEntry] = {}
        self.vocabulary = Vocabulary()
        self.spellings: set[str] = set()

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

    def _analyse(self, entry: Entry) -> AnalysedEntry:
        tokens = self._analyzer.tokens
        wordings = [self._terms(tokens(wording)) for wording in entry.wordings]
        rest = self._terms(tokens(f"{entry.answer}\n{entry.talk}\n{entry.lecturer}"))
        return AnalysedEntry.of(entry, wordings, rest, self.vocabulary)

    def _terms(self, tokens: Sequence[Token]) -> list[str]:
        for token in tokens:
            self.spellings.update((token.surface.lower(), token.term))
        return [token.term for token in tokens]
