"""What happens to a question when something else fails."""

import asyncio
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from bot.desk import running
from bot.desk.asking import Limit, Limits, Refusal
from bot.desk.desk import Desk
from bot.desk.offload import Offload
from bot.desk.posting import new_id
from bot.domain.backoff import BEHIND
from bot.domain.entry import Entry
from bot.domain.inbound import MessageRef, Person, Place, Question
from bot.domain.ports import RateLimited
from bot.domain.retrieval import Ranking, Reply
from bot.settings import LimitSettings
from bot.store import Claimed, Database, Due, StoreError, Transaction
from bot.telemetry import Health
from bot.telemetry.metrics import Metrics
from tests.fakes.faq import FAQ, SYNTHETIC
from tests.fakes.search import PairSearch
from tests.fakes.waiting import until
from tests.platforms.memory_driver import MemoryChat
from tests.store.samples import question

QUESTION = "合成データは使っていますか"


class Panic(BaseException):
    """As raised by a library written in Rust: no ``Exception``."""


class FailingSearch(PairSearch):
    """Raises for one word."""

    def reply(self, text: str, addressed: bool, *, below: bool = False) -> tuple[Reply, Ranking]:
        if "パニック" in text:
            raise Panic
        return super().reply(text, addressed, below=below)


@pytest.mark.fault(79)
async def test_a_panic_in_the_search_is_answered_and_harms_no_other_question(
    tmp_path: Path,
) -> None:
    """No member waits for ever."""
    chat = MemoryChat(tmp_path, faq=FailingSearch(FAQ))
    await chat.start()
    await chat.says("明美", "パニックとは")
    await chat.says("健太", QUESTION)
    texts = sorted((each.text for each in await chat.sees()), key=len)
    await chat.stop()
    assert texts[0] == "エラーのため、この質問にお答えできませんでした。もう一度お試しください。"
    assert SYNTHETIC.answer in texts[1]


async def test_a_panic_over_an_overheard_question_bothers_nobody(tmp_path: Path) -> None:
    chat = MemoryChat(tmp_path, faq=FailingSearch(FAQ))
    await chat.start()
    await chat.overhears("明美", "パニックとは何ですか")
    assert await chat.sees() == ()
    await chat.stop()


@pytest.mark.fault(44)
async def test_a_question_older_than_an_hour_is_told_that_it_is_too_late(
    closed: MemoryChat, tmp_path: Path
) -> None:
    await closed.says("明美", QUESTION)
    await closed.overhears("健太", QUESTION)
    _sql(tmp_path, "UPDATE inbox SET received_at = received_at - 3700")
    closed.serve()
    (late,) = await closed.sees()
    assert late.text.startswith("システムの停止中に時間がたったため")


@pytest.mark.fault(79)
async def test_a_row_that_ends_the_process_each_time_is_given_up(
    closed: MemoryChat, tmp_path: Path
) -> None:
    await closed.says("明美", QUESTION)
    _sql(tmp_path, "UPDATE inbox SET attempts = 5")
    closed.serve()
    (given_up,) = await closed.sees()
    assert given_up.text.startswith("エラーのため")


@pytest.mark.parametrize("payload", ['{"an": "older version"}', "half a ro", '"text"'])
async def test_a_row_that_cannot_be_read_holds_up_no_other(
    closed: MemoryChat, tmp_path: Path, payload: str
) -> None:
    await closed.says("明美", QUESTION)
    _sql(tmp_path, f"UPDATE inbox SET payload = '{payload}'")
    await closed.says("健太", QUESTION)
    closed.serve()
    assert len(await closed.sees()) == 1


async def test_a_card_that_cannot_be_read_holds_up_no_other(
    chat: MemoryChat, tmp_path: Path
) -> None:
    chat.platform.faults.append(RateLimited("memory", 0.5))
    await chat.says("明美", QUESTION)
    await until(lambda: chat.platform.sends == 1)
    _sql(tmp_path, "UPDATE outbox SET payload = '{}'")
    await chat.says("健太", QUESTION)
    assert len(await chat.sees()) == 1


class FailingEntries(PairSearch):
    """Can't show its entries."""

    def entry(self, entry_id: str) -> Entry | None:
        raise Panic


