"""``faqbot doctor``: looks at everything that must be right, and says what to do about the rest."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from http.client import HTTPConnection, HTTPException

import click
import msgspec

from adapters.cli import config as configuration
from adapters.cli.config import Config, pass_config
from adapters.common import ChatSettings, Finding
from adapters.discord import DiscordSettings
from adapters.slack import SlackSettings
from adapters.web import HttpSettings
from bot.errors import FaqbotError
from bot.settings import CoreSettings, LearningSettings, PolicySettings, SearchSettings
from bot.texts import Text, Texts


@click.command()
@click.option("--offline", is_flag=True, help="Ask no platform: look only at what is here.")
@pass_config
def doctor(config: Config, *, offline: bool) -> None:
    """Look at settings, dictionary, FAQ, database and platforms; change nothing.

    Each problem is followed by what to do about it. Ends with 1 where there is one.
    """
    try:
        texts = config.texts
    except FaqbotError:
        texts = Texts("ja")
    problems = 0
    for finding in _examine(config, offline=offline):
        remark = "note" if finding.remedy else "ok  "
        detail = texts(finding.detail).replace("\n", "\n     ")
        click.echo(f"{remark if finding.ok else 'FAIL'} {finding.what}: {detail}")
        if finding.remedy:
            click.echo(f"     {texts(finding.remedy)}")
        problems += not finding.ok
    click.echo(
        texts.say("doctor.to_mend", count=problems) if problems else texts.say("doctor.well")
    )
    sys.exit(1 if problems else 0)


def _examine(config: Config, *, offline: bool) -> Iterator[Finding]:
    """Yield a finding for each thing looked at, as soon as it is."""
    for problem in config.problems:
        yield Finding("settings", False, problem)
    faults = config.faults()
    broken = {configuration.SECTIONS[section] for section in faults}
    for section, problems in faults.items():
        for problem in problems:
            yield Finding(f"settings: {section or 'general'}", False, problem)
    for variable, meant in config.misnamed.items():
        text = Text("setting.misnamed", name=variable, meant=meant)
        remark = meant.startswith(configuration.PREFIX)  # no token is missing by it
        yield Finding("settings", remark, text, Text("doctor.rename"))
    if not broken and not config.misnamed and not config.problems:
        yield Finding("settings", True, Text("doctor.settings"))
    for warning, remedy in configuration.exposed():
        yield Finding("settings", True, warning, remedy)
    yield from _looked("dictionary", _dictionary)
    if SearchSettings not in broken:
        yield from _looked("meaning", partial(_meaning, config))
    if broken.isdisjoint({CoreSettings, PolicySettings, SearchSettings}):
        yield from _looked("faq", partial(_content, config))
    chats = {
        name: config.section(model)
        for name, model in configuration.PLATFORMS.items()
        if model not in broken
    }
    if HttpSettings not in broken:
        http = config.section(HttpSettings)
        running = _running(http)
        yield from running
        if not running and any(chat.served for chat in chats.values()):
            yield from _looked("http", partial(_port, http))
    if CoreSettings not in broken:
        url = config.section(CoreSettings).database_url
        yield from _looked("database", partial(_database, url))
    if len(chats) == len(configuration.PLATFORMS):
        yield from organisers(chats)
    if LearningSettings not in broken:
        yield _learning(config.section(LearningSettings))
    if SlackSettings not in broken:
        from adapters.slack import doctor as of_slack

        yield from asyncio.run(of_slack.examine(config.section(SlackSettings), offline=offline))
    if DiscordSettings not in broken:
        from adapters.discord import doctor as of_discord

        yield from asyncio.run(of_discord.examine(config.section(DiscordSettings), offline=offline))


def _looked(what: str, look: Callable[[], Text | None]) -> Iterator[Finding]:
    """Yield how something is that says so itself, or raises why it can't be used."""
    try:
        said = look()
    except FaqbotError as error:
        yield Finding.of(what, error)
    else:
        if said is not None:
            yield Finding(what, True, said)


def _dictionary() -> Text:
    from bot.search.analysis import Tokenizer

    Tokenizer().morphemes("FAQ")
    return Text("doctor.dictionary")


def _meaning(config: Config) -> Text | None:
    from adapters.cli.faq import encoder

    return Text("doctor.meaning") if encoder(config, var=None) else None


def _content(config: Config) -> Text:
    from adapters.cli.faq import open_catalogue

    catalogue = open_catalogue(config, kept=False)
    return Text("doctor.faq", count=len(catalogue.searcher.entries), path=config.data_path)


class _Part(msgspec.Struct):
    """One part of the bot that runs, as ``/healthz`` tells it."""

    name: str
    ok: bool
    message: str


class _Health(msgspec.Struct):
    """The answer of ``/healthz``."""

    parts: tuple[_Part, ...]


def _running(http: HttpSettings) -> tuple[Finding, ...]:
    """Ask the bot that runs here how it is; nothing where none answers."""
    if http.port == 0:
        return ()
    try:
        with closing(HTTPConnection(http.reached_at, http.port, timeout=2)) as connection:
            connection.request("GET", "/healthz")
            health = msgspec.json.decode(connection.getresponse().read(), type=_Health)
    except (OSError, HTTPException, UnicodeError, msgspec.DecodeError):
        return ()
    return tuple(
        Finding(f"running bot: {part.name}", part.ok, part.message or Text("doctor.works"))
        for part in health.parts
    )


def _port(http: HttpSettings) -> Text:
    """Look whether a start could listen where the settings say."""
    from adapters.web.server import listening

    with listening(http) as sockets:
        free = Text("doctor.free", host=http.host, port=http.port)
        return free if sockets else Text("doctor.no_http")


def _database(url: str) -> Text:
    """Look into the database as who only reads: a bot or a chat may have it."""
    from bot.store import Outdated, absent, reading, unwritable

    if hindrance := unwritable(url):
        raise FaqbotError(hindrance)
    try:
        with reading(url) as tx:
            return Text("doctor.database") if tx else absent(url)
    except Outdated:
        return Text("doctor.outdated")


def _learning(settings: LearningSettings) -> Finding:
    """Say who may publish what was answered in chat, and when the digest comes."""
    review = Text(f"review.{settings.review}")
    digest = Text("doctor.digest", when=settings.digest) if settings.weekly else ""
    return Finding("learning", True, Text("doctor.learning", review=review, digest=digest))


def organisers(chats: Mapping[str, ChatSettings]) -> Iterator[Finding]:
    """Yield what is wrong with where questions for the lecturers go, without asking anybody."""
    for name, chat in chats.items():
        if chat.organisers and not chat.served:
            text = Text("doctor.unserved", setting=f"FAQBOT_{name.upper()}__ORGANISERS")
            yield Finding("organisers", False, text, Text("doctor.serve", platform=name.title()))
    named = any(chat.organisers is not None for chat in chats.values())
    if not named and any(chat.served for chat in chats.values()):
        yield Finding("organisers", True, Text("doctor.unsent"), Text("doctor.name_channel"))
