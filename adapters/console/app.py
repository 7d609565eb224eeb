"""The chat in a terminal: what is typed goes to the desk, what the desk posts is drawn here."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory

from adapters.console.drawing import draw_talks
from adapters.console.inbound import Line, keys, parse
from adapters.console.outbound import Terminal
from bot.desk.desk import Desk
from bot.domain.card import Button
from bot.domain.inbound import Action, Form, MessageRef, Person, Place, Press, Question

PLACE = Place("console", "local", "terminal")

Ask = Callable[[str, str], Awaitable[str]]
"""Shows a prompt and a prefilled text; returns the line that was entered."""


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
        self._turn = 0
        self._session = f"{os.getpid()}-{os.urandom(4).hex()}"

    async def run(self, ask: Ask) -> None:
        """Converse until the end of input."""
        self._terminal.show(self._desk.say("console.welcome"))
        while True:
            try:
                text = await ask(self._desk.say("console.prompt"), "")
            except (EOFError, KeyboardInterrupt):
                return
            if not await self.turn(text, ask):
                return

    async def turn(self, text: str, ask: Ask) -> bool:
        """Handle one line; return False where it ends the chat."""
        buttons = self._terminal.buttons
        match parse(text, keys(buttons)):
            case Line.NOTHING:
                pass
            case Line.QUIT:
                return False
            case Line.HELP:
                self._terminal.show(self._desk.say("console.help"))
            case Line.LIST:
                self._terminal.print(draw_talks(self._desk.browse(), self._terminal.width))
            case Button(action=Action.ASK_LECTURER) as button:
                await self._ask_lecturer(button, ask)
            case Button() as button:
                await self._press(button)
            case str(question):
                place = MessageRef(PLACE, self._next())
                await self._desk.receive(Question(place, self._person, question))
        await self._settled()
        return True

    async def _press(self, button: Button) -> None:
        on = MessageRef(PLACE, self._terminal.message)
        press = Press(self._next(), button.action, button.ask, button.argument, self._person, on)
        await self._desk.receive(press)

    async def _ask_lecturer(self, button: Button, ask: Ask) -> None:
        form = await self._desk.form(button.ask)
        self._terminal.show(f"{form.title}: {form.hint}")
        try:
            words = await ask(f"{form.label}> ", " ".join(form.text.split()))
        except (EOFError, KeyboardInterrupt):
            return
        await self._desk.receive(Form(self._next(), button.ask, words, self._person, PLACE))

    def _next(self) -> str:
        """Return an id that no other turn of any session has."""
        self._turn += 1
        return f"{self._session}-{self._turn}"

    async def _settled(self) -> None:
        """Wait until what was received is answered and drawn."""
        while await self._desk.waiting():  # noqa: ASYNC110 - nothing rings when both queues are empty
            await asyncio.sleep(0.01)


async def serve(desk: Desk, history: Path, terminal: Terminal) -> None:
    """Run the chat with line editing, and with a history across sessions."""
    history.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    history.touch(0o600)  # noqa: ASYNC240 - nothing else runs yet
    session: PromptSession[str] = PromptSession(history=FileHistory(str(history)))

    async def ask(prompt: str, text: str) -> str:
        return await session.prompt_async(prompt, default=text)

    service = asyncio.create_task(desk.run({terminal.name: terminal}))
    try:
        await Chat(desk, terminal, Person(f"uid-{os.getuid()}")).run(ask)
    finally:
        service.cancel()
        await asyncio.wait([service])
