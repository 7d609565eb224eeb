"""What a question takes of the store: each transaction is a wait for the disk."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from bot.desk import running
from bot.domain.inbound import MessageRef, Person, Place, Question
from bot.store import Database, StoreError, Transaction
from tests.desk.test_service import PARTS
from tests.fakes.waiting import until
from tests.platforms.memory_driver import MemoryChat

T = TypeVar("T")


class Counted:
    """Counts a store's transactions from now on, and can let them fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number = 0
        self.fails = False
        plain = Database.transact

        def transact(database: Database, work: Callable[[Transaction], T]) -> T:
            self.number += 1
            if self.fails:
                raise StoreError("It is busy.")
            return plain(database, work)

        monkeypatch.setattr(Database, "transact", transact)


def question(message: str) -> Question:
    ref = MessageRef(Place("memory", "W", "general", thread=message), message)
    return Question(ref, Person("U1"), "合成データは使っていますか")


async def test_a_question_is_three_transactions_and_what_came_before_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is claimed when it is accepted, and its card when it is written."""
    for pause in ("IDLE", "MEASURE_EVERY", "QUIET"):
        monkeypatch.setattr(running, pause, 1_000)
    chat = MemoryChat(tmp_path)
    await chat.start()
    await chat.desk.receive(question("q0"))  # behind what is done at the start
    await chat.sees()
    await until(lambda: len(chat.desk.health().components) == len(PARTS))
    await chat.sees()
    counted = Counted(monkeypatch)
    taken = await asyncio.gather(*(chat.desk.receive(question("q1")) for _ in range(2)))
    assert await chat.desk.receive(question("q1")) is False
    await until(lambda: counted.number >= 3)
    await asyncio.sleep(0.2)
    assert (taken, counted.number) == ([True, False], 3)
    await chat.stop()


async def test_what_was_not_saved_is_acknowledged_by_neither_of_its_events(
    chat: MemoryChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(monkeypatch)
    counted.fails = True
    twice = (chat.desk.receive(question("q1")) for _ in range(2))
    for each in await asyncio.gather(*twice, return_exceptions=True):
        assert isinstance(each, StoreError)
    counted.fails = False

    async def taken() -> bool:
        with contextlib.suppress(StoreError):  # behind upkeep that failed still
            return await chat.desk.receive(question("q1"))
        return False

    await until(taken)
