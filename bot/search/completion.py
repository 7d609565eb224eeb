"""Completion: entries for a question that is being typed, the last word maybe by half."""

import re
from collections.abc import Iterator
from functools import cached_property

import jaconv
import numpy as np

from bot.domain.entry import Entry
from bot.search.analysis import MAX_QUERY
from bot.search.index import Index
from bot.search.readings import ROMAJI, Readings, Sorted, hiragana
from bot.search.synonyms import Synonyms

FAINT = 0.25
"""What a last word counts that may as well be a particle: the は of 「データは」, against 1."""

_POOL = 8
"""So many times as many entries are put in order as are wanted."""

_LONGEST = 30
"""No last word has more characters."""

_LATIN = re.compile(r"[a-z]{2,}", re.IGNORECASE)
_TYPED = re.compile(r"([ぁ-ゖァ-ヺー]*)([a-z'-]*)$")
_HALF = re.compile(r"[b-df-hj-np-tv-z]*$")
_ENDS = re.compile(r"[\s。、？！?!,.)」]$")
_PARTICLES = ("助詞", "助動詞")
_CONJUGATED = ("動詞", "形容詞", "助動詞")


class Completion:
    """Completes what is being typed, with what BM25 says of the words: no encoder, nothing decided.

    Args:
        index: The FAQ.
        synonyms: Other words for stretches of a query.
        readings: How the FAQ's words are read.
    """

    def __init__(self, index: Index, synonyms: Synonyms, readings: Readings) -> None:
        self._index = index
        self._synonyms = synonyms
        self._readings = readings
        self._analyzer = readings.analyzer

    def complete(self, text: str, limit: int) -> tuple[Entry, ...]:
        """Return the best entries: those with the words typed, and first in their questions.

        Args:
            text: What is typed so far: 「カリキュ」, 「評価 デー」, 「がくj」, 「gakuju」.
            limit: How many at most.
        """
        index = self._index
        text = self._typed(self._analyzer.normalise(text)[:MAX_QUERY].strip())
        start, counts = self._last_word(text)
        last = self._beginning(text[start:]) if start < len(text) else set[str]()
        query, _ = self._analyzer.query(text[:start])
        query = self._readings.apply(query, index, self._synonyms)
        weights = {token.term: token.weight for token in query.tokens}
        for _, _, word, weight in self._synonyms.alternatives(query.tokens):
            for term in word.terms:
                weights[term] = max(weight, weights.get(term, 0.0))
        if len(text) - start > 1:
            reading = jaconv.hira2kata(text[start:])
            weights |= dict.fromkeys(last & {text[start:], *self._readings.read(reading)}, 1.0)
        said = index.scores(weights)
        scores = said + counts * index.best(last)
        numbers = {index.number(term) for term in last}
        found = np.flatnonzero(scores)
        best = found[np.lexsort((-scores[found], said[found] == 0))][: _POOL * limit].tolist()
        in_question = {
            wording
            for wording in best
            if not numbers.isdisjoint(index.numbers(wording)[0].tolist())
        }
        best.sort(key=lambda wording: (said[wording] == 0, wording not in in_question))
        entries = dict.fromkeys(index.owner[best].tolist())
        return tuple([index.entries[entry] for entry in entries][:limit])

    def _typed(self, text: str) -> str:
        """Read romaji at the end, half a syllable left as it is: 「gakuj」 is がくj."""
        word = re.search(r"[a-z'-]+$", text)
        if word is None or self._beginning(word[0]) or word[0].removesuffix("-") in self._index:
            return text
        half = _HALF.search(word[0])
        whole = word[0][: half.start()] if half else word[0]
        if not ROMAJI.fullmatch(whole):
            return text
        return text[: word.start()] + hiragana(whole) + word[0][len(whole) :]

    def _last_word(self, text: str) -> tuple[int, float]:
        """Return where the word starts that may be typed by half, and what it counts."""
        _, morphemes = self._analyzer.query(text)
        if not morphemes or _ENDS.search(text):
            return len(text), 0.0
        *before, last = morphemes
        particle = last.pos[0] in _PARTICLES and bool(before)
        if particle and before[-1].pos[0] in _CONJUGATED:
            return len(text), 0.0
        typed = _TYPED.search(text)
        run = typed.start() if typed else len(text)
        chain = self._readings.chain(jaconv.hira2kata(text[run:]), 0)
        starts = [m.start for m in morphemes if m.start >= len(text) - _LONGEST]
        likely = [start for start in starts if start <= run]
        likely += [run, *(run + end for _, end in chain), *(at for at in starts if at > run)]
        for start in likely:
            if start < len(text) and self._beginning(text[start:]):
                return start, FAINT if particle and start == last.start else 1.0
        return len(text), 0.0

    def _beginning(self, word: str) -> set[str]:
        """Return the FAQ's terms that begin so, as written or read."""
        readings = self._readings
        terms = set(readings.surfaces.starting(word.lower()))
        terms.update(self._spelled[each] for each in self._spellings.starting(word.lower()))
        for reading in _readings_of(word):
            for each in readings.readings.starting(jaconv.hira2kata(reading)):
                terms.update(readings.read(each))
        return terms

    @cached_property
    def _spellings(self) -> Sorted:
        return Sorted(self._spelled)

    @cached_property
    def _spelled(self) -> dict[str, str]:
        """The terms of English words in questions, which may be in katakana: judge is ジャッジ."""
        words = {
            word.lower()
            for entry in self._index.entries
            for wording in entry.wordings
            for word in _LATIN.findall(wording)
        }
        terms = {word: self._analyzer.terms(word) for word in words if word not in self._index}
        return {word: found[0] for word, found in terms.items() if len(found) == 1}


def _readings_of(word: str) -> Iterator[str]:
    """Yield what a word may be read like that begins so: がくj as がくじゃ, がくじ, がくじゅ …"""
    typed = _TYPED.fullmatch(word)
    if typed is None or not word:
        return
    half = _HALF.search(typed[2])
    if half is None or not half[0]:
        yield typed[1] + hiragana(typed[2])
        return
    for vowel in "aiueo":
        yield typed[1] + hiragana(typed[2] + vowel)
    if half[0] == "n":
        yield typed[1] + hiragana(typed[2] + "'")
    if half[0] == "c":
        yield typed[1] + hiragana(typed[2] + "hi")
