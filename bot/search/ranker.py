"""The ranker: what two witnesses say of each entry, on one scale.

*Words*: how much of the question's weight an entry accounts for, by BM25 and by coverage.
*Meaning*: the cosine of a sentence encoder. Neither is divided by the best hit's: where words say
little, meaning leads; where they say much, words lead. Measured in
docs/decisions/0042-two-witnesses.md.
"""

from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.domain.retrieval import Query, Token
from bot.search.completion import Completion
from bot.search.index import Index, best
from bot.search.question import Intent
from bot.search.readings import Readings
from bot.search.synonyms import Synonyms, weigh

HITS = 5
"""So many come first, in the same order however many more are wanted."""

BM25_WEIGHT, COVERAGE_WEIGHT = 0.5, 0.7
"""What the two shares of words count, against 1 for meaning."""

WORDS_ALONE = 1.25
"""What makes up for meaning, where it is left out."""

SYNONYM_CREDIT = 0.7
"""What a word counts that only a synonym of it meets."""

_EACH = 20
"""So many wordings of each witness are looked at closely."""

_MAX_REMEMBERED = 4_096  # wordings kept prepared


class Candidate(NamedTuple):
    """An entry that may answer, by its best wording.

    Attributes:
        wording: Its position in the index.
        score: Both witnesses together, from 0 to about 2.2.
        words: The mean of BM25's share and coverage, from 0 to 1.
        asked: How much of the wording the query asks, from 0 to 1 of its words' idf.
        unmet: How much of the query's nouns the entry doesn't speak of, from 0 to 1 (none of them).
    """

    wording: int
    score: float
    words: float
    asked: float
    unmet: float


class Asked(NamedTuple):
    """A query, prepared for comparing.

    Attributes:
        weights: What each term adds to BM25: the query's own, and less for their synonyms.
        potential: What BM25 would be if all own terms stood in both fields, often.
        terms: Share of each own term in the query's weight; an unknown word is the rarest.
        synonyms: For each own term the ways to say the same, as sets of terms.
        others: The terms of all synonyms that aren't the query's own.
        nouns: Share of each noun in the weight of all nouns.
    """

    weights: dict[str, float]
    potential: float
    terms: dict[str, float]
    synonyms: dict[str, list[frozenset[str]]]
    others: tuple[str, ...]
    nouns: dict[str, float]


class Ranked(NamedTuple):
    """What was found.

    Attributes:
        query: The query, with words that are read like words of the FAQ replaced by these.
        candidates: Best first, ties by entry id.
        nearest: The best cosine of any entry; None where meaning is left out.
    """

    query: Query
    candidates: list[Candidate]
    nearest: float | None


