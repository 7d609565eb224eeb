"""Environment, ``.env`` and ``faqbot.toml``, read once; each part gets its own section of them."""

import dataclasses
import difflib
import io
import os
import re
import stat
import sys
import tomllib
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from adapters.common import ChatSettings
from adapters.discord import DiscordSettings
from adapters.slack import SlackSettings
from adapters.web import HttpSettings
from bot.errors import reason
from bot.settings import (
    CoreSettings,
    LearningSettings,
    LimitSettings,
    LogSettings,
    PolicySettings,
    RetentionSettings,
    SearchSettings,
    Secret,
    SettingsError,
)
from bot.texts import Text, Texts

PREFIX = "FAQBOT_"

PLATFORMS: Mapping[str, type[ChatSettings]] = {"slack": SlackSettings, "discord": DiscordSettings}
"""The platforms' sections by their names."""

SECTIONS: Mapping[str, type] = {
    "": CoreSettings,
    "policy": PolicySettings,
    "search": SearchSettings,
    "http": HttpSettings,
    "log": LogSettings,
    **PLATFORMS,
    "limits": LimitSettings,
    "retention": RetentionSettings,
    "learning": LearningSettings,
}
"""Every section by its name in ``faqbot.toml``; the nameless one holds the top-level settings."""

ALIASES: Mapping[str, str] = {
    variable: f"{name}.{setting}"
    for name, platform in PLATFORMS.items()
    for variable, setting in platform.VARIABLES.items()
}
"""Names that others made usual, and the setting each stands for."""

SECRETS = ("database_url", *ALIASES.values())
"""The settings that may stand in a file instead, which the same name with _FILE behind it names."""

LARGEST_SECRET = 64 * 1024

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Raw:
    """A value as found, and where: the name that an error has to show.

    Attributes:
        value: The setting; or, of a secret that stands in a file, the file.
        name: The variable, or the key in ``faqbot.toml``.
        in_file: Whether the value is that file.
    """

    value: object
    name: str
    in_file: bool = False

    def read(self) -> object:
        """Return the value; from its file, without the line break at the end.

        Raises:
            SettingsError: There is no such file, or no text in it.
        """
        if not self.in_file:
            return self.value
        try:
            with Path(str(self.value)).open(encoding="utf-8-sig") as file:
                text = file.read(LARGEST_SECRET).strip()
        except (OSError, UnicodeDecodeError) as error:
            unread = Text("setting.unreadable", file=self.value, reason=reason(error))
            raise SettingsError(unread) from error
        if not text:
            raise SettingsError(Text("setting.empty_file", file=self.value))
        return text


class Config:
    """The settings found, by dotted key such as ``slack.watch``."""

    def __init__(
        self, raw: Mapping[str, _Raw], misnamed: Mapping[str, str], problems: Sequence[Text]
    ) -> None:
        """Take what was found.

        Args:
            raw: The values.
            misnamed: Variables that are none, and the one each may be meant for.
            problems: Settings that don't exist, are empty, or were given twice; nobody but doctor
                goes on with them.
        """
        self._raw = raw
        self._sections: dict[type, object] = {}
        self.misnamed = misnamed
        self.problems = problems

    def section(self, model: type[T]) -> T:
        """Return a part's settings, validated; they are read once, as a secret may come by a pipe.

        Raises:
            SettingsError: A value is of the wrong kind; the error lists each.
        """
        if model not in self._sections:
            try:
                self._sections[model] = self._read(model)
            except SettingsError as error:
                self._sections[model] = error
        found = self._sections[model]
        if isinstance(found, SettingsError):
            raise found
        return typing.cast(T, found)

    def _read(self, model: type[T]) -> T:
        name = next(name for name, known in SECTIONS.items() if known is model)
        values: dict[str, object] = {}
        problems = []
        for field in dataclasses.fields(model):  # type: ignore[arg-type]
            raw = self._raw.get(f"{name}.{field.name}".lstrip("."))
            if raw is None:
                continue
            try:
                values[field.name] = _convert(raw.read(), field.type)
            except SettingsError as error:
                problems += [Text("setting.wrong", name=raw.name, said=p) for p in error.problems]
            except msgspec.ValidationError:
                said = _expected(field.type)
                problems.append(Text("setting.wrong", name=raw.name, said=said))
        if problems:
            raise SettingsError(*problems)
        return model(**values)

    def faults(self) -> Mapping[str, Sequence[Text]]:
        """Return the problems of each section, where there are any."""
        found = {}
        for name, model in SECTIONS.items():
            try:
                self.section(model)
            except SettingsError as error:
                found[name] = error.problems
        return found

    def chats(self) -> Mapping[str, ChatSettings]:
        """Return the settings of every platform, by its name; they may raise as a section does."""
        return {name: self.section(model) for name, model in PLATFORMS.items()}

    @property
    def texts(self) -> Texts:
        """What a command says, in the language of the settings; of these nothing else is read."""
        locale = self._raw.get("locale")
        only = Config({"locale": locale} if locale else {}, {}, ())
        return Texts(only.section(CoreSettings).locale)

    def note(self, said: Text) -> None:
        """Tell who waits for a command, on standard error, what isn't its result."""
        print(self.texts.say("command.note", note=said), file=sys.stderr)

    @property
    def data_path(self) -> Path:
        """The FAQ: ``FAQBOT_DATA``, or ``data/`` here, which an import may have to make first."""
        return self.section(CoreSettings).data or Path("data")


