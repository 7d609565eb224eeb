"""Sudachi in split mode A: text to morphemes."""

import threading
from collections.abc import Iterator
from typing import NamedTuple

import sudachipy

from bot.errors import FaqbotError
from bot.texts import Text

# Sudachi refuses more than 49,149 bytes at once; a code point takes up to 4, and NFKC in its input
# plugin up to 18 code points for one, so that pieces stay far below.
_PIECE = 2_000
_BREAKS = "\n。！？ 、"


class Morpheme(NamedTuple):
    """One morpheme.

    Attributes:
        surface: As written.
        normal: Its normalized form: one spelling for 引っ越し, 引越し and 引越.
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
            tokenizer = self._dictionary.tokenizer(mode=sudachipy.SplitMode.A)
            self._of_thread.tokenizer = tokenizer
        return tokenizer

    def _split(self, tokenizer: sudachipy.Tokenizer, text: str, offset: int) -> list[Morpheme]:
        pos_of, new = self._pos, tuple.__new__  # half the time of calling Morpheme
        found = []
        start = offset
        for morpheme in tokenizer.tokenize(text):
            surface = morpheme.surface()
            if not surface:  # ㍿ gives a second morpheme without a surface
                continue
            pos_id = morpheme.part_of_speech_id()
            pos = pos_of.get(pos_id)
            if pos is None:
                pos = pos_of[pos_id] = tuple(morpheme.part_of_speech())
            # Surfaces leave no gaps: adding up their lengths is cheaper than asking for offsets.
            end = start + len(surface)
            found.append(new(Morpheme, (surface, morpheme.normalized_form(), pos, start, end)))
            start = end
        return found


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
