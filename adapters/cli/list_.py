"""``faqbot list``: every entry, for people or for programs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click

from adapters.cli.config import Config, pass_config
from adapters.cli.faq import find, load
from adapters.common.wrap import WIDTH, wrapped
from bot.domain.entry import Entry
from bot.settings import CoreSettings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array, with every field.")
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="PATH", help="Instead of FAQBOT_DATA."
)
@pass_config
def command(config: Config, *, as_json: bool, data: Path | None) -> None:
    """List all entries in order: by lecture, with their ids and questions."""
    entries = load(find(config, data))
    if as_json:
        click.echo(json.dumps([_fields(entry) for entry in entries], ensure_ascii=False, indent=2))
    else:
        _print(entries, config.section(CoreSettings).locale)
        click.echo(config.texts.say("list.total", count=len(entries)))


def _fields(entry: Entry) -> dict[str, str | tuple[str, ...]]:
    return {
        "id": entry.id,
        "lecturer": entry.lecturer,
        "talk": entry.talk,
        "question": entry.question,
        "answer": entry.answer,
        "variants": entry.variants,
        "links": entry.links,
        "source": entry.source,
        "updated": entry.updated,
    }


def _print(entries: Sequence[Entry], locale: Literal["ja", "en"]) -> None:
    """Print the questions under their lectures."""
    from adapters.console.render import title
    from bot.desk.browsing import by_talk
    from bot.desk.wording import Wording

    wording = Wording(locale)
    for group in by_talk(entries):
        click.secho(title(wording.lecturer(group[0]), group[0].talk), bold=True)
        for entry in group:
            click.secho(f"  {entry.id}", fg="cyan")
            for text in (entry.question, *(f"= {variant}" for variant in entry.variants)):
                for line in wrapped(text, WIDTH, indent="    "):
                    if line:
                        click.echo(line)
        click.echo()
