"""Organisers reply in the thread of a question's card: what they say may become its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile

from bot.desk.offload import Offload
from bot.desk.posting import CARD, edit, new_id, post, whisper
from bot.domain.ask import Ask, Escalation, Outcome
from bot.domain.inbound import MessageRef, Place, Question
from bot.domain.ports import Faq, Platform
from bot.domain.retrieval import Help, Topic
from bot.domain.text import is_blank
from bot.store import Claimed, Transaction
from bot.wording import Organising, Wording

COURTESIES = (Topic.THANKS, Topic.GREETING, Topic.NOTED)
"""What answers nothing."""
LOOK_AGAIN = 0.2
"""Seconds until what may be a reply to a card that is being posted is looked at again."""


@dataclass(frozen=True, slots=True)
class Replying:
    """What is said in the organisers' channel, in the threads of their cards.

    On a platform that can't show an offer to one person it stands for everybody: then somebody's
    replies in a row have one offer, which takes them together, and it is closed once it is over.

    Attributes:
        faq: The search, which knows what courtesies are.
        wording: The words.
        offload: Leads to the store, and off the event loop.
        organisers: The organisers' channel on each platform that has one.
        platforms: Returns the platforms that this process serves, by name.
    """

    faq: Faq
    wording: Wording
    offload: Offload
    organisers: Mapping[str, Place]
    platforms: Callable[[], Mapping[str, Platform]]

    async def took(self, claimed: Claimed, question: Question) -> bool:
        """Take what was said in a question's thread as a reply to it; False where it was none."""
        at = question.ref.place
        if not self.is_among_organisers(at) or at.thread in (None, question.ref.message):
            return False
        reply, _ = await self.offload.compute(self.faq.reply, question.text, True)
        courteous = isinstance(reply, Help) and reply.topic in COURTESIES
        answers = question.addressed or not courteous
        return await self.offload.store(lambda tx: self._took(tx, claimed, question, answers))

    def goes_on(self, tx: Transaction, question: Question) -> bool:
        """Whether something was said below a question's card, or below a reply to who says it.

        The card may be one whose message isn't known yet.
        """
        at, asker = question.ref.place, question.asker.id
        among = self.is_among_organisers(at)
        if among and (self._of_thread(tx, at) or self._comes_early(tx, at)):
            return True
        return tx.asks.to_follow_up(question.ref.conversation, asker) is not None

    def is_among_organisers(self, place: Place) -> bool:
        """Whether a place is in the organisers' channel."""
        channel = self.organisers.get(place.platform)
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
        # The same words again, perhaps with a mention of the bot this time, are said once.
        texts = dict.fromkeys(each.text for each in self._taken(tx, ask) if each.text)
        together = replace(ask, text="\n\n".join(texts))
        return tx.escalations.get(ask.thread), together

    def used(self, tx: Transaction, about: str) -> None:
        """Close the offer of a reply that a draft was made of."""
        ask = tx.asks.get(about)
        if ask is not None and ask.outcome is Outcome.REPLY:
            self._close(tx, ask, "organising.reply_used")

    def over(self, tx: Transaction, escalation: Escalation) -> None:
        """Close the offers below a question that is done with."""
        for ask in tx.asks.replies(escalation.id):
            self._close(tx, ask, "organising.reply_over")

    def deleted(self, tx: Transaction, ask: Ask) -> None:
        """Close the offer of a reply once all that it takes is deleted."""
        replies = tx.asks.replies(ask.thread)
        heads = [each for each in replies if each.offered and each.id <= ask.id]
        if heads and not any(each.text for each in self._taken(tx, heads[-1])):
            self._close(tx, heads[-1], "organising.reply_gone")

    def _taken(self, tx: Transaction, ask: Ask) -> list[Ask]:
        """Return what the offer for a reply takes: it, and what its author went on with."""
        later = (each for each in tx.asks.replies(ask.thread) if each.id > ask.id)
        goes_on = takewhile(lambda each: each.asker == ask.asker and not each.offered, later)
        return [ask, *goes_on]

    def _close(self, tx: Transaction, ask: Ask, why: str) -> None:
        """Take the button off an offer that stands for everybody."""
        platform = self.platforms().get(ask.place.platform)
        if not ask.offered or platform is None or platform.whispers:
            return
        tx.asks.offer(ask.id, 0)
        tx.outbox.drop(ask.id)
        shown = tx.outbox.message(f"{ask.id}:reply")
        if shown is not None:
            edit(tx, shown, self.wording.line(why), once=f"{ask.id}:over")

    def _comes_early(self, tx: Transaction, at: Place) -> bool:
        """Whether it was said in a thread that may be that of a card just being posted.

        Somebody can read a card, and reply, before it is known which message the card became; after
        a crash that takes until it was looked for.
        """
        return tx.outbox.may_stand(self.organisers[at.platform], CARD)

    def _took(self, tx: Transaction, claimed: Claimed, question: Question, answers: bool) -> bool:
        at = question.ref.place
        escalation = self._of_thread(tx, at)
        if escalation is None:
            early = self._comes_early(tx, at)
            if early:
                tx.inbox.hand_back(claimed, LOOK_AGAIN)
            return early
        tx.inbox.finish(claimed, Outcome.REPLY)
        if is_blank(question.text) or not answers:
            return True
        whispers = self.platforms()[at.platform].whispers
        if not escalation.waits:
            if question.addressed:  # who calls the bot isn't left without a word
                card, once = self.wording.line("organising.reply_over"), f"over:{question.ref.key}"
                to = replace(at, private_to=question.asker.id if whispers else None)
                post(tx, to, card, once=once)
            return True
        before = takewhile(
            lambda each: each.asker == question.asker.id,
            reversed(tx.asks.replies(escalation.id)),
        )
        offers = whispers or not any(each.offered for each in before)
        reply = Ask(
            id=new_id(),
            question=question.ref.key,
            place=at,
            thread=escalation.id,
            asker=question.asker.id,
            text=question.text,
            outcome=Outcome.REPLY,
            offered=int(offers),
        )
        if tx.asks.add(reply) and offers:
            card, once = Organising(self.wording).reply(reply.id), f"{reply.id}:reply"
            if whispers:
                whisper(tx, at, question.asker, card, once=once)
            else:
                post(tx, at, card, ask=reply.id, once=once)
        return True

    def _of_thread(self, tx: Transaction, at: Place) -> Escalation | None:
        channel = self.organisers.get(at.platform)
        if channel is None or at.thread is None:
            return None
        return tx.escalations.of_card(MessageRef(channel, at.thread))