async def test_a_press_that_fails_is_told_to_who_pressed(tmp_path: Path) -> None:
    chat = MemoryChat(tmp_path, faq=FailingEntries(FAQ))
    await chat.start()
    await chat.says("明美", "評価について")
    await chat.sees()
    await chat.presses("健太", "1")
    told = (await chat.sees())[-1]
    await chat.stop()
    assert (told.text[:6], told.only_for) == ("エラーのため", "健太")


async def test_upkeep_that_fails_is_seen_and_stops_no_answer(
    closed: MemoryChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(desk: Desk, tx: Transaction) -> None:
        raise Panic

    monkeypatch.setattr(Desk, "remember", fail)
    closed.serve()
    await closed.says("明美", QUESTION)
    assert len(await closed.sees()) == 1
    await until(lambda: not closed.desk.health().ok)


@pytest.mark.fault(79)
async def test_a_claim_that_fails_costs_a_moment_and_not_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "IDLE", 0.01)
    claims: list[tuple[int, ...] | BaseException] = [Panic(), StoreError("It is busy."), (1,), ()]
    seen: list[int] = []
    health = Health()
    states: list[bool] = []

    def claim(tx: Transaction, limit: int) -> tuple[int, ...]:
        states.append(any(each.name == "rows" and each.ok for each in health.components))
        rows = claims.pop(0) if len(claims) > 1 else ()
        if isinstance(rows, BaseException):
            raise rows
        return rows

    async def work(row: int) -> None:
        seen.append(row)
        raise KeyError(row)

    offload = Offload(_store(tmp_path), health)
    queue = running.Pump("rows", offload, claim=claim, work=work, width=2, health=health)
    pumping = asyncio.create_task(queue.run())
    await until(lambda: len(states) > 4)
    await queue.stop(1)
    await pumping
    offload.close()
    assert seen == [1]
    assert [False, False, False, True] == states[:4]


async def test_what_waits_goes_before_what_comes_in_as_a_hand_gets_free(tmp_path: Path) -> None:
    """Else it might be overtaken again and again, as long as enough comes in."""
    offload = Offload(_store(tmp_path), Health())
    done: list[str] = []
    go_on = asyncio.Event()
    coming: list[asyncio.Task[bool]] = []

    def accept(message: str) -> "asyncio.Task[bool]":
        return asyncio.create_task(service.accept(question(message)))

    async def work(claimed: Claimed) -> None:
        await go_on.wait()
        done.append(claimed.key)
        if len(done) == 1:
            asyncio.get_running_loop().call_soon(lambda: coming.append(accept("3")))

    queue = _inbox(offload, work, width=1)
    outbox = running.Pump[Due](
        "senders", offload, claim=lambda *_: (), work=lambda _: None, width=1, health=Health()
    )
    service = running.Service("one", offload, queue, outbox, Metrics(), Health(), {}, lambda: None)
    pumping = asyncio.create_task(queue.run())
    await asyncio.sleep(0)
    await accept("1")
    await accept("2")
    await asyncio.sleep(0.05)
    go_on.set()
    await until(lambda: len(done) == 3)
    await queue.stop(1)
    await pumping
    offload.close()
    assert [question(message).ref.key for message in "123"] == done


async def test_a_hand_that_was_kept_for_nothing_takes_what_waits(tmp_path: Path) -> None:
    """As for a redelivery: nothing comes of it."""
    offload = Offload(_store(tmp_path), Health())
    done: list[str] = []
    looked = threading.Event()

    def leave(tx: Transaction, _: int) -> tuple[None, tuple[Claimed, ...]]:
        tx.inbox.accept(question())
        looked.wait(5)
        return None, ()

    async def work(claimed: Claimed) -> None:
        done.append(claimed.key)

    queue = _inbox(offload, work, width=2)
    queue.told = True
    pumping = asyncio.create_task(queue.run())
    await asyncio.sleep(0.05)
    adding = asyncio.create_task(queue.adding(leave))
    await asyncio.sleep(0)
    queue.ring()
    await asyncio.sleep(0.05)
    looked.set()
    await adding
    await until(lambda: done, running.POLL / 2)
    await queue.stop(1)
    await pumping
    offload.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows priorities of threads")
