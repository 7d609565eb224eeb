"""One entry in a Markdown file, as bots on Discord keep tags: its name asks, its text answers.

Front matter may have a title and other names: ``title`` (also within ``embed``) and ``aliases``.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath

from bot.content.columns import Row
from bot.content.dialects import UNHELD
from bot.content.formats.yaml_ import List, Map, Node, Scalar, parse
from bot.content.source import Opened

_FRONT = re.compile(r"---[ \t]*\n(?P<front>(?:(?!---[ \t]*(?:\n|\Z)).*\n)*)---[ \t]*(?:\n|\Z)")


def read(file: Opened) -> tuple[Row, ...]:
    """Return its one row, without an id; what else the front matter says is named."""
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
    return (Row(file.at(1), texts, {"variants": aliases}),)


def _leaves(node: Node, before: str = "") -> Iterator[tuple[str, Node]]:
    """Yield what the front matter says, by names such as ``embed.title``."""
    for key, value in node.pairs if isinstance(node, Map) else ():
        if isinstance(value, Map):
            yield from _leaves(value, f"{before}{key.text}.")
        else:
            yield f"{before}{key.text}", value
