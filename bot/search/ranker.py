"""The ranker: what two witnesses say of each entry, on one scale.

*Words*: how much of the question's weight an entry accounts for, by BM25 and by coverage.
*Meaning*: the cosine of a sentence encoder. Neither is divided by the best hit's: where words say
little, meaning leads; where they say much, words lead. Measured in
docs/decisions/0042-two-witnesses.md and 0044-what-is-asked-stands-last.md.

What is typed by half is completed by words alone.
"""

import math
import re
from functools import cached_property, lru_cache, partial
from itertools import pairwise, takewhile
from operator import attrgetter, itemgetter
from typing import NamedTuple

import jaconv
import numpy as np
from numpy.typing import NDArray

from bot.domain.entry import Entry
from bot.domain.retrieval import Query
from bot.search.analysis import MAX_QUERY
from bot.search.index import Index, best
from bot.search.question import Intent
from bot.search.readings import ROMAJI, Readings, Sorted, hiragana
from bot.search.synonyms import Table, alternatives, weigh

HITS = 5
"""So many come first, in the same order however many more are wanted."""

BM25_WEIGHT, COVERAGE_WEIGHT = 0.37, 0.45
"""What the two shares of words count, against 1 for meaning."""

ASKED_BONUS = 0.05
"""What it counts that the wording's own words are asked for: of two entries with the query's words
the one that has few others.
"""

WORDS_ALONE = 1.5
"""What makes up for meaning, where it is left out."""

SYNONYM_CREDIT = 0.8
"""What a word counts that only a synonym of it meets."""

LATER = 2.0
"""So many times as much as the one before it counts a noun that the entry doesn't speak of: the
matter of a question stands first, what is asked about it last.
"""

_EACH = 20
"""So many wordings of each witness are looked at closely."""

_MAX_REMEMBERED = 4_096  # wordings kept prepared

_POOL = 8
"""So many times as many entries are put in order as are wanted for completion."""

_LONGEST = 30
"""No word that is typed by half has more characters."""

_INFLECTED = ("動詞", "形容詞", "助動詞")
_ENGLISH = re.compile(r"[a-z]{2,}", re.IGNORECASE)
_LATIN_END = re.compile(r"[a-z'-]+$", re.IGNORECASE)
_KANA_END = re.compile(r"([ぁ-ゖァ-ヺー]*)([a-z'-]*)$")
_CONSONANTS = "bcdfghjklmnpqrstvwxyz"
_VOWELS = {"": ("",), "n": (*"aiueo", "'"), "c": ("hi",)}
"""What may follow half a syllable, where that isn't any vowel."""


class Candidate(NamedTuple):
    """An entry that may answer, by its best wording.

    Attributes:
        wording: Its position in the index.
        score: Both witnesses together, from 0 to about 1.9.
        words: The mean of BM25's share and coverage, from 0 to 1.
        asked: How much of the wording the query asks, from 0 to 1 of its words' idf.
        unmet: How much of the query's nouns the entry doesn't speak of, from 0 to 1 (none of them),
            those that come later counting more.
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
        own: Each own term; its share in the query's weight, an unknown word being the rarest; the
            ways to say the same, as sets of terms; and if it is a noun, its share in the weight of
            all nouns, those that come later counting more.
    """

    weights: dict[str, float]
    potential: float
    own: list[tuple[str, float, list[frozenset[str]], float]]


class Ranked(NamedTuple):
    """What was found.

    Attributes:
        candidates: Best first, ties by entry id.
        nearest: The best cosine of any entry; None where meaning is left out.
    """

    candidates: list[Candidate]
    nearest: float | None


