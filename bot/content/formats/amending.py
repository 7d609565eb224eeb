"""A YAML file changed where its entries change: all else keeps its place, comments with it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from bot.content.columns import COLUMNS, LISTS, Remarks, column_of, stated
from bot.content.formats import yaml_
from bot.content.source import lines_of
from bot.domain.entry import Entry

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

_OTHER_BREAKS = re.compile("[\x85\u2028\u2029]")
"""Lines for YAML's parser, and none for an editor."""


@dataclass(frozen=True, slots=True)
class _Edit:
    """Lines from ``start`` to before ``end`` give way to others; both count from 0."""

    start: int
    end: int
    lines: Sequence[str]


class _Unusual(Exception):
    """The file isn't laid out in lines, such as ``{id: a-1}``: it can't be changed line by line."""


def amend(
    text: str, before: Sequence[Entry], after: Sequence[Entry], remarks: Remarks
) -> str | None:
    """Return a file with other entries in it.

    Args:
        text: The file, which can be read.
        before: Its entries, in order.
        after: Those it is to have: some of these in the same order, maybe changed, then new ones.
        remarks: What is to stand behind new variants.

    Returns:
        The file's new text; None where it isn't laid out in lines. To be read before it is
        believed: somebody may lay out YAML in ways that nobody foresees.
    """
    if _OTHER_BREAKS.search(text):
        return None
    lines = lines_of(text)
    try:
        edits = list(_edits(_Layout.of(lines), before, after, remarks))
    except _Unusual:
        return None
    # From the end, so that numbers hold; of several at one line, the first one ends up first.
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end))[::-1]:
        lines[edit.start : edit.end] = edit.lines
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a file is laid out; numbers of lines count from 0.

    Attributes:
        lines: Its lines.
        top: What it says of all its entries, by column.
        items: Its entries, at least one.
        indent: How far their dashes are indented.
    """

    lines: Sequence[str]
    top: Mapping[str, str]
    items: Sequence[yaml.MappingNode]
    indent: int

    @classmethod
    def of(cls, lines: Sequence[str]) -> "_Layout":
        """Return the layout of a file.

        Raises:
            _Unusual: It isn't laid out in lines.
        """
        node = yaml.compose("\n".join(lines), Loader=_Loader)
        if not isinstance(node, yaml.MappingNode) or node.flow_style:
            raise _Unusual
        top: dict[str, str] = {}
        items: list[yaml.MappingNode] = []
        for key, value in node.value:
            column = column_of(key.value)
            if key.value == "entries" and isinstance(value, yaml.SequenceNode):
                if value.flow_style or not value.value:
                    raise _Unusual
                items = value.value
            elif column and isinstance(value, yaml.ScalarNode):
                top[column] = value.value
        if any(not isinstance(item, yaml.MappingNode) or item.flow_style for item in items):
            raise _Unusual
        indents = {_dash(lines, item) for item in items}
        if len(indents) != 1:
            raise _Unusual
        return cls(lines, top, items, indents.pop())

    def begin(self, node: yaml.Node) -> int:
        """Return the first line of an entry, the comment right above it with it."""
        at = int(node.start_mark.line)
        while at > 0 and self.lines[at - 1].lstrip().startswith("#"):
            at -= 1
        return at

    def end(self, node: yaml.Node) -> int:
        """Return the line behind a node's last one."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self.end(last[1] if isinstance(last, tuple) else last)
        end = int(node.end_mark.line)
        if not (isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")):
            return end + 1
        while not self.lines[end - 1].strip():  # the parser counts blank lines to a block
            end -= 1
        return end


def _edits(
    file: _Layout, before: Sequence[Entry], after: Sequence[Entry], remarks: Remarks
) -> Iterator[_Edit]:
    items = file.items
    if len(items) != len(before):
        raise _Unusual
    wanted = {entry.id: entry for entry in after}
    for number, (entry, node) in enumerate(zip(before, items, strict=True)):
        if entry.id not in wanted:
            last = number + 1 == len(items)
            end = file.end(node) if last else file.begin(items[number + 1])
            yield _Edit(file.begin(node), end, ())
        elif entry != wanted[entry.id]:
            yield from _changes(file, node, entry, wanted[entry.id], remarks)
    known = {entry.id for entry in before}
    lines: list[str] = []
    for entry in after:
        if entry.id not in known:
            lines += ["", *yaml_.item(entry, file.top, remarks)]
    if lines:
        at = file.end(items[-1])
        while at < len(file.lines) and file.lines[at].lstrip().startswith("#"):
            at += 1  # a comment right below belongs to the entry above
        yield _Edit(at, at, _indented(lines, file.indent))


def _changes(
    file: _Layout, node: yaml.MappingNode, old: Entry, new: Entry, remarks: Remarks
) -> Iterator[_Edit]:
    indent = node.start_mark.column
    pairs = {column_of(key.value): (key, value) for key, value in node.value}
    values = stated(new)
    at = node.start_mark.line + 1
    for column in COLUMNS:
        value = values[column]
        known = pairs.get(column)
        if known is not None:
            at = file.end(known[1])
        if getattr(old, column) == getattr(new, column):
            continue
        lines = yaml_.pair(column, value, new.id, remarks)
        if known is None:
            if value or file.top.get(column):
                yield _Edit(at, at, _indented(lines, indent))
            continue
        start = known[0].start_mark.line
        more = _more(file, known[1], old, new, column, remarks)
        if more is not None:
            yield _Edit(at, at, more)
        elif value or file.top.get(column):
            lead = file.lines[start][: known[0].start_mark.column]
            yield _Edit(start, at, [lead + lines[0], *_indented(lines[1:], indent)])
        elif start == node.start_mark.line:
            raise _Unusual  # the line with the dash
        else:
            yield _Edit(start, at, ())


def _more(
    file: _Layout, node: yaml.Node, old: Entry, new: Entry, column: str, remarks: Remarks
) -> list[str] | None:
    """Return the lines of values that come behind those of a list; None where that isn't so."""
    if column not in LISTS or not isinstance(node, yaml.SequenceNode) or node.flow_style:
        return None
    was, will = getattr(old, column), getattr(new, column)
    if not node.value or will[: len(was)] != was:
        return None
    more = list(zip(will, stated(new)[column], strict=True))[len(was) :]
    lines = [yaml_.one(as_stated, remarks.get((new.id, each), "")) for each, as_stated in more]
    return _indented(lines, _dash(file.lines, node.value[0]))


def _dash(lines: Sequence[str], item: yaml.Node) -> int:
    """Return how far the dash before an item of a list is indented.

    Raises:
        _Unusual: Something else stands before it.
    """
    lead = lines[item.start_mark.line][: item.start_mark.column]
    if lead.strip() != "-":
        raise _Unusual
    return lead.index("-")


def _indented(lines: Sequence[str], by: int) -> list[str]:
    return [" " * by + line if line else "" for line in lines]
