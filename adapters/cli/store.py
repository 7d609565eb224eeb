"""``faqbot forget`` and ``faqbot db``: what is stored, taken away or copied."""

from collections.abc import Mapping
from pathlib import Path

import click

from adapters.cli.config import PLATFORMS, Config, file_type, pass_config
from adapters.cli.faq import load_whole, note_absent
from adapters.common.text import padded
from bot.desk.learning import SHOWN, hide, unreached
from bot.domain.ask import still_there
from bot.domain.entry import Entry
from bot.domain.retrieval import probable
from bot.errors import FaqbotError
from bot.settings import CoreSettings
from bot.store import Transaction, reading, writing
from bot.store.copying import back_up, copy
from bot.texts import Text
from bot.wording import Organising, Wording

_WIDTH, _TABLE = 40, 20
"""Columns of what stands before a figure."""


@click.command()
@click.argument("member")
@click.option(
    "--names", is_flag=True, help="Also take their name off what they answered or published."
)
@pass_config
def forget(config: Config, *, member: str, names: bool) -> None:
    """Remove what MEMBER wrote and who they are: slack:U…, discord:…, or an id alone.

    A published entry stays, without who asked. Cards in the organisers' channel that show the
    member's words are edited by the bot that runs, or by the next start. Figures stay.

    \b
    Examples:
      faqbot forget slack:U0123ABCD
      faqbot forget discord:123456789012345678 --names
    """
    texts, url = config.texts, config.section(CoreSettings).database_url
    id_, named = _id(member)
    with reading(url) as tx:
        there = tx is not None
        counts = tx.about(id_) if tx else {}
    left = 0 if names else counts.get("published", 0)
    cards = 0
    if sum(counts.values()) > left:
        # Loaded before the store is held: a bot waits for that.
        faq = load_whole(config).entries if counts["escalations"] else ()
        with writing(url) as tx:
            if tx is not None:
                wording = Wording(config.section(CoreSettings).locale)
                cards = _forget(tx, id_, names, wording, {each.id: each for each in faq})
        click.echo(texts.say("forget.done", member=member))
    elif left or named:
        click.echo(texts.say("forget.nothing", member=member))
    else:
        raise FaqbotError(Text("forget.unknown", member=member))
    for name, count in counts.items():
        if count and (names or name != "published"):
            click.echo(f"  {padded(texts.say(f'forget.{name}'), _WIDTH)} {count:>5}")
    if cards:
        click.echo(texts.say("forget.cards", n=cards))
    if left:
        click.echo(texts.say("forget.kept", n=left))
    if not there:
        note_absent(config)


def _forget(
    tx: Transaction, id_: str, names: bool, wording: Wording, faq: Mapping[str, Entry]
) -> int:
    """Forget a member, and have the cards of their questions edited; return how many.

    What others ask too stands on its card with their words from now on. Where it was asked, only
    the bot can say; and whether it reads replies that don't call it: on Discord it may not.
    """
    words, cards = Organising(wording), 0
    for escalation in tx.forget(id_, names=names):
        near = still_there(escalation.near, faq.get)
        lecturer = probable(near)
        card = words.question(
            escalation,
            near=near[:SHOWN],
            lecturer=wording.lecturer(lecturer) if lecturer else "",
            address=None,
            unreached=unreached(tx, escalation),
            overheard=escalation.card is None or escalation.card.place.platform != "discord",
        )
        cards += hide(tx, words, escalation, card)
    return cards


def _id(member: str) -> tuple[str, bool]:
    """Return the platform's id of a member, and whether it was said which platform's.

    Raises:
        FaqbotError: It is no id.
    """
    platform, colon, id_ = member.strip().partition(":")
    if platform and not colon:
        return platform, False
    known = PLATFORMS.get(platform.lower())
    if known is None or not known.MEMBER.fullmatch(id_):
        raise FaqbotError(Text("forget.bad", member=member))
    return id_, True


@click.group()
def db() -> None:
    """Copy what the bot has stored: questions, ratings, what was published in chat."""


@db.command()
@click.argument("file", type=file_type)
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
        click.echo(f"  {padded(table, _TABLE)} {count:>9}")
    click.echo(config.texts.say("copy.done"))
