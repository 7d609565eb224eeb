"""What is posted: words and buttons, drawn alike by every platform. Made by the desk only."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.inbound import Action, Place


@dataclass(frozen=True, slots=True)
class Say:
    """The bot's own words."""

    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A lecturer's words, verbatim and whole; drawn apart from the bot's."""

    text: str


@dataclass(frozen=True, slots=True)
class Credit:
    """Whose words the quote before it holds.

    Attributes:
        lecturer: As shown, with 先生.
        talk: Title of the lecture; empty where unknown.
        links: Addresses that belong to the answer and aren't in its words already.
    """

    lecturer: str
    talk: str
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Small:
    """A side note, such as what matched."""

    text: str


Part = Say | Quote | Credit | Small


@dataclass(frozen=True, slots=True)
class Button:
    """A button: its label, and what comes back when it is pressed."""

    label: str
    action: Action
    ask: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One reply. An adapter may need several messages for it; it never cuts one.

    Attributes:
        parts: From top to bottom.
        buttons: Below the last part.
        ping: The id of the one person to notify; None for nobody.
    """

    parts: tuple[Part, ...]
    buttons: tuple[Button, ...] = ()
    ping: str | None = None


class Kind(StrEnum):
    """How an outgoing card is delivered."""

    THREAD = "thread"
    PRIVATE = "private"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One card on its way out: one row of the outbox.

    Attributes:
        id: Unique; travels with the message so that it can be found again.
        to: Where it goes.
        card: What is said.
        kind: How it is delivered.
        edits: The message to change where ``kind`` is ``EDIT``.
    """

    id: str
    to: Place
    card: Card = field(repr=False)
    kind: Kind = Kind.THREAD
    edits: str | None = None
