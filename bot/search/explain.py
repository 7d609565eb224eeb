"""The explanation: which words of the query met which of the entry, and why."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.domain.entry import Entry
from bot.domain.retrieval import Match, Query, Token, Via
from bot.search.analysis import Analyzer
from bot.search.index import Index
from bot.search.synonyms import Alternative
from bot.search.tokenizer import Morpheme

MAX_MATCHES = 5

_MAX_REMEMBERED = 2_048  # entries kept ready
_INFLECTED = ("動詞", "形容詞")
_INFLECTED_WEIGHT = 0.5
"""A verb or adjective tells less than a noun that is as rare."""

_ENDINGS = ("助動詞", "接尾辞")
_OPEN = ("未然形", "連用形", "仮定形", "語幹")
_HIRAGANA = re.compile("[ぁ-ゖー]+")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, as they stand in it.

    Attributes:
        text: The text, normalised.
        tokens: Its tokens, in order.
        places: Positions of each term in them, ascending.
        ends: Where verbs and adjectives end by their start: behind the て of 使って.
        auxiliary: Where words start that say nothing: よる, できる.
        suffixes: Where suffixes start, which say nothing by themselves: 性, 方.
    """

    text: str
    tokens: Sequence[Token]
    places: dict[str, list[int]]
    ends: dict[int, int]
    auxiliary: frozenset[int]
    suffixes: frozenset[int]

    @classmethod
    def of(cls, text: str, tokens: Sequence[Token], morphemes: Sequence[Morpheme]) -> "Words":
        """Note where each term stands and each word ends."""
        places: dict[str, list[int]] = {}
        for at, token in enumerate(tokens):
            places.setdefault(token.term, []).append(at)
        ends = {
            word.start: _end(morphemes, at)
            for at, word in enumerate(morphemes)
            if word.pos[0] in _INFLECTED
        }
        auxiliary = frozenset(word.start for word in morphemes if _helps(word))
        suffixes = frozenset(word.start for word in morphemes if word.pos[0] == "接尾辞")
        return cls(text, tokens, places, ends, auxiliary, suffixes)

    def written(self, tokens: Sequence[Token]) -> str:
        """Return a stretch of tokens as it stands in the text, up to the end of its last word."""
        end = max(max(token.end, self.ends.get(token.start, 0)) for token in tokens)
        return " ".join(self.text[tokens[0].start : end].split())


