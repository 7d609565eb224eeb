"""Slips of typing in a YAML file: found where they are, not where the parser stumbles over them.

A Japanese keyboard types ``：`` and a full-width blank where YAML wants ``:`` and a blank. The
parser takes them for text, and complains lines later, or not at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.content.columns import column_of
from bot.content.source import lines_of

_KEY = re.compile(
    r"(?P<before>[ \t\u3000]*(?:-[ \t\u3000]*)*)(?P<key>[^\s:：#\"'-][^:：]*?)\s*[:：]"
)
_BLOCK = re.compile(r"\s*[|>][-+0-9]*\s*(?:#.*)?")
_BLANKS = re.compile(r"[ \t\u3000]*")


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip.

    Attributes:
        line: Where it is, from 1.
        key: Of what is said about it.
        values: What fills that in.
        in_colon: Whether it is in the colon behind a key.
    """

    line: int
    key: str
    values: dict[str, object]
    in_colon: bool = False


def slips(text: str) -> Iterator[Slip]:
    """Yield the slips of a file; in one that can be read, all but colons may be meant so."""
    block = False  # whether the lines are the text of a "key: |-"
    key = ""
    margin = -1  # the column where the key began
    told = False  # of a text that isn't indented, one line is enough
    for number, line in enumerate(lines_of(text), start=1):
        blanks = _BLANKS.match(line)
        indent = blanks[0] if blanks else ""
        rest = line[len(indent) :]
        width = len(line) - len(line.lstrip(" "))
        if not rest or rest.startswith("#") or (block and width > margin):
            continue
        found = _KEY.match(line)
        known = found if found and _is_known(found["key"]) else None
        if known:
            slip = _of_key(line, number, known)
            key, told = known["key"], False
            margin = len(known["before"])
            block = _BLOCK.fullmatch(line, known.end()) is not None
        elif (strange := _strange(indent)) >= 0:
            slip = _of_blank(line, number, strange)
        elif key and width <= margin and (block or not _is_item(rest)) and not told:
            values: dict[str, object] = {"character": width + 1, "found": rest[:1], "key": key}
            slip = Slip(number, "yaml.not_indented", values)
            told = True
        else:
            slip = None
        if slip:
            yield slip


def _of_key(line: str, number: int, found: re.Match[str]) -> Slip | None:
    """Return what is wrong around a key's colon, or before the key."""
    strange = _strange(found["before"])
    if strange >= 0:
        return _of_blank(line, number, strange)
    before = found["before"]
    if before.endswith("-"):
        return Slip(number, "yaml.no_blank_dash", {"character": len(before), "key": found["key"]})
    values: dict[str, object] = {"character": found.end(), "key": found["key"]}
    behind = line[found.end() : found.end() + 1]
    if line[found.end() - 1] == "：":
        return Slip(number, "yaml.wide_colon", values, in_colon=True)
    if behind == "\u3000":
        return Slip(
            number, "yaml.wide_blank", values | {"character": found.end() + 1}, in_colon=True
        )
    return Slip(number, "yaml.no_blank", values, in_colon=True) if behind.strip() else None


def _of_blank(line: str, number: int, at: int) -> Slip:
    text = "yaml.tab" if line[at] == "\t" else "yaml.wide_blank"
    return Slip(number, text, {"character": at + 1})


def _strange(blanks: str) -> int:
    """Return where a tab or a full-width blank is; -1 where none is."""
    return min((at for at in map(blanks.find, "\t\u3000") if at >= 0), default=-1)


def _is_known(key: str) -> bool:
    return key in {"entries"} or column_of(key) is not None


def _is_item(rest: str) -> bool:
    return rest.startswith(("- ", "---", "...")) or rest == "-"
