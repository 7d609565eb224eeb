"""A question reaches its lecturers, and whoever asked hears of it."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.desk.offload import Offload
from bot.desk.posting import CARD, edit, new_id, post, whisper
from bot.domain.ask import (
    Ask,
    Asker,
    Candidate,
    Draft,
    Escalation,
    Outcome,
    Stage,
    candidates,
    still_there,
)
from bot.domain.card import Card, Kind, Outgoing
from bot.domain.entry import Entry
from bot.domain.inbound import Circle, Form, MessageRef, Person, Place, Press
from bot.domain.ports import Faq, Platform, PlatformError, RateLimited
from bot.domain.retrieval import Hit, probable
from bot.domain.text import is_blank
from bot.store import Claimed, Due, Transaction
from bot.telemetry import EventLogger
from bot.wording import Organising, Wording

PATIENCE = 10.0
"""Seconds to wait for a platform that can't say yet who may answer: what was pressed is kept."""
SHOWN = 2
"""Nearest entries on a question's card."""


class Learning:
    """Questions for the lecturers: their cards, and who waits for an answer.

    Args:
        faq: The entries and the search in them.
        wording: The words.
        offload: Leads to the store, and off the event loop.
        organisers: The organisers' channel on each platform that has one.
        platforms: Returns the platforms that this process serves, by name.
    """

    def __init__(
        self,
        faq: Faq,
        wording: Wording,
        offload: Offload,
        organisers: Mapping[str, Place],
        platforms: Callable[[], Mapping[str, Platform]],
    ) -> None:
        self._faq = faq
        self._wording = wording
        self.words = Organising(wording)
        self._offload = offload
        self._organisers = organisers
        self._platforms = platforms
        # By asking: where whoever asked waits for a first line; by its handle that can be said.
        self._waiting: dict[str, Place] = {}
        # Platforms whose organisers' channel refuses cards, as far as this process knows.
        self._refusing: set[str] = set()
        self._log = EventLogger("faqbot.learning")

    # --- a member asks

    async def ask(self, claimed: Claimed, form: Form) -> None:
        """Bring a member's question to the organisers, or let them join who asked the same."""
        form = replace(form, by=await self.named(form.by, form.where.platform))
        open_ = await self._offload.store(lambda tx: tx.escalations.waiting())
        *known, own = await self._offload.compute(
            self._faq.gather, (*(each.text for each in open_), form.text)
        )
        to = open_[known.index(own)].id if own in known else None
        near = candidates(*await self._offload.compute(self._faq.reply, form.text, True))

        def keep(tx: Transaction) -> None:
            tx.inbox.finish(claimed, "done")
            self.asked(tx, form, near, to)

        await self._offload.store(keep)

    def asked(
        self, tx: Transaction, form: Form, near: Sequence[Candidate], to: str | None = None
    ) -> None:
        """Keep a question for the lecturers; a line says so once it stands before them.

        Args:
            tx: The transaction.
            form: What was sent.
            near: What the search finds for its words.
            to: The id of a waiting question that asks the same.
        """
        id_ = new_id()
        if is_blank(form.text):
            self.tell(tx, form, "escalation.empty")
        elif not tx.escalations.add(id_, form, near, to=to):
            self.tell(tx, form, "escalation.already")
        elif not self._organisers:
            self.tell(tx, form, "escalation.kept")
        else:
            self._waiting[id_] = form.where
            escalation = tx.escalations.get(id_)
            assert escalation is not None
            if escalation.card is not None:
                self.refresh(tx, escalation)
                self._sent(tx, escalation)
                return
            first = self._first(form.where.platform)
            if escalation.id == id_:
                self._bring(tx, escalation, first)
            if first.platform in self._refusing or first.platform not in self._platforms():
                self._keep_waiting(tx, escalation)

    def _first(self, platform: str) -> Place:
        """Return the organisers' channel: on the asker's platform, a served one, or any."""
        return min(
            self._organisers.values(),
            key=lambda place: (
                place.platform not in self._platforms(),
                place.platform in self._refusing,
                place.platform != platform,
            ),
        )

    def _bring(self, tx: Transaction, escalation: Escalation, to: Place) -> None:
        outgoing = Outgoing(
            new_id(),
            to,
            self._card(tx, escalation, to.platform),
            opens=self.words.title(escalation),
        )
        tx.outbox.add(outgoing, ask="", once=f"{CARD}{escalation.id}:{to.platform}")

    # --- what became of cards

    def is_for_organisers(self, due: Due) -> bool:
        """Whether a card brings a question to the organisers: it is never given up."""
        return due.once.startswith(CARD)

    def sent(self, tx: Transaction, due: Due, message: MessageRef) -> None:
        """Note that a card stands in the organisers' channel, and tell whoever waits for that."""
        self._refusing.discard(message.place.platform)
        escalation = tx.escalations.get(due.once.split(":")[1])
        if escalation is None or escalation.card is not None:
            return
        tx.escalations.stands(escalation.id, message)
        for name in self._organisers:
            if name != message.place.platform:
                tx.outbox.cancel(f"{CARD}{escalation.id}:{name}")
        escalation = replace(escalation, card=message)
        if len(escalation.askers) != 1 or escalation.stage is not Stage.OPEN:
            self.refresh(tx, escalation)
        self._sent(tx, escalation)

    def refused(self, tx: Transaction, due: Due) -> None:
        """Let whoever waits know, and try the other platform's channel meanwhile."""
        self._refusing.add(due.outgoing.to.platform)
        escalation = tx.escalations.get(due.once.split(":")[1])
        if escalation is None or escalation.card is not None:
            return
        self._keep_waiting(tx, escalation)
        for name, place in self._organisers.items():
            if name != due.outgoing.to.platform and name in self._platforms():
                self._bring(tx, escalation, place)

    def undeliverable(self, tx: Transaction, due: Due) -> bool:
        """Reach somebody who waits for an answer by another way; return False where it was none.

        Where they can't be reached at all, the question's card says so.
        """
        what, _, rest = due.once.partition(":")
        if what not in ("sent", "waits", "told", "direct"):
            return False
        escalation = tx.escalations.get(rest.partition(":")[0])
        askers = escalation.askers if escalation is not None else ()
        asker = next((each for each in askers if rest.endswith(each.id)), None)
        if escalation is None or asker is None:
            return True
        if what == "told":
            self._direct(tx, due.outgoing.card, asker, f"direct:{rest}", due.ask)
        elif what != "direct":
            # The handle that led to them alone is too old.
            self._direct(tx, due.outgoing.card, asker, f"direct-{due.once}", "")
        else:
            self.refresh(tx, escalation)
        return True

    def _sent(self, tx: Transaction, escalation: Escalation) -> None:
        for asker in escalation.askers:
            self._say(tx, asker, "escalation.sent", f"sent:{asker.id}")
            self._waiting.pop(asker.id, None)

    def _keep_waiting(self, tx: Transaction, escalation: Escalation) -> None:
        for asker in escalation.askers:
            self._say(tx, asker, "escalation.waits", f"waits:{asker.id}")

    def _say(self, tx: Transaction, asker: Asker, key: str, once: str) -> None:
        place = self._waiting.get(asker.id, asker.place)
        whisper(tx, place, asker.by, self._wording.line(key), once=once)

    def refresh(self, tx: Transaction, escalation: Escalation) -> None:
        """Bring a question's card up to date."""
        if escalation.card is not None:
            card = self._card(tx, escalation, escalation.card.place.platform)
            edit(tx, escalation.card, card, once=f"edit:{new_id()}")

    def forget(self, tx: Transaction, escalation: Escalation) -> None:
        """Take somebody's words off the cards of their question."""
        on = escalation.card.place.platform if escalation.card is not None else ""
        hide(tx, self.words, escalation, self._card(tx, escalation, on))

    def _card(self, tx: Transaction, escalation: Escalation, on: str) -> Card:
        platform = self._platforms().get(on)
        near, lecturer = still_there(escalation.near, self._faq.entry), self.probable(escalation)
        return self.words.question(
            escalation,
            near=near[:SHOWN],
            lecturer=self._wording.lecturer(lecturer) if lecturer else "",
            address=self._asked_at(tx, escalation),
            unreached=unreached(tx, escalation),
            overheard=platform is None or platform.overhears,
        )

    def probable(self, escalation: Escalation) -> Entry | None:
        """Return an entry of the lecturer whom a question is probably for."""
        return probable(still_there(escalation.near, self._faq.entry))

    def _asked_at(self, tx: Transaction, escalation: Escalation) -> str | None:
        """Return the address of a question, as ``Organising.question`` takes it.

        What a command asked is no message, nor is what a lecturer answered and was asked on: then
        the bot's own in reply to it, or the channel.
        """
        ask = tx.asks.get(escalation.askers[0].ask) if escalation.askers else None
        if ask is None:
            return None
        if ask.place.private_to:
            return ""
        message = ask.question.removesuffix(":again").rpartition(":")[2]
        asked, replied = MessageRef(ask.place, message), tx.outbox.reply_to(ask.id)
        return (
            (self.address(asked) if ask.outcome is not Outcome.TOLD else None)
            or (self.address(replied) if replied is not None else None)
            or self.address(replace(asked, message=""))
        )

    # --- what organisers press and fill in

    async def named(self, person: Person, platform: str) -> Person:
        """Return somebody with the name that they chose to be called by, if that is known."""
        served = self._platforms().get(platform)
        name = await served.called(person.id) if served is not None else ""
        return replace(person, name=name or person.name)

    async def refusal(self, by: Person, platform: str) -> Card | None:
        """Say why somebody may not answer for the lecturers; None where they may.

        The platform is asked at that moment: whoever lost the right a second before has lost it.
        Where it says to wait, as just after a start, it is asked again for a while.
        """
        served, until = self._platforms().get(platform), time.monotonic() + PATIENCE
        while True:
            try:
                if served is not None and await served.organises(by.id):
                    return None
                break
            except PlatformError as error:
                wait = error.retry_after if isinstance(error, RateLimited) else PATIENCE
                if time.monotonic() + wait >= until:
                    self._log.warning("couldn't ask who may answer", problem=str(error))
                    return self._wording.line("watch.unclear")
            await asyncio.sleep(wait)
        circle = served.circle if served is not None else Circle.CHANNEL
        return self._wording.line(f"organising.not_allowed_{circle}")

    def room(self, platform: str) -> int:
        """Return what one field of a form takes on a platform, in UTF-16 units."""
        return self._platforms()[platform].room

    def address(self, message: MessageRef) -> str | None:
        """Return where a browser shows a message, as ``Platform.address`` does."""
        platform = self._platforms().get(message.place.platform)
        return platform.address(message) if platform is not None else None

    def tell(self, tx: Transaction, to: Form | Press, key: str, **values: str) -> None:
        """Tell a line to who sent or pressed, and to nobody else."""
        card = self._wording.line(key, **values)
        whisper(tx, place_of(to), to.by, card, once=f"line:{to.id}")

    # --- whoever asked hears of it

    def answer(
        self,
        tx: Transaction,
        escalation: Escalation,
        asker: Asker,
        entry: Entry,
        before: Draft | None,
    ) -> None:
        """Give somebody the answer to their question, to be rated like any other.

        Args:
            tx: The transaction.
            escalation: Their question, as it stands now.
            asker: Who.
            entry: The answer.
            before: The answer before this one, which was taken back; None where there was none.
        """
        asked = tx.asks.get(asker.ask)
        purpose = f"{asker.id}:answered:{escalation.revision}"
        had = before is not None and asker.at < (before.published_at or 0.0)
        ask = Ask(
            id=new_id(),
            question=purpose,
            place=asked.place if asked is not None else asker.place,
            thread=asked.thread if asked is not None else purpose,
            asker=asker.by.id,
            text=asker.text,
            outcome=Outcome.TOLD,
            confidence=1.0,
            candidates=(Candidate(entry.id, 0.0, 1.0),),
            offered=1,
            entry=entry.id,
        )
        if tx.asks.add(ask):
            card = self._wording.answer((Hit(entry, 0.0, 1.0),), ask.id)
            self.reach(tx, escalation, asker, self.words.told(card, asker, again=had), ask.id)

    def reach(
        self, tx: Transaction, escalation: Escalation, asker: Asker, card: Card, ask: str = ""
    ) -> None:
        """Post a card where somebody asked; by direct message where that was in private.

        Where it can't be posted there, ``undeliverable`` tries a direct message. Each gets one card
        whenever the question comes to another stage: its answer, or a line why there is none.

        Args:
            tx: The transaction.
            escalation: Their question, as it stands now.
            asker: Who.
            card: What they read.
            ask: The ask that it answers; empty where it is no answer.
        """
        asked = tx.asks.get(asker.ask)
        place = asked.place if asked is not None else asker.place
        once = _once(escalation, asker)
        if place.private_to:
            self._direct(tx, card, asker, f"direct:{once}", ask)
        else:
            post(tx, place, card, ask=ask, once=f"told:{once}")

    def _direct(self, tx: Transaction, card: Card, asker: Asker, once: str, ask: str) -> None:
        to = replace(asker.place, thread=None, private_to=asker.by.id, handle=None)
        tx.outbox.add(Outgoing(new_id(), to, card, Kind.DIRECT), ask=ask, once=once)


