"""Words of the FAQ that a query spells otherwise: 「ごうせいデータ」 finds 合成データ.

Words that the FAQ doesn't know are read, and a first one that was cut wrongly: kana, romaji,
homophones (化膿 for 可能), a kanji of another's reading (出販 for 出版), slips in katakana.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import cache, cached_property
from itertools import pairwise, product, starmap, takewhile

import jaconv

from bot.domain.retrieval import Query, Token
from bot.search.analysis import Analyzer
from bot.search.index import Index
from bot.search.synonyms import Table

READ = 0.8
"""What a word counts that is only read like the FAQ's."""

_LONGEST = 30
"""No word of romaji has more sounds."""

_LONG = 3
_SHORT = 2
"""A reading of three kana is found anywhere a word starts, one of two only beside such a one."""

_SLIPPED = 5
"""A word of so many kana is found in spite of one that is wrong, missing or too much."""

_SLIP = 0.8
"""Two such words are so similar, by difflib's ratio."""

_KANA_RUN = re.compile(r"[ぁ-ゖァ-ヺー]{3,}")
_DRAWN_OUT = re.compile("(?<=[ぁ-ゖ])ー")  # でーた is no word to Sudachi, but で and た
_BEGUN_IN_KANA = re.compile(r"(?<![^\W_])[ぁ-ゖー]{3}")
_KANJI_RUN = re.compile(r"[一-鿿々]{2,}")
_KANJI = re.compile(r"[一-鿿々]")
_KATAKANA = re.compile(r"[ァ-ヺー]+")
_LATIN = re.compile(r"[A-Za-zāīūēō][A-Za-zāīūēō'-]*")
ROMAJI = re.compile(
    r"(?:(?:[kgsztdnhbpmr]y|sh|ch|ts|[kgsztdnhbpmrjfwy])?[aiueoāīūēō]-?|n'|n(?![aiueoy])|m(?=[bpm])"
    r"|([kgsztdbpcjh])(?=\1)|t(?=ch))+"
)
_LONG_VOWELS = str.maketrans({"ā": "aa", "ī": "ii", "ū": "uu", "ē": "ei", "ō": "ou"})
# What romaji of all kinds leaves out or doubles: gakushu, gakusyuu, gakushū; koupasu, kopasu.
_LENGTHS = re.compile(
    "ー|(?<=[アカサタナハマヤラワガザダバパャァ])ア|(?<=[イキシチニヒミリギジヂビピィ])イ"
    "|(?<=[ウクスツヌフムユルグズヅブプュゥ])ウ|(?<=[エケセテネヘメレゲゼデベペェ])[イエ]"
    "|(?<=[オコソトノホモヨロヲゴゾドボポョォ])[ウオ]"
)
_TWO_SCRIPTS = re.compile(r"[ぁ-ゖ][ァ-ヺ]")  # 「のキャップ」: no word begins there
_COUNTING = frozenset("何一二三四五六七八九十百千万")  # 「何曜」 is no slip for 日曜
_PARTICLES = {"wa": "は", "o": "を", "e": "へ", "de": "で"}


