"""YAML: rows read from it, and entries written; and Markdown, whose front matter is YAML.

Question and answer are written as blocks, readable in a git diff.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

import yaml

from bot.content.columns import (
    COLUMNS,
    LEFT_OUT,
    LISTS,
    NO_REMARKS,
    REQUIRED,
    UNHELD,
    Remarks,
    refuse_unknown,
    stated,
    titled,
)
from bot.content.formats import Opened
from bot.content.formats.nodes import List, Map, Node, Scalar, parse, refuse_slips, slips
from bot.content.rows import MOST_ENTRIES, Row
from bot.content.source import lines_of
from bot.domain.entry import Entry

_DEFAULTS = ("talk", "lecturer")
_ORDER = re.compile(r"\d{1,6}")
_EMPTY_TEXTS = {column: "" for column in COLUMNS if column not in LISTS and column != "lecturer"}
_EMPTY_LISTS: dict[str, tuple[str, ...]] = dict.fromkeys(sorted(LISTS), ())
_FRONT = re.compile(r"---[ \t]*\n(?P<front>(?:(?!---[ \t]*(?:\n|\Z)).*\n)*)---[ \t]*(?:\n|\Z)")
_HEADING = re.compile(r"^#{1,3} ", re.MULTILINE)
_TABLE = re.compile(r"^[ \t]*\|?[ \t]*:?-+:?[ \t]*\|[ \t:|-]*$", re.MULTILINE)  # below its header


def read(file: Opened) -> tuple[Row, ...]:
    """Return the rows under ``entries``; ``talk`` and ``lecturer`` above hold for each.

    ``order`` above says where the file's talks come among those of other files. A key that an
    entry doesn't have says that there is none: YAML files are whole.
    """
    rows = _rows(file, parse(file.source.name, file.text))
    if file.findings.problems:
        # Where more is wrong than is shown, what is below can wait.
        last = file.findings.last_shown if file.findings.full else None
        refuse_slips(file.source.name, [slip for slip in slips(file.text, last) if slip.sure])
    return rows


def _rows(file: Opened, top: Node) -> tuple[Row, ...]:
    defaults: dict[str, str] = {}
    entries: tuple[Node, ...] = ()
    for key, node in _pairs(file, top, "yaml.no_mapping_file"):
        column = file.headers.column_of(key.text)
        if key.text == "entries" and isinstance(node, List):
            entries = node.items
        elif key.text == "entries":
            _problem(file, node, "yaml.no_entries")
        elif column == LEFT_OUT:
            continue
        elif key.text == "order":
            file.findings.order = _order(file, node)
        elif column in _DEFAULTS:
            defaults[column] = _text(file, column, node)
        else:
            _problem(file, key, "yaml.unknown_top", key=key.text[:60])
    entries = entries[: MOST_ENTRIES + 1]  # the gate refuses more
    lines = lines_of(file.text) if " #" in file.text else []
    rows = [_row(file, node, defaults, lines) for node in entries]
    return tuple(row for row, node in zip(rows, entries, strict=True) if isinstance(node, Map))


def _order(file: Opened, node: Node) -> int | None:
    text = node.text.strip() if isinstance(node, Scalar) else "-"
    if _ORDER.fullmatch(text):
        return int(text)
    if text:
        _problem(file, node, "yaml.no_number", key="order")
    return None


def _row(file: Opened, node: Node, defaults: dict[str, str], lines: Sequence[str]) -> Row:
    texts = _EMPTY_TEXTS | defaults
    lists = dict(_EMPTY_LISTS)
    for key, value in _pairs(file, node, "yaml.no_mapping_entry"):
        column = file.headers.column_of(key.text)
        if column == LEFT_OUT:
            continue
        if column is None:
            refuse_unknown(file.findings, file.at(key.line), "table.unknown_key", key.text)
        elif column in LISTS:
            lists[column] = _texts(file, column, value)
        else:
            texts[column] = _text(file, column, value)
            if column in REQUIRED and lines and isinstance(value, Scalar):
                line = "".join(lines[key.line - 1 : key.line])
                texts[column] = _beside_comment(file, key, value.text, line)
    return Row(file.at(node.line), texts, lists)


def _beside_comment(file: Opened, key: Scalar, text: str, line: str) -> str:
    """Return a text; what YAML takes for a comment on its line is said: 「C# と #タグ」."""
    found = re.search(rf":\s+{re.escape(text)}(?P<comment>(?<=\s)#.*|\s+#.*)", line)
    if not found:
        return text
    if not text:
        values = {"character": found.start("comment") + 1, "found": "#", "key": key.text}
        _problem(file, key, "yaml.mark_first", **values)
        return "-"  # that it is empty need not be said too
    column = titled(file.headers.column_of(key.text) or "")
    comment = found["comment"].strip()[:60]
    file.findings.note(
        file.at(key.line), "yaml.comment", comment=comment, column=column, key=key.text
    )
    return text


