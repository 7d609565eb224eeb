"""Rows of the conformance table about the loop: ask, card, answer, draft, publish, told, learnt."""

import pytest

from tests.fakes.faq import SYNTHETIC
from tests.fakes.waiting import until
from tests.platforms.chat import Chat, Shown, whispered

QUESTION = "円周率とは何ですか"
ANSWER = "円の周の長さを直径で割った値です。\n\n講演では扱いませんでした。"
SENT = "質問を運営に送りました。"
WAITS = "質問を保存しました。運営に届き次第お知らせします。"
TOLD = "ご質問に講師から回答がありました。"
OFFER = "この返信を質問への回答として登録できます。"
OPEN = ("回答する", "既存の項目に加える", "対応しない")
RATING = ("役に立った", "違う")


class Learning:
    """Rows of the table; ``Conformance`` has the others."""

    async def test_the_loop_by_form(self, chat: Chat) -> None:
        thread = await asked(chat)
        card = await question_card(chat)
        assert OPEN == card.buttons
        for words in (QUESTION, "明美 さんから", "質問されたメッセージ", "http"):
            assert words in card.text
        assert (card.pinged, card.only_for) == (None, None)
        form = await chat.organiser_presses("講師", "回答する")
        assert form is not None
        assert form["question"] == QUESTION
        assert await answers(chat, form=False) == ""
        draft = await newest(chat)
        assert ("公開する", "直す", "やめる") == draft.buttons
        assert shows(draft, ANSWER)
        assert draft.thread
        assert "下書きがあります（講師 さん）" in (await question_card(chat)).text
        await chat.organiser_presses("運営", "公開する")
        published = await newest(chat)
        assert ("直す", "公開を取り下げる") == published.buttons
        assert "書いた方: 講師 さん / 公開した方: 運営 さん" in published.text
        card = await question_card(chat)
        assert ("公開済み（運営 さん）" in card.text, card.buttons) == (True, ())
        told = (await chat.sees())[-1]
        assert (thread, "明美", RATING, None) == (
            told.thread, told.pinged, told.buttons, told.only_for,
        )  # fmt: skip
        assert shows(told, TOLD, QUESTION, ANSWER, "佐藤 一郎 先生", "https://example.org/pi")
        await chat.presses("明美", "役に立った")
        assert ("明美", "評価をありがとうございます。") in whispered(await chat.sees())
        await chat.says("健太", QUESTION)
        again = (await chat.sees())[-1]
        assert (RATING, None) == (again.buttons, again.pinged)
        assert shows(again, ANSWER)

    async def test_the_loop_by_a_reply_that_is_edited(self, chat: Chat) -> None:
        await asked(chat)
        await chat.organiser_replies("講師", "三より少し大きい値です。")
        offer = (await chat.organisers_see())[-1]
        assert (("この返信を回答にする",), True) == (offer.buttons, OFFER in offer.text)
        assert offer.only_for in ("講師", None)
        assert offer.thread
        await chat.organiser_edits(ANSWER)
        form = await chat.organiser_presses("講師", "この返信を回答にする")
        assert form is not None
        assert (form["question"], form["answer"]) == (QUESTION, ANSWER)
        await chat.organiser_submits("講師", lecturer="佐藤 一郎")
        await chat.organiser_presses("運営", "公開する")
        told = (await chat.sees())[-1]
        assert ("明美", True) == (told.pinged, shows(told, ANSWER))

    async def test_a_mention_in_the_thread_of_a_card_is_no_question(self, chat: Chat) -> None:
        await asked(chat)
        before = await chat.organisers_see()
        await chat.organiser_replies("講師", SYNTHETIC.question, mention=True)
        (offer,) = (await chat.organisers_see())[len(before) :]
        assert (("この返信を回答にする",), True) == (offer.buttons, OFFER in offer.text)

    async def test_a_question_becomes_a_wording_of_an_entry(self, chat: Chat) -> None:
        thread = await asked(chat)
        form = await chat.organiser_presses("講師", "既存の項目に加える")
        assert form is not None
        assert form["question"] == QUESTION
        assert await chat.organiser_submits("講師", entry=SYNTHETIC.id) == ""
        told = (await chat.sees())[-1]
        assert (thread, "明美", RATING) == (told.thread, told.pinged, told.buttons)
        assert shows(told, TOLD, SYNTHETIC.answer)
        assert "公開済み（講師 さん）" in (await question_card(chat)).text
        await chat.says("健太", QUESTION)
        assert shows((await chat.sees())[-1], SYNTHETIC.answer)

    async def test_an_entry_that_there_is_not_is_asked_for_again(self, chat: Chat) -> None:
        await asked(chat)
        await chat.organiser_presses("講師", "既存の項目に加える")
        said = await chat.organiser_submits("講師", entry="どこにもない項目")
        assert "加える先の項目が見つかりません。" in said
        assert OPEN == (await question_card(chat)).buttons

    @pytest.mark.parametrize("line", ["次回の講演で扱います。", ""], ids=["a line", "no line"])
    async def test_a_question_is_closed(self, chat: Chat, line: str) -> None:
        thread = await asked(chat)
        before = await chat.sees()
        await chat.organiser_presses("運営", "対応しない")
        await chat.organiser_submits("運営", line=line)
        card = await question_card(chat)
        assert ("対応しない（運営 さん）" in card.text, card.buttons) == (True, ())
        said = (await chat.sees())[len(before) :]
        assert [(thread, "明美")] * bool(line) == [(each.thread, each.pinged) for each in said]
        assert all(line in each.text for each in said)

    async def test_who_had_an_answer_hears_why_there_is_none_any_more(self, chat: Chat) -> None:
        await asked(chat)
        await answers(chat)
        for label in ("公開する", "公開を取り下げる", "対応しない"):
            await chat.organiser_presses("運営", label)
        await chat.organiser_submits("運営", line="誤りがありました。")
        answer, line = (each for each in await chat.sees() if each.pinged == "明美")
        assert (shows(answer, ANSWER), "誤りがありました。" in line.text) == (True, True)

    async def test_what_was_published_is_taken_back(self, chat: Chat) -> None:
        await asked(chat)
        await answers(chat)
        await chat.organiser_presses("講師", "公開する")
        told = (await chat.sees())[-1]
        await chat.organiser_presses("運営", "公開を取り下げる")
        withdrawn = await newest(chat)
        assert ((), True) == (
            withdrawn.buttons,
            "運営 さんが公開を取り下げました。" in withdrawn.text,
        )
        card = await question_card(chat)
        assert (OPEN, 1) == (card.buttons, card.text.count(QUESTION))
        assert told == (await chat.sees())[-1]
        await chat.says("健太", QUESTION)
        assert (await chat.sees())[-1].buttons == ("講師に聞く",)

    @pytest.mark.fault(91)
    async def test_an_edit_is_a_new_version(self, chat: Chat) -> None:
        await asked(chat)
        await answers(chat)
        await chat.organiser_presses("講師", "公開する")
        before = await chat.sees()
        form = await chat.organiser_presses("運営", "直す")
        assert form is not None
        assert form["answer"] == ANSWER
        await chat.organiser_submits("運営", answer="3.14 に近い値です。")
        first, second = (each for each in await public(chat) if each.thread)
        assert ("直す", "公開を取り下げる") == first.buttons
        await chat.organiser_presses("運営", "公開する")
        first, second = (each for each in await public(chat) if each.thread)
        assert ((), ("直す", "公開を取り下げる")) == (first.buttons, second.buttons)
        assert "運営 さんが書き直しました。" in first.text
        assert before == await chat.sees()
        await chat.says("健太", QUESTION)
        assert shows((await chat.sees())[-1], "3.14 に近い値です。")

    async def test_a_second_answer_opens_the_draft_that_there_is(self, chat: Chat) -> None:
        await asked(chat)
        await answers(chat)
        form = await chat.organiser_presses("運営", "回答する")
        assert form is not None
        assert (form["answer"], form["links"]) == (ANSWER, "https://example.org/pi")

    async def test_a_draft_is_given_up(self, chat: Chat) -> None:
        await asked(chat)
        await answers(chat)
        await chat.organiser_presses("運営", "やめる")
        draft = await newest(chat)
        assert ((), True) == (draft.buttons, "運営 さんが取りやめました。" in draft.text)
        card = await question_card(chat)
        assert (OPEN, False) == (card.buttons, "下書き" in card.text)

    async def test_near_equal_questions_stand_on_one_card(self, chat: Chat) -> None:
        threads = {await asked(chat), await asked(chat, "健太", "円周率とは何ですか？")}
        (card,) = await public(chat)
        assert "同じ質問: 2 人" in card.text
        assert [("明美", SENT), ("健太", SENT)] == [
            each for each in whispered(await chat.sees()) if each[1] == SENT
        ]
        await answers(chat)
        await chat.organiser_presses("講師", "公開する")
        told = [each for each in await chat.sees() if each.pinged]
        assert (threads, ["明美", "健太"]) == (
            {each.thread for each in told},
            [each.pinged for each in told],
        )

    async def test_who_asked_in_private_hears_by_direct_message(self, chat: Chat) -> None:
        await chat.commands("明美", QUESTION)
        await chat.sees()
        await chat.submits("明美")
        card = await question_card(chat)
        assert "非公開の質問" in card.text
        assert "質問されたメッセージ" not in card.text
        before = await chat.sees()
        await answers(chat)
        await chat.organiser_presses("講師", "公開する")
        (told,) = await chat.sees_direct("明美")
        assert (RATING, True) == (told.buttons, shows(told, TOLD, ANSWER))
        assert before == await chat.sees()
        await chat.presses("明美", "役に立った")
        everything = (*await chat.sees(), *await chat.sees_direct("明美"))
        assert "評価をありがとうございます。" in [each.text for each in everything]

    async def test_what_a_lecturer_answered_is_taken_back_by_who_asked(self, chat: Chat) -> None:
        await asked(chat)
        await answers(chat)
        await chat.organiser_presses("講師", "公開する")
        await chat.sees()
        await chat.presses("明美", "違う")
        await chat.sees()
        await chat.presses("明美", "回答を取り下げる")
        seen = await chat.sees()
        assert "質問した方の希望により、この回答を取り下げました。" in [each.text for each in seen]
        assert not any(shows(each, ANSWER) for each in seen)

    async def test_where_the_place_is_gone_a_direct_message_tells(self, chat: Chat) -> None:
        await asked(chat)
        await answers(chat)
        await chat.shuts()
        await chat.organiser_presses("講師", "公開する")
        await chat.sees()
        (told,) = await chat.sees_direct("明美")
        assert shows(told, TOLD, ANSWER)
        assert "お知らせできなかった" not in (await question_card(chat)).text

    async def test_who_cannot_be_reached_at_all_stands_on_the_card(self, chat: Chat) -> None:
        await asked(chat)
        await answers(chat)
        await chat.shuts(direct=True)
        await chat.organiser_presses("講師", "公開する")
        await chat.sees()
        assert "回答をお知らせできなかった方: 明美" in (await question_card(chat)).text

    @pytest.mark.fault(85)
    async def test_who_is_forgotten_is_on_no_card_any_more(self, chat: Chat) -> None:
        await asked(chat)
        await asked(chat, "健太", "円周率とは何ですか？")
        await chat.forgets("明美")
        card = await question_card(chat)
        assert ("明美" in card.text, "健太 さんから" in card.text) == (False, True)
        assert OPEN == card.buttons
        await chat.forgets("健太")
        card = await question_card(chat)
        assert (card.text, card.buttons) == ("(本人の希望により削除されました)", ())

    @pytest.mark.fault(94)
    async def test_a_question_is_said_to_be_sent_once_it_is(self, chat: Chat) -> None:
        await chat.shuts_organisers()
        await asked(chat, waits=False)

        async def told() -> list[str]:
            seen = whispered(await chat.sees(settled=False))
            return [text for who, text in seen if who == "明美"]

        await until(told)
        assert [WAITS] == await told()
        await chat.invites_to_organisers()
        await chat.sees()
        assert [WAITS, SENT] == await told()
        assert QUESTION in (await question_card(chat)).text