def load(environ: Mapping[str, str], folder: Path, *, lenient: bool = False) -> Config:
    """Read the settings; the environment wins over ``.env``, and that over ``faqbot.toml``.

    Args:
        environ: The environment.
        folder: Where ``.env`` and ``faqbot.toml`` may lie.
        lenient: Leave what is wrong with them to ``Config.problems``.

    Raises:
        SettingsError: A file can't be read, or holds a key that doesn't exist.
    """
    known = {f"{name}.{field.name}".lstrip(".") for name, model in SECTIONS.items()
             for field in dataclasses.fields(model)}  # fmt: skip
    known |= {f"{secret}_file" for secret in SECRETS}
    raw: dict[str, _Raw] = {}
    problems: list[Text] = []
    misnamed: dict[str, str] = {}
    found: dict[str, _Raw] = {}
    names = {PREFIX + key.upper().replace(".", "__"): key for key in known}
    for alias, key in ALIASES.items():
        names |= {alias: key, f"{alias}_FILE": f"{key}_file"}
    for key, value in _read_toml(folder / "faqbot.toml", problems):
        name = f"faqbot.toml: {key}"
        if key not in known:
            meant = names.get(key.rpartition(".")[2])  # a variable's name, where a key belongs
            misnaming = Text("setting.misnamed", name=name, meant=meant)
            problems.append(misnaming if meant else _unknown(name, key, known))
        elif value == "" and key == "data":
            problems.append(Text("setting.empty", name=name))  # it would be the folder around it
        else:
            found[key] = _Raw(value, name)
    raw |= _files_read(found, problems)
    for variables in (_read_dotenv(folder / ".env", problems), environ):
        found = {}
        for variable, text in variables.items():
            if variable in names:
                if text.strip():
                    found[names[variable]] = _Raw(text, variable)
                else:
                    problems.append(Text("setting.empty", name=variable))
            elif variable.startswith(PREFIX):
                problems.append(_unknown(variable, variable, set(names)))
            elif meant := _meant(variable, text, names):
                misnamed[variable] = meant
        raw |= _files_read(found, problems)
    if problems and not lenient:
        raise SettingsError(*problems)
    misnamed = {name: meant for name, meant in misnamed.items() if names[meant] not in raw}
    return Config(raw, misnamed, problems)


def load_here(*, lenient: bool = False) -> Config:
    """Read the settings of this process, from its environment and its working directory."""
    return load(os.environ, Path(), lenient=lenient)


def exposed() -> tuple[tuple[Text, str], ...]:
    """Return what others can read here, and shouldn't, each with the remedy."""
    private = (
        (".env", Text("setting.exposed_tokens"), "chmod 600 .env"),
        ("var", Text("setting.exposed_state"), "chmod 700 var"),
    )
    return tuple(
        (warning, remedy)
        for name, warning, remedy in private
        if (path := Path(name)).exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    )


def _files_read(found: Mapping[str, _Raw], problems: list[Text]) -> dict[str, _Raw]:
    """Give each secret that one place keeps in a file its own key; a second value is a problem."""
    settings = {key: raw for key, raw in found.items() if not key.endswith("_file")}
    for key in found.keys() - settings.keys():
        secret = key.removesuffix("_file")
        if secret in settings:
            one, other = settings[secret].name, found[key].name
            problems.append(Text("setting.twice", one=one, other=other))
        settings[secret] = replace(found[key], in_file=True)
    return settings