def place_of(by: Form | Press) -> Place:
    """Return where somebody sent a form or pressed a button."""
    return by.where if isinstance(by, Form) else by.on.place


def _once(escalation: Escalation, asker: Asker) -> str:
    """Name what somebody is told as a question has come to where it stands."""
    return f"{escalation.id}:{escalation.revision}:{asker.id}"


def unreached(tx: Transaction, escalation: Escalation) -> list[Asker]:
    """Return who can't be told the answer: their direct message was refused, too."""
    return [
        asker
        for asker in escalation.askers
        if tx.outbox.gave_up(f"direct:{_once(escalation, asker)}")
    ]


def hide(tx: Transaction, words: Organising, escalation: Escalation, card: Card) -> int:
    """Take somebody's words off the cards of their question; return how many are edited.

    Args:
        tx: The transaction.
        words: Name the thread on the card, and draw its open draft.
        escalation: The question as it is now.
        card: Goes in the place of its card; of one that waits, unless nobody asks it any more.
    """
    edited, title = 0, words.title(escalation)
    if escalation.card is not None:
        edited += edit(tx, escalation.card, card, once=f"edit:{new_id()}", opens=title)
    else:
        tx.outbox.reword(f"{CARD}{escalation.id}:", card if escalation.askers else None, title)
    draft = tx.drafts.open_for(escalation.id)
    shown = tx.outbox.message(f"draft:{draft.id}:{draft.version}") if draft else None
    if draft is not None and shown is not None:
        edited += edit(tx, shown, words.hidden(draft, escalation.id), once=f"edit:{new_id()}")
    return edited