class Sorted:
    """Words in order, to find those that begin with something, or are nearly another.

    Args:
        words: The words.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(words)

    @cached_property
    def _reversed(self) -> "Sorted":
        return Sorted(word[::-1] for word in self._words)

    def starting(self, prefix: str) -> list[str]:
        """Return the words that begin so."""
        end = bisect_left(self._words, f"{prefix}\U0010ffff")
        return self._words[bisect_left(self._words, prefix) : end]

    def near(self, word: str) -> list[str]:
        """Return the words with one half of another, as all have that differ in one place."""
        half = len(word) // 2
        ending = self._reversed.starting(word[half:][::-1])
        return [*self.starting(word[:half]), *(each[::-1] for each in ending)]


class Readings:
    """The readings of the FAQ's terms.

    Args:
        terms: All terms of the FAQ.
        analyzer: The chain that entries and queries go through; also an attribute.
        remembered: Readings known from an earlier state of the FAQ; extended here.
    """

    def __init__(
        self, terms: Iterable[str], analyzer: Analyzer, remembered: dict[str, str]
    ) -> None:
        self.analyzer = analyzer
        self._tokenizer = analyzer.tokenizer
        self._all: list[str] = []
        self._terms: dict[str, tuple[str, ...]] = {}
        for term in terms:
            self._all.append(term)
            reading = remembered.get(term)
            if reading is None:
                kanji = _KANJI.search(term)
                reading = self._tokenizer.reading(term) if kanji else jaconv.hira2kata(term)
                remembered[term] = reading
            if _KATAKANA.fullmatch(reading):
                self._terms[reading] = (*self._terms.get(reading, ()), term)
        self._longest = max(map(len, self._terms), default=0)

    @cached_property
    def surfaces(self) -> Sorted:
        """The terms themselves."""
        return Sorted(self._all)

    @cached_property
    def readings(self) -> Sorted:
        """How they are read, in katakana."""
        return Sorted(self._terms)

    def read(self, reading: str) -> tuple[str, ...]:
        """Return the terms that are read so, or with a long vowel behind: プリンタ, プリンター."""
        return self._terms.get(reading) or self._terms.get(f"{reading}ー", ())

    def heard_from(self, start: str) -> set[str]:
        """Return the terms whose reading, as it is heard in romaji, begins so."""
        start = as_heard(start)
        found = self._heard_in_order.starting(start) if len(start) >= _SHORT else ()
        return {term for key in found for term in self._heard[key]}

    @cached_property
    def _heard_in_order(self) -> Sorted:
        return Sorted(self._heard)

    @cached_property
    def _heard(self) -> dict[str, tuple[str, ...]]:
        """The terms by their reading as it is heard in romaji; those that sound alike together."""
        terms: dict[str, tuple[str, ...]] = {}
        for reading, read in self._terms.items():
            key = as_heard(reading)
            terms[key] = (*terms.get(key, ()), *read)
        return terms

    def apply(self, query: Query, index: Index, synonyms: Table = lambda _: None) -> Query:
        """Put the FAQ's words in place of words that it doesn't know and that are read like them.

        Args:
            query: The query.
            index: The FAQ.
            synonyms: Words that stand for terms of the FAQ: they aren't misspelled.
        """
        unknown = [token for token in query.tokens if token.term not in index]
        suspect = (_DRAWN_OUT, _BEGUN_IN_KANA)
        if not unknown and not any(each.search(query.text) for each in suspect):
            return query
        romaji = self._romaji(query, index) if unknown else None
        if romaji is not None:
            return romaji
        found = self._kana(query, unknown)
        unknown = [token for token in _apart(unknown, found) if not synonyms((token.term,))]
        found += self._kanji(query, unknown)
        words = [self._word(query.tokens, token, index) for token in _apart(unknown, found)]
        found += filter(None, words)
        if not found:
            return query
        return replace(query, tokens=_in_order((*_apart(query.tokens, found), *found)))

    def written(self, query: Query) -> str:
        """Return a query as the FAQ would write it, which says to the encoder what is meant.

        A word in kanji stays that is one by itself: 街灯, if the FAQ has but 街頭.

        Args:
            query: What ``apply`` returned.
        """
        terms: dict[tuple[int, int], str] = {}
        for token in query.tokens:
            place = token.start, token.end
            if token.weight < 1 and not (
                _KANJI.search(token.surface) and self._tokenizer.readings(token.surface)
            ):
                terms[place] = terms.get(place, "") + token.term
        if any(query.text[start:end].isascii() for start, end in terms):
            said = _places(query.tokens)
            for word in _LATIN.finditer(query.text):
                if said.isdisjoint(range(*word.span())):
                    terms[word.span()] = _PARTICLES.get(word[0]) or hiragana(word[0])
        text = query.text
        for (start, end), term in sorted(terms.items(), reverse=True):
            text = text[:start] + term + text[end:]
        return text

    def _kana(self, query: Query, unknown: Sequence[Token]) -> list[Token]:
        """Read runs of kana.

        Sudachi often cuts words in kana wrongly: しゅご is しゅっ and ご, かんり a pronoun and り.
        Where a word starts within a run of kana, the longest readings of terms of the FAQ are
        taken instead, unless the words there are known already.
        """
        places = _places(unknown)
        places.update(mark.start() for mark in _DRAWN_OUT.finditer(query.text))
        begun = {run.start() for run in _BEGUN_IN_KANA.finditer(query.text)}
        return [
            word
            for run in _KANA_RUN.finditer(query.text)
            if run.start() in begun or not places.isdisjoint(range(*run.span()))
            for word in self._words(run, query.tokens)
            if not places.isdisjoint(range(word.start, word.end))
            or (word.start in begun and self._was_cut_up(query, word))
        ]

    def _was_cut_up(self, query: Query, word: Token) -> bool:
        """Say whether Sudachi took a word for several, one of which says nothing."""
        inside = range(word.start, word.end)
        parts = [each for each in self._tokenizer.morphemes(query.text) if each.start in inside]
        if len(parts) < 2 or parts[-1].end != word.end:
            return False
        says = {token.start for token in query.tokens}
        does = any(each.normal == "為る" for each in parts)  # 「どうしたら」 isn't 同士
        return not does and not says.issuperset(each.start for each in parts)

    def _words(self, run: re.Match[str], tokens: Sequence[Token]) -> list[Token]:
        begin, reading = run.start(), jaconv.hira2kata(run[0])
        starts = {token.start - begin for token in tokens}
        if not any(token.start < begin < token.end for token in tokens):  # as a verb's end does
            starts.add(0)
        words: list[Token] = []
        at = 0
        while at < len(reading):
            chain = self.chain(reading, at) if at in starts else []
            chain = list(takewhile(lambda word: not _TWO_SCRIPTS.match(run[0], word[0]), chain))
            if any(end - start >= _LONG for start, end in chain):
                for start, end in chain:
                    term, surface = self.read(reading[start:end])[0], run[0][start:end]
                    words.append(Token(term, surface, begin + start, begin + end, READ))
                at = chain[-1][1]
                starts.add(at)
            else:
                at += 1
        return words

    def chain(self, reading: str, start: int) -> list[tuple[int, int]]:
        """Return where the longest readings lie that follow one another from ``start``."""
        chain = []
        while True:
            for end in range(min(start + self._longest, len(reading)), start + _SHORT - 1, -1):
                if len(self.read(reading[start:end])) == 1:
                    chain.append((start, end))
                    start = end
                    break
            else:
                return chain

    def _romaji(self, query: Query, index: Index) -> Query | None:
        """Read romaji; None if a word isn't any, or none is the FAQ's.

        A word that the FAQ knows, or in capitals, may stand among them: an English question has
        others, too.
        """
        terms = {(token.start, token.end): token.term for token in query.tokens}
        words = [
            word
            for word in _LATIN.finditer(query.text)
            if word[0][1:] == word[0][1:].lower() and terms.get(word.span(), "") not in index
        ]
        # Sudachi writes the English that it knows in katakana.
        if not words or not all(
            ROMAJI.fullmatch(word[0].lower())
            and (word[0] in _PARTICLES or not _KATAKANA.fullmatch(terms.get(word.span(), "")))
            for word in words
        ):
            return None
        found: list[Token] = []
        understood = False
        for word in words:
            kana = _PARTICLES.get(word[0]) or hiragana(word[0])
            if together := self._composed(kana, index):
                found += [Token(term, word[0], *word.span(), READ) for term in together]
                understood = True
                continue
            tokens = tuple(self.analyzer.tokens(kana))
            whole = Token(kana, kana, 0, len(kana))  # Sudachi cuts しけん as し and けん
            known = any(token.term in index for token in tokens)
            read = self.apply(Query(kana, tokens if known else (whole,)), index).tokens
            read = tokens if whole in read else read
            found += [Token(token.term, word[0], *word.span(), READ) for token in read]
            understood |= any(t.term in index and t.end - t.start >= _LONG for t in read)
        heard = {at for word in words for at in range(*word.span())}
        others = [token for token in query.tokens if token.start not in heard]
        return replace(query, tokens=_in_order((*others, *found))) if understood else None

    def _composed(self, kana: str, index: Index) -> tuple[str, ...]:
        """Return the FAQ's terms of which a word of romaji consists; empty where there are none.

        One of them is long, or two stand side by side in the FAQ (kaomoji); a single sound is
        nothing but a suffix (anzensei).
        """
        word = as_heard(jaconv.hira2kata(kana))

        @cache
        def cover(at: int) -> tuple[tuple[int, str], ...] | None:
            for end in range(len(word), at, -1):
                terms = self._heard.get(word[at:end], ())
                if len(terms) == 1 and (end - at >= _SHORT or end == len(word)):
                    rest = () if end == len(word) else cover(end)
                    if rest is not None:
                        return ((end - at, terms[0]), *rest)
            return None

        found = cover(0) if len(word) <= _LONGEST else None
        if not found:
            return ()
        lengths, terms = zip(*found, strict=True)
        long = len(kana) if not terms[1:] else max(lengths)
        side_by_side = bool(terms[1:]) and all(starmap(index.adjacent, pairwise(terms)))
        return terms if long >= _LONG or side_by_side else ()

    def _kanji(self, query: Query, unknown: Sequence[Token]) -> list[Token]:
        """Read a kanji in another's place: 出販社, which Sudachi cuts as 出 and 販社."""
        found: list[Token] = []
        places = _places(unknown)
        for token, length in product(query.tokens, (4, 3, 2)) if places else ():
            start, end = token.start, token.start + length
            word = query.text[start:end]
            if (
                _KANJI_RUN.fullmatch(word)
                and not places.isdisjoint(range(start, end))
                and not self._tokenizer.readings(word)
            ):
                near = {each for each in self.surfaces.near(word) if self._sound_alike(each, word)}
                if len(near) == 1:
                    found.append(Token(near.pop(), word, start, end, READ))
                    behind = "".join(takewhile(_KANJI.match, query.text[end:]))
                    places.difference_update(range(start, end + len(behind)))
                    found += [
                        replace(each, start=end + each.start, end=end + each.end)
                        for each in self.analyzer.tokens(behind)
                    ]
        return found

    def _sound_alike(self, one: str, other: str) -> bool:
        """Say whether a single kanji differs, and the two share a reading."""
        differ = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
        if len(one) != len(other) or len(differ) != 1 or not _COUNTING.isdisjoint(differ[0]):
            return False
        of_one, of_other = map(self._tokenizer.readings, differ[0])
        return not of_one.isdisjoint(of_other)

    def _word(self, tokens: Sequence[Token], token: Token, index: Index) -> Token | None:
        """Read one word: a homophone, kana (つかえます), or katakana that no dictionary knows."""
        surface, terms = token.surface, set[str]()
        if _KANJI_RUN.fullmatch(surface):
            reading = self._tokenizer.reading(surface)
            terms.update(self.read(reading) if len(reading) >= _LONG else ())
            # 連係 shares a kanji with 連携; 化膿性 says by its 性 that 可能性 is meant.
            alike = terms if len(reading) > _LONG else ()
            near = {term for term in alike if not set(term).isdisjoint(surface)}
            terms = near or {
                term
                for term, other in product(terms, tokens)
                if (other.end == token.start and index.adjacent(other.term, term))
                or (other.start == token.end and index.adjacent(term, other.term))
            }
        elif len(surface) < _SLIPPED or not _KATAKANA.fullmatch(surface):
            if len(token.term) >= _LONG:
                terms.update(self.read(jaconv.hira2kata(token.term)))
        elif not self._tokenizer.readings(surface):
            for near_by in get_close_matches(surface, self.readings.near(surface), 1, _SLIP):
                terms.update(self.read(near_by))
        return replace(token, term=terms.pop(), weight=READ) if len(terms) == 1 else None


def hiragana(romaji: str) -> str:
    """Return how romaji is read: gakkō and konnichiha too, half a syllable as it is."""
    plain = romaji.lower().translate(_LONG_VOWELS)
    return str(jaconv.alphabet2kana(re.sub(r"n+(?=n[aiueoy])", "n'", plain)))


def as_heard(reading: str) -> str:
    """Return katakana without what romaji leaves out: ガクシュー is ガクシュ, ホンヤク ホニャク."""
    for small, large in zip("ャュョ", "ヤユヨ", strict=True):
        reading = reading.replace(f"ン{large}", f"ニ{small}")
    return _LENGTHS.sub("", reading)


def _places(tokens: Iterable[Token]) -> set[int]:
    return {at for token in tokens for at in range(token.start, token.end)}


def _apart(tokens: Iterable[Token], others: Iterable[Token]) -> list[Token]:
    """Return the tokens that share no place with any of some others."""
    places = _places(others)
    return [token for token in tokens if places.isdisjoint(range(token.start, token.end))]


def _in_order(tokens: Iterable[Token]) -> tuple[Token, ...]:
    return tuple(sorted(tokens, key=lambda token: token.start))
