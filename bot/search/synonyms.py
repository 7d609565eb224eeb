"""Synonyms: other words for a stretch of the query, from lists that an organiser can edit."""

import math
import re
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import product
from pathlib import Path
from typing import NamedTuple

from bot.domain.retrieval import Token
from bot.errors import FaqbotError, reason
from bot.search.analysis import Analyzer
from bot.texts import Text

WEIGHT = 0.8
"""What a synonym counts, against 1 for the member's own word."""

_KANA = "".join(map(chr, range(ord("ぁ"), ord("ゖ") + 1)))
_KINDS = re.compile("(?<![-=])[>＞]")  # not in an arrow
_MAX_GAP = 2  # characters
_MAX_REMEMBERED = 4_096  # stretches whose other words are kept


class SynonymError(FaqbotError):
    """A list that can't be used; says file and line."""


class Word(NamedTuple):
    """A word of a group.

    Attributes:
        surface: How it is written.
        terms: Its terms.
        broader: The others are kinds of it: it stands in their place, they don't in its.
    """

    surface: str
    terms: tuple[str, ...]
    broader: bool = False


class Line(NamedTuple):
    """A group as it stands in a list.

    Attributes:
        number: The number of its line.
        words: Its words.
        kinds: The first word is a broader one than the other.
    """

    number: int
    words: tuple[str, ...]
    kinds: bool = False


Groups = tuple[tuple[Word, ...], ...]
"""Groups of words that mean the same."""


class Alternative(NamedTuple):
    """Another word for a stretch of the query.

    Attributes:
        start: The stretch's first token.
        end: Behind its last.
        word: What could stand in its place.
        weight: What each of the word's terms counts in a query.
    """

    start: int
    end: int
    word: Word
    weight: float


Others = tuple[tuple[Word, float], ...]
"""The other words for a stretch of terms, and what each of a word's terms counts."""

Stretches = Mapping[tuple[str, ...], Sequence[Sequence[Word]]]
"""For a stretch of terms the groups of a list that it belongs to.

A stretch is looked up as far as it can go on: its beginnings are there too, in no group.
"""

Table = Callable[[tuple[str, ...]], Others | None]
"""Returns the other words for a stretch; None where no list has it, nor what begins so."""


def by_stretch(groups: Iterable[Sequence[Word]]) -> Stretches:
    """Put the groups of a list in a table."""
    made: dict[tuple[str, ...], list[Sequence[Word]]] = {}
    for group in groups:
        for word in group:
            if not word.broader:
                made.setdefault(word.terms, []).append(group)
    for terms in tuple(made):
        for length in range(1, len(terms)):
            made.setdefault(terms[:length], [])
    return made


def table(*lists: Stretches, known: Container[str] | None = None) -> Table:
    """Make a table of lists; what isn't asked for isn't worked out, as nearly all of it.

    Args:
        lists: All apply; a word says less where one list has it in several groups, not where
            several lists have it.
        known: The terms of the FAQ: a word of which it knows none would be looked for in vain, and
            stands in no other's place. None: all may.
    """
    return lru_cache(_MAX_REMEMBERED)(partial(_others, lists, known))


def alternatives(table: Table, tokens: Sequence[Token]) -> list[Alternative]:
    """Find what could stand in place of each stretch of a query."""
    found: list[Alternative] = []
    new = tuple.__new__
    for start, token in enumerate(tokens):
        terms: tuple[str, ...] = (token.term,)
        end = start + 1
        while (others := table(terms)) is not None:
            # As calling Alternative does, in half the time.
            found += [new(Alternative, (start, end, *other)) for other in others]
            # Little may lie between: a space, a hyphen, の, した.
            if end == len(tokens) or tokens[end].start - tokens[end - 1].end > _MAX_GAP:
                break
            terms = (*terms, tokens[end].term)
            end += 1
    return found


def _others(
    lists: Sequence[Stretches], known: Container[str] | None, terms: tuple[str, ...]
) -> Others | None:
    """Return the other words of a stretch's groups, and what each of a word's terms counts.

    The weight is divided by the root of the number of the word's terms, which say it together, and
    by that of the number of groups that the stretch belongs to: an ambiguous word says less.
    """
    found = [groups for each in lists if (groups := each.get(terms)) is not None]
    others: list[tuple[Word, float]] = []
    for groups in found:
        there = {terms, *(word.terms for word, _ in others)}
        others += [
            (word, WEIGHT / math.sqrt(len(word.terms) * len(groups)))
            for group in groups
            for word in group
            if word.terms not in there
            and (known is None or any(map(known.__contains__, word.terms)))
        ]
    return tuple(others) if found else None


