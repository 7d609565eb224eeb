"""Two replicas on one PostgreSQL: each question is answered by one of them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from bot.bootstrap import build
from bot.desk.desk import Desk, StoreError
from bot.domain.inbound import MessageRef, Person, Place, Question
from bot.settings import CoreSettings, LimitSettings
from bot.store import Database
from tests.fakes.faq import FAQ
from tests.fakes.platform import MemoryPlatform
from tests.fakes.search import PairSearch
from tests.fakes.waiting import at_rest
from tests.store.samples import accept, question

QUESTIONS = 40
MOST = 8
WAIT = "1 分ほど待ってから"


@pytest.fixture
def limits() -> LimitSettings:
    return LimitSettings()


@pytest.fixture
async def replicas(
    replicated_url: str, platform: MemoryPlatform, limits: LimitSettings
) -> AsyncIterator[tuple[Desk, Desk]]:
    def one() -> Desk:
        core = CoreSettings(database_url=replicated_url)
        return build(PairSearch(FAQ), core, limits=limits, in_flight=2)

    desks = one(), one()
    running = [asyncio.create_task(desk.run({"memory": platform})) for desk in desks]
    yield desks
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    for desk in desks:
        desk.close()


@pytest.fixture
def platform() -> MemoryPlatform:
    return MemoryPlatform()


def _question(number: int) -> Question:
    place = Place("memory", "W", f"channel {number % 5}", thread=str(number))
    asker = Person(f"member {number}")
    return Question(MessageRef(place, str(number)), asker, "合成データは使っていますか")


@pytest.mark.fault(38, 76)
async def test_an_event_that_both_replicas_get_is_answered_once(
    replicas: tuple[Desk, Desk], platform: MemoryPlatform
) -> None:
    for number in range(QUESTIONS):
        new = await asyncio.gather(*(desk.receive(_question(number)) for desk in replicas))
        assert sorted(new) == [False, True]
    await at_rest(replicas[0])
    threads = [each.place.thread for each in platform.posted]
    assert sorted(threads, key=str) == sorted(map(str, range(QUESTIONS)))


@pytest.mark.fault(75)
async def test_questions_are_answered_once_the_server_is_back(
    replicas: tuple[Desk, Desk], platform: MemoryPlatform, replicated_url: str
) -> None:
    """Every connection is cut, as by a restart or a failover."""
    engine = create_engine(replicated_url)
    for number in range(6):
        await _deliver(replicas[0], _question(number))
        with engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        await asyncio.sleep(0.05)
    engine.dispose()
    await at_rest(replicas[0])
    assert sorted(str(each.place.thread) for each in platform.posted) == list("012345")


@pytest.mark.fault(87)
@pytest.mark.parametrize(
    ("limits", "members", "channels"),
    [(LimitSettings(member=MOST), 1, 99), (LimitSettings(channel=MOST), 99, 1)],
)
async def test_a_limit_holds_for_all_replicas_together(
    replicas: tuple[Desk, Desk], platform: MemoryPlatform, members: int, channels: int
) -> None:
    for number in range(MOST + 4):
        place = Place("memory", "W", f"channel {number % channels}", thread=str(number))
        asker = Person(f"member {number % members}")
        question = Question(MessageRef(place, str(number)), asker, "合成データは使っていますか")
        await replicas[number % 2].receive(question)
        await at_rest(replicas[0])
    said = [" ".join(getattr(part, "text", "") for part in p.card.parts) for p in platform.posted]
    assert len(said) == MOST + 1
    assert [WAIT in each for each in said] == [False] * MOST + [True]


@pytest.mark.fault(75)
def test_a_commit_whose_answer_is_lost_is_told_and_not_repeated(
    replicated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.open(replicated_url)
    commit = psycopg.Connection.commit

    def lost(connection: psycopg.Connection) -> None:
        commit(connection)
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as cut:
        cut.setattr(psycopg.Connection, "commit", lost)
        with pytest.raises(StoreError):
            accept(database, question())
    assert not accept(database, question()), "whoever delivers it again learns that it is there"
    assert database.transact(lambda tx: tx.inbox.waiting()) == 1
    database.close()


@pytest.mark.fault(75)
def test_a_server_that_became_a_standby_is_left_for_who_stands_at_its_address_now(
    replicated_url: str,
) -> None:
    database = Database.open(replicated_url)
    demote = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
    database.transact(lambda tx: tx._session.connection.exec_driver_sql(demote))
    with pytest.raises(StoreError, match="standby"):
        accept(database, question())
    assert accept(database, question())
    database.close()


def test_to_begin_and_to_commit_is_to_wait_for_the_server_twice(
    replicated_url: str, tmp_path: Path
) -> None:
    database = Database.open(replicated_url)
    assert database._connection is not None
    connection = database._connection.connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    said = tmp_path / "said"
    with said.open("w") as trace:
        connection.pgconn.trace(trace.fileno())
        database.transact(lambda _: None)
        connection.pgconn.untrace()
    database.close()
    assert said.read_text().count("ReadyForQuery") == 2


@pytest.mark.fault(74)
def test_of_replicas_that_start_at_once_one_makes_the_tables(
    replicated_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with ThreadPoolExecutor(4) as pool:
        for database in list(pool.map(Database.open, [replicated_url] * 4)):
            database.close()
    assert [each.getMessage() for each in caplog.records].count("database made") == 1


async def _deliver(desk: Desk, question: Question) -> None:
    """Deliver again what isn't acknowledged, as a platform does."""
    while True:
        try:
            await desk.receive(question)
        except StoreError:
            await asyncio.sleep(0.1)
        else:
            return
