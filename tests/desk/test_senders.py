"""What goes out: in order, once, and given up aloud."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.desk import delivery, running
from bot.domain.card import Outgoing
from bot.domain.inbound import MessageRef
from bot.domain.ports import Gone, NotAllowed, RateLimited, Unreachable
from bot.store import Due
from bot.store.outbox import Outbox
from tests.desk.loop import Loop
from tests.fakes.faq import SYNTHETIC
from tests.fakes.waiting import until
from tests.platforms.memory_driver import MemoryChat

QUESTION = "合成データは使っていますか"


class Panic(BaseException):
    """As raised by a library written in Rust: no ``Exception``."""


@pytest.mark.fault(46)
async def test_a_rate_limit_is_waited_out_and_the_order_kept(chat: MemoryChat) -> None:
    chat.platform.faults.append(RateLimited("memory", 0.1))
    threads = [await chat.says("明美", QUESTION) for _ in range(5)]
    replies = await chat.sees()
    assert threads == [each.thread for each in replies]
    assert chat.platform.sends == 6


@pytest.mark.fault(47)
async def test_a_post_that_took_effect_without_an_answer_is_not_repeated(chat: MemoryChat) -> None:
    chat.platform.cuts = 1
    await chat.says("明美", QUESTION)
    assert len(await chat.sees()) == 1
    assert chat.platform.sends == 1


@pytest.mark.parametrize("fault", [Unreachable("memory", "502"), Panic(), KeyError("bug")])
async def test_a_failed_send_is_repeated(chat: MemoryChat, fault: BaseException) -> None:
    chat.platform.faults.append(fault)
    await chat.says("明美", QUESTION)
    assert len(await chat.sees()) == 1
    assert chat.platform.sends == 2


@pytest.mark.fault(47)
async def test_a_post_that_takes_effect_late_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looks that find nothing are no reason to send while a post may be in flight.

    The first send is lost; the second one takes effect late, counted from when it was sent.
    """
    monkeypatch.setattr(delivery, "BACKOFF_MOST", 0.1)
    chat = MemoryChat(tmp_path, in_flight=1)
    chat.platform.faults.append(Unreachable("memory", "502"))
    chat.platform.late.append(0.7)
    await chat.start()
    await chat.says("明美", QUESTION)
    assert len(await chat.sees()) == 1
    assert chat.platform.sends == 2
    await chat.stop()


@pytest.mark.fault(76)
async def test_what_was_claimed_before_the_process_slept_is_looked_for_first(
    chat: MemoryChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By then another replica may have claimed and sent it."""
    slept, looked = iter([100.0]), list[str]()
    plain, find = Outbox._read, chat.platform.find

    def read(outbox: Outbox, row: Any) -> Due:
        due = plain(outbox, row)
        return replace(due, claimed=due.claimed - next(slept, 0.0))

    async def look(outgoing: Outgoing) -> MessageRef | None:
        looked.append(outgoing.id)
        return await find(outgoing)

    monkeypatch.setattr(Outbox, "_read", read)
    monkeypatch.setattr(chat.platform, "find", look)
    await chat.says("明美", QUESTION)
    assert len(await chat.sees()) == 1
    assert (chat.platform.sends, len(looked)) == (1, 1)


@pytest.mark.fault(47)
async def test_a_send_that_hangs_is_cut_off(tmp_path: Path) -> None:
    chat = MemoryChat(tmp_path, in_flight=0.1)
    chat.platform.hangs = 1
    await chat.start()
    await chat.says("明美", QUESTION)
    assert len(await chat.sees()) == 1
    await chat.stop()


@pytest.mark.fault(50)
@pytest.mark.parametrize(
    "refusal", [Gone("memory", "is_archived"), NotAllowed("memory", "chat:write")]
)
async def test_a_refused_post_is_told_to_the_asker_alone_and_not_repeated(
    chat: MemoryChat, refusal: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    chat.platform.faults.append(refusal)
    await chat.says("明美", QUESTION)
    (told,) = await chat.sees()
    assert told.text.startswith("回答をこのチャンネルに投稿できませんでした。")
    assert told.only_for == "明美"
    assert chat.platform.sends == 2
    assert caplog.text.count("not posted") == 1


@pytest.mark.fault(50)
async def test_a_channel_that_refuses_everything_costs_one_line_an_hour_and_no_storm(
    chat: MemoryChat, caplog: pytest.LogCaptureFixture
) -> None:
    chat.platform.faults.extend(Gone("memory", "is_archived") for _ in range(6))
    for _ in range(3):
        await chat.says("明美", QUESTION)
    assert await chat.sees() == ()
    assert chat.platform.sends == 6
    assert caplog.text.count("not posted") == 1


@pytest.mark.fault(44)
@pytest.mark.parametrize("fault", [Unreachable("memory", "503"), RateLimited("memory", 0.5)])
async def test_a_card_that_cannot_be_sent_for_an_hour_is_given_up(
    closed: MemoryChat, tmp_path: Path, fault: Exception
) -> None:
    """Also one that a refused token held up."""
    closed.platform.faults.extend([fault] * 2)
    await closed.says("明美", QUESTION)
    closed.serve()
    await until(lambda: closed.platform.sends)
    connection = sqlite3.connect(tmp_path / "faqbot.db")
    with connection:
        connection.execute("UPDATE outbox SET created_at = created_at - 3700")
    connection.close()
    (told,) = await closed.sees()
    assert told.text.startswith("回答をこのチャンネルに投稿できませんでした。")


async def test_cards_of_a_platform_that_is_not_served_wait_for_it(closed: MemoryChat) -> None:
    name, closed.platform.name = closed.platform.name, "another"
    await closed.says("明美", QUESTION)
    closed.serve()
    await closed.stop()
    closed.platform.name = name
    await closed.start()
    (reply,) = await closed.sees()
    assert SYNTHETIC.answer in reply.text


@pytest.mark.parametrize("refuses", [False, True])
async def test_who_asked_hears_at_once_what_became_of_the_card(
    refuses: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their line goes to another channel than the card: no look at the clock finds it here."""
    for pause in ("IDLE", "MEASURE_EVERY", "QUIET"):
        monkeypatch.setattr(running, pause, 1_000)
    loop = Loop(tmp_path)
    if refuses:
        loop.chat.platform.closed.add("organisers")
    await loop.chat.start()
    await loop.ask_waiting()
    await loop.chat.stop()
    waits = "質問を保存しました。運営に届き次第お知らせします。"
    assert [waits if refuses else "質問を運営に送りました。"] == loop.lines("明美")
