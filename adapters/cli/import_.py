"""``faqbot import``: files into the data folder, all or nothing."""

import difflib
from collections.abc import Iterator
from pathlib import Path

import click

from adapters.cli.config import Config, pass_config
from bot.content.plan import Change, Plan
from bot.domain.entry import Entry


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
    data: Path | None,
) -> None:
    """Add the entries of PATH to the FAQ, and update those it has.

    PATH is a file (YAML, CSV, TSV, XLSX, JSONL, or a lecturers' list) or a folder of YAML files.
    An entry without an id is known again by its lecturer and question. Either everything is
    imported or nothing; each problem is shown with its row and column.
    """
    from bot.content.importing import Rules, check, plan_import, read_all, run_import

    texts = config.texts
    rules = Rules(replace, allow_removals, allow_duplicates)
    content = read_all(paths, lecturer=lecturer)
    for note in content.notes:
        click.echo(texts.say("command.note", note=note), err=True)
    target = data or config.data_path
    new = not target.exists()
    if dry_run:
        plan = plan_import(target, content.drafts, rules)
    else:
        plan = run_import(target, content.drafts, rules)
        if new:
            click.echo(texts.say("command.note", note=texts.say("faq.made", path=target)), err=True)
    for line in _lines(plan):
        click.echo(line)
    if dry_run:
        check(plan, content.drafts, rules)


def _lines(plan: Plan) -> Iterator[str]:
    """Yield the difference for people: + added, ~ changed, - removed, and the totals."""
    for entry in plan.added:
        yield f"+ {_title(entry)}"
        yield f"    {_first_line(entry.question)}"
    for change in plan.changed:
        yield f"~ {_title(change.after)}"
        yield from _changed_fields(change)
    for entry in plan.removed:
        yield f"- {_title(entry)}"
        yield f"    {_first_line(entry.question)}"
    yield (
        f"{len(plan.added)} added, {len(plan.changed)} changed, {len(plan.removed)} removed, "
        f"{len(plan.unchanged)} unchanged"
    )


def _changed_fields(change: Change) -> Iterator[str]:
    for field in change.fields:
        yield f"    {field}:"
        before, after = (_values(getattr(entry, field)) for entry in (change.before, change.after))
        for line in difflib.ndiff(before, after):
            if line[:1] in "+-":
                yield f"      {line}"


def _values(value: str | tuple[str, ...]) -> list[str]:
    lines = value.split("\n") if isinstance(value, str) else list(value)
    return [line for line in lines if line]


def _title(entry: Entry) -> str:
    return f"{entry.id}  {entry.lecturer}" + (f"「{entry.talk}」" if entry.talk else "")


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]
