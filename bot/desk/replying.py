"""Organisers reply in the thread of a question's card: what they say may become its answer."""

from collections.abc import Callable, Mapping

from bot.desk.offload import Offload
from bot.desk.posting import new_id, post, whisper
from bot.domain.ask import Ask, Escalation, Outcome
from bot.domain.inbound import MessageRef, Place, Question
from bot.domain.ports import Platform
from bot.domain.text import is_blank
from bot.store import Claimed, Transaction
from bot.wording import Organising

CARD = "card:"
"""What the purpose of a card that brings a question to the organisers begins with."""
LOOK_AGAIN = 0.2
"""Seconds until what may be a reply to a card that is being posted is looked at again."""


class Replying:
    """What is said in the organisers' channel, in the threads of their cards.

    Args:
        words: The organisers' words.
        offload: Leads to the store and the search.
        organisers: The organisers' channel on each platform that has one.
        platforms: Returns the platforms that this process serves, by name.
    """

    def __init__(
        self,
        words: Organising,
        offload: Offload,
        organisers: Mapping[str, Place],
        platforms: Callable[[], Mapping[str, Platform]],
    ) -> None:
        self._words = words
        self._offload = offload
        self._organisers = organisers
        self._platforms = platforms

    async def took(self, claimed: Claimed, question: Question) -> bool:
        """Take what was said in a question's thread as a reply to it; False where it was none."""
        if not self.is_among_organisers(question.ref.place):
            return False
        return await self._offload.store(lambda tx: self._took(tx, claimed, question))

    def may_be_reply(self, tx: Transaction, question: Question) -> bool:
        """Whether something was said in the thread of a question's card, as far as is known."""
        at = question.ref.place
        return self.is_among_organisers(at) and (
            self._of_thread(tx, at) is not None or self._comes_early(tx, question)
        )

    def is_among_organisers(self, place: Place) -> bool:
        """Whether a place is in the organisers' channel."""
        channel = self._organisers.get(place.platform)
        return channel is not None and place.channel == channel.channel

    def about(self, tx: Transaction, about: str) -> tuple[Escalation | None, Ask | None]:
        """Return the question that a button or form is about, and the reply that it makes use of.

        Args:
            tx: The transaction.
            about: The id of the escalation, or of a reply in its card's thread.
        """
        ask = tx.asks.get(about)
        if ask is None or ask.outcome is not Outcome.REPLY:
            return tx.escalations.get(about), None
        return self._of_thread(tx, ask.place), ask

    def _comes_early(self, tx: Transaction, question: Question) -> bool:
        """Whether something was said in a thread that may be that of a card just being posted.

        Somebody can read a card, and reply, before it is known which message the card became; after
        a crash that takes until it was looked for.
        """
        at = question.ref.place
        within = at.thread not in (None, question.ref.message)
        return within and tx.outbox.may_stand(self._organisers[at.platform], CARD)

    def _took(self, tx: Transaction, claimed: Claimed, question: Question) -> bool:
        at = question.ref.place
        escalation = self._of_thread(tx, at)
        if escalation is None:
            early = self._comes_early(tx, question)
            if early:
                tx.inbox.hand_back(claimed, LOOK_AGAIN)
            return early
        tx.inbox.finish(claimed, Outcome.REPLY)
        if is_blank(question.text) or not escalation.waits:
            return True
        reply = Ask(
            id=new_id(),
            question=question.ref.key,
            place=at,
            thread=question.ref.conversation,
            asker=question.asker.id,
            text=question.text,
            outcome=Outcome.REPLY,
        )
        if tx.asks.add(reply):
            card, once = self._words.reply(reply.id), f"{reply.id}:reply"
            if self._platforms()[at.platform].whispers:
                whisper(tx, at, question.asker, card, once=once)
            else:
                post(tx, at, card, ask=reply.id, once=once)
        return True

    def _of_thread(self, tx: Transaction, at: Place) -> Escalation | None:
        channel = self._organisers.get(at.platform)
        if channel is None or at.thread is None:
            return None
        return tx.escalations.of_card(MessageRef(channel, at.thread))
