"""Words of the FAQ that a query writes in kana: 「ごうせいデータ」 finds 合成データ."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace

import jaconv

from bot.domain.retrieval import Query, Token
from bot.search.tokenizer import Tokenizer

_LONG = 3
_SHORT = 2
"""A reading of three kana is found anywhere a word starts, one of two only beside such a one."""

_KANA_RUN = re.compile(r"[ぁ-ゖァ-ヺー]{3,}")
_KANJI = re.compile(r"[一-鿿々]")
_KANA = re.compile(r"[ァ-ヺー]+")


class Readings:
    """The readings of the FAQ's terms.

    Args:
        terms: All terms of the FAQ.
        tokenizer: Sudachi.
        remembered: Readings known from an earlier state of the FAQ; extended here.
    """

    def __init__(
        self, terms: Iterable[str], tokenizer: Tokenizer, remembered: dict[str, str]
    ) -> None:
        self._terms: dict[str, str] = {}
        ambiguous = set()
        for term in terms:
            reading = remembered.get(term)
            if reading is None:
                reading = tokenizer.reading(term) if _KANJI.search(term) else jaconv.hira2kata(term)
                remembered[term] = reading
            if len(reading) < _SHORT or not _KANA.fullmatch(reading):
                continue
            if self._terms.setdefault(reading, term) != term:
                ambiguous.add(reading)
        for reading in ambiguous:
            del self._terms[reading]
        self._longest = max(map(len, self._terms), default=0)

    def apply(self, query: Query, known: Container[str]) -> Query:
        """Put the FAQ's words in place of what was made of their kana.

        Sudachi often cuts words in kana wrongly (しゅご becomes しゅっ and ご). Where a word starts
        within a run of kana, the longest readings of terms of the FAQ are taken instead, unless the
        words there are known already.

        Args:
            query: The query.
            known: The terms of the FAQ.
        """
        unknown = [token for token in query.tokens if token.term not in known]
        if not unknown:
            return query
        found = [
            token
            for run in _KANA_RUN.finditer(query.text)
            if any(token.start < run.end() and run.start() < token.end for token in unknown)
            for token in self._words(run, query.tokens)
        ]
        found = [
            word
            for word in found
            if any(token.start < word.end and word.start < token.end for token in unknown)
        ]
        if not found:
            return query
        kept = [
            token
            for token in query.tokens
            if not any(token.start < word.end and word.start < token.end for word in found)
        ]
        return replace(query, tokens=tuple(sorted((*kept, *found), key=lambda token: token.start)))

    def _words(self, run: re.Match[str], tokens: Sequence[Token]) -> list[Token]:
        reading = jaconv.hira2kata(run[0])
        starts = {token.start - run.start() for token in tokens} | {0}
        words: list[Token] = []
        at = 0
        while at < len(reading):
            chain = self._chain(reading, at) if at in starts else []
            if any(end - start >= _LONG for start, end in chain):
                words += [
                    Token(
                        self._terms[reading[start:end]],
                        run[0][start:end],
                        run.start() + start,
                        run.start() + end,
                    )
                    for start, end in chain
                ]
                at = chain[-1][1]
                starts.add(at)
            else:
                at += 1
        return words

    def _chain(self, reading: str, start: int) -> list[tuple[int, int]]:
        """Return the longest readings that follow one another from ``start``."""
        chain = []
        while True:
            for end in range(min(start + self._longest, len(reading)), start + _SHORT - 1, -1):
                if reading[start:end] in self._terms:
                    chain.append((start, end))
                    start = end
                    break
            else:
                return chain
