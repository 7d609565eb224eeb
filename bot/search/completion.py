"""Completion: entries for a question that is being typed, the last word maybe by half."""

import re
from functools import cached_property
from itertools import pairwise

import jaconv
import numpy as np

from bot.domain.entry import Entry
from bot.search.analysis import MAX_QUERY
from bot.search.index import Index
from bot.search.readings import ROMAJI, Readings, Sorted, hiragana
from bot.search.synonyms import Synonyms, weigh

_POOL = 8
"""So many times as many entries are put in order as are wanted."""

_LONGEST = 30
"""No last word has more characters."""

_INFLECTED = ("動詞", "形容詞", "助動詞")
_ENGLISH = re.compile(r"[a-z]{2,}", re.IGNORECASE)
_LATIN_END = re.compile(r"[a-z'-]+$", re.IGNORECASE)
_KANA_END = re.compile(r"([ぁ-ゖァ-ヺー]*)([a-z'-]*)$")
_CONSONANTS = "bcdfghjklmnpqrstvwxyz"
_VOWELS = {"": ("",), "n": (*"aiueo", "'"), "c": ("hi",)}
"""What may follow half a syllable, where that isn't any vowel."""


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
        index, readings = self._index, self._readings
        text = self._spelled_out(self._analyzer.normalise(text)[:MAX_QUERY].strip())
        start, begun = self._last_word(text)
        query = readings.apply(self._analyzer.query(text[:start])[0], index, self._synonyms)
        own = {token.term: token.weight for token in query.tokens}
        alternatives = self._synonyms.alternatives(query.tokens)
        weights = weigh(own, [1.0] * len(query.tokens), alternatives)
        last = text[start:]
        if last[1:]:  # whole already, maybe: データ comes before データベース
            weights |= dict.fromkeys(begun & {last, *readings.read(jaconv.hira2kata(last))}, 1.0)
        said = index.scores(weights)
        scores = said + index.highest(begun)
        found = np.flatnonzero(scores)
        best = found[np.lexsort((-scores[found], said[found] == 0))][: _POOL * limit].tolist()
        asked = {at for at in best if not begun.isdisjoint(index.wording_terms(at))}
        best.sort(key=lambda wording: (said[wording] == 0, wording not in asked))
        entries = dict.fromkeys(index.owner[best].tolist())
        return tuple([index.entries[entry] for entry in entries][:limit])

    def _spelled_out(self, text: str) -> str:
        """Read romaji at the end, half a syllable left as it is: 「gakuj」 is がくj."""
        word = _LATIN_END.search(text)
        if word is None or word[0].lower() in self._index or self._begun(word[0]):
            return text
        whole = word[0].lower().rstrip(_CONSONANTS)
        if not ROMAJI.fullmatch(whole):
            return text
        return text[: word.start()] + hiragana(whole) + word[0][len(whole) :].lower()

    def _last_word(self, text: str) -> tuple[int, set[str]]:
        """Return where the word starts that may be typed by half, and what it may become."""
        morphemes = self._analyzer.query(text)[1]
        starts = [word.start for word in morphemes if word.start >= len(text) - _LONGEST]
        kana = _KANA_END.search(text)
        run = kana.start() if kana else len(text)
        words = self._readings.chain(jaconv.hira2kata(text[run:]), 0)
        likely = [at for at in starts if at <= run] + [run, *(run + end for _, end in words)]
        particle = None  # 「データは」 begins no word with は
        for before, after in pairwise(morphemes[-2:]):
            ending = after.pos[0] == "助動詞" and before.pos[0] in _INFLECTED
            if (after.pos[0] == "助詞" and before.pos[0] != "空白") or ending:
                particle = after.start
        for start in (*likely, *starts):
            if start not in (particle, len(text)) and (begun := self._begun(text[start:])):
                return start, begun
        return len(text), set()

    def _begun(self, word: str) -> set[str]:
        """Return the FAQ's terms that begin so, as written or read."""
        readings, word = self._readings, word.lower()
        terms = {*readings.surfaces.starting(word)}
        terms.update(self._spelled[each] for each in self._spellings.starting(word))
        typed = _KANA_END.fullmatch(word)
        if typed and word:
            half = typed[2].removeprefix(typed[2].rstrip(_CONSONANTS))
            for vowel in _VOWELS.get(half, "aiueo"):
                reading = jaconv.hira2kata(typed[1] + hiragana(typed[2] + vowel))
                for each in readings.readings.starting(reading):
                    terms.update(readings.read(each))
        return terms

    @cached_property
    def _spellings(self) -> Sorted:
        return Sorted(self._spelled)

    @cached_property
    def _spelled(self) -> dict[str, str]:
        """The terms of English words in questions, which may be in katakana: judge is ジャッジ."""
        wordings = (wording for entry in self._index.entries for wording in entry.wordings)
        words = {word.lower() for wording in wordings for word in _ENGLISH.findall(wording)}
        terms = {word: self._analyzer.terms(word) for word in words if word not in self._index}
        return {word: found[0] for word, found in terms.items() if len(found) == 1}
