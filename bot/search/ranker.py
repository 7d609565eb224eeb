"""The ranker: BM25 finds entries, likeness and shares put them in order."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from bot.domain.retrieval import Query, Token
from bot.search.completion import Completion
from bot.search.index import Found, Index
from bot.search.meaning import Meaning
from bot.search.readings import Readings
from bot.search.shares import NOTHING, Asked, Comparison, Shares
from bot.search.synonyms import Alternative, Synonyms
from bot.search.word_vectors import weight as word_weight

HITS = 5
"""So many come first, in the same order however many more are wanted."""

COMPARED = 2
"""So many times as many of BM25's best are compared closely as come first."""

COMPARED_LATER = 8
"""So many more still, for the places behind the first, if those are wanted."""

LIKENESS_WEIGHT = 0.5
"""An entry about the very same scores this share of the best's BM25 more."""

NEAR = 0.45
"""Only what has this share of the best's BM25 is compared closely."""

SHARE_WEIGHT = 0.5
"""An entry that shares everything scores 1 + 5 · 0.5 times its BM25."""

BACKGROUND_WEIGHT = 0.7
"""What a word counts outside of the sentences that ask."""


class Candidate(NamedTuple):
    """A wording that may answer.

    Attributes:
        wording: Its position in the index.
        score: BM25, raised by likeness and shares.
        bm25: BM25 alone.
        shares: How much of the query and of the wording meet.
    """

    wording: int
    score: float
    bm25: float
    shares: Shares

    @property
    def lexical(self) -> float:
        """The score without likeness."""
        return self.bm25 * _raised_by(self.shares)


def _raised_by(shares: Shares) -> float:
    return 1 + SHARE_WEIGHT * shares.raising


class Ranked(NamedTuple):
    """What was found.

    Attributes:
        query: The query, with words in kana replaced by words of the FAQ.
        candidates: Best first.
    """

    query: Query
    candidates: list[Candidate]


class Ranker:
    """Ranks the entries of one state of the FAQ.

    Args:
        index: The FAQ.
        synonyms: Other words for stretches of a query.
        readings: How the FAQ's words are read.
        meaning: What words mean.
    """

    def __init__(
        self, index: Index, synonyms: Synonyms, readings: Readings, meaning: Meaning
    ) -> None:
        self.index = index
        self.synonyms = synonyms
        self._readings = readings
        self._meaning = meaning
        self._comparison = Comparison(index)
        self.completion = Completion(index, synonyms, readings)

    def parts(self) -> list[object]:
        """Return the many small objects that most of it is made of."""
        return [*self.index.parts(), *self.synonyms.parts()]

    def rank(
        self,
        query: Query,
        questions: Sequence[tuple[int, int]],
        limit: int,
        without: int | None = None,
    ) -> Ranked:
        """Rank the entries.

        Args:
            query: The query.
            questions: Where its sentences that ask start and end; empty where all counts alike.
            limit: How many entries at most.
            without: An entry to leave out, by its position.
        """
        first = min(limit, HITS)
        compared = COMPARED * first
        query = self._readings.apply(query, self.index, self.synonyms)
        tokens = query.tokens
        importance = _importance(tokens, questions)
        own = _own(tokens, importance)
        alternatives = self.synonyms.alternatives(tokens)
        telling = {term: counts * word_weight(term) for term, counts in own.items()}
        weights = weigh(telling, importance, alternatives)
        self._add_related(weights, own, alternatives, tokens)
        found = self.index.search(weights, max(limit, compared), without)
        asked = self._comparison.ask(query, own, alternatives)
        best = found[0].score if found else 0.0
        candidates = self._compare(asked, found[:compared], best)
        if limit > first:
            later = found[compared : compared + COMPARED_LATER]
            last = found[compared + COMPARED_LATER :]
            behind = candidates[first:] + self._compare(asked, later, best)
            behind += [Candidate(one.wording, one.score, one.score, NOTHING) for one in last]
            behind.sort(key=attrgetter("score"), reverse=True)
            candidates[first:] = behind
        for at, candidate in enumerate(candidates[:first]):
            if candidate.shares is NOTHING:  # what is first has a confidence too
                focus = self._comparison.focus(asked, candidate.wording)
                candidates[at] = candidate._replace(shares=focus)
        return Ranked(query, candidates[:limit])

    def _compare(self, asked: Asked, found: Sequence[Found], best: float) -> list[Candidate]:
        """Compare a query closely with some of what BM25 found.

        Args:
            asked: The query.
            found: What to compare it with, best first.
            best: The best BM25 of all.

        Returns:
            The same, best first by likeness and shares too.
        """
        alike = self._meaning.likeness(asked.terms, [wording for wording, _ in found])
        comparison = self._comparison
        candidates = []
        for (wording, bm25), like in zip(found, alike, strict=True):
            shares = comparison.compare(asked, wording) if bm25 >= NEAR * best else NOTHING
            score = (bm25 + LIKENESS_WEIGHT * best * like) * _raised_by(shares)
            candidates.append(Candidate(wording, score, bm25, shares))
        # Stable: equal ones stay in the order that they were found in, that of their ids.
        candidates.sort(key=attrgetter("score"), reverse=True)
        return candidates

    def _add_related(
        self,
        weights: dict[str, float],
        own: Mapping[str, float],
        alternatives: Sequence[Alternative],
        tokens: Sequence[Token],
    ) -> None:
        """Look for words near in meaning where neither a word nor a synonym of it is in the FAQ."""
        unknown = [term for term in own if term not in self.index]
        if not unknown:
            return
        said = {token.term for one in alternatives for token in tokens[one.start : one.end]}
        for term in unknown:
            if term not in said:
                for other, weight in self._meaning.related(term):
                    weights[other] = max(weights.get(other, 0.0), own[term] * weight)


def weigh(
    own: Mapping[str, float], importance: Sequence[float], alternatives: Iterable[Alternative]
) -> dict[str, float]:
    """Return what each term counts: as much as the member's own word, less for its synonyms.

    Args:
        own: What each of the member's own terms counts.
        importance: What each token counts.
        alternatives: Synonyms of stretches of them.
    """
    weights = dict(own)
    for alternative in alternatives:
        weight = alternative.weight * max(importance[alternative.start : alternative.end])
        for term in alternative.word.terms:
            if weight > weights.get(term, 0.0):
                weights[term] = weight
    return weights


def _importance(tokens: Sequence[Token], questions: Sequence[tuple[int, int]]) -> list[float]:
    """Return what each token counts: less outside of the sentences that ask."""
    importance = [(BACKGROUND_WEIGHT if questions else 1.0) * token.weight for token in tokens]
    for start, end in questions:
        for at, token in enumerate(tokens):
            if start <= token.start < end:
                importance[at] = token.weight
    return importance


def _own(tokens: Sequence[Token], importance: Sequence[float]) -> dict[str, float]:
    """Return what each term counts: as much as the token that counts most."""
    own: dict[str, float] = {}
    for token, counts in zip(tokens, importance, strict=True):
        if counts > own.get(token.term, 0.0):
            own[token.term] = counts
    return own
