"""Which entry is which: one spelling of each lecturer, ids for entries that come without one."""

import difflib
import functools
import itertools
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.content.gate import Draft
from bot.domain.entry import Entry
from bot.domain.keys import person_key, question_key
from bot.texts import Text

if TYPE_CHECKING:
    from sudachipy import Dictionary

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
_NUMBERED = re.compile(r"(?P<slug>.+)-\d+")


def one_person(
    drafts: Sequence[Draft], existing: Sequence[Entry]
) -> tuple[tuple[Draft, ...], tuple[Text, ...]]:
    """Spell each lecturer in one way: the FAQ's, else the file's with a blank in it.

    Blanks, width and 先生 are a matter of spelling; which of its forms a kanji has is the name's.

    Returns:
        The drafts, and notes on the names spelt anew and on new ones that are nearly the same
        as another.
    """
    known: dict[tuple[str, str], str] = {}
    for entry in existing:
        known.setdefault(_spelling(entry.lecturer), entry.lecturer)
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
        near = difflib.get_close_matches(key, others, n=1, cutoff=ALIKE)
        if near:
            yield Text("import.nearly", name=name, near=others[near[0]])
        others[key] = name


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
    slugs = _Slugs(itertools.chain(existing, (draft.entry for draft in drafts)))
    numbers: dict[str, Iterator[int]] = defaultdict(lambda: itertools.count(1))
    identified = []
    for draft in drafts:
        entry = draft.entry
        id_ = entry.id or by_key.pop(_key(entry), "")
        if not id_:
            slug = slugs.of(entry.lecturer)
            ids = (f"{slug}-{number}" for number in numbers[slug])
            id_ = next(free for free in ids if free not in taken)
        taken.add(id_)
        identified.append(replace(draft, entry=replace(entry, id=id_)))
    return tuple(identified)


def slug_of(lecturer: str, existing: Iterable[Entry]) -> str:
    """Return the short name that a lecturer's entries are numbered after, in Latin letters."""
    return _Slugs(existing).of(lecturer)


class _Slugs:
    """Short names of lecturers in Latin letters, for the ids of their entries."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_lecturer: dict[str, str] = {}
        for entry in entries:
            numbered = _NUMBERED.fullmatch(entry.id)
            if numbered:  # as the organisers do it already
                self._by_lecturer.setdefault(person_key(entry.lecturer), numbered["slug"])

    def of(self, lecturer: str) -> str:
        """Return the lecturer's short name, one that no other lecturer has."""
        key = person_key(lecturer)
        if key not in self._by_lecturer:
            used = set(self._by_lecturer.values())
            self._by_lecturer[key] = next(s for s in slugs_for(lecturer) if s not in used)
        return self._by_lecturer[key]


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
