"""What an import would do: the difference between the FAQ and a file, and why it may be refused."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.content.columns import COLUMNS
from bot.content.gate import Draft
from bot.content.matching import identify, question_key
from bot.domain.entry import Entry

MOST_VANISHING = 0.3


@dataclass(frozen=True, slots=True)
class Change:
    """One entry before and after, and the fields that differ."""

    before: Entry
    after: Entry
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference between the FAQ and what it would become.

    Attributes:
        added: New entries, in the order of the file.
        changed: Entries that differ, in the order of the FAQ.
        removed: Entries that would vanish.
        unchanged: Entries that stay as they are.
        duplicates: Each pair of questions that members can't tell apart, in one line.
        reused: Ids under which the file has quite another question and answer, in one line each.
    """

    added: tuple[Entry, ...] = ()
    changed: tuple[Change, ...] = ()
    removed: tuple[Entry, ...] = ()
    unchanged: tuple[Entry, ...] = ()
    duplicates: tuple[str, ...] = ()
    reused: tuple[str, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether the FAQ would stay as it is."""
        return not (self.added or self.changed or self.removed)

    @property
    def vanishing(self) -> float:
        """The share of the FAQ's entries that would be removed, from 0 to 1."""
        before = len(self.changed) + len(self.removed) + len(self.unchanged)
        return len(self.removed) / before if before else 0.0


def diff(existing: Sequence[Entry], drafts: Sequence[Draft], *, whole: bool) -> Plan:
    """Compare a file with the FAQ.

    Args:
        existing: The FAQ's entries, in order.
        drafts: The file's entries; one without an id is matched by lecturer and question.
        whole: The file is the whole FAQ: what it doesn't have is removed.
    """
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
        duplicates=tuple(_duplicates(result, touched, places)),
        reused=tuple(
            f"{places[change.after.id]}: id {change.after.id} belongs to another question."
            for change in changed
            if _is_another(change)
        ),
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


def _is_another(change: Change) -> bool:
    """Whether the id was given to another entry, rather than the entry reworded."""
    before, after = change.before, change.after
    same_question = question_key(before.question) == question_key(after.question)
    return not same_question and before.answer != after.answer


def _duplicates(
    entries: Sequence[Entry], touched: set[str], places: dict[str, str]
) -> Iterator[str]:
    """Yield a line for each pair of entries with the same wording; one of them is touched."""
    by_key: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in entries:
        for wording in entry.wordings:
            by_key[question_key(wording) or wording].setdefault(entry.id, wording)
    for found in by_key.values():
        ids = list(found)
        for number, id_ in enumerate(ids[1:], start=1):
            other = next((i for i in ids[:number] if touched & {i, id_}), None)
            if other:
                where = " and ".join(places.get(i, f"the FAQ's {i}") for i in (id_, other))
                yield f"{where}: the same question twice: {found[id_][:60]}"
