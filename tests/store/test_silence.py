"""A server that falls silent without closing a connection: a proxy between it and us freezes."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import event, make_url

from bot.bootstrap import build
from bot.desk import offload, running
from bot.desk.desk import Desk, StoreError
from bot.domain.inbound import MessageRef, Person, Place, Question
from bot.settings import CoreSettings
from bot.store import Database, Transaction, database, postgresql, reading
from tests.fakes.faq import FAQ
from tests.fakes.platform import MemoryPlatform
from tests.fakes.proxy import Proxy, Way
from tests.fakes.search import PairSearch
from tests.fakes.waiting import until
from tests.store.samples import accept, question

pytestmark = pytest.mark.fault(119)

QUESTIONS = 60
SOON = 5.0
"""Seconds that nothing takes here: a system's own limits for a silent connection are minutes."""


@pytest.fixture
def proxy(replicated_url: str) -> Iterator[Proxy]:
    server = make_url(replicated_url)
    with Proxy(str(server.host), int(server.port or 0)) as proxy:
        yield proxy


@pytest.fixture
def url(replicated_url: str, proxy: Proxy) -> str:
    through = make_url(replicated_url).set(port=proxy.port)
    return through.render_as_string(hide_password=False)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the time that a bot has."""
    monkeypatch.setattr(postgresql, "BEGINNING", 0.3)
    monkeypatch.setattr(postgresql, "ANSWER", 1.0)
    monkeypatch.setattr(postgresql, "TRANSACTION", 1.0)
    monkeypatch.setitem(postgresql._SERVER, "idle_in_transaction_session_timeout", 1000)
    monkeypatch.setattr(database, "PAUSE", 0.1)
    monkeypatch.setattr(offload, "LATE", 0.5)
    monkeypatch.setattr(offload, "WATCH_EVERY", 0.1)


def test_the_limits_are_asked_for_in_a_way_that_a_pooler_lets_through(replicated_url: str) -> None:
    """PgBouncer refuses who begins a connection with options; the address' own go first."""
    made = postgresql.engine(f"{replicated_url}?options=-c%20lock_timeout%3D1234")
    with made.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, postgresql.Connection)
        limits = ("statement_timeout", "lock_timeout", "tcp_keepalives_idle")
        shown = [connection.exec_driver_sql(f"SHOW {each}").scalar() for each in limits]
        assert ["9s", "1234ms", "10"] == shown
        assert driver.info.get_parameters()["options"] == "-c lock_timeout=1234"
    made.dispose()


def test_a_connection_that_died_while_idle_is_made_anew_and_nobody_notices(
    url: str, proxy: Proxy
) -> None:
    store = Database.open(url)
    for fault in (proxy.freeze, proxy.blackhole, proxy.reset):
        fault()
        began = time.monotonic()
        assert store.transact(lambda tx: tx.inbox.waiting()) == 0
        assert time.monotonic() - began < SOON
    store.close()


@pytest.mark.parametrize("way", list(Way))
def test_a_transaction_in_which_the_server_falls_silent_fails_in_time(
    url: str, proxy: Proxy, way: Way
) -> None:
    store = Database.open(url)

    def work(tx: Transaction) -> None:
        assert tx.inbox.accept(question("1"))
        proxy.freeze(way)
        tx.inbox.waiting()

    began = time.monotonic()
    with pytest.raises(StoreError, match=r"no answer within 1 s"):
        store.transact(work)
    assert time.monotonic() - began < SOON
    # What the lost transaction had taken isn't waited for in vain.
    assert accept(store, question("1"))
    store.close()


def test_a_slow_server_has_no_more_time_for_many_answers(url: str, proxy: Proxy) -> None:
    store = Database.open(url)

    def work(tx: Transaction) -> None:
        proxy.slow(0.2)
        for _ in range(10):
            tx.inbox.waiting()

    with pytest.raises(StoreError, match="no answer"):
        store.transact(work)
    store.close()


