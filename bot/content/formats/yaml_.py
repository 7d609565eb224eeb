"""YAML, strings only: no tags, no aliases, no doubled keys, no deep nesting.

Reading works on the parser's events: nothing is built that a hostile file could blow up, and each
value's line is known. Question and answer are written as blocks, readable in a git diff.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import yaml

from bot.content.columns import (
    COLUMNS,
    LEFT_OUT,
    LISTS,
    NO_REMARKS,
    REQUIRED,
    Remarks,
    Row,
    refuse_unknown,
    stated,
    titled,
)
from bot.content.formats.slips import Slip, slips
from bot.content.gate import MOST_ENTRIES
from bot.content.problems import ContentError, Where, parser_says
from bot.content.source import Opened
from bot.domain.entry import Entry

try:
    from yaml import CBaseLoader as _Loader
except ImportError:  # PyYAML built without libyaml: slower, the same events
    from yaml import BaseLoader as _Loader  # type: ignore[assignment]

DEEPEST = 20
_DEFAULTS = ("talk", "lecturer")
_ORDER = re.compile(r"\d{1,6}")
_EMPTY_TEXTS = {column: "" for column in COLUMNS if column not in LISTS and column != "lecturer"}
_EMPTY_LISTS: dict[str, tuple[str, ...]] = dict.fromkeys(sorted(LISTS), ())


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


def read(file: Opened) -> tuple[Row, ...]:
    """Return the rows under ``entries``; ``talk`` and ``lecturer`` above hold for each.

    ``order`` above says where the file's talks come among those of other files. A key that an
    entry doesn't have says that there is none: YAML files are whole.
    """
    reader = _File(file)
    rows = reader.rows(parse(file.source.name, file.text))
    if file.findings.problems:
        # Where more is wrong than is shown, what is below can wait.
        last = reader.last_shown if file.findings.full else None
        _refuse_slips(file.source.name, [slip for slip in slips(file.text, last) if slip.sure])
    return rows


class _File:
    """Turns one file's nodes into rows."""

    def __init__(self, file: Opened) -> None:
        self._file = file
        self._headers = file.headers
        self.last_shown = 0  # line of the last problem that is shown

    def rows(self, top: Node) -> tuple[Row, ...]:
        defaults: dict[str, str] = {}
        entries: tuple[Node, ...] = ()
        for key, node in self._pairs(top, "yaml.no_mapping_file"):
            column = self._headers.column_of(key.text)
            if key.text == "entries" and isinstance(node, List):
                entries = node.items
            elif key.text == "entries":
                self._problem(node, "yaml.no_entries")
            elif column == LEFT_OUT:
                continue
            elif key.text == "order":
                self._file.findings.order = self._order(node)
            elif column in _DEFAULTS:
                defaults[column] = self._text(column, node)
            else:
                self._problem(key, "yaml.unknown_top", key=key.text[:60])
        entries = entries[: MOST_ENTRIES + 1]  # the gate refuses more
        rows = [self._row(node, defaults) for node in entries]
        return tuple(row for row, node in zip(rows, entries, strict=True) if isinstance(node, Map))

    def _order(self, node: Node) -> int | None:
        text = node.text.strip() if isinstance(node, Scalar) else "-"
        if _ORDER.fullmatch(text):
            return int(text)
        if text:
            self._problem(node, "yaml.no_number", key="order")
        return None

    def _row(self, node: Node, defaults: dict[str, str]) -> Row:
        texts = _EMPTY_TEXTS | defaults
        lists = dict(_EMPTY_LISTS)
        for key, value in self._pairs(node, "yaml.no_mapping_entry"):
            column = self._headers.column_of(key.text)
            if column == LEFT_OUT:
                continue
            if column is None:
                where = self._file.at(key.line)
                self.last_shown = self.last_shown if self._file.findings.full else key.line
                refuse_unknown(self._file.findings, where, "table.unknown_key", key.text)
            elif column in LISTS:
                lists[column] = self._texts(column, value)
            else:
                texts[column] = self._text(column, value)
        return Row(self._file.at(node.line), texts, lists)

    def _pairs(self, node: Node, otherwise: str) -> Iterator[tuple[Scalar, Node]]:
        """Yield a mapping's pairs; a doubled key and anything but a mapping is a problem."""
        if not isinstance(node, Map):
            self._problem(node, otherwise)
            return
        seen: set[str] = set()
        for key, value in node.pairs:
            column = self._headers.column_of(key.text)
            name = column or key.text
            if name in seen:
                shown = titled(column) if column else name[:60]
                self._problem(key, "table.two_values", column=shown)
            seen.add(name)
            yield key, value

    def _text(self, column: str, node: Node) -> str:
        if isinstance(node, Scalar):
            return node.text
        self._problem(node, "yaml.no_text", column=titled(column), key=column)
        return ""

    def _texts(self, column: str, node: Node) -> tuple[str, ...]:
        if isinstance(node, List):
            return tuple(self._text(column, item) for item in node.items)
        if isinstance(node, Scalar) and not node.text.strip():
            return ()
        self._problem(node, "yaml.no_list", column=titled(column))
        return ()

    def _problem(self, node: Node, key: str, /, **values: object) -> None:
        self.last_shown = self.last_shown if self._file.findings.full else node.line
        self._file.findings.problem(self._file.at(node.line), key, **values)


