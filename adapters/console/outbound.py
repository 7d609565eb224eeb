"""The terminal as a platform: a lecturer's words in a panel, buttons as keys."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from adapters.common.text import columns, wrapped
from adapters.console import NAME, title
from bot.domain.card import Button, Card, Credit, Link, Outgoing, Quote, Say, Small, Talk, apart
from bot.domain.entry import Entry
from bot.domain.inbound import Action, Circle, MessageRef

WIDEST = 90
"""Columns: longer lines read badly."""

_NUMBER = re.compile(r" *\d+\. ")

Key = Button | Entry
"""What a key stands for: a button, or an entry of the list."""

_KEYS: Mapping[Action, str] = {
    Action.USEFUL: "+",
    Action.WRONG: "-",
    Action.NONE_OF_THESE: "0",
    Action.ASK_LECTURER: "!",
}


class Terminal:
    """Draws what the desk posts: implements ``Platform``.

    Args:
        console: Where to print.

    Attributes:
        keys: What can be chosen now.
        ask: The ask that the newest buttons belong to; empty where there is none.
        message: The id of the message that brought them.
        drawn: How many cards were drawn.
    """

    name = NAME
    whispers = overhears = True
    room = 20_000
    circle = Circle.CHANNEL

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self.keys: Mapping[str, Key] = {}
        self.ask = ""
        self.message = ""
        self.drawn = 0

    async def send(self, outgoing: Outgoing) -> MessageRef:
        """Draw a card; what was drawn can't be changed, so an edit is drawn anew."""
        self.draw(outgoing.card)
        if outgoing.card.buttons:
            self._offer(outgoing.card.buttons)
            self.message = outgoing.id
        return MessageRef(outgoing.to, outgoing.id)

    async def find(self, outgoing: Outgoing) -> MessageRef | None:
        """Say that an interrupted send was not seen: a terminal that is gone shows nothing."""
        return None

    def address(self, ref: MessageRef) -> str:
        """Return nothing: a terminal's messages have no address."""
        return ""

    async def called(self, person: str) -> str:
        """Return nothing: who types says their name with each question."""
        return ""

    async def organises(self, person: str) -> bool:
        """Say no: nobody answers for the lecturers at a terminal."""
        return False

    def draw(self, card: Card) -> None:
        """Draw a card."""
        self._print(draw(card, self._width))
        self.drawn += 1

    def list(self, talks: Sequence[Talk]) -> None:
        """Draw the FAQ by talk; from now on its numbers open the entries."""
        entries = (entry for talk in talks for entry in talk.entries)
        self.keys = {str(number): entry for number, entry in enumerate(entries, start=1)}
        self.ask = ""
        self._print(draw_talks(talks, self._width))

    def show(self, text: str) -> None:
        """Print a line of the bot's own."""
        self._print(in_lines(text, self._width, style="dim"))

    def _offer(self, buttons: Sequence[Button]) -> None:
        """Let buttons be chosen; what the same question brought before them stays.

        So an answer can still be rated below the candidates that came next, and another candidate
        be chosen below an answer. New numbers replace the old ones.
        """
        new: dict[str, Key] = {**keys(buttons)}
        numbered = any(key.isdigit() for key in new)
        if buttons[0].about == self.ask:
            new = {
                key: old for key, old in self.keys.items() if not (numbered and key.isdigit())
            } | new
        self.keys, self.ask = new, buttons[0].about

    @property
    def _width(self) -> int:
        return min(self._console.width, WIDEST)

    def _print(self, drawn: RenderableType) -> None:
        self._console.print(drawn)


def keys(buttons: Sequence[Button]) -> dict[str, Button]:
    """Return which key stands for which button.

    Candidates are numbered from 1, and so are the answers of a card with several: ``1+`` rates
    the first alone. Buttons that only make sense among others (sharing, taking back) have no key.
    """
    found: dict[str, Button] = {}
    number = 0
    for button in buttons:
        if button.action is Action.CHOOSE:
            number += 1
            found[str(number)] = button
        elif key := _KEYS.get(button.action):
            found[key] = button
            each = apart(button.argument)
            if len(each) > 1:
                for at, argument in enumerate(each, start=1):
                    found[f"{at}{key}"] = replace(button, argument=argument)
    return found


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
