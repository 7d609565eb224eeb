"""What is done with each row of the inbox, and what when that fails."""

from typing import assert_never

from bot.desk.asking import Asking
from bot.desk.escalating import Escalating
from bot.desk.posting import Posting
from bot.desk.pressing import Pressing
from bot.desk.pump import STOPPING
from bot.desk.threads import Threads
from bot.desk.wording import Wording
from bot.domain.inbound import Action, Form, MessageRef, Person, Place, Press, Question
from bot.store.database import Transaction
from bot.store.errors import StaleClaim, StoreError
from bot.store.inbox import Claimed
from bot.telemetry.log import EventLogger

MOST_ATTEMPTS = 5
"""Claims after which a row is given up: it may be what ends the process each time."""


class Workers:
    """Works on rows of the inbox."""

    def __init__(
        self,
        *,
        owner: str,
        threads: Threads,
        asking: Asking,
        pressing: Pressing,
        escalating: Escalating,
        wording: Wording,
        posting: Posting,
    ) -> None:
        self._owner = owner
        self._threads = threads
        self._asking = asking
        self._pressing = pressing
        self._escalating = escalating
        self._wording = wording
        self._posting = posting
        self._log = EventLogger("faqbot.workers")

    async def claim(self, limit: int) -> tuple[Claimed, ...]:
        """Take rows to work on."""
        return await self._threads.store(lambda tx: tx.inbox.claim(self._owner, limit))

    async def work(self, claimed: Claimed) -> None:
        """Answer one row, or say that it couldn't be answered."""
        try:
            if claimed.attempts > MOST_ATTEMPTS:
                self._log.error("given up", attempts=claimed.attempts)
                await self._give_up(claimed)
            else:
                await self._answer(claimed)
        except StaleClaim:
            self._log.info("claim is stale")
        except STOPPING:
            raise
        except StoreError:
            await self._threads.persist(lambda tx: tx.inbox.hand_back(claimed))
        except BaseException as error:  # noqa: BLE001  # the member must not wait
            self._log.error("failed", error, kind=type(claimed.item).__name__)
            await self._give_up(claimed)

    async def _answer(self, claimed: Claimed) -> None:
        match claimed.item:
            case Question() as question:
                await self._asking.question(claimed, question)
            case Press(action=Action.SEARCH_AGAIN) as press:
                await self._asking.again(claimed, press)
            case Press() as press:
                await self._threads.store(lambda tx: self._press(tx, claimed, press))
            case Form() as form:
                await self._threads.store(lambda tx: self._form(tx, claimed, form))
            case _:
                assert_never(claimed.item)

    def _press(self, tx: Transaction, claimed: Claimed, press: Press) -> None:
        tx.inbox.finish(claimed, "done")
        self._pressing.press(tx, press)

    def _form(self, tx: Transaction, claimed: Claimed, form: Form) -> None:
        tx.inbox.finish(claimed, "done")
        self._escalating.escalate(tx, form)

    async def _give_up(self, claimed: Claimed) -> None:
        """Close a row that can't be worked on, and say so to the one who waits."""
        match claimed.item:
            case Question() as question:
                await self._asking.give_up(claimed, question)
            case Press(by=person, on=MessageRef(place=place)) | Form(by=person, where=place):
                await self._threads.persist(lambda tx: self._failed(tx, claimed, place, person))
            case _:
                assert_never(claimed.item)

    def _failed(self, tx: Transaction, claimed: Claimed, place: Place, person: Person) -> None:
        tx.inbox.finish(claimed, "failed")
        card = self._wording.line("error.failed")
        once = f"failed:{claimed.key}"
        self._posting.whisper(tx, place, person, card, ask="", once=once)
