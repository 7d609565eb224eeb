"""Buttons: rating, choosing, taking back, sharing. Each does its work once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.desk.learning import Learning
from bot.desk.posting import edit, post
from bot.domain.ask import Ask, Outcome, Sign, Vote
from bot.domain.card import Card
from bot.domain.inbound import Action, Form, Place, Press
from bot.domain.ports import Faq
from bot.domain.retrieval import Hit
from bot.domain.text import question_key
from bot.store import Claimed, Transaction
from bot.wording import Wording

NEXT = 3
"""Candidates offered at a time after a wrong answer."""


@dataclass(frozen=True, slots=True)
class Pressing:
    """Does what a button says, within one transaction.

    Attributes:
        faq: The entries.
        wording: The words.
        learning: Takes questions for the lecturers, and tells a line to who pressed.
    """

    faq: Faq
    wording: Wording
    learning: Learning

    def press(self, tx: Transaction, claimed: Claimed, press: Press) -> None:
        """Handle a press; whatever the button carries is checked against the store."""
        tx.inbox.finish(claimed, "done")
        ask = tx.asks.get(press.about)
        if ask is None:
            self.learning.tell(tx, press, "error.unknown_button")
            return
        if ask.place.private_to and press.by.id != ask.asker:
            self.learning.tell(tx, press, "rating.not_the_asker")
            return
        match press.action:
            case Action.NONE_OF_THESE:
                card = self.wording.none_of_these(ask.id)
                if not post(tx, _place(press, ask), card, ask=ask.id, once=f"{ask.id}:none"):
                    self.learning.tell(tx, press, "rating.done")
            case Action.ASK_LECTURER if ask.text:
                # Platforms with forms open one instead of reporting this press.
                form = Form.of_question(press.id, ask.id, ask.text, press.by, press.on.place)
                self.learning.asked(tx, form, ask.candidates)
            case Action.USEFUL | Action.WRONG | Action.RETRACT | Action.CHOOSE | Action.SHARE:
                span = _positions(press.argument, ask)
                if span is None:
                    self.learning.tell(tx, press, "error.unknown_button")
                else:
                    self._on_candidates(tx, press, ask, span)
            case _:  # an organiser's: it is about no ask
                self.learning.tell(tx, press, "error.unknown_button")

    def _on_candidates(self, tx: Transaction, press: Press, ask: Ask, span: range) -> None:
        match press.action:
            case Action.USEFUL:
                new = _vote(tx, press, ask, span, Vote.USEFUL)
                if new and ask.outcome is Outcome.SUGGESTIONS:
                    self._propose(tx, press, ask, ask.candidates[span.start].entry, Sign.USEFUL)
                self.learning.tell(tx, press, "rating.useful" if new else "rating.again")
            case Action.WRONG:
                if not _vote(tx, press, ask, span, Vote.WRONG):
                    self.learning.tell(tx, press, "rating.again")
                elif press.by.id == ask.asker:
                    self._offer_next(tx, press, ask)
                else:
                    self.learning.tell(tx, press, "rating.wrong")
            case Action.CHOOSE:
                self._show(tx, press, ask, span)
            case _ if press.by.id != ask.asker:
                self.learning.tell(tx, press, "rating.not_the_asker")
            case Action.SHARE:
                self._share(tx, press, ask, span)
            case Action.RETRACT:
                self._retract(tx, press, ask)

    def _offer_next(self, tx: Transaction, press: Press, ask: Ask) -> None:
        at, end = ask.offered, len(ask.candidates)
        while at < end and self.faq.entry(ask.candidates[at].entry) is None:
            at += 1  # it is no more; those behind it may be
        hits = _resolve(ask, range(at, min(at + NEXT, end)), self.faq)
        card = self.wording.next_suggestions(
            hits,
            ask.id,
            at=at,
            wrong=press.argument,
            retractable=press.on.place.private_to is None,
        )
        tx.asks.offer(ask.id, at + len(hits))
        once = f"{ask.id}:next:{press.argument}"
        post(tx, _place(press, ask), card, ask=ask.id, once=once)

    def _show(self, tx: Transaction, press: Press, ask: Ask, span: range) -> None:
        hits = _resolve(ask, span, self.faq)
        if not hits:
            self.learning.tell(tx, press, "answer.gone")
            return
        place = _place(press, ask)
        private = place.private_to is not None
        card = self.wording.answer(hits, ask.id, private=private, at=span.start)
        once = f"{ask.id}:show:{press.argument}"
        if post(tx, place, card, ask=ask.id, once=once):
            tx.asks.show(ask.id, hits[0].entry.id)
            none = tx.outbox.message(f"{ask.id}:none") is not None
            if none or tx.asks.doubts(ask.id, ask.asker):
                self._propose(tx, press, ask, hits[0].entry.id, Sign.CHOSEN)
        else:
            self.learning.tell(tx, press, "rating.shown")

    def _propose(self, tx: Transaction, press: Press, ask: Ask, entry: str, sign: Sign) -> None:
        """Keep the asker's words as a wording of the entry that they were about.

        It changes nothing until an organiser adds it. What was asked in private stays private.
        """
        known = self.faq.entry(entry)
        own = press.by.id == ask.asker and not ask.place.private_to
        if known is None or not own or not ask.text:
            return
        key = question_key(ask.text)
        if key not in map(question_key, known.wordings):
            tx.proposals.add(ask=ask.id, entry=entry, words=ask.text, key=key, sign=sign)

    def _share(self, tx: Transaction, press: Press, ask: Ask, span: range) -> None:
        hits = _resolve(ask, span, self.faq)
        if not hits:
            self.learning.tell(tx, press, "answer.gone")
            return
        # Asked on somebody's message, it belongs to that one. By the handle a platform lets the bot
        # post even where it isn't a member.
        everybody = replace(ask.place, private_to=None, handle=press.on.place.handle)
        card = self.wording.shared(hits, ask.id, press.argument)
        once = f"{ask.id}:share:{press.argument}"
        if not post(tx, everybody, card, ask=ask.id, once=once):
            self.learning.tell(tx, press, "rating.done")

    def _retract(self, tx: Transaction, press: Press, ask: Ask) -> None:
        shown = {
            purpose: tx.outbox.message(f"{ask.id}:{purpose}:{press.argument}")
            for purpose in ("show", "share")
        }
        if ask.outcome is Outcome.TOLD:  # by a card of its own, perhaps by direct message
            shown["told"] = tx.outbox.reply_to(ask.id)
        done = False
        for purpose, message in shown.items():
            if message is not None and (purpose == "told" or message.place.private_to is None):
                # By the handle the asker hears of it where the message can't be changed.
                place = replace(message.place, handle=press.on.place.handle)
                card = Card(self.wording.line("answer.retracted").parts)
                once = f"{ask.id}:retract:{purpose}:{press.argument}"
                done |= edit(tx, replace(message, place=place), card, ask=ask.id, once=once)
        if not done:
            self.learning.tell(tx, press, "rating.done")


def _vote(tx: Transaction, press: Press, ask: Ask, span: range, vote: Vote) -> bool:
    """Keep a vote on each answer of the span; return whether one of them is new."""
    new = [tx.asks.rate(ask.id, at, press.by.id, ask.candidates[at].entry, vote) for at in span]
    return any(new)


def _place(press: Press, ask: Ask) -> Place:
    """Return where the reply to a press belongs.

    On a private message only its own place will do. A private answer that was shared goes on
    where it was shared. The handle is that of this press: by it a platform lets the bot answer
    even where it may not write.
    """
    if press.on.place.private_to or ask.place.private_to:
        return press.on.place
    return replace(ask.place, handle=press.on.place.handle)


def _resolve(ask: Ask, positions: Iterable[int], faq: Faq) -> tuple[Hit, ...]:
    """Return an ask's candidates as hits, up to the first whose entry is no more."""
    hits = []
    for candidate in (ask.candidates[position] for position in positions):
        entry = faq.entry(candidate.entry)
        if entry is None:
            break
        hits.append(Hit(entry, candidate.score, candidate.confidence))
    return tuple(hits)


def _positions(argument: str, ask: Ask) -> range | None:
    """Read a button's argument: ``2``, or ``0-2`` for an answer to several questions.

    Returns:
        The positions; None where the argument isn't one that the ask's buttons carry.
    """
    first, _, last = argument.partition("-")
    last = last or first
    # isdecimal alone would let other scripts' digits through.
    if not (argument.isascii() and first.isdecimal() and last.isdecimal()):
        return None
    span = range(int(first[:3]), int(last[:3]) + 1)
    return span if len(span) > 0 and span[-1] < ask.offered else None
