"""Reader of YAML: strings only, no tags, no aliases, no doubled keys, no deep nesting.

It works on the parser's events: nothing is built that a hostile file could blow up, and each
value's line is known.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from bot.content.columns import COLUMNS, LISTS, Row, column_of, remedy_unknown
from bot.content.errors import ContentError, Findings, Where
from bot.content.source import Source

try:
    from yaml import CBaseLoader as _Loader
except ImportError:  # PyYAML built without libyaml: slower, the same events
    from yaml import BaseLoader as _Loader  # type: ignore[assignment]

DEEPEST = 20
_DEFAULTS = ("talk", "lecturer")
_EMPTY_TEXTS = {column: "" for column in COLUMNS if column not in LISTS and column != "lecturer"}
_EMPTY_LISTS: dict[str, tuple[str, ...]] = dict.fromkeys(sorted(LISTS), ())


@dataclass(frozen=True, slots=True)
class _Text:
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class _List:
    line: int
    items: "tuple[_Node, ...]"


@dataclass(frozen=True, slots=True)
class _Map:
    line: int
    pairs: "tuple[tuple[_Text, _Node], ...]"


_Node = _Text | _List | _Map


def read(source: Source, text: str, findings: Findings) -> tuple[Row, ...]:
    """Return the rows under ``entries``; ``talk`` and ``lecturer`` above hold for each.

    A key that an entry doesn't have says that there is none: YAML files are whole.
    """
    return _File(source.name, findings).rows(_parse(source.name, text))


class _File:
    """Turns one file's nodes into rows."""

    def __init__(self, name: str, findings: Findings) -> None:
        self._name = name
        self._findings = findings

    def rows(self, top: _Node) -> tuple[Row, ...]:
        defaults: dict[str, str] = {}
        entries: tuple[_Node, ...] = ()
        for key, node in self._pairs(top, "the file"):
            column = column_of(key.text)
            if key.text == "entries" and isinstance(node, _List):
                entries = node.items
            elif key.text == "entries":
                self._problem(node, "entries is no list.", "Begin each entry with '- id: ...'.")
            elif column in _DEFAULTS:
                defaults[column] = self._text(column, node)
            else:
                self._problem(
                    key,
                    f"unknown key {key.text[:60]!r}.",
                    f"A file has {', '.join(_DEFAULTS)} and entries.",
                )
        return tuple(self._row(node, defaults) for node in entries)

    def _row(self, node: _Node, defaults: dict[str, str]) -> Row:
        texts = _EMPTY_TEXTS | defaults
        lists = dict(_EMPTY_LISTS)
        for key, value in self._pairs(node, "the entry"):
            column = column_of(key.text)
            if column is None:
                self._problem(key, f"unknown key {key.text[:60]!r}.", remedy_unknown(key.text))
            elif column in LISTS:
                lists[column] = self._texts(column, value)
            else:
                texts[column] = self._text(column, value)
        return Row(Where(self._name, row=node.line), texts, lists)

    def _pairs(self, node: _Node, what: str) -> Iterator[tuple[_Text, _Node]]:
        """Yield a mapping's pairs; a doubled key and anything but a mapping is a problem."""
        if not isinstance(node, _Map):
            self._problem(node, f"{what} is no mapping.", "Write lines such as 'question: ...'.")
            return
        seen: set[str] = set()
        for key, value in node.pairs:
            name = column_of(key.text) or key.text
            if name in seen:
                self._problem(key, f"two values for {name[:60]}.", "Remove one.")
            seen.add(name)
            yield key, value

    def _text(self, column: str, node: _Node) -> str:
        if isinstance(node, _Text):
            return node.text
        self._problem(node, f"{column} is no text.", f"Write '{column}: ...', or '{column}: |-'.")
        return ""

    def _texts(self, column: str, node: _Node) -> tuple[str, ...]:
        if isinstance(node, _List):
            return tuple(self._text(column, item) for item in node.items)
        if isinstance(node, _Text) and not node.text.strip():
            return ()
        self._problem(node, f"{column} is no list.", "Write each on a line of its own: '- ...'.")
        return ()

    def _problem(self, node: _Node, message: str, remedy: str) -> None:
        self._findings.problem(Where(self._name, row=node.line), message, remedy)


def _parse(name: str, text: str) -> _Node:
    """Return the one document of a file as nodes."""
    try:
        return _document(name, _events(name, text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        raise ContentError.at(
            Where(name, row=mark.line + 1 if mark else 0),
            f"no valid YAML ({problem}).",
            "Check the indentation, and put a text with ': ' or ' #' below 'key: |-'.",
        ) from None


def _events(name: str, text: str) -> Iterator[yaml.Event]:
    depth = 0
    documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        match event:
            case yaml.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    _refuse(name, event, "a second document", "Write one document a file.")
            case yaml.AliasEvent():
                _refuse(name, event, f"the alias *{event.anchor}", "Write the text out.")
            case yaml.CollectionStartEvent():
                depth += 1
                if depth > DEEPEST:
                    _refuse(name, event, f"nesting deeper than {DEEPEST}", "Flatten it.")
            case yaml.CollectionEndEvent():
                depth -= 1
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            _refuse(name, event, f"the anchor &{event.anchor}", "Remove it.")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            _refuse(name, event, f"the tag {event.tag}", "Remove it: every value is a text.")
        if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            yield event


def _refuse(name: str, event: yaml.Event, what: str, remedy: str) -> None:
    raise ContentError.at(Where(name, row=_line(event)), f"{what} can't be used.", remedy)


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return mark.line + 1 if mark else 0


def _document(name: str, events: Iterator[yaml.Event]) -> _Node:
    first = next(events, None)
    if first is None:
        raise ContentError.at(Where(name), "the file is empty.", "Write 'entries:' into it.")
    node = _node(name, first, events)
    for _ in events:
        pass  # a second document is refused here
    return node


def _node(name: str, event: yaml.Event, events: Iterator[yaml.Event]) -> _Node:
    """Build one node; it recurses at most ``DEEPEST`` times."""
    line = _line(event)
    if isinstance(event, yaml.ScalarEvent):
        text: str = event.value
        return _Text(line, text)
    children = []
    for child in events:
        if isinstance(child, yaml.CollectionEndEvent):
            break
        children.append(_node(name, child, events))
    if isinstance(event, yaml.SequenceStartEvent):
        return _List(line, tuple(children))
    keys = []
    for key in children[::2]:
        if not isinstance(key, _Text):
            raise ContentError.at(
                Where(name, row=key.line), "a key is no text.", "Write 'key: ...'."
            )
        keys.append(key)
    return _Map(line, tuple(zip(keys, children[1::2], strict=True)))
