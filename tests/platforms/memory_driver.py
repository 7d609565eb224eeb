"""The conformance table's driver without a chat service: the desk on a platform in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Never

import pytest

from adapters.console import plain
from bot.bootstrap import build
from bot.desk.desk import Desk
from bot.domain.ask import Draft, Proposal
from bot.domain.card import Button, Card, Kind, Sheet
from bot.domain.inbound import Action, Form, MessageRef, Person, Place, Press, Question
from bot.domain.ports import Faq
from bot.search.searcher import Searcher
from bot.settings import CoreSettings, LearningSettings, LimitSettings
from bot.store import reading
from tests.fakes.faq import FAQ, published, with_published
from tests.fakes.platform import MemoryPlatform, Posted
from tests.fakes.search import PairSearch
from tests.platforms.chat import AMONG_ORGANISERS, MEMBERS, Chat, Shown, cancel

CHANNEL = Place("memory", "W", "general")
ORGANISERS = Place("memory", "", "organisers")


class MemoryChat(Chat):
    """The desk on a platform in memory.

    Args:
        folder: Where the store lies, unless ``url`` says so.
        faq: What is searched.
        in_flight: Seconds after which a send of unknown fate may be repeated.
        limits: How much may be asked.
        organisers: The organisers' channel.

    Attributes:
        desk: The running desk.
        platform: What was posted.
        filed: The ids of entries that were exported to files.
    """

    name = "memory"

    def __init__(
        self,
        folder: Path,
        *,
        faq: Faq | None = None,
        in_flight: float = 0.5,
        limits: LimitSettings | None = None,
        organisers: str | None = "organisers",
        learning: LearningSettings | None = None,
        url: str | None = None,
    ) -> None:
        super().__init__(folder)
        self._learning = learning
        self._url = url or self._url
        self._faq = faq or PairSearch(FAQ)
        self._in_flight = in_flight
        self._limits = limits
        self._organisers = {"memory": organisers} if organisers else {}
        self.platform = MemoryPlatform("memory")
        self.platform.organisers |= {"講師", "運営"}
        self.filed: set[str] = set()
        self._sheets: dict[str, Sheet] = {}
        self._messages = 0
        self._presses = 0
        self._last: Question | None = None

    async def start(self, *, answering: bool = True) -> None:
        self.open()
        if answering:
            self.serve()

    def open(self) -> None:
        """Open the store; nothing is answered yet."""
        self.desk = self._build()
        self.learn()

    def serve(self) -> None:
        """Begin to answer."""
        running = asyncio.create_task(self.desk.run({self.name: self.platform}))
        self._ends.push_async_callback(cancel, running)

    async def stop(self) -> None:
        await self._ends.aclose()
        self.desk.close()

    async def says(self, who: str, text: str, *, thread: str | None = None) -> str:
        return await self._say(who, text, thread, addressed=True)

    async def overhears(self, who: str, text: str, *, thread: str | None = None) -> str:
        if "@" in text:
            self.lacks("mentions")
        return await self._say(who, text, thread, addressed=False)

    async def commands(self, who: str, text: str) -> None:
        self._messages += 1
        place = replace(CHANNEL, private_to=who, handle=f"handle-{self._messages}")
        ref = MessageRef(place, f"q{self._messages}")
        await self.desk.receive(Question(ref, Person(who, who), text))

    async def presses(self, who: str, label: str) -> None:
        posted, button = self._find(label)
        self._presses += 1
        await self.desk.receive(
            Press(
                id=f"p{self._presses}",
                action=button.action,
                about=button.about,
                argument=button.argument,
                by=Person(who, who),
                on=MessageRef(posted.place, posted.id),
            )
        )

    async def submits(self, who: str, text: str | None = None) -> str:
        posted, button = self._find("講師に聞く")
        assert button.action is Action.ASK_LECTURER
        self._presses += 1
        person, on = Person(who, who), MessageRef(posted.place, posted.id)
        sheet = await self.desk.take(
            Press(f"p{self._presses}", button.action, button.about, button.argument, person, on)
        )
        assert isinstance(sheet, Sheet)
        (field,) = sheet.fields
        words = field.text if text is None else text
        await self.desk.receive(
            Form.of_question(f"f{self._presses}", button.about, words, person, posted.place)
        )
        return field.text

    async def redelivers(self) -> None:
        assert not await self.desk.receive(self.question)

    async def edits(self, text: str) -> None:
        await self.desk.edited(self.question.ref, text)

    async def deletes(self) -> None:
        await self.desk.deleted(self.question.ref)

    async def organiser_presses(
        self, who: str, label: str, *, about: str = "", argument: str = ""
    ) -> dict[str, str] | None:
        press = await self._organisers_press(who, label)
        about, argument = about or press.about, argument or press.argument
        shown = await self.desk.take(replace(press, about=about, argument=argument))
        if isinstance(shown, Card):
            self.platform.whisper(replace(ORGANISERS, private_to=who), shown)
        if not isinstance(shown, Sheet):
            return None
        self._sheets[who] = shown
        return {field.name: field.text for field in shown.fields}

    async def organisers_press(self, label: str, *who: str) -> None:
        presses = [await self._organisers_press(each, label) for each in who]
        await asyncio.gather(*map(self.desk.take, presses))

    async def organiser_submits(self, who: str, **fields: str) -> str:
        sheet = self._sheets[who]
        self._presses += 1
        filled = {field.name: field.text for field in sheet.fields} | fields
        where = replace(ORGANISERS, private_to=who)
        id_ = f"f{self._presses}"
        form = Form(id_, sheet.kind, sheet.about, filled, Person(who, who), where)
        shown = await self.desk.take(form)
        return plain(shown) if isinstance(shown, Card) else ""

    async def organiser_replies(self, who: str, text: str, *, mention: bool = False) -> None:
        card = [each for each in self._posted("organisers") if each.place.thread is None][-1]
        self._messages += 1
        ref = MessageRef(replace(ORGANISERS, thread=card.id), f"q{self._messages}")
        self._last = Question(ref, Person(who, who), text, addressed=mention)
        assert mention or await self.desk.hears(self._last)
        assert await self.desk.receive(self._last)

    async def organiser_edits(self, text: str) -> None:
        await self.edits(text)

    async def forgets(self, who: str) -> None:
        await self.desk.forget_me(Person(who), CHANNEL)

    async def leaves_organisers(self, who: str) -> None:
        self.platform.organisers.discard(who)

    async def shuts(self, *, direct: bool = False) -> None:
        self.platform.closed |= {"general", *(("direct",) if direct else ())}

    async def shuts_organisers(self) -> None:
        self.platform.closed.add("organisers")

    async def invites_to_organisers(self) -> None:
        self.platform.closed.discard("organisers")
        await self.desk.reachable("memory", "organisers")

    def published(self) -> tuple[Draft, ...]:
        """Return what lecturers' answers became."""
        return published(self._url)

    def proposals(self) -> tuple[Proposal, ...]:
        """Return the wordings that members showed and nobody has settled."""
        with reading(self._url) as tx:
            return tx.proposals.open() if tx else ()

    def learn(self) -> None:
        """Search what is published from now on, as the catalogue lets a process do."""
        if isinstance(self._faq, PairSearch | Searcher):
            self._faq.replace(with_published(self._url))

    @property
    def question(self) -> Question:
        assert self._last is not None
        return self._last

    def _build(self) -> Desk:
        return build(
            self._faq,
            CoreSettings(database_url=self._url),
            organisers=self._organisers,
            watched={"memory": ("always",)},
            limits=self._limits,
            learning=self._learning,
            published=self.learn,
            in_files=lambda draft: draft.entry in self.filed,
            in_flight=self._in_flight,
        )

    async def _say(self, who: str, text: str, thread: str | None, *, addressed: bool) -> str:
        self._messages += 1
        message = f"q{self._messages}"
        place = replace(CHANNEL, thread=thread or message)
        self._last = Question(MessageRef(place, message), Person(who, who), text, addressed)
        assert await self.desk.receive(self._last)
        return thread or message

    async def _organisers_press(self, who: str, label: str) -> Press:
        await self.settled()
        there = [
            each for each in self._posted("organisers") if each.place.private_to in (None, who)
        ]
        posted, button = self._find(label, there)
        self._presses += 1
        on, by = MessageRef(posted.place, posted.id), Person(who, who)
        id_ = f"p{self._presses}"
        return Press(id_, button.action, button.about, button.argument, by, on)

    def _find(self, label: str, among: Sequence[Posted] | None = None) -> tuple[Posted, Button]:
        return next(
            (posted, button)
            for posted in reversed(self.platform.posted if among is None else among)
            for button in posted.card.buttons
            if button.label.startswith(label)
        )

    def standing(self, where: str) -> tuple[Shown, ...]:
        direct = where not in (MEMBERS, AMONG_ORGANISERS)
        there = (
            [each for each in self.platform.posted if each.place.private_to == where]
            if direct
            else self._posted(where or CHANNEL.channel)
        )
        return tuple(_shown(each) for each in there if (each.kind is Kind.DIRECT) == direct)

    def lacks(self, what: str) -> Never:
        pytest.skip(f"memory has no {what}")

    def _posted(self, channel: str) -> list[Posted]:
        return [each for each in self.platform.posted if each.place.channel == channel]


def _shown(posted: Posted) -> Shown:
    return Shown(
        text=plain(posted.card),
        buttons=tuple(button.label for button in posted.card.buttons),
        thread=posted.place.thread or "",
        only_for=posted.place.private_to,
        pinged=posted.card.ping,
    )