class Ranker:
    """Ranks the entries of one state of the FAQ.

    Args:
        index: The FAQ.
        synonyms: Other words for stretches of a query; also an attribute.
        readings: How the FAQ's words are read; also an attribute.
    """

    def __init__(self, index: Index, synonyms: Table, readings: Readings) -> None:
        self.index = index
        self.synonyms = synonyms
        self.readings = readings
        # Not by a method: a cycle would keep a replaced index until the collector comes by.
        self._shares = lru_cache(_MAX_REMEMBERED)(partial(_shares_of_wording, index))
        self._analyzer = readings.analyzer

    def read(self, query: Query) -> Query:
        """Put the FAQ's words in place of words of a query that are read like them."""
        return self.readings.apply(query, self.index, self.synonyms)

    def rank(
        self,
        query: Query,
        intent: Intent,
        cosines: NDArray[np.float32] | None,
        limit: int,
    ) -> Ranked:
        """Rank the entries.

        Args:
            query: The query, as it is read.
            intent: Where its sentences are that say nothing about it.
            cosines: How near each wording is in meaning, shape (wordings,); None: words alone.
            limit: How many entries at most.
        """
        asked = self._ask(query, intent)
        scores = self.index.scores(asked.weights)
        each = max(_EACH, 4 * limit)
        wordings = best(scores, each)[: 4 * each]  # of very many that score alike, no more
        nearest = None
        if cosines is not None:
            near = best(cosines, each)
            nearest = cosines.item(near[0]) if near else 0.0
            wordings += near[:each]
        # In the order of their ids, as the index has them: it stays where scores are equal.
        found: dict[int, tuple[float, int, float, float]] = {}
        before, coverage, unmet = -1, 0.0, 0.0
        owner = self.index.owner.item
        for wording in sorted(set(wordings)):
            entry = owner(wording)
            if entry != before:
                before, (coverage, unmet) = entry, self._coverage(asked, entry)
            share = scores.item(wording) / asked.potential if asked.potential else 0.0
            score = BM25_WEIGHT * share + COVERAGE_WEIGHT * coverage
            score = WORDS_ALONE * score if cosines is None else score + cosines.item(wording)
            # Sums of floats: in another order the last bits would differ.
            score = round(score, 9)
            if entry not in found or score > found[entry][0]:
                found[entry] = score, wording, (share + coverage) / 2, unmet
        rows = sorted(found.values(), key=itemgetter(0), reverse=True)
        # Further down nothing can come among them by what is asked.
        enough = rows[limit - 1][0] - ASKED_BONUS if len(rows) > limit else -math.inf
        candidates = []
        for score, wording, words, unmet in takewhile(lambda row: row[0] >= enough, rows):
            share = self._share_asked(asked, wording)
            score = round(score + ASKED_BONUS * share, 9)
            candidates.append(Candidate(wording, score, words, share, unmet))
        candidates.sort(key=attrgetter("score"), reverse=True)
        return Ranked(candidates[:limit], nearest)

    def _ask(self, query: Query, intent: Intent) -> Asked:
        tokens, idf = query.tokens, self.index.idf
        # A greeting says nothing.
        idle = {at for start, end in intent.idle for at in range(start, end)}
        importance = [0.0 if token.start in idle else token.weight for token in tokens]
        own: dict[str, float] = {}
        for token, counts in zip(tokens, importance, strict=True):
            if counts > own.get(token.term, 0.0):
                own[token.term] = counts
        others = alternatives(self.synonyms, tokens)
        synonyms: dict[str, list[frozenset[str]]] = {}
        for alternative in others:
            terms = frozenset(alternative.word.terms)
            for token in tokens[alternative.start : alternative.end]:
                synonyms.setdefault(token.term, []).append(terms)
        weighed = {term: counts * idf(term) for term, counts in own.items()}
        # Verbs and adjectives end in hiragana.
        last_first = [term for term in reversed(weighed) if not "ぁ" <= term[-1] <= "ゖ"]
        nouns = _shares({term: weighed[term] * LATER**-at for at, term in enumerate(last_first)})
        return Asked(
            weigh(own, importance, others),
            self.index.most_per_idf * sum(weighed.values()),
            [
                (term, share, synonyms.get(term, []), nouns.get(term, 0.0))
                for term, share in _shares(weighed).items()
            ],
        )

    def _coverage(self, asked: Asked, entry: int) -> tuple[float, float]:
        """Return which shares of a query an entry accounts for, and of its nouns leaves unmet."""
        # Plain loops: this runs for dozens of entries, and sum() over a generator takes twice.
        terms = self.index.entry_terms(entry)
        coverage = unmet = 0.0
        for term, share, synonyms, noun in asked.own:
            if term in terms:
                coverage += share
            elif synonyms and any(map(terms.issuperset, synonyms)):
                coverage += SYNONYM_CREDIT * share
            else:
                unmet += noun
        return coverage, unmet

    def _share_asked(self, asked: Asked, wording: int) -> float:
        """Return how much of a wording a query asks: looked at for the best alone."""
        question = self._shares(wording)
        return sum([question.get(term, 0.0) for term in asked.weights])

    def complete(self, text: str, limit: int) -> tuple[Entry, ...]:
        """Complete what is being typed: entries with these words, first where they are asked for.

        Args:
            text: What is typed so far: 「カリキュ」, 「評価 デー」, 「がくj」, 「gakuju」.
            limit: How many at most.
        """
        index, readings = self.index, self.readings
        text = self._spelled_out(self._analyzer.normalise(text)[:MAX_QUERY].strip())
        start, begun = self._last_word(text)
        query = readings.apply(self._analyzer.query(text[:start])[0], index, self.synonyms)
        own = {token.term: token.weight for token in query.tokens}
        others = alternatives(self.synonyms, query.tokens)
        weights = weigh(own, [1.0] * len(query.tokens), others)
        last = text[start:]
        if last[1:]:  # whole already, maybe: データ comes before データベース
            weights |= dict.fromkeys(begun & {last, *readings.read(jaconv.hira2kata(last))}, 1.0)
        said = index.scores(weights)
        scores = said + index.highest(begun)
        found = np.flatnonzero(scores)
        order = np.lexsort((-scores[found], said[found] == 0))
        pool = found[order][: _POOL * limit].tolist()
        asked = {at for at in pool if not begun.isdisjoint(index.wording_terms(at))}
        pool.sort(key=lambda wording: (said[wording] == 0, wording not in asked))
        entries = dict.fromkeys(index.owner[pool].tolist())
        return tuple([index.entries[entry] for entry in entries][:limit])

    def _spelled_out(self, text: str) -> str:
        """Read romaji at the end, half a syllable left as it is: 「gakuj」 is がくj."""
        word = _LATIN_END.search(text)
        if word is None or word[0].lower() in self.index or self._begun(word[0]):
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
        words = self.readings.chain(jaconv.hira2kata(text[run:]), 0)
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
        readings, word = self.readings, word.lower()
        terms = {*readings.surfaces.starting(word)}
        terms.update(self._spelled[each] for each in self._spellings.starting(word))
        typed = _KANA_END.fullmatch(word)
        if typed and word:
            half = typed[2].removeprefix(typed[2].rstrip(_CONSONANTS))
            for vowel in _VOWELS.get(half, "aiueo"):
                reading = jaconv.hira2kata(typed[1] + hiragana(typed[2] + vowel))
                for each in readings.readings.starting(reading):
                    terms.update(readings.read(each))
                terms = terms or readings.heard_from(reading)
        return terms

    @cached_property
    def _spellings(self) -> Sorted:
        return Sorted(self._spelled)

    @cached_property
    def _spelled(self) -> dict[str, str]:
        """The terms of English words in questions, which may be in katakana: judge is ジャッジ."""
        wordings = (wording for entry in self.index.entries for wording in entry.wordings)
        words = {word.lower() for wording in wordings for word in _ENGLISH.findall(wording)}
        terms = {word: self._analyzer.terms(word) for word in words if word not in self.index}
        return {word: found[0] for word, found in terms.items() if len(found) == 1}


def _shares(weights: dict[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {key: weight / total for key, weight in weights.items()}


def _shares_of_wording(index: Index, wording: int) -> dict[str, float]:
    """Return the share of each term of a wording in its idf."""
    return _shares({term: index.idf(term) for term in index.wording_terms(wording)})
