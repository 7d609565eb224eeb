"""What is typed → a command, a button, or a question."""

from collections.abc import Mapping, Sequence
from enum import Enum

from bot.domain.card import Button
from bot.domain.inbound import Action

_KEYS: Mapping[Action, str] = {
    Action.USEFUL: "+",
    Action.WRONG: "-",
    Action.NONE_OF_THESE: "0",
    Action.ASK_LECTURER: "!",
    Action.SEARCH_AGAIN: "=",
}


class Line(Enum):
    """A line that is no question."""

    NOTHING = ""
    HELP = "/help"
    LIST = "/list"
    QUIT = "/quit"


def keys(buttons: Sequence[Button]) -> dict[str, Button]:
    """Return which key stands for which button: candidates are numbered from 1.

    Buttons that only make sense among others (sharing, taking back) have no key.
    """
    found: dict[str, Button] = {}
    number = 0
    for button in buttons:
        if button.action is Action.CHOOSE:
            number += 1
            found[str(number)] = button
        elif button.action in _KEYS:
            found[_KEYS[button.action]] = button
    return found


def parse(text: str, buttons: Mapping[str, Button]) -> Line | Button | str:
    """Return what a line means."""
    word = text.strip()
    if word in buttons:
        return buttons[word]
    try:
        return Line(word.lower())
    except ValueError:
        return text
