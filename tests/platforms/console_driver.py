"""The conformance table's driver for the terminal: what is typed, and what is drawn."""

import io
import re
from pathlib import Path
from typing import Never

import pytest
from rich.console import Console

from adapters.console.app import Chat as Typing
from adapters.console.outbound import Terminal
from bot.desk.desk import Desk
from bot.domain.card import Button, Outgoing
from bot.domain.inbound import MessageRef, Person
from bot.domain.ports import Platform
from tests.platforms.chat import AMONG_ORGANISERS, MEMBERS, Chat, Shown

_BORDER = re.compile(r"[╭╮╰╯─│]")
_KEYS = re.compile(r"\n\[[+\-!0=]\] .*$", re.DOTALL)
ORGANISERS = "organisers"


class Recording(Terminal):
    """The terminal, with what it drew for each card kept apart."""

    def __init__(self) -> None:
        self._screen = io.StringIO()
        super().__init__(Console(file=self._screen, width=120, highlight=False))
        self.shown: list[tuple[str, Shown]] = []

    async def send(self, outgoing: Outgoing) -> MessageRef:
        start = self._screen.tell()
        ref = await super().send(outgoing)
        drawn = _BORDER.sub("", self._screen.getvalue()[start:])
        text = _KEYS.sub("", drawn.rstrip()).strip()
        labels = tuple(button.label for button in outgoing.card.buttons)
        shown = Shown(text, labels, ref.place.channel, outgoing.to.private_to)
        self.shown.append((outgoing.to.channel, shown))
        return ref


class ConsoleChat(Chat):
    """A chat as far as one person at a terminal has one."""

    name, browsing, organisers = "console", "/list", ORGANISERS

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._terminal = Recording()
        self._form_text: str | None = None
        self._filled = ""

    async def serves(self, desk: Desk, organisers: str | None) -> Platform:
        self._typing = Typing(desk, self._terminal, Person("明美", "明美"))
        return self._terminal

    async def restarts(self, *, before_replying_to: tuple[str, str] | None = None) -> None:
        if before_replying_to is not None:
            self.lacks("question that outlives its terminal")
        await super().restarts()

    async def says(self, who: str, text: str, *, thread: str | None = None) -> str:
        if thread is not None:
            self.lacks("threads")
        await self._type(text)
        return "terminal"

    async def presses(self, who: str, label: str) -> None:
        if label in ("共有", "回答を取り下げる", "もう一度探す"):
            self.lacks(f"use for {label}")
        keys = self._terminal.keys.items()
        await self._type(
            next(
                key
                for key, button in keys
                if isinstance(button, Button) and button.label.startswith(label)
            )
        )

    async def submits(self, who: str, text: str | None = None) -> str:
        self._form_text = text
        await self._type("!")
        return self._filled

    def standing(self, where: str) -> tuple[Shown, ...]:
        if where not in (MEMBERS, AMONG_ORGANISERS):
            self.lacks("direct messages")
        there = [(channel == ORGANISERS, shown) for channel, shown in self._terminal.shown]
        return tuple(shown for among, shown in there if among == (where == AMONG_ORGANISERS))

    def lacks(self, what: str) -> Never:
        pytest.skip(f"a terminal has no {what}")

    async def _type(self, text: str) -> None:
        assert await self._typing.turn(text, self._enter)

    async def _enter(self, prompt: str, filled: str) -> str:
        self._filled = filled
        return filled if self._form_text is None else self._form_text
