"""The chat in a terminal: ``app.serve`` runs it, ``outbound.Terminal`` is the platform it posts to.

What is here is for pipes, and loads neither line editor nor colours.
"""

from typing import assert_never

from bot.domain.card import Card, Credit, Link, Part, Quote, Say, Small

NAME = "console"
"""The platform's."""


def plain(card: Card) -> str:
    """Return the card as text that reads well in a pipe; buttons don't exist there."""
    return "\n\n".join(_plain(part) for part in card.parts)


def _plain(part: Part) -> str:
    match part:
        case Say(text) | Quote(text):
            return text
        case Credit(links=links):
            return "\n".join((f"― {title(part.lecturer, part.talk)}", *links))
        case Small(text):
            return f"({text})"
        case Link(text, address):
            return f"{text}: {address}"
        case _:
            assert_never(part)


def title(lecturer: str, talk: str) -> str:
    """Return who spoke, and where if that is known."""
    return f"{lecturer}「{talk}」" if talk else lecturer
