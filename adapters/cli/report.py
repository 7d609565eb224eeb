"""``faqbot report``: what members asked, as one page for organisers and lecturers."""

from pathlib import Path

import click

from adapters.cli.config import Config, pass_config
from adapters.cli.past import days_option, look_back, nothing
from bot.settings import CoreSettings

SUFFIXES = (".html", ".htm")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@days_option
@pass_config
def command(config: Config, *, file: Path, days: int | None) -> None:
    """Write a page with the figures, the entries and the unanswered questions to FILE.

    FILE ends in .html. The page needs no network and no script. It shows what members asked, but
    nobody's name: decide yourself who may read it.
    """
    from adapters.cli.page import page
    from bot.content.writers import write_whole

    if file.suffix.lower() not in SUFFIXES:
        raise click.UsageError(f"{file} must end in {' or '.join(SUFFIXES)}.")
    past = look_back(config, days)
    write_whole(file, page(past, days, config.section(CoreSettings).locale).encode())
    if not past.usage.asked:
        click.echo(nothing(days))
    click.echo(f"Written to {file}.")
