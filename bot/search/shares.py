"""How much of what was asked an entry speaks of, and how much of the entry's question was asked.

BM25 adds up what matches and says nothing about what doesn't. These shares do, from three views:
words, kanji (払う and 支払い share one) and pairs of characters (the order of words).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain
from sys import intern
from typing import NamedTuple

from bot.domain.retrieval import Query
from bot.search.index import Index
from bot.search.synonyms import Alternative

SYNONYM_CREDIT = 0.7
"""What a word counts that only a synonym of it meets."""

_KANJI = re.compile(r"[一-鿿々]")

_MAX_REMEMBERED = 4_096  # wordings kept prepared, and words taken apart


class Shares(NamedTuple):
    """Shares of idf weight from 0 to 1; a word's weight is spread over its characters.

    Attributes:
        coverage: Words of the query that are in the entry.
        asked: Words of the entry's question that are in the query.
        kanji_coverage: Kanji of the query that are in the entry.
        kanji_asked: Kanji of the entry's question that are in the query.
        pairs: Pairs of neighbouring characters of the query that are in the entry.
        aimed: Words of the query that are in the entry's question.
        missing: Nouns of the sentences that ask, of which the entry doesn't speak.
    """

    coverage: float
    asked: float
    kanji_coverage: float
    kanji_asked: float
    pairs: float
    aimed: float
    missing: float

    @property
    def raising(self) -> float:
        """The sum of those that raise a score; the last two only say how sure to be."""
        return self.coverage + self.asked + self.kanji_coverage + self.kanji_asked + self.pairs


NOTHING = Shares(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
"""The shares of what isn't compared."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, prepared for comparing.

    Attributes:
        terms: Share of each term in the query's weight.
        synonyms: The ways to say the same as a term of the query, as terms, and all these in one.
        others: The terms of all synonyms that aren't terms of the query.
        kanji: Share of each kanji in the weight of all kanji; 0 for those in normalized forms only.
        pairs: Share of each pair of neighbouring characters.
        nouns: Share of each noun in the weight of the sentences that ask.
    """

    terms: dict[str, float]
    synonyms: dict[str, tuple[list[tuple[str, ...]], list[str]]]
    others: tuple[str, ...]
    kanji: dict[str, float]
    pairs: dict[str, float]
    nouns: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Wording:
    """One wording of an entry's question, prepared for comparing.

    Attributes:
        entry: Terms of the whole entry.
        terms: Share of each term of the question in its weight.
        kanji: Share of each kanji of the question.
        text: Question and answer, to look for characters in.
    """

    entry: frozenset[str]
    terms: dict[str, float]
    kanji: dict[str, float]
    text: str


class Comparison:
    """Compares queries with the wordings of an index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        # Not by a method: a cycle would keep a replaced index until the collector comes by.
        self._wording = lru_cache(_MAX_REMEMBERED)(partial(_prepare, index))

    def ask(
        self, query: Query, importance: Mapping[str, float], alternatives: Iterable[Alternative]
    ) -> Asked:
        """Prepare a query.

        Args:
            query: The query.
            importance: What each of its terms counts, from 0 to 1.
            alternatives: Synonyms of stretches of it.
        """
        idf = self._index.idf
        weights = {term: counts * idf(term) for term, counts in importance.items()}
        synonyms: dict[str, list[tuple[str, ...]]] = {}
        others: dict[str, None] = {}
        for alternative in alternatives:
            terms = alternative.word.terms
            others.update(dict.fromkeys(terms))
            for token in query.tokens[alternative.start : alternative.end]:
                synonyms.setdefault(token.term, []).append(terms)
        kanji, pairs = _characters(query, weights)
        return Asked(
            _shares(weights),
            {term: (ways, list(chain.from_iterable(ways))) for term, ways in synonyms.items()},
            tuple([term for term in others if term not in weights]),
            dict.fromkeys(_KANJI.findall("".join(weights)), 0.0) | _shares(kanji),
            _shares(pairs),
            _nouns(importance, weights),
        )

    def compare(self, asked: Asked, wording: int) -> Shares:
        """Compare a query with one wording."""
        # Plain loops: this runs for each of BM25's best, and sum() over a generator takes twice.
        # They go over the query, which the processor's caches hold, and only look up the entry's.
        met = self._wording(wording)
        coverage, words_asked, aimed, missing = _words(asked, met)
        question, text = met.kanji, met.text
        kanji_coverage = kanji_asked = pairs = 0.0
        for kanji, share in asked.kanji.items():
            if kanji in text:
                kanji_coverage += share
            if kanji in question:
                kanji_asked += question[kanji]
        for pair, share in asked.pairs.items():
            if pair in text:
                pairs += share
        return Shares(coverage, words_asked, kanji_coverage, kanji_asked, pairs, aimed, missing)

    def focus(self, asked: Asked, wording: int) -> Shares:
        """Compare only so far as to say how sure to be; nothing raises the score."""
        *_, aimed, missing = _words(asked, self._wording(wording))
        return Shares(0.0, 0.0, 0.0, 0.0, 0.0, aimed, missing)


