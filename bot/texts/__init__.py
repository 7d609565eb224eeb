"""What organisers and operators read of the commands: every sentence by its key, in two languages.

Code that only knows what is to be said makes a ``Text``; the command that prints it words it in the
reader's language. What is said in chat is in ``bot/wording``.
"""

import functools
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

Locale = Literal["ja", "en"]


class Text:
    """A sentence to be; as a ``str`` it is in English, for a log.

    Args:
        key: Of ``{ja,en}.toml``, such as ``file.missing``.
        values: What its placeholders stand for; a ``Text`` or a ``FaqbotError`` among them is
            worded too.
    """

    def __init__(self, key: str, /, **values: object) -> None:
        self.key = key
        self.values = values

    def __str__(self) -> str:
        return Texts("en")(self)


class Lines(Text):
    """Several sentences, one a line."""

    def __init__(self, texts: Iterable[Text]) -> None:
        self.texts = tuple(texts)


def if_known(key: str) -> Text | None:
    """Return the text at a key made of what others say, such as an error's name; None: none."""
    return Text(key) if key in _read("en") else None


class Texts:
    """The sentences of one language."""

    def __init__(self, locale: Locale) -> None:
        self._templates = _read(locale)

    def __call__(self, said: Text | str) -> str:
        """Return the words for a text; a ``str`` is worded already."""
        if isinstance(said, str):
            return said
        if isinstance(said, Lines):
            return "\n".join(map(self, said.texts))
        values = {name: self._filling(value) for name, value in said.values.items()}
        return self._templates[said.key].format(**values)

    def say(self, key: str, /, **values: object) -> str:
        """Return the words at a key, with its placeholders filled."""
        return self(Text(key, **values))

    def _filling(self, value: object) -> object:
        if isinstance(value, str):
            return " ".join(value.splitlines())  # a sentence is one line, whatever it quotes
        if isinstance(value, Text):
            return self(value)
        in_words = getattr(value, "in_words", None)  # an error's, whose module needs this one
        return in_words(self) if in_words is not None else value


def _read(locale: Locale) -> Mapping[str, str]:
    return read(Path(__file__).with_name(f"{locale}.toml"))


@functools.cache
def read(file: Path) -> Mapping[str, str]:
    """Read a file of texts: each by its table and key, such as ``file.missing``."""
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        f"{table}.{key}": text for table, texts in tables.items() for key, text in texts.items()
    }
