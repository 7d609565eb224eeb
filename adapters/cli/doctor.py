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
from bot.settings import CoreSettings


@click.command()
@click.option("--offline", is_flag=True, help="Ask no platform: look only at what is here.")
@pass_config
def command(config: Config, *, offline: bool) -> None:
    """Look at settings, dictionary, FAQ, database and platforms.

    Each problem is followed by what to do about it. Ends with 1 where there is one.
    """
    problems = 0
    for finding in _examine(config, offline=offline):
        click.echo(f"{'ok  ' if finding.ok else 'FAIL'} {finding.what}: {finding.detail}")
        if not finding.ok:
            problems += 1
            if finding.remedy:
                click.echo(f"     {finding.remedy}")
    click.echo(f"{problems} to mend" if problems else "all well")
    sys.exit(1 if problems else 0)


def _examine(config: Config, *, offline: bool) -> Iterator[Finding]:
    """Yield a finding for each thing looked at, as soon as it is."""
    broken = set()
    for name, model in configuration.SECTIONS.items():
        try:
            config.section(model)
        except FaqbotError as error:
            broken.add(model)
            for line in error.message.splitlines():
                yield Finding(f"settings: {name or 'general'}", False, line)
    if not broken:
        yield Finding("settings", True, "every value can be used")
    for warning in configuration.exposed():
        yield Finding("settings", False, warning)
    yield _dictionary()
    yield _content(config)
    running = () if HttpSettings in broken else _running(config.section(HttpSettings))
    yield from running
    # A bot that runs has the database to itself, and says how it is.
    if not running and CoreSettings not in broken:
        yield _database(config.section(CoreSettings).database_url)
    if SlackSettings not in broken:
        yield from _slack(config.section(SlackSettings), offline=offline)
    if DiscordSettings not in broken:
        yield from _discord(config.section(DiscordSettings), offline=offline)


def _dictionary() -> Finding:
    from bot.search.tokenizer import Tokenizer

    try:
        Tokenizer().morphemes("FAQ")
    except FaqbotError as error:
        return Finding("dictionary", False, error.message, error.remedy)
    return Finding("dictionary", True, "Sudachi can be used")


def _content(config: Config) -> Finding:
    from adapters.cli.faq import open_searcher

    try:
        entries = open_searcher(config).entries
    except FaqbotError as error:
        return Finding("faq", False, error.message, error.remedy)
    return Finding("faq", True, f"{len(entries)} entries in {config.data_path}")


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
    host = "127.0.0.1" if http.host in ("0.0.0.0", "::") else http.host  # noqa: S104
    connection = HTTPConnection(host, http.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        health = msgspec.json.decode(connection.getresponse().read(), type=_Health)
    except (OSError, HTTPException, msgspec.DecodeError):
        return ()
    finally:
        connection.close()
    return tuple(
        Finding(f"running bot: {part.name}", part.ok, part.message or "works")
        for part in health.parts
    )


def _database(url: str) -> Finding:
    from bot.store.database import Database
    from bot.store.errors import StoreError

    try:
        Database.open(url).close()
    except StoreError as error:
        return Finding("database", False, error.message, error.remedy)
    return Finding("database", True, "can be opened and written to")


def _slack(settings: SlackSettings, *, offline: bool) -> tuple[Finding, ...]:
    from adapters.slack.doctor import examine

    return asyncio.run(examine(settings, offline=offline))


def _discord(settings: DiscordSettings, *, offline: bool) -> tuple[Finding, ...]:
    from adapters.discord.doctor import examine

    return asyncio.run(examine(settings, offline=offline))
