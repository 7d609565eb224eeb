"""How much of what was asked an entry speaks of, and how much of the entry's question was asked.

BM25 adds up what matches and says nothing about what doesn't. These shares do, from three views:
words, kanji (払う and 支払い share one) and pairs of characters (the order of words).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

from bot.domain.retrieval import Query, Token
from bot.search.index import Index
from bot.search.synonyms import Alternative

SYNONYM_CREDIT = 0.7
"""What a word counts that only a synonym of it meets."""

_KANJI = re.compile(r"[一-鿿々]")

_MAX_REMEMBERED = 4_096  # wordings kept prepared


class Shares(NamedTuple):
    """Shares of idf weight from 0 to 1; a word's weight is spread over its characters.

    Attributes:
        coverage: Words of the query that are in the entry.
        asked: Words of the entry's question that are in the query.
        kanji_coverage: Kanji of the query that are in the entry.
        kanji_asked: Kanji of the entry's question that are in the query.
        pairs: Pairs of neighbouring characters of the query that are in the entry.
    """

    coverage: float
    asked: float
    kanji_coverage: float
    kanji_asked: float
    pairs: float


class Focus(NamedTuple):
    """Shares of idf weight from 0 to 1.

    Attributes:
        aimed: Words of the query that are in the entry's question.
        missing: Nouns of the sentences that ask, of which the entry doesn't speak.
    """

    aimed: float
    missing: float


NOTHING = Shares(0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, prepared for comparing.

    Attributes:
        terms: Share of each term in the query's weight.
        synonyms: For a term of the query, each way to say the same, as terms.
        known: What a term of an entry counts: 1 if it was asked, less if a synonym of it was.
        kanji: Share of each kanji in the weight of all kanji.
        pairs: Share of each pair of neighbouring characters.
        characters: The query's kanji, as written and in normalized form.
        nouns: Share of each noun in the weight of the sentences that ask.
    """

    terms: tuple[tuple[str, float], ...]
    synonyms: dict[str, list[tuple[str, ...]]]
    known: dict[str, float]
    kanji: tuple[tuple[str, float], ...]
    pairs: tuple[tuple[str, float], ...]
    characters: frozenset[str]
    nouns: tuple[tuple[str, float], ...]


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
    terms: tuple[tuple[str, float], ...]
    kanji: tuple[tuple[str, float], ...]
    text: str