async def asked(chat: Chat, who: str = "明美", text: str = QUESTION, *, waits: bool = True) -> str:
    """Ask what the FAQ lacks, and send it to the lecturers; return the thread."""
    thread = await chat.says(who, text)
    await chat.sees()
    await chat.submits(who, text)
    if waits:
        await chat.sees()
    return thread


async def answers(chat: Chat, who: str = "講師", *, form: bool = True) -> str:
    """Fill in the form of an answer, and send it; return what is wrong with it."""
    if form:
        await chat.organiser_presses(who, "回答する")
    return await chat.organiser_submits(
        who, lecturer="佐藤 一郎", answer=ANSWER, links="https://example.org/pi"
    )


async def public(chat: Chat) -> list[Shown]:
    """Return what everybody sees in the organisers' channel, replies' offers aside."""
    seen = await chat.organisers_see()
    return [each for each in seen if not each.only_for and OFFER not in each.text]


async def question_card(chat: Chat) -> Shown:
    """Return the newest question's card."""
    return [each for each in await public(chat) if not each.thread][-1]


async def newest(chat: Chat) -> Shown:
    """Return the newest draft's card."""
    return [each for each in await public(chat) if each.thread][-1]


async def reply_becomes(chat: Chat, answer: str) -> None:
    """Take a lecturer's reply, which was sent, for an answer, and publish it: members see it."""
    await chat.organisers_see()
    form = await chat.organiser_presses("講師", "この返信を回答にする")
    assert form is not None
    assert form["answer"] == answer
    await chat.organiser_submits("講師", lecturer="佐藤 一郎")
    draft = await newest(chat)
    await chat.organiser_presses("講師", "公開する")
    told = (await chat.sees())[-1]
    assert [answer in each.text for each in (draft, told)] == [True, True]


def shows(shown: Shown, *words: str) -> bool:
    """Whether words stand on a card, however it breaks its lines."""
    text = "".join(shown.text.split())
    return all("".join(each.split()) in text for each in words)
