"""The conformance table's driver for the terminal: what is typed, and what is drawn."""

import asyncio
import io
import re
from pathlib import Path
from typing import Never

import pytest
from rich.console import Console

from adapters.console.app import Chat as Typing
from adapters.console.outbound import Terminal
from bot.bootstrap import build
from bot.desk.desk import Desk
from bot.domain.card import Button, Outgoing
from bot.domain.inbound import MessageRef, Person
from bot.settings import CoreSettings
from tests.fakes.faq import FAQ
from tests.fakes.search import PairSearch
from tests.platforms.chat import Shown

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


class ConsoleChat:
    """Implements ``Chat`` as far as one person at a terminal can."""

    browsing = "/list"

    def __init__(self, folder: Path) -> None:
        self._url = f"sqlite:///{folder / 'faqbot.db'}"
        self._terminal = Recording()
        self._form_text: str | None = None
        self._filled = ""

    async def start(self) -> None:
        self._desk = self._build()
        self._typing = Typing(self._desk, self._terminal, Person("明美", "明美"))
        self._running = asyncio.create_task(self._desk.run({"console": self._terminal}))

    async def stop(self) -> None:
        self._running.cancel()
        await asyncio.wait([self._running])
        self._desk.close()

    async def says(self, who: str, text: str, *, thread: str | None = None) -> str:
        if thread is not None:
            _no("threads")
        await self._type(text)
        return "terminal"

    async def presses(self, who: str, label: str) -> None:
        if label in ("共有", "回答を取り下げる", "もう一度探す"):
            _no(f"use for {label}")
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

    async def sees(self, *, settled: bool = True) -> tuple[Shown, ...]:
        return tuple(shown for channel, shown in self._terminal.shown if channel != ORGANISERS)

    async def organisers_see(self) -> tuple[Shown, ...]:
        return tuple(shown for channel, shown in self._terminal.shown if channel == ORGANISERS)

    async def restarts(self, *, before_replying_to: tuple[str, str] | None = None) -> None:
        if before_replying_to is not None:
            _no("question that outlives its terminal")
        await self.stop()
        await self.start()

    async def overhears(self, who: str, text: str, *, thread: str | None = None) -> str:
        _no("others to overhear")

    async def points_at(self, who: str, by: str, text: str) -> str:
        _no("a menu of messages")

    async def commands(self, who: str, text: str) -> None:
        _no("others to keep an answer from")

    async def redelivers(self) -> None:
        _no("redelivery")

    async def edits(self, text: str) -> None:
        _no("editing of what was sent")

    async def deletes(self) -> None:
        _no("deleting of what was sent")

    async def sees_direct(self, who: str, *, settled: bool = True) -> tuple[Shown, ...]:
        _no("direct messages")

    async def organiser_presses(
        self, who: str, label: str, *, about: str = "", argument: str = ""
    ) -> dict[str, str] | None:
        _no(ORGANISERS)

    async def organisers_press(self, label: str, *who: str) -> None:
        _no(ORGANISERS)

    async def organiser_submits(self, who: str, **fields: str) -> str:
        _no(ORGANISERS)

    async def organiser_replies(self, who: str, text: str, *, mention: bool = False) -> None:
        _no(ORGANISERS)

    async def organiser_edits(self, text: str) -> None:
        _no(ORGANISERS)

    async def forgets(self, who: str) -> None:
        _no("way to delete what is kept")

    async def leaves_organisers(self, who: str) -> None:
        _no(ORGANISERS)

    async def asks_for_another_reviewer(self) -> None:
        _no(ORGANISERS)

    async def shuts(self, *, direct: bool = False) -> None:
        _no("place that can be gone")

    async def shuts_organisers(self) -> None:
        _no(ORGANISERS)

    async def invites_to_organisers(self) -> None:
        _no(ORGANISERS)

    async def _type(self, text: str) -> None:
        assert await self._typing.turn(text, self._enter)

    async def _enter(self, prompt: str, filled: str) -> str:
        self._filled = filled
        return filled if self._form_text is None else self._form_text

    def _build(self) -> Desk:
        return build(
            PairSearch(FAQ),
            CoreSettings(database_url=self._url),
            organisers={"console": ORGANISERS},
        )


def _no(what: str) -> Never:
    pytest.skip(f"a terminal has no {what}")
