"""What members see when Slack fails, and what broke in real workspaces: all is real but Slack."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack.app import Slack
from bot.desk.desk import Desk
from tests.fakes.faq import FAQ, SYNTHETIC
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT, BOT_ID, Fault, Said
from tests.fakes.waiting import at_rest
from tests.platforms.chat import a_desk, cancel
from tests.platforms.slack_bench import serving
from tests.platforms.slack_driver import ORGANISERS

OTHER = "C0OTHER"
PRIVATE = "社内の案件で困っています。評価について"
MENTION = f"<@{BOT}> {SYNTHETIC.question}"


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as made:
        made.retry_waits = [0.1] * 20
        yield made
        assert made.refused == []


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    url, organisers = f"sqlite:///{tmp_path / 'faqbot.db'}", {"slack": ORGANISERS}
    async with a_desk(url, organisers=organisers, in_flight=1.0) as made:
        yield made


@pytest.fixture
async def slack(fake: FakeSlack, desk: Desk) -> AsyncIterator[Slack]:
    async with serving(fake, desk) as made:
        answering = asyncio.create_task(desk.run({"slack": made.platform}))
        yield made
        await cancel(answering)


def answers(fake: FakeSlack, said: Said) -> list[str]:
    return [each.words for each in fake.replies(said.ts, channel=said.channel)]


@pytest.mark.fault(46)
@pytest.mark.usefixtures("slack")
async def test_ten_waiting_in_one_channel_keep_their_order_and_delay_no_other(
    fake: FakeSlack,
) -> None:
    fake.limit("C0GENERAL", retry_after="2", times=1)
    asked = [await fake.says("U0AKEMI", f"<@{BOT}> {FAQ[n % 4].question}") for n in range(10)]
    other = await fake.says("U0KENTA", MENTION, channel="C0OTHER")
    await fake.until(lambda: answers(fake, other))
    assert not any(answers(fake, said) for said in asked)
    await fake.until(lambda: all(answers(fake, said) for said in asked))
    posted = [reply.thread for reply in fake.replies()]
    assert posted == [said.ts for said in asked]


@pytest.mark.fault(47)
@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize("after_effect", [True, False])
@pytest.mark.parametrize(
    "trouble", [{"status": 503}, {"cut": True}, {"error": "fatal_error"}, {"delay": 1.3}]
)
async def test_one_message_stands_in_the_thread_whatever_the_answer_was(
    fake: FakeSlack, trouble: dict[str, object], after_effect: bool
) -> None:
    fake.fail("chat.postMessage", Fault(**trouble, after_effect=after_effect))  # type: ignore[arg-type]
    said = await fake.says("U0AKEMI", MENTION)
    await fake.until(lambda: answers(fake, said))
    await asyncio.sleep(2.0)
    assert len(answers(fake, said)) == 1


@pytest.mark.fault(44)
@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize("repair", ["token", "scope"])
async def test_a_question_waits_for_the_token_to_be_mended(
    fake: FakeSlack, desk: Desk, repair: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.api.REPAIR_WAIT", 0.3)
    scopes = fake.scopes
    fake.revoked = repair == "token"
    fake.scopes = scopes if repair == "token" else "commands"
    said = await fake.says("U0AKEMI", MENTION)
    await fake.until(lambda: not desk.health().ok)
    await asyncio.sleep(0.5)
    fake.revoked, fake.scopes = False, scopes
    await fake.until(lambda: answers(fake, said))
    assert SYNTHETIC.answer in answers(fake, said)[0]
    await fake.until(lambda: desk.health().ok)


@pytest.mark.fault(51)
@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize("error", ["msg_too_long", "msg_blocks_too_long", "invalid_blocks"])
async def test_what_slack_refuses_to_draw_is_tried_as_plain_text_and_given_up(
    fake: FakeSlack, error: str
) -> None:
    fake.fail("chat.postMessage", Fault(error=error), times=100)
    await fake.says("U0AKEMI", MENTION)
    await fake.until(lambda: fake.private("U0AKEMI"))
    await asyncio.sleep(0.3)
    drawn, plain = fake.calls_of("chat.postMessage")
    assert (bool(drawn.get("blocks")), bool(plain.get("blocks"))) == (True, False)
    assert "投稿できませんでした" in fake.private("U0AKEMI")[0].words


@pytest.mark.fault(50)
@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize("error", ["is_archived", "channel_not_found", "restricted_action"])
async def test_a_refused_answer_is_told_to_the_asker_and_not_tried_again(
    fake: FakeSlack, error: str
) -> None:
    fake.fail("chat.postMessage", Fault(error=error), times=100)
    said = await fake.says("U0AKEMI", MENTION)
    await fake.until(lambda: fake.private("U0AKEMI"))
    await asyncio.sleep(0.3)
    assert len(fake.calls_of("chat.postMessage")) == 1
    assert "投稿できませんでした" in fake.private("U0AKEMI")[0].words
    assert answers(fake, said) == []


@pytest.mark.fault(38)
async def test_what_is_delivered_again_after_a_restart_gets_no_second_reply(
    fake: FakeSlack, tmp_path: Path
) -> None:
    for _ in range(2):
        async with (
            a_desk(f"sqlite:///{tmp_path / 'faqbot.db'}") as desk,
            serving(fake, desk) as slack,
        ):
            answering = asyncio.create_task(desk.run({"slack": slack.platform}))
            if not fake.messages:
                await fake.says("U0AKEMI", MENTION)
                await fake.until(fake.replies)
            assert (await fake.again()).acked
            await asyncio.sleep(0.3)
            await cancel(answering)
    assert len(fake.replies()) == 1


@pytest.mark.fault(48)
async def test_a_question_deleted_before_its_reply_gets_none(fake: FakeSlack, desk: Desk) -> None:
    async with serving(fake, desk) as slack:
        said = await fake.says("U0AKEMI", MENTION)
        other = await fake.says("U0KENTA", MENTION)
        await fake.deletes(said)
        answering = asyncio.create_task(desk.run({"slack": slack.platform}))
        await fake.until(lambda: answers(fake, other))
        await cancel(answering)
    assert answers(fake, said) == []


@pytest.mark.fault(48)
async def test_a_question_edited_before_its_reply_is_answered_as_it_stands(
    fake: FakeSlack, desk: Desk
) -> None:
    async with serving(fake, desk) as slack:
        said = await fake.says("U0AKEMI", f"<@{BOT}> 円周率とは")
        await fake.edits(said, MENTION)
        answering = asyncio.create_task(desk.run({"slack": slack.platform}))
        await fake.until(lambda: answers(fake, said))
        await cancel(answering)
    assert SYNTHETIC.answer in answers(fake, said)[0]


@pytest.mark.fault(49)
@pytest.mark.usefixtures("slack")
async def test_two_bots_do_not_talk_to_each_other(fake: FakeSlack) -> None:
    said = await fake.says("U0AKEMI", MENTION)
    await fake.until(lambda: answers(fake, said))
    mine = fake.replies(said.ts)[0]
    echo = {"type": "message", "ts": mine.ts, "thread_ts": said.ts, "channel": said.channel,
            "text": f"<@{BOT}> {mine.text}", "channel_type": "channel"}  # fmt: skip
    await fake.event({**echo, "user": BOT, "bot_id": BOT_ID})
    await fake.event({**echo, "type": "app_mention", "user": BOT, "bot_id": BOT_ID})
    await fake.event({**echo, "user": "U0OTHERBOT", "bot_id": "B0OTHER", "ts": "1.5"})
    await asyncio.sleep(0.3)
    assert len(answers(fake, said)) == 1


@pytest.mark.fault(55)
@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize("channel", ["C0SHARED", "G0PRIVATE", "D0AKEMI"])
async def test_guests_of_other_workspaces_are_answered_like_members(
    fake: FakeSlack, channel: str
) -> None:
    guest = {"user_team": "T0OTHER", "source_team": "T0OTHER", "team": "T0OTHER"}
    outside = {"team_id": "T0OTHER", "is_ext_shared_channel": True,
               "context_team_id": "T0EVENT", "enterprise_id": "E0GRID"}  # fmt: skip
    said = await fake.says("W0GUEST", MENTION, channel=channel, outside=outside, **guest)
    await fake.until(lambda: fake.replies(channel=channel))
    assert len(fake.replies(channel=channel)) == 1
    thread = None if channel.startswith("D") else said.ts
    assert fake.replies(channel=channel)[0].thread == thread


@pytest.mark.fault(97)
@pytest.mark.usefixtures("slack")
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
    await at_rest(desk)
    (shown,) = fake.private("U0AKEMI")
    await fake.presses("U0AKEMI", shown, "共有")
    await at_rest(desk)
    (shared,) = fake.replies(channel=OTHER)
    assert (shared.thread, SYNTHETIC.answer in shared.words) == (thread or said.ts, True)


@pytest.mark.fault(97)
@pytest.mark.usefixtures("slack")
async def test_a_shared_answer_that_cannot_be_posted_says_so_and_why(
    fake: FakeSlack, desk: Desk
) -> None:
    fake.outside.add(OTHER)
    await fake.commands("U0AKEMI", SYNTHETIC.question, channel=OTHER)
    await at_rest(desk)
    (shown,) = fake.private("U0AKEMI")
    fake.fail("response_url", Fault(status=404))
    await fake.presses("U0AKEMI", shown, "共有")
    await at_rest(desk)
    assert fake.replies(channel=OTHER) == []
    assert "投稿できませんでした" in fake.private("U0AKEMI")[-1].words


@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize("invited", [True, False])
async def test_what_comes_after_a_shared_answer_stands_below_it_and_tells_what_became_of_it(
    fake: FakeSlack, desk: Desk, invited: bool
) -> None:
    if not invited:
        fake.outside.add(OTHER)
    await fake.commands("U0AKEMI", SYNTHETIC.question, channel=OTHER)
    await at_rest(desk)
    await fake.presses("U0AKEMI", fake.private("U0AKEMI")[-1], "共有")
    await at_rest(desk)
    (shared,) = fake.replies(channel=OTHER)
    await fake.presses("U0AKEMI", shared, "違う")
    await at_rest(desk)
    (_, following) = fake.replies(channel=OTHER)
    assert (shared.thread, following.thread) == (None, shared.ts)
    await fake.presses("U0AKEMI", following, "回答を取り下げる")
    await at_rest(desk)
    if invited:
        assert "この回答を取り下げました。" in shared.words
    else:
        # By the handle it was posted by, it can't be changed.
        assert "回答を取り下げられませんでした。" in fake.private("U0AKEMI")[-1].words


@pytest.mark.fault(96)
@pytest.mark.usefixtures("slack")
async def test_private_words_are_filled_in_for_the_asker_only(fake: FakeSlack, desk: Desk) -> None:
    await fake.commands("U0AKEMI", PRIVATE)
    await at_rest(desk)
    (offer,) = fake.private("U0AKEMI")
    number = next(each for each in offer.buttons if each.isdecimal())
    await fake.presses("U0AKEMI", offer, number)
    await at_rest(desk)
    await fake.presses("U0AKEMI", fake.private("U0AKEMI")[-1], "共有")
    await at_rest(desk)
    (shared,) = fake.replies()
    await fake.presses("U0AKEMI", shared, "違う")
    await at_rest(desk)
    await fake.presses("U0AKEMI", fake.replies()[-1], "どれでもない")
    await at_rest(desk)
    following = fake.replies()[-1]
    for who, filled in (("U0KENTA", ""), ("U0AKEMI", PRIVATE)):
        await fake.presses(who, following, "講師に聞く")
        element = fake.views[-1]["blocks"][-1]["element"]
        assert element.get("initial_value", "") == filled
    assert all(PRIVATE not in each.text for each in fake.replies())


@pytest.mark.fault(94)
@pytest.mark.usefixtures("slack")
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