async def test_a_search_lets_all_else_go_first(tmp_path: Path) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    offload = Offload(_store(tmp_path), Health())
    before = niceness()
    searching = await offload.compute(niceness)
    storing = await offload.store(lambda _: niceness())
    offload.close()
    assert (before, min(before + BEHIND, 19)) == (storing, searching)


@pytest.mark.parametrize("call", ["getpriority", "setpriority"])
async def test_where_a_sandbox_forbids_priorities_it_is_searched_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def forbidden(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, call, forbidden)
    offload = Offload(_store(tmp_path), Health())
    found = await offload.compute(lambda: 1)
    offload.close()
    assert found == 1


@pytest.mark.fault(40, 71)
async def test_a_question_is_answered_once_the_store_is_back(
    closed: MemoryChat, tmp_path: Path
) -> None:
    """Red meanwhile, nothing lost, no restart needed."""
    await closed.says("明美", QUESTION)
    store, away = tmp_path / "faqbot.db", tmp_path / "away"
    store.rename(away)
    closed.serve()
    await until(lambda: not closed.desk.health().ok)
    assert "がなくなっています" in closed.desk.health().components[-1].message
    away.rename(store)
    await until(lambda: closed.desk.health().ok)
    assert len(await closed.sees()) == 1


@pytest.mark.fault(36)
async def test_a_burst_is_worked_off_without_looking_at_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever finishes rings for what is left."""
    monkeypatch.setattr(running, "IDLE", 1_000)
    chat = MemoryChat(tmp_path)
    await chat.start()
    async with asyncio.timeout(60):
        for number in range(60):
            await chat.says(f"member {number}", QUESTION)
        assert len(await chat.sees()) == 60
    await chat.stop()


@pytest.mark.fault(87)
async def test_one_member_who_asks_very_much_is_told_once_and_others_are_answered(
    tmp_path: Path,
) -> None:
    chat = MemoryChat(tmp_path, limits=LimitSettings(member=3))
    await chat.start()
    for _ in range(10):
        await chat.says("明美", QUESTION)
    await chat.says("健太", QUESTION)
    texts = [each.text for each in await chat.sees()]
    await chat.stop()
    assert sum(SYNTHETIC.answer in text for text in texts) == 4
    assert sum("たくさんの質問をいただいています" in text for text in texts) == 1
    assert len(texts) == 5


@pytest.mark.fault(87)
async def test_a_limit_counts_a_minute_and_speaks_once_in_it() -> None:
    limits = Limits(LimitSettings(member=1, channel=2))

    async def refuse(member: str, at: float) -> Refusal | None:
        ref = MessageRef(Place("slack", "T", "C"), "1")
        return await limits.refuse(Question(ref, Person(member), "質問"), at)

    assert await refuse("a", 0) is None
    assert await refuse("a", 10) == Refusal(Limit.MEMBER, say=True)
    assert await refuse("a", 20) == Refusal(Limit.MEMBER, say=False)
    assert await refuse("b", 30) is None
    assert await refuse("c", 40) == Refusal(Limit.CHANNEL, say=True)
    assert await refuse("a", 101) is None


@pytest.mark.fault(77)
def test_ids_sort_by_when_they_were_made_also_when_the_clock_is_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter([2_000_000_000, 2_000_000_000, 1_000_000_000, 3_000_000_000])
    monkeypatch.setattr("time.time_ns", lambda: next(clock))
    made = [new_id() for _ in range(4)]
    assert sorted(set(made)) == made
    assert {26} == {len(each) for each in made}


def _sql(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "faqbot.db")
    with connection:
        connection.execute(statement)
    connection.close()


def _store(folder: Path) -> Database:
    return Database.open(f"sqlite:///{folder / 'faqbot.db'}")


def _inbox(
    offload: Offload, work: Callable[[Claimed], Coroutine[None, None, None]], *, width: int
) -> running.Pump[Claimed]:
    return running.Pump(
        "workers",
        offload,
        claim=lambda tx, limit: tx.inbox.claim("one", limit),
        work=work,
        width=width,
        health=Health(),
    )
