"""The analysis chain: character filters, Sudachi, token filters.

Entries and queries go through the same chain; its fingerprint is stored with whatever was built
by it.
"""

import hashlib
import re
import threading
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import sudachidict_core
import sudachipy

from bot.domain import links
from bot.domain import text as text_gate
from bot.domain.retrieval import Query, Token
from bot.errors import FaqbotError
from bot.texts import Text

_DICTIONARY_HEADER = 272  # bytes

# Sudachi refuses more than 49,149 bytes at once; a code point takes up to 4, and NFKC in its input
# plugin up to 18 code points for one, so that pieces stay far below.
_PIECE = 2_000
_BREAKS = "\n。！？ 、"

MAX_QUERY = 2_000
"""A query is cut at this many code points, counted after normalisation."""

CharFilter = Callable[[str], str]


_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_LABELLED = re.compile(r"<\w+:[^|>\s]*\|([^>]*)>|\[([^\]\n]*)\]\(\S+?\)")
_MARKUP = re.compile(
    r"<(?:[@#!][^>\s]*|a?:\w+:\d+|/[^:>\n]+:\d+|t:\d+(?::\w)?|https?:[^>]*|mailto:[^>]*)>"
    r"|:[a-z0-9_+'-]*[a-z_+][a-z0-9_+'-]*:"
    r"|^\s*(?:>|&gt;)+",
    re.MULTILINE | re.IGNORECASE,
)
_SIGNS = re.compile(r"[<\[:>&]")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))

# Radicals from U+2E81 on, as Unicode's EquivalentUnifiedIdeograph.txt; NFKC does Kangxi's.
_UNIFIED = (
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵⺚旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀"
    "聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"
)
# NFKC would set a space before a mark that stands apart.
_LOOKS_LIKE = {"゛": "\u3099", "゜": "\u309a"} | dict(
    zip(map(chr, range(0x2E81, 0x2EF4)), _UNIFIED, strict=True)
)
_LOOK_ALIKE = re.compile("[\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef゛゜⺁-⻳]")
_VOICING = re.compile("[\u3099\u309a]")  # marks behind what can't be voiced

_BOX = "─━╌╍┄┅┈┉╴╶╸╺⎯⏤"
_DASH = rf"\-ー‐-―−⁃⸺⸻➖{_BOX}"
_LONG_VOWEL = re.compile(
    rf"(?<=[ァ-ヴヵヶヽヾー])[{_DASH}~〜](?![A-Za-z0-9~〜{_DASH}])"
    rf"|(?<=[ぁ-ゖ])[{_BOX}](?=[ぁ-ゖァ-ヺ])"
)
_HYPHEN = re.compile(rf"(?<=[A-Za-z0-9])[{_DASH}]+(?=[A-Za-z0-9])")


def strip_code(text: str) -> str:
    """Take out fenced and inline code: 「`pip install` が動かない」 becomes 「  が動かない」."""
    return _CODE.sub(" ", text) if "`" in text else text


def strip_chat_markup(text: str) -> str:
    """Take out mentions, emoji codes, links and quote marks; a link's label stays.

    「<@U1> LLMとは :pray:」 becomes 「  LLMとは  」.
    """
    if not _SIGNS.search(text):
        return text
    text = _LABELLED.sub(lambda link: f" {link[1] or link[2] or ''} ", text)
    text = _MARKUP.sub(" ", text)
    for start, end in reversed(tuple(links.spans(text))):
        text = f"{text[:start]} {text[end:]}"
    if "&" in text:
        for entity, char in _ENTITIES:
            text = text.replace(entity, char)
    return text


def fold_look_alikes(text: str) -> str:
    """Fold what looks like another character: 「テ゛ータ」 with two marks becomes 「データ」.

    Variation selectors go, radicals become the characters that they look like (⻑ becomes 長), and
    separate voicing marks join their kana.
    """
    return _LOOK_ALIKE.sub(lambda found: _LOOKS_LIKE.get(found[0], ""), text)


def fold_width(text: str) -> str:
    """Fold compatibility forms (NFKC): 「ＬＬＭのｺｰﾊﾟｽ」 becomes 「LLMのコーパス」."""
    return _VOICING.sub("", unicodedata.normalize("NFKC", text))


def mend_dashes(text: str) -> str:
    """Mend the many dashes: 「コ－ヒ─」 becomes 「コーヒー」, and 「GPT−4」 becomes 「GPT-4」."""
    return _LONG_VOWEL.sub("ー", _HYPHEN.sub("-", text))


CHAR_FILTERS: tuple[CharFilter, ...] = (
    text_gate.clean,
    strip_code,
    strip_chat_markup,
    fold_look_alikes,
    fold_width,
    mend_dashes,
)