@pytest.mark.fault(75)
def test_a_commit_whose_answer_is_lost_is_known_by_its_key(url: str, proxy: Proxy) -> None:
    """It isn't known whether it was committed; the redelivery shows it."""
    store = Database.open(url)
    event.listen(store._engine, "commit", lambda _: proxy.freeze(Way.DOWN), once=True)
    with pytest.raises(StoreError, match="no answer"):
        accept(store, question())
    assert not accept(store, question())
    assert store.transact(lambda tx: tx.inbox.waiting()) == 1
    store.close()


def test_whoever_waits_behind_one_that_could_not_begin_hears_of_it_at_once(
    url: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PAUSE", 30.0)
    store = Database.open(url)
    proxy.reset(new=True)
    for _ in range(100):
        with pytest.raises(StoreError):
            store.transact(lambda tx: tx.inbox.waiting())
    assert proxy.accepted < 10
    store.close()


def test_a_command_beside_the_bot_waits_no_longer(url: str, proxy: Proxy) -> None:
    Database.open(url).close()

    def read() -> None:
        with reading(url) as tx:
            assert tx is not None
            proxy.freeze()
            tx.inbox.waiting()

    with pytest.raises(StoreError, match="no answer"):
        read()


@pytest.fixture
def platform() -> MemoryPlatform:
    return MemoryPlatform()


@pytest.fixture
async def desk(url: str, platform: MemoryPlatform) -> AsyncIterator[Desk]:
    desk = build(PairSearch(FAQ), CoreSettings(database_url=url), in_flight=2)
    run = asyncio.create_task(desk.run({"memory": platform}))
    yield desk
    run.cancel()
    await asyncio.wait([run])
    desk.close()
    desk._offload._writer.close(10)


async def test_questions_asked_while_it_is_silent_are_answered_once(
    desk: Desk, platform: MemoryPlatform, proxy: Proxy
) -> None:
    """The connections of before stay dead; what came meanwhile waits in a long queue."""
    await until(lambda: desk.health().ok)
    proxy.freeze()
    began = time.monotonic()
    await asyncio.gather(*(_deliver(desk, _question(n)) for n in range(QUESTIONS)))
    assert time.monotonic() - began < 10
    await until(lambda: len(platform.posted) >= QUESTIONS)
    await until(lambda: desk.health().ok)
    posted = sorted(int(each.place.thread or 0) for each in platform.posted)
    assert list(range(QUESTIONS)) == posted


async def test_health_is_red_while_nothing_gets_through_and_green_once_it_does(
    desk: Desk, platform: MemoryPlatform, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "BEGINNING", 60.0)  # until then nothing has failed
    await until(lambda: desk.health().ok)
    proxy.freeze(new=True)
    await until(lambda: desk.health().status == "failing")
    (store,) = (each for each in desk.health().components if each.name == "store")
    assert "データベースが、5 秒を超えて待たせています。" in store.message
    asked = asyncio.create_task(_deliver(desk, _question(1)))
    await asyncio.sleep(0.5)
    proxy.heal()
    await asked
    await until(lambda: bool(platform.posted) and desk.health().ok)


async def test_it_stops_in_time_while_the_server_is_silent(
    url: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "BEGINNING", 60.0)  # as if the thread hung for good
    monkeypatch.setattr(running, "GRACE", 0.5)
    monkeypatch.setattr(offload, "CLOSING", 0.5)
    desk = build(PairSearch(FAQ), CoreSettings(database_url=url))
    run = asyncio.create_task(desk.run({"memory": MemoryPlatform()}))
    await until(lambda: desk.health().ok)
    proxy.freeze(new=True)
    await asyncio.sleep(1.5)  # everybody waits for it
    began = time.monotonic()
    run.cancel()
    await asyncio.wait([run])
    desk.close()
    assert time.monotonic() - began < 0.5 + running.LAST + offload.CLOSING + SOON
    proxy.reset(new=True)
    desk._offload._writer.close(10)


def _question(number: int) -> Question:
    place = Place("memory", "W", f"channel {number % 5}", thread=str(number))
    asker = Person(f"member {number}")
    return Question(MessageRef(place, str(number)), asker, "合成データは使っていますか")


async def _deliver(desk: Desk, question: Question) -> None:
    """Deliver again what isn't acknowledged, as a platform does."""
    while True:
        try:
            await desk.receive(question)
        except StoreError:
            await asyncio.sleep(0.1)
        else:
            return
