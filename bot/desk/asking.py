"""Questions: how many are taken, what is done with each, and the one transaction that does it."""

import math
import re
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from bot.desk.offload import Offload
from bot.desk.posting import new_id, post, whisper
from bot.desk.replying import Replying
from bot.desk.running import Pump
from bot.domain.ask import Ask, Outcome, candidates
from bot.domain.card import Card, argument
from bot.domain.inbound import MessageRef, Place, Press, Question
from bot.domain.ports import Faq
from bot.domain.retrieval import (
    Answer,
    Decline,
    Hit,
    Query,
    Ranking,
    Reason,
    Reply,
    Silence,
)
from bot.domain.text import question_key
from bot.settings import LimitSettings
from bot.store import Claimed, Due, Transaction, channel_of
from bot.telemetry import EventLogger
from bot.telemetry.metrics import Metrics
from bot.wording import Wording

TOO_OLD = 3600.0
"""Seconds after which a question that was found in the inbox isn't answered any more."""
WINDOW = 60.0
"""Seconds within which questions are counted."""
SHARE = 8
"""A process that has seen so small a part of what is allowed doesn't ask what others have seen."""
COUNTED = 10_000
"""Members and channels whose questions are counted at most: who asked last."""

_QUOTED = re.compile(r"^[ \t]*(?:>>>.*\Z|>[^\n]*\n?)", re.MULTILINE | re.DOTALL)
"""What a message quotes: a line, or all that follows."""

log = EventLogger("faqbot.question")


