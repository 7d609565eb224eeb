"""The desk: what the platforms' adapters call. Every method runs on the event loop, unblocked."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from bot.desk.delivery import Senders
from bot.desk.digest import Digest
from bot.desk.learning import Learning
from bot.desk.offload import Offload, Sharing, Urgency
from bot.desk.posting import post
from bot.desk.publishing import Publishing
from bot.desk.replying import Replying
from bot.desk.running import Service
from bot.domain.ask import Outcome
from bot.domain.card import Card, Choice, Pages, Quote, Sheet
from bot.domain.entry import Entry, popular
from bot.domain.inbound import (
    Action,
    Form,
    FormKind,
    MessageRef,
    Obstacle,
    Person,
    Place,
    Press,
    Question,
    Trouble,
    gated,
    kept,
)
from bot.domain.ports import Faq, Platform
from bot.domain.text import is_blank
from bot.store import Share, StoreError, Transaction, channel_of, key_of
from bot.telemetry import EventLogger, Health
from bot.telemetry.metrics import Metrics
from bot.wording import Wording

__all__ = ["Desk", "Share", "StoreError"]

T = TypeVar("T")

PATIENCE = 2.0
"""Seconds to wait for what a form may be filled in with: it must open within three."""
REMEMBERED = 1_000
"""Keys of what came in that are known without asking the store; it knows all of them."""


class Desk:
    """The conversation, behind one door.

    Args:
        days: How long unanswered questions are kept.
        watched: Channels that the settings have watched, as ``platform:channel``.
    """

    def __init__(
        self,
        faq: Faq,
        wording: Wording,
        offload: Offload,
        senders: Senders,
        service: Service,
        learning: Learning,
        replying: Replying,
        publishing: Publishing,
        digest: Digest,
        sharing: Sharing,
        metrics: Metrics,
        health: Health,
        *,
        days: int,
        watched: frozenset[str],
    ) -> None:
        self.metrics = metrics
        self.sharing = sharing
        self._faq = faq
        self._wording = wording
        self._offload = offload
        self._senders = senders
        self._service = service
        self._learning = learning
        self._replying = replying
        self._publishing = publishing
        self._digest = digest
        self._health = health
        self._days = days
        self._watched = watched
        # What came in, by key: a mention comes twice at once from Slack, and is looked up once.
        self._recent: dict[str, asyncio.Task[bool]] = {}
        # Copies of small tables that are asked at each message and at each key.
        self._switched: Mapping[str, bool] = {}
        self._asked: Mapping[str, int] = {}
        self._log = EventLogger("faqbot.desk")

    async def receive(self, item: Question | Press | Form) -> bool:
        """Commit what came in; a worker answers it later.

        Returns:
            False where it was seen before.

        Raises:
            StoreError: It couldn't be committed: don't acknowledge it.
        """
        key = key_of(item)
        if (earlier := self._recent.get(key)) is not None:
            await asyncio.shield(earlier)
            return False
        item = gated(item)
        self._recent[key] = accepting = asyncio.create_task(self._service.accept(item))
        if len(self._recent) > REMEMBERED:
            del self._recent[next(iter(self._recent))]
        try:
            new = await asyncio.shield(accepting)
        except BaseException:
            self._recent.pop(key, None)
            raise
        if new:
            self.metrics.count(item)
        return new

    async def take(self, item: Question | Press | Form) -> Card | Sheet | None:
        """Take what the platform won't send again.

        Returns:
            What to show at once, and only to who sent it: a sheet to fill in, or a card where
            nothing more will come of it. None where it was committed: a worker answers.
        """
        match item:
            case Press(action=Action.UNKNOWN):
                return self.explain(Trouble.UNKNOWN_BUTTON)
            case Press(action=Action.ASK_LECTURER):
                return await self._sheet(item)
            case Press(action=action) if action.opens_a_form:
                return await self._organisers_sheet(item)
            case Form(kind=FormKind.QUESTION) if is_blank(item.text):
                return self._wording.line("escalation.empty")
            case Form(kind=kind) if kind is not FormKind.QUESTION:
                fault = self._publishing.fault(item)
                if fault is not None:
                    return _with_words(fault, item)
        try:
            await self.receive(item)
        except StoreError as error:
            self._log.error("not saved", error=str(error))
            card = self.explain(Trouble.NOT_SAVED)
            return _with_words(card, item) if isinstance(item, Form) else card
        return None

    async def edited(self, ref: MessageRef, text: str) -> None:
        """Take the new words of an edited message.

        Before the reply they are what is answered; after it the asker gets one offer to search
        again.

        Raises:
            StoreError: It couldn't be committed.
        """
        await self._now(lambda tx: self._reword(tx, ref.key, kept(text)))
        self._service.inbox.ring()
        self._service.outbox.ring()

    async def deleted(self, ref: MessageRef) -> None:
        """Close the question of a deleted message; a reply that was posted stays.

        Raises:
            StoreError: It couldn't be committed.
        """
        await self._now(lambda tx: self._withdraw(tx, ref.key))
        self._service.outbox.ring()

    async def reachable(self, platform: str, channel: str) -> None:
        """Send at once what waits for a channel: the bot was let in.

        Raises:
            StoreError: It couldn't be committed.
        """
        await self._now(lambda tx: tx.outbox.hasten(platform, channel))
        self._service.outbox.ring()

    async def watches(self, place: Place) -> bool:
        """Whether questions there are answered without a mention; from memory."""
        return self._always(place) or self._switched.get(channel_of(place), False)

    async def hears(self, question: Question) -> bool:
        """Whether what nobody put to the bot may concern it: ``receive`` it then.

        That is: in a watched channel, where somebody goes on in the thread of a reply to them, or
        where an organiser replies in the thread of a question's card.

        Raises:
            StoreError: It couldn't be looked up.
        """
        place = question.ref.place
        if await self.watches(place):
            return True
        if place.thread in (None, question.ref.message):
            return False
        return await self._now(lambda tx: self._replying.goes_on(tx, question))

    async def switch(
        self, place: Place, on: bool | None, by: Person, obstacle: Obstacle | None = None
    ) -> Card:
        """Watch a channel or leave it; return what to show to who asked for it.

        Args:
            place: The channel.
            on: Whether to watch; None where that wasn't said.
            by: Who asks.
            obstacle: Why they can't have it.
        """
        if on is None:
            return self._wording.line("watch.usage")
        if obstacle is not None:
            return self._wording.line(f"watch.{obstacle}")
        if self._always(place) and not on:
            return self._wording.line("watch.always")

        def work(tx: Transaction) -> None:
            tx.watches.set(place, on, by)
            self.remember(tx)

        try:
            await self._now(work)
        except StoreError as error:
            self._log.error("not saved", error=str(error))
            return self.explain(Trouble.NOT_SAVED)
        return self._wording.line("watch.on" if on else "watch.off")

    def browse(self, number: int = 0) -> Pages:
        """Return a page of the FAQ's list; for one that doesn't exist, the nearest that does."""
        return self._wording.pages(self._faq.entries, number)

    def find(self, entry_id: str) -> Entry | None:
        """Return an entry; None where there is no such entry (any more)."""
        return self._faq.entry(entry_id)

    def show(self, entry_id: str) -> Sheet:
        """Show an entry that was chosen from the list."""
        return self._wording.sheet(self._faq.entry(entry_id))

    def explain(self, trouble: Trouble) -> Card:
        """Say what went wrong before a worker had anything to do with it."""
        return self._wording.line(trouble)

    def complete(self, text: str, limit: int) -> tuple[Entry, ...]:
        """Complete what is being typed; nothing typed yet: what is asked most."""
        if text.strip():
            return self._faq.complete(text, limit)
        return popular(self._faq.entries, self._asked, limit)

    def choices(self, text: str, limit: int) -> tuple[Choice, ...]:
        """Complete what is being typed into a field of a form that may be completed."""
        return self._learning.words.choices(self.complete(text, limit))

    def say(self, key: str, **values: str) -> str:
        """Return a sentence or label of ``texts/{ja,en}.toml``, such as ``error.not_saved``."""
        return self._wording.say(key, **values)

    async def run(self, platforms: Mapping[str, Platform]) -> None:
        """Answer and post until cancelled; then finish or hand back within 10 s."""
        self._senders.serve(platforms)
        await self._service.run(self._upkeep, self.remember, self._digest.run())

    def remember(self, tx: Transaction) -> None:
        """Read the small tables: what this process wrote, and other replicas."""
        self._switched = tx.watches.all()
        self._asked = tx.asks.shown()

    async def forget(self, member: str) -> None:
        """Remove what a member wrote and who they are; what was posted stays on the platform.

        Raises:
            StoreError: It couldn't be committed.
        """
        await self._now(lambda tx: self._forget(tx, member))
        self._service.outbox.ring()

    def privacy(self) -> Sheet:
        """Return what somebody confirms before ``forget_me``; its title is the button's label."""
        return self._wording.privacy()

    async def forget_me(self, person: Person, place: Place) -> Card:
        """Remove all that is kept of somebody, as they wish; return what to show to them.

        Args:
            person: Who asks for it.
            place: Where.
        """
        try:
            await self.forget(person.id)
        except StoreError as error:
            self._log.error("not forgotten", platform=place.platform, error=str(error))
            return self.explain(Trouble.NOT_SAVED)
        return self._wording.line("privacy.done")

    async def waiting(self, platform: str = "") -> int:
        """Count what was received and not yet answered, and what is answered and not yet posted.

        Args:
            platform: Count only what came from there, under a key that begins with its name, and
                what goes there.
        """
        of = f"{platform}:" if platform else ""
        return await self._offload.store(lambda tx: tx.inbox.waiting(of) + tx.outbox.waiting(of))

    def health(self) -> Health:
        """Return which parts work; the platforms report into it too."""
        return self._health

    def close(self) -> None:
        """Close the database; nothing is received any more."""
        self._offload.close()

    async def _now(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` in one transaction, before what nobody waits for."""
        return await self._offload.store(work, Urgency.WAITED_FOR)

    async def _sheet(self, press: Press) -> Sheet:
        """Return the form that asks the lecturers; without the question if need be."""
        try:
            async with asyncio.timeout(PATIENCE):
                ask = await self._now(lambda tx: tx.asks.get(press.about))
        except (StoreError, TimeoutError) as error:
            self._log.warning("couldn't read the question", error=str(error))
            ask = None
        # 「もう少し詳しく」 is no question for a lecturer. Private words are the asker's.
        known = ask is not None and ask.outcome is not Outcome.HELP
        if ask is None or not known or (ask.place.private_to and ask.asker != press.by.id):
            return self._wording.form(press.about, "")
        return self._wording.form(press.about, ask.text or "")

    async def _organisers_sheet(self, press: Press) -> Card | Sheet:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._publishing.sheet(press)
        except (StoreError, TimeoutError) as error:
            self._log.warning("couldn't open a form", error=str(error) or type(error).__name__)
            return self.explain(Trouble.NOT_OPENED)

    def _forget(self, tx: Transaction, member: str) -> None:
        for escalation in tx.forget(member):
            self._learning.forget(tx, escalation)

    def _upkeep(self, tx: Transaction) -> None:
        for escalation in tx.purge(self._days):
            self._learning.forget(tx, escalation)
        for stage, count in tx.escalations.count_waiting().items():
            self.metrics.escalations.labels(stage).set(count)
        self.remember(tx)

    def _always(self, place: Place) -> bool:
        return f"{place.platform}:{place.channel}" in self._watched

    def _reword(self, tx: Transaction, key: str, words: str) -> None:
        waiting = tx.inbox.open_question(key)
        # It may be answered in between: on a server, by another connection.
        if waiting is not None and (
            waiting.text == words or tx.inbox.reword(replace(waiting, text=words))
        ):
            return
        ask = tx.asks.of_question(key)
        if ask is None or ask.text is None or ask.text == words:
            return
        tx.asks.reword(ask.id, words)
        if ask.outcome is not Outcome.REPLY:
            card = self._wording.search_again(ask.id)
            post(tx, ask.place, card, ask=ask.id, once=f"{ask.id}:again")

    def _withdraw(self, tx: Transaction, key: str) -> None:
        if tx.inbox.close(key, "deleted"):
            return
        ask = tx.asks.of_question(key)
        if ask is not None:
            tx.asks.reword(ask.id, None)
            tx.outbox.drop(ask.id)
            if ask.outcome is Outcome.REPLY:
                self._replying.deleted(tx, ask)


def _with_words(card: Card, form: Form) -> Card:
    """Add what was typed into a form: it may be closed by now, and all of it would be lost."""
    typed = (Quote(text) for text in form.fields.values() if not is_blank(text))
    return replace(card, parts=(*card.parts, *typed))