class Explainer:
    """Explains why an entry was found.

    Args:
        analyzer: The chain that entries and queries go through.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._entry_words = lru_cache(_MAX_REMEMBERED)(self._words_of)

    def explain(
        self, query: Query, alternatives: Sequence[Alternative], entry: Entry, index: Index
    ) -> tuple[Match, ...]:
        """Return the matches, most telling first, at most five.

        Words that stand side by side in the query and in the entry are shown as one. Those of its
        variants, which members don't see, are named only if nothing else has matched.

        Args:
            query: The analysed query.
            alternatives: Synonyms of stretches of it.
            entry: The entry that was found.
            index: What weighs the terms.
        """
        asked = Words.of(query.text, query.tokens, self._analyzer.tokenizer.morphemes(query.text))
        shown = (entry.question, entry.answer, entry.talk, entry.lecturer)
        return _matches(asked, alternatives, self._entry_words(shown), index) or _matches(
            asked, alternatives, self._entry_words(entry.variants), index
        )

    def _words_of(self, texts: tuple[str, ...]) -> Words:
        text = self._analyzer.normalise("\n".join(texts))
        morphemes = self._analyzer.tokenizer.morphemes(text)
        return Words.of(text, self._analyzer.tokens(text), morphemes)


def _end(morphemes: Sequence[Morpheme], at: int) -> int:
    """Return where an inflected word ends: 食べ られ なかっ た, 使っ て, 使い 方."""
    for word, behind in pairwise(morphemes[at:]):
        if behind.surface in ("て", "で", "ば") and behind.pos[0] == "助詞":
            return behind.end
        ending = behind.pos[0] in _ENDINGS or behind.pos[1] == "助動詞語幹"
        if not ending or not word.pos[5].startswith(_OPEN):
            return word.end
    return morphemes[-1].end


def _helps(morpheme: Morpheme) -> bool:
    """Whether it is an auxiliary word in hiragana; those of one or two always are."""
    return _HIRAGANA.fullmatch(morpheme.surface) is not None and (
        len(morpheme.surface) <= 2
        or morpheme.pos[1] in ("非自立可能", "助動詞語幹")
        or morpheme.pos[2] == "副詞可能"
    )


def _matches(
    asked: Words, alternatives: Sequence[Alternative], entry: Words, index: Index
) -> tuple[Match, ...]:
    tokens = asked.tokens
    found: dict[range, Match] = {}  # by the tokens that it explains
    start = 0
    while start < len(tokens):
        run, met = _longest(tokens, start, entry)
        stretch = range(start, start + len(run))
        start += max(len(run), 1)
        # What says nothing by itself stays only within a run: the 性 of 可能性.
        while met and met[0].start in entry.auxiliary | entry.suffixes:
            met, stretch = met[1:], stretch[1:]
        while met and met[-1].start in entry.auxiliary:
            met, stretch = met[:-1], stretch[:-1]
        if met:
            found[stretch] = _match(tokens[stretch.start : stretch.stop], asked, met, entry)
    explained = {at for stretch in found for at in stretch}
    for alternative in alternatives:
        stretch = range(alternative.start, alternative.end)
        met = () if explained.issuperset(stretch) else _find(alternative.word.terms, entry)
        if met:
            written = asked.written(tokens[stretch.start : stretch.stop])
            found[stretch] = Match(written, entry.written(met), Via.SYNONYM)
            explained.update(stretch)
    spans = {stretch: _span(tokens, stretch) for stretch in found}
    telling = [
        stretch
        for stretch, (begin, end) in spans.items()
        if not any(a <= begin and end <= b and b - a > end - begin for a, b in spans.values())
    ]
    weights = {
        stretch: sum(_weight(tokens[at], asked, index) for at in stretch) for stretch in telling
    }
    telling.sort(key=lambda stretch: -weights[stretch])
    return tuple(dict.fromkeys(found[stretch] for stretch in telling))[:MAX_MATCHES]


def _span(tokens: Sequence[Token], stretch: range) -> tuple[int, int]:
    return tokens[stretch.start].start, max(tokens[at].end for at in stretch)


def _weight(token: Token, asked: Words, index: Index) -> float:
    return index.idf(token.term) * (_INFLECTED_WEIGHT if token.start in asked.ends else 1.0)


def _longest(
    query: Sequence[Token], start: int, entry: Words
) -> tuple[Sequence[Token], Sequence[Token]]:
    """Return the longest run from ``start`` that the entry has in one piece, in query and entry.

    Empty ones if it has not even the first word.
    Among equally long ones the place where the words are written as in the query, else the first.
    """
    tokens = entry.tokens
    longest = 0
    places: list[int] = []
    for at in entry.places.get(query[start].term, ()):
        length = 1
        while (
            start + length < len(query)
            and at + length < len(tokens)
            and query[start + length].term == tokens[at + length].term
            and query[start + length].start <= query[start + length - 1].end
            and tokens[at + length].start <= tokens[at + length - 1].end
        ):
            length += 1
        if length > longest:
            longest, places = length, []
        if length == longest:
            places.append(at)
    asked = query[start : start + longest]
    runs = [tokens[at : at + longest] for at in places]
    written = [token.surface for token in asked]
    return asked, min(runs, key=lambda run: [t.surface for t in run] != written, default=())


def _find(terms: Sequence[str], entry: Words) -> Sequence[Token]:
    """Return the first stretch of the entry that consists of these terms; empty if none does."""
    for at in entry.places.get(terms[0], ()):
        stretch = entry.tokens[at : at + len(terms)]
        if [token.term for token in stretch] == list(terms) and all(
            after.start - before.end <= 1 for before, after in pairwise(stretch)
        ):
            return stretch
    return ()


def _match(run: Sequence[Token], asked: Words, met: Sequence[Token], entry: Words) -> Match:
    query, found = asked.written(run), entry.written(met)
    if query.lower() == found.lower():
        return Match(query, found, Via.SAME)
    read = any(token.weight < 1 for token in run)
    return Match(query, found, Via.READING if read else Via.NORMAL_FORM)
