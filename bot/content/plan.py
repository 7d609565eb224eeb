"""What an import would do: the difference between the FAQ and a file, and the files it changes."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.content.columns import COLUMNS, LISTS
from bot.content.gate import Draft
from bot.content.matching import identify, one_person, slugs_for
from bot.domain.entry import Entry
from bot.domain.keys import question_key, windows_form
from bot.texts import Text

MOST_VANISHING = 0.3


@dataclass(frozen=True, slots=True)
class Change:
    """One entry before and after, and the fields that differ."""

    before: Entry
    after: Entry
    fields: tuple[str, ...]

    @property
    def rewritten(self) -> bool:
        """Whether another question and another answer stand under the id."""
        before, after = (question_key(entry.question) for entry in (self.before, self.after))
        return before != after and self.before.answer != self.after.answer


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference between the FAQ and what it would become.

    Attributes:
        added: New entries, in the order of the file.
        changed: Entries that differ, in the order of the FAQ.
        removed: Entries that would vanish.
        unchanged: Entries that stay as they are.
        missing: How many of them stay only because the file isn't the whole FAQ.
        duplicates: What is said of each pair of questions that members can't tell apart.
        notes: What the organiser should know, of lecturers' names.
    """

    added: tuple[Entry, ...] = ()
    changed: tuple[Change, ...] = ()
    removed: tuple[Entry, ...] = ()
    unchanged: tuple[Entry, ...] = ()
    missing: int = 0
    duplicates: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether the FAQ would stay as it is."""
        return not (self.added or self.changed or self.removed)

    @property
    def vanishing(self) -> float:
        """The share of the FAQ's entries that would be removed, from 0 to 1."""
        before = len(self.changed) + len(self.removed) + len(self.unchanged)
        return len(self.removed) / before if before else 0.0


def diff(
    existing: Sequence[Entry],
    drafts: Sequence[Draft],
    *,
    whole: bool,
    verbatim: bool = False,
    elsewhere: Sequence[Entry] = (),
) -> Plan:
    """Compare a file with the FAQ.

    Args:
        existing: The FAQ's entries, in order.
        drafts: The file's entries; one without an id is matched by lecturer and question.
        whole: The file is the whole FAQ: what it doesn't have is removed.
        verbatim: Every character of the file leads; else a lecturer's name is spelt as the FAQ
            spells it, and what only passed through Shift_JIS is unchanged.
        elsewhere: Entries that the files don't have yet: their ids are taken.
    """
    notes: tuple[Text, ...] = ()
    if not verbatim:
        drafts, notes = one_person(drafts, existing)
    identified = identify(drafts, (*existing, *elsewhere))
    before = {entry.id: entry for entry in existing}
    after = {
        draft.entry.id: _merged(before.get(draft.entry.id), draft, verbatim=verbatim)
        for draft in identified
    }
    changes = [
        Change(entry, after[entry.id], _differing(entry, after[entry.id]))
        for entry in existing
        if entry.id in after
    ]
    changed = tuple(change for change in changes if change.fields)
    added = tuple(entry for id_, entry in after.items() if id_ not in before)
    missing = tuple(entry for entry in existing if entry.id not in after)
    places = {draft.entry.id: str(draft.where) for draft in identified}
    touched = {entry.id for entry in added} | {
        change.after.id for change in changed if {"question", "variants"} & set(change.fields)
    }
    result = [*(() if whole else missing), *after.values()]
    return Plan(
        added=added,
        changed=changed,
        removed=missing if whole else (),
        unchanged=tuple(c.before for c in changes if not c.fields) + (() if whole else missing),
        missing=0 if whole else len(missing),
        duplicates=tuple(_duplicates(result, touched, places)),
        notes=notes,
    )


def _merged(before: Entry | None, draft: Draft, *, verbatim: bool) -> Entry:
    """Return the entry after the import: what the file doesn't state stays."""
    after = draft.entry
    if before is None:
        return after
    if not verbatim:
        after = _as_stored(before, after)
    kept = {
        column: getattr(before, column)
        for column in ("lecturer", "talk", "variants", "source", "updated")
        if column not in draft.given
    }
    if "links" not in draft.given:
        kept["links"] = tuple(dict.fromkeys((*before.links, *after.links)))
    return replace(after, **kept)


def _as_stored(before: Entry, after: Entry) -> Entry:
    """Return an entry with the FAQ's own characters where Windows saved others for them."""
    values: dict[str, Any] = {
        column: getattr(before, column)
        for column in COLUMNS
        if column not in LISTS
        and windows_form(getattr(before, column)) == windows_form(getattr(after, column))
    }
    for column in LISTS:
        stored = {windows_form(value): value for value in getattr(before, column)}
        given = (stored.get(windows_form(value), value) for value in getattr(after, column))
        values[column] = tuple(dict.fromkeys(given))
    return replace(after, **values)


def _differing(before: Entry, after: Entry) -> tuple[str, ...]:
    return tuple(c for c in COLUMNS if getattr(before, c) != getattr(after, c))


def _duplicates(
    entries: Sequence[Entry], touched: set[str], places: dict[str, str]
) -> Iterator[Text]:
    """Yield what is said of each pair of entries with the same wording; one of them is touched."""
    by_key: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in entries:
        for wording in entry.wordings:
            by_key[question_key(wording) or wording].setdefault(entry.id, wording)
    for found in by_key.values():
        ids = list(found)
        for number, id_ in enumerate(ids[1:], start=1):
            other = next((i for i in ids[:number] if touched & {i, id_}), None)
            if other:
                one, two = (places.get(i) or Text("import.of_faq", id=i) for i in (id_, other))
                yield Text("import.duplicate", one=one, two=two, question=found[id_][:60])


def arrange(files: Mapping[str, Sequence[Entry]], plan: Plan) -> dict[str, tuple[Entry, ...]]:
    """Return the files that a plan changes, with the entries each will hold.

    A changed entry stays in its file, a new one joins its talk, a new talk gets a file named
    after its lecturer. A file is rewritten only if its entries differ; one without any is empty.
    """
    changed = {change.after.id: change.after for change in plan.changed}
    removed = {entry.id for entry in plan.removed}
    arranged = {
        name: [changed.get(e.id, e) for e in entries if e.id not in removed]
        for name, entries in files.items()
    }
    homes: dict[tuple[str, str | None], str] = {}
    for name, entries in arranged.items():
        for entry in entries:
            _settle(homes, entry, name)
    for entry in plan.added:
        # A talk of several lecturers is still one file; entries without a talk share no file.
        name = (
            homes.get((entry.talk, entry.lecturer))
            or homes.get((entry.talk, None))
            or _new_name(arranged, entry)
        )
        _settle(homes, entry, name)
        arranged.setdefault(name, []).append(entry)
    return {
        name: tuple(entries)
        for name, entries in arranged.items()
        if tuple(entries) != tuple(files.get(name, ()))
    }


def _settle(homes: dict[tuple[str, str | None], str], entry: Entry, name: str) -> None:
    homes.setdefault((entry.talk, entry.lecturer), name)
    if entry.talk:
        homes.setdefault((entry.talk, None), name)


def _new_name(files: Mapping[str, Sequence[Entry]], entry: Entry) -> str:
    slugs = tuple(slugs_for(entry.lecturer))
    slug = next((s for s in slugs if entry.id.startswith(f"{s}-")), slugs[0])
    names = itertools.chain([f"{slug}.yaml"], (f"{slug}-{n}.yaml" for n in itertools.count(2)))
    return next(name for name in names if name not in files)
