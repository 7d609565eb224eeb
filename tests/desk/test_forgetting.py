"""What is forgotten is gone from what still waits, too: nobody posts it later."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.inbound import Form, Person
from tests.desk.test_learning import QUESTION, Loop, text
from tests.fakes.waiting import until
from tests.platforms.memory_driver import CHANNEL

DAYS = 400 * 86_400
KENTA = Person("健太", "健太")


@pytest.fixture
async def loop(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A question that waits, as the organisers' channel refuses."""
    loop = Loop(tmp_path)
    loop.chat.platform.closed.add("organisers")
    await loop.chat.start()
    await loop.ask_waiting()
    yield loop
    await loop.chat.stop()


async def opened(loop: Loop) -> list[str]:
    """Let the bot into the organisers' channel; return what it posts there."""
    loop.chat.platform.closed.clear()
    await loop.chat.desk.reachable("memory", "organisers")
    await loop.chat.sees()
    return [text(each) for each in loop.public()]


def waiting(folder: Path) -> str:
    connection = sqlite3.connect(folder / "faqbot.db")
    rows = connection.execute("SELECT payload FROM outbox WHERE payload IS NOT NULL").fetchall()
    connection.close()
    return str(rows)


@pytest.mark.fault(85)
async def test_a_card_that_waits_goes_with_who_asked(loop: Loop, tmp_path: Path) -> None:
    assert QUESTION in waiting(tmp_path)
    await loop.chat.desk.forget("明美")
    assert waiting(tmp_path) == "[]"
    assert await opened(loop) == []


@pytest.mark.fault(85)
async def test_a_card_that_waits_goes_on_in_the_words_of_who_asks_it_too(
    loop: Loop, tmp_path: Path
) -> None:
    other, place = f"{QUESTION}？", replace(CHANNEL, private_to="健太")
    await loop.chat.desk.receive(Form.of_question("f2", "", other, KENTA, place))
    await until(lambda: loop.lines("健太"))
    await loop.chat.desk.forget("明美")
    assert "明美" not in waiting(tmp_path)
    (card,) = await opened(loop)
    assert (other in card, "健太 さんから" in card, "明美" in card) == (True, True, False)


@pytest.mark.fault(86)
async def test_a_card_that_waits_longer_than_words_are_kept_is_not_sent(
    loop: Loop, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "faqbot.db") as connection:
        set_back = f"created_at = created_at - {DAYS}, changed_at = changed_at - {DAYS}"
        connection.execute(f"UPDATE escalations SET {set_back}")
    connection.close()
    desk = loop.chat.desk
    await desk._offload.store(desk._upkeep)
    assert waiting(tmp_path) == "[]"
    assert await opened(loop) == []
