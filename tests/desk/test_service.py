"""The end of the process: what runs is finished or handed back."""

import asyncio
import re
import sqlite3
import time
from functools import partial
from pathlib import Path

import pytest

from bot.desk import running
from bot.domain.retrieval import Ranking, Reply
from tests.fakes.faq import FAQ, SYNTHETIC
from tests.fakes.search import PairSearch
from tests.fakes.waiting import until
from tests.platforms.memory_driver import MemoryChat

QUESTION = "合成データは使っていますか"
PARTS = ["figures", "inbox", "outbox", "senders", "store", "upkeep", "workers"]


@pytest.mark.fault(78)
async def test_a_send_under_way_is_finished_before_the_end(chat: MemoryChat) -> None:
    chat.platform.delay = 0.1
    await chat.says("明美", QUESTION)
    await until(lambda: chat.platform.sends)
    await chat.stop()
    assert len(chat.platform.posted) == 1
    chat.platform.delay = 0
    await chat.start()
    assert len(await chat.sees()) == 1


@pytest.mark.fault(78)
async def test_a_send_that_hangs_is_handed_back_and_done_after_the_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "GRACE", 0.2)
    chat = MemoryChat(tmp_path, in_flight=5)
    chat.platform.hangs = 1
    await chat.start()
    await chat.says("明美", QUESTION)
    await until(lambda: chat.platform.sends)
    began = time.monotonic()
    await chat.stop()
    assert time.monotonic() - began < 10  # it would hang for good
    again = MemoryChat(tmp_path, in_flight=0.2)
    await again.start()
    (reply,) = await again.sees()
    await again.stop()
    assert SYNTHETIC.answer in reply.text


class SlowSearch(PairSearch):
    """Takes its time, and counts."""

    def __init__(self, seconds: float) -> None:
        super().__init__(FAQ)
        self._seconds = seconds
        self.searches = 0

    def reply(self, text: str, addressed: bool, *, below: bool = False) -> tuple[Reply, Ranking]:
        self.searches += 1
        time.sleep(self._seconds)
        return super().reply(text, addressed, below=below)


async def _ask_slowly(folder: Path, seconds: float) -> MemoryChat:
    """Return a chat whose search is under way."""
    search = SlowSearch(seconds)
    chat = MemoryChat(folder, faq=search)
    await chat.start()
    await chat.says("明美", QUESTION)
    await until(lambda: search.searches)
    return chat


@pytest.mark.fault(78)
async def test_a_question_under_way_is_answered_before_the_end(tmp_path: Path) -> None:
    chat = await _ask_slowly(tmp_path, 0.3)
    await chat.stop()
    assert len(chat.platform.posted) == 1


@pytest.mark.fault(78)
async def test_a_question_that_takes_too_long_is_handed_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It isn't held until the lease runs out, and the attempt doesn't count."""
    monkeypatch.setattr(running, "GRACE", 0.1)
    chat = await _ask_slowly(tmp_path, 0.6)
    await chat.stop()
    connection = sqlite3.connect(tmp_path / "faqbot.db")
    row = connection.execute("SELECT owner, lease_until, attempts, done_at FROM inbox").fetchone()
    connection.close()
    assert row == (None, 0, 0, None)


async def test_a_question_taken_in_while_stopping_is_answered_after_the_restart(
    chat: MemoryChat,
) -> None:
    running = asyncio.create_task(chat.stop())
    await chat.says("明美", QUESTION)
    await running
    await chat.start()
    assert len(await chat.sees()) == 1


@pytest.mark.fault(119)
async def test_what_waits_too_long_is_told_until_it_is_done(
    chat: MemoryChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "LATE", 0.5)
    workers = chat.desk._service.inbox
    await until(lambda: chat.desk.health().ok)
    monkeypatch.setattr(workers, "_width", 0)  # as if every hand were full
    await chat.says("明美", QUESTION)
    await until(lambda: chat.desk.health().status == "failing")
    (red,) = (each for each in chat.desk.health().components if not each.ok)
    assert (red.name, red.message[:8]) == ("inbox", "受け取った質問が")
    oldest = partial(chat.desk.metrics.registry.get_sample_value, "faqbot_oldest_seconds")
    assert (oldest({"queue": "inbox"}) or 0.0) > 0.5
    monkeypatch.setattr(workers, "_width", 1)
    await until(lambda: chat.desk.health().ok)
    assert oldest({"queue": "inbox"}) == 0.0


def loop_lags(chat: MemoryChat, figure: str = "count") -> float:
    """Return how often it was measured how late the loop was, or by how much in all."""
    registry = chat.desk.metrics.registry
    return registry.get_sample_value(f"faqbot_loop_lag_seconds_{figure}") or 0.0


@pytest.mark.fault(79)
async def test_the_loop_is_measured_and_queues_are_counted(chat: MemoryChat) -> None:
    await chat.says("明美", QUESTION)
    await chat.sees()
    waiting = partial(chat.desk.metrics.registry.get_sample_value, "faqbot_waiting")
    await until(lambda: loop_lags(chat) and waiting({"queue": "inbox"}) == 0.0)
    figures = chat.desk.metrics.exposition().decode()
    for line in (
        'faqbot_questions_total{outcome="answer",platform="memory"} 1.0',
        'faqbot_received_total{kind="question",platform="memory"} 1.0',
        'faqbot_sent_total{platform="memory",result="sent"} 1.0',
    ):
        assert line in figures


@pytest.mark.fault(79)
async def test_a_blocked_loop_is_in_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MEASURE_EVERY", 0.1)
    chat = MemoryChat(tmp_path)
    await chat.start()
    await until(lambda: loop_lags(chat))  # the next one is under way
    before, lag = loop_lags(chat), loop_lags(chat, "sum")
    time.sleep(0.6)  # noqa: ASYNC251  # as a fault would
    await until(lambda: loop_lags(chat) > before)
    await chat.stop()
    assert loop_lags(chat, "sum") - lag > 0.4


@pytest.mark.fault(93)
async def test_what_is_shown_to_operators_names_nobody_and_does_not_grow_with_members(
    chat: MemoryChat,
) -> None:
    async def shown() -> tuple[str, list[str]]:
        parts = "".join(f"{each.name} {each.message}\n" for each in chat.desk.health().components)
        figures = chat.desk.metrics.exposition().decode()
        return parts + figures, re.findall(r"^\w+(?:\{.*?\})?", figures, re.MULTILINE)

    async def ask(who: str) -> None:
        await chat.says(who, f"{QUESTION} {who}の秘密")
        await chat.sees()
        await chat.presses(who, "役に立った")
        await chat.sees()

    await ask("明美")
    await until(lambda: len(chat.desk.health().components) == len(PARTS))  # all is measured
    _, before = await shown()
    for number in range(3):
        await ask(f"会員{number}")
    text, after = await shown()
    assert before == after
    for word in ("明美", "会員", "秘密", QUESTION, SYNTHETIC.id, "general"):
        assert word not in text


async def test_every_part_is_well_while_it_runs(chat: MemoryChat) -> None:
    await chat.says("明美", QUESTION)
    await chat.sees()
    await until(lambda: len(chat.desk.health().components) >= len(PARTS))
    components = chat.desk.health().components
    assert PARTS == [each.name for each in components]
    assert all(each.ok for each in components)
