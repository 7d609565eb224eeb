"""What people in a watched channel say to one another is theirs."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.discord import listeners
from adapters.discord.shard import Shard
from bot.domain.inbound import Question
from tests.fakes.discord_state import BOT, WATCHED
from tests.platforms.discord_bench import Bench, bench


@pytest.fixture
async def discord() -> AsyncIterator[Bench]:
    async with bench(watched=(WATCHED,)) as made:
        yield made
        assert made.fake.world.refused == []


@pytest.mark.fault(99)
@pytest.mark.parametrize(
    ("call", "heard"),
    [
        ("@健太 ", False),
        ("<@&777> ", False),
        ("@明美 ", True),
        ("@everyone ", True),
        ("@here", True),
        ("`@健太` と書くと、", True),
        ("\\@健太 と書くと、", True),
        ("\\<@&777> と書くと、", True),
    ],
)
async def test_what_calls_other_people_is_theirs(discord: Bench, call: str, heard: bool) -> None:
    """A role is other people too; everybody, oneself, and a mention in code are not."""
    for name in ("明美", "健太"):
        call = call.replace(f"@{name}", f"<@{discord.fake.person(name)}>")
    await discord.fake.says("明美", f"{call}期間はどのくらいですか", WATCHED)
    await discord.settle()
    assert heard is bool(discord.desk.items)


@pytest.mark.parametrize("call", ["@everyone ", "@here　"])
async def test_who_calls_everybody_says_no_word_of_the_question(discord: Bench, call: str) -> None:
    await discord.fake.says("明美", f"{call}期間はどのくらいですか", WATCHED)
    await discord.fake.says("明美", f"@FAQ {call}費用は？ a@here.jp", WATCHED)
    await discord.settle()
    asked = [each.text for each in _questions(discord)]
    assert ["期間はどのくらいですか", "費用は？ a@here.jp"] == asked


@pytest.mark.fault(99)
@pytest.mark.parametrize(
    ("above", "heard"), [("健太", False), ("明美", True), ("bot", True), ("gone", False)]
)
async def test_a_reply_to_somebody_else_is_theirs(discord: Bench, above: str, heard: bool) -> None:
    """Below one's own message, or the bot's, one goes on asking everybody."""
    values = {"author": BOT, "is_bot": True} if above == "bot" else {}
    said = await discord.fake.says(above, "昨日の続きです。", WATCHED, **values)
    said.deleted = above == "gone"
    await discord.settle()
    discord.desk.items.clear()
    await discord.fake.says("明美", "期間はどのくらいですか", WATCHED, reply_to=said.id)
    await discord.settle()
    assert heard is bool(discord.desk.items)


async def test_a_mention_of_the_bot_in_a_reply_to_somebody_else_is_for_the_bot(
    discord: Bench,
) -> None:
    said = await discord.fake.says("健太", "昨日の続きです。")
    await discord.fake.says("明美", "@FAQ 期間は？", reply_to=said.id)
    await discord.settle()
    assert [each.addressed for each in _questions(discord)] == [True]


def _questions(discord: Bench) -> list[Question]:
    return [each for each in discord.desk.items if isinstance(each, Question)]


@pytest.mark.fault(40, 71)
async def test_what_is_overheard_while_the_store_refuses_is_kept_once_it_is_back(
    discord: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Discord doesn't send it again, and nobody would be told."""
    discord.desk.watched.add(WATCHED)
    discord.desk.broken = True
    await discord.fake.says("明美", "合成データは？", WATCHED)
    await discord.fake.until(lambda: "not saved" in caplog.text)
    discord.desk.broken = False
    await discord.fake.until(lambda: _questions(discord))
    assert discord.fake.replies() == []


@pytest.mark.fault(75, 120)
async def test_what_another_process_may_have_kept_by_then_is_not_said_to_be_lost(
    discord: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listeners, "TRIES", 0)
    monkeypatch.setattr(Shard, "is_over", property(lambda _: "not saved" in caplog.text))
    discord.desk.broken = True
    await discord.fake.says("明美", "@FAQ 合成データは？", WATCHED)
    await discord.fake.until(lambda: "not saved" in caplog.text)
    await asyncio.sleep(0.3)
    assert discord.fake.replies() == []
