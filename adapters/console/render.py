"""Card → plain text, for a terminal or a pipe."""

from typing import assert_never

from bot.domain.card import Card, Credit, Part, Quote, Say, Small


def plain(card: Card) -> str:
    """Return the card as text that reads well in a pipe; buttons don't exist there."""
    return "\n\n".join(_plain(part) for part in card.parts)


def credit(part: Credit) -> str:
    """Return whose words were quoted, on one line, and the links on lines of their own."""
    who = f"{part.lecturer}「{part.talk}」" if part.talk else part.lecturer
    return "\n".join((f"― {who}", *part.links))


def _plain(part: Part) -> str:
    match part:
        case Say(text) | Quote(text):
            return text
        case Credit():
            return credit(part)
        case Small(text):
            return f"（{text}）"
        case _:
            assert_never(part)
