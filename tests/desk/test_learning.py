"""The loop: ask, card, answer by form or reply, draft, publish, whoever asked is told."""

from pathlib import Path

import pytest

from bot.domain.card import Card, Kind, Sheet
from bot.domain.inbound import Action, Circle, Form, Person, Place
from bot.domain.ports import RateLimited
from bot.domain.text import utf16_length
from tests.desk.loop import ANSWER, FIELDS, QUESTION, Loop, labels, text
from tests.fakes.faq import HALLUCINATION, SYNTHETIC
from tests.fakes.waiting import until


async def test_a_question_comes_with_everything_an_organiser_needs(loop: Loop) -> None:
    loop.chat.platform.names["明美"] = "明美 (研究会)"
    await loop.ask(text="円周率を求める合成データとは")
    card = loop.card()
    assert ["回答する", "既存の項目に加える", "対応しない"] == labels(card)
    for words in (
        "円周率を求める合成データとは",
        "Memory の 明美 (研究会) さんから",
        "質問されたメッセージ",
        f"近い項目: {SYNTHETIC.question}（確信度 0.",
        "答える方の候補: 山田 花子 先生",
    ):
        assert words in text(card)
    assert card.card.ping is None
    assert loop.lines("明美")[-1] == "質問を運営に送りました。"


async def test_where_nothing_is_near_no_lecturer_is_named_nor_filled_in(loop: Loop) -> None:
    await loop.ask(text="円周率とは何のことか教えていただけませんか合成")
    assert f"近い項目: {SYNTHETIC.question}（確信度 0.0" in text(loop.card())
    assert "答える方の候補" not in text(loop.card())
    sheet = await loop.opens(Action.ANSWER)
    assert isinstance(sheet, Sheet)
    assert sheet.fields[0].text == ""
    assert len(sheet.fields[0].choices) == 2


async def test_who_asks_the_same_joins_and_the_card_is_edited(loop: Loop) -> None:
    await loop.ask("明美")
    await loop.ask("健太", "円周率とは何ですか？")
    (card,) = loop.public()
    assert "同じ質問: 2 人" in text(card)
    assert loop.lines("健太")[-1] == "質問を運営に送りました。"


async def test_who_asks_the_same_twice_is_one_person_on_the_card(loop: Loop) -> None:
    await loop.ask("明美")
    await loop.ask("明美", "円周率とは何ですか？")
    assert "同じ質問" not in text(loop.card())
    await loop.ask("健太")
    assert "同じ質問: 2 人" in text(loop.card())


async def test_a_private_question_is_said_to_be_private(loop: Loop) -> None:
    await loop.chat.commands("明美", QUESTION)
    await loop.chat.sees()
    await loop.chat.submits("明美")
    await loop.chat.sees()
    assert "非公開の質問" in text(loop.card())
    assert "質問されたメッセージ" not in text(loop.card())


@pytest.mark.fault(90)
async def test_an_answer_becomes_a_draft_an_entry_and_reaches_whoever_asked(loop: Loop) -> None:
    await loop.ask("明美")
    await loop.ask("健太")
    await loop.answers()
    draft = loop.public()[-1]
    assert draft.place.thread == loop.card().id
    assert ["公開する", "直す", "やめる"] == labels(draft)
    assert ANSWER in text(draft)
    assert "下書きがあります（講師 さん）" in text(loop.card())
    await loop.does(Action.PUBLISH, "運営")
    assert "公開済み（運営 さん）" in text(loop.card())
    assert labels(loop.card()) == []
    assert ["直す", "公開を取り下げる"] == labels(loop.public()[-1])
    assert "書いた方: 講師 さん / 公開した方: 運営 さん" in text(loop.public()[-1])
    told = [each for each in loop.chat.platform.posted if each.card.ping]
    assert ["明美", "健太"] == [each.card.ping for each in told]
    for each in told:
        assert "ご質問に講師から回答がありました。" in text(each)
        assert ANSWER in text(each)
        assert ["役に立った", "違う"] == labels(each)
    (published,) = loop.chat.published()
    assert (published.lecturer, published.links) == ("佐藤 一郎", ("https://example.org/pi",))
    assert published.entry == "sato-3"


