"""``faqbot import``: files into the data folder, all or nothing."""

import difflib
from collections.abc import Iterator
from pathlib import Path

import click

from adapters.cli.config import Config, pass_config
from bot.content import (
    Change,
    ContentError,
    Headers,
    Plan,
    Rules,
    Unfinished,
    check,
    plan_import,
    read_all,
    run_import,
    titled,
)
from bot.domain.entry import Entry
from bot.texts import Text, Texts

SHOWN = ("question", "answer", "variants", "links", "source", "updated")
"""What is shown of a new entry below its title."""

TOTALS = ("added", "changed", "removed", "unchanged")


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH..."
)
@click.option("--dry-run", is_flag=True, help="Print the difference; change nothing.")
@click.option("--replace", is_flag=True, help="Make the FAQ equal to PATH: remove what it lacks.")
@click.option(
    "--allow-removals", is_flag=True, help="Go on if there are no entries, or over 30 % vanish."
)
@click.option("--allow-duplicates", is_flag=True, help="Go on if a question is there twice.")
@click.option("--lecturer", metavar="NAME", help="Who answered where a file doesn't say.")
@click.option(
    "--ignore-columns",
    multiple=True,
    metavar="NAMES",
    help="Leave out these columns: their headers, separated by commas.",
)
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="COLUMN=HEADER",
    help="Read the column with this header as COLUMN, such as question=Inquiry.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The data folder to change, instead of FAQBOT_DATA.",
)
@pass_config
def command(
    config: Config,
    *,
    paths: tuple[Path, ...],
    dry_run: bool,
    replace: bool,
    allow_removals: bool,
    allow_duplicates: bool,
    lecturer: str | None,
    ignore_columns: tuple[str, ...],
    mapped: tuple[str, ...],
    data: Path | None,
) -> None:
    """Add the entries of PATH to the FAQ, and update those it has.

    PATH is a file (YAML, CSV, TSV, XLSX, JSONL, or a lecturers' list) or a folder of YAML files.
    An entry without an id is known again by its lecturer and question. Either everything is
    imported or nothing; each problem is shown with its row and column.
    """
    texts = config.texts
    rules = Rules(replace, allow_removals, allow_duplicates)
    headers = Headers.of(ignore_columns, mapped)
    target = data or config.data_path
    new = not target.exists()
    try:
        content = read_all(paths, lecturer=lecturer, headers=headers)
        for note in (*content.notes, *headers.not_found()):
            click.echo(texts.say("command.note", note=note), err=True)
        bring = plan_import if dry_run else run_import
        plan = bring(target, content.drafts, rules)
        made = (Text("faq.made", path=target),) if new and not dry_run else ()
        for note in (*made, *plan.notes):
            click.echo(texts.say("command.note", note=note), err=True)
        for line in _lines(plan, texts):
            click.echo(line)
        if dry_run:
            check(plan, content.drafts, rules)
    except Unfinished:
        raise
    except ContentError:
        click.echo(texts.say("import.refused" if dry_run else "import.nothing"), err=True)
        raise
    totals = {name: len(getattr(plan, name)) for name in TOTALS}
    click.echo(texts.say("import.totals", **totals))
    if plan.missing:
        click.echo(texts.say("import.missing", count=plan.missing))
    if dry_run and not plan.changes_nothing:
        click.echo(texts.say("import.dry_run"))


def _lines(plan: Plan, texts: Texts) -> Iterator[str]:
    """Yield the difference for people: + added, ~ changed, - removed."""
    for entry in plan.added:
        yield f"+ {_title(entry)}"
        for field in SHOWN:
            if value := getattr(entry, field):
                yield f"    {texts(titled(field))}:"
                yield from (f"      {line}".rstrip() for line in _values(value))
    for change in plan.changed:
        yield f"~ {_title(change.after)}"
        if change.rewritten:
            yield f"    {texts.say('import.rewritten')}"
        yield from _changed_fields(change, texts)
    for entry in plan.removed:
        yield f"- {_title(entry)}"
        yield f"    {_first_line(entry.question)}"


def _changed_fields(change: Change, texts: Texts) -> Iterator[str]:
    for field in change.fields:
        yield f"    {texts(titled(field))}:"
        before, after = (_values(getattr(entry, field)) for entry in (change.before, change.after))
        for line in difflib.ndiff([*filter(None, before)], [*filter(None, after)]):
            if line[:1] in "+-":
                yield f"      {line}"


def _values(value: str | tuple[str, ...]) -> list[str]:
    return value.split("\n") if isinstance(value, str) else list(value)


def _title(entry: Entry) -> str:
    return f"{entry.id}  {entry.lecturer}" + (f"「{entry.talk}」" if entry.talk else "")


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]
