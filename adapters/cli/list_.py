"""``faqbot list``: every entry, for people or for programs."""

import itertools
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from adapters.cli.config import Config, pass_config
from bot.domain.entry import Entry

WIDTH = 80
_MAY_HANG = "。、，．」』）)]!?！？"
_PIECE = re.compile(rf"\s*(?:[!-~]+|\S)[{re.escape(_MAY_HANG)}]*")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array, with every field.")
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="PATH", help="Instead of FAQBOT_DATA."
)
@pass_config
def command(config: Config, *, as_json: bool, data: Path | None) -> None:
    """List all entries in order: by lecture, with their ids and questions."""
    from bot.content import load

    entries = load(data or config.data_path)
    if as_json:
        click.echo(json.dumps([_fields(entry) for entry in entries], ensure_ascii=False, indent=2))
    else:
        _print(entries)


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


def _print(entries: Sequence[Entry]) -> None:
    """Print the questions under their lectures."""
    for (lecturer, talk), group in itertools.groupby(entries, lambda e: (e.lecturer, e.talk)):
        title = (f"{lecturer} 先生" if lecturer else "") + (f"「{talk}」" if talk else "")
        for line in _wrapped(title or "(no lecturer)", indent=""):
            click.secho(line, bold=True)
        for entry in group:
            click.secho(f"  {entry.id}", fg="cyan")
            for line in _wrapped(entry.question, indent="    "):
                click.echo(line)
            for variant in entry.variants:
                for line in _wrapped(f"= {variant}", indent="    "):
                    click.echo(line)
        click.echo()
    click.echo(f"{len(entries)} entries")


def _wrapped(text: str, indent: str) -> Iterator[str]:
    """Yield lines by the width that a terminal gives: a Japanese character takes two columns.

    A line may break between any two characters, but not inside a Latin word or before 。 and 」.
    """
    for paragraph in filter(None, text.split("\n")):
        line = indent
        for piece in _PIECE.findall(paragraph):
            if _columns(line + piece.rstrip(_MAY_HANG)) > WIDTH - 2 and line.strip():
                yield line.rstrip()
                line = indent
                piece = piece.lstrip()
            line += piece
        yield line.rstrip()


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
