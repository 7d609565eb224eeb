"""``faqbot init``, ``import`` and ``export``: a folder to start from, files in, files out."""

import difflib
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import click

from adapters.cli.config import Config, data_option, file_type, pass_config
from adapters.cli.faq import load_chat, load_whole
from adapters.console import title
from bot.content import (
    Change,
    ContentError,
    Headers,
    Plan,
    Rules,
    Unfinished,
    check,
    is_content,
    plan_import,
    read_all,
    run_import,
    titled,
)
from bot.domain.entry import Entry
from bot.errors import FaqbotError, reason
from bot.texts import Text, Texts

SHOWN = ("question", "answer", "variants", "links", "source", "updated")
"""What is shown of a new entry below its title."""

TOTALS = ("added", "changed", "removed", "unchanged")

TEMPLATE = Path(__file__).with_name("template")
SAMPLE = TEMPLATE / "sample"
"""The lecturers' FAQ: in the repository a link to ``data/``, in the package a folder."""


@click.command()
@click.argument("folder", default=".", type=file_type)
@click.option("--empty", is_flag=True, help="Put in no sample FAQ, only a file to copy.")
@pass_config
def init(config: Config, *, folder: Path, empty: bool) -> None:
    """Make FOLDER, by default this one, a folder to start from.

    It gets a sample FAQ, word lists of its own, the settings with what they mean, and a README.
    Nothing is overwritten: where one of these files is there already, nothing is written at all.
    """
    texts = config.texts
    files = _started(empty=empty)
    taken = [name for name in files if (folder / name).exists()]
    if (folder / "data").is_dir() and any((folder / "data").iterdir()):
        taken = ["data/", *(name for name in taken if not name.startswith("data/"))]
    if taken:
        raise FaqbotError(Text("init.taken", files=", ".join(taken)))
    _write(folder, files)
    click.echo(texts.say("init.made", folder=folder.resolve()))
    for name in files:
        click.echo(f"  {name}")
    step = "init.write" if empty else "init.try"
    if folder.resolve() != Path.cwd():
        click.echo(texts.say("init.go", folder=shlex.quote(str(folder))))
    click.echo(texts.say(step))


def _started(*, empty: bool) -> Mapping[str, bytes]:
    """Return what the folder gets, by name."""
    entries = [TEMPLATE / "example.yaml"] if empty else sorted(SAMPLE.glob("*.yaml"))
    sources = {
        **{f"data/{path.name}": (path,) for path in entries},
        "data/stopwords.txt": (TEMPLATE / "stopwords.txt",),
        "data/synonyms.txt": (TEMPLATE / "synonyms.txt",),
        "faqbot.toml": (TEMPLATE / "faqbot.toml",),
        ".env.example": (TEMPLATE / "env.example",),
        ".gitignore": (TEMPLATE / "gitignore",),
        "README.md": (TEMPLATE / "README.md", *(() if empty else (TEMPLATE / "sample.md",))),
    }
    return {name: b"".join(map(Path.read_bytes, paths)) for name, paths in sources.items()}


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write new files only; where one can't be written, take back what was made.

    Raises:
        FaqbotError: Nothing was written.
    """
    written: list[Path] = []
    made: list[Path] = []  # folders, an inner one before those around it
    try:
        for name, data in files.items():
            path = folder / name
            around = (path.parent, *path.parent.parents)
            made[:0] = [each for each in around if not each.exists()]
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                written.append(path)
                file.write(data)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        for each in made:
            with suppress(OSError):  # it wasn't made after all, or is somebody else's by now
                each.rmdir()
        unwritable = Text("init.unwritable", file=error.filename or path, reason=reason(error))
        raise FaqbotError(unwritable) from error


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=file_type, metavar="PATH...")
@click.option("--dry-run", is_flag=True, help="Print the difference; change nothing.")
@click.option("--replace", is_flag=True, help="Make the FAQ equal to PATH: remove what it lacks.")
@click.option(
    "--allow-removals",
    is_flag=True,
    help="Go on if there are no entries, or over 30 % vanish or become others.",
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
    type=file_type,
    metavar="FOLDER",
    help="The data folder to change, instead of FAQBOT_DATA.",
)
@pass_config
def import_(
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
    chat = load_chat(config) if data is None else None
    elsewhere = chat.entries if chat else ()
    rules = Rules(replace, allow_removals, allow_duplicates, elsewhere=elsewhere)
    headers = Headers.of(ignore_columns, mapped)
    target = data or config.data_path
    new = not target.exists()
    try:
        content = read_all(paths, lecturer=lecturer, headers=headers)
        for note in (*content.notes, *headers.not_found()):
            config.note(note)
        bring = plan_import if dry_run else run_import
        plan = bring(target, content.drafts, rules)
        made = (Text("faq.made", path=target),) if new and not dry_run else ()
        for note in (*made, *plan.notes):
            config.note(note)
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
        yield f"    {_values(entry.question)[0]}"


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
    return f"{entry.id}  {title(entry.lecturer, entry.talk)}".rstrip()


@click.command()
@click.argument("path", type=file_type)
@data_option
@pass_config
def export(config: Config, *, path: Path, data: Path | None) -> None:
    """Write all entries to PATH: .yaml, .tsv, .csv, .xlsx, .jsonl, or a folder.

    What was published in chat is among them. Write it into the FAQ's own folder, and look at the
    difference before you keep it; from then on the files lead. Importing the file again changes
    nothing; edit it in between, and the edits are imported.
    """
    from bot.content import NO_REMARKS, merge
    from bot.content import export as write

    _refuse_beside(path, data or config.data_path)
    whole = load_whole(config, data, strictly=True)
    remarks = whole.chat.remarks if whole.chat else NO_REMARKS
    if whole.chat and path.is_dir() and path.samefile(config.data_path):
        # Nobody's edits since these were read are lost, and nothing of theirs is touched.
        merge(path, whole.chat.on_top_of, remarks)
    else:
        write(path, whole.entries, remarks)
    say = config.texts.say
    click.echo(say("export.done", count=len(whole.entries), path=str(path)))
    if whole.born:
        click.echo(say("export.born", count=len(whole.born)))


def _refuse_beside(path: Path, faq: Path) -> None:
    """Refuse a file beside those of the FAQ's folder: each entry would be there twice.

    So is a hidden one, though it isn't read: it would look like a copy of the FAQ that is used.

    Raises:
        FaqbotError: It would be one.
    """
    if not faq.is_dir() or not is_content(path.name.lstrip(".")) or path.is_dir():
        return
    others = (each for each in faq.iterdir() if is_content(each.name))
    if path.parent.resolve() == faq.resolve() and any(each.name != path.name for each in others):
        raise FaqbotError(Text("export.beside", path=path, folder=faq))
