"""What is posted: words and buttons, drawn alike by every platform. Made by the desk only."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, NamedTuple

from bot.domain.entry import Entry
from bot.domain.inbound import Action, FormKind, Place


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


@dataclass(frozen=True, slots=True)
class Link:
    """Somewhere to go: a message on a platform.

    Attributes:
        text: What stands for it.
        address: Where it leads.
    """

    text: str
    address: str


Part = Say | Quote | Credit | Small | Link


@dataclass(frozen=True, slots=True)
class Button:
    """A button: its label, and what comes back when it is pressed.

    Attributes:
        label: What stands on it.
        action: What it does.
        about: The id of the ask, or, for organisers, of the escalation that it belongs to.
        argument: What else it needs, such as a position.
    """

    label: str
    action: Action
    about: str
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


class Choice(NamedTuple):
    """One of several things that may be chosen: what comes back, and what stands for it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    Attributes:
        name: By which it comes back.
        label: Above it.
        hint: Below it; empty for none.
        text: What it holds when the form opens.
        lines: Several lines may be typed.
        needed: The form isn't sent without it.
        choices: What may be chosen, the likeliest first; empty where it is only typed.
        typed: What isn't among the choices may be typed.
        spare: A platform whose forms have few fields leaves it out.
        completes: What is typed is some of an entry's question: it may be completed.
    """

    name: str
    label: str
    hint: str = ""
    text: str = field(default="", repr=False)
    lines: bool = False
    needed: bool = True
    choices: tuple[Choice, ...] = ()
    typed: bool = True
    spare: bool = False
    completes: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What opens before one person: something to read, and fields to fill in.

    Attributes:
        title: Above it.
        close: On the button that leaves it.
        submit: On the button that sends it; empty where there is nothing to send.
        kind: What for; comes back with the form.
        about: Comes back with the form.
        parts: What is to read, above the fields.
        fields: What is to fill in.
    """

    title: str
    close: str
    submit: str = ""
    kind: FormKind = FormKind.QUESTION
    about: str = ""
    parts: tuple[Part, ...] = ()
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Talk:
    """Entries of one talk, in the FAQ's order.

    Attributes:
        title: Of the talk; empty where unknown.
        lecturer: As shown, with 先生; empty where unknown, or what stands in for both.
        entries: At least one.
        first: Which of the talk's entries comes first here, from 0.
    """

    title: str
    lecturer: str
    entries: tuple[Entry, ...]
    first: int = 0


@dataclass(frozen=True, slots=True)
class Pages:
    """One page of the FAQ's list, and where one can turn to.

    At most ``ENTRIES`` entries of at most ``TALKS`` talks, so that no platform has to cut it.

    Attributes:
        intro: Above the list.
        talks: What is on this page.
        number: Of this page, from 0.
        count: How many pages there are, at least 1.
        open: On what shows an entry.
        previous: On what turns back.
        next: On what turns on.
    """

    ENTRIES: ClassVar[int] = 20
    TALKS: ClassVar[int] = 8

    intro: str
    talks: tuple[Talk, ...]
    number: int
    count: int
    open: str
    previous: str
    next: str


class Kind(StrEnum):
    """How an outgoing card is delivered."""

    THREAD = "thread"
    PRIVATE = "private"
    EDIT = "edit"
    """In the place of a message that everybody there sees."""
    DIRECT = "direct"
    """As a direct message to the person that the place is private to."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One card on its way out: one row of the outbox.

    Attributes:
        id: Unique; travels with the message so that it can be found again.
        to: Where it goes.
        card: What is said.
        kind: How it is delivered.
        edits: The message to change where ``kind`` is ``EDIT``.
        opens: What a thread on it is called, where the platform must open one for replies; empty
            for none. With an edit: what the one that there is is called from now on.
    """

    id: str
    to: Place
    card: Card = field(repr=False)
    kind: Kind = Kind.THREAD
    edits: str | None = None
    opens: str = ""


def argument(at: int, count: int) -> str:
    """Return what an answer's buttons carry: its position, or the first and last, ``0-2``."""
    return str(at) if count == 1 else f"{at}-{at + count - 1}"


def apart(argument: str) -> tuple[str, ...]:
    """Return the arguments of the single answers that ``argument`` took together."""
    first, _, last = argument.partition("-")
    return tuple(map(str, range(int(first), int(last) + 1))) if last else (argument,)
