"""The database's thread: what is waited for goes first, what waits shares a transaction."""

import asyncio
import gc
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk import offload
from bot.desk.offload import Offload, Urgency, Writer
from bot.domain.inbound import MessageRef, Person, Place, Question
from bot.store import Database, StoreError, Transaction
from bot.telemetry import Health
from tests.fakes.waiting import HANG

T = TypeVar("T")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{tmp_path / 'faqbot.db'}")
    yield database
    database.close()


def hold(writer: Writer) -> threading.Event:
    """Keep a writer busy until the event is set, and no longer: nobody joins what took so long."""
    begun, free = threading.Event(), threading.Event()

    def wait(_: Transaction) -> None:
        begun.set()
        free.wait(HANG)
        time.sleep(0.02)

    writer.submit(wait, Urgency.WORK)
    begun.wait(HANG)
    return free


@pytest.fixture
async def held(database: Database) -> AsyncIterator[tuple[Writer, Callable[[], None]]]:
    """A writer that is busy until the second is called, which waits for what was submitted."""
    writer = Writer(database)
    free = hold(writer)

    def let_go() -> None:
        free.set()
        writer.close(HANG)

    yield writer, let_go
    free.set()


Held = tuple[Writer, Callable[[], None]]


def note(name: str, noted: list[str]) -> Callable[[Transaction], None]:
    return lambda _: noted.append(name)


def watch(name: str) -> Callable[[Transaction], None]:
    return lambda tx: tx.watches.set(Place("slack", "T1", name), True, Person("U1"))


def watched(database: Database) -> set[str]:
    return {
        channel.rpartition(":")[2] for channel in database.transact(lambda tx: tx.watches.all())
    }


async def test_what_is_waited_for_goes_before_work_and_each_in_order(held: Held) -> None:
    writer, let_go = held
    done = list[str]()
    for name in ("work 1", "work 2"):
        writer.submit(note(name, done), Urgency.WORK)
    for name in ("ack 1", "ack 2"):
        writer.submit(note(name, done), Urgency.WAITED_FOR)
    let_go()
    assert done == ["ack 1", "ack 2", "work 1", "work 2"]


async def test_what_waits_is_done_in_one_transaction_and_upkeep_in_its_own(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offload, "SHARED", HANG)
    writer, let_go = held
    urgencies = [Urgency.UPKEEP, *[Urgency.WORK] * 3, *[Urgency.WAITED_FOR] * 3]
    ran = [(each, writer.submit(lambda tx: tx, each)) for each in urgencies]
    let_go()
    shared = {urgency: {id(await done) for of, done in ran if of is urgency} for urgency in Urgency}
    assert all(len(transactions) == 1 for transactions in shared.values())
    assert len(frozenset.union(*map(frozenset, shared.values()))) == 3


async def test_nobody_joins_a_transaction_that_has_taken_long(held: Held) -> None:
    writer, let_go = held

    def slow(tx: Transaction) -> Transaction:
        time.sleep(0.02)
        return tx

    first, second = (writer.submit(slow, Urgency.WORK) for _ in range(2))
    let_go()
    assert await first is not await second


@settings(max_examples=20, deadline=None)
@given(fates=st.lists(st.booleans(), min_size=1, max_size=12))
def test_an_error_reaches_who_awaits_it_and_undoes_nobody_elses_work(
    tmp_path_factory: pytest.TempPathFactory, fates: list[bool]
) -> None:
    asyncio.run(_share(f"sqlite:///{tmp_path_factory.mktemp('store') / 'faqbot.db'}", fates))


async def _share(url: str, fates: list[bool]) -> None:
    writer = Writer(Database.open(url))
    free = hold(writer)

    def work(number: int, fine: bool) -> Callable[[Transaction], int]:
        def watch_it(tx: Transaction) -> int:
            watch(f"C{number}")(tx)
            if not fine:
                raise KeyError("bug")
            return number

        return watch_it

    ran = [writer.submit(work(*each), Urgency.WORK) for each in enumerate(fates)]
    free.set()
    writer.close(HANG)
    for number, (fine, done) in enumerate(zip(fates, ran, strict=True)):
        if fine:
            assert await done == number
        else:
            with pytest.raises(KeyError):
                await done
    again = Database.open(url)
    assert watched(again) == {f"C{number}" for number, fine in enumerate(fates) if fine}
    again.close()