async def test_a_draft_that_comes_close_says_so_and_is_published_on_purpose(loop: Loop) -> None:
    await loop.ask()
    await loop.answers(FIELDS | {"question": SYNTHETIC.question})
    draft = loop.public()[-1]
    assert labels(draft)[0] == "それでも公開する"
    assert "と同じ質問です。" in text(draft)
    await loop.does(Action.PUBLISH_ANYWAY)
    (published,) = loop.chat.published()
    assert published.over_gate
    assert "近い項目があることを確かめたうえで公開されました。" in text(loop.public()[-1])


@pytest.mark.fault(89, 91)
async def test_without_the_right_nothing_opens_and_nothing_is_done(loop: Loop) -> None:
    await loop.ask()
    refused = await loop.opens(Action.ANSWER, "明美")
    assert isinstance(refused, Card)
    sheet = await loop.opens(Action.ANSWER)
    loop.chat.platform.organisers.discard("講師")
    await loop.sends(sheet, FIELDS)
    assert "運営のチャンネルに参加している方だけ" in loop.lines("講師")[-1]
    assert len(loop.public()) == 1


@pytest.mark.fault(34)
async def test_curly_brackets_in_members_words_stay_as_they_are(loop: Loop) -> None:
    """A format string in a question or a name is plain text."""
    loop.chat.platform.names["明美"] = "{name}"
    await loop.ask(text="{0.__class__} とは何ですか")
    assert "{0.__class__} とは何ですか" in text(loop.card())
    assert "Memory の {name} さんから" in text(loop.card())


@pytest.mark.fault(94)
async def test_a_channel_that_refuses_keeps_the_question_and_gets_it_once_it_is_open(
    loop: Loop,
) -> None:
    loop.chat.platform.closed.add("organisers")
    await loop.ask_waiting()
    assert loop.lines("明美")[-1] == "質問を保存しました。運営に届き次第お知らせします。"
    assert not loop.cards()
    assert not loop.chat.desk.health().ok
    loop.chat.platform.closed.clear()
    await loop.chat.desk.reachable("memory", "organisers")
    await loop.chat.sees()
    assert loop.lines("明美")[-1] == "質問を運営に送りました。"
    assert len(loop.public()) == 1


async def test_a_place_that_is_gone_gives_a_direct_message_and_then_a_word_on_the_card(
    loop: Loop,
) -> None:
    await loop.ask()
    await loop.answers()
    loop.chat.platform.closed.add("general")
    await loop.does(Action.PUBLISH)
    (told,) = (each for each in loop.chat.platform.posted if each.card.ping)
    assert (told.kind, told.place.private_to) == (Kind.DIRECT, "明美")
    await loop.ask("健太", "円周率の由来は何ですか")
    await loop.answers(FIELDS | {"question": "円周率の由来は何ですか"})
    loop.chat.platform.closed.add("direct")
    await loop.does(Action.PUBLISH)
    assert any("回答をお知らせできなかった方: 健太" in text(each) for each in loop.public())


@pytest.mark.fault(91, 130)
async def test_of_two_organisers_the_first_one_counts_and_the_other_reads_who(loop: Loop) -> None:
    await loop.ask()
    first, second = await loop.opens(Action.ANSWER), await loop.opens(Action.ANSWER, "運営")
    await loop.sends(first, FIELDS)
    await loop.sends(second, FIELDS | {"answer": "別の回答です。"}, "運営")
    assert "講師 さんが先に下書きを保存したため" in loop.lines("運営")[-1]
    publish = loop.press(Action.PUBLISH), loop.press(Action.PUBLISH, "運営")
    for press in publish:
        assert await loop.chat.desk.take(press) is None
    await loop.chat.sees()
    assert len(loop.chat.published()) == 1
    assert len([each for each in loop.chat.platform.posted if each.card.ping]) == 1


async def test_review_by_another_keeps_a_writer_from_publishing(tmp_path: Path) -> None:
    loop = Loop(tmp_path, review="other")
    await loop.chat.start()
    await loop.ask()
    await loop.answers()
    await loop.does(Action.PUBLISH)
    assert "別の方の確認が必要です" in loop.lines("講師")[-1]
    assert loop.chat.published() == ()
    await loop.does(Action.PUBLISH, "運営")
    assert len(loop.chat.published()) == 1
    await loop.chat.stop()