class Morpheme(NamedTuple):
    """One morpheme.

    Attributes:
        surface: As written.
        normal: Its normalized form: one spelling for 引っ越し, 引越し and 引越. Of a verb made of
            two that of its noun: 申し込み for 申し込む and 申込む.
        pos: Parts of speech, six levels, ``*`` where a level doesn't apply.
        start: Offset in the text, in code points.
        end: Offset behind it.
    """

    surface: str
    normal: str
    pos: tuple[str, ...]
    start: int
    end: int


class Tokenizer:
    """Sudachi with its core dictionary; safe to share between threads.

    Raises:
        FaqbotError: The dictionary is missing or broken.
    """

    def __init__(self) -> None:
        try:
            self._dictionary = sudachipy.Dictionary(dict="core")
        except Exception as error:  # the Rust side raises bare exceptions of its own
            raise FaqbotError(
                Text("words.no_dictionary", reason=str(error)), Text("words.install_dictionary")
            ) from error
        # A sudachipy tokenizer raises "already in use" when two threads share it.
        self._of_thread = threading.local()
        self._pos: dict[int, tuple[str, ...]] = {}

    def morphemes(self, text: str) -> list[Morpheme]:
        """Split a text of any length; lone surrogates must have been taken out before."""
        # The explanation of an answer asks for the same once more.
        seen, found = getattr(self._of_thread, "last", ("", []))
        if seen != text:
            found = self._morphemes(text)
            self._of_thread.last = text, found
        return found

    def _morphemes(self, text: str) -> list[Morpheme]:
        tokenizer = self._own()
        if len(text) <= _PIECE:
            return self._split(tokenizer, text, 0)
        return [
            morpheme
            for start, piece in _pieces(text)
            for morpheme in self._split(tokenizer, piece, start)
        ]

    def reading(self, word: str) -> str:
        """Return how a word is read, in katakana; what has no reading stays as it is."""
        return "".join(morpheme.reading_form() for morpheme in self._own().tokenize(word))

    def readings(self, word: str) -> frozenset[str]:
        """Return how the dictionary reads a word, in katakana; empty where it has no such word."""
        return frozenset(morpheme.reading_form() for morpheme in self._dictionary.lookup(word))

    def _own(self) -> sudachipy.Tokenizer:
        tokenizer = getattr(self._of_thread, "tokenizer", None)
        if tokenizer is None:
            tokenizer = self._dictionary.tokenizer(mode=sudachipy.SplitMode.C)
            self._of_thread.tokenizer = tokenizer
        return tokenizer

    def _split(self, tokenizer: sudachipy.Tokenizer, text: str, offset: int) -> list[Morpheme]:
        """Cut units as short as can be, but for verbs: 申し込む isn't 申す and 込む."""
        pos_of, new = self._pos_of, tuple.__new__  # half the time of calling Morpheme
        found = []
        start = offset
        for unit in tokenizer.tokenize(text):
            surface, normal, pos = unit.surface(), unit.normalized_form(), pos_of(unit)
            short = [(surface, normal, pos)]
            if surface[1:] and (parts := unit.split(_SHORT, add_single=False)):
                if _CONJUGATED in pos[4]:
                    short = [(surface, _as_noun(normal, pos[4]), pos)]
                else:
                    short = [(one.surface(), one.normalized_form(), pos_of(one)) for one in parts]
            for surface, normal, pos in short:
                if surface:  # ㍿ gives a second morpheme without a surface
                    # Surfaces leave no gaps: adding up is cheaper than asking for offsets.
                    end = start + len(surface)
                    found.append(new(Morpheme, (surface, normal, pos, start, end)))
                    start = end
        return found

    def _pos_of(self, morpheme: sudachipy.Morpheme) -> tuple[str, ...]:
        pos_id = morpheme.part_of_speech_id()
        pos = self._pos.get(pos_id)
        if pos is None:
            pos = self._pos[pos_id] = tuple(morpheme.part_of_speech())
        return pos


_SHORT = sudachipy.SplitMode.A
_CONJUGATED = "段"  # 五段, 上一段 and 下一段, as verbs are; not 愛する
_E_ROW = "えけげせぜてでねへべめれ"
_TO_NOUN = str.maketrans("うくぐすつぬぶむる", "いきぎしちにびみり")


