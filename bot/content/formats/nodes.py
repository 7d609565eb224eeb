"""YAML as nodes: strings only, no tags, no aliases, no second document, no deep nesting.

Reading works on the parser's events: nothing is built that a hostile file could blow up, and each
value's line is known.

Slips of typing are found where they are, not where the parser stumbles over them: a Japanese
keyboard types ``：`` and a full-width blank where YAML wants ``:`` and a blank. The parser takes
them for text, and complains lines later, or not at all.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import yaml

from bot.content.columns import LISTS, column_of
from bot.content.problems import ContentError, Where, parser_says
from bot.content.source import lines_of

try:
    from yaml import CBaseLoader as _Loader
except ImportError:  # PyYAML built without libyaml: slower, the same events
    from yaml import BaseLoader as _Loader  # type: ignore[assignment]

DEEPEST = 20
_KEY = re.compile(
    r"(?P<before>[ \t\u3000\xa0]*(?:-[ \t\u3000\xa0]*)*)(?P<key>[^\s:：#\"'-][^:：]*?)\s*[:：]"
)
_BLANKS = re.compile(r"[ \t\u3000\xa0]*")
# With these no text can begin: they mean something else to YAML.
_MARK_FIRST = re.compile(
    r"\s+(?P<mark>[*&!%@`](?=\S)|[?-]\s|[|>](?![-+0-9]*\s*(?:\#.*)?\Z)"
    r"|\"(?=[^\"]*\"\s*[^\s\#])|'(?=[^']*'\s*[^\s\#'])|\[(?=[^]]*\]\s*[^\s\#])|\{(?=[^}]*\}\s*[^\s\#]))"
)
_BLOCK = re.compile(r"\s*[|>][-+0-9]*\s*(?:#.*)?")
_WIDE_BLOCK = re.compile(r"[ \u3000]*(?P<mark>[|｜>＞][-+－ー＋]?)\s*")
_WIDE_DASH = re.compile(r"[－ー―−–—‐]\s*")
_COLON_INSIDE = re.compile(r"\s+[^\s\"'\[{|>&*!#].*?:(?=\s)")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class List:
    """Some nodes in order."""

    line: int
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Map:
    """Keys and their nodes, doubled ones too."""

    line: int
    pairs: "tuple[tuple[Scalar, Node], ...]"


Node = Scalar | List | Map


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


def parse(name: str, text: str) -> Node:
    """Return the one document of a file as nodes; each knows its line.

    Raises:
        ContentError: It is no YAML, or has something in it that is refused.
    """
    continued: set[int] = set()
    try:
        events = _events(name, text, continued)
        first = next(events, None)
        if first is None:
            raise ContentError.at(Where(name), "yaml.empty")
        top = _node(name, first, events)
        for _ in events:
            pass  # a second document is refused here
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        unreadable = yaml.reader.Reader.NON_PRINTABLE.search(text)
        row = lines_of(text[: unreadable.start()]) if unreadable and not mark else ()
        if mark:
            refuse_slips(name, list(slips(text, mark.line + 1)))
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        begun = getattr(error, "context_mark", None)
        if begun and "quoted" in str(getattr(error, "context", "")) and "unexpected" in problem:
            raise ContentError.at(Where(name, row=begun.line + 1), "yaml.open_quote") from None
        raise ContentError.at(
            Where(name, row=mark.line + 1 if mark else len(row)),
            "yaml.invalid",
            reason=parser_says(problem),
        ) from None
    if continued:
        around = continued | {line - 1 for line in continued}
        meant = [slip for slip in slips(text) if slip.sure and slip.line in around]
        refuse_slips(name, meant)
    return top


def refuse_slips(name: str, found: Sequence[Slip]) -> None:
    """Raise what is said of slips, if there are any.

    Raises:
        ContentError: There is at least one.
    """
    if found:
        raise ContentError([Where(name, row=s.line).text(s.key, s.values) for s in found])


def _events(name: str, text: str, continued: set[int]) -> Iterator[yaml.Event]:
    """Yield the events that make nodes, and gather the lines that a plain text goes on in."""
    depth = 0
    documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        match event:
            case yaml.ScalarEvent(style=style, start_mark=start, end_mark=end):
                if not style and start and end and end.line > start.line:
                    continued.update(range(start.line + 2, end.line + 2))
            case yaml.CollectionEndEvent():
                depth -= 1
                yield event
                continue
            case yaml.CollectionStartEvent():
                depth += 1
                if depth > DEEPEST:
                    _refuse(name, event, "yaml.deep", limit=DEEPEST)
            case yaml.AliasEvent():
                _refuse(name, event, "yaml.alias", name=event.anchor)
            case yaml.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    _refuse(name, event, "yaml.second_document")
                continue
            case _:
                continue
        if event.anchor:
            _refuse(name, event, "yaml.anchor", name=event.anchor)
        if event.tag:
            _refuse(name, event, "yaml.tag", tag=event.tag)
        yield event


def _refuse(file: str, event: yaml.Event, key: str, /, **values: object) -> NoReturn:
    raise ContentError.at(Where(file, row=_line(event)), key, **values)


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return mark.line + 1 if mark else 0


def _node(name: str, event: yaml.Event, events: Iterator[yaml.Event]) -> Node:
    """Build one node; it recurses at most ``DEEPEST`` times."""
    line = _line(event)
    if isinstance(event, yaml.ScalarEvent):
        text: str = event.value
        return Scalar(line, text)
    children = []
    for child in events:
        if isinstance(child, yaml.CollectionEndEvent):
            break
        children.append(_node(name, child, events))
    if isinstance(event, yaml.SequenceStartEvent):
        return List(line, tuple(children))
    keys = []
    for key in children[::2]:
        if not isinstance(key, Scalar):
            raise ContentError.at(Where(name, row=key.line), "yaml.bad_key")
        keys.append(key)
    return Map(line, tuple(zip(keys, children[1::2], strict=True)))


def slips(text: str, last: int | None = None) -> Iterator[Slip]:
    """Yield the slips of a file, in order; up to its last line, or to one before."""
    above = _Above()
    for number, line in enumerate(lines_of(text)[:last], start=1):
        slip = above.slip(line, number)
        if slip:
            yield slip


@dataclass(slots=True)
class _Above:
    """What stands above a line and decides what the line may be; a column of -1 is none.

    Attributes:
        key: The last key.
        margin: The column where it begins.
        entry: The column where the keys of an entry begin.
        block: Whether the text of a ``key: |-`` goes on.
        indent: Of the text's first line.
        told: One line is enough for a text that isn't indented.
    """

    key: str = ""
    margin: int = -1
    entry: int = -1
    block: bool = False
    indent: int = -1
    told: bool = False

    def slip(self, line: str, number: int) -> Slip | None:
        """Return what is wrong with the next line."""
        blanks = _BLANKS.match(line)
        indent = blanks[0] if blanks else ""
        rest = line[len(indent) :]
        width = len(line) - len(line.lstrip(" "))
        if not rest or rest.startswith("#"):
            return None
        if self.block and width > self.margin:
            return self._in_block(number, width, rest)
        found = _KEY.match(line)
        if found and _is_key(found):
            return self._of_key(line, number, found)
        strange = _strange(indent)
        if strange >= 0:
            return _of_blank(line, number, strange)
        values: dict[str, object] = {"character": width + 1, "found": rest[:1], "key": self.key}
        wide = _WIDE_DASH.match(rest)
        if rest[0] == "＃" or (wide and _is_key(_KEY.match(rest, wide.end()))):
            mark = "#" if rest[0] == "＃" else "- "
            values = {"character": len(indent) + 1, "found": rest[0], "mark": mark}
            return Slip(number, "yaml.wide_mark", values, sure=True)
        if column_of(self.key) in LISTS and re.match(r"-[^\s-]", rest):
            return Slip(number, "yaml.no_blank_dash", {"character": width + 1})
        is_item = rest.startswith(("- ", "---", "...")) or rest == "-"
        if self.key and width <= self.margin and (self.block or not is_item) and not self.told:
            self.told = True
            return Slip(number, "yaml.not_indented", values, sure=self.block)
        return None

    def _in_block(self, number: int, width: int, rest: str) -> Slip | None:
        if self.indent < 0:
            self.indent = width
        if width >= self.indent:
            return None
        return Slip(number, "yaml.less_indented", {"character": width + 1, "found": rest[:1]})

    def _of_key(self, line: str, number: int, found: re.Match[str]) -> Slip | None:
        """Return what is wrong around a key's colon or before the key, and go on below it."""
        before, key, colon = found["before"], found["key"], found.end() - 1
        expected = self.entry
        # A full-width blank looks as wide as the two that are meant.
        margin = len(before) + before.count("\u3000")
        self.key, self.margin, self.told = key, margin, False
        self.block = _BLOCK.fullmatch(line, colon + 1) is not None
        self.indent = -1
        if "-" in before or not before:
            self.entry = len(before) if before else -1
        strange = _strange(before)
        if strange >= 0:
            return replace(_of_blank(line, number, strange), sure=True)
        if before.endswith("-"):
            self.entry = -1  # where the keys below belong is anybody's guess
            return Slip(number, "yaml.no_blank_dash", {"character": len(before)})
        values: dict[str, object] = {"character": colon + 1, "key": key}
        behind = line[colon + 1 : colon + 2]
        if line[colon] == "：":
            return Slip(number, "yaml.wide_colon", values, sure=True)
        if behind in {"\u3000", "\xa0"}:
            return replace(_of_blank(line, number, colon + 1), sure=True)
        if behind.strip():
            return Slip(number, "yaml.no_blank", values, sure=True)
        block = _WIDE_BLOCK.fullmatch(line, colon + 1)
        if block and not self.block:
            values = {"character": block.start("mark") + 1, "found": block["mark"], "mark": "|-"}
            return Slip(number, "yaml.wide_mark", values, sure=True)
        if before and "-" not in before and expected not in (-1, len(before)):
            return Slip(number, "yaml.misaligned", {"key": key, "expected": expected})
        if first := _MARK_FIRST.match(line, colon + 1):
            values |= {"character": first.start("mark") + 1, "found": first["mark"].strip()}
            return Slip(number, "yaml.mark_first", values)
        inside = _COLON_INSIDE.match(line, colon + 1)
        if inside:
            return Slip(number, "yaml.colon_inside", {"character": inside.end(), "key": key})
        return None


def _is_key(found: re.Match[str] | None) -> bool:
    return found is not None and (
        found["key"] in ("entries", "order") or column_of(found["key"]) is not None
    )


def _of_blank(line: str, number: int, at: int) -> Slip:
    key = {"\t": "yaml.tab", "\xa0": "yaml.hard_blank"}.get(line[at], "yaml.wide_blank")
    return Slip(number, key, {"character": at + 1})


def _strange(blanks: str) -> int:
    """Return where a tab, or a blank that isn't YAML's, is; -1 where none is."""
    return min((at for at in map(blanks.find, "\t\u3000\xa0") if at >= 0), default=-1)