def _words(asked: Asked, met: _Wording) -> tuple[float, float, float, float]:
    """Return coverage, asked, aimed and missing, see ``Shares``."""
    entry, question, synonyms, nouns = met.entry, met.terms, asked.synonyms, asked.nouns
    coverage = words = aimed = missing = 0.0
    for term, share in asked.terms.items():
        if term in question:
            coverage += share
            aimed += share
            words += question[term]
            continue
        covered = share if term in entry else 0.0
        if term in synonyms:
            ways, terms = synonyms[term]
            if not entry.isdisjoint(terms):
                if not covered and any(map(entry.issuperset, ways)):
                    covered = SYNONYM_CREDIT * share
                if not question.keys().isdisjoint(terms):
                    aimed += SYNONYM_CREDIT * share
        if covered:
            coverage += covered
        elif term in nouns:
            missing += nouns[term]
    for term in asked.others:
        if term in question:
            words += SYNONYM_CREDIT * question[term]
    return coverage, words, aimed, missing


def _prepare(index: Index, wording: int) -> _Wording:
    position = int(index.owner[wording])
    entry = index.entries[position]
    terms = {term: index.idf(term) for term in index.wording_terms(wording)}
    kanji: dict[str, float] = {}
    for term, weight in terms.items():
        _, _, characters = _taken_apart(term)
        for char in characters:
            kanji[char] = kanji.get(char, 0.0) + weight / len(characters)
    return _Wording(
        index.entry_terms(position),
        _shares(terms),
        _shares(kanji),
        unicodedata.normalize("NFKC", "\n".join((*entry.wordings, entry.answer))).lower(),
    )


def _characters(
    query: Query, weights: dict[str, float]
) -> tuple[dict[str, float], dict[str, float]]:
    """Spread each word's weight over its characters.

    Returns:
        The weight of each kanji, and of each pair of neighbouring characters in content words.
    """
    kanji: dict[str, float] = {}
    pairs: dict[str, float] = {}
    end, before, last = -1, 0.0, ""
    for token in query.tokens:
        if token.start < end:  # a part of the term before it
            continue
        weight = weights[token.term] / (token.end - token.start)
        surface, its_pairs, its_kanji = _taken_apart(token.surface)
        if token.start == end:
            pair = last + surface[:1]
            pairs[pair] = max(pairs.get(pair, 0.0), (before + weight) / 2)
        for pair in its_pairs:
            if weight > pairs.get(pair, 0.0):
                pairs[pair] = weight
        for char in its_kanji:
            if weight > kanji.get(char, 0.0):
                kanji[char] = weight
        end, before, last = token.end, weight, surface[-1:]
    return kanji, pairs


@lru_cache(_MAX_REMEMBERED)
def _taken_apart(surface: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return a word in lower case, its pairs of neighbouring characters, and its kanji.

    The kanji are interned: one object each for all wordings, found without comparing characters.
    """
    surface = surface.lower()
    pairs = [surface[at : at + 2] for at in range(len(surface) - 1)]
    return surface, tuple(pairs), tuple(map(intern, _KANJI.findall(surface)))


def _nouns(importance: Mapping[str, float], weights: dict[str, float]) -> dict[str, float]:
    """Return the nouns of the sentences that ask: verbs and adjectives end in hiragana."""
    top = max(importance.values(), default=0.0)
    asked = {term: weight for term, weight in weights.items() if importance[term] == top}
    total = sum(asked.values())
    return {term: own / total for term, own in asked.items() if not "ぁ" <= term[-1] <= "ゖ"}


def _shares(weights: dict[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {key: weight / total for key, weight in weights.items()}
