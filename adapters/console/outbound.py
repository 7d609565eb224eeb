"""The terminal as a platform: it draws what the desk posts."""

from collections.abc import Mapping, Sequence

from rich.console import Console, RenderableType

from adapters.console.drawing import draw, draw_talks, in_lines
from adapters.console.inbound import Key, keys
from bot.domain.card import Button, Card, Outgoing, Talk
from bot.domain.inbound import Circle, MessageRef

WIDEST = 90
"""Columns: longer lines read badly."""


class Terminal:
    """Implements ``Platform``.

    Args:
        console: Where to print.

    Attributes:
        keys: What can be chosen now.
        ask: The ask that the newest buttons belong to; empty where there is none.
        message: The id of the message that brought them.
        drawn: How many cards were drawn.
    """

    name = "console"
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
