"""An import: files compared with the FAQ, refused or done as a whole."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.content.errors import ContentError, Findings, Where
from bot.content.folder import Folder, changing, commit, read_folder
from bot.content.gate import Draft, refuse_equal_ids
from bot.content.layout import arrange
from bot.content.plan import MOST_VANISHING, Plan, diff
from bot.content.readers import Content, read
from bot.content.source import Source, decode, lines_of
from bot.domain.entry import Entry


@dataclass(frozen=True, slots=True)
class Rules:
    """What an import may do.

    Attributes:
        replace: The files are the whole FAQ: what they don't have is removed.
        allow_removals: Also if there are no entries, or more than 30 % would vanish.
        allow_duplicates: Also if two entries have the same question.
    """

    replace: bool = False
    allow_removals: bool = False
    allow_duplicates: bool = False


def read_all(paths: Sequence[Path], *, lecturer: str | None = None) -> Content:
    """Read files of any format and folders of YAML files as one.

    Raises:
        ContentError: One of them can't be used, or two entries have the same id.
    """
    contents = [_read(path, lecturer) for path in paths]
    drafts = tuple(draft for content in contents for draft in content.drafts)
    findings = Findings()
    refuse_equal_ids(drafts, findings)
    findings.raise_problems()
    return Content(drafts, tuple(note for content in contents for note in content.notes))


def plan_import(data: Path, drafts: Sequence[Draft], rules: Rules) -> Plan:
    """Say what an import would do; nothing is locked for longer than reading takes."""
    folder = read_folder(data) if data.exists() else Folder({}, {})
    return diff(_entries(folder), drafts, whole=rules.replace)


def run_import(data: Path, drafts: Sequence[Draft], rules: Rules) -> Plan:
    """Bring files into the data folder, all or nothing, and return what was done.

    Raises:
        ContentError: The rules forbid it, or the folder can't be changed; nothing was changed.
    """
    with changing(data) as folder:
        plan = diff(_entries(folder), drafts, whole=rules.replace)
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
    reasons = []
    if not drafts and not rules.allow_removals:
        reasons.append("There are no entries. Check the file; --allow-removals if that is meant.")
    elif plan.vanishing > MOST_VANISHING and not rules.allow_removals:
        reasons.append(
            f"{len(plan.removed)} entries ({plan.vanishing:.0%} of the FAQ) would be removed. "
            "Check the file; --allow-removals if that is meant."
        )
    if not rules.allow_duplicates:
        reasons += [
            f"{duplicate} Remove one, or --allow-duplicates." for duplicate in plan.duplicates
        ]
    if not rules.replace:
        reasons += [f"{reused} Give it a new id, or leave the id empty." for reused in plan.reused]
    if reasons:
        raise ContentError.of(reasons)


def _read(path: Path, lecturer: str | None) -> Content:
    if not path.is_dir():
        return read(path, lecturer=lecturer)
    folder = read_folder(path)
    if not folder.files:
        raise ContentError.at(
            Where(str(path)), "no YAML files in this folder.", "Name the files one by one."
        )
    return Content(tuple(d for found in folder.drafts.values() for d in found), folder.notes)


def _entries(folder: Folder) -> tuple[Entry, ...]:
    return tuple(draft.entry for drafts in folder.drafts.values() for draft in drafts)


def _rendered(entries: Sequence[Entry], before: Source | None) -> bytes | None:
    """Return a file's new bytes, below the comment it began with; None if it has no entries."""
    from bot.content.writers import yaml_

    if not entries:
        return None
    return (_opening_comment(before) if before else b"") + yaml_.write(entries)


def _opening_comment(source: Source) -> bytes:
    lines = lines_of(decode(source, Findings()))
    comment = itertools.takewhile(lambda line: line.startswith("#") or not line.strip(), lines)
    return "".join(f"{line}\n" for line in comment).encode()
