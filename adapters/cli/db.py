"""``faqbot db``: the store copied, into a file or into another database."""

from pathlib import Path

import click

from adapters.cli.config import Config, pass_config
from adapters.common.text import padded
from bot.settings import CoreSettings
from bot.store.copying import back_up, copy

_WIDTH = 20


@click.group()
def db() -> None:
    """Copy what the bot has stored: questions, ratings, what was published in chat."""


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@pass_config
def backup(config: Config, *, file: Path) -> None:
    """Write all of it into FILE, also while the bot runs.

    Of SQLite, FILE is a database to put in the place of the old one. Of PostgreSQL, pg_dump writes
    it, and pg_restore reads it. FILE must not exist yet; only its owner may read it.

    \b
    Example:
      faqbot db backup backups/faqbot-$(date +%F).db
    """
    back_up(config.section(CoreSettings).database_url, file)
    click.echo(config.texts.say("past.written", file=file))


@db.command("copy")
@click.argument("url")
@pass_config
def copy_(config: Config, *, url: str) -> None:
    """Copy all of it from FAQBOT_DATABASE_URL to the database at URL, which must be empty.

    Stop the bot first. Rows are counted on both sides; if anything goes wrong, nothing is copied.
    What is there stays there. Leave a password out of URL, where others could see it: PGPASSWORD
    or ~/.pgpass may hold it.

    \b
    Examples:
      faqbot db copy postgresql+psycopg://faqbot@db.example.org/faqbot
      FAQBOT_DATABASE_URL=postgresql+psycopg://… faqbot db copy sqlite:///var/faqbot.db
    """
    for table, count in copy(config.section(CoreSettings).database_url, url).items():
        click.echo(f"  {padded(table, _WIDTH)} {count:>9}")
    click.echo(config.texts.say("copy.done"))
