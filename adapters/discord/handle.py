"""What travels with a place through the core, unread by it: how Discord wants to be answered."""

from dataclasses import dataclass, field
from typing import assert_never


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Reply to a message in a channel, where it has no thread."""

    message: str


@dataclass(frozen=True, slots=True)
class ReplyWithin:
    """Reply to a message within the thread or forum post that it stands in."""

    message: str


@dataclass(frozen=True, slots=True)
class ThreadOn:
    """Reply in the thread on a message; it is made where it isn't there yet."""

    message: str


@dataclass(frozen=True, slots=True)
class Interaction:
    """Answer an interaction; its token is good for 15 minutes.

    Attributes:
        application: The bot's application.
        token: Lets one answer in the bot's name.
        awaited: Discord shows that the bot is thinking, until its first answer.
        asked: The question, to be shown above an answer for everybody: Discord shows others that
            a command was used, but not its words. As good as the token: for one answer only.
        on: The message that everybody sees and whose button was pressed; what follows replies to
            it. Empty elsewhere.
    """

    application: str
    token: str = field(repr=False)
    awaited: bool
    asked: str = field(default="", repr=False)
    on: str = ""


Handle = ReplyTo | ReplyWithin | ThreadOn | Interaction


def encode(handle: Handle) -> str:
    """Write a handle as the text that ``Place.handle`` holds."""
    match handle:
        case ReplyTo(message):
            return f"reply:{message}"
        case ReplyWithin(message):
            return f"within:{message}"
        case ThreadOn(message):
            return f"thread:{message}"
        case Interaction(application, token, True, asked):
            return f"awaited:{application}:{token}:{asked}"
        case Interaction(application, token, _, _, on):
            return f"pressed:{application}:{token}:{on}"
        case _:
            assert_never(handle)


def decode(text: str | None) -> Handle | None:
    """Read a handle; None where there is none, or one that this version doesn't know."""
    match (text or "").split(":", 3):
        case ["reply", message]:
            return ReplyTo(message)
        case ["within", message]:
            return ReplyWithin(message)
        case ["thread", message]:
            return ThreadOn(message)
        case ["awaited", application, token, asked]:
            return Interaction(application, token, True, asked)
        case ["pressed", application, token, on]:
            return Interaction(application, token, False, on=on)
        case _:
            return None
