"""The questions that nothing answered, as the organisers' list of what to do."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.store.asks import Candidate, Outcome
from bot.store.figures import Asked

_MENTION = re.compile(r"<[@#][!&]?\w+(?:\|[^>]*)?>")
_IGNORED = re.compile(r"\s|[?!。.…~〜、,]+$")


class Fate(StrEnum):
    """What became of a question. The values are printed: never rename one."""

    DECLINED = "declined"
    NONE_TAKEN = "no candidate taken"
    WRONG = "voted wrong"
    ESCALATED = "for the lecturers"


@dataclass(frozen=True, slots=True)
class Open:
    """A question to do something about, however often it was asked.

    Attributes:
        question: The words of the last one who asked; None where they aren't kept any more.
        at: When it was asked last, in seconds since 1970.
        times: How often it was asked.
        platforms: Where.
        fates: What became of it, the last first.
        nearest: The entry that was shown as its answer, or else was nearest.
        escalated: It is open before the lecturers.
    """

    question: str | None = field(repr=False)
    at: float
    times: int
    platforms: tuple[str, ...]
    fates: tuple[Fate, ...]
    nearest: Candidate | None
    escalated: bool


def unanswered(asked: Iterable[Asked]) -> tuple[Open, ...]:
    """Return what wasn't answered, newest first, each question once.

    Two are the same where their words differ in width, case, spaces and closing marks only.
    Those without words are taken together by their nearest entry: it may lack a variant.
    """
    same: dict[tuple[str, ...], list[tuple[Asked, Fate]]] = {}
    for one in sorted(asked, key=lambda one: -one.at):
        fate = _fate(one)
        if fate is not None:
            same.setdefault(_key(one), []).append((one, fate))
    return tuple(map(_together, same.values()))


def _fate(one: Asked) -> Fate | None:
    """Name what became of a question; None where it was answered, or there was nothing to ask."""
    if one.doubted:
        return Fate.WRONG
    if one.outcome is Outcome.DECLINE:
        return Fate.DECLINED
    if one.outcome is Outcome.SUGGESTIONS and one.shown is None:
        return Fate.NONE_TAKEN
    return Fate.ESCALATED if one.escalated else None


def _together(same: Sequence[tuple[Asked, Fate]]) -> Open:
    last = same[0][0]
    return Open(
        question=None if last.text is None else _MENTION.sub(" ", last.text).strip(),
        at=last.at,
        times=len(same),
        platforms=tuple(sorted({one.platform for one, _ in same})),
        fates=tuple(dict.fromkeys(fate for _, fate in same)),
        nearest=next((near for one, _ in same if (near := _nearest(one))), None),
        escalated=any(one.escalated for one, _ in same),
    )


def _key(one: Asked) -> tuple[str, ...]:
    if one.text is None:
        near = _nearest(one)
        return ("", near.entry if near else "")
    words = unicodedata.normalize("NFKC", _MENTION.sub(" ", one.text)).casefold().strip()
    return (_IGNORED.sub("", words),)


def _nearest(one: Asked) -> Candidate | None:
    shown = (each for each in one.candidates if each.entry == one.shown)
    return next(shown, one.candidates[0] if one.candidates else None)
