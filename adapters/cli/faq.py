"""The FAQ that a command searches."""

from functools import partial
from pathlib import Path

from adapters.cli.config import PROJECT, Config
from adapters.cli.starting import starting
from bot.desk.wording import Wording
from bot.domain.card import Card
from bot.domain.entry import Entry
from bot.search.searcher import Searcher, WordLists
from bot.settings import CoreSettings, PolicySettings

CACHE = Path("var", "search.cache")
"""What the FAQ's analysis is kept in; it may be deleted at any time."""


@starting()
def open_searcher(config: Config, data: Path | None = None) -> Searcher:
    """Load and index the FAQ.

    Args:
        config: The settings.
        data: A folder or file to search in place of the one in the settings.

    Raises:
        FaqbotError: The FAQ, a word list or the dictionary can't be used.
    """
    from bot.search.cache import Cache

    def load(path: Path) -> tuple[Entry, ...]:
        from bot.content import load as load_content  # not needed where the cache has it

        return load_content(path)

    strictness = config.section(PolicySettings).strictness
    if data is not None:
        return Searcher(load(data), word_lists(data), strictness)
    path = config.data_path
    return Cache(CACHE).searcher(path, partial(load, path), word_lists(path), strictness)


def word_lists(data: Path) -> WordLists:
    """Return the lists beside the FAQ; where it has none of its own, the project's."""
    names = ("stopwords.txt", "synonyms.txt", "synonyms-general.txt")
    stop_words, *synonyms = (
        data / name if (data / name).is_file() else PROJECT / "data" / name for name in names
    )
    return WordLists(stop_words, tuple(synonyms))


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
