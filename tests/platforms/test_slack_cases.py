"""What broke in real workspaces: the real desk, the real adapter, a Slack on loopback."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.desk.desk import Desk
from tests.fakes.faq import SYNTHETIC
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT, Fault, Said
from tests.platforms.slack_bench import serving
from tests.platforms.slack_driver import ORGANISERS, a_desk, cancel

OTHER = "C0OTHER"
PRIVATE = "社内の案件で困っています。評価について"


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as made:
        yield made
        assert made.refused == []


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_desk(f"sqlite:///{tmp_path / 'faqbot.db'}", in_flight=1.0) as made:
        yield made


@pytest.fixture(autouse=True)
async def slack(fake: FakeSlack, desk: Desk) -> AsyncIterator[None]:
    async with serving(fake, desk) as made:
        answering = asyncio.create_task(desk.run({"slack": made.platform}))
        yield
        await cancel(answering)


async def settled(desk: Desk) -> None:
    while await desk.waiting():  # noqa: ASYNC110  # nothing rings when both queues are empty
        await asyncio.sleep(0.005)


@pytest.mark.fault(97)
@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("invited", [True, False])
async def test_what_is_shared_from_somebodys_message_stands_in_its_thread(
    fake: FakeSlack, desk: Desk, inside: bool, invited: bool
) -> None:
    if not invited:
        fake.outside.add(OTHER)
    root = fake.add(Said(fake.ts(), OTHER, "U0KENTA", "おはようございます"))
    thread = root.ts if inside else None
    said = fake.add(Said(fake.ts(), OTHER, "U0KENTA", SYNTHETIC.question, thread))
    await fake.uses_shortcut("U0AKEMI", said)
    await settled(desk)
    (shown,) = fake.private("U0AKEMI")
    await fake.presses("U0AKEMI", shown, "共有")
    await settled(desk)
    (shared,) = fake.replies(channel=OTHER)
    assert (shared.thread, SYNTHETIC.answer in shared.words) == (thread or said.ts, True)


@pytest.mark.fault(97)
async def test_a_shared_answer_that_cannot_be_posted_says_so_and_why(
    fake: FakeSlack, desk: Desk
) -> None:
    fake.outside.add(OTHER)
    await fake.commands("U0AKEMI", SYNTHETIC.question, channel=OTHER)
    await settled(desk)
    (shown,) = fake.private("U0AKEMI")
    fake.fail("response_url", Fault(status=404))
    await fake.presses("U0AKEMI", shown, "共有")
    await settled(desk)
    assert fake.replies(channel=OTHER) == []
    assert "投稿できませんでした" in fake.private("U0AKEMI")[-1].words


@pytest.mark.fault(96)
async def test_private_words_are_filled_in_for_the_asker_only(fake: FakeSlack, desk: Desk) -> None:
    await fake.commands("U0AKEMI", PRIVATE)
    await settled(desk)
    (offer,) = fake.private("U0AKEMI")
    number = next(each for each in offer.buttons if each.isdecimal())
    await fake.presses("U0AKEMI", offer, number)
    await settled(desk)
    await fake.presses("U0AKEMI", fake.private("U0AKEMI")[-1], "共有")
    await settled(desk)
    (shared,) = fake.replies()
    await fake.presses("U0AKEMI", shared, "違う")
    await settled(desk)
    await fake.presses("U0AKEMI", fake.replies()[-1], "どれでもない")
    await settled(desk)
    following = fake.replies()[-1]
    for who, filled in (("U0KENTA", ""), ("U0AKEMI", PRIVATE)):
        await fake.presses(who, following, "講師に聞く")
        element = fake.views[-1]["blocks"][-1]["element"]
        assert element.get("initial_value", "") == filled
    assert all(PRIVATE not in each.text for each in fake.replies())


@pytest.mark.fault(94)
async def test_what_waits_for_a_channel_is_sent_once_the_bot_is_let_in(
    fake: FakeSlack,
) -> None:
    fake.limit(ORGANISERS, retry_after="3600", times=1)
    said = await fake.says("U0AKEMI", f"<@{BOT}> 円周率とは")
    await fake.until(lambda: fake.replies(said.ts))
    await fake.presses("U0AKEMI", fake.replies(said.ts)[0], "講師に聞く")
    await fake.submits("U0AKEMI", fake.views[-1], "円周率とは何ですか")
    await fake.until(lambda: fake.calls_of("chat.postMessage")[-1]["channel"] == ORGANISERS)
    await fake.joins("U0KENTA", ORGANISERS)
    await asyncio.sleep(0.3)
    assert fake.replies(channel=ORGANISERS) == []
    await fake.joins(BOT, ORGANISERS)
    await fake.until(lambda: fake.replies(channel=ORGANISERS))
