"""``faqbot export``: the FAQ as a file that can be edited elsewhere and imported again."""

from pathlib import Path

import click

from adapters.cli.config import Config, pass_config
from adapters.cli.faq import find, load


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="PATH", help="Instead of FAQBOT_DATA."
)
@pass_config
def command(config: Config, *, path: Path, data: Path | None) -> None:
    """Write all entries to PATH: .yaml, .tsv, .csv, .xlsx, .jsonl, or a folder.

    Importing the file again changes nothing; edit it in between, and the edits are imported.
    """
    from bot.content import export

    entries = load(find(config, data))
    export(path, entries)
    click.echo(config.texts.say("export.done", count=len(entries), path=str(path)))
