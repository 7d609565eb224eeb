"""What an import would do: which entry is which, the difference, and the files it changes.

A lecturer has one spelling, and an entry that comes without an id gets one.
"""

import difflib
import functools
import itertools
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.content.columns import COLUMNS, LISTS
from bot.content.rows import Draft
from bot.domain.entry import Entry
from bot.domain.text import person_key, question_key, windows_form, windows_forms
from bot.texts import Text

if TYPE_CHECKING:
    from sudachipy import Dictionary

MOST_VANISHING = 0.3
LEAST_RENUMBERED = 3
MOST_LETTERS = 40
ALIKE = 0.66
"""How near two names are that may be one misspelt: of three letters, two."""
MOST_COMPARED = 10_000
"""Pairs of names that an import looks at; more would take longer than it is worth."""

_NO_LETTER = re.compile(r"[^a-z]+")
_BETWEEN_NAMES = re.compile(r"[\s・]+")
# Compatibility ideographs and variation selectors: 塚 (U+FA10) for 塚, 葛 with a selector for 葛.
_FORM_OF_KANJI = re.compile(
    "[\uf900-\ufaff\U0002f800-\U0002fa1f]|.[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_TITLE = re.compile("(?<=[^ァ-ヺー])[ァ-ヺー]{3,}$")
_NUMBERED = re.compile(r"(?P<slug>.+)-\d+")


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
    def renumbered(self) -> int:
        """How many entries become others, where so many do that the ids just count some rows."""
        rewritten = sum(change.rewritten for change in self.changed)
        found = len(self.changed) + len(self.unchanged) - self.missing
        many = rewritten >= LEAST_RENUMBERED and rewritten > MOST_VANISHING * found
        return rewritten if many else 0

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
        Change(old, new, tuple(c for c in COLUMNS if getattr(old, c) != getattr(new, c)))
        for old in existing
        if (new := after.get(old.id))
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
    if before is None or before == after:
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
    """Return an entry with the FAQ's own characters where Windows saved others for them, or a ?."""
    values: dict[str, Any] = {
        column: getattr(before, column)
        for column in COLUMNS
        if column not in LISTS
        and windows_form(getattr(after, column)) in windows_forms(getattr(before, column))
    }
    for column in LISTS:
        stored = {form: value for value in getattr(before, column) for form in windows_forms(value)}
        given = (stored.get(windows_form(value), value) for value in getattr(after, column))
        values[column] = tuple(dict.fromkeys(given))
    return replace(after, **values)


def _duplicates(
    entries: Sequence[Entry], touched: set[str], places: dict[str, str]
) -> Iterator[Text]:
    """Yield what is said of each pair of entries with the same wording; one of them is touched."""
    by_key: dict[str, dict[str, tuple[Entry, str]]] = defaultdict(dict)
    for entry in entries:
        for wording in entry.wordings:
            by_key[question_key(wording) or wording].setdefault(entry.id, (entry, wording))
    for found in by_key.values():
        ids = list(found)
        for number, (id_, (entry, wording)) in enumerate(found.items()):
            other = next((i for i in ids[:number] if touched & {i, id_}), None)
            if other:
                one, two = (places.get(i) or Text("import.of_faq", id=i) for i in (id_, other))
                key, of_other = _key(entry), _key(found[other][0])
                nobodys = key[1] == of_other[1] and bool(key[0]) != bool(of_other[0])
                said = "import.nobodys" if nobodys else "import.duplicate"
                yield Text(said, one=one, two=two, question=wording[:60])


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


def one_person(
    drafts: Sequence[Draft], existing: Sequence[Entry]
) -> tuple[tuple[Draft, ...], tuple[Text, ...]]:
    """Spell each lecturer in one way: the FAQ's, else the file's with a blank in it.

    Blanks, width and 先生 are a matter of spelling; which of its forms a kanji has is the name's.

    Returns:
        The drafts, and notes on the names spelt anew and on new ones that are nearly the same
        as another.
    """
    known = {_spelling(entry.lecturer): entry.lecturer for entry in reversed(existing)}
    new: dict[tuple[str, str], str] = {}
    for draft in drafts:
        name, key = draft.entry.lecturer, _spelling(draft.entry.lecturer)
        if key[0] and key not in known and " " not in new.get(key, ""):
            new[key] = name if " " in name else new.get(key, name)
    spelt = new | known
    exactly = {entry.lecturer for entry in existing}
    notes = {}
    spelt_drafts = []
    for draft in drafts:
        name = draft.entry.lecturer
        right = name if name in exactly else spelt.get(_spelling(name), name)
        if right != name:
            notes[name] = Text("import.same_person", name=name, right=right)
        spelt_drafts.append(replace(draft, entry=replace(draft.entry, lecturer=right)))
    return tuple(spelt_drafts), (*notes.values(), *_nearly_known(new, known))


def _spelling(name: str) -> tuple[str, str]:
    """Return whose name it is, and the kanji in it that are forms of others."""
    return person_key(name), "".join(_FORM_OF_KANJI.findall(name))


def _nearly_known(
    new: dict[tuple[str, str], str], known: dict[tuple[str, str], str]
) -> Iterator[Text]:
    """Yield a note for each new lecturer whose name is nearly another's."""
    if len(new) * (len(known) + len(new)) > MOST_COMPARED:
        return
    others = {key: name for (key, _), name in known.items()}
    for (key, _), name in new.items():
        if key in others:
            continue
        near = difflib.get_close_matches(key, others, n=3, cutoff=ALIKE)
        if misspelt := next((each for each in near if _alike(key, each)), None):
            yield Text("import.nearly", name=name, near=others[misspelt])
        others[key] = name


def _alike(key: str, other: str) -> bool:
    """Whether two names are alike also without a title behind both, such as コーチ."""
    title = _TITLE.search(key)
    if title and other.endswith(title[0]):
        key, other = key.removesuffix(title[0]), other.removesuffix(title[0])
    return difflib.SequenceMatcher(None, other, key).ratio() >= ALIKE  # this way round as above


def identify(drafts: Sequence[Draft], existing: Sequence[Entry]) -> tuple[Draft, ...]:
    """Give every draft an id.

    Args:
        drafts: As read; those with an id keep it.
        existing: The entries of the FAQ: a draft with the same lecturer and question is the same
            entry and gets its id; any other gets the next free number after its lecturer's name.

    Returns:
        The drafts in order, each with an id; no two the same unless the file itself says so.
    """
    named = {draft.entry.id for draft in drafts}
    by_key = {_key(entry): entry.id for entry in reversed(existing) if entry.id not in named}
    taken = named | {entry.id for entry in existing}
    slugs = _slugs(itertools.chain(existing, (draft.entry for draft in drafts)))
    numbers: dict[str, Iterator[int]] = defaultdict(lambda: itertools.count(1))
    identified = []
    for draft in drafts:
        entry = draft.entry
        id_ = entry.id or by_key.pop(_key(entry), "")
        if not id_:
            slug = _slug(entry.lecturer, slugs)
            ids = (f"{slug}-{number}" for number in numbers[slug])
            id_ = next(free for free in ids if free not in taken)
        taken.add(id_)
        identified.append(replace(draft, entry=replace(entry, id=id_)))
    return tuple(identified)


def slug_of(lecturer: str, existing: Iterable[Entry]) -> str:
    """Return the short name that a lecturer's entries are numbered after, in Latin letters."""
    return _slug(lecturer, _slugs(existing))


def _slugs(entries: Iterable[Entry]) -> dict[str, str]:
    """Return lecturers' short names as the entries' ids have them, by the lecturers' keys."""
    slugs: dict[str, str] = {}
    for entry in entries:
        if numbered := _NUMBERED.fullmatch(entry.id):  # as the organisers do it already
            slugs.setdefault(person_key(entry.lecturer), numbered["slug"])
    return slugs


def _slug(lecturer: str, slugs: dict[str, str]) -> str:
    """Return a lecturer's short name, a new one if there is none; no other lecturer has it."""
    key = person_key(lecturer)
    if key not in slugs:
        used = set(slugs.values())
        slugs[key] = next(each for each in slugs_for(lecturer) if each not in used)
    return slugs[key]


def slugs_for(lecturer: str) -> Iterator[str]:
    """Yield short names for a lecturer, best first; the last is one that nobody else has.

    ``岡崎 直観`` gives ``okazaki``, ``okazaki-chokkan`` and a checksum.
    """
    words = [word for word in _BETWEEN_NAMES.split(lecturer) if word]
    slugs = [slug for slug in _romaji(words) if slug]
    if not words:
        yield "faq"
    elif len(slugs) == len(words):
        yield slugs[0][:MOST_LETTERS]
        yield "-".join(slugs)[:MOST_LETTERS]
    yield f"lecturer-{zlib.crc32(lecturer.encode()):08x}"


def _romaji(words: Iterable[str]) -> Iterator[str]:
    """Yield each word's reading in Latin letters; empty where a part of it has none."""
    # Only a new lecturer needs a reading: most starts and imports do without.
    import jaconv

    tokenizer = _dictionary().tokenizer()
    for word in words:
        if word.isascii():
            yield _NO_LETTER.sub("", word.lower())
            continue
        morphemes = list(tokenizer.tokenize(word))
        if morphemes[0].part_of_speech()[3] == "姓":
            del morphemes[1:]  # the given name, written without a space
        reading = "".join(morpheme.reading_form() for morpheme in morphemes)
        letters: str = jaconv.kana2alphabet(jaconv.kata2hira(reading))
        yield "" if _NO_LETTER.search(letters) else letters


@functools.cache
def _dictionary() -> "Dictionary":
    from sudachipy import Dictionary

    return Dictionary()


def _key(entry: Entry) -> tuple[str, str]:
    return person_key(entry.lecturer), question_key(entry.question)
