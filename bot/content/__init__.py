"""Files in and out, and the data folder: the FAQ loaded, imported into and exported, as a whole.

All that others use of the files is here.
"""

import itertools
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from bot.content.columns import COLUMNS, NO_REMARKS, Headers, Remarks, fields, stated, titled
from bot.content.folder import (
    SUFFIXES,
    Copies,
    Folder,
    Unfinished,
    changing,
    commit,
    is_content,
    not_read,
    read_folder,
    write_whole,
)
from bot.content.formats import EVERY_FILES, Content, read, read_source, render
from bot.content.plan import MOST_VANISHING, Change, Plan, arrange, diff, identify, slug_of
from bot.content.problems import ContentError, Findings, Where
from bot.content.rows import MOST_VALUES, Draft, Row, drafts, refuse_equal_ids
from bot.content.source import Source, decode, lines_of, take
from bot.domain.entry import Entry
from bot.texts import Text

__all__ = [
    "MOST_VALUES",
    "NO_REMARKS",
    "Change",
    "Content",
    "ContentError",
    "Copies",
    "Headers",
    "Plan",
    "Remarks",
    "Rules",
    "Unfinished",
    "canonical",
    "check",
    "export",
    "fields",
    "is_content",
    "load",
    "merge",
    "not_read",
    "plan_import",
    "read_all",
    "read_faq",
    "run_import",
    "slug_of",
    "text_of",
    "titled",
    "write_whole",
]


def load(path: Path) -> tuple[Entry, ...]:
    """Read the entries of the FAQ, as ``read_faq`` does."""
    return read_faq(path).entries


def read_faq(path: Path) -> Content:
    """Read the FAQ.

    Args:
        path: A data folder, whose YAML files come by the order they state, those that state none
            behind them by their names; or one file of any format, whose entries without an id are
            numbered after their lecturers' names.

    Returns:
        What it holds, each entry with an id; no entries for a folder without YAML files.

    Raises:
        ContentError: It can't be used; the error lists each problem with its file, row and column.
    """
    if path.is_dir():
        return read_folder(path).content
    content = read(path)
    return replace(content, drafts=identify(content.drafts, ()))


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
    contents = []
    for path in paths:
        if not path.is_dir():
            contents.append(read(path, lecturer=lecturer, headers=headers))
            continue
        folder = read_folder(path)
        if not folder.files:
            raise ContentError.at(Where(str(path)), "folder.no_yaml")
        contents.append(folder.content)
    content = Content.joined(sorted(contents, key=Content.place))
    findings = Findings()
    refuse_equal_ids(content.drafts, findings)
    findings.raise_problems()
    return content


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
    contents = folder.contents
    arranged = arrange({name: content.entries for name, content in contents.items()}, plan)
    changes = {
        name: _amended(arranged[name], source, contents[name], remarks) if arranged[name] else None
        for name, source in folder.files.items()
        if name in arranged
    }
    from bot.content.formats import yaml_

    orders = itertools.count(1 + max((each.order or 0 for each in contents.values()), default=0))
    changes |= {
        name: yaml_.write(entries, remarks, next(orders))
        for name, entries in arranged.items()
        if name not in folder.files
    }
    if changes:
        commit(data, changes)
    return plan


def _diff(folder: Folder, drafts: Sequence[Draft], rules: Rules) -> Plan:
    existing = folder.content.entries
    ids = {entry.id for entry in existing}
    return diff(
        existing,
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
    data = render(path, entries, remarks)
    if entries and path.suffix.lower() in SUFFIXES:
        with suppress(ContentError):  # what can't be read there gives way to a new file
            source = take(path)
            before = read_source(source)
            if before.drafts and all(entry.id for entry in before.entries):
                data = _amended(entries, source, before, remarks)
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
        drafts = _drafts(data, on_top_of(folder.content.entries))
        return _bring(data, folder, drafts, _VERBATIM, remarks)


_VERBATIM = Rules(allow_removals=True, allow_duplicates=True, verbatim=True)


def _drafts(path: Path, entries: Sequence[Entry]) -> list[Draft]:
    return [Draft(entry, Where(str(path)), frozenset(COLUMNS)) for entry in entries]


def _amended(entries: Sequence[Entry], source: Source, before: Content, remarks: Remarks) -> bytes:
    """Return a YAML file's new bytes.

    Args:
        entries: What it is to hold.
        source: The file as it is.
        before: What it holds.
        remarks: What is to stand behind variants.
    """
    from bot.content.formats import amending, yaml_

    text = decode(source, Findings())
    if before.drafts:
        amended = amending.amend(text, before.entries, entries, remarks)
        if amended is not None:
            as_amended = Source(source.name, ".yaml", amended.encode())
            with suppress(ContentError):
                if list(read_source(as_amended).entries) == list(entries):
                    return as_amended.data
    opening = itertools.takewhile(
        lambda line: line.startswith("#") or not line.strip(), lines_of(text)
    )
    comment = "".join(f"{line}\n" for line in opening).encode()
    return comment + yaml_.write(entries, remarks, before.order)
