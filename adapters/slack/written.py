"""What a person wrote, as a reader sees it. Pure: blocks or a text in, a text out."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from types import MappingProxyType

from bot.domain.text import numeral

Names = Mapping[str, str]
"""What a reader sees of whom and what is mentioned, such as ``#faq``, by id; of ``here``, too."""
NOBODY: Names = MappingProxyType({})

CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
"""What is written between backticks: a mention in it calls nobody."""

_SPECIAL = re.compile(r"<([^<>]+)>")
_MARKUP = re.compile(rf"{CODE.pattern}|{_SPECIAL.pattern}", re.DOTALL)
_MENTION = re.compile(r"<(?:[@#]|!subteam\^)(?P<id>\w+)(?:\|(?P<label>[^<>]*))?>")
_CODES = re.compile(r"(?:10|[0-9a-f])?[0-9a-f]{4}(?:-(?:10|[0-9a-f])?[0-9a-f]{4})*")
_GROUPS = frozenset(
    f"rich_text{kind}" for kind in ("", "_section", "_list", "_quote", "_preformatted")
)
_WORDS = frozenset(("text", "link", "emoji", "user", "usergroup", "channel", "broadcast"))
_BULLETS = "•◦▪"
_NUMERALS = "1ai"
_INDENT = "    "


def written(text: str, blocks: object, names: Names = NOBODY) -> str:
    """Return what a person wrote, without Slack's markup.

    What they typed is in the blocks; the text has marks in it, such as the asterisks around what is
    bold, that look like typed ones. It is read where the blocks hold anything else than words.

    Args:
        text: The message's text.
        blocks: The message's blocks, nested to any depth.
        names: What a reader sees of whom and what is mentioned; without a name, it goes.
    """
    if not isinstance(blocks, list) or not blocks or not all(map(_is_written, blocks)):
        return plain(text, names)
    # Of a channel the blocks have only the id, and the text its name, too; of late not always.
    channels = {id_: f"#{label}" for id_, label in mentions(text) if label and is_channel(id_)}
    groups = (group for block in blocks for group in block.get("elements", ()))
    names = {**channels, **names}
    return "\n".join(_group(group, names) for group in groups).strip()


def plain(text: str, names: Names = NOBODY) -> str:
    """Return a text without Slack's markup.

    Links keep their label and their address. What stands in code stays.

    Args:
        text: A text, such as ``<@U0BOT> <#C1|faq> &amp; <https://a.jp|here>``.
        names: As for ``written``.
    """

    def shown(markup: re.Match[str]) -> str:
        if markup[1] is not None:
            return _special(markup[1], names, " ")
        return _SPECIAL.sub(lambda found: _special(found[1], names, found[0]), markup[0])

    bare = _MARKUP.sub(shown, text)
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        bare = bare.replace(entity, char)
    return bare.strip()


def mentions(text: str) -> Iterator[tuple[str, str]]:
    """Yield the ids of people, groups and channels in a text, and what it says they are called."""
    for found in _MENTION.finditer(text):
        yield found["id"], found["label"] or ""


def is_channel(id_: str) -> bool:
    """Whether an id is that of a channel."""
    return id_.startswith(("C", "G"))


def _special(special: str, names: Names, nameless: str) -> str:
    """Return what a reader sees of ``<…>``; ``nameless`` for a mention without a name."""
    target, _, label = special.partition("|")
    if target.startswith("!date"):
        return label
    if target.startswith(("@", "!")):
        return names.get(target.lstrip("@!").removeprefix("subteam^"), nameless)
    if target.startswith("#"):
        return f"#{label}" if label else names.get(target[1:], nameless)
    return _link(target, label)


def _link(address: str, label: str) -> str:
    """Return a link's label and its address; of what was typed as an address, that alone."""
    shown = address.removeprefix("mailto:")
    typed = (address, shown, shown.removeprefix("http://"), shown.removeprefix("https://"))
    if not address.startswith(("https:", "http:", "mailto:")) or label in typed:
        return label or shown
    # A lecturer's reply may become an answer: where its words lead must not get lost.
    return f"{label}（{shown}）" if label else shown


def _is_written(block: object) -> bool:
    """Whether all in a block is known, and so can be read."""
    match block:
        case {"type": str(kind), "elements": list(inside)} if kind in _GROUPS:
            return all(map(_is_written, inside))
        case {"type": str(kind)}:
            return kind in _WORDS
    return False


def _group(group: object, names: Names) -> str:
    if not isinstance(group, dict) or not isinstance(group.get("elements"), list):
        return ""
    inside = group["elements"]
    if group["type"] == "rich_text_list":
        lines = "\n".join(_items(inside, group, names))
    else:
        lines = _line(inside, names).removesuffix("\n")
    if group["type"] == "rich_text_preformatted":
        lines = f"```\n{lines}\n```"
    if group["type"] == "rich_text_quote" or group.get("border"):
        lines = re.sub("^", "> ", lines, flags=re.MULTILINE)
    return lines


def _items(items: list[object], how: dict[str, object], names: Names) -> Iterator[str]:
    """Yield a list's items, each with its bullet, or its number, letter or Roman numeral."""
    indent, start = (n if isinstance(n := how.get(key), int) else 0 for key in ("indent", "offset"))
    for number, item in enumerate(items, start=start + 1):
        mark = _BULLETS[indent % 3]
        if how.get("style") == "ordered":
            mark = f"{numeral(number, _NUMERALS[indent % 3])}."
        before = _INDENT * indent
        inside = item.get("elements") if isinstance(item, dict) else None
        lines = _line(inside if isinstance(inside, list) else [], names).removesuffix("\n")
        yield f"{before}{mark} " + lines.replace("\n", f"\n{before}{' ' * (len(mark) + 1)}")


def _line(elements: list[object], names: Names) -> str:
    """Return elements side by side; what is code stands between backticks."""
    words = ""
    for code, inside in groupby(elements, _is_code):
        run = "".join(_word(each, names) for each in inside)
        words += f"`{run}`" if code and run else run
    return words


def _is_code(element: object) -> bool:
    match element:
        case {"style": {"code": True}}:
            return True
    return False


def _word(element: object, names: Names) -> str:
    match element:
        case {"type": "text", "text": str(text)}:
            return text
        case {"type": "link", "url": str(url), **more}:
            label = more.get("text")
            return _link(url, label if isinstance(label, str) else "")
        case {"type": "emoji", "name": str(name), **more}:
            codes = more.get("unicode")
            if isinstance(codes, str) and _CODES.fullmatch(codes):
                return "".join(chr(int(code, 16)) for code in codes.split("-"))
            return f":{name}:"  # one of the workspace's own has no characters
        case (
            {"user_id": str(id_)}
            | {"usergroup_id": str(id_)}
            | {"channel_id": str(id_)}
            | {"range": str(id_)}
        ):
            return names.get(id_, " ")
    return ""