def weigh(
    own: Mapping[str, float], importance: Sequence[float], alternatives: Iterable[Alternative]
) -> dict[str, float]:
    """Return what each term counts: as much as the member's own word, less for its synonyms.

    Args:
        own: What each of the member's own terms counts.
        importance: What each token counts.
        alternatives: Synonyms of stretches of them.
    """
    weights = dict(own)
    for alternative in alternatives:
        weight = alternative.weight * max(importance[alternative.start : alternative.end])
        for term in alternative.word.terms:
            if weight > weights.get(term, 0.0):
                weights[term] = weight
    return weights


def read(path: Path) -> list[Line]:
    """Read a list: one group a line, words separated by commas, ``#`` starts a comment.

    ``ペット > 犬, 猫`` says that either is a kind of ペット: who asks for 犬 finds ペット, not 猫.
    A comma may be half or full width; in a line without any, 「、」 is one, too.

    Sudachi's own synonym format is read too: lines of at least nine cells, the first one a group
    number, the third telling which words are never expanded, the ninth the word.

    Raises:
        SynonymError: The file can't be read, or a group has only one word.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SynonymError(
            Text("words.unreadable", path=str(path), reason=reason(error))
        ) from error
    groups: list[Line] = []
    numbered: dict[str, list[str]] = {}
    first_line: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        text = line.split("#", 1)[0].strip()
        cells = [cell.strip() for cell in text.split(",")]
        if len(cells) >= 9 and cells[0].isdigit() and len(cells[0]) == 6:
            if cells[2] != "2":
                numbered.setdefault(cells[0], []).append(cells[8])
                first_line.setdefault(cells[0], number)
        elif text:
            sides = [_words(side) for side in _KINDS.split(text)]
            made = list(product(*sides)) if sides[1:] else [sides[0]]
            if len(sides) > 2 or not made or len(made[0]) < 2:
                raise SynonymError(Text("words.one_word", place=f"{path}:{number}"))
            groups += [Line(number, group, len(sides) > 1) for group in made]
    groups += [
        Line(first_line[group], tuple(words)) for group, words in numbered.items() if words[1:]
    ]
    return groups


def _words(text: str) -> tuple[str, ...]:
    separator = "[,，]" if re.search("[,，]", text) else "、"
    return tuple(filter(None, map(str.strip, re.split(separator, text))))


def analyse(
    path: Path,
    analyzer: Analyzer,
    within: Collection[str] | None = None,
    remembered: dict[str, tuple[str, ...]] | None = None,
) -> Groups:
    """Read a list and analyse its words.

    Args:
        path: The list.
        analyzer: The chain that entries and queries go through.
        within: How the FAQ's terms are spelled, lower case: a group that can't occur in it is
            passed over unanalysed, since no entry could be found by it. None: all are analysed.
        remembered: Terms of words that were analysed earlier; extended here.

    Raises:
        SynonymError: A word has nothing searchable in it; says the line.
    """
    groups = []
    known = {} if remembered is None else remembered
    may_occur = _filter(within) if within is not None else None
    for number, words, kinds in read(path):
        if may_occur and not any(map(may_occur, words)):
            continue
        group: dict[tuple[str, ...], Word] = {}
        for at, word in enumerate(words):
            terms = known.get(word)
            if terms is None:
                terms = known[word] = tuple(analyzer.terms(word))
            if terms:
                group.setdefault(terms, Word(word, terms, kinds and at == 0))
            elif within is None and not analyzer.has_content(word):
                raise SynonymError(Text("words.nothing", place=f"{path}:{number}", word=word))
        if len(group) > 1:
            groups.append(tuple(group.values()))
    return tuple(groups)


def _filter(spellings: Collection[str]) -> Callable[[str], bool]:
    """Return whether a word begins and ends with known spellings.

    Cheap, and hardly ever wrong: only where the FAQ spells a word in another way throughout.
    """
    # Without the last kana, as 引き取る has another than its noun.
    spellings = {*spellings, *(spelling.rstrip(_KANA) for spelling in spellings)}
    first = {spelling[:1] for spelling in spellings}
    last = {spelling[-1:] for spelling in spellings}

    def may_occur(word: str) -> bool:
        word = word.lower()
        word = word.rstrip(_KANA) or word
        return (
            word[:1] in first
            and word[-1:] in last
            and any(word[:end] in spellings for end in range(len(word), 0, -1))
            and any(word[start:] in spellings for start in range(len(word)))
        )

    return may_occur