def _as_noun(verb: str, conjugation: str) -> str:
    """Return the noun of a verb: 申し込み of 申し込む, 切り替え of 切り替える.

    Its conjugation is that of the word in the text: 受け取れる, to be able to 受け取る, is 下一段.
    """
    able = conjugation == "下一段-ラ行" and verb[-2] not in _E_ROW
    ends_in_i = conjugation.startswith("五段") or not verb.endswith("る") or able
    return verb[:-1] + (verb[-1].translate(_TO_NOUN) if ends_in_i else "")


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Cut a long text into pieces, behind a sentence, a clause or a space where there is one."""
    start = 0
    while start < len(text):
        end = start + _PIECE
        if end < len(text):
            window = text[start:end]
            end = start + max(
                (window.rfind(mark) + 1 for mark in _BREAKS), key=lambda at: (at > _PIECE // 2, at)
            )
            if end <= start + _PIECE // 2:
                end = start + _PIECE
        yield start, text[start:end]
        start = end


_FUNCTION_WORDS = frozenset(
    ("助詞", "助動詞", "補助記号", "空白", "記号", "接続詞", "感動詞", "代名詞", "連体詞")
)


def content_words(morphemes: Iterable[Morpheme]) -> list[Morpheme]:
    """Keep content words: 「コーパスの質は？」 keeps コーパス and 質."""
    return [morpheme for morpheme in morphemes if morpheme.pos[0] not in _FUNCTION_WORDS]


class StopWords:
    """Drop words that only say that something is asked: 「評価方法を教えてください」 keeps 評価.

    Suffixes stay: 所 is a stop word, 保育所 isn't one. Abbreviations stay: it is a stop word, IT
    isn't one.

    Args:
        words: Normalized forms, or words as written, lower case.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words)

    def __call__(self, morphemes: Iterable[Morpheme]) -> list[Morpheme]:
        return [morpheme for morpheme in morphemes if not self._stops(morpheme)]

    def _stops(self, morpheme: Morpheme) -> bool:
        normal, surface = morpheme.normal, morpheme.surface
        if surface.isascii():  # normalized forms of English are katakana, or upper case at random
            return (surface if surface.isupper() and surface[1:] else surface.lower()) in self.words
        return normal in self.words and morpheme.pos[0] != "接尾辞"


_LATIN_TERM = re.compile(r"[A-Za-z0-9]+(?:[.+_-]*[A-Za-z0-9+]+)*")


def whole_terms(text: str, tokens: list[Token]) -> list[Token]:
    """Add Latin terms that Sudachi takes apart: llm-jp-eval is found as one and by its parts.

    Single letters and digits inside such a term are dropped: the a of LLM-as-a-Judge says nothing.
    """
    latin = [token for token in tokens if token.surface.isascii()]
    if not latin:
        return tokens
    starts = [token.start for token in latin]
    whole: list[Token] = []
    dropped: set[int] = set()
    for found in _LATIN_TERM.finditer(text):
        start, end = found.span()
        parts = latin[bisect_left(starts, start) : bisect_left(starts, end)]
        if parts and (parts[0].start, parts[0].end) != (start, end):
            whole.append(Token(found[0].lower(), found[0], start, end))
            dropped.update(part.start for part in parts if len(part.surface) == 1)
    if not whole:
        return tokens
    kept = [token for token in tokens if token.start not in dropped]
    return sorted((*kept, *whole), key=lambda token: (token.start, -token.end))


class Analyzer:
    """Text to tokens.

    Args:
        tokenizer: Sudachi.
        stop_words: Normalized forms to leave out.
    """

    def __init__(self, tokenizer: Tokenizer, stop_words: Iterable[str]) -> None:
        self.tokenizer = tokenizer
        self._stop = StopWords(stop_words)

    def query(self, text: str) -> tuple[Query, list[Morpheme]]:
        """Analyse what a member asked; a long text is cut.

        Returns:
            The query, and all its morphemes.
        """
        normal = self.normalise(text)
        kept = normal[:MAX_QUERY].strip()
        morphemes = self.tokenizer.morphemes(kept)
        tokens = self._tokens(kept, morphemes)
        return Query(kept, tuple(tokens), cut=len(normal) > MAX_QUERY), morphemes

    def tokens(self, text: str) -> list[Token]:
        """Analyse a text of any length."""
        text = self.normalise(text)
        return self._tokens(text, self.tokenizer.morphemes(text))

    def terms(self, text: str) -> list[str]:
        """Analyse a text of any length down to its terms, in order."""
        return [token.term for token in self.tokens(text)]

    def has_content(self, text: str) -> bool:
        """Whether a content word is in the text, be it a stop word."""
        return bool(content_words(self.tokenizer.morphemes(self.normalise(text))))

    @staticmethod
    def normalise(text: str) -> str:
        """Apply the character filters."""
        for char_filter in CHAR_FILTERS:
            text = char_filter(text)
        return text

    @property
    def fingerprint(self) -> str:
        """What the tokens depend on besides the text: this chain, Sudachi, its dictionary."""
        parts = ("3", sudachipy.__version__, *sorted(self._stop.words))
        return hashlib.sha256("\n".join(parts).encode() + dictionary_header()).hexdigest()

    def _tokens(self, text: str, morphemes: Iterable[Morpheme]) -> list[Token]:
        kept = self._stop(content_words(morphemes))
        tokens = [Token(m.normal.lower(), m.surface, m.start, m.end) for m in kept]
        return whole_terms(text, tokens)


def dictionary_header() -> bytes:
    """Return what tells one release of the dictionary from another: its time and description.

    The package's version would too, but takes twenty times as long to look up.
    """
    path = Path(sudachidict_core.__file__).parent / "resources" / "system.dic"
    with path.open("rb") as file:
        return file.read(_DICTIONARY_HEADER)
