"""The questions that nothing answered, as the organisers' list of what to do."""

import itertools
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bot.domain.ask import Candidate
from bot.domain.keys import question_key
from bot.evaluation.usage import UNANSWERED, Fate, fate
from bot.search.analysis import Analyzer
from bot.store import Asked

NEAR = 0.35
"""An entry of less confidence is about something else."""

VERY_NEAR = 0.86
"""Cosine from which on two wordings mean the same: 締切 and 提出期限 of one thing, but not whether
there is a party and when it is (.83).
"""

SHORTEST = 5
"""Characters of a line's code: the end of an id, which is random."""

Gather = Callable[[Sequence[str]], Sequence[Hashable]]
"""Labels wordings: those with the same label ask the same."""

_MENTION = re.compile(r"<[@#][!&]?\w+(?:\|[^>]*)?>")
_TELLING = ("代名詞", "連体詞", "副詞")


@dataclass(frozen=True, slots=True)
class Line:
    """A question to do something about, in all its wordings, however often it was asked.

    Attributes:
        every: Each time it was asked, the last first.
        length: How many characters of the ids tell them all apart.
    """

    every: tuple[Asked, ...] = field(repr=False)
    length: int

    @property
    def code(self) -> str:
        """Names the line as it stands: asked again, it has another one."""
        return self.last.id[-self.length :]

    @property
    def times(self) -> int:
        """How often it was asked since the organisers had done with it."""
        return sum(not one.handled for one in self.every)

    @property
    def done(self) -> int:
        """How often it was asked before."""
        return len(self.every) - self.times

    @property
    def current(self) -> tuple[Asked, ...]:
        """The times that it is about: those not done with, or else all."""
        return tuple(one for one in self.every if not one.handled) or self.every

    @property
    def last(self) -> Asked:
        """The last time."""
        return self.current[0]

    @property
    def wordings(self) -> tuple[str, ...]:
        """How it was asked, the last first; empty where the words aren't kept any more."""
        different: dict[str, str] = {}
        for text in filter(None, map(_words, self.current)):
            different.setdefault(question_key(text), text)
        return tuple(different.values())

    @property
    def platforms(self) -> tuple[str, ...]:
        """Where it was asked."""
        return tuple(sorted({one.platform for one in self.current}))

    @property
    def fates(self) -> tuple[Fate, ...]:
        """What became of it, the last first."""
        return tuple(dict.fromkeys(map(fate, self.current)))

    @property
    def nearest(self) -> Candidate | None:
        """The entry that was shown as its answer, or else the best one, if it is near."""
        return next((near for one in self.current if (near := _nearest(one))), None)

    @property
    def escalated(self) -> bool:
        """Whether it is open before the lecturers."""
        return any(one.escalated for one in self.current)


def unanswered(asked: Iterable[Asked], gather: Gather) -> tuple[Line, ...]:
    """Return what wasn't answered, each question once: the most asked first, then what is done.

    Those without words are taken together by their nearest entry: it may lack a variant.

    Args:
        asked: What was asked.
        gather: Says which wordings ask the same.
    """
    open_ = sorted((one for one in asked if fate(one) in UNANSWERED), key=lambda one: -one.at)
    wordings = tuple(dict.fromkeys(text for one in open_ if (text := _words(one))))
    labels = dict(zip(wordings, gather(wordings), strict=True))
    same: dict[Hashable, list[Asked]] = {}
    for one in open_:
        near = _nearest(one)
        words = _words(one)
        label = ("words", labels[words]) if words else ("near", near.entry if near else None)
        same.setdefault(label, []).append(one)
    ids = {one.id for one in open_}
    length = next(
        n for n in itertools.count(SHORTEST) if len({id_[-n:] for id_ in ids}) == len(ids)
    )
    lines = (Line(tuple(every), length) for every in same.values())
    return tuple(sorted(lines, key=lambda line: (-line.times, -line.last.at)))


def named(lines: Iterable[Line], code: str) -> tuple[Line, tuple[Asked, ...]] | None:
    """Find what a code named when it was shown, also where the question was asked again since.

    Args:
        lines: All that isn't answered.
        code: The code of a line.

    Returns:
        The line as it is now, and the times that were on it; None where the code names no line, or
        more than one.
    """
    found = [(line, one) for line in lines for one in line.every if one.id.endswith(code)]
    if len(found) != 1 or len(code) < min(SHORTEST, len(found[0][1].id)):
        return None
    ((line, last),) = found
    return line, tuple(one for one in line.every if one.at <= last.at)


def by_tokens(analyzer: Analyzer) -> Gather:
    """Take wordings together that have the same content words, whatever is around them.

    Words that only point or ask count too: where and when something is published are two questions.
    """

    def label(wording: str) -> Hashable:
        query, morphemes = analyzer.query(wording)
        terms = {token.term for token in query.tokens}
        terms |= {each.normal for each in morphemes if each.pos[0] in _TELLING}
        return frozenset(terms) or question_key(wording)

    return lambda wordings: tuple(map(label, wordings))


def by_meaning(gather: Gather, encode: Callable[[str], NDArray[np.float32]]) -> Gather:
    """Take wordings together that another way of gathering does, or that mean nearly the same.

    Args:
        gather: That other way.
        encode: Returns a text's vector, of length 1.
    """

    def labels(wordings: Sequence[str]) -> Sequence[Hashable]:
        of: dict[Hashable, Hashable] = {}
        seen: list[tuple[NDArray[np.float32], Hashable]] = []
        found = gather(wordings)
        for wording, label in zip(wordings, found, strict=True):
            if label not in of:
                vector = encode(wording)
                near = ((float(vector @ other), known) for other, known in seen)
                cosine, known = max(near, key=lambda pair: pair[0], default=(0.0, label))
                of[label] = known if cosine >= VERY_NEAR else label
                seen.append((vector, of[label]))
        return tuple(of[label] for label in found)

    return labels


def _words(one: Asked) -> str:
    """Return the words without mentions: what was typed into a form passes no adapter's gate."""
    return _MENTION.sub(" ", one.text or "").strip()


def _nearest(one: Asked) -> Candidate | None:
    shown = (each for each in one.candidates if each.entry == one.shown)
    best = (each for each in one.candidates[:1] if each.confidence >= NEAR)
    return next(shown, next(best, None))
