"""Words of the FAQ that a query spells otherwise: 「ごうせいデータ」 finds 合成データ.

Only words that the FAQ doesn't know are read: kana, romaji (gousei), homophones (化膿 for 可能), a
kanji with the reading of another (出販 for 出版), and a slip in a katakana word (カリキュラス).
"""

import re
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import accumulate, product, takewhile

import jaconv

from bot.domain.retrieval import Query, Token
from bot.search.analysis import Analyzer
from bot.search.index import Index

READ = 0.8
"""What a word counts that is only read like the FAQ's."""

_LONG = 3
_SHORT = 2
"""A reading of three kana is found anywhere a word starts, one of two only beside such a one."""

_SLIP = 5
"""A word of so many kana is found in spite of one that is wrong, missing or too much."""

_KANA_RUN = re.compile(r"[ぁ-ゖァ-ヺー]{3,}")
_KANJI_RUN = re.compile(r"[一-鿿々]{2,}")
_KANJI = re.compile(r"[一-鿿々]")
_KATAKANA = re.compile(r"[ァ-ヺー]+")
_LATIN = re.compile(r"[A-Za-zāīūēō][A-Za-zāīūēō'-]*")
ROMAJI = re.compile(
    r"(?:(?:[kgsztdnhbpmr]y|sh|ch|ts|[kgsztdnhbpmrjfwy])?[aiueoāīūēō]-?|n'?(?![aiueoy])|m(?=[bpm])"
    r"|([kgsztdbpcjh])(?=\1)|t(?=ch))+"
)
_LONG_VOWELS = str.maketrans({"ā": "aa", "ī": "ii", "ū": "uu", "ē": "ei", "ō": "ou"})
_TWO_SCRIPTS = re.compile(r"[ぁ-ゖ][ァ-ヺ]")  # 「のキャップ」: no word begins there
_COUNTING = frozenset("何一二三四五六七八九十百千万")  # 「何曜」 is no slip for 日曜
_PARTICLES = {"wa": "は", "o": "を", "e": "へ"}