class Ranker:
    """Ranks the entries of one state of the FAQ.

    Args:
        index: The FAQ.
        synonyms: Other words for stretches of a query.
        readings: How the FAQ's words are read.
    """

    def __init__(self, index: Index, synonyms: Synonyms, readings: Readings) -> None:
        self.index = index
        self.synonyms = synonyms
        self._readings = readings
        # Not by a method: a cycle would keep a replaced index until the collector comes by.
        self._shares = lru_cache(_MAX_REMEMBERED)(partial(_shares_of_wording, index))
        self.completion = Completion(index, synonyms, readings)

    def rank(
        self,
        query: Query,
        intent: Intent,
        cosines: NDArray[np.float32] | None,
        limit: int,
    ) -> Ranked:
        """Rank the entries.

        Args:
            query: The query.
            intent: Where its sentences are that say nothing about it.
            cosines: How near each wording is in meaning, shape (wordings,); None: words alone.
            limit: How many entries at most.
        """
        query = self._readings.apply(query, self.index, self.synonyms)
        asked = self._ask(query, intent)
        scores = self.index.scores(asked.weights)
        each = max(_EACH, 4 * limit)
        wordings = best(scores, each)[: 4 * each]  # of very many that score alike, no more
        nearest = None
        if cosines is not None:
            near = best(cosines, each)
            nearest = cosines.item(near[0]) if near else 0.0
            wordings += near[:each]
        of_entry: dict[int, Candidate] = {}
        owner = self.index.owner.item
        for wording in sorted(set(wordings)):
            cosine = None if cosines is None else cosines.item(wording)
            candidate = self._compare(asked, wording, scores.item(wording), cosine)
            known = of_entry.setdefault(owner(wording), candidate)
            if candidate.score > known.score:
                of_entry[owner(wording)] = candidate
        # By entry: the index has them in the order of their ids.
        found = sorted(of_entry.items(), key=lambda item: (-item[1].score, item[0]))
        candidates = [
            candidate._replace(asked=self._share_asked(asked, candidate.wording))
            for _, candidate in found[:limit]
        ]
        return Ranked(query, candidates, nearest)

    def _ask(self, query: Query, intent: Intent) -> Asked:
        tokens, idf = query.tokens, self.index.idf
        importance = [_importance(token, intent) for token in tokens]
        own: dict[str, float] = {}
        for token, counts in zip(tokens, importance, strict=True):
            if counts > own.get(token.term, 0.0):
                own[token.term] = counts
        alternatives = self.synonyms.alternatives(tokens)
        synonyms: dict[str, list[frozenset[str]]] = {}
        others: dict[str, None] = {}
        for alternative in alternatives:
            terms = alternative.word.terms
            others.update(dict.fromkeys(terms))
            for token in tokens[alternative.start : alternative.end]:
                synonyms.setdefault(token.term, []).append(frozenset(terms))
        weighed = {term: counts * idf(term) for term, counts in own.items()}
        shares = _shares(weighed)
        return Asked(
            weigh(own, importance, alternatives),
            self.index.most_per_idf * sum(weighed.values()),
            shares,
            synonyms,
            tuple(term for term in others if term not in own),
            # Verbs and adjectives end in hiragana.
            _shares({term: w for term, w in weighed.items() if not "ぁ" <= term[-1] <= "ゖ"}),
        )

    def _compare(self, asked: Asked, wording: int, bm25: float, cosine: float | None) -> Candidate:
        """Compare a query with one wording and its entry."""
        # Plain loops: this runs for dozens of wordings, and sum() over a generator takes twice.
        entry = self.index.entry_terms(self.index.owner.item(wording))
        coverage = unmet = 0.0
        for term, share in asked.terms.items():
            if term in entry:
                coverage += share
            elif any(map(entry.issuperset, asked.synonyms.get(term, ()))):
                coverage += SYNONYM_CREDIT * share
            else:
                unmet += asked.nouns.get(term, 0.0)
        share = bm25 / asked.potential if asked.potential else 0.0
        score = BM25_WEIGHT * share + COVERAGE_WEIGHT * coverage
        score = WORDS_ALONE * score if cosine is None else score + cosine
        # Sums of floats: in another order the last bits would differ.
        return Candidate(wording, round(score, 9), (share + coverage) / 2, 0.0, unmet)

    def _share_asked(self, asked: Asked, wording: int) -> float:
        """Return how much of a wording a query asks: looked at for the best alone."""
        question = self._shares(wording)
        own = [question.get(term, 0.0) for term in asked.terms]
        return sum(own + [SYNONYM_CREDIT * question.get(term, 0.0) for term in asked.others])


def _importance(token: Token, intent: Intent) -> float:
    """Return what a token counts: nothing in a greeting."""
    idle = any(start <= token.start < end for start, end in intent.idle)
    return 0.0 if idle else token.weight


def _shares(weights: dict[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {key: weight / total for key, weight in weights.items()}


def _shares_of_wording(index: Index, wording: int) -> dict[str, float]:
    """Return the share of each term of a wording in its idf."""
    return _shares({term: index.idf(term) for term in index.wording_terms(wording)})
