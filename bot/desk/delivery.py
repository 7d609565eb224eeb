"""What is done with each row of the inbox and of the outbox, and what when that fails."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from bot.desk.asking import Asking
from bot.desk.learning import Learning
from bot.desk.offload import STOPPING, Offload
from bot.desk.posting import whisper
from bot.desk.pressing import Pressing
from bot.desk.publishing import Publishing
from bot.desk.running import Pump
from bot.domain.backoff import wait_after
from bot.domain.card import Kind
from bot.domain.inbound import Action, Form, FormKind, MessageRef, Person, Place, Press, Question
from bot.domain.ports import Gone, NotAllowed, Platform, RateLimited
from bot.errors import FaqbotError
from bot.store import Claimed, Due, StaleClaim, StoreError, Transaction, channel_of
from bot.telemetry import EventLogger, Health
from bot.telemetry.metrics import Metrics
from bot.texts import Text
from bot.wording import Wording

MOST_ATTEMPTS = 5
"""Claims after which a row is given up: it may be what ends the process each time."""

log = EventLogger("faqbot.workers")


@dataclass(frozen=True, slots=True)
class Workers:
    """Works on rows of the inbox.

    Attributes:
        outbox: Where what is posted goes.
    """

    offload: Offload
    asking: Asking
    pressing: Pressing
    learning: Learning
    publishing: Publishing
    wording: Wording
    outbox: Pump[Due]

    async def work(self, claimed: Claimed) -> None:
        """Answer one row, or say that it couldn't be answered."""
        try:
            if claimed.attempts > MOST_ATTEMPTS:
                log.error("given up", attempts=claimed.attempts)
                await self._give_up(claimed)
            else:
                await self._answer(claimed)
        except StaleClaim:
            log.info("claim is stale")
        except STOPPING:
            raise
        except StoreError:
            await self.offload.persist(lambda tx: tx.inbox.hand_back(claimed))
        except BaseException as error:  # noqa: BLE001  # the member must not wait
            log.error("failed", error, kind=type(claimed.item).__name__)
            await self._give_up(claimed)
        finally:
            if not isinstance(claimed.item, Question):  # whose cards are claimed with the answer
                self.outbox.ring()

    async def _answer(self, claimed: Claimed) -> None:
        match claimed.item:
            case Question() as question:
                await self.asking.question(claimed, question)
            case Press(action=Action.SEARCH_AGAIN) as press:
                await self.asking.again(claimed, press)
            case Press(action=action) as press if action.is_organisers:
                await self.publishing.press(claimed, press)
            case Press() as press:
                await self.offload.store(lambda tx: self.pressing.press(tx, claimed, press))
            case Form(kind=FormKind.QUESTION) as form:
                await self.learning.ask(claimed, form)
            case Form() as form:
                await self.publishing.form(claimed, form)
            case _:
                assert_never(claimed.item)

    async def _give_up(self, claimed: Claimed) -> None:
        """Close a row that can't be worked on, and say so to the one who waits."""
        match claimed.item:
            case Question() as question:
                await self.asking.give_up(claimed, question)
            case Press(by=person, on=MessageRef(place=place)) | Form(by=person, where=place):
                await self.offload.persist(lambda tx: self._failed(tx, claimed, place, person))
            case _:
                assert_never(claimed.item)

    def _failed(self, tx: Transaction, claimed: Claimed, place: Place, person: Person) -> None:
        tx.inbox.finish(claimed, "failed")
        card = self.wording.line("error.failed")
        once = f"failed:{claimed.key}"
        whisper(tx, place, person, card, once=once)


CLAIM_LASTS = 1.5
"""For how many times what a send may take a card is claimed."""
BACKOFF_MOST = 60.0
CARD_TOO_OLD = 3600.0
"""Seconds after which a card whose platform can't be reached is given up."""
ASKED_AGAIN = (60.0, 600.0)
"""Seconds until an organisers' channel that refuses is tried again: in its first hour, later."""
COMPLAIN_EVERY = 3600.0
"""Seconds between two lines to the operator about the same channel."""


