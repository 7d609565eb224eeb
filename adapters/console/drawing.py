"""Card → something that rich prints: a lecturer's words in a panel, buttons as keys."""

import re
import unicodedata
from collections.abc import Sequence
from typing import assert_never

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from adapters.common.text import columns, wrapped
from adapters.console.inbound import keys
from adapters.console.render import title
from bot.domain.card import Button, Card, Credit, Link, Quote, Say, Small, Talk

_NUMBER = re.compile(r" *\d+\. ")


def draw(card: Card, width: int) -> RenderableType:
    """Return the card for a terminal: a lecturer's words in a panel, buttons as keys.

    Args:
        card: What to show.
        width: Columns to use; a Japanese character takes two.
    """
    drawn: list[RenderableType] = []
    several = sum(isinstance(part, Quote) for part in card.parts) > 1
    quotes = 0
    for at, part in enumerate(card.parts):
        match part:
            case Quote(text):
                quotes += 1
                after = card.parts[at + 1] if at + 1 < len(card.parts) else None
                if isinstance(after, Credit) and (whose := title(after.lecturer, after.talk)):
                    drawn.append(in_lines(whose, width, style="bold"))
                number = str(quotes) if several else None
                words = in_lines(text, width - 4)
                drawn.append(Panel(words, title=number, title_align="left", width=width))
            case Credit(links=links):
                drawn += [Text(link, style=f"underline link {link}") for link in links]
            case Say(text):
                drawn.append(in_lines(text, width))
            case Small(text):
                drawn.append(in_lines(text, width, style="dim"))
            case Link(text, address):
                drawn.append(Text(text, style=f"underline link {address}"))
            case _:
                assert_never(part)
    if shown := _shown(card.buttons):
        drawn.append(Text(shown, style="bold cyan"))
    return Group(*drawn, Text())


def draw_talks(talks: Sequence[Talk], width: int) -> RenderableType:
    """Return the FAQ by talk, its entries numbered from 1."""
    drawn: list[RenderableType] = []
    room = len(str(sum(len(talk.entries) for talk in talks)))
    number = 0
    for talk in talks:
        if talk.first == 0:
            if number:
                drawn.append(Text())
            drawn.append(in_lines(title(talk.lecturer, talk.title), width, style="bold"))
        for entry in talk.entries:
            number += 1
            drawn.append(in_lines(f"{number:>{room}}. {' '.join(entry.question.split())}", width))
    drawn.append(Text())
    return Group(*drawn)


def in_lines(text: str, width: int, style: str = "") -> Text:
    """Break lines anywhere between Japanese characters; rich itself breaks at spaces only.

    What begins with a number or a bullet hangs: its further lines stand below its words.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lead = _lead(paragraph)
        indent = " " * columns(lead)
        first, *more = wrapped(paragraph[len(lead) :], width, indent)
        lines += [lead + first[len(indent) :], *more]
    return Text("\n".join(lines), style=style)


def _lead(paragraph: str) -> str:
    if number := _NUMBER.match(paragraph):
        return number[0]
    return paragraph[:1] if unicodedata.category(paragraph[:1] or " ") == "Po" else ""


def _shown(buttons: Sequence[Button]) -> str:
    """Return the keys that need telling: a candidate's stands with it in the list above."""
    labelled: dict[str, list[str]] = {}
    for key, button in keys(buttons).items():
        if not key.isdigit() or key == "0":
            labelled.setdefault(button.label, []).append(key)
    return "  ".join(
        # Of several answers each has keys of its own; the one for all of them comes first.
        " ".join(f"[{key}]" for key in found[1:] or found) + f" {label}"
        for label, found in labelled.items()
    )
