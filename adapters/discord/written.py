"""What a person wrote, as a reader sees it. Pure: a message in, a text out."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import discord

from bot.domain import text as gate

# As Discord reads it: from some backticks to as many; what isn't closed is text.
CODE = re.compile(r"(?<![\\`])(?P<ticks>`+)(?!`).*?[^`](?P=ticks)(?!`)", re.DOTALL)
"""What is written between backticks: nothing in it is markup."""

_MARKUP = re.compile(
    rf"(?P<code>{CODE.pattern})|<t:(?P<time>-?\d+)(?::(?P<style>\w))?>"
    r"|<(?P<command>/[^:<>]+):\d+>|<(?:@[!&]?|\#)\d+>|<a?(?P<emoji>:\w+:)\d+>|<id:\w+>"
    r"|(?<!\w)@(?:everyone|here)(?!\w)",
    re.DOTALL,
)
# What Discord makes of a text besides. What is written like a formula, a name or a footnote (2*3*4,
# __init__, *1) is one here, though Discord takes it for format.
_BODY = r"(?=\S)(?:\\.|`[^`]*`|[^\\`])+?(?<=\S)"
_OPENS = r"(?:(?<![0-9A-Za-z])|(?=[*~|]+[^0-9A-Za-z*~|]))"
_INLINE = re.compile(
    rf"""
    (?P<kept>{_MARKUP.pattern})
    | \\(?P<escaped>[^0-9A-Za-z\s])
    | \[(?P<label>[^\[\]\n]+)\]\(<?(?P<to>https?://(?:\([^\s()<>]*\)|[^\s()<>])+)>?\)
    | <(?P<bare>https?://[^\s<>]+)>
    | (?P<address>https?://(?:(?!\*\*|~~|\|\|)[!-;=?-~])+)
    | {_OPENS}\*\*(?!\*\*)(?P<bold>{_BODY})\*\*(?!\*)
    | __(?!_|(?a:\w+)__)(?P<under>{_BODY})__(?!_)
    | {_OPENS}~~(?!~)(?P<struck>{_BODY})~~
    | {_OPENS}\|\|(?!\|)(?P<spoiler>{_BODY})\|\|
    | {_OPENS}(?<!\*)\*(?=[^\s*])(?P<star>(?:\*\*|\s+(?:[^*\s]|\*\*)|[^\s*])+?)\*(?![*0-9A-Za-z])
    | (?a:\b)_(?!_)(?P<italic>(?:__|\\.|[^\\_])+?)_(?a:\b)
    """,
    re.DOTALL | re.VERBOSE,
)
_FORMATS = ("bold", "under", "struck", "spoiler", "star", "italic")
# Headings and small print lose their mark, and what is quoted down to the end is quoted by lines.
_LINES = re.compile(
    rf"(?m:^)(?:-\#|\#{{1,3}})[ ]+(?=\S) | (?m:^)>>>[ ](?P<quoted>.*) | {_INLINE.pattern}",
    re.DOTALL | re.VERBOSE,
)
_DEEPEST = 9
"""How deep format is read within format."""
_DAY, _TIME = "%Y-%m-%d", "%H:%M %Z"
# A reader is shown a date in their own time zone: a text names the one it is in.
_STYLES = {"d": _DAY, "D": _DAY, "t": _TIME, "T": "%H:%M:%S %Z"}
_FIRST_LINE = re.compile(r"\S[^\n]*")


def plain(text: str, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return what a person wrote without Discord's markup for mentions, emoji and dates.

    What stands in code is left as it is, and dates become words.

    Args:
        text: A message's text, such as ``<@1> <#2> `<@1>` <t:1763980000:R>``.
        names: What a reader sees of a mention or an emoji; without a name, it goes.
    """
    return _MARKUP.sub(lambda markup: _shown(markup, names), text).strip()


def seen(text: str, names: Mapping[str, str]) -> str:
    """Return what a reader sees of what a person wrote, as it may become an answer.

    What is bold, struck or a heading loses its marks, and what is escaped its backslash; the label
    of a link is followed by its address. Quotes, lists and code stay as they were typed.

    Args:
        text: A message's text, such as ``**必ず** [資料](https://a.jp)``.
        names: As for ``plain``.
    """
    return _LINES.sub(lambda found: _read(found, names, _DEEPEST), text).strip()


def names(message: discord.Message, me: int, *, people: bool) -> dict[str, str]:
    """Return what a reader sees of a message's mentions and emoji, by their markup.

    Args:
        message: What a person wrote.
        me: The bot's id: who calls it, or its own role, names nobody.
        people: All of them, and not only channels: it may become an answer, where its words lead
            must not get lost.
    """
    shown = {each.mention: f"#{each.name}" for each in message.channel_mentions}
    if not people:
        return shown
    own = message.guild.self_role if message.guild else None
    for emoji in _MARKUP.finditer(message.content):
        if emoji["emoji"]:
            shown[emoji[0]] = emoji["emoji"]
    for role in message.role_mentions:
        if role != own:
            shown[role.mention] = f"@{role.name}"
    for each in message.mentions:
        if each.id != me:
            shown[f"<@{each.id}>"] = shown[f"<@!{each.id}>"] = f"@{each.display_name}"
    return {**shown, "@everyone": "@everyone", "@here": "@here"}


def first_line(text: str) -> str:
    """Return the first line that says something; what a thread is named after."""
    found = _FIRST_LINE.search(gate.clean(plain(text)))
    return found[0].strip() if found else ""


def _read(found: re.Match[str], names: Mapping[str, str], depth: int) -> str:
    """Return what a reader sees of one thing, and of up to ``depth`` within one another."""

    def inside(words: str, of: re.Pattern[str] = _INLINE) -> str:
        return of.sub(lambda each: _read(each, names, depth - 1), words) if depth else words

    parts = {name: words for name, words in found.groupdict().items() if words is not None}
    match parts:
        case {"kept": _}:
            return _shown(found, names)
        case {"label": label, "to": address}:
            label = inside(label)
            return address if label == address else f"{label}（{address}）"
        case {"quoted": words}:
            return re.sub("^", "> ", inside(words, _LINES), flags=re.MULTILINE)
        case {"escaped": words} | {"bare": words} | {"address": words}:
            return words
    # A heading's mark has no words.
    return "".join(inside(words) for name, words in parts.items() if name in _FORMATS)


def _shown(markup: re.Match[str], names: Mapping[str, str]) -> str:
    if markup["time"] is not None:
        return _date(markup)
    return markup["code"] or markup["command"] or names.get(markup[0], " ")


def _date(markup: re.Match[str]) -> str:
    try:
        at = datetime.fromtimestamp(int(markup["time"]), UTC).astimezone()
    except (OverflowError, ValueError, OSError):
        return markup[0]  # Discord shows it so, too
    return at.strftime(_STYLES.get(markup["style"] or "", f"{_DAY} {_TIME}"))