class _StillInFlight(Exception):
    """An earlier send may still take effect; look again in ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Senders:
    """Sends cards.

    Args:
        owner: Names this process in its claims.
        in_flight: Seconds that a request to a platform may take: a send is cut off then, and one
            of unknown fate isn't repeated earlier.

    Attributes:
        platforms: Those that are served, by name.
    """

    def __init__(
        self,
        owner: str,
        offload: Offload,
        learning: Learning,
        wording: Wording,
        metrics: Metrics,
        health: Health,
        in_flight: float,
    ) -> None:
        self._owner = owner
        self._learning = learning
        self._health = health
        self._offload = offload
        self._wording = wording
        self._metrics = metrics
        self._in_flight = in_flight
        self.platforms: Mapping[str, Platform] = {}
        self._complained: dict[str, float] = {}
        self._log = EventLogger("faqbot.senders")

    def serve(self, platforms: Mapping[str, Platform]) -> None:
        """Send to these platforms from now on; what goes to others stays in the outbox."""
        self.platforms = platforms

    def claim(self, tx: Transaction, limit: int) -> tuple[Due, ...]:
        """Take the cards that are due: the first of each channel."""
        return tx.outbox.claim(
            self._owner, limit, CLAIM_LASTS * self._in_flight, tuple(self.platforms)
        )

    def look(self, tx: Transaction) -> tuple[int, float]:
        """Count what waits, and tell for how many seconds something does that could be sent."""
        return tx.outbox.look(tuple(self.platforms))

    async def send(self, due: Due) -> float | None:
        """Send one card, and note what became of it.

        Returns:
            Seconds after which something is due that is known of; None: nothing.
        """
        try:
            return await self._send(due)
        except StaleClaim:
            self._log.info("claim is stale", outgoing=due.outgoing.id)
            return 0.0

    async def _send(self, due: Due) -> float | None:
        # A process that was stopped in between finds its claim run out, and another one sending.
        if time.monotonic() - due.claimed > CLAIM_LASTS * self._in_flight - self._in_flight:
            raise StaleClaim(due.outgoing.id)
        try:
            async with asyncio.timeout(self._in_flight):
                message = await self._once(due)
            more = await self._offload.persist(lambda tx: self._sent(tx, due, message))
        except (StaleClaim, *STOPPING):
            raise
        except BaseException as error:  # noqa: BLE001  # an adapter's fault holds up its card only
            return await self._failed(due, error)
        self._metrics.sent.labels(due.outgoing.to.platform, "sent").inc()
        if self._learning.is_for_organisers(due):
            self._health.report(f"organisers on {message.place.platform}", True)
        return 0.0 if more else None

    def _sent(self, tx: Transaction, due: Due, message: MessageRef) -> bool:
        """Note that a card was sent; return whether another one is due, as far as is known."""
        tx.outbox.sent(due, message)
        if self._learning.is_for_organisers(due):
            self._learning.sent(tx, due, message)
            return True  # whoever waits for that is told, in another channel
        return tx.outbox.waits(due.outgoing.to)

    async def _once(self, due: Due) -> MessageRef:
        """Send; where an earlier send may have taken effect, look for that first."""
        platform = self.platforms[due.outgoing.to.platform]
        if due.tried is not None:
            found = await platform.find(due.outgoing)
            if found is not None:
                return found
            if due.tried < self._in_flight:
                raise _StillInFlight(self._in_flight - due.tried)
            await self._offload.store(lambda tx: tx.outbox.resending(due))
        return await platform.send(due.outgoing)

    async def _failed(self, due: Due, error: BaseException) -> float:
        """Send later, or give up: what is refused for good, or whose time is over."""
        wait, unknown, result = 0.0, True, "unknown"
        match error:
            case _StillInFlight(seconds=seconds):
                wait, result = seconds, "in flight"
            case RateLimited(retry_after=seconds):
                wait, unknown, result = seconds, due.tried is not None, "limited"
            case _:
                wait = wait_after(due.attempts, 0.5, BACKOFF_MOST)
                self._complain(due, error)
        # A token that is refused now is mended, and then nothing was lost.
        refused = isinstance(error, NotAllowed | Gone) and not isinstance(error, RateLimited)
        if self._learning.is_for_organisers(due):
            # A question is never given up: somebody will invite the bot, or mend what is wrong.
            if refused:
                wait, unknown, result = ASKED_AGAIN[due.age > CARD_TOO_OLD], False, "refused"
            await self._offload.persist(lambda tx: self._keep(tx, due, wait, unknown=unknown))
            self._report(due, error)
            if refused:
                wait = 0.0  # what others are told of it is due now, elsewhere
        # A refused token may be mended too late, after all: nobody waits any more.
        elif refused or (due.age > CARD_TOO_OLD and not isinstance(error, _StillInFlight)):
            self._complain(due, error)
            await self._offload.persist(lambda tx: self._give_up(tx, due, type(error).__name__))
            wait, result = 0.0, "failed"
        else:
            await self._offload.persist(lambda tx: tx.outbox.postpone(due, wait, unknown=unknown))
        self._metrics.sent.labels(due.outgoing.to.platform, result).inc()
        return wait

    def _keep(self, tx: Transaction, due: Due, wait: float, *, unknown: bool) -> None:
        """Try a question's card again later, and let whoever asked know if that takes long."""
        tx.outbox.postpone(due, wait, unknown=unknown)
        if not unknown or due.attempts > 1:
            self._learning.refused(tx, due)

    def _report(self, due: Due, error: BaseException) -> None:
        place = due.outgoing.to
        known = error if isinstance(error, FaqbotError) else Text("health.fails")
        said = Text("health.organisers", channel=place.channel, problem=known)
        self._health.report(f"organisers on {place.platform}", False, said)

    def _give_up(self, tx: Transaction, due: Due, reason: str) -> None:
        """Close a card that can't be posted, and say so to who asked."""
        tx.outbox.failed(due, reason)
        if self._learning.undeliverable(tx, due):
            return
        ask = tx.asks.get(due.ask) if due.ask else None
        if ask is None or not ask.asker:
            return
        to, kind = due.outgoing.to, due.outgoing.kind
        if kind is Kind.THREAD:
            address = self.platforms[to.platform].address(MessageRef(to, ""))
            card = self._wording.not_posted(ask.text or "", address)
        elif kind is Kind.EDIT:
            card = self._wording.line("error.not_retracted")
        else:
            return
        whisper(tx, to, Person(ask.asker), card, once=f"{due.once}:not posted")

    def _complain(self, due: Due, error: BaseException) -> None:
        """Write a line to the operator, once an hour for each channel."""
        channel = channel_of(due.outgoing.to)
        now = asyncio.get_running_loop().time()
        if now - self._complained.get(channel, -COMPLAIN_EVERY) < COMPLAIN_EVERY:
            return
        self._complained[channel] = now
        if isinstance(error, FaqbotError | TimeoutError):
            problem = str(error) or type(error).__name__
            self._log.error("not posted", channel=channel, problem=problem)
        else:
            self._log.error("not posted", error, channel=channel)
