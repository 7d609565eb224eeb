"""Environment, ``.env`` and ``faqbot.toml``, read once; each part gets its own section of them."""

import dataclasses
import difflib
import os
import tomllib
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from adapters.discord.settings import DiscordSettings
from adapters.slack.settings import SlackSettings
from adapters.web.settings import HttpSettings
from bot.desk.settings import LimitSettings, RetentionSettings
from bot.errors import FaqbotError
from bot.settings import CoreSettings, LogSettings, PolicySettings, Secret
from bot.texts import Texts

PROJECT = Path(__file__).resolve().parents[2]
PREFIX = "FAQBOT_"

SECTIONS: Mapping[str, type] = {
    "": CoreSettings,
    "policy": PolicySettings,
    "http": HttpSettings,
    "log": LogSettings,
    "slack": SlackSettings,
    "discord": DiscordSettings,
    "limits": LimitSettings,
    "retention": RetentionSettings,
}
"""Every section by its name in ``faqbot.toml``; the nameless one holds the top-level settings."""

ALIASES: Mapping[str, str] = {
    "SLACK_BOT_TOKEN": "slack.bot_token",
    "SLACK_APP_TOKEN": "slack.app_token",
    "SLACK_SIGNING_SECRET": "slack.signing_secret",
    "DISCORD_TOKEN": "discord.token",
}
"""Names that others made usual, and the setting each stands for."""

T = TypeVar("T")


class SettingsError(FaqbotError):
    """Settings that can't be used; every problem on a line of its own."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class _Raw:
    """A value as found, and where: the name that an error has to show."""

    value: object
    name: str


class Config:
    """The settings found, by dotted key such as ``slack.watch``."""

    def __init__(self, raw: Mapping[str, _Raw]) -> None:
        self._raw = raw

    def section(self, model: type[T]) -> T:
        """Return a part's settings, validated.

        Raises:
            SettingsError: A value is of the wrong kind; the error lists each.
        """
        name = next(name for name, known in SECTIONS.items() if known is model)
        types = typing.get_type_hints(model, include_extras=True)
        values: dict[str, object] = {}
        problems = []
        for field in dataclasses.fields(model):  # type: ignore[arg-type]
            raw = self._raw.get(f"{name}.{field.name}".lstrip("."))
            if raw is None:
                continue
            try:
                values[field.name] = _convert(raw.value, types[field.name])
            except (ValueError, msgspec.ValidationError) as error:
                problems.append(f"{raw.name}: {_lower_first(str(error))}.")
        if problems:
            raise SettingsError(problems)
        try:
            return model(**values)
        except ValueError as error:
            raise SettingsError([str(error)]) from None

    def sections(self, *models: type) -> None:
        """Validate several parts' settings and report all their problems together.

        Raises:
            SettingsError: At least one of them can't be used.
        """
        problems: list[str] = []
        for model in models:
            try:
                self.section(model)
            except SettingsError as error:
                problems += error.message.splitlines()
        if problems:
            raise SettingsError(problems)

    @property
    def texts(self) -> Texts:
        """What a command says, in the language of the settings."""
        return Texts(self.section(CoreSettings).locale)

    @property
    def data_path(self) -> Path:
        """The FAQ to search: ``FAQBOT_DATA``, or ``data/`` here, or the project's own."""
        chosen = self.section(CoreSettings).data
        if chosen is not None:
            return chosen
        here = Path("data")
        return here if here.is_dir() else PROJECT / "data"


def load(environ: Mapping[str, str], folder: Path) -> Config:
    """Read the settings; the environment wins over ``.env``, and that over ``faqbot.toml``.

    Args:
        environ: The environment.
        folder: Where ``.env`` and ``faqbot.toml`` may lie.

    Raises:
        SettingsError: A file can't be read, or holds a key that doesn't exist.
    """
    known = {f"{name}.{field.name}".lstrip(".") for name, model in SECTIONS.items()
             for field in dataclasses.fields(model)}  # fmt: skip
    raw: dict[str, _Raw] = {}
    problems: list[str] = []
    for key, value in _read_toml(folder / "faqbot.toml"):
        if key in known:
            raw[key] = _Raw(value, f"faqbot.toml: {key}")
        else:
            problems.append(_unknown(f"faqbot.toml: {key}", key, known))
    names = {_variable(key): key for key in known} | dict(ALIASES)
    for variables in (_read_dotenv(folder / ".env"), environ):
        for variable, text in variables.items():
            if variable in names:
                if text.strip():
                    raw[names[variable]] = _Raw(text, variable)
                else:
                    problems.append(f"{variable} is empty: give it a value, or remove it.")
            elif variable.startswith(PREFIX):
                problems.append(_unknown(variable, variable, set(names)))
    if problems:
        raise SettingsError(problems)
    return Config(raw)


def load_here() -> Config:
    """Read the settings of this process, from its environment and its working directory."""
    return load(os.environ, Path())


def _convert(value: object, wanted: object) -> object:
    """Turn a text or a TOML value into the field's type; JSON where the type is a list."""
    if typing.get_origin(wanted) is typing.Literal:
        choices = typing.get_args(wanted)
        if (chosen := str(value).strip().lower()) not in choices:
            raise ValueError(f"{value!r} can't be chosen; allowed are {', '.join(choices)}")
        return chosen
    if isinstance(value, str):
        text = value.strip()
        if typing.get_origin(wanted) is tuple:
            try:
                value = msgspec.json.decode(text)
            except msgspec.DecodeError:
                raise ValueError('expected a JSON list such as ["C0123", "C0456"]') from None
        else:
            value = text
    if isinstance(value, list):  # Discord's ids look like numbers
        value = [str(one) if isinstance(one, int) else one for one in value]
    return msgspec.convert(value, wanted, strict=False, dec_hook=_decode)


def _decode(wanted: type, value: object) -> object:
    if wanted is Secret and isinstance(value, str):
        return Secret(value)
    if issubclass(wanted, Path) and isinstance(value, str):
        return Path(value)
    raise ValueError("expected text")


def _variable(key: str) -> str:
    return PREFIX + key.upper().replace(".", "__")


def _unknown(shown: str, key: str, known: set[str]) -> str:
    nearest = difflib.get_close_matches(key, sorted(known), n=1, cutoff=0.5)
    return f"{shown} is no setting" + (f"; did you mean {nearest[0]}?" if nearest else ".")


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _read_toml(path: Path) -> list[tuple[str, object]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError([f"{path} can't be read: {error}."]) from error
    found: list[tuple[str, object]] = []
    for key, value in tables.items():
        if isinstance(value, dict):
            found += [(f"{key}.{name}", inner) for name, inner in value.items()]
        else:
            found.append((key, value))
    return found


def _read_dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    try:
        return {key: value or "" for key, value in dotenv_values(path, interpolate=False).items()}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path} can't be read: {error}."]) from error


pass_config = click.make_pass_decorator(Config)
