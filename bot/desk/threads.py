"""The one door from the event loop to the synchronous parts."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.desk.faq import Faq
from bot.desk.writer import Urgency, Writer
from bot.domain.reply import Reply
from bot.domain.retrieval import Ranking
from bot.store.database import Database, Transaction
from bot.store.errors import StoreError
from bot.telemetry.health import Health
from bot.telemetry.log import EventLogger

T = TypeVar("T")

SEARCH_THREADS = 2
RETRY_FIRST, RETRY_MOST = 1.0, 30.0
"""Seconds between tries while the database refuses."""


class Threads:
    """One thread for the database, a few for the search."""

    def __init__(self, database: Database, faq: Faq, health: Health) -> None:
        self._database = database
        self._faq = faq
        self._health = health
        self._log = EventLogger("faqbot.store")
        self._writer = Writer()
        self._searchers = ThreadPoolExecutor(SEARCH_THREADS, thread_name_prefix="search")

    async def search(self, text: str, addressed: bool) -> tuple[Reply, Ranking]:
        """Decide what to say to a question."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._searchers, self._faq.reply, text, addressed)

    async def store(self, work: Callable[[Transaction], T], urgency: Urgency = Urgency.WORK) -> T:
        """Run ``work`` in one transaction.

        Raises:
            StoreError: It wasn't committed.
        """
        try:
            running = self._writer.submit(lambda: self._database.transact(work), urgency)
        except RuntimeError as error:
            raise StoreError("The bot is stopping.", "Try again once it is back.") from error
        try:
            result = await asyncio.wrap_future(running)
        except StoreError as error:
            if self._health.report("store", False, error, vital=True):
                self._log.error("store refuses", problem=error.message, remedy=error.remedy)
            raise
        if self._health.report("store", True):
            self._log.info("store works")
        return result

    async def persist(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` in one transaction, again and again until the database takes it."""
        wait = RETRY_FIRST
        while True:
            try:
                return await self.store(work)
            except StoreError:
                # ``store`` has said so; what is to be kept must not be lost.
                await asyncio.sleep(wait)
                wait = min(2 * wait, RETRY_MOST)

    def close(self) -> None:
        """Finish what runs, and close the database."""
        self._searchers.shutdown(cancel_futures=True)
        self._writer.close()
        self._database.close()
