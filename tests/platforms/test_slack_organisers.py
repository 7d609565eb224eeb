"""Who may answer on Slack, and how cards and forms of the loop are drawn there."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest

from adapters.slack.render import INPUT_VALUE, messages, sheet_view
from bot.domain.inbound import Place
from bot.domain.ports import Gone, NotAllowed
from tests.fakes.faq import SYNTHETIC
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import Fault
from tests.fakes.slack_judge import message_error, shown, view_faults
from tests.platforms.conformance_learning import ANSWER, QUESTION, answers, asked, question_card
from tests.platforms.organisers_cards import every_card, every_sheet
from tests.platforms.slack_bench import bench
from tests.platforms.slack_driver import ORGANISERS, PEOPLE, SlackChat

LECTURER = PEOPLE["講師"]
Locale = Literal["ja", "en"]


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as made:
        yield made


@pytest.fixture
async def chat(fake: FakeSlack, tmp_path: Path) -> AsyncIterator[SlackChat]:
    async with SlackChat(fake, tmp_path) as chat:
        yield chat


async def test_whoever_is_in_the_organisers_channel_organises_and_nobody_else() -> None:
    async with bench(organisers="C0ORGANISERS") as slack:
        organises = slack.slack.platform.organises
        everybody = slack.fake.members["C0ORGANISERS"] = [f"U{n}" for n in range(1450)]
        asked = [await organises(each) for each in ("U0", "U1449", "U1450")]
        assert asked == [True, True, False]
        everybody.remove("U1449")
        assert not await organises("U1449")
        slack.fake.outside.add("C0ORGANISERS")
        with pytest.raises(NotAllowed):
            await organises("U0")


async def test_where_a_user_group_may_answer_the_channel_does_not_matter() -> None:
    async with bench(organisers="C0ORGANISERS", organiser_group="S0STAFF") as slack:
        organises = slack.slack.platform.organises
        slack.fake.members["C0ORGANISERS"] = ["U0AKEMI"]
        slack.fake.groups["S0STAFF"] = ["U0STAFF"]
        assert [await organises(each) for each in ("U0STAFF", "U0AKEMI")] == [True, False]
        slack.fake.groups.clear()
        with pytest.raises(Gone):
            await organises("U0STAFF")


@pytest.mark.parametrize("worst", [False, True], ids=["short", "worst"])
@pytest.mark.parametrize("locale", ["ja", "en"])
def test_slack_accepts_every_card_of_the_loop(locale: Locale, worst: bool) -> None:
    for name, card in every_card(locale, "slack", "U0AKEMI", worst=worst):
        drawn = messages(card)
        for message in drawn:
            payload = {"text": message.text, "blocks": list(message.blocks)}
            assert (name, message_error(payload)) == (name, None)
            # What somebody wrote pings nobody: only the one whom the card is for.
            called = [each for each in message.text.split("<")[1:] if each[0] in "@!#"]
            assert (name, called[1:]) == (name, [])
        assert (card.ping is not None) == drawn[0].text.startswith("<@U0AKEMI> ")


@pytest.mark.parametrize("worst", [False, True], ids=["short", "worst"])
@pytest.mark.parametrize("locale", ["ja", "en"])
def test_slack_accepts_every_form_of_the_loop_and_cuts_no_words(
    locale: Locale, worst: bool
) -> None:
    where = Place("slack", "T0EVENT", ORGANISERS, "1764.0001", handle="https://hooks.example/" * 20)
    for name, sheet in every_sheet(locale, INPUT_VALUE, worst=worst):
        view: dict[str, Any] = sheet_view(sheet, where)
        assert (name, view_faults(view)) == (name, [])
        filled = [b["element"].get("initial_value", "") for b in view["blocks"]]
        for field in sheet.fields:
            if not field.choices:
                assert (name, field.text in filled) == (name, True)
        # Of two fields with one label, the second one says what it is for.
        below = [b for b in view["blocks"] if b["block_id"].endswith(":typed")]
        assert all("hint" in each for each in below)


async def test_who_may_answer_is_not_waited_for_until_the_form_cannot_open(
    fake: FakeSlack, chat: SlackChat
) -> None:
    """Slack opens a form within three seconds of the press, or not at all."""
    await asked(chat)
    fake.fail("conversations.members", Fault(delay=4.0, after_effect=True))
    assert await chat.organiser_presses("講師", "回答する") is None
    assert fake.delivered[-1].seconds < 3.0
    told = fake.private(LECTURER)[-1]
    assert told.text == "フォームを開けませんでした。もう一度ボタンを押してください。"
    assert await chat.organiser_presses("講師", "回答する") is not None


async def test_a_form_that_comes_too_late_for_slack_is_explained(
    fake: FakeSlack, chat: SlackChat
) -> None:
    await asked(chat)
    fake.fail("views.open", Fault(error="expired_trigger_id"))
    assert await chat.organiser_presses("講師", "回答する") is None
    assert fake.private(LECTURER)[-1].text.startswith("フォームを開けませんでした。")


@pytest.mark.parametrize("error", ["missing_scope", "ratelimited", "not_in_channel"])
async def test_where_slack_does_not_say_who_may_answer_nobody_may_for_now(
    fake: FakeSlack, chat: SlackChat, error: str
) -> None:
    await asked(chat)
    await answers(chat)
    await chat.organisers_see()
    fake.fail("conversations.members", Fault(error=error), times=2)
    assert await chat.organiser_presses("講師", "回答する") is None
    await chat.organiser_presses("講師", "公開する")
    await chat.organisers_see()
    unclear = "権限を確認できませんでした。少し待ってから、もう一度お試しください。"
    assert [unclear] * 2 == [each.text for each in fake.private(LECTURER)][-2:]
    assert "公開済み" not in (await question_card(chat)).text


@pytest.mark.fault(52, 90)
async def test_a_wrong_link_keeps_the_form_open_with_all_that_was_typed(
    fake: FakeSlack, chat: SlackChat
) -> None:
    await asked(chat)
    await chat.organiser_presses("講師", "回答する")
    wrong = "javascript:alert(1)"
    said = await chat.organiser_submits("講師", answer="答え", lecturer="佐藤", links=wrong)
    assert said == f"リンク「{wrong}」は、https:// から始まる 1 つのアドレスではありません。"
    assert await chat.organiser_submits("講師", answer="答え", lecturer="佐藤") == ""


async def test_an_entry_that_is_not_near_is_found_by_typing(
    fake: FakeSlack, chat: SlackChat
) -> None:
    await asked(chat)
    await chat.organiser_presses("講師", "既存の項目に加える")
    view = fake.views[-1]
    offered = await fake.types(LECTURER, view, "entry:typed", "合成")
    assert [("合成データは使っていますか。（山田 花子 先生）", SYNTHETIC.id)] == [
        (each["text"]["text"], each["value"]) for each in offered
    ]
    assert await fake.types(LECTURER, view, "entry:typed", "どこにもない") == []
    assert await chat.organiser_submits("講師", entry="合成") == ""
    assert SYNTHETIC.answer in (await chat.sees())[-1].text


async def test_what_is_asked_by_direct_message_is_private_and_answered_there(
    fake: FakeSlack, chat: SlackChat
) -> None:
    await fake.says(PEOPLE["明美"], QUESTION, channel="D0AKEMI")
    await chat.sees()
    await chat.submits("明美")
    card = await question_card(chat)
    assert "非公開の質問" in card.text
    assert "http" not in card.text
    await answers(chat)
    await chat.organiser_presses("講師", "公開する")
    told = (await chat.sees_direct("明美"))[-1]
    assert (told.pinged, ANSWER in told.text) == ("明美", True)


@pytest.mark.fault(85)
@pytest.mark.parametrize("broken", [False, True])
async def test_the_home_tab_deletes_what_is_kept_of_a_member(broken: bool) -> None:
    async with bench() as slack:
        await slack.fake.opens_home("U0AKEMI")
        button = slack.fake.homes["U0AKEMI"]["blocks"][-1]["elements"][0]
        assert button["text"]["text"] == "自分のデータを消す"
        assert "元に戻せません" in button["confirm"]["text"]["text"]
        slack.desk.broken = broken
        await slack.fake.presses_at_home("U0AKEMI", "home:forget")
        assert slack.desk.forgotten == ([] if broken else ["U0AKEMI"])
        said = slack.desk.say("error.not_saved" if broken else "privacy.done")
        assert said in list(shown(slack.fake.homes["U0AKEMI"]["blocks"]))
        assert slack.fake.refused == []