async def test_a_wording_is_added_to_an_entry_and_its_answer_told(loop: Loop) -> None:
    await loop.ask()
    sheet = await loop.opens(Action.ADD_WORDING)
    assert isinstance(sheet, Sheet)
    await loop.sends(sheet, {"entry": SYNTHETIC.id, "question": QUESTION})
    (published,) = loop.chat.published()
    assert (published.kind, published.entry) == ("variant", SYNTHETIC.id)
    (told,) = (each for each in loop.chat.platform.posted if each.card.ping)
    assert SYNTHETIC.answer in text(told)
    added = "加える先の項目: 合成データは使っていますか。（山田 花子 先生）"
    assert added in text(loop.public()[-1])
    await loop.does(Action.WITHDRAW)
    assert added in text(loop.public()[-1])
    await loop.sends(sheet, {"entry": SYNTHETIC.id, "question": HALLUCINATION.question})
    assert ("それでも公開する", True) == (
        labels(loop.public()[-1])[0],
        added in text(loop.public()[-1]),
    )


async def test_the_card_still_tells_of_a_draft_beside_the_answer_that_was_taken_back(
    loop: Loop,
) -> None:
    await loop.ask()
    await loop.answers()
    await loop.does(Action.PUBLISH)
    published = loop.public()[-1]
    await loop.sends(await loop.opens(Action.EDIT, "運営"), FIELDS | {"answer": "別の"}, "運営")
    await loop.does(Action.WITHDRAW, on=published)
    assert "下書きがあります（運営 さん）" in text(loop.card())
    await loop.does(Action.DISCARD)
    assert "下書き" not in text(loop.card())


async def test_who_was_told_an_answer_that_was_taken_back_is_told_the_new_one_once(
    loop: Loop,
) -> None:
    def told() -> list[tuple[str | None, bool, bool]]:
        again = "以前お知らせした回答は取り下げられています。"
        cards = [each for each in loop.chat.platform.posted if each.card.ping]
        return [(c.card.ping, again in text(c), "新しい回答です。" in text(c)) for c in cards]

    await loop.ask("明美")
    await loop.answers()
    await loop.does(Action.PUBLISH)
    await loop.does(Action.WITHDRAW)
    await loop.ask("健太", "円周率とは何ですか？")
    await loop.answers(FIELDS | {"answer": "新しい回答です。"})
    await loop.does(Action.PUBLISH)
    first, anew = ("明美", False, False), [("明美", True, True), ("健太", False, True)]
    assert [first, *anew] == told()
    await loop.sends(await loop.opens(Action.EDIT), FIELDS | {"answer": "もっと新しい回答です。"})
    await loop.does(Action.PUBLISH)
    assert [first, *anew] == told()
    assert loop.lines("講師")[-1] == "公開しました。これからの質問に、この内容で回答します。"
    await loop.does(Action.WITHDRAW)
    sheet = await loop.opens(Action.ADD_WORDING)
    await loop.sends(sheet, {"entry": SYNTHETIC.id, "question": QUESTION})
    assert [("明美", True, False), ("健太", True, False)] == told()[3:]


async def test_a_search_never_holds_up_the_store(loop: Loop) -> None:
    await loop.ask()
    await loop.opens(Action.ADD_WORDING)
    await loop.answers()
    await loop.does(Action.PUBLISH)
    await loop.chat.desk.forget("明美")
    await loop.chat.sees()
    assert {"search"} == loop.faq.threads


@pytest.mark.parametrize(
    ("circle", "who"),
    [
        (Circle.CHANNEL, "運営のチャンネルに参加している方だけ"),
        (Circle.GROUP, "運営のユーザーグループに入っている方だけ"),
        (Circle.ROLE, "運営のロールを持つ方だけ"),
    ],
)
async def test_a_refusal_says_who_may(loop: Loop, circle: Circle, who: str) -> None:
    loop.chat.platform.circle = circle
    await loop.ask()
    refused = await loop.opens(Action.ANSWER, "明美")
    assert isinstance(refused, Card)
    assert who in str(refused.parts[0])


async def test_a_platform_that_says_to_wait_is_asked_again_who_may(loop: Loop) -> None:
    """As Discord does just after a start: what was pressed before isn't refused then."""
    await loop.ask()
    await loop.answers()
    loop.chat.platform.faults.append(RateLimited("memory", 0.05))
    await loop.does(Action.PUBLISH)
    assert len(loop.chat.published()) == 1


