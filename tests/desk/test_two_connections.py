"""On a server what is waited for is committed by a connection of its own: at once with the rest."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from bot.desk import offload, running
from bot.desk.offload import Offload, Urgency
from bot.domain.inbound import MessageRef, Person, Place, Question
from bot.store import Database, StoreError, postgresql
from bot.telemetry import Health
from tests.fakes.waiting import HANG, until
from tests.platforms.chat import cancel
from tests.platforms.memory_driver import MemoryChat

REF = MessageRef(Place("memory", "W", "general", thread="q"), "q")
QUESTION = Question(REF, Person("明美", "明美"), "円周率とは")


class Stranger:
    """Another client of the same database, with a transaction under way.

    Attributes:
        begun: Its connection.
    """

    def __init__(self, begun: psycopg.Connection, looks: psycopg.Connection) -> None:
        self.begun = begun
        self._looks = looks

    def keeps_waiting(self) -> int:
        """Count who waits for a lock."""
        waiting = "datname = current_database() AND wait_event_type = 'Lock'"
        count = self._looks.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {waiting}")
        return int(count.fetchall()[0][0])


@contextmanager
def stranger(url: str) -> Iterator[Stranger]:
    plain = url.replace("+psycopg", "")
    with psycopg.connect(plain) as begun, psycopg.connect(plain, autocommit=True) as looks:
        yield Stranger(begun, looks)


@pytest.mark.fault(48)
async def test_an_edit_while_the_reply_is_committed_is_offered_to_be_searched(
    tmp_path: Path, replicated_url: str
) -> None:
    """The question was open when it was looked at, and done when it was to be changed: lost."""
    chat = MemoryChat(tmp_path, url=replicated_url)
    await chat.start()
    await until(lambda: any(each.name == "upkeep" for each in chat.desk.health().components))
    with stranger(replicated_url) as other:
        other.begun.execute("LOCK TABLE asks IN SHARE MODE")  # behind what closes the question
        await chat.desk.receive(QUESTION)
        await until(lambda: other.keeps_waiting() == 1)
        editing = asyncio.create_task(chat.desk.edited(REF, "合成データは使っていますか"))
        await until(lambda: other.keeps_waiting() == 2)
        other.begun.rollback()
        await editing
    assert (await chat.sees())[-1].buttons == ("もう一度探す",)
    await chat.stop()


async def test_what_is_taken_in_while_the_process_ends_waits_for_no_lease(
    tmp_path: Path, replicated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was claimed behind what hands all claims back."""
    monkeypatch.setattr(running, "LAST", HANG)
    chat = MemoryChat(tmp_path, url=replicated_url)
    await chat.start(answering=False)
    serving = asyncio.create_task(chat.desk.run({"memory": chat.platform}))
    await until(lambda: chat.desk.health().ok)
    with stranger(replicated_url) as other:
        same = "INSERT INTO inbox (key, kind, payload, received_at) VALUES (%s, 'question', '', 0)"
        other.begun.execute(same, (REF.key,))
        taking = asyncio.create_task(chat.desk.receive(QUESTION))
        await until(lambda: other.keeps_waiting() == 1)
        ending = asyncio.create_task(cancel(serving))
        await asyncio.wait([ending], timeout=1)
        other.begun.rollback()
        assert await taking
        await ending
    await chat.stop()
    again = Database.open(replicated_url)
    assert len(again.transact(lambda tx: tx.inbox.claim("another", 10))) == 1
    again.close()


class HalfReached(Database):
    """Where what is waited for can't be committed, as the server takes no further connection."""

    def beside(self) -> Database:
        """Return the store as it is reached at a port where nobody listens."""
        return Database(postgresql.engine("postgresql+psycopg://127.0.0.1:1/faqbot"), None)


@pytest.mark.fault(71)
async def test_the_store_is_not_well_while_one_of_its_connections_is_refused(
    replicated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The probe was committed by the other one, and showed nothing."""
    monkeypatch.setattr(offload, "WATCH_EVERY", 0.01)
    health = Health()
    store = Offload(HalfReached.open(replicated_url), health)
    with pytest.raises(StoreError):
        await store.store(lambda tx: tx.changes(), Urgency.WAITED_FOR)
    watching = asyncio.create_task(store.watch())
    seen = set()
    for _ in range(50):
        await store.store(lambda tx: tx.changes())
        seen.add(health.ok)
        await asyncio.sleep(0.01)
    await cancel(watching)
    store.close()
    assert seen == {False}
