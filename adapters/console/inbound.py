"""What is typed → a command, what a key stands for, or a question."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import Enum

from bot.domain.card import Button, apart
from bot.domain.entry import Entry
from bot.domain.inbound import Action

Key = Button | Entry
"""What a key stands for: a button, or an entry of the list."""

_KEYS: Mapping[Action, str] = {
    Action.USEFUL: "+",
    Action.WRONG: "-",
    Action.NONE_OF_THESE: "0",
    Action.ASK_LECTURER: "!",
}
# Compatibility forms are folded by NFKC; these are what else the key of - types: the long vowel
# mark, hyphens, dashes, the minus sign.
_DASHES = dict.fromkeys((0x30FC, 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212), "-")
_KEY = re.compile(r"!|[-+]*\d*[-+]*")


class Line(Enum):
    """A line that is no question. The values are keys of the section ``commands`` of the texts."""

    HELP = "help"
    LIST = "list"
    QUIT = "quit"
    LECTURER = "lecturer"
    NOTHING = ""
    UNKNOWN = "an unknown command"
    UNUSABLE = "a key that stands for nothing now"


COMMANDS = (Line.HELP, Line.LIST, Line.QUIT, Line.LECTURER)


def commands(say: Callable[[str], str]) -> dict[str, Line]:
    """Return what each word commands, with / before it or without.

    Args:
        say: Returns the text at a key: words in a row.
    """
    return {
        _folded(word): line for line in COMMANDS for word in say(f"commands.{line.value}").split()
    }


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


def parse(text: str, keys: Mapping[str, Key], commands: Mapping[str, Line]) -> Line | Key | str:
    """Return what a line means; Japanese keyboards type keys and commands full width too.

    Args:
        text: The line.
        keys: What can be chosen now.
        commands: From ``commands``.
    """
    folded = _folded(text)
    if not folded:
        return Line.NOTHING
    word = folded.strip("[]().。") or folded  # as the screen shows keys: [+], 2.
    if word in keys:
        return keys[word]
    command = commands.get(word.removeprefix("/"))
    if command is not None:
        return command
    if word.startswith("/"):
        return Line.UNKNOWN
    return Line.UNUSABLE if _KEY.fullmatch(word) else text


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_DASHES).strip().lower()
