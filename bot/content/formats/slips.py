"""Slips of typing in a YAML file: found where they are, not where the parser stumbles over them.

A Japanese keyboard types ``：`` and a full-width blank where YAML wants ``:`` and a blank. The
parser takes them for text, and complains lines later, or not at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.content.columns import LISTS, column_of
from bot.content.encoding import lines_of

_KEY = re.compile(
    r"(?P<before>[ \t\u3000]*(?:-[ \t\u3000]*)*)(?P<key>[^\s:：#\"'-][^:：]*?)\s*[:：]"
)
_BLANKS = re.compile(r"[ \t\u3000]*")
_BLOCK = re.compile(r"\s*[|>][-+0-9]*\s*(?:#.*)?")
_WIDE_BLOCK = re.compile(r"[ \u3000]*(?P<mark>[|｜>＞][-+－ー＋]?)\s*")
_WIDE_DASH = re.compile(r"[－ー―−–—‐]\s*")
_COLON_INSIDE = re.compile(r"\s+[^\s\"'\[{|>&*!#].*?:(?=\s)")


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip.

    Attributes:
        line: Where it is, from 1.
        key: Of what is said about it.
        values: What fills that in.
        sure: Whether it is one also in a file that the parser takes.
    """

    line: int
    key: str
    values: dict[str, object]
    sure: bool = False


def slips(text: str, last: int | None = None) -> Iterator[Slip]:
    """Yield the slips of a file, in order; up to its last line, or to one before."""
    above = _Above()
    for number, line in enumerate(lines_of(text)[:last], start=1):
        slip = above.slip(line, number)
        if slip:
            yield slip


class _Above:
    """What stands above a line and decides what the line may be."""

    def __init__(self) -> None:
        self._key = ""
        self._margin = -1  # the column where the key begins
        self._entry = -1  # the column where the keys of an entry begin
        self._block = False  # whether the text of a "key: |-" goes on
        self._indent = -1  # of the text's first line
        self._told = False  # one line is enough for a text that isn't indented

    def slip(self, line: str, number: int) -> Slip | None:
        """Return what is wrong with the next line."""
        blanks = _BLANKS.match(line)
        indent = blanks[0] if blanks else ""
        rest = line[len(indent) :]
        width = len(line) - len(line.lstrip(" "))
        if not rest or rest.startswith("#"):
            return None
        if self._block and width > self._margin:
            return self._in_block(number, width, rest)
        found = _KEY.match(line)
        if found and _is_key(found):
            return self._of_key(line, number, found)
        strange = _strange(indent)
        if strange >= 0:
            return _of_blank(line, number, strange)
        values: dict[str, object] = {"character": width + 1, "found": rest[:1], "key": self._key}
        wide = _WIDE_DASH.match(rest)
        if rest[0] == "＃" or (wide and _is_key(_KEY.match(rest, wide.end()))):
            mark = "#" if rest[0] == "＃" else "- "
            values = {"character": len(indent) + 1, "found": rest[0], "mark": mark}
            return Slip(number, "yaml.wide_mark", values, sure=True)
        if column_of(self._key) in LISTS and re.match(r"-[^\s-]", rest):
            return Slip(number, "yaml.no_blank_dash", {"character": width + 1})
        is_item = rest.startswith(("- ", "---", "...")) or rest == "-"
        if self._key and width <= self._margin and (self._block or not is_item) and not self._told:
            self._told = True
            return Slip(number, "yaml.not_indented", values, sure=self._block)
        return None

    def _in_block(self, number: int, width: int, rest: str) -> Slip | None:
        if self._indent < 0:
            self._indent = width
        if width >= self._indent:
            return None
        return Slip(number, "yaml.less_indented", {"character": width + 1, "found": rest[:1]})

    def _of_key(self, line: str, number: int, found: re.Match[str]) -> Slip | None:
        """Return what is wrong around a key's colon or before the key, and go on below it."""
        before, key, colon = found["before"], found["key"], found.end() - 1
        expected = self._entry
        # A full-width blank looks as wide as the two that are meant.
        margin = len(before) + before.count("\u3000")
        self._key, self._margin, self._told = key, margin, False
        self._block = _BLOCK.fullmatch(line, colon + 1) is not None
        self._indent = -1
        if "-" in before or not before:
            self._entry = len(before) if before else -1
        strange = _strange(before)
        if strange >= 0:
            return replace(_of_blank(line, number, strange), sure=True)
        if before.endswith("-"):
            self._entry = -1  # where the keys below belong is anybody's guess
            return Slip(number, "yaml.no_blank_dash", {"character": len(before)})
        values: dict[str, object] = {"character": colon + 1, "key": key}
        behind = line[colon + 1 : colon + 2]
        if line[colon] == "：":
            return Slip(number, "yaml.wide_colon", values, sure=True)
        if behind == "\u3000":
            return Slip(number, "yaml.wide_blank", {"character": colon + 2}, sure=True)
        if behind.strip():
            return Slip(number, "yaml.no_blank", values, sure=True)
        block = _WIDE_BLOCK.fullmatch(line, colon + 1)
        if block and not self._block:
            values = {"character": block.start("mark") + 1, "found": block["mark"], "mark": "|-"}
            return Slip(number, "yaml.wide_mark", values, sure=True)
        if before and "-" not in before and expected not in (-1, len(before)):
            return Slip(number, "yaml.misaligned", {"key": key, "expected": expected})
        inside = _COLON_INSIDE.match(line, colon + 1)
        if inside:
            return Slip(number, "yaml.colon_inside", {"character": inside.end(), "key": key})
        return None


def _is_key(found: re.Match[str] | None) -> bool:
    return found is not None and (
        found["key"] in ("entries", "order") or column_of(found["key"]) is not None
    )


def _of_blank(line: str, number: int, at: int) -> Slip:
    key = "yaml.tab" if line[at] == "\t" else "yaml.wide_blank"
    return Slip(number, key, {"character": at + 1})


def _strange(blanks: str) -> int:
    """Return where a tab or a full-width blank is; -1 where none is."""
    return min((at for at in map(blanks.find, "\t\u3000") if at >= 0), default=-1)
