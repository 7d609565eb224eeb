"""The explanation: which words of the query met which of the entry, and why."""

from collections.abc import Sequence
from itertools import pairwise

from bot.domain.retrieval import Match, Query, Token, Via
from bot.search.index import Index
from bot.search.synonyms import Alternative

MAX_MATCHES = 5


def explain(
    query: Query, alternatives: Sequence[Alternative], entry: Sequence[Token], index: Index
) -> tuple[Match, ...]:
    """Return the matches, most telling first, at most five.

    Words that stand side by side in the query and in the entry are shown as one.

    Args:
        query: The analysed query.
        alternatives: Synonyms of stretches of it.
        entry: The entry's tokens, in order.
        index: What weighs the terms.
    """
    wanted = {token.term for token in query.tokens}
    wanted.update(alternative.word.terms[0] for alternative in alternatives)
    places: dict[str, list[int]] = {}
    for at, token in enumerate(entry):
        if token.term in wanted:
            places.setdefault(token.term, []).append(at)
    weighed: list[tuple[float, Match]] = []
    explained: set[int] = set()
    start = 0
    while start < len(query.tokens):
        length, at = _longest(query.tokens, start, entry, places)
        if length:
            asked, met = query.tokens[start : start + length], entry[at : at + length]
            weight = sum(index.idf(token.term) for token in asked)
            weighed.append((weight, _match(asked, met)))
            explained.update(range(start, start + length))
        start += max(length, 1)
    for alternative in alternatives:
        stretch = range(alternative.start, alternative.end)
        if explained.issuperset(stretch):
            continue
        met = _find(alternative.word.terms, entry, places)
        if met:
            asked = query.tokens[alternative.start : alternative.end]
            weight = sum(index.idf(token.term) for token in asked)
            weighed.append((weight, Match(_written(asked), _written(met), Via.SYNONYM)))
            explained.update(stretch)
    weighed.sort(key=lambda pair: -pair[0])
    return tuple(dict.fromkeys(match for _, match in weighed))[:MAX_MATCHES]


def _longest(
    query: Sequence[Token], start: int, entry: Sequence[Token], places: dict[str, list[int]]
) -> tuple[int, int]:
    """Return length and place of the longest run from ``start`` that the entry has in one piece.

    Among equally long ones the place where the words are written as in the query, else the first.
    """
    best, best_at = 0, 0
    best_same = False
    for at in places.get(query[start].term, ()):
        length = 1
        while (
            start + length < len(query)
            and at + length < len(entry)
            and query[start + length].term == entry[at + length].term
            and query[start + length].start == query[start + length - 1].end
            and entry[at + length].start == entry[at + length - 1].end
        ):
            length += 1
        same = all(
            query[start + step].surface == entry[at + step].surface for step in range(length)
        )
        if (length, same) > (best, best_same):
            best, best_at, best_same = length, at, same
    return best, best_at


def _find(
    terms: Sequence[str], entry: Sequence[Token], places: dict[str, list[int]]
) -> Sequence[Token]:
    """Return the first stretch of the entry that consists of these terms; empty if none does."""
    for at in places.get(terms[0], ()):
        stretch = entry[at : at + len(terms)]
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
