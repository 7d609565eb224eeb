"""Cards as Discord messages. Pure: a card in, the JSON of a message out.

The bot's own words are a message's text; a lecturer's words stand apart in an embed. What a person
wrote is shown as written, and links work.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, assert_never

from adapters.common.text import joined, split
from bot.domain.card import (
    Card,
    Credit,
    Link,
    Part,
    Quote,
    Say,
    Small,
)
from bot.domain.inbound import Action
from bot.domain.links import addresses, spans
from bot.domain.text import shortened, utf16_length

Json = dict[str, object]

BUTTON = "faq"
"""What the ids of the bot's buttons start with: ``faq:<action>:<ask>:<argument>``."""
QUIET: Json = {"parse": [], "replied_user": False}
"""Nobody is pinged, whatever the words say."""

# What Discord accepts. Lengths are in characters, counted as UTF-16 units to be safe.
CONTENT = 2000
EMBEDS = 10
EMBEDS_TEXT = 6000
ROW_BUTTONS = 5
AUTHOR = 256
DESCRIPTION = 4096
FIELD_VALUE = 1024
FOOTER = 2048
BUTTON_LABEL = 80

_ASKED = 300
"""Characters that are shown of a question above its answer."""
_SMALL = "-# "
_COLOUR = 0x5865F2
PRIMARY, SECONDARY, DANGER = 1, 2, 4
"""How a button looks."""
_ROW, _BUTTON = 1, 2

