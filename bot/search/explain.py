"""The explanation: which words of the query met which of the entry, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.domain.retrieval import Match, Query, Token, Via
from bot.search.index import Index
from bot.search.synonyms import Alternative

MAX_MATCHES = 5


@dataclass(frozen=True, slots=True)
class Concordance:
    """An entry's words, and where each term stands among them.

    Attributes:
        tokens: The entry's tokens, in order.
        places: Positions of each term in them, ascending.
    """

    tokens: Sequence[Token]
    places: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, tokens: Sequence[Token]) -> "Concordance":
        """Note where each term stands."""
        places: dict[str, list[int]] = {}
        for at, token in enumerate(tokens):
            places.setdefault(token.term, []).append(at)
        return cls(tokens, places)


def explain(
    query: Query, alternatives: Sequence[Alternative], entry: Concordance, index: Index
) -> tuple[Match, ...]:
    """Return the matches, most telling first, at most five.

    Words that stand side by side in the query and in the entry are shown as one.

    Args:
        query: The analysed query.
        alternatives: Synonyms of stretches of it.
        entry: The entry's words.
        index: What weighs the terms.
    """
    tokens = query.tokens
    weighed: list[tuple[float, Match]] = []
    explained: set[int] = set()
    start = 0
    while start < len(tokens):
        if tokens[start].term not in entry.places:
            start += 1
            continue
        asked, met = _longest(tokens, start, entry)
        weighed.append((_weight(asked, index), _match(asked, met)))
        explained.update(range(start, start + len(asked)))
        start += len(asked)
    for alternative in alternatives:
        if alternative.word.terms[0] not in entry.places:
            continue
        stretch = range(alternative.start, alternative.end)
        if explained.issuperset(stretch):
            continue
        met = _find(alternative.word.terms, entry)
        if met:
            asked = tokens[alternative.start : alternative.end]
            match = Match(_written(asked), _written(met), Via.SYNONYM)
            weighed.append((_weight(asked, index), match))
            explained.update(stretch)
    weighed.sort(key=lambda pair: -pair[0])
    return tuple(dict.fromkeys(match for _, match in weighed))[:MAX_MATCHES]


def _weight(tokens: Sequence[Token], index: Index) -> float:
    return sum([index.idf(token.term) for token in tokens])


def _longest(
    query: Sequence[Token], start: int, entry: Concordance
) -> tuple[Sequence[Token], Sequence[Token]]:
    """Return the longest run from ``start`` that the entry has in one piece, in query and entry.

    Among equally long ones the place where the words are written as in the query, else the first.
    """
    tokens = entry.tokens
    longest = 0
    places: list[int] = []
    for at in entry.places[query[start].term]:
        length = 1
        while (
            start + length < len(query)
            and at + length < len(tokens)
            and query[start + length].term == tokens[at + length].term
            and query[start + length].start == query[start + length - 1].end
            and tokens[at + length].start == tokens[at + length - 1].end
        ):
            length += 1
        if length > longest:
            longest, places = length, []
        if length == longest:
            places.append(at)
    asked = query[start : start + longest]
    runs = [tokens[at : at + longest] for at in places]
    if len(runs) == 1:
        return asked, runs[0]
    written = _surfaces(asked)
    return asked, min(runs, key=lambda run: _surfaces(run) != written)


def _surfaces(tokens: Sequence[Token]) -> list[str]:
    return [token.surface for token in tokens]


def _find(terms: Sequence[str], entry: Concordance) -> Sequence[Token]:
    """Return the first stretch of the entry that consists of these terms; empty if none does."""
    for at in entry.places[terms[0]]:
        stretch = entry.tokens[at : at + len(terms)]
        if [token.term for token in stretch] == list(terms) and all(
            after.start - before.end <= 1 for before, after in pairwise(stretch)
        ):
            return stretch
    return ()


def _match(asked: Sequence[Token], met: Sequence[Token]) -> Match:
    query, entry = _written(asked), _written(met)
    return Match(query, entry, Via.SAME if query.lower() == entry.lower() else Via.NORMAL_FORM)


def _written(tokens: Sequence[Token]) -> str:
    """Put neighbouring tokens together as they were written, with the gaps of one as a space."""
    written, end = tokens[0].surface, tokens[0].end
    for token in tokens[1:]:
        if token.start >= end:  # else a part of the term before it
            written += (" " if token.start > end else "") + token.surface
            end = token.end
    return written
