"""The explanation: which words of the query met which of the entry, and why."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.domain.retrieval import Match, Query, Token, Via
from bot.search.index import Index
from bot.search.synonyms import Alternative

MAX_MATCHES = 5

_HIRAGANA = re.compile("[ぁ-ゖー]{1,2}")


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

    Words that stand side by side in the query and in the entry are shown as one. Those that say
    little by themselves (よる, とき) are shown only if nothing else has matched.

    Args:
        query: The analysed query.
        alternatives: Synonyms of stretches of it.
        entry: The entry's words.
        index: What weighs the terms.
    """
    tokens = query.tokens
    weighed: list[tuple[float, Match]] = []
    faint: list[tuple[float, Match]] = []
    explained: set[int] = set()
    start = 0
    while start < len(tokens):
        if tokens[start].term not in entry.places:
            start += 1
            continue
        asked, met = _longest(tokens, start, entry)
        explained.update(range(start, start + len(asked)))
        start += len(asked)
        telling = next((at for at, token in enumerate(met) if not _says_little(token)), None)
        matches = faint if telling is None else weighed
        asked, met = asked[telling:], met[telling:]
        matches.append((_weight(asked, index), _match(asked, met)))
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
    shown = weighed or faint
    shown.sort(key=lambda pair: -pair[0])
    return tuple(dict.fromkeys(match for _, match in shown))[:MAX_MATCHES]


def _says_little(token: Token) -> bool:
    """One or two hiragana, as an entry writes its auxiliary words."""
    return _HIRAGANA.fullmatch(token.surface) is not None


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