# Emphasis, code, spoilers, masked links, mentions and timestamps, emoji codes, and of what is no
# address its slashes: Discord would make a link of its beginning.
_INLINE = r"[\\*_~`|\[\]<]|:(?=[\w+-]+:)|(?i:(?<=http:)|(?<=https:))/(?=/)"
_TOKEN = re.compile(
    # At the beginning of a line: quotes, headings, small print, lists.
    r"(?m:^)[ \t]*(?P<mark>>|\#{1,3}(?=[ ])|-(?=\#?[ ])|\+(?=[ ]))"
    r"|(?m:^)[ \t]*\d+(?P<point>\.)(?=[ ])"
    rf"|(?P<inline>{_INLINE})"
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message, drawn."""

    content: str = field(default="", repr=False)
    embeds: tuple[Json, ...] = field(default=(), repr=False)
    components: tuple[Json, ...] = field(default=(), repr=False)
    ping: str | None = None

    def payload(self) -> Json:
        """Return it as Discord takes it; also in the place of another message."""
        mentions = QUIET if self.ping is None else {**QUIET, "users": [self.ping]}
        return {
            "content": self.content,
            "embeds": list(self.embeds),
            "components": list(self.components),
            "allowed_mentions": mentions,
        }


@dataclass(slots=True)
class _Draft:
    """A message that is being filled."""

    lines: list[str] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)

    def takes_line(self, line: str) -> bool:
        return not self.embeds and utf16_length("\n".join((*self.lines, line))) <= CONTENT

    def takes_embed(self, embed: Json) -> bool:
        size = sum(map(embed_length, (*self.embeds, embed)))
        return len(self.embeds) < EMBEDS and size <= EMBEDS_TEXT


def messages(card: Card, asked: str = "") -> tuple[Drawn, ...]:
    """Draw a card as the messages it needs, in order; mostly one.

    Args:
        card: What is said.
        asked: The question, to be shown above it; empty where it is seen anyway.
    """
    drafts = [_Draft()]
    if asked:
        drafts[0].lines.append(f"> {escape(shortened(' '.join(asked.split()), _ASKED))}")
    if card.ping is not None:
        drafts[0].lines.append(f"<@{card.ping}>")
    before: Part | None = None
    for part, after in zip_longest(card.parts, card.parts[1:]):
        if not (isinstance(before, Quote) and isinstance(part, Credit)):  # drawn with the quote
            _draw(drafts, part, after if isinstance(after, Credit) else None)
        before = part
    # Their ids say everything, so that they work after a restart.
    buttons = [
        button(
            each.label,
            f"{BUTTON}:{each.action}:{each.about}:{each.argument}",
            PRIMARY if each.action is Action.CHOOSE else SECONDARY,
        )
        for each in card.buttons
    ]
    starts = range(0, len(buttons), ROW_BUTTONS)
    rows = tuple(row(*buttons[start : start + ROW_BUTTONS]) for start in starts)
    last = len(drafts) - 1
    return tuple(
        Drawn(
            "\n".join(draft.lines),
            tuple(draft.embeds),
            rows if number == last else (),
            card.ping if number == 0 else None,
        )
        for number, draft in enumerate(drafts)
    )


def plain_messages(card: Card) -> tuple[Drawn, ...]:
    """Write a card without embeds and buttons: what is left to try when Discord refuses them."""
    whole = "\n\n".join(_words(part) for part in card.parts)
    links = [link for part in card.parts if isinstance(part, Credit) for link in part.links]
    return tuple(Drawn(part) for part in escaped_parts(whole, CONTENT, links))


def row(*components: Json) -> Json:
    """Put buttons side by side; a menu takes a row of its own."""
    return {"type": _ROW, "components": list(components)}


def button(label: str, custom_id: str, style: int = SECONDARY) -> Json:
    """Draw a button."""
    return {
        "type": _BUTTON,
        "style": style,
        "label": shortened(label, BUTTON_LABEL),
        "custom_id": custom_id,
    }


def embed_length(embed: Json) -> int:
    """Count what Discord counts of an embed."""
    return sum(map(utf16_length, embed_texts(embed)))


def embed_texts(embed: Json) -> Iterator[str]:
    """Yield all the words of an embed, from top to bottom."""
    for value in (embed.get("author"), embed.get("title"), embed.get("description"),
                  *_list(embed.get("fields")), embed.get("footer")):  # fmt: skip
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from (str(value[key]) for key in ("name", "value", "text") if value.get(key))


def seen(message: Mapping[str, object]) -> tuple[str, ...]:
    """Return what tells a message from others: its words, without blanks, and its buttons' ids.

    The ids hold the ask, so that two askers' answers never look alike.
    """
    words = [str(message.get("content", ""))]
    for embed in _list(message.get("embeds")):
        words += embed_texts(embed)
    ids = [
        str(component.get("custom_id", ""))
        for row in _list(message.get("components"))
        for component in row.get("components", ())
    ]
    return ("".join("".join(words).split()), *ids)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _draw(drafts: list[_Draft], part: Part, credit: Credit | None) -> None:
    match part:
        case Say(text):
            _say(drafts, text)
        case Quote(text):
            _quote(drafts, text, credit or Credit("", ""))
        case Credit():
            _quote(drafts, "", part)
        case Small(text):
            _small(drafts, text)
        case Link(text, address):
            _write(drafts, f"[{escape(text)}](<{address}>)")
        case _:
            assert_never(part)


def _say(drafts: list[_Draft], text: str) -> None:
    """Write the bot's words: above the embeds, or in one of their own below them."""
    for words in escaped_parts(text, DESCRIPTION if drafts[-1].embeds else CONTENT):
        _write(drafts, words)


def _quote(drafts: list[_Draft], text: str, credit: Credit) -> None:
    """Show a lecturer's words: the name above them, the links and the talk below."""
    embeds: list[Json] = [
        {"description": words, "color": _COLOUR} for words in escaped_parts(text, DESCRIPTION)
    ] or [{"color": _COLOUR}]
    if credit.lecturer:
        embeds[0]["author"] = {"name": shortened(credit.lecturer, AUTHOR)}
    below: list[Json] = [
        {"fields": [{"name": "🔗", "value": links}]}
        if utf16_length(links) <= FIELD_VALUE
        else {"description": links}
        for links in linked_lines(credit.links, FIELD_VALUE)
    ]
    if credit.talk:
        footer = {"text": shortened(credit.talk, FOOTER // 2)}
        below[-1:] = [{**(below[-1] if below else {}), "footer": footer}]
    for each in below:
        joined = {**embeds[-1], **each}
        if embeds[-1].keys().isdisjoint(each.keys()) and embed_length(joined) <= EMBEDS_TEXT:
            embeds[-1] = joined
        else:
            embeds.append({**each, "color": _COLOUR})
    for embed in embeds:
        if embed_length(embed):
            _add(drafts, embed)


def _small(drafts: list[_Draft], text: str) -> None:
    """Write a side note: into the footer of the embed above it, else in small print."""
    draft = drafts[-1]
    if not draft.embeds:
        for line in text.splitlines():
            for words in escaped_parts(line, CONTENT - len(_SMALL)):
                _write(drafts, _SMALL + words)
        return
    embed = draft.embeds[-1]
    talk = next(iter(embed_texts({"footer": embed.get("footer")})), "")
    footer = f"{talk}\n{text}" if talk else text
    noted = {**embed, "footer": {"text": footer}}
    fits = utf16_length(footer) <= FOOTER
    if fits and _Draft(embeds=draft.embeds[:-1]).takes_embed(noted):
        draft.embeds[-1] = noted
    else:
        for words in split(text, FOOTER):
            _add(drafts, {"footer": {"text": words}})


def _write(drafts: list[_Draft], words: str) -> None:
    if drafts[-1].embeds:
        _add(drafts, {"description": words})
    elif drafts[-1].takes_line(words):
        drafts[-1].lines.append(words)
    else:
        drafts.append(_Draft([words]))


def _add(drafts: list[_Draft], embed: Json) -> None:
    if not drafts[-1].takes_embed(embed):
        drafts.append(_Draft())
    drafts[-1].embeds.append(embed)


def _words(part: Part) -> str:
    match part:
        case Say(text) | Quote(text) | Small(text):
            return text
        case Link(text, address):
            return f"{text}: {address}"
        case Credit(lecturer, talk, links):
            return "\n".join((*filter(None, (lecturer, talk)), *links))
        case _:
            assert_never(part)


def escape(text: str, whole: Collection[str] | None = None) -> str:
    """Make Discord show a text as it is written; addresses in it stay links.

    Args:
        text: Words, perhaps a part of a longer text.
        whole: The addresses of all of it; what was cut is no link. None: nothing was.
    """
    escaped, at = "", 0
    for start, end in spans(text, whole or ()):
        url = text[start:end]
        if url[:4].lower() != "http":
            continue  # Discord makes no link of mailto:
        if whole is None or url in whole:
            escaped += _between(text, at, start) + _address(url, text[end : end + 1])
            at = end
    return escaped + _between(text, at, len(text))


def escaped_parts(text: str, limit: int, links: Sequence[str] = ()) -> Iterator[str]:
    """Escape a text, in parts of at most ``limit`` UTF-16 units each.

    Args:
        text: Any text.
        limit: The longest part.
        links: Addresses in it that end where they do, whatever they end with.
    """
    return _fitting(text, limit, limit, (*addresses(text), *links))


def linked_lines(links: Sequence[str], limit: int) -> Iterator[str]:
    """Write addresses a line each, whole, in parts of at most ``limit`` UTF-16 units.

    An address that is longer is a part of its own.
    """
    return joined((escape(link, (link,)) for link in links), limit)


def _fitting(text: str, size: int, limit: int, whole: Collection[str]) -> Iterator[str]:
    """Yield escaped parts; one that grew too long by escaping is cut once more."""
    for part in split(text, size):
        escaped = escape(part, whole)
        if utf16_length(escaped) <= limit:
            yield escaped
        else:
            yield from _fitting(part, size * 2 // 3, limit, whole)


def _between(text: str, start: int, end: int) -> str:
    """Escape what stands between two addresses."""
    escaped = ""
    for token in _TOKEN.finditer(text, start, end):
        mark = token.start(token.lastgroup or 0)
        escaped += f"{text[start:mark]}\\{text[mark : token.end()]}"
        start = token.end()
    return escaped + text[start:end]


def _address(url: str, follows: str) -> str:
    # Discord lets a bare address run on to the next blank, but leaves out a mark or a bracket at
    # its end; between angle brackets it takes what stands there.
    plain = url.isascii() and url.startswith("http") and addresses(url) == (url,)
    return url if plain and not follows.strip() else f"<{url}>"