class Comparison:
    """Compares queries with the wordings of an index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        # Not by a method: a cycle would keep a replaced index until the collector comes by.
        self._wording = lru_cache(_MAX_REMEMBERED)(partial(_prepare, index))

    def ask(
        self, query: Query, importance: Sequence[float], alternatives: Iterable[Alternative]
    ) -> Asked:
        """Prepare a query.

        Args:
            query: The query.
            importance: What each of its tokens counts, from 0 to 1.
            alternatives: Synonyms of stretches of it.
        """
        terms: dict[str, float] = {}
        idf = self._index.idf
        for token, factor in zip(query.tokens, importance, strict=True):
            weight = factor * idf(token.term)
            if weight > terms.get(token.term, 0.0):
                terms[token.term] = weight
        synonyms: dict[str, list[tuple[str, ...]]] = {}
        known: dict[str, float] = {}
        for alternative in alternatives:
            others = alternative.word.terms
            for term in others:
                known[term] = SYNONYM_CREDIT
            for token in query.tokens[alternative.start : alternative.end]:
                synonyms.setdefault(token.term, []).append(others)
        known.update(dict.fromkeys(terms, 1.0))
        kanji, neighbours = _characters(query, terms)
        characters = "".join((*kanji, *terms))
        return Asked(
            _shares(terms),
            synonyms,
            known,
            _shares(kanji),
            _shares(neighbours),
            frozenset(_KANJI.findall(characters)),
            _nouns(query.tokens, importance, terms),
        )

    def shares(self, asked: Asked, wording: int) -> Shares:
        """Compare a query with one wording."""
        # Plain loops: this runs for each of BM25's best, and sum() over a generator takes twice.
        met = self._wording(wording)
        known, characters, text = asked.known, asked.characters, met.text
        words = kanji_covered = kanji_asked = pairs = 0.0
        for term, share in met.terms:
            if term in known:
                words += share * known[term]
        for kanji, share in asked.kanji:
            if kanji in text:
                kanji_covered += share
        for kanji, share in met.kanji:
            if kanji in characters:
                kanji_asked += share
        for pair, share in asked.pairs:
            if pair in text:
                pairs += share
        return Shares(_coverage(asked, met.entry), words, kanji_covered, kanji_asked, pairs)

    def focus(self, asked: Asked, wording: int) -> Focus:
        """Compare more closely what was asked with what a wording is about."""
        met = self._wording(wording)
        question = {term for term, _ in met.terms}
        aimed = missing = 0.0
        for term, share in asked.terms:
            if term in question:
                aimed += share
            elif not all(map(question.isdisjoint, asked.synonyms.get(term, ()))):
                aimed += SYNONYM_CREDIT * share
        for term, share in asked.nouns:
            if term not in met.entry and not _said(term, asked, met.entry):
                missing += share
        return Focus(aimed, missing)


def _prepare(index: Index, wording: int) -> _Wording:
    position = int(index.owner[wording])
    entry = index.entries[position]
    terms = {term: index.idf(term) for term in index.wording_terms(wording)}
    kanji: dict[str, float] = {}
    for term, weight in terms.items():
        characters = _KANJI.findall(term)
        for char in characters:
            kanji[char] = kanji.get(char, 0.0) + weight / len(characters)
    return _Wording(
        index.entry_terms(position),
        _shares(terms),
        _shares(kanji),
        unicodedata.normalize("NFKC", "\n".join((*entry.wordings, entry.answer))).lower(),
    )


def _coverage(asked: Asked, entry: frozenset[str]) -> float:
    covered = 0.0
    for term, share in asked.terms:
        if term in entry:
            covered += share
        elif _said(term, asked, entry):
            covered += SYNONYM_CREDIT * share
    return covered


def _said(term: str, asked: Asked, entry: frozenset[str]) -> bool:
    """Whether the entry says a term of the query in other words."""
    others = asked.synonyms.get(term)
    return others is not None and any(map(entry.issuperset, others))


def _characters(
    query: Query, weights: dict[str, float]
) -> tuple[dict[str, float], dict[str, float]]:
    """Spread each word's weight over its characters.

    Returns:
        The weight of each kanji, and of each pair of neighbouring characters in content words.
    """
    kanji: dict[str, float] = {}
    pairs: dict[str, float] = {}
    text = query.text.lower()
    end, before = -1, 0.0
    for token in query.tokens:
        if token.start < end:  # a part of the term before it
            continue
        weight = weights[token.term] / (token.end - token.start)
        if token.start == end:
            pair = text[end - 1 : end + 1]
            pairs[pair] = max(pairs.get(pair, 0.0), (before + weight) / 2)
        for at in range(token.start, token.end - 1):
            pair = text[at : at + 2]
            if weight > pairs.get(pair, 0.0):
                pairs[pair] = weight
        for char in _KANJI.findall(token.surface):
            if weight > kanji.get(char, 0.0):
                kanji[char] = weight
        end, before = token.end, weight
    return kanji, pairs


def _nouns(
    tokens: Sequence[Token], importance: Sequence[float], weights: dict[str, float]
) -> tuple[tuple[str, float], ...]:
    """Return the nouns of the sentences that ask: verbs and adjectives end in hiragana."""
    top = max(importance, default=0.0)
    asked = {token.term for token, own in zip(tokens, importance, strict=True) if own == top}
    total = sum([weights[term] for term in asked])
    return tuple(
        [(term, weights[term] / total) for term in weights if term in asked and not _inflects(term)]
    )


def _inflects(term: str) -> bool:
    return "ぁ" <= term[-1] <= "ゖ"


def _shares(weights: dict[str, float]) -> tuple[tuple[str, float], ...]:
    total = sum(weights.values())
    return tuple([(key, weight / total) for key, weight in weights.items()])
