"""The FAQ that a command reads or searches."""

from pathlib import Path

from adapters.cli.config import Config
from bot.catalogue import Catalogue, load_encoder
from bot.search.meaning import Encoder
from bot.settings import PolicySettings, SearchSettings

VAR = Path("var")
"""Where what costs time is kept: the FAQ's analysis, its vectors, the encoder, and its copies."""


def open_catalogue(
    config: Config, data: Path | None = None, *, last_good: bool = False
) -> Catalogue:
    """Open the FAQ, to be found by words alone until meaning is added.

    Args:
        config: The settings.
        data: A folder or file to search in place of the one in the settings; nothing is kept of it.
        last_good: As the catalogue takes it.

    Raises:
        FaqbotError: The FAQ, a word list or the dictionary can't be used.
    """
    return Catalogue(
        data or config.data_path,
        config.section(PolicySettings).strictness,
        meaning=config.section(SearchSettings).meaning == "on",
        var=VAR if data is None else None,
        last_good=last_good,
    )


def encoder(config: Config, var: Path | None = VAR) -> Encoder | None:
    """Load the sentence encoder, as ``load_encoder`` does; None where the settings leave it out."""
    return load_encoder(var) if config.section(SearchSettings).meaning == "on" else None