async def test_what_stands_in_a_file_by_now_says_that_the_file_leads(loop: Loop) -> None:
    await loop.ask()
    await loop.answers()
    await loop.does(Action.PUBLISH)
    assert "ファイル" not in text(loop.public()[-1])
    loop.chat.filed.add(loop.chat.published()[0].entry)
    await loop.sends(await loop.opens(Action.EDIT), FIELDS | {"answer": "新しい回答です。"})
    leads = "この項目は FAQ のファイルにもあり、ファイルの内容が使われます。"
    assert leads in text(loop.public()[-1])
    await loop.does(Action.PUBLISH)
    assert leads in text(loop.public()[-1])
    await loop.does(Action.WITHDRAW)
    assert "検索からも外すときは、ファイルから消してください。" in loop.lines("講師")[-1]


async def test_where_a_question_was_asked_is_not_claimed_before_it_is_known(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until Slack has said where the workspace is, no message has an address."""
    monkeypatch.setattr(loop.chat.platform, "address", lambda ref: None)
    await loop.ask()
    assert "非公開" not in text(loop.card())
    assert "質問されたメッセージ" not in text(loop.card())


@pytest.mark.fault(91)
async def test_an_edit_of_what_is_published_is_a_version_of_its_own(loop: Loop) -> None:
    await loop.ask()
    await loop.answers()
    await loop.does(Action.PUBLISH)
    await loop.sends(await loop.opens(Action.EDIT), FIELDS | {"answer": "新しい回答です。"})
    (published,) = loop.chat.published()
    assert published.answer == ANSWER
    await loop.does(Action.PUBLISH)
    (published,) = loop.chat.published()
    assert (published.answer, published.version) == ("新しい回答です。", 2)
    assert len([each for each in loop.chat.platform.posted if each.card.ping]) == 1


@pytest.mark.fault(85)
async def test_a_member_who_wants_to_be_forgotten_is_gone_from_the_card(loop: Loop) -> None:
    await loop.ask()
    await loop.chat.desk.forget("明美")
    await loop.chat.sees()
    assert text(loop.card()) == "(本人の希望により削除されました)"
    assert labels(loop.card()) == []


@pytest.mark.fault(94)
async def test_a_line_that_finds_nobody_goes_by_direct_message(loop: Loop) -> None:
    """Asked in private, the handle is too old once the organisers can be reached."""
    chat = loop.chat
    chat.platform.closed |= {"organisers", "general"}
    place = Place("memory", "W", "general", private_to="明美")
    await chat.desk.receive(Form.of_question("f", "", QUESTION, Person("明美"), place))
    await until(lambda: chat.sees_direct("明美", settled=False))
    await chat.invites_to_organisers()
    direct = await chat.sees_direct("明美")
    sent, waits = "質問を運営に送りました。", "質問を保存しました。運営に届き次第お知らせします。"
    assert [waits, sent] == [each.text for each in direct]


@pytest.mark.parametrize(
    "answer",
    [
        "一つ目の段落です。\n\n" * 400 + "終わり。",
        "切れ目のない段落。" * 500,
        "𠮷野家で😀" * 700,
        "a" * 4000,
        "行\n" * 2000 + "終わり",
    ],
    ids=["paragraphs", "sentences", "two units each", "no end", "lines"],
)
async def test_a_long_answer_comes_back_from_two_fields_as_it_was(loop: Loop, answer: str) -> None:
    await loop.ask()
    await loop.replies(answer)
    for action in (Action.USE_REPLY, Action.EDIT):
        sheet = await loop.opens(action)
        assert isinstance(sheet, Sheet)
        given = {field.name: field.text for field in sheet.fields}
        assert all(utf16_length(text) <= 3000 for text in given.values())
        await loop.sends(sheet, given | {"lecturer": "佐藤 一郎"})
    await loop.does(Action.PUBLISH)
    assert [answer] == [each.answer for each in loop.chat.published()]


@pytest.mark.fault(90)
async def test_what_has_no_room_in_a_form_is_refused(loop: Loop) -> None:
    await loop.ask()
    await loop.replies("長い返信です。" * 1000)
    refused = await loop.opens(Action.USE_REPLY)
    assert isinstance(refused, Card)
    assert "回答は 6,000 文字まで" in str(refused.parts[0])


@pytest.mark.fault(85)
async def test_a_drafts_card_shows_a_forgotten_members_words_no_more(loop: Loop) -> None:
    await loop.ask()
    await loop.answers()
    await loop.chat.desk.forget("明美")
    await loop.chat.sees()
    assert text(loop.public()[-1]) == "(本人の希望により削除されました)"
    assert not any(QUESTION in text(each) for each in loop.public())