def _pairs(file: Opened, node: Node, otherwise: str) -> Iterator[tuple[Scalar, Node]]:
    """Yield a mapping's pairs; a doubled key and anything but a mapping is a problem."""
    if not isinstance(node, Map):
        _problem(file, node, otherwise)
        return
    seen: set[str] = set()
    for key, value in node.pairs:
        column = file.headers.column_of(key.text)
        name = column or key.text
        if name in seen:
            shown = titled(column) if column else name[:60]
            _problem(file, key, "table.two_values", column=shown)
        seen.add(name)
        yield key, value


def _text(file: Opened, column: str, node: Node) -> str:
    if isinstance(node, Scalar):
        return node.text
    _problem(file, node, "yaml.no_text", column=titled(column), key=column)
    return "-"  # that it is empty need not be said too


def _texts(file: Opened, column: str, node: Node) -> tuple[str, ...]:
    if isinstance(node, List):
        return tuple(_text(file, column, item) for item in node.items)
    if isinstance(node, Scalar) and not node.text.strip():
        return ()
    _problem(file, node, "yaml.no_list", column=titled(column))
    return ()


def _problem(file: Opened, node: Node, key: str, /, **values: object) -> None:
    file.findings.problem(file.at(node.line), key, **values)


def read_markdown(file: Opened) -> tuple[Row, ...]:
    """Return the one row of a Markdown file, as bots on Discord keep tags; it has no id.

    Its name asks, its text answers. Front matter may have a title and other names: ``title`` (also
    within ``embed``) and ``aliases``; what else it says is named.
    """
    text = file.text.replace("\r\n", "\n").replace("\r", "\n")
    found = _FRONT.match(text)
    front = found["front"] if found else None
    texts = {
        "question": PurePath(file.source.name).stem.replace("-", " ").replace("_", " "),
        "answer": text[found.end() :] if found else text,
    }
    aliases: tuple[str, ...] = ()
    for name, node in _leaves(parse(file.source.name, f"\n{front}")) if front else ():
        if name in {"title", "embed.title"} and isinstance(node, Scalar):
            texts["question"] = node.text
        elif name == "aliases" and isinstance(node, List):
            aliases = tuple(item.text for item in node.items if isinstance(item, Scalar))
        else:
            texts[f"{UNHELD}{name}"] = node.text if isinstance(node, Scalar) else "set"
    headings = len(_HEADING.findall(texts["answer"]))
    if headings > 1:
        file.findings.note(file.source.where, "markdown.headings", count=headings)
    elif _TABLE.search(texts["answer"]):
        file.findings.note(file.source.where, "markdown.table")
    return (Row(file.at(1), texts, {"variants": aliases}),)


def _leaves(node: Node, before: str = "") -> Iterator[tuple[str, Node]]:
    """Yield what the front matter says, by names such as ``embed.title``."""
    for key, value in node.pairs if isinstance(node, Map) else ():
        if isinstance(value, Map):
            yield from _leaves(value, f"{before}{key.text}.")
        else:
            yield f"{before}{key.text}", value


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