def _convert(value: object, wanted: object) -> object:
    """Turn a text or a TOML value into the field's type; JSON where the type is a list."""
    if typing.get_origin(wanted) is typing.Literal:
        choices = typing.get_args(wanted)
        if (chosen := str(value).strip().lower()) not in choices:
            # What isn't a text comes from TOML, which writes true as JSON does.
            given = repr(value) if isinstance(value, str) else msgspec.json.encode(value).decode()
            raise SettingsError(Text("setting.choice", value=given, choices=", ".join(choices)))
        return chosen
    if isinstance(value, str):
        text = value.strip()
        if typing.get_origin(wanted) is tuple:
            try:
                value = msgspec.json.decode(text)
            except msgspec.DecodeError:
                raise SettingsError(_expected(wanted)) from None
        else:
            value = text
    if isinstance(value, bool):  # which msgspec would take for a number
        raise SettingsError(_expected(wanted))
    if isinstance(value, list):  # Discord's ids look like numbers
        value = [str(one) if isinstance(one, int) else one for one in value]
    return msgspec.convert(value, wanted, strict=False, dec_hook=_decode)


def _decode(wanted: type, value: object) -> object:
    if wanted is Secret and isinstance(value, str):
        return Secret(value)
    if issubclass(wanted, Path) and isinstance(value, str):
        return Path(value)
    raise ValueError(value)  # which msgspec makes a ValidationError


def _expected(wanted: object) -> Text:
    """Say what a value of a type may be."""
    kind, *constraints = typing.get_args(wanted) or (wanted,)
    if typing.get_origin(wanted) is tuple:
        return Text("setting.numbers" if kind is int else "setting.list")
    if kind not in (int, float):
        return Text("setting.text")
    bounds = next((each for each in constraints if isinstance(each, msgspec.Meta)), msgspec.Meta())
    if bounds.ge is None:
        return Text("setting.number")
    if bounds.le is None:
        return Text("setting.number_from", least=bounds.ge)
    return Text("setting.number_between", least=bounds.ge, most=bounds.le)


def _unknown(shown: str, key: str, known: set[str]) -> Text:
    nearest = difflib.get_close_matches(key, sorted(known), n=1, cutoff=0.5)
    if nearest:
        return Text("setting.misnamed", name=shown, meant=nearest[0])
    return Text("setting.unknown", name=shown)


def _meant(variable: str, text: str, names: Mapping[str, str]) -> str | None:
    """Return the setting that a variable may be meant for, by its value's kind or by its name."""
    begins = (each for model in PLATFORMS.values() for each in model.BEGINS.items())
    by_value = next((name for start, name in begins if text.strip().startswith(start)), None)
    name = variable.upper()
    if by_value or not name.startswith(("FAQ", *map(str.upper, PLATFORMS))):
        return by_value
    return next(iter(difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.7)), None)


def _read_toml(path: Path, problems: list[Text]) -> list[tuple[str, object]]:
    text = _text_of(path, problems)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        line = where[1] if where else len(text.splitlines())
        problems.append(Text("setting.toml", file=path, line=line))
        return []
    found: list[tuple[str, object]] = []
    for key, value in tables.items():
        if isinstance(value, dict):
            found += [(f"{key}.{name}", inner) for name, inner in value.items()]
        else:
            found.append((key, value))
    return found


def _read_dotenv(path: Path, problems: list[Text]) -> dict[str, str]:
    text = _text_of(path, problems)
    if not text:
        return {}
    from dotenv.parser import parse_stream

    found = {}
    for line in parse_stream(io.StringIO(text)):
        if line.error or (line.value is None and ":" in (line.key or "")):
            written = line.original.string
            before = written[: len(written) - len(written.lstrip())]  # the empty lines above it
            number = line.original.line + before.count("\n")
            problems.append(Text("setting.dotenv", file=path, line=number))
        elif line.key:
            found[line.key] = line.value or ""
    return found


def _text_of(path: Path, problems: list[Text]) -> str:
    """Return the text of a file of settings; empty where there is none, or it can't be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Text("setting.no_settings", file=path, reason=reason(error)))
        return ""


pass_config = click.make_pass_decorator(Config)

file_type = click.Path(path_type=Path, readable=False)
"""A file or folder to read or write; whoever does says better than click that it can't."""

data_option = click.option(
    "--data",
    type=file_type,
    metavar="PATH",
    help="Take this folder or file instead of FAQBOT_DATA.",
)