def parse(name: str, text: str) -> Node:
    """Return the one document of a file as nodes; each knows its line.

    Raises:
        ContentError: It is no YAML, or has something in it that is refused.
    """
    continued: set[int] = set()
    try:
        top = _document(name, _events(name, text, continued))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if mark:
            _refuse_slips(name, list(slips(text, mark.line + 1)))
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        begun = getattr(error, "context_mark", None)
        if begun and "quoted" in str(getattr(error, "context", "")):
            raise ContentError.at(Where(name, row=begun.line + 1), "yaml.open_quote") from None
        raise ContentError.at(
            Where(name, row=mark.line + 1 if mark else 0),
            "yaml.invalid",
            reason=parser_says(problem),
        ) from None
    if continued:
        around = continued | {line - 1 for line in continued}
        meant = [slip for slip in slips(text) if slip.sure and slip.line in around]
        _refuse_slips(name, meant)
    return top


def _refuse_slips(name: str, found: Sequence[Slip]) -> None:
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


def _document(name: str, events: Iterator[yaml.Event]) -> Node:
    first = next(events, None)
    if first is None:
        raise ContentError.at(Where(name), "yaml.empty")
    node = _node(name, first, events)
    for _ in events:
        pass  # a second document is refused here
    return node


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


class _Dumper(yaml.SafeDumper):
    """Writes blocks as blocks, and never an alias."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


class _Block(str):
    """A text to be written as a literal block."""

    __slots__ = ()


_Dumper.add_representer(
    _Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
)


def write(
    entries: Sequence[Entry], remarks: Remarks = NO_REMARKS, order: int | None = None
) -> bytes:
    """Return one YAML file; talk and lecturer stand at the top where all entries share them.

    Args:
        entries: What it is to hold.
        remarks: What is to stand behind variants.
        order: Where its talks come among those of other files; None: it says nothing of that.
    """
    top: dict[str, str] = {}
    for column in _DEFAULTS:
        shared = {getattr(entry, column) for entry in entries}
        if len(shared) == 1 and shared != {""}:
            top[column] = shared.pop()
    head = (f"order: {order}\n" if order is not None else "") + (_dump(top) if top else "")
    items = "\n".join(
        "".join(f"{line}\n" for line in item(entry, top, remarks)) for entry in entries
    )
    body = f"entries:\n{items}" if items else "entries: []\n"
    return f"{head}{body}".encode()


def item(entry: Entry, top: Mapping[str, str], remarks: Remarks) -> list[str]:
    """Return the lines of one entry below ``entries``.

    Args:
        entry: The entry.
        top: What the file says of all its entries.
        remarks: What is to stand behind variants.
    """
    lines: list[str] = []
    for column, value in stated(entry).items():
        if value != top.get(column, "" if isinstance(value, str) else ()):
            lines += pair(column, value, entry.id, remarks)
    return [f"- {lines[0]}", *(f"  {line}" if line else "" for line in lines[1:])]


def pair(
    column: str, value: str | tuple[str, ...], of: str, remarks: Remarks = NO_REMARKS
) -> list[str]:
    """Return the lines of one column: a text, or a list with remarks behind its values."""
    if isinstance(value, str):
        return _lines({column: _Block(value) if column in REQUIRED else value})
    return [f"{column}:", *(f"  {one(each, remarks.get((of, each), ''))}" for each in value)]


def one(value: str, remark: str) -> str:
    """Return the line of one value of a list, and the remark as a comment behind it."""
    (line,) = _lines([value])
    return f"{line}  # {remark}" if remark else line


def _lines(value: object) -> list[str]:
    return _dump(value).removesuffix("\n").split("\n")


def _dump(value: object) -> str:
    return yaml.dump(
        value,
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=1_000_000,
    )
