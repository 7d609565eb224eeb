"""What a person wrote, as a reader sees it, and whom it calls. Pure: a message in, a text out."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum, auto
from types import MappingProxyType

import discord

from bot.domain import text as gate

# As Discord reads it: from some backticks to as many; what isn't closed is text.
_CODE = re.compile(r"(?<![\\`])(?P<ticks>`+)(?!`).*?[^`](?P=ticks)(?!`)", re.DOTALL)
_CALLED = re.compile(r"<@(!|&)?(\d+)>")

_MARKUP = re.compile(
    rf"(?P<code>{_CODE.pattern})|<t:(?P<time>-?\d+)(?::(?P<style>\w))?>"
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


class Calls(Enum):
    """Whom a message calls."""

    BOT = auto()
    """The bot: it is written to it alone, or with a mention of it or its own role."""
    BOT_BELOW = auto()
    """The bot, but only in that it replies to what the bot said."""
    OTHERS = auto()
    """Another person or role, or who said what it replies to."""
    NOBODY = auto()
    """Everybody: with @everyone or @here, or by going on below one's own message, too."""


def calls(message: discord.Message, me: int, *, organising: bool) -> Calls:
    """Return whom a message calls.

    Args:
        message: What a person wrote.
        me: The bot's id.
        organising: It stands among organisers: there a reply to the bot, as to a question's card,
            asks nothing, and who was called by a message answers by replying.
    """
    own = message.guild.self_role if message.guild else None
    # What stands in code is written, and what is escaped, but isn't in the message's own lists.
    # Those hold who is replied to as well, so it must be written too.
    written = _CALLED.findall(_CODE.sub(" ", message.content))
    named = {(kind == "&", int(number)) for kind, number in written}
    users = {each.id for each in message.mentions if (False, each.id) in named}
    roles = {each.id for each in message.role_mentions if (True, each.id) in named}
    if message.guild is None or me in users or (own is not None and own.id in roles):
        return Calls.BOT
    if users - {message.author.id} or roles:
        return Calls.OTHERS
    if message.type is not discord.MessageType.reply:
        return Calls.NOBODY
    answered = replied_to(message)
    if answered is None:
        return Calls.OTHERS  # of a message that is gone nobody knows whose it was
    if answered.author.id == me:
        return Calls.NOBODY if organising else Calls.BOT_BELOW
    own_words = answered.author == message.author
    asked = organising and message.author in answered.mentions
    return Calls.NOBODY if own_words or asked else Calls.OTHERS


def replied_to(message: discord.Message) -> discord.Message | None:
    """Return what a message replies to; None where it doesn't, or that isn't known (any more)."""
    if message.type is not discord.MessageType.reply or message.reference is None:
        return None
    answered = message.reference.resolved
    return answered if isinstance(answered, discord.Message) else None


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
