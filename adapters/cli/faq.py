"""The FAQ that a command searches."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.cli.config import Config
from adapters.cli.starting import starting
from bot.desk.wording import Wording
from bot.domain.card import Card
from bot.domain.entry import Entry
from bot.errors import FaqbotError
from bot.search.searcher import LISTS, Searcher, WordLists
from bot.settings import CoreSettings, PolicySettings, SearchSettings
from bot.texts import Text

if TYPE_CHECKING:
    from bot.search.meaning import Encoder

VAR = Path("var")
"""Where what costs time is kept: the FAQ's analysis, its vectors, the encoder.

These files may be deleted at any time.
"""

WORD_LISTS = ("stopwords.txt", "synonyms.txt")
"""The lists that a FAQ may have beside it."""


@starting()
def open_searcher(config: Config, data: Path | None = None, beside: Path | None = None) -> Searcher:
    """Load and index the FAQ, to be found by words alone until ``add_meaning``.

    Args:
        config: The settings.
        data: A folder or file to search in place of the one in the settings.
        beside: The FAQ whose word lists are used, where they aren't that one's.

    Raises:
        FaqbotError: The FAQ, a word list or the dictionary can't be used.
    """
    from bot.catalogue import Cache

    strictness = config.section(PolicySettings).strictness
    if data is not None:
        return Searcher(load(data), word_lists(beside or data), strictness)
    path = find(config)
    cache = Cache(VAR / "search.cache")
    return cache.searcher(path, partial(load, path), word_lists(path), strictness)


def add_meaning(config: Config, searcher: Searcher, data: Path | None = None) -> None:
    """Find entries by meaning too, if the settings say so; returns when all are encoded.

    Args:
        config: The settings.
        searcher: What searches.
        data: What it searches in place of the FAQ in the settings: its vectors aren't kept.

    Raises:
        FaqbotError: The encoder can't be loaded.
    """
    known = encoder(config)
    if known is not None:
        from bot.search.meaning import Meaning

        searcher.add(Meaning(VAR if data is None else None, known))


@starting()
def encoder(config: Config, kept: Path | None = VAR) -> "Encoder | None":
    """Load the sentence encoder; None where the settings leave it out.

    Args:
        config: The settings.
        kept: The folder of its copy, if that is there; None: loaded anew, which writes nothing.

    Raises:
        FaqbotError: Its package is missing or incomplete.
    """
    if config.section(SearchSettings).meaning == "off":
        return None
    try:
        from bot.search.meaning import Encoder  # a bot of words alone shouldn't pay

        return Encoder(kept if kept and kept.is_dir() else None)
    except (ImportError, OSError) as error:
        raise FaqbotError(Text("faq.no_meaning", reason=str(error))) from error


def find(config: Config, data: Path | None = None) -> Path:
    """Return where the FAQ is: what a command was given, or what the settings say.

    Raises:
        FaqbotError: Neither says anything, and there is none in this folder.
    """
    path = data or config.data_path
    if not path.exists() and path == Path("data"):
        raise FaqbotError(Text("faq.none"))
    return path


def load(path: Path) -> tuple[Entry, ...]:
    """Read the FAQ.

    Raises:
        FaqbotError: It can't be used, or nothing is in it: a bot would only decline.
    """
    from bot.content import load as load_content  # 5 ms that a start from the cache shouldn't pay

    entries = load_content(path)
    if not entries:
        raise FaqbotError(Text("faq.empty", path=path))
    return entries


def word_lists(data: Path) -> WordLists:
    """Return the package's lists and, on top of them, those in the FAQ's folder."""
    folder = data if data.is_dir() else data.parent
    stop_words, synonyms = (folder / name for name in WORD_LISTS)
    return WordLists((stop_words, *LISTS.stop_words), (synonyms, *LISTS.synonyms), LISTS.general)


class Answerer:
    """Answers without a database: search, then words.

    Args:
        searcher: The FAQ.
        config: The settings, for the locale.
    """

    def __init__(self, searcher: Searcher, config: Config) -> None:
        self._searcher = searcher
        self._wording = Wording(config.section(CoreSettings).locale)

    def card(self, question: str) -> Card:
        """Answer one question."""
        reply, ranking = self._searcher.reply(question)
        card = self._wording.reply(
            reply,
            ask="",
            entries=self._searcher.entries,
            platform="cli",
            cut=ranking.query.cut,
        )
        if card is None:
            raise AssertionError("the bot never keeps silent when it is asked")
        return card
