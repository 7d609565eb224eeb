"""``faqbot doctor``: looks at everything that must be right, and says what to do about the rest."""

import asyncio
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException

import click
import msgspec

from adapters.cli import config as configuration
from adapters.cli.config import Config, pass_config
from adapters.common.finding import Finding
from adapters.discord.settings import DiscordSettings
from adapters.slack.settings import SlackSettings
from adapters.web.settings import HttpSettings
from bot.errors import FaqbotError
from bot.settings import CoreSettings, PolicySettings, SearchSettings
from bot.texts import Text, Texts


@click.command()
@click.option("--offline", is_flag=True, help="Ask no platform: look only at what is here.")
@pass_config
def command(config: Config, *, offline: bool) -> None:
    """Look at settings, dictionary, FAQ, database and platforms; change nothing.

    Each problem is followed by what to do about it. Ends with 1 where there is one.
    """
    try:
        texts = config.texts
    except FaqbotError:
        texts = Texts("ja")
    problems = 0
    for finding in _examine(config, texts, offline=offline):
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


def _examine(config: Config, texts: Texts, *, offline: bool) -> Iterator[Finding]:
    """Yield a finding for each thing looked at, as soon as it is."""
    for problem in config.problems:
        yield Finding("settings", False, problem)
    broken = set()
    for name, model in configuration.SECTIONS.items():
        try:
            config.section(model)
        except configuration.SettingsError as error:
            broken.add(model)
            for problem in error.problems:
                yield Finding(f"settings: {name or 'general'}", False, problem)
    for variable, meant in config.misnamed.items():
        text = Text("setting.misnamed", name=variable, meant=meant)
        remark = meant.startswith(configuration.PREFIX)  # no token is missing by it
        yield Finding("settings", remark, text, Text("doctor.rename"))
    if not broken and not config.misnamed and not config.problems:
        yield Finding("settings", True, Text("doctor.settings"))
    for warning, remedy in configuration.exposed():
        yield Finding("settings", True, warning, remedy)
    yield _dictionary(texts)
    if SearchSettings not in broken:
        yield from _meaning(config)
    if broken.isdisjoint({CoreSettings, PolicySettings}):
        yield _content(config, texts)
    slack = None if SlackSettings in broken else config.section(SlackSettings)
    discord = None if DiscordSettings in broken else config.section(DiscordSettings)
    if HttpSettings not in broken:
        http = config.section(HttpSettings)
        running = _running(http)
        yield from running
        if not running and ((slack and slack.bot_token) or (discord and discord.token)):
            yield _port(http)
    if CoreSettings not in broken:
        yield _database(config.section(CoreSettings).database_url)
    if slack is not None and discord is not None:
        yield from _organisers(slack, discord)
    if slack is not None:
        from adapters.slack import doctor as of_slack

        yield from asyncio.run(of_slack.examine(slack, offline=offline))
    if discord is not None:
        from adapters.discord import doctor as of_discord

        yield from asyncio.run(of_discord.examine(discord, offline=offline))


def _dictionary(texts: Texts) -> Finding:
    from bot.search.analysis import Tokenizer

    try:
        Tokenizer().morphemes("FAQ")
    except FaqbotError as error:
        return Finding("dictionary", False, error.in_words(texts))
    return Finding("dictionary", True, Text("doctor.dictionary"))


def _meaning(config: Config) -> Iterator[Finding]:
    from adapters.cli.faq import encoder

    try:
        if encoder(config, kept=None):
            yield Finding("meaning", True, Text("doctor.meaning"))
    except FaqbotError as error:
        yield Finding.of("meaning", error)


def _content(config: Config, texts: Texts) -> Finding:
    from adapters.cli.faq import find, open_searcher

    try:
        path = find(config)
        # Named, it is searched without the cache, which would be written.
        entries = open_searcher(config, path).entries
    except FaqbotError as error:
        return Finding("faq", False, error.in_words(texts))
    return Finding("faq", True, Text("doctor.faq", count=len(entries), path=path))


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
    connection = HTTPConnection(http.reached_at, http.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        health = msgspec.json.decode(connection.getresponse().read(), type=_Health)
    except (OSError, HTTPException, msgspec.DecodeError):
        return ()
    finally:
        connection.close()
    return tuple(
        Finding(f"running bot: {part.name}", part.ok, part.message or Text("doctor.works"))
        for part in health.parts
    )


def _port(http: HttpSettings) -> Finding:
    """Look whether a start could listen where the settings say."""
    from adapters.web.server import listening

    try:
        with listening(http) as sockets:
            if not sockets:
                return Finding("http", True, Text("doctor.no_http"))
            return Finding("http", True, Text("doctor.free", host=http.host, port=http.port))
    except FaqbotError as error:
        return Finding.of("http", error)


def _database(url: str) -> Finding:
    """Look into the database as who only reads: a bot or a chat may have it."""
    from bot.store import Outdated, StoreError, reading, unwritable

    try:
        if hindrance := unwritable(url):
            return Finding("database", False, hindrance)
        with reading(url) as session:
            state = Text("doctor.database" if session else "doctor.new_database")
    except Outdated:
        state = Text("doctor.outdated")
    except StoreError as error:
        return Finding.of("database", error)
    return Finding("database", True, state)


def _organisers(slack: SlackSettings, discord: DiscordSettings) -> Iterator[Finding]:
    """Look whether unanswered questions have a channel on a platform that is served."""
    named = False
    for name, channel, token in (
        ("SLACK", slack.organisers, slack.bot_token),
        ("DISCORD", discord.organisers, discord.token),
    ):
        if channel and not token:
            text = Text("doctor.unserved", setting=f"FAQBOT_{name}__ORGANISERS")
            yield Finding("organisers", False, text, Text("doctor.serve", platform=name.title()))
        named = named or channel is not None
    if not named and (slack.bot_token or discord.token):
        yield Finding("organisers", True, Text("doctor.unsent"), Text("doctor.name_channel"))
