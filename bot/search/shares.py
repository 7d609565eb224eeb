"""How much of what was asked an entry speaks of, and how much of the entry's question was asked.

BM25 adds up what matches and says nothing about what doesn't. These shares do, from three views:
words, kanji (払う and 支払い share one) and pairs of characters (the order of words).
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from bot.domain.retrieval import Query, Token
from bot.search.index import Index
from bot.search.synonyms import Alternative

SYNONYM_CREDIT = 0.7
"""What a word counts that only a synonym of it meets."""

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


NOTHING = Shares(0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, prepared for comparing.

    Attributes:
        terms: Share of each term in the query's weight.
        synonyms: Pairs (terms of the query, terms that say the same).
        known: What a term of an entry counts: 1 if it was asked, less if a synonym of it was.
        kanji: Share of each kanji in the weight of all kanji.
        pairs: Share of each pair of neighbouring characters.
        characters: The query's kanji, as written and in normalized form.
    """

    terms: dict[str, float]
    synonyms: tuple[tuple[tuple[str, ...], frozenset[str]], ...]
    known: dict[str, float]
    kanji: dict[str, float]
    pairs: dict[str, float]
    characters: frozenset[str]


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
        self._wording = lru_cache(_MAX_REMEMBERED)(self._prepare)

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
        for token, factor in zip(query.tokens, importance, strict=True):
            terms[token.term] = max(
                terms.get(token.term, 0.0), factor * self._index.idf(token.term)
            )
        own = [token.term for token in query.tokens]
        pairs = [(tuple(own[a.start : a.end]), frozenset(a.word.terms)) for a in alternatives]
        known = {term: SYNONYM_CREDIT for _, others in pairs for term in others}
        spread = _spread(query.tokens, terms)
        kanji: dict[str, float] = {}
        for at, weight in spread.items():
            if _is_kanji(query.text[at]):
                kanji[query.text[at]] = max(kanji.get(query.text[at], 0.0), weight)
        neighbours: dict[str, float] = {}
        for at, weight in spread.items():
            if at + 1 in spread:
                pair = query.text[at : at + 2].lower()
                neighbours[pair] = max(neighbours.get(pair, 0.0), (weight + spread[at + 1]) / 2)
        return Asked(
            _shares(terms),
            tuple(pairs),
            known | dict.fromkeys(terms, 1.0),
            _shares(kanji),
            _shares(neighbours),
            frozenset(kanji).union(*(filter(_is_kanji, term) for term in terms)),
        )

    def shares(self, asked: Asked, wording: int) -> Shares:
        """Compare a query with one wording."""
        met = self._wording(wording)
        known, characters, text = asked.known, asked.characters, met.text
        return Shares(
            _coverage(asked, met.entry),
            sum(share * known[term] for term, share in met.terms if term in known),
            sum(share for kanji, share in asked.kanji.items() if kanji in text),
            sum(share for kanji, share in met.kanji if kanji in characters),
            sum(share for pair, share in asked.pairs.items() if pair in text),
        )

    def _prepare(self, wording: int) -> _Wording:
        index = self._index
        position = int(index.owner[wording])
        entry = index.entries[position]
        terms = {term: index.idf(term) for term in index.wording_terms(wording)}
        kanji: dict[str, float] = {}
        for term, weight in terms.items():
            characters = [char for char in term if _is_kanji(char)]
            for char in characters:
                kanji[char] = kanji.get(char, 0.0) + weight / len(characters)
        return _Wording(
            index.entry_terms(position),
            tuple(_shares(terms).items()),
            tuple(_shares(kanji).items()),
            unicodedata.normalize("NFKC", "\n".join((*entry.wordings, entry.answer))).lower(),
        )


def _coverage(asked: Asked, entry: frozenset[str]) -> float:
    covered = {term: share for term, share in asked.terms.items() if term in entry}
    for own, others in asked.synonyms:
        if others <= entry:
            for term in own:
                if term not in covered:
                    covered[term] = SYNONYM_CREDIT * asked.terms[term]
    return sum(covered.values())


def _spread(tokens: Sequence[Token], weights: dict[str, float]) -> dict[int, float]:
    """Return the weight of each character in a content word, by its offset in the text."""
    return {
        at: weights[token.term] / (token.end - token.start)
        for token in tokens
        for at in range(token.start, token.end)
    }


def _shares(weights: dict[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {key: weight / total for key, weight in weights.items()}


def _is_kanji(char: str) -> bool:
    return "一" <= char <= "鿿" or char == "々"
