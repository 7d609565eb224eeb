"""The FAQ loaded, imported into and exported, each as a whole."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.content import formats
from bot.content.columns import COLUMNS, Headers
from bot.content.encoding import lines_of
from bot.content.folder import Folder, changing, commit, read_folder, take_folder
from bot.content.formats import EVERY_FILES, Content, read
from bot.content.gate import Draft, refuse_equal_ids
from bot.content.matching import identify
from bot.content.plan import MOST_VANISHING, Plan, arrange, diff
from bot.content.problems import ContentError, Findings, Where
from bot.content.source import Source, decode, take
from bot.domain.entry import Entry
from bot.texts import Text


def load(path: Path) -> tuple[Entry, ...]:
    """Read the FAQ.

    Args:
        path: A data folder, whose YAML files are read in the order of their names, or one file of
            any format, whose entries without an id are numbered after their lecturers' names.

    Returns:
        The entries in order; none for a folder without YAML files.

    Raises:
        ContentError: It can't be used; the error lists each problem with its file, row and column.
    """
    if path.is_dir():
        return read_folder(path).entries
    return tuple(draft.entry for draft in identify(read(path).drafts, ()))


def snapshot(path: Path) -> dict[str, bytes]:
    """Return what ``load`` reads at this moment: the bytes of each file by its name.

    Raises:
        ContentError: It can't be read.
    """
    files = take_folder(path) if path.is_dir() else {path.name: take(path)}
    return {name: source.data for name, source in files.items()}


@dataclass(frozen=True, slots=True)
class Rules:
    """What an import may do.

    Attributes:
        replace: The files are the whole FAQ: what they don't have is removed.
        allow_removals: Also if there are no entries, or more than 30 % would vanish.
        allow_duplicates: Also if two entries have the same question.
        verbatim: Every character of the files leads, as an export writes them.
    """

    replace: bool = False
    allow_removals: bool = False
    allow_duplicates: bool = False
    verbatim: bool = False


def read_all(
    paths: Sequence[Path], *, lecturer: str | None = None, headers: Headers = EVERY_FILES
) -> Content:
    """Read files of any format and folders of YAML files as one.

    Raises:
        ContentError: One of them can't be used, or two entries have the same id.
    """
    contents = [_read(path, lecturer, headers) for path in paths]
    drafts = tuple(draft for content in contents for draft in content.drafts)
    findings = Findings()
    refuse_equal_ids(drafts, findings)
    findings.raise_problems()
    return Content(drafts, tuple(note for content in contents for note in content.notes))


def plan_import(data: Path, drafts: Sequence[Draft], rules: Rules) -> Plan:
    """Say what an import would do; nothing is locked for longer than reading takes."""
    folder = read_folder(data) if data.exists() else Folder({}, {})
    return diff(folder.entries, drafts, whole=rules.replace, verbatim=rules.verbatim)


def run_import(data: Path, drafts: Sequence[Draft], rules: Rules) -> Plan:
    """Bring files into the data folder, all or nothing, and return what was done.

    Raises:
        ContentError: The rules forbid it, or the folder can't be changed; nothing was changed.
    """
    with changing(data) as folder:
        existing = folder.entries
        plan = diff(existing, drafts, whole=rules.replace, verbatim=rules.verbatim)
        check(plan, drafts, rules)
        files = {name: [d.entry for d in drafts] for name, drafts in folder.drafts.items()}
        changes = {
            name: _rendered(entries, folder.files.get(name))
            for name, entries in arrange(files, plan).items()
        }
        if changes:
            commit(data, changes)
    return plan


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
    if not rules.allow_duplicates:
        reasons += plan.duplicates
    if reasons:
        raise ContentError(reasons)


def export(path: Path, entries: Sequence[Entry]) -> None:
    """Write all entries; by suffix a file, else a folder with one YAML file for each talk.

    A folder that holds the entries already stays as it is, to the byte.

    Raises:
        ContentError: The suffix is unknown, or the place can't be written to.
    """
    if path.is_dir() or not path.suffix:
        drafts = [Draft(entry, Where(str(path)), frozenset(COLUMNS)) for entry in entries]
        everything = Rules(replace=True, allow_removals=True, allow_duplicates=True, verbatim=True)
        run_import(path, drafts, everything)
    else:
        formats.write_whole(path, formats.render(path, entries))


def _read(path: Path, lecturer: str | None, headers: Headers) -> Content:
    if not path.is_dir():
        return read(path, lecturer=lecturer, headers=headers)
    folder = read_folder(path)
    if not folder.files:
        raise ContentError.at(Where(str(path)), "folder.no_yaml")
    return Content(tuple(itertools.chain(*folder.drafts.values())), folder.notes)


def _rendered(entries: Sequence[Entry], before: Source | None) -> bytes | None:
    """Return a file's new bytes, below the comment it began with; None if it has no entries."""
    from bot.content.formats import yaml_

    if not entries:
        return None
    return (_opening_comment(before) if before else b"") + yaml_.write(entries)


def _opening_comment(source: Source) -> bytes:
    lines = lines_of(decode(source, Findings()))
    comment = itertools.takewhile(lambda line: line.startswith("#") or not line.strip(), lines)
    return "".join(f"{line}\n" for line in comment).encode()
