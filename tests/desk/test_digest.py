"""Wordings that members showed, and the week's digest that proposes them."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.inbound import Action
from bot.settings import LearningSettings
from tests.desk.loop import Loop, labels, text
from tests.fakes.faq import HALLUCINATION
from tests.fakes.waiting import until
from tests.platforms.memory_driver import MemoryChat

HALF_SURE = "評価について"


@pytest.fixture
async def loop(tmp_path: Path) -> AsyncIterator[Loop]:
    loop = Loop(tmp_path)
    loop.chat = MemoryChat(
        tmp_path, faq=loop.faq, learning=LearningSettings(digest=_in(timedelta()))
    )
    loop.chat.platform.organisers.add("講師")
    yield loop
    await loop.chat.stop()


async def test_a_candidate_taken_after_none_of_these_is_proposed_as_a_wording(loop: Loop) -> None:
    await loop.chat.start()
    await loop.chat.says("明美", HALF_SURE)
    await loop.chat.sees()
    await loop.chat.presses("明美", "どれでもない")
    await loop.chat.sees()
    await loop.chat.presses("明美", "1")
    await loop.chat.sees()
    assert [(each.words, each.entry) for each in loop.chat.proposals()] == [
        (HALF_SURE, HALLUCINATION.id)
    ]


async def test_a_candidate_that_was_only_offered_and_is_useful_is_one_too(loop: Loop) -> None:
    await loop.chat.start()
    await loop.chat.says("明美", HALF_SURE)
    await loop.chat.sees()
    await loop.chat.presses("明美", "1")
    await loop.chat.sees()
    assert loop.chat.proposals() == ()
    await loop.chat.presses("健太", "役に立った")
    await loop.chat.sees()
    assert loop.chat.proposals() == ()
    await loop.chat.presses("明美", "役に立った")
    await loop.chat.sees()
    assert [each.words for each in loop.chat.proposals()] == [HALF_SURE]


async def test_what_was_asked_in_private_is_never_proposed(loop: Loop) -> None:
    await loop.chat.start()
    await loop.chat.commands("明美", HALF_SURE)
    await loop.chat.sees()
    await loop.chat.presses("明美", "1")
    await loop.chat.sees()
    await loop.chat.presses("明美", "役に立った")
    await loop.chat.sees()
    assert loop.chat.proposals() == ()


async def test_the_digest_comes_once_with_the_week_and_wordings_to_add(loop: Loop) -> None:
    await loop.chat.start()
    await _digest(loop)
    before = len(loop.public())
    await loop.chat.restarts()
    assert len(await loop.chat.organisers_see()) == before


async def test_a_proposal_is_added_through_the_gate_and_never_proposed_again(
    tmp_path: Path,
) -> None:
    loop = Loop(tmp_path)
    await loop.chat.start()
    await loop.chat.says("明美", HALF_SURE)
    await loop.chat.says("健太", "円周率とは")
    await loop.chat.sees()
    await loop.chat.presses("明美", "1")
    await loop.chat.sees()
    await loop.chat.presses("明美", "役に立った")
    await loop.chat.sees()
    await loop.chat.stop()
    loop.chat = MemoryChat(
        tmp_path, faq=loop.faq, learning=LearningSettings(digest=_in(timedelta()))
    )
    loop.chat.platform.organisers.add("講師")
    await loop.chat.start()
    await _digest(loop)
    digest = loop.public()[0]
    for words in (
        "質問 2 件のうち、FAQ で回答できた割合: 50%（前の週: –）",
        "・円周率とは（1 回）",
        "まだ一度も表示されていない項目: 3 件",
        f"1. 「{HALF_SURE}」を「{HALLUCINATION.question}」の言い方に加えますか？（1 回）",
    ):
        assert words in text(digest)
    assert labels(digest) == ["1 を加える"]
    await loop.does(Action.ADD_PROPOSAL, on=digest)
    assert loop.chat.proposals() == ()
    shown = loop.public()[-1]
    if not loop.chat.published():  # another entry comes close: an organiser decides
        await loop.does(Action.PUBLISH_ANYWAY, on=shown)
    (published,) = loop.chat.published()
    assert (published.question, published.entry) == (HALF_SURE, HALLUCINATION.id)
    added = "言い方を加えました。これからは、この聞き方にも回答します。"
    assert loop.lines("講師")[-1] == added
    await loop.does(Action.ADD_PROPOSAL, "運営", on=digest)
    assert len(loop.chat.published()) == 1
    assert loop.lines("運営")[-1] == "講師 さんがすでに対応しました。"
    await loop.chat.stop()


@pytest.mark.parametrize("away", [timedelta(hours=1), timedelta(days=-2)])
async def test_before_its_time_or_long_after_it_there_is_no_digest(
    tmp_path: Path, away: timedelta
) -> None:
    loop = Loop(tmp_path)
    loop.chat = MemoryChat(tmp_path, learning=LearningSettings(digest=_in(away)))
    await loop.chat.start()
    await loop.chat.says("明美", HALF_SURE)
    await loop.chat.sees()
    assert loop.public() == []
    await loop.chat.stop()


def _in(away: timedelta) -> str:
    """Return the setting of a digest that is due so far from now."""
    then = datetime.now() + away
    return f"{then:%a %H:%M}".lower()


async def _digest(loop: Loop) -> None:
    """Wait for what comes beside the queues."""
    await until(lambda: any("1 週間のまとめ" in text(each) for each in loop.public()))
