"""What an import would do: the difference between the FAQ and a file, and why it may be refused."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.content.columns import COLUMNS
from bot.content.gate import Draft
from bot.content.matching import identify, one_person
from bot.domain.entry import Entry
from bot.domain.keys import question_key
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
    existing: Sequence[Entry], drafts: Sequence[Draft], *, whole: bool, verbatim: bool = False
) -> Plan:
    """Compare a file with the FAQ.

    Args:
        existing: The FAQ's entries, in order.
        drafts: The file's entries; one without an id is matched by lecturer and question.
        whole: The file is the whole FAQ: what it doesn't have is removed.
        verbatim: Lecturers' names stay to the letter; else a name is spelt as the FAQ spells it.
    """
    notes: tuple[Text, ...] = ()
    if not verbatim:
        drafts, notes = one_person(drafts, existing)
    identified = identify(drafts, existing)
    before = {entry.id: entry for entry in existing}
    after = {draft.entry.id: _merged(before.get(draft.entry.id), draft) for draft in identified}
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


def _merged(before: Entry | None, draft: Draft) -> Entry:
    """Return the entry after the import: what the file doesn't state stays."""
    after = draft.entry
    if before is None:
        return after
    kept = {
        column: getattr(before, column)
        for column in ("lecturer", "talk", "variants", "source", "updated")
        if column not in draft.given
    }
    if "links" not in draft.given:
        kept["links"] = tuple(dict.fromkeys((*before.links, *after.links)))
    return replace(after, **kept)


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
