"""The desk's door: what comes in, what is edited, watched, browsed and completed."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.desk.desk import StoreError
from bot.domain.card import Quote, Say
from bot.domain.entry import Entry
from bot.domain.inbound import Action, Form, MessageRef, Person, Place, Press, Question
from tests.fakes.faq import BENCHMARK, CURRICULUM, FAQ, HALLUCINATION, SYNTHETIC
from tests.fakes.search import PairSearch
from tests.platforms.memory_driver import CHANNEL, MemoryChat

PERSON = Person("明美", "明美")


def _question(text: str, message: str = "q", **changes: object) -> Question:
    ref = MessageRef(replace(CHANNEL, thread=message), message)
    return replace(Question(ref, PERSON, text), **changes)  # type: ignore[arg-type]


async def _texts(chat: MemoryChat) -> list[str]:
    return [each.text for each in await chat.sees()]


@pytest.mark.fault(28, 31)
@pytest.mark.parametrize(
    "text",
    ["", "？", "👍", "\u200b", " \n\t", "\ud800", "\x00", "\u202e"],
    ids=["empty", "mark", "emoji", "zero-width", "spaces", "surrogate", "nul", "override"],
)
async def test_nothing_to_search_for_is_helped_whatever_it_is(chat: MemoryChat, text: str) -> None:
    await chat.desk.receive(_question(text))
    (reply,) = await _texts(chat)
    assert reply.startswith("質問をそのまま文章で書いてください。")


@pytest.mark.fault(31)
async def test_noise_in_a_question_does_not_reach_the_store_or_the_search(chat: MemoryChat) -> None:
    """Both stores and the tokenizer refuse lone surrogates."""
    await chat.desk.receive(_question("合成\ud800データは\x00使って\u202eいますか"))
    (reply,) = await _texts(chat)
    assert SYNTHETIC.answer in reply


@pytest.mark.fault(31)
async def test_noise_in_a_name_does_not_reach_the_store(chat: MemoryChat) -> None:
    person = Person("U1", "明\ud800美")
    await chat.desk.receive(Form.of_question("f1", "", "円周率とは", person, CHANNEL))
    (arrived,) = await chat.organisers_see()
    assert "明美" in arrived.text


@pytest.mark.fault(29)
async def test_a_very_long_question_is_cut_and_answered_and_told_so(chat: MemoryChat) -> None:
    await chat.desk.receive(_question("合成データは使っていますか。" * 4_000))
    (reply,) = await _texts(chat)
    assert "質問が長いため、はじめの部分だけで探しました。" in reply


async def test_an_entry_picked_from_a_completion_is_shown_without_a_search(
    chat: MemoryChat,
) -> None:
    await chat.desk.receive(_question("円周率とは", entry=BENCHMARK.id))
    (reply,) = await _texts(chat)
    assert BENCHMARK.answer in reply
    assert "一致した言葉" not in reply


@pytest.mark.fault(48)
async def test_an_edit_before_the_reply_is_what_is_answered(closed: MemoryChat) -> None:
    question = _question("円周率とは")
    await closed.desk.receive(question)
    await closed.desk.edited(question.ref, "合成データは使っていますか")
    closed.serve()
    (reply,) = await _texts(closed)
    assert SYNTHETIC.answer in reply


@pytest.mark.fault(48)
async def test_a_question_deleted_before_the_reply_gets_none(closed: MemoryChat) -> None:
    question = _question("合成データは使っていますか")
    await closed.desk.receive(question)
    await closed.desk.deleted(question.ref)
    closed.serve()
    assert await _texts(closed) == []
    assert not await closed.desk.receive(question)


@pytest.mark.fault(48)
async def test_a_message_whose_words_stay_the_same_was_not_edited(chat: MemoryChat) -> None:
    """An unfurled link changes the message, not its words."""
    question = _question("円周率とは")
    await chat.desk.receive(question)
    await chat.sees()
    await chat.desk.edited(question.ref, "円周率とは")
    assert len(await chat.sees()) == 1


@pytest.mark.fault(88)
async def test_the_offer_after_an_edit_is_the_askers(chat: MemoryChat) -> None:
    await chat.says("明美", "円周率とは")
    await chat.sees()
    await chat.edits("合成データは使っていますか")
    await chat.sees()
    await chat.presses("健太", "もう一度探す")
    assert (await _texts(chat))[-1] == "この操作は、質問した方だけができます。"


async def test_messages_that_nobody_asked_about_may_be_edited_and_deleted(chat: MemoryChat) -> None:
    await chat.desk.edited(MessageRef(CHANNEL, "unknown"), "合成データは使っていますか")
    await chat.desk.deleted(MessageRef(CHANNEL, "unknown"))
    assert await chat.sees() == ()


@pytest.mark.fault(53)
@pytest.mark.parametrize(
    ("action", "argument"),
    [
        (Action.CHOOSE, "9"),
        (Action.CHOOSE, "-1"),
        (Action.CHOOSE, ""),
        (Action.CHOOSE, "２"),
        (Action.USEFUL, "yamada-1"),
        (Action.WRONG, "1-0"),
        (Action.SHARE, "0-99"),
        (Action.SEARCH_AGAIN, ""),
    ],
)
async def test_a_forged_button_is_politely_refused(
    chat: MemoryChat, action: Action, argument: str
) -> None:
    """What a button carries is checked against the store."""
    await chat.says("明美", "評価について")
    await chat.sees()
    ask = chat.platform.posted[0].card.buttons[0].about
    on = MessageRef(CHANNEL, "m1")
    await chat.desk.receive(Press("forged", action, ask, argument, Person("悪意"), on))
    refused = (await chat.sees())[-1]
    expected = (
        "この操作は、質問した方だけができます。"
        if action is Action.SEARCH_AGAIN
        else "このボタンは、もう使えません。お手数ですが、もう一度質問してください。"
    )
    assert (refused.text, refused.only_for) == (expected, "悪意")


class Shrinking(PairSearch):
    """Loses entries, as when organisers remove them."""

    def __init__(self) -> None:
        super().__init__(FAQ)
        self.lost: set[str] = set()

    def entry(self, entry_id: str) -> Entry | None:
        return None if entry_id in self.lost else super().entry(entry_id)


@pytest.mark.parametrize(
    ("label", "said"),
    [("1", "この回答は FAQ から削除されました。"), ("2", BENCHMARK.answer)],
)
async def test_a_candidate_that_was_removed_since_is_said_to_be_gone(
    tmp_path: Path, label: str, said: str
) -> None:
    faq = Shrinking()
    chat = MemoryChat(tmp_path, faq=faq)
    await chat.start()
    await chat.says("明美", "評価について")
    await chat.sees()
    faq.lost.add(HALLUCINATION.id)
    await chat.presses("明美", label)
    texts = await _texts(chat)
    await chat.stop()
    assert said in texts[-1]


async def test_after_a_wrong_answer_what_was_removed_since_is_passed_over(tmp_path: Path) -> None:
    faq = Shrinking()
    chat = MemoryChat(tmp_path, faq=faq)
    await chat.start()
    await chat.says("明美", "評価のベンチマークはどのように合成しますか")
    _, second, third, _ = faq.reply("評価のベンチマークはどのように合成しますか", True)[1].hits
    faq.lost.add(second.entry.id)
    await chat.sees()
    await chat.presses("明美", "違う")
    offered = (await _texts(chat))[-1]
    await chat.presses("明美", "1")
    texts = await _texts(chat)
    await chat.stop()
    assert f"1. {third.entry.question}" in offered
    assert third.entry.answer in texts[-1]


@pytest.mark.fault(53)
async def test_a_button_of_an_unknown_ask_is_politely_refused(chat: MemoryChat) -> None:
    press = Press("old", Action.USEFUL, "no such ask", "0", PERSON, MessageRef(CHANNEL, "m0"))
    await chat.desk.receive(press)
    (refused,) = await _texts(chat)
    assert refused.startswith("このボタンは、もう使えません。")


async def test_a_form_without_organisers_is_kept_and_says_so(tmp_path: Path) -> None:
    chat = MemoryChat(tmp_path, organisers=None)
    await chat.start()
    await chat.desk.receive(Form.of_question("f1", "", "円周率とは", PERSON, CHANNEL))
    (kept,) = await _texts(chat)
    await chat.stop()
    assert kept.startswith("質問を保存しました。送り先のチャンネルが未設定のため")


@pytest.mark.fault(52)
async def test_the_same_form_twice_is_one_message_to_the_organisers(chat: MemoryChat) -> None:
    for id_ in ("f1", "f2"):
        await chat.desk.receive(Form.of_question(id_, "", "円周率とは", PERSON, CHANNEL))
    told = await _texts(chat)
    assert ["この質問は、すでに受け付けています。", "質問を運営に送りました。"] == sorted(told)
    assert len(await chat.organisers_see()) == 1


async def test_an_empty_form_asks_for_words(chat: MemoryChat) -> None:
    await chat.desk.receive(Form.of_question("f1", "", " \u200b", PERSON, CHANNEL))
    assert await _texts(chat) == ["質問を入力してください。"]
    assert await chat.organisers_see() == ()


async def test_asking_the_lecturer_without_a_form_sends_the_question_as_it_was(
    chat: MemoryChat,
) -> None:
    await chat.says("明美", "円周率とは")
    await chat.sees()
    await chat.presses("明美", "講師に聞く")
    assert (await _texts(chat))[-1] == "質問を運営に送りました。"
    (arrived,) = await chat.organisers_see()
    assert "円周率とは" in arrived.text


async def test_a_watched_channel_is_remembered_across_a_restart(chat: MemoryChat) -> None:
    assert not await chat.desk.watches(CHANNEL)
    card = await chat.desk.switch(CHANNEL, True, PERSON)
    assert card.parts == (Say("このチャンネルの質問に、メンションがなくてもお答えします。"),)
    await chat.restarts()
    assert await chat.desk.watches(CHANNEL)
    await chat.desk.switch(CHANNEL, False, PERSON)
    assert not await chat.desk.watches(CHANNEL)


async def test_a_channel_watched_by_the_settings_is_not_switched_off_in_chat(
    chat: MemoryChat,
) -> None:
    always = Place("memory", "W", "always")
    card = await chat.desk.switch(always, False, PERSON)
    assert "設定ファイル" in str(card.parts)
    assert await chat.desk.watches(always)


async def test_browsing_shows_talks_in_order_with_lecturers(chat: MemoryChat) -> None:
    assert [
        ("コーパスの作り方", "山田 花子 先生", (CURRICULUM, SYNTHETIC)),
        ("大規模言語モデルの評価", "佐藤 一郎 先生", (HALLUCINATION, BENCHMARK)),
    ] == [(talk.title, talk.lecturer, talk.entries) for talk in chat.desk.browse().talks]


async def test_an_entry_is_shown_by_its_id(chat: MemoryChat) -> None:
    sheet = chat.desk.show(SYNTHETIC.id)
    assert Quote(SYNTHETIC.answer) in sheet.parts
    assert sheet.submit == ""
    assert chat.desk.show("unknown").parts == (Say("この回答は FAQ から削除されました。"),)


async def test_completion_begins_with_what_is_asked_most(chat: MemoryChat) -> None:
    assert (CURRICULUM, HALLUCINATION, SYNTHETIC) == chat.desk.complete("", 3)
    await chat.says("明美", "合成データは使っていますか")
    await chat.sees()
    await chat.restarts()
    assert (SYNTHETIC, CURRICULUM, HALLUCINATION) == chat.desk.complete(" ", 3)
    assert (HALLUCINATION,) == chat.desk.complete("ハルシネーション", 25)
    assert len(FAQ) == len(chat.desk.complete("", 25))


@pytest.mark.fault(71)
async def test_who_only_reads_is_served_while_the_store_is_gone(
    chat: MemoryChat, tmp_path: Path
) -> None:
    store = tmp_path / "faqbot.db"
    store.rename(tmp_path / "away")
    with pytest.raises(StoreError):
        await chat.desk.receive(_question("合成データは使っていますか"))
    assert (SYNTHETIC,) == chat.desk.complete("合成データ", 1)
    assert len(chat.desk.browse().talks) == 2
    assert Quote(SYNTHETIC.answer) in chat.desk.show(SYNTHETIC.id).parts
    (tmp_path / "away").rename(store)


@pytest.mark.fault(40)
async def test_nothing_is_received_that_could_not_be_kept(chat: MemoryChat) -> None:
    """Then it isn't acknowledged either."""
    await chat.stop()
    with pytest.raises(StoreError):
        await chat.desk.receive(_question("合成データは使っていますか"))
    await chat.start()
