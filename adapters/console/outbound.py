"""The terminal as a platform: it draws what the desk posts."""

from collections.abc import Callable

from rich.console import Console, RenderableType

from bot.domain.card import Button, Card, Outgoing
from bot.domain.inbound import MessageRef


class Terminal:
    """Implements ``Platform``.

    Args:
        draw: Makes something to print of a card and the terminal's width.
        console: Where to print.

    Attributes:
        buttons: Those of the newest card that has any.
        message: The id of that card's message.
    """

    name = "console"

    def __init__(
        self, draw: Callable[[Card, int], RenderableType], console: Console | None = None
    ) -> None:
        self._draw = draw
        self._console = console or Console(highlight=False)
        self.buttons: tuple[Button, ...] = ()
        self.message = ""

    async def send(self, outgoing: Outgoing) -> MessageRef:
        """Draw a card; what was drawn can't be changed, so an edit is drawn anew."""
        self.print(self._draw(outgoing.card, self.width))
        if outgoing.card.buttons:
            self.buttons = outgoing.card.buttons
            self.message = outgoing.id
        return MessageRef(outgoing.to, outgoing.id)

    async def find(self, outgoing: Outgoing) -> MessageRef | None:
        """Say that an interrupted send was not seen: a terminal that is gone shows nothing."""
        return None

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        return self._console.width

    def show(self, text: str) -> None:
        """Print a line of the bot's own."""
        self._console.print(text, style="dim", markup=False)

    def print(self, drawn: RenderableType) -> None:
        """Print something drawn."""
        self._console.print(drawn)
