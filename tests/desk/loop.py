"""Members and organisers of one chat, in memory: how they go through the loop."""

import threading
from dataclasses import replace
from pathlib import Path

from bot.domain.card import Card, Sheet
from bot.domain.inbound import Action, Form, MessageRef, Person, Press
from bot.domain.retrieval import Ranking, Reply
from bot.settings import LearningSettings
from tests.fakes.faq import FAQ
from tests.fakes.platform import Posted
from tests.fakes.search import PairSearch
from tests.fakes.waiting import until
from tests.platforms.memory_driver import MemoryChat

QUESTION = "円周率とは何ですか"
ANSWER = "円の周の長さを直径で割った値です。\n\n講演では扱いませんでした。"
FIELDS = {
    "lecturer": "佐藤 一郎",
    "question": QUESTION,
    "answer": ANSWER,
    "more": "",
    "links": "https://example.org/pi",
}


class Beside(PairSearch):
    """A search that notes which threads it runs in."""

    def __init__(self) -> None:
        super().__init__(FAQ)
        self.threads: set[str] = set()

    def reply(self, text: str, addressed: bool, *, below: bool = False) -> tuple[Reply, Ranking]:
        self.threads.add(threading.current_thread().name.partition("_")[0])
        return super().reply(text, addressed, below=below)


class Loop:
    """Members and organisers of one chat, in memory."""

    def __init__(self, folder: Path, *, review: str = "any") -> None:
        self.faq = Beside()
        settings = LearningSettings("other" if review == "other" else "any")
        self.chat = MemoryChat(folder, faq=self.faq, learning=settings)
        self.chat.platform.organisers |= {"講師", "運営"}
        self.forms = 0

    async def ask(self, who: str = "明美", text: str = QUESTION) -> None:
        """Ask what is declined, and send some words to the lecturers by the button below that."""
        await self.chat.says(who, QUESTION)
        await self.chat.sees()
        await self.chat.submits(who, text)
        await self.chat.sees()

    async def ask_waiting(self) -> None:
        """Ask the lecturers while their channel refuses: the queue never gets empty."""
        await self.chat.says("明美", QUESTION)
        await self.chat.sees()
        await self.chat.submits("明美", QUESTION)
        await until(lambda: self.lines("明美"))

    async def replies(self, text: str, who: str = "講師") -> None:
        """Let an organiser reply in the question's thread."""
        await self.chat.organiser_replies(who, text)
        await self.chat.sees()

    def cards(self) -> list[Posted]:
        """Return what stands in the organisers' channel."""
        posted = self.chat.platform.posted
        return [each for each in posted if each.place.channel == "organisers"]

    def card(self) -> Posted:
        return next(each for each in self.cards() if each.place.thread is None)

    def public(self) -> list[Posted]:
        """Return what everybody sees in the organisers' channel."""
        return [each for each in self.cards() if not each.place.private_to]

    def lines(self, who: str) -> list[str]:
        """Return what one person alone was told."""
        posted = self.chat.platform.posted
        return [str(each.card.parts[0].text) for each in posted if each.place.private_to == who]  # type: ignore[union-attr]

    def press(self, action: Action, who: str = "講師", on: Posted | None = None) -> Press:
        posted = on or next(
            each
            for each in reversed(self.cards())
            if any(button.action is action for button in each.card.buttons)
        )
        button = next(each for each in posted.card.buttons if each.action is action)
        self.forms += 1
        ref = MessageRef(posted.place, posted.id)
        id_ = f"press {self.forms}"
        return Press(id_, action, button.about, button.argument, Person(who, who), ref)

    async def does(self, action: Action, who: str = "講師", on: Posted | None = None) -> None:
        assert await self.chat.desk.take(self.press(action, who, on)) is None
        await self.chat.sees()

    async def opens(
        self, action: Action, who: str = "講師", on: Posted | None = None
    ) -> Card | Sheet | None:
        return await self.chat.desk.take(self.press(action, who, on))

    async def sends(
        self, sheet: Card | Sheet | None, fields: dict[str, str], who: str = "講師"
    ) -> Card | Sheet | None:
        assert isinstance(sheet, Sheet)
        self.forms += 1
        where = replace(self.card().place, private_to=who)
        form = Form(f"form {self.forms}", sheet.kind, sheet.about, fields, Person(who, who), where)
        said = await self.chat.desk.take(form)
        await self.chat.sees()
        return said

    async def answers(self, fields: dict[str, str] = FIELDS, who: str = "講師") -> None:
        assert await self.sends(await self.opens(Action.ANSWER, who), fields, who) is None


def text(posted: Posted) -> str:
    return "\n".join(str(getattr(part, "text", part)) for part in posted.card.parts)


def labels(posted: Posted) -> list[str]:
    return [button.label for button in posted.card.buttons]
