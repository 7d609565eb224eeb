"""The FAQ that a command reads or searches."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.cli.config import Config
from bot.catalogue import Catalogue, load_content, load_encoder
from bot.domain.entry import Entry
from bot.errors import FaqbotError
from bot.search.meaning import Encoder
from bot.settings import CoreSettings, PolicySettings, SearchSettings
from bot.texts import Text

if TYPE_CHECKING:
    from bot.published import FromChat, Published

VAR = Path("var")
"""Where what costs time is kept: the FAQ's analysis, its vectors, the encoder, and its copies."""


_SQLITE = "sqlite:///"


def open_catalogue(
    config: Config,
    data: Path | None = None,
    *,
    serving: bool = False,
    last_good: bool = False,
    kept: bool = True,
) -> Catalogue:
    """Open the FAQ, to be found by words alone until meaning is added.

    Args:
        config: The settings.
        data: A folder or file to search in place of the one in the settings, alone; nothing is
            kept of it.
        serving: What is published in chat will be followed, though there may be no store yet.
        last_good: As the catalogue takes it.
        kept: Its analysis is kept for the next start.

    Raises:
        FaqbotError: The FAQ, a word list or the dictionary can't be used.
    """
    catalogue = Catalogue(
        data or config.data_path,
        config.section(PolicySettings).strictness,
        meaning=config.section(SearchSettings).meaning == "on",
        var=VAR if data is None and kept else None,
        last_good=last_good,
        chat=_chat(config, there=not serving) if data is None else None,
    )
    if not serving:
        catalogue.close()
        if catalogue.unread is not None:
            _note_unread(config, catalogue.unread)
    return catalogue


@dataclass(frozen=True, slots=True)
class Whole:
    """All entries, wherever they come from.

    Attributes:
        entries: The entries, in order.
        files: Those of the files, as these have them.
        notes: What the organiser should know of the files.
        chat: What is published in chat; None: nothing, or it isn't asked for.
    """

    entries: Sequence[Entry]
    files: Sequence[Entry]
    notes: Sequence[Text] = ()
    chat: "Published | None" = None

    @property
    def born(self) -> frozenset[str]:
        """The ids of the entries that were born in chat, and aren't in the files."""
        return self.chat.born(self.files) if self.chat else frozenset()


def load_whole(config: Config, data: Path | None = None, *, strictly: bool = False) -> Whole:
    """Load the entries of the files, and of the store if there is one.

    Args:
        config: The settings.
        data: A folder or file to load in place of the one in the settings, alone.
        strictly: A store that can't be read is an error; else it is noted.

    Raises:
        FaqbotError: The FAQ can't be used; ``strictly``: or the store.
    """
    content = load_content(data or config.data_path)
    files = content.entries
    published = load_chat(config, strictly=strictly) if data is None else None
    entries = published.on_top_of(files) if published else files
    return Whole(entries, files, content.notes, published)


def load_chat(config: Config, *, strictly: bool = False) -> "Published | None":
    """Return what is published in chat; None where there is no store.

    Args:
        config: The settings.
        strictly: A store that can't be read is an error; else it is noted.

    Raises:
        FaqbotError: ``strictly``: the store can't be used.
    """
    chat = _chat(config, there=True)
    if chat is None:
        return None
    try:
        return chat.read()[1]
    except FaqbotError as error:
        if strictly:
            raise
        _note_unread(config, error)
        return None
    finally:
        chat.close()


def _chat(config: Config, *, there: bool) -> "FromChat | None":
    """Return what reads the store; None where it is a file that must be there, and isn't.

    Without one, nothing of what reads it is imported: that would take longer than an answer.
    """
    url = config.section(CoreSettings).database_url
    with suppress(PermissionError):  # whoever reads it says so
        if there and url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).exists():
            return None
    from bot.published import FromChat

    return FromChat(url, config.texts)


def note_absent(config: Config) -> None:
    """Note that there is no store, or nothing in it: it may be another one that was meant."""
    from bot.store import absent

    none = absent(config.section(CoreSettings).database_url)
    print(config.texts.say("command.note", note=none), file=sys.stderr)


def _note_unread(config: Config, error: FaqbotError) -> None:
    unread = Text("published.unread", reason=error.in_words(config.texts))
    print(config.texts.say("command.note", note=unread), file=sys.stderr)


def encoder(config: Config, var: Path | None = VAR) -> Encoder | None:
    """Load the sentence encoder, as ``load_encoder`` does; None where the settings leave it out."""
    return load_encoder(var) if config.section(SearchSettings).meaning == "on" else None
