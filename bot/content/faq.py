"""The FAQ loaded, imported into and exported, each as a whole."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.content.columns import COLUMNS, NO_REMARKS, Headers, Remarks
from bot.content.folder import SUFFIXES, Folder, changing, commit, read_folder, write_whole
from bot.content.formats import EVERY_FILES, Content, read, read_source, render
from bot.content.plan import MOST_VANISHING, Plan, arrange, diff, identify
from bot.content.problems import ContentError, Findings, Where
from bot.content.rows import Draft, Row, drafts, refuse_equal_ids
from bot.content.source import Source, decode, lines_of, take
from bot.content.stated import stated
from bot.domain.entry import Entry
from bot.texts import Text


def load(path: Path) -> tuple[Entry, ...]:
    """Read the FAQ.

    Args:
        path: A data folder, whose YAML files come by the order they state, those that state none
            behind them by their names; or one file of any format, whose entries without an id are
            numbered after their lecturers' names.

    Returns:
        The entries in order; none for a folder without YAML files.

    Raises:
        ContentError: It can't be used; the error lists each problem with its file, row and column.
    """
    if path.is_dir():
        return read_folder(path).entries
    return tuple(draft.entry for draft in identify(read(path).drafts, ()))


def text_of(name: str, data: bytes) -> str:
    """Return a file's text, in whichever of the encodings it is that a FAQ may be in.

    Raises:
        ContentError: Its encoding isn't known.
    """
    return decode(Source(name, "", data), Findings())


def canonical(entry: Entry) -> Entry:
    """Return an entry that was written elsewhere as it is once it was exported and imported.

    Raises:
        ContentError: No file could hold it.
    """
    every = stated(entry)
    texts = {column: value for column, value in every.items() if isinstance(value, str)}
    if not entry.lecturer:
        del texts["lecturer"]
    lists = {column: value for column, value in every.items() if isinstance(value, tuple)}
    findings = Findings()
    made = drafts([Row(Where(entry.id), texts, lists)], None, findings)
    findings.raise_problems()
    return made[0].entry


@dataclass(frozen=True, slots=True)
class Rules:
    """What an import may do.

    Attributes:
        replace: The files are the whole FAQ: what they don't have is removed.
        allow_removals: Also if there are no entries, or more than 30 % would vanish or become
            others.
        allow_duplicates: Also if two entries have the same question.
        verbatim: Every character of the files leads, as an export writes them.
        elsewhere: Entries that the FAQ has, and its files not yet: an entry without an id that is
            one of them gets its id, and no other entry does.
    """

    replace: bool = False
    allow_removals: bool = False
    allow_duplicates: bool = False
    verbatim: bool = False
    elsewhere: tuple[Entry, ...] = ()


def read_all(
    paths: Sequence[Path], *, lecturer: str | None = None, headers: Headers = EVERY_FILES
) -> Content:
    """Read files of any format and folders of YAML files as one.

    Files come as they are given, but for those that state an order: they come first, by it.

    Raises:
        ContentError: One of them can't be used, or two entries have the same id.
    """
    contents = sorted((_read(path, lecturer, headers) for path in paths), key=Content.place)
    every = tuple(draft for content in contents for draft in content.drafts)
    findings = Findings()
    refuse_equal_ids(every, findings)
    findings.raise_problems()
    return Content(every, tuple(note for content in contents for note in content.notes))


def plan_import(data: Path, drafts: Sequence[Draft], rules: Rules) -> Plan:
    """Say what an import would do; nothing is locked for longer than reading takes."""
    folder = read_folder(data) if data.exists() else Folder({}, {})
    return _diff(folder, drafts, rules)


def run_import(
    data: Path, drafts: Sequence[Draft], rules: Rules, remarks: Remarks = NO_REMARKS
) -> Plan:
    """Bring files into the data folder, all or nothing, and return what was done.

    Args:
        data: The data folder.
        drafts: What the files hold.
        rules: What may be done.
        remarks: What is to stand behind variants, as comments.

    Raises:
        ContentError: The rules forbid it, or the folder can't be changed; nothing was changed.
    """
    with changing(data) as folder:
        return _bring(data, folder, drafts, rules, remarks)


def _bring(
    data: Path, folder: Folder, drafts: Sequence[Draft], rules: Rules, remarks: Remarks
) -> Plan:
    plan = _diff(folder, drafts, rules)
    check(plan, drafts, rules)
    files = {
        name: [draft.entry for draft in content.drafts] for name, content in folder.contents.items()
    }
    arranged = arrange(files, plan)
    changes = {
        name: _rendered(arranged[name], source, files[name], remarks)
        for name, source in folder.files.items()
        if name in arranged
    }
    from bot.content.formats import yaml_

    orders = itertools.count(1 + max((c.order or 0 for c in folder.contents.values()), default=0))
    changes |= {
        name: yaml_.write(entries, remarks, next(orders))
        for name, entries in arranged.items()
        if name not in folder.files
    }
    if changes:
        commit(data, changes)
    return plan


def _diff(folder: Folder, drafts: Sequence[Draft], rules: Rules) -> Plan:
    ids = {entry.id for entry in folder.entries}
    return diff(
        folder.entries,
        drafts,
        whole=rules.replace,
        verbatim=rules.verbatim,
        elsewhere=[entry for entry in rules.elsewhere if entry.id not in ids],
    )


def check(plan: Plan, drafts: Sequence[Draft], rules: Rules) -> None:
    """Refuse what the rules forbid.

    Raises:
        ContentError: With every reason on a line of its own.
    """
    reasons: list[Text] = []
    if not drafts and not rules.allow_removals:
        reasons.append(Text("import.no_entries"))
    elif plan.vanishing > MOST_VANISHING and not rules.allow_removals:
        reasons.append(Text("import.vanishing", count=len(plan.removed), share=plan.vanishing))
    if plan.renumbered and not rules.allow_removals:
        reasons.append(Text("import.renumbered", count=plan.renumbered))
    if not rules.allow_duplicates:
        reasons += plan.duplicates
    if reasons:
        raise ContentError(reasons)


def export(path: Path, entries: Sequence[Entry], remarks: Remarks = NO_REMARKS) -> None:
    """Write all entries; by suffix a file, else a folder with one YAML file for each talk.

    What the place holds already stays as it is, to the byte; comments and order in YAML too.

    Args:
        path: The file or folder.
        entries: All of them.
        remarks: What is to stand behind variants in YAML, as comments.

    Raises:
        ContentError: The suffix is unknown, or the place can't be written to.
    """
    if path.is_dir() or not path.suffix:
        everything = replace(_VERBATIM, replace=True)
        run_import(path, _drafts(path, entries), everything, remarks)
        return
    data = render(path, entries)
    if path.suffix.lower() in SUFFIXES:
        data = _over(path, entries, remarks)
    write_whole(path, data)


def merge(
    data: Path, on_top_of: Callable[[Sequence[Entry]], Sequence[Entry]], remarks: Remarks
) -> Plan:
    """Bring what was born elsewhere into the FAQ's own folder, and return what was done.

    Args:
        data: The data folder.
        on_top_of: Returns the folder's entries with what comes on top of them.
        remarks: As ``export`` takes them.

    Raises:
        ContentError: The folder can't be changed; nothing was changed.
    """
    with changing(data) as folder:
        drafts = _drafts(data, on_top_of(folder.entries))
        return _bring(data, folder, drafts, _VERBATIM, remarks)


_VERBATIM = Rules(allow_removals=True, allow_duplicates=True, verbatim=True)


def _drafts(path: Path, entries: Sequence[Entry]) -> list[Draft]:
    return [Draft(entry, Where(str(path)), frozenset(COLUMNS)) for entry in entries]


def _read(path: Path, lecturer: str | None, headers: Headers) -> Content:
    if not path.is_dir():
        return read(path, lecturer=lecturer, headers=headers)
    folder = read_folder(path)
    if not folder.files:
        raise ContentError.at(Where(str(path)), "folder.no_yaml")
    return Content(folder.drafts, folder.notes)


def _rendered(
    entries: Sequence[Entry], source: Source, before: Sequence[Entry], remarks: Remarks
) -> bytes | None:
    """Return a file's new bytes; None if it has no entries.

    Args:
        entries: What it is to hold.
        source: The file as it is.
        before: What it holds.
        remarks: What is to stand behind variants.
    """
    from bot.content.formats import amending, yaml_

    if not entries:
        return None
    text = decode(source, Findings())
    if before:
        amended = amending.amend(text, before, entries, remarks)
        if amended is not None and _holds(Source(source.name, ".yaml", amended.encode()), entries):
            return amended.encode()
    order = read_source(source).order
    return _opening_comment(text) + yaml_.write(entries, remarks, order)


def _holds(source: Source, entries: Sequence[Entry]) -> bool:
    try:
        return [draft.entry for draft in read_source(source).drafts] == list(entries)
    except ContentError:
        return False


def _over(path: Path, entries: Sequence[Entry], remarks: Remarks) -> bytes:
    """Return a YAML file's new bytes; what can't be read there gives way to a new file."""
    from bot.content.formats import yaml_

    try:
        source = take(path)
        before = [draft.entry for draft in read_source(source).drafts]
    except ContentError:
        before = []
    if not before or not all(entry.id for entry in before):
        return yaml_.write(entries, remarks)
    return _rendered(entries, source, before, remarks) or yaml_.write(entries)


def _opening_comment(text: str) -> bytes:
    comment = itertools.takewhile(
        lambda line: line.startswith("#") or not line.strip(), lines_of(text)
    )
    return "".join(f"{line}\n" for line in comment).encode()
