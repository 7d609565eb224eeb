"""What the conformance table needs of a platform: members, what they do, what they see."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Never, Self

from bot.bootstrap import build
from bot.desk.desk import Desk
from bot.domain.ports import Platform
from bot.settings import CoreSettings, LearningSettings
from tests.fakes.faq import FAQ, with_published
from tests.fakes.search import PairSearch
from tests.fakes.waiting import at_rest

MEMBERS, AMONG_ORGANISERS = "", "organisers"
"""Where replies stand, beside direct messages."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One reply as members see it; a long one is one, however many messages it takes.

    Attributes:
        text: All its words.
        buttons: The labels, in order.
        thread: The driver's name of the conversation it stands in.
        only_for: Who alone sees it; None: everybody.
        pinged: Who is notified by it; None: nobody.
    """

    text: str
    buttons: tuple[str, ...] = ()
    thread: str = ""
    only_for: str | None = None
    pinged: str | None = None


class Chat:
    """Members on one platform, and what they see. Names are people's, such as 明美.

    What organisers do they do in their channel: 講師 and 運営 are in it, nobody else is.

    Attributes:
        name: The platform's.
        browsing: What the bot says of browsing there.
        organisers: The id of the organisers' channel.
        watched: Ids of the channels that are watched.
        desk: The running desk.
    """

    name: str
    browsing = ""
    organisers: str
    watched: tuple[str, ...] = ()
    desk: Desk

    def __init__(self, folder: Path) -> None:
        self._url = f"sqlite:///{folder / 'faqbot.db'}"
        self._learning: LearningSettings | None = None
        self._ends = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, *, answering: bool = True) -> None:
        """Start the bot; not ``answering``: it only accepts."""
        desk = a_desk(
            self._url,
            organisers={self.name: self.organisers},
            watched={self.name: self.watched},
            learning=self._learning,
        )
        self.desk = await self._ends.enter_async_context(desk)
        platform = await self.serves(self.desk, self.organisers)
        if answering:
            running = asyncio.create_task(self.desk.run({self.name: platform}))
            self._ends.push_async_callback(cancel, running)

    async def serves(self, desk: Desk, organisers: str | None) -> Platform:
        """Connect a desk, with an organisers' channel or without; return what it posts by."""
        raise NotImplementedError

    async def stop(self) -> None:
        """End the bot."""
        await self._ends.aclose()

    async def says(self, who: str, text: str, *, thread: str | None = None) -> str:
        """Ask the bot by a mention; return the thread that the message is in or begins."""
        self.lacks("members")

    async def overhears(self, who: str, text: str, *, thread: str | None = None) -> str:
        """Say something in the watched channel; return its thread.

        ``@健太`` in it mentions that member, ``@係`` a group, ``@全員`` everybody, and ``@FAQ`` the
        bot. Within backticks they call nobody.
        """
        self.lacks("others to overhear")

    async def points_at(self, who: str, by: str, text: str) -> str:
        """Let the bot answer what somebody else says, in private, by that message's menu.

        Returns:
            The thread that the message begins.
        """
        self.lacks("a menu of messages")

    async def commands(self, who: str, text: str) -> None:
        """Ask in private, by the command."""
        self.lacks("others to keep an answer from")

    async def presses(self, who: str, label: str) -> None:
        """Press the newest button whose label begins so."""
        self.lacks("buttons")

    async def submits(self, who: str, text: str | None = None) -> str:
        """Press the newest 講師に聞く, change the form's words if given, and send it.

        Returns:
            The words that the form was filled with.
        """
        self.lacks("forms")

    async def redelivers(self) -> None:
        """Let the platform deliver the last message once more."""
        self.lacks("redelivery")

    async def edits(self, text: str) -> None:
        """Change the words of the last message."""
        self.lacks("editing of what was sent")

    async def deletes(self) -> None:
        """Delete the last message."""
        self.lacks("deleting of what was sent")

    async def restarts(self, *, before_replying_to: tuple[str, str] | None = None) -> None:
        """End the bot and start it anew, on the same store.

        Args:
            before_replying_to: Who says what; it is accepted, then the bot ends at once.
        """
        await self.stop()
        if before_replying_to is not None:
            await self.start(answering=False)
            await self.says(*before_replying_to)
            await self.taken()
            await self.stop()
        await self.start()

    async def sees(self, *, settled: bool = True) -> tuple[Shown, ...]:
        """Wait until nothing is under way; return all replies so far, oldest first.

        Args:
            settled: Wait; what can't be delivered would let that take for ever.
        """
        if settled:
            await self.settled()
        return self.standing(MEMBERS)

    async def organisers_see(self) -> tuple[Shown, ...]:
        """The same for the organisers' channel."""
        await self.settled()
        return self.standing(AMONG_ORGANISERS)

    async def sees_direct(self, who: str, *, settled: bool = True) -> tuple[Shown, ...]:
        """The same for what somebody got by direct message."""
        if settled:
            await self.settled()
        return self.standing(who)

    async def organiser_presses(
        self, who: str, label: str, *, about: str = "", argument: str = ""
    ) -> dict[str, str] | None:
        """Press the newest button of the organisers' channel whose label begins so.

        Args:
            who: Whoever presses it; anybody may try.
            label: How the label begins.
            about: What the button is forged to be about.
            argument: What the button is forged to carry.

        Returns:
            What the form that opened is filled with, by the field's name; None where none did.
        """
        self.lacks("organisers")

    async def organisers_press(self, label: str, *who: str) -> None:
        """Let people press the newest such button at the same moment; it opens no form."""
        self.lacks("organisers")

    async def organiser_submits(self, who: str, **fields: str) -> str:
        """Send the form that somebody opened last; what isn't given stays as it was filled in.

        Returns:
            What is wrong with it; empty where it was taken.
        """
        self.lacks("organisers")

    async def organiser_replies(self, who: str, text: str, *, mention: bool = False) -> None:
        """Reply in the thread of the newest question's card, with a mention of the bot or not."""
        self.lacks("organisers")

    async def organiser_edits(self, text: str) -> None:
        """Change the words of the last such reply."""
        self.lacks("organisers")

    async def forgets(self, who: str) -> None:
        """Let somebody have all that is kept of them deleted."""
        self.lacks("way to delete what is kept")

    async def leaves_organisers(self, who: str) -> None:
        """Take somebody out of the organisers' channel."""
        self.lacks("organisers")

    async def asks_for_another_reviewer(self) -> None:
        """End the bot and start it anew with ``FAQBOT_LEARNING__REVIEW=other``."""
        self._learning = LearningSettings("other")
        await self.restarts()

    async def shuts(self, *, direct: bool = False) -> None:
        """Take away where members ask: nothing can be posted there any more.

        Args:
            direct: Nor by direct message.
        """
        self.lacks("place that can be gone")

    async def shuts_organisers(self) -> None:
        """Take the bot out of the organisers' channel."""
        self.lacks("organisers")

    async def invites_to_organisers(self) -> None:
        """Let the bot into the organisers' channel again."""
        self.lacks("organisers")

    def standing(self, where: str) -> tuple[Shown, ...]:
        """Return all replies so far, oldest first.

        Args:
            where: ``MEMBERS``, ``AMONG_ORGANISERS``, or whose direct messages.
        """
        raise NotImplementedError

    async def taken(self) -> None:
        """Wait until the bot has taken all that was said."""

    async def settled(self) -> None:
        """Wait until both queues are empty too: what was taken is then answered and posted."""
        await self.taken()
        await at_rest(self.desk)

    def lacks(self, what: str) -> Never:
        """Fail where a driver doesn't do its part; one that can't skips the test."""
        raise NotImplementedError(what)


@contextlib.asynccontextmanager
async def a_desk(
    url: str,
    *,
    organisers: Mapping[str, str] | None = None,
    watched: Mapping[str, tuple[str, ...]] | None = None,
    learning: LearningSettings | None = None,
    **change: float,
) -> AsyncIterator[Desk]:
    """Open a desk on the tests' FAQ, and on what is published on top of it."""
    faq = PairSearch(FAQ)

    def learn() -> None:
        faq.replace(with_published(url))

    desk = build(
        faq,
        CoreSettings(database_url=url),
        organisers=organisers,
        watched=watched,
        learning=learning,
        published=learn,
        **change,
    )
    learn()
    try:
        yield desk
    finally:
        desk.close()


async def cancel(task: asyncio.Task[None]) -> None:
    """End a task, and wait until it has ended."""
    task.cancel()
    await asyncio.wait([task])


def whispered(replies: tuple[Shown, ...]) -> list[tuple[str, str]]:
    """Return who alone was told what, in order."""
    return [(each.only_for, each.text) for each in replies if each.only_for]