class Limit(StrEnum):
    """Which limit was reached; the value is the text's key."""

    MEMBER = "limit.member"
    CHANNEL = "limit.channel"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A question over a limit; only the first of a minute is told so."""

    limit: Limit
    say: bool


Elsewhere = Callable[[Limit], Awaitable[tuple[int, int]]]
"""Returns how many questions of the same member or channel are stored of the minute before, and how
many of them were refused."""


class Limits:
    """Counts questions by the minute, in memory: a restart forgets them, which harms nobody."""

    def __init__(self, settings: LimitSettings) -> None:
        self._settings = settings
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()
        self._told: dict[str, float] = {}

    async def refuse(
        self, question: Question, at: float, elsewhere: Elsewhere | None = None
    ) -> Refusal | None:
        """Count a question; return the refusal where there are too many.

        Args:
            question: The question.
            at: When it came in, in seconds of a clock that nobody sets.
            elsewhere: Knows what other processes have answered, too; None: there are none.
        """
        place = question.ref.place
        member = f"{place.platform}:{question.asker.id}"
        channel = f"{place.platform}:{place.channel}"
        for key, limit, most in (
            (member, Limit.MEMBER, self._settings.member),
            (channel, Limit.CHANNEL, self._settings.channel),
        ):
            number, refused = self._count(f"{limit}:{key}", at), 0
            if elsewhere is not None and number > most / SHARE:
                stored, refused = await elsewhere(limit)
                number = max(number, stored + 1)
            if number > most:
                first = not refused and self._tell(f"{limit}:{key}", at)
                return Refusal(limit, say=question.addressed and first)
        return None

    def _count(self, key: str, at: float) -> int:
        asked = self._asked.setdefault(key, deque())
        self._asked.move_to_end(key)
        asked.append(at)
        while asked[0] <= at - WINDOW:
            asked.popleft()
        while len(self._asked) > COUNTED:
            forgotten, _ = self._asked.popitem(last=False)
            self._told.pop(forgotten, None)
        return len(asked)

    def _tell(self, key: str, at: float) -> bool:
        if at - self._told.get(key, -math.inf) < WINDOW:
            return False
        self._told[key] = at
        return True


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way to its ask.

    Attributes:
        claimed: The inbox row that brought it: the question itself, or a press to search again.
        question: What is asked.
        key: Its dedupe key: one ask is kept for it.
        ask: The id of the ask that it will be.
        after: The ask that it follows up unasked: who asked goes on in the same thread, without
            calling the bot.
    """

    claimed: Claimed
    question: Question
    key: str
    ask: str
    after: Ask | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """Answers questions.

    Attributes:
        faq: The entries and the search in them.
        wording: The words.
        limits: How much may be asked.
        offload: Leads to the store, and off the event loop.
        outbox: Where the replies go.
        replying: Takes what organisers say in the threads of their cards.
        metrics: Where questions are counted.
        watches: Says whether a channel's questions are answered without a mention.
    """

    faq: Faq
    wording: Wording
    limits: Limits
    offload: Offload
    outbox: Pump[Due]
    replying: Replying
    metrics: Metrics
    watches: Callable[[Place], Awaitable[bool]]

    async def question(self, claimed: Claimed, question: Question) -> None:
        """Answer a question, or say that it couldn't be."""
        if await self.replying.took(claimed, question):
            self.outbox.ring()
            return
        asked = Asked(claimed, question, question.ref.key, new_id())
        if claimed.age > TOO_OLD:
            await self._say(asked, Outcome.EXPIRED, "error.expired")
            return
        elsewhere = (
            partial(self._asked_lately, claimed, question) if self.offload.is_shared else None
        )
        refusal = await self.limits.refuse(question, claimed.received_at, elsewhere)
        if refusal is None:
            asked = await self._following(asked)
            place = question.ref.place
            # What organisers say was taken in as it might have been a reply to a card.
            maybe = not question.addressed and self.replying.is_among_organisers(place)
            if maybe and not asked.after and not await self.watches(place):
                await self._say(asked, Outcome.SILENCE, "")
            else:
                await self._search(asked)
        elif refusal.say:
            await self._say(asked, Outcome.LIMITED, refusal.limit.value)
        else:
            await self.offload.store(lambda tx: tx.inbox.finish(claimed, Outcome.LIMITED))
            self._note(asked, Outcome.LIMITED)

    async def _asked_lately(
        self, claimed: Claimed, question: Question, limit: Limit
    ) -> tuple[int, int]:
        member = question.asker.id if limit is Limit.MEMBER else ""
        channel = channel_of(question.ref.place) if limit is Limit.CHANNEL else ""
        return await self.offload.store(
            lambda tx: tx.asks.lately(claimed.age, WINDOW, member=member, channel=channel)
        )

    async def _following(self, asked: Asked) -> Asked:
        """Find out what an unaddressed question follows up: once in a row, and no words twice."""
        place = asked.question.ref.place
        if asked.question.addressed or place.thread in (None, asked.question.ref.message):
            return asked
        thread, member = asked.question.ref.conversation, asked.question.asker.id
        found = await self.offload.store(lambda tx: tx.asks.to_follow_up(thread, member))
        key = question_key(asked.question.text)
        if found is None or key in map(question_key, found[1]):
            return asked
        return replace(asked, after=found[0])

    async def again(self, claimed: Claimed, press: Press) -> None:
        """Search with the new words of an edited question, for the one who asked it."""

        def look(tx: Transaction) -> Ask | None:
            ask = tx.asks.get(press.about)
            if ask is None or ask.text is None:
                why = "error.unknown_button"
            elif ask.asker != press.by.id:
                why = "rating.not_the_asker"
            elif (found := tx.asks.of_question(_again(ask))) and found.text != ask.text:
                why = "rating.done"  # with words that have been edited since
            else:
                return ask
            tx.inbox.finish(claimed, "refused")
            once = f"press:{press.id}"
            whisper(tx, press.on.place, press.by, self.wording.line(why), once=once)
            return None

        ask = await self.offload.store(look)
        if ask is not None:
            ref = MessageRef(ask.place, press.on.message)
            question = Question(ref, press.by, ask.text or "")
            await self._search(Asked(claimed, question, _again(ask), new_id()))

    async def give_up(self, claimed: Claimed, question: Question) -> None:
        """Say that a question couldn't be answered, after an error."""
        asked = Asked(claimed, question, question.ref.key, new_id())
        await self._say(asked, Outcome.FAILED, "error.failed")

    async def _search(self, asked: Asked) -> None:
        question = asked.question
        began = time.perf_counter()
        reply, ranking = await self._reply(asked)
        if asked.after and (isinstance(reply, Decline) or _is_said(reply, asked.after)):
            reply = Silence(Reason.NOT_SURE)
        searched = time.perf_counter()
        private = question.ref.place.private_to is not None
        card = self.wording.reply(
            reply,
            asked.ask,
            entries=self.faq.entries,
            platform=question.ref.place.platform,
            private=private,
            cut=ranking.query.cut,
        )
        ask = replace(
            self._ask(asked, Outcome(reply.outcome)),
            confidence=ranking.confidence,
            candidates=candidates(reply, ranking),
            offered=len(reply.hits),
            entry=reply.hits[0].entry.id if isinstance(reply, Answer) else None,
        )
        outcome = await self.outbox.adding(partial(self._commit, asked, ask, card))
        done = time.perf_counter()
        steps = {"wait": asked.claimed.age, "search": searched - began, "commit": done - searched}
        for step, seconds in steps.items():
            self.metrics.step_seconds.labels(step).observe(max(seconds, 0.0))
        self._note(
            asked,
            outcome,
            reason=reply.reason.value if isinstance(reply, Silence) else "",
            confidence=round(ranking.confidence, 3),
            **{f"{step}_ms": round(seconds * 1000, 1) for step, seconds in steps.items()},
        )

    async def _reply(self, asked: Asked) -> tuple[Reply, Ranking]:
        question = asked.question
        picked = self.faq.entry(question.entry) if question.entry else None
        if picked is not None:
            hit = Hit(picked, score=0.0, confidence=1.0)
            return Answer((hit,)), Ranking(Query(question.text, ()), (hit,))
        # What somebody quotes without calling the bot was said by somebody else.
        calls = question.addressed and not question.reply
        text = question.text if calls else _QUOTED.sub("", question.text)
        goes_on = asked.after is not None
        search = partial(self.faq.reply, below=goes_on or question.reply)
        return await self.offload.compute(search, text, question.addressed or goes_on)

    async def _say(self, asked: Asked, outcome: Outcome, key: str) -> None:
        """Say one line in place of a reply; nothing to somebody who didn't address the bot."""
        question = asked.question
        card = self.wording.line(key) if question.addressed else None
        ask = self._ask(asked, outcome)
        await self.outbox.adding(partial(self._commit, asked, ask, card))
        self._note(asked, outcome)

    def _ask(self, asked: Asked, outcome: Outcome) -> Ask:
        question = asked.question
        return Ask(
            id=asked.ask,
            question=asked.key,
            place=question.ref.place,
            thread=question.ref.conversation,
            asker=question.asker.id,
            text=question.text,
            outcome=outcome,
        )

    def _commit(
        self, asked: Asked, ask: Ask, card: Card | None, tx: Transaction, hands: int
    ) -> tuple[Outcome, Sequence[Due]]:
        """Close the inbox row; keep the ask and what will be posted, and claim it: all at once."""
        unasked = not asked.question.addressed
        if card is None or (unasked and not asked.after and tx.asks.spoke(ask.thread)):
            tx.inbox.finish(asked.claimed, Outcome.SILENCE)
            return Outcome.SILENCE, ()
        tx.inbox.finish(asked.claimed, ask.outcome)
        after = asked.after.id if asked.after else ""
        if not tx.asks.add(ask, unasked=unasked, after=after):
            return Outcome.SILENCE, ()
        purpose = f"show:{argument(0, ask.offered)}" if ask.entry else "reply"
        post(tx, ask.place, card, ask=ask.id, once=f"{ask.id}:{purpose}")
        return ask.outcome, self.outbox.claim(tx, hands)

    def _note(self, asked: Asked, outcome: Outcome, **more: str | float) -> None:
        """Write the question's one line, and count it."""
        platform = asked.question.ref.place.platform
        addressed = asked.question.addressed
        self.metrics.questions.labels(platform, outcome.value).inc()
        log.info(
            "question",
            ask=asked.ask,
            platform=platform,
            addressed=addressed,
            outcome=outcome.value,
            **more,
        )


def _is_said(reply: Reply, before: Ask) -> bool:
    """Whether a reply is just the answer that an ask got before."""
    return isinstance(reply, Answer) and [hit.entry.id for hit in reply.hits] == [before.entry]


def _again(ask: Ask) -> str:
    """Return the dedupe key of the one search for the new words of an edited question."""
    return f"{ask.question}:again"