class Sorted:
    """Words in order: those that begin with something, and those that differ little from another.

    Args:
        words: The words.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(words)

    @cached_property
    def _backwards(self) -> list[str]:
        return sorted(word[::-1] for word in self._words)

    def starting(self, prefix: str) -> list[str]:
        """Return the words that begin so."""
        return _starting(self._words, prefix)

    def near(self, word: str) -> Iterator[str]:
        """Yield words with one half of another, as all have that differ from it in one place."""
        half = len(word) // 2
        yield from _starting(self._words, word[:half])
        yield from (each[::-1] for each in _starting(self._backwards, word[half:][::-1]))


def _starting(words: Sequence[str], prefix: str) -> list[str]:
    return list(words[bisect_left(words, prefix) : bisect_left(words, f"{prefix}\U0010ffff")])


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
        """Return the terms that are read so."""
        return self._terms.get(reading, ())

    def apply(self, query: Query, index: Index, meant: Container[str] = ()) -> Query:
        """Put the FAQ's words in place of words that it doesn't know and that are read like them.

        Args:
            query: The query.
            index: The FAQ.
            meant: Words that stand for terms of the FAQ, as synonyms do: they aren't misspelled.
        """
        unknown = [token for token in query.tokens if token.term not in index]
        if not unknown:
            return query
        romaji = self._romaji(query, index)
        if romaji is not None:
            return romaji
        found = self._kana(query, unknown)
        unknown = [token for token in _apart(unknown, found) if token.term not in meant]
        if unknown:
            found += self._kanji(query, unknown)
            words = [self._word(query.tokens, token, index) for token in _apart(unknown, found)]
            found += filter(None, words)
        if not found:
            return query
        return replace(query, tokens=_in_order((*_apart(query.tokens, found), *found)))

    def _kana(self, query: Query, unknown: Sequence[Token]) -> list[Token]:
        """Read runs of kana.

        Sudachi often cuts words in kana wrongly (しゅご becomes しゅっ and ご). Where a word starts
        within a run of kana, the longest readings of terms of the FAQ are taken instead, unless the
        words there are known already.
        """
        return [
            word
            for run in _KANA_RUN.finditer(query.text)
            if not _is_apart(Token("", "", *run.span()), unknown)
            for word in self._words(run, query.tokens)
            if not _is_apart(word, unknown)
        ]

    def _words(self, run: re.Match[str], tokens: Sequence[Token]) -> list[Token]:
        begin, reading = run.start(), jaconv.hira2kata(run[0])
        starts = {token.start - begin for token in tokens}
        if _is_apart(Token("", "", begin - 1, begin + 1), tokens):  # else the run ends a verb
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
        terms = {token.start: token.term for token in query.tokens}
        words = [
            word
            for word in _LATIN.finditer(query.text)
            if word[0][1:] == word[0][1:].lower() and terms.get(word.start(), "") not in index
        ]
        # Sudachi writes the English that it knows in katakana.
        if not words or not all(
            ROMAJI.fullmatch(word[0].lower())
            and not _KATAKANA.fullmatch(terms.get(word.start(), ""))
            for word in words
        ):
            return None
        kana = [_PARTICLES.get(word[0]) or hiragana(word[0]) for word in words]
        text = " ".join(kana)
        tokens = self.apply(Query(text, tuple(self.analyzer.tokens(text))), index).tokens
        if not any(token.term in index and token.end - token.start >= _LONG for token in tokens):
            return None
        ends = list(accumulate(len(each) + 1 for each in kana))
        of_tokens = [words[bisect_left(ends, token.end)] for token in tokens]
        found = [
            Token(token.term, word[0], *word.span(), READ)
            for token, word in zip(tokens, of_tokens, strict=True)
        ]
        read = [Token("", word[0], *word.span()) for word in words]
        return replace(query, tokens=_in_order((*_apart(query.tokens, read), *found)))

    def _kanji(self, query: Query, unknown: Sequence[Token]) -> list[Token]:
        """Read a kanji in another's place: 出販社, which Sudachi cuts as 出 and 販社."""
        found: list[Token] = []
        for run in _KANJI_RUN.finditer(query.text):
            for token in self.analyzer.tokens(self._mended(run, query.tokens, unknown) or ""):
                written = run[0][token.start : token.end]
                start, end = run.start() + token.start, run.start() + token.end
                weight = READ if written != token.surface else 1.0
                found.append(Token(token.term, written, start, end, weight))
        return found

    def _mended(
        self, run: re.Match[str], tokens: Sequence[Token], unknown: Sequence[Token]
    ) -> str | None:
        """Return a run with the FAQ's word in place of one that is none; None without such."""
        starts = [token.start for token in tokens if run.start() <= token.start < run.end()]
        for start, length in product(starts, (4, 3, 2)):
            text, end = run.string, start + length
            word = text[start:end]
            if (
                end <= run.end()
                and not _is_apart(Token("", word, start, end), unknown)
                and not self._tokenizer.readings(word)
            ):
                near = {each for each in self.surfaces.near(word) if self._sound_alike(each, word)}
                if len(near) == 1:
                    return text[run.start() : start] + near.pop() + text[end : run.end()]
        return None

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
            # 街灯 for 街頭 shares a kanji; else 化膿性 says by its 性 that 可能性 is meant.
            near = {term for term in terms if not set(term).isdisjoint(surface)}
            before = [other.term for other in tokens if other.end == token.start]
            behind = [other.term for other in tokens if other.start == token.end]
            terms = near or {
                term
                for term in terms
                if any(index.adjacent(other, term) for other in before)
                or any(index.adjacent(term, other) for other in behind)
            }
        elif len(surface) < _SLIP or not _KATAKANA.fullmatch(surface):
            if len(token.term) >= _LONG:
                terms.update(self.read(jaconv.hira2kata(token.term)))
        elif not self._tokenizer.readings(surface):
            for near_by in self.readings.near(surface):
                if _slipped(near_by, surface):
                    terms.update(self.read(near_by))
        return replace(token, term=terms.pop(), weight=READ) if len(terms) == 1 else None


def hiragana(romaji: str) -> str:
    """Return how romaji is read: gakkō and konnichiha too, half a syllable as it is."""
    plain = romaji.lower().translate(_LONG_VOWELS)
    return str(jaconv.alphabet2kana(re.sub(r"n+(?=n[aiueoy])", "n'", plain)))


def _slipped(one: str, other: str) -> bool:
    """Say whether one kana is wrong, missing or too much, or two have changed places."""
    if abs(len(one) - len(other)) > 1:
        return False
    pairs = enumerate(zip(one, other, strict=False))
    at = next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
    a, b = one[at:], other[at:]
    return a[1:] == b[1:] or a == b[1:] or a[1:] == b or (a[1::-1], a[2:]) == (b[:2], b[2:])


def _is_apart(token: Token, others: Sequence[Token]) -> bool:
    """Say whether a token shares no place with any of some others."""
    return not any(token.start < other.end and other.start < token.end for other in others)


def _apart(tokens: Iterable[Token], others: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if _is_apart(token, others)]


def _in_order(tokens: Iterable[Token]) -> tuple[Token, ...]:
    return tuple(sorted(tokens, key=lambda token: token.start))