async def test_replicas_that_meet_in_a_deadlock_keep_everything_once(replicated_url: str) -> None:
    keys, meet = ("1.1", "2.2"), threading.Barrier(2)
    kept: dict[str, list[asyncio.Future[bool]]] = {key: [] for key in keys}
    writers = [Writer(Database.open(replicated_url)) for _ in keys]
    frees = [hold(writer) for writer in writers]

    def accept(key: str, met: list[str]) -> Callable[[Transaction], bool]:
        def work(tx: Transaction) -> bool:
            met.append(key)
            if len(met) == 2:  # the first is kept, not committed; and so is the other replica's
                meet.wait(HANG)
            ref = MessageRef(Place("slack", "T1", "C1"), key)
            return tx.inbox.accept(Question(ref, Person("U1"), "再提出はできますか"))

        return work

    for writer, order in zip(writers, (keys, keys[::-1]), strict=True):
        met = list[str]()
        for key in order:
            kept[key].append(writer.submit(accept(key, met), Urgency.WORK))
    for free in frees:
        free.set()
    for writer in writers:
        writer.close(HANG)
    for ran in kept.values():
        assert sorted(await asyncio.gather(*ran)) == [False, True]


async def test_on_a_server_what_is_waited_for_waits_for_no_work(replicated_url: str) -> None:
    """A transaction under way took an acknowledgement's time from it, each trip to the server."""
    door = Offload(Database.open(replicated_url), Health())
    begun, free = threading.Event(), threading.Event()

    def work(_: Transaction) -> None:
        begun.set()
        free.wait(10)

    working = asyncio.create_task(door.store(work))
    await asyncio.to_thread(begun.wait, 10)
    ref = MessageRef(Place("slack", "T1", "C1"), "1.1")
    came = Question(ref, Person("U1"), "再提出はできますか")
    async with asyncio.timeout(5):
        assert await door.store(lambda tx: tx.inbox.accept(came), Urgency.WAITED_FOR)
    assert not working.done()
    free.set()
    await working
    door.close()


class Unsure(Database):
    """Once it is unsure, what it commits is committed, but nobody is told."""

    unsure = False

    def transact(self, work: Callable[[Transaction], T]) -> T:
        result = super().transact(work)
        if self.unsure:
            raise StoreError("The answer to the commit was lost.")
        return result


async def test_where_the_commits_answer_is_lost_everybody_hears_of_it_and_nothing_is_done_twice(
    tmp_path: Path,
) -> None:
    database = Unsure.open(f"sqlite:///{tmp_path / 'faqbot.db'}")
    assert isinstance(database, Unsure)
    database.unsure = True
    writer, runs = Writer(database), list[str]()
    free = hold(writer)
    ran = [writer.submit(note(name, runs), Urgency.WORK) for name in "ab"]
    free.set()
    writer.close(HANG)
    for done in ran:
        with pytest.raises(StoreError):
            await done
    gc.collect()  # else Python 3.11 may trip over it while pytest words a failure (gh-106905)
    assert runs == ["a", "b"]


@pytest.mark.fault(70)
async def test_all_who_wait_for_a_file_that_another_program_holds_hear_of_it_together(
    tmp_path: Path,
) -> None:
    """Each waited as long as the first one again, and so for minutes."""
    database = Database.open(f"sqlite:///{tmp_path / 'faqbot.db'}")
    pragma = "PRAGMA busy_timeout = 1000"
    database.transact(lambda tx: tx._session.connection.exec_driver_sql(pragma))
    writer = Writer(database)
    holder = sqlite3.connect(tmp_path / "faqbot.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    for waiting in [writer.submit(watch(each.name), each) for each in [*Urgency] * 2]:
        with pytest.raises(StoreError, match="is busy"):
            await waiting
    assert time.monotonic() - began < 5  # each for itself, it would be six seconds
    holder.close()
    await writer.submit(watch("later"), Urgency.WORK)
    writer.close(HANG)
    again = Database.open(f"sqlite:///{tmp_path / 'faqbot.db'}")
    assert watched(again) == {"later"}
    again.close()


async def test_a_cancelled_job_is_not_run(held: Held, database: Database) -> None:
    writer, let_go = held
    cancelled = [writer.submit(watch(name), Urgency.WORK) for name in "abc"][1]
    assert cancelled.cancel()
    let_go()
    assert watched(database) == {"a", "c"}


async def test_nothing_is_submitted_after_the_end(held: Held) -> None:
    writer, let_go = held
    let_go()
    with pytest.raises(RuntimeError):
        writer.submit(lambda _: None, Urgency.WORK)
