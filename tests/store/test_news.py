"""What one process changes the others on the same PostgreSQL hear of at once (LISTEN/NOTIFY)."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import psycopg
import pytest
from sqlalchemy import Engine, event, make_url

from bot.bootstrap import build
from bot.desk import running
from bot.desk.desk import Desk
from bot.domain.inbound import MessageRef, Person, Place, Question
from bot.settings import CoreSettings
from bot.store import Database, News, postgresql, writing
from tests.fakes.faq import FAQ
from tests.fakes.platform import MemoryPlatform
from tests.fakes.proxy import Proxy
from tests.fakes.search import PairSearch
from tests.fakes.waiting import at_rest, until

SOON = 2.0
PLACE = Place("memory", "W", "general", thread="1")


@asynccontextmanager
async def replica(
    url: str, name: str = "memory", published: Callable[[], None] = lambda: None
) -> AsyncIterator[tuple[Desk, MemoryPlatform]]:
    platform = MemoryPlatform(name)
    desk = build(PairSearch(FAQ), CoreSettings(database_url=url), published=published)
    run = asyncio.create_task(desk.run({name: platform}))
    await until(lambda: any(each.name == "news" and each.ok for each in desk.health().components))
    try:
        yield desk, platform
    finally:
        run.cancel()
        await asyncio.wait([run])
        desk.close()


@pytest.fixture(autouse=True)
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks by themselves."""
    for wait in ("POLL", "QUIET"):
        monkeypatch.setattr(running, wait, 60.0)


@pytest.mark.fault(76)
async def test_a_watch_and_what_is_published_are_known_everywhere_soon(replicated_url: str) -> None:
    woken = list[float]()
    async with AsyncExitStack() as stack:
        one, _ = await stack.enter_async_context(replica(replicated_url))
        other, _ = await stack.enter_async_context(
            replica(replicated_url, published=lambda: woken.append(time.monotonic()))
        )
        await asyncio.sleep(0.2)
        for on in (True, False):
            await one.switch(PLACE, on, Person("U1"))
            began = time.monotonic()
            await until(lambda on=on: other._switched.get("memory:W:general") is on)  # type: ignore[misc]
            assert time.monotonic() - began < SOON
        woken.clear()
        with writing(replicated_url) as tx:  # as a command beside them does
            assert tx is not None
            tx._session.changed("published")
        await until(lambda: bool(woken))


def test_what_a_process_commits_by_either_connection_is_no_news_to_it(replicated_url: str) -> None:
    heard = list[News | None]()
    store = Database.open(replicated_url)
    beside, stranger = store.beside(), Database.open(replicated_url)
    with store.listening(heard.append):
        wait(lambda: bool(heard))
        beside.transact(lambda tx: tx._session.changed("watches"))
        store.transact(lambda tx: tx._session.changed("watches"))
        stranger.transact(lambda tx: tx._session.changed("published"))
        wait(lambda: len(heard) > 1)
    assert heard[1:] == [frozenset({"changes"})]
    for each in (store, beside, stranger):
        each.close()


def wait(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not reached():
        assert time.monotonic() < until
        time.sleep(0.01)


async def test_work_is_taken_by_who_can_do_it(replicated_url: str) -> None:
    """A question whose process serves another platform, or has died since, waits for nobody."""
    async with AsyncExitStack() as stack:
        elsewhere, _ = await stack.enter_async_context(replica(replicated_url, "elsewhere"))
        _, platform = await stack.enter_async_context(replica(replicated_url))
        began = time.monotonic()
        question = Question(MessageRef(PLACE, "1"), Person("U1"), FAQ[0].question)
        assert await elsewhere.receive(question)
        await until(lambda: bool(platform.posted))
        assert time.monotonic() - began < SOON


async def test_what_a_process_works_on_itself_it_tells_nobody(replicated_url: str) -> None:
    """Each would look for it in vain, at every question."""
    server = make_url(replicated_url).set(drivername="postgresql")
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as there:
        there.execute("LISTEN faqbot")
        async with replica(replicated_url) as (desk, platform):
            question = Question(MessageRef(PLACE, "1"), Person("U1"), FAQ[0].question)
            assert await desk.receive(question)
            await until(lambda: bool(platform.posted))
            await at_rest(desk)
        assert [told.payload for told in there.notifies(timeout=0.2)] == []


async def test_whatever_others_say_where_news_are_told_they_are_heard_after_it(
    replicated_url: str,
) -> None:
    """Who may connect may also say nothing there, or what no version of ours does."""
    woken = list[float]()
    async with replica(replicated_url, published=lambda: woken.append(time.monotonic())):
        with writing(replicated_url) as tx:
            assert tx is not None
            for said in ("", " ", "someone nonsense", "someone"):
                tx._session.connection.exec_driver_sql(f"NOTIFY faqbot, '{said}'")
        await asyncio.sleep(0.2)
        woken.clear()
        with writing(replicated_url) as tx:
            assert tx is not None
            tx._session.changed("published")
        await until(lambda: bool(woken))


async def test_what_was_told_while_nobody_listened_is_looked_for(
    replicated_url: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection that only listens dies without a word."""
    monkeypatch.setattr(postgresql, "STILL_THERE", 0.5)
    monkeypatch.setattr(postgresql, "HEARING", 0.1)
    for wait in ("BEGINNING", "ANSWER", "TRANSACTION"):
        monkeypatch.setattr(postgresql, wait, 1.0)
    through = make_url(replicated_url).set(port=proxy.port)
    async with AsyncExitStack() as stack:
        one, _ = await stack.enter_async_context(replica(replicated_url))
        other, _ = await stack.enter_async_context(
            replica(through.render_as_string(hide_password=False))
        )
        proxy.blackhole()
        await one.switch(PLACE, True, Person("U1"))
        await until(lambda: other._switched.get("memory:W:general") is True)


async def test_replicas_that_have_nothing_to_do_ask_little(
    replicated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each looked at both queues and counted them once a second."""
    monkeypatch.setattr(running, "POLL", 5.0)
    monkeypatch.setattr(running, "QUIET", 5.0)
    begun = list[object]()
    count = begun.append
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(replica(replicated_url))
        await asyncio.sleep(1.5)
        event.listen(Engine, "begin", count)
        await asyncio.sleep(3)
        event.remove(Engine, "begin", count)
        assert len(begun) <= 2 * 3


@pytest.fixture
def proxy(replicated_url: str) -> Iterator[Proxy]:
    server = make_url(replicated_url)
    with Proxy(str(server.host), int(server.port or 0)) as proxy:
        yield proxy
