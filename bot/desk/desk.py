"""The desk: what the platforms' adapters call. Every method runs on the event loop, unblocked."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar, assert_never

from bot.desk.browsing import TalkPage, by_talk, popular
from bot.desk.faq import Faq
from bot.desk.memory import Memory
from bot.desk.posting import Posting
from bot.desk.service import Service
from bot.desk.threads import Threads
from bot.desk.wording import FormCard, Wording
from bot.desk.writer import Urgency
from bot.domain.card import Card
from bot.domain.entry import Entry
from bot.domain.inbound import Form, MessageRef, Person, Place, Press, Question
from bot.domain.ports import Platform
from bot.domain.text import clean
from bot.store.database import Transaction
from bot.store.errors import StoreError
from bot.store.outbox import channel_of
from bot.telemetry.health import Health
from bot.telemetry.metrics import Metrics

__all__ = ["Desk", "StoreError"]

T = TypeVar("T")

LONGEST = 20_000
"""Characters of a text that are kept at most; the search reads far fewer."""


class Desk:
    """The conversation, behind one door.

    Args:
        watched: Channels that the settings have watched, as ``platform:channel``.
    """

    def __init__(
        self,
        *,
        faq: Faq,
        wording: Wording,
        threads: Threads,
        posting: Posting,
        service: Service,
        memory: Memory,
        metrics: Metrics,
        health: Health,
        watched: frozenset[str],
    ) -> None:
        self._faq = faq
        self._wording = wording
        self._threads = threads
        self._posting = posting
        self._service = service
        self._health = health
        self._watched = watched
        self._memory = memory
        self.metrics = metrics

    async def receive(self, item: Question | Press | Form) -> bool:
        """Commit what came in; a worker answers it later.

        Returns:
            False where it was seen before.

        Raises:
            StoreError: It couldn't be committed: don't acknowledge it.
        """
        gated = _gated(item)
        new = await self._now(lambda tx: tx.inbox.accept(gated))
        if new:
            where = item.where if isinstance(item, Form) else _ref(item).place
            self.metrics.received.labels(where.platform, type(item).__name__.lower()).inc()
            self._service.received()
        return new

    async def edited(self, ref: MessageRef, text: str) -> None:
        """Take the new words of an edited message.

        Before the reply they are what is answered; after it the asker gets one offer to search
        again.

        Raises:
            StoreError: It couldn't be committed.
        """
        await self._now(lambda tx: self._reword(tx, ref.key, _words(text)))
        self._service.received()
        self._service.posted()

    async def deleted(self, ref: MessageRef) -> None:
        """Close the question of a deleted message; a reply that was posted stays.

        Raises:
            StoreError: It couldn't be committed.
        """
        await self._now(lambda tx: _withdraw(tx, ref.key))

    async def watches(self, place: Place) -> bool:
        """Whether questions there are answered without a mention; from memory."""
        return self._always(place) or self._memory.switched.get(channel_of(place), False)

    async def set_watch(self, place: Place, on: bool, by: Person) -> Card:
        """Watch a channel or leave it; return the confirmation to show.

        Raises:
            StoreError: It couldn't be committed.
        """
        if self._always(place) and not on:
            return self._wording.line("watch.always")

        def work(tx: Transaction) -> None:
            tx.watches.set(place, on, by)
            self._memory.load(tx)

        await self._now(work)
        return self._wording.line("watch.on" if on else "watch.off")

    async def form(self, ask: str, text: str = "") -> FormCard:
        """Return the form that asks the lecturers.

        Args:
            ask: The ask that it is opened from; empty where there is none.
            text: What to fill in; empty: the ask's question.

        Raises:
            StoreError: The question couldn't be read.
        """
        found = await self._now(lambda tx: tx.asks.get(ask)) if ask and not text else None
        return self._wording.form(text or (found.text if found and found.text else ""))

    def browse(self) -> tuple[TalkPage, ...]:
        """Return the talks in order, with their entries."""
        return tuple(
            TalkPage(group[0].talk, self._wording.lecturer(group[0]), group)
            for group in by_talk(self._faq.entries)
        )

    def entry_card(self, entry_id: str) -> Card | None:
        """Show one entry; None where there is no such entry."""
        entry = self._faq.entry(entry_id)
        return self._wording.entry(entry) if entry else None

    def complete(self, text: str, limit: int) -> tuple[Entry, ...]:
        """Complete what is being typed; nothing typed yet: what is asked most."""
        if text.strip():
            return self._faq.complete(text, limit)
        return popular(self._faq.entries, self._memory.asked, limit)

    def say(self, key: str, **values: str) -> str:
        """Return a sentence or label of ``texts/{ja,en}.toml``, such as ``error.not_saved``."""
        return self._wording.say(key, **values)

    async def run(self, platforms: Mapping[str, Platform]) -> None:
        """Answer and post until cancelled; then finish or hand back within 10 s."""
        await self._service.run(platforms)

    async def forget(self, member: str) -> None:
        """Remove what a member wrote and who they are; what was posted stays on the platform.

        Raises:
            StoreError: It couldn't be committed.
        """
        await self._threads.store(lambda tx: tx.forget(member))

    async def waiting(self, platform: str = "") -> int:
        """Count what was received and not yet answered, and what is answered and not yet posted.

        Args:
            platform: Count only what came from there, under a key that begins with its name, and
                what goes there.
        """
        of = f"{platform}:" if platform else ""
        return await self._threads.store(lambda tx: tx.inbox.waiting(of) + tx.outbox.waiting(of))

    def health(self) -> Health:
        """Return which parts work; the platforms report into it too."""
        return self._health

    def close(self) -> None:
        """Close the database; nothing is received any more."""
        self._threads.close()

    async def _now(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` in one transaction, before what nobody waits for."""
        return await self._threads.store(work, Urgency.WAITED_FOR)

    def _always(self, place: Place) -> bool:
        return f"{place.platform}:{place.channel}" in self._watched

    def _reword(self, tx: Transaction, key: str, words: str) -> None:
        waiting = tx.inbox.open_question(key)
        if waiting is not None:
            if waiting.text != words:
                tx.inbox.reword(replace(waiting, text=words))
            return
        ask = tx.asks.of_question(key)
        if ask is None or ask.text is None or ask.text == words:
            return
        tx.asks.reword(ask.id, words)
        card = self._wording.search_again(ask.id)
        self._posting.post(tx, ask.place, card, ask=ask.id, once=f"{ask.id}:again")


def _gated(item: Question | Press | Form) -> Question | Press | Form:
    """Let every text through the one gate, and none be without end."""
    match item:
        case Question():
            return replace(item, text=_words(item.text), asker=_person(item.asker))
        case Form():
            return replace(item, text=_words(item.text), by=_person(item.by))
        case Press():
            return replace(item, by=_person(item.by))
        case _:
            assert_never(item)


def _words(text: str) -> str:
    return clean(text)[:LONGEST]


def _person(person: Person) -> Person:
    return replace(person, name=clean(person.name))


def _ref(item: Question | Press) -> MessageRef:
    return item.ref if isinstance(item, Question) else item.on


def _withdraw(tx: Transaction, key: str) -> None:
    if tx.inbox.close(key, "deleted"):
        return
    ask = tx.asks.of_question(key)
    if ask is not None:
        tx.asks.reword(ask.id, None)
        tx.outbox.drop(ask.id)
