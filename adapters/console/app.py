"""The chat in a terminal: a line is a command, what a key stands for, or a question to the desk."""

import asyncio
import os
import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import assert_never

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory

from adapters.console import NAME
from adapters.console.outbound import Key, Terminal
from bot.desk.desk import Desk, StoreError
from bot.domain.card import Button, Card, Sheet
from bot.domain.entry import Entry
from bot.domain.inbound import Action, Form, MessageRef, Person, Place, Press, Question
from bot.domain.text import is_blank, one_line

PLACE = Place(NAME, "local", "terminal")

ECHOED = 40
"""Characters of a line that a hint repeats at most."""

Ask = Callable[[str, str], Awaitable[str]]
"""Shows a prompt and a prefilled text; returns the line that was entered.

Raises ``KeyboardInterrupt`` where the line was given up, ``EOFError`` where nothing more comes.
"""

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


class Chat:
    """One member at one terminal.

    Args:
        desk: The conversation.
        terminal: Where cards are drawn; registered with the desk as the platform ``console``.
        person: Who types.
    """

    def __init__(self, desk: Desk, terminal: Terminal, person: Person) -> None:
        self._desk = desk
        self._terminal = terminal
        self._person = person
        self._commands = commands(desk.say)
        self._turn = 0
        self._session = f"{os.getpid()}-{os.urandom(4).hex()}"

    async def run(self, ask: Ask) -> None:
        """Converse until the end of input."""
        self._say("welcome")
        while True:
            choosing = any(key.isdigit() for key in self._terminal.keys)
            prompt = self._desk.say("console.prompt_number" if choosing else "console.prompt")
            try:
                text = await ask(prompt, "")
            except KeyboardInterrupt:
                self._say("cleared")
                continue
            except EOFError:
                return
            try:
                if not await self.turn(text, ask):
                    return
            except StoreError:
                self._terminal.show(self._desk.say("error.not_saved"))

    async def turn(self, text: str, ask: Ask) -> bool:
        """Handle one line; return False where it ends the chat."""
        typed = one_line(text, ECHOED)
        match parse(text, self._terminal.keys, self._commands):
            case Line.NOTHING:
                pass
            case Line.QUIT:
                return False
            case Line.HELP:
                self._say("help")
            case Line.LIST:
                pages = map(self._desk.browse, range(self._desk.browse().count))
                self._terminal.list([talk for page in pages for talk in page.talks])
            case Line.LECTURER | Button(action=Action.ASK_LECTURER):
                await self._ask_lecturer(ask)
            case Line.UNKNOWN:
                self._say("unknown", typed=typed)
            case Line.UNUSABLE:
                self._say_what_can_be_chosen(typed)
            case Entry(id=id_):
                self._terminal.draw(Card(self._desk.show(id_).parts))
            case Button() as button:
                on = MessageRef(PLACE, self._terminal.message)
                press = Press(
                    self._next(), button.action, button.about, button.argument, self._person, on
                )
                await self._answered(press)
            case str(words):
                self._terminal.ask = ""  # what brings no buttons is no question for a lecturer
                question = Question(MessageRef(PLACE, self._next()), self._person, words)
                if not await self._answered(question):
                    # Of many questions beyond the limit the desk tells the first one only.
                    self._terminal.show(self._desk.say("limit.member"))
            case never:
                assert_never(never)
        return True

    async def _ask_lecturer(self, ask: Ask) -> None:
        about = self._terminal.ask
        on = MessageRef(PLACE, self._terminal.message)
        press = Press(self._next(), Action.ASK_LECTURER, about, "", self._person, on)
        sheet = await self._desk.take(press)
        assert isinstance(sheet, Sheet)
        (field,) = sheet.fields
        self._terminal.show(f"{sheet.title}: {field.hint}")
        self._say("form")
        try:
            words = await ask(f"{field.label}> ", " ".join(field.text.split()))
        except (EOFError, KeyboardInterrupt):
            words = ""
        if is_blank(words):
            self._say("not_sent")
        else:
            await self._answered(Form.of_question(self._next(), about, words, self._person, PLACE))

    async def _answered(self, item: Question | Press | Form) -> bool:
        """Hand something to the desk; return whether anything was drawn for it."""
        drawn = self._terminal.drawn
        await self._desk.receive(item)
        while await self._desk.waiting(PLACE.platform):  # noqa: ASYNC110 - nothing rings when both queues are empty
            await asyncio.sleep(0.01)
        return self._terminal.drawn > drawn

    def _say_what_can_be_chosen(self, typed: str) -> None:
        numbers = sum(key.isdigit() and key != "0" for key in self._terminal.keys)
        found = [f"1–{numbers}" if numbers > 1 else "1"] if numbers else []
        found += [key for key in self._terminal.keys if not key.isdigit() or key == "0"]
        if found:
            self._say("unusable", typed=typed, keys=" ".join(f"[{key}]" for key in found))
        else:
            self._say("nothing_to_choose", typed=typed)

    def _say(self, key: str, **values: str) -> None:
        self._terminal.show(self._desk.say(f"console.{key}", **values))

    def _next(self) -> str:
        """Return an id that no other turn of any session has."""
        self._turn += 1
        return f"{PLACE.platform}:{self._session}-{self._turn}"


def commands(say: Callable[[str], str]) -> dict[str, Line]:
    """Return what each word commands, with / before it or without.

    Args:
        say: Returns the text at a key: words in a row.
    """
    return {
        _folded(word): line for line in COMMANDS for word in say(f"commands.{line.value}").split()
    }


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


async def serve(desk: Desk, history: Path, terminal: Terminal) -> None:
    """Run the chat with line editing, and with a history across sessions."""
    history.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    history.touch(0o600)  # noqa: ASYNC240 - nothing else runs yet
    session: PromptSession[str] = PromptSession(history=FileHistory(str(history)))

    async def ask(prompt: str, text: str) -> str:
        try:
            return await session.prompt_async(prompt, default=text)
        except KeyboardInterrupt:
            if session.default_buffer.text:
                raise
            raise EOFError from None

    service = asyncio.create_task(desk.run({terminal.name: terminal}))
    try:
        person = Person(f"uid-{os.getuid()}", os.environ.get("USER", ""))
        await Chat(desk, terminal, person).run(ask)
    finally:
        service.cancel()
        await asyncio.wait([service])
