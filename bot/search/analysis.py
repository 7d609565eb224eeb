"""The analysis chain: character filters, Sudachi, token filters.

Entries and queries go through the same chain; its fingerprint is stored with whatever was built
by it.
"""

import hashlib
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable
from pathlib import Path

import sudachidict_core
import sudachipy

from bot.domain import text as text_gate
from bot.domain.retrieval import Query, Token
from bot.search.tokenizer import Morpheme, Tokenizer

_DICTIONARY_HEADER = 272  # bytes

MAX_QUERY = 2_000
"""A query is cut at this many code points, counted after normalisation."""

CharFilter = Callable[[str], str]


class StripCode:
    """Take out fenced and inline code: 「`pip install` が動かない」 becomes 「  が動かない」."""

    _code = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)

    def __call__(self, text: str) -> str:
        return self._code.sub(" ", text) if "`" in text else text


class StripChatMarkup:
    """Take out mentions, emoji codes, links and quote marks; a link's label stays.

    「<@U1> LLMとは :pray:」 becomes 「  LLMとは  」.
    """

    _labelled = re.compile(r"<(?:https?|mailto)[^|>\s]*\|([^>]*)>|\[([^\]\n]*)\]\(\S+?\)")
    _markup = re.compile(
        r"<(?:[@#!][^>\s]*|a?:\w+:\d+|/[^:>\n]+:\d+|t:\d+(?::\w)?|https?:[^>]*|mailto:[^>]*)>"
        r"|https?://[^\s<>「」（）、。]+"
        r"|:[a-z0-9_+'-]*[a-z_+][a-z0-9_+'-]*:"
        r"|^\s*(?:>|&gt;)+",
        re.MULTILINE | re.IGNORECASE,
    )
    _signs = re.compile(r"[<\[:>&]")
    _entities = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))

    def __call__(self, text: str) -> str:
        if not self._signs.search(text):
            return text
        text = self._labelled.sub(lambda link: f" {link[1] or link[2] or ''} ", text)
        text = self._markup.sub(" ", text)
        if "&" in text:
            for entity, char in self._entities:
                text = text.replace(entity, char)
        return text


class FoldLookAlikes:
    """Fold what looks like another character: 「テ゛ータ」 with two marks becomes 「データ」.

    Variation selectors go, radicals become the characters that they look like (⻑ becomes 長), and
    separate voicing marks join their kana.
    """

    # Radicals from U+2E81 on, as Unicode's EquivalentUnifiedIdeograph.txt; NFKC does Kangxi's.
    _unified = (
        "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵⺚旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀"
        "聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"
    )
    # NFKC would set a space before a mark that stands apart.
    _instead = {"゛": "\u3099", "゜": "\u309a"} | dict(
        zip(map(chr, range(0x2E81, 0x2EF4)), _unified, strict=True)
    )
    _alike = re.compile("[\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef゛゜⺁-⻳]")

    def __call__(self, text: str) -> str:
        return self._alike.sub(lambda found: self._instead.get(found[0], ""), text)


class FoldWidth:
    """Fold compatibility forms (NFKC): 「ＬＬＭのｺｰﾊﾟｽ」 becomes 「LLMのコーパス」."""

    _no_kana = re.compile("[\u3099\u309a]")  # voicing marks behind what can't be voiced

    def __call__(self, text: str) -> str:
        return self._no_kana.sub("", unicodedata.normalize("NFKC", text))


class MendDashes:
    """Mend the many dashes: 「コ－ヒ─」 becomes 「コーヒー」, and 「GPT−4」 becomes 「GPT-4」."""

    _box = "─━╌╍┄┅┈┉╴╶╸╺⎯⏤"
    _any = rf"\-ー‐-―−⁃⸺⸻➖{_box}"
    _long = re.compile(
        rf"(?<=[ァ-ヴヵヶヽヾー])[{_any}~〜](?![A-Za-z0-9~〜{_any}])"
        rf"|(?<=[ぁ-ゖ])[{_box}](?=[ぁ-ゖァ-ヺ])"
    )
    _latin = re.compile(rf"(?<=[A-Za-z0-9])[{_any}]+(?=[A-Za-z0-9])")

    def __call__(self, text: str) -> str:
        return self._long.sub("ー", self._latin.sub("-", text))


CHAR_FILTERS: tuple[CharFilter, ...] = (
    text_gate.clean,
    StripCode(),
    StripChatMarkup(),
    FoldLookAlikes(),
    FoldWidth(),
    MendDashes(),
)


class ContentWords:
    """Keep content words: 「コーパスの質は？」 keeps コーパス and 質."""

    dropped = frozenset(
        ("助詞", "助動詞", "補助記号", "空白", "記号", "接続詞", "感動詞", "代名詞", "連体詞")
    )

    def __call__(self, morphemes: Iterable[Morpheme]) -> list[Morpheme]:
        dropped = self.dropped
        return [morpheme for morpheme in morphemes if morpheme.pos[0] not in dropped]


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


class WholeTerms:
    """Add Latin terms that Sudachi takes apart: llm-jp-eval is found as one and by its parts.

    Single letters and digits inside such a term are dropped: the a of LLM-as-a-Judge says nothing.
    """

    _term = re.compile(r"[A-Za-z0-9]+(?:[.+_-]*[A-Za-z0-9+]+)*")

    def __call__(self, text: str, tokens: list[Token]) -> list[Token]:
        latin = [token for token in tokens if token.surface.isascii()]
        if not latin:
            return tokens
        starts = [token.start for token in latin]
        whole: list[Token] = []
        dropped: set[int] = set()
        for found in self._term.finditer(text):
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
        self._content = ContentWords()
        self._stop = StopWords(stop_words)
        self._whole = WholeTerms()

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
        return bool(self._content(self.tokenizer.morphemes(self.normalise(text))))

    @staticmethod
    def normalise(text: str) -> str:
        """Apply the character filters."""
        for char_filter in CHAR_FILTERS:
            text = char_filter(text)
        return text

    @property
    def fingerprint(self) -> str:
        """What the tokens depend on besides the text: this chain, Sudachi, its dictionary."""
        parts = ("2", sudachipy.__version__, *sorted(self._stop.words))
        return hashlib.sha256("\n".join(parts).encode() + dictionary_header()).hexdigest()

    def _tokens(self, text: str, morphemes: Iterable[Morpheme]) -> list[Token]:
        kept = self._stop(self._content(morphemes))
        tokens = [Token(m.normal.lower(), m.surface, m.start, m.end) for m in kept]
        return self._whole(text, tokens)


def dictionary_header() -> bytes:
    """Return what tells one release of the dictionary from another: its time and description.

    The package's version would too, but takes twenty times as long to look up.
    """
    path = Path(sudachidict_core.__file__).parent / "resources" / "system.dic"
    with path.open("rb") as file:
        return file.read(_DICTIONARY_HEADER)
