"""What every platform must do: each scenario written once, run on every driver.

A platform joins by a driver (``Chat``) and a test class that inherits ``Conformance`` and gives
the ``chat`` fixture. The driver serves ``tests.fakes.faq.FAQ`` by ``PairSearch``, in Japanese, with
an organisers' channel.
"""

import re

import pytest

from bot.domain.entry import Entry
from tests.fakes.faq import BENCHMARK, CURRICULUM, HALLUCINATION, SYNTHETIC
from tests.platforms.chat import Chat, Shown, whispered
from tests.platforms.conformance_learning import Learning
from tests.platforms.conformance_more import More
from tests.platforms.conformance_organisers import Organisers
from tests.platforms.conformance_talk import Talk

RATING = ("役に立った", "違う")
RATED = "この評価は、すでに受け付けています。"
SHOWN = "この回答は、すでに表示しています。"
DONE = "この操作は、すでに受け付けています。"


class Conformance(Talk, More, Learning, Organisers):
    """The table. A row is a method."""

    async def test_a_sure_answer_is_given_in_the_lecturers_words(self, chat: Chat) -> None:
        thread = await chat.says("明美", "合成データは使っていますか")
        (reply,) = await chat.sees()
        assert (RATING, thread, None) == (reply.buttons, reply.thread, reply.only_for)
        _shows(reply, SYNTHETIC)
        assert "一致した言葉" in reply.text

    @pytest.mark.fault(15)
    async def test_markup_in_an_answer_stays_as_written(self, chat: Chat) -> None:
        await chat.says("明美", "合成データは使っていますか")
        (reply,) = await chat.sees()
        assert "*品質* の <確認> には @everyone も" in reply.text

    async def test_links_that_the_words_lack_stand_below_them(self, chat: Chat) -> None:
        await chat.says("明美", "カリキュラム学習は検討していますか")
        (reply,) = await chat.sees()
        assert reply.text.count("https://example.org/report") == 1
        assert reply.text.count("https://example.org/slides") == 1

    async def test_a_long_answer_is_whole(self, chat: Chat) -> None:
        thread = await chat.says("明美", "評価のベンチマークはどのように選びますか")
        (reply,) = await chat.sees()
        _shows(reply, BENCHMARK)
        assert (thread, RATING) == (reply.thread, reply.buttons)

    async def test_a_half_sure_reply_lets_the_asker_choose(self, chat: Chat) -> None:
        thread = await chat.says("明美", "評価について")
        (offer,) = await chat.sees()
        assert offer.buttons[-1] == "どれでもない"
        assert all(each.question in offer.text for each in (HALLUCINATION, BENCHMARK))
        assert "佐藤 一郎 先生" in offer.text
        await chat.presses("明美", _button(offer, HALLUCINATION))
        reply = (await chat.sees())[-1]
        _shows(reply, HALLUCINATION)
        assert (thread, RATING) == (reply.thread, reply.buttons)

    async def test_two_people_who_choose_the_same_get_one_answer(self, chat: Chat) -> None:
        await chat.says("明美", "評価について")
        (offer,) = await chat.sees()
        label = _button(offer, HALLUCINATION)
        await chat.presses("明美", label)
        await chat.presses("健太", label)
        await chat.presses("明美", label)
        replies = await chat.sees()
        assert [HALLUCINATION.answer in each.text for each in replies].count(True) == 1
        assert [("健太", SHOWN), ("明美", SHOWN)] == whispered(replies)

    async def test_none_of_these_leads_to_the_lecturer(self, chat: Chat) -> None:
        await chat.says("明美", "評価について")
        await chat.sees()
        await chat.presses("明美", "どれでもない")
        await chat.presses("明美", "どれでもない")
        replies = await chat.sees()
        assert [each.buttons for each in replies if not each.only_for][1:] == [("講師に聞く",)]
        assert [("明美", DONE)] == whispered(replies)

    async def test_what_the_faq_lacks_is_said_in_one_sentence(self, chat: Chat) -> None:
        await chat.says("明美", "円周率とは")
        (reply,) = await chat.sees()
        assert reply.text == "この質問に合う回答は、FAQ に見つかりませんでした。"
        assert reply.buttons == ("講師に聞く",)

    @pytest.mark.fault(95)
    async def test_a_question_reaches_the_organisers_and_the_asker_knows(self, chat: Chat) -> None:
        await chat.says("明美", "円周率とは")
        await chat.sees()
        assert await chat.submits("明美", "円周率とは何ですか") == "円周率とは"
        confirmation = (await chat.sees())[-1]
        assert confirmation.text == "質問を運営に送りました。"
        assert confirmation.only_for == "明美"
        (arrived,) = await chat.organisers_see()
        assert "円周率とは何ですか" in arrived.text
        assert "明美" in arrived.text

    @pytest.mark.fault(28)
    async def test_nothing_to_search_gets_help_with_examples(self, chat: Chat) -> None:
        await chat.says("明美", "？")
        (reply,) = await chat.sees()
        assert SYNTHETIC.question in reply.text
        assert reply.buttons == ()

    @pytest.mark.fault(88)
    async def test_a_useful_answer_is_counted_and_thanked_for_once(self, chat: Chat) -> None:
        await chat.says("明美", "合成データは使っていますか")
        await chat.sees()
        await chat.presses("健太", "役に立った")
        await chat.presses("健太", "役に立った")
        thanks = "評価をありがとうございます。"
        assert [("健太", thanks), ("健太", RATED)] == whispered(await chat.sees())

    async def test_a_wrong_answer_brings_what_comes_next_and_can_be_taken_back(
        self, chat: Chat
    ) -> None:
        await chat.says("明美", "評価のベンチマークはどのように選びますか")
        await chat.sees()
        await chat.presses("明美", "違う")
        following = (await chat.sees())[-1]
        assert HALLUCINATION.question in following.text
        assert ("どれでもない", "回答を取り下げる") == following.buttons[-2:]
        await chat.presses("明美", "回答を取り下げる")
        taken_back = (await chat.sees())[0]
        assert taken_back.text == "質問した方の希望により、この回答を取り下げました。"
        assert taken_back.buttons == ()

    async def test_somebody_elses_wrong_is_only_counted(self, chat: Chat) -> None:
        await chat.says("明美", "合成データは使っていますか")
        await chat.sees()
        await chat.presses("健太", "違う")
        noted = (await chat.sees())[1:]
        assert [("ご意見を記録しました。ありがとうございます。", "健太")] == [
            (each.text, each.only_for) for each in noted
        ]

    @pytest.mark.fault(88)
    async def test_only_the_asker_takes_an_answer_back(self, chat: Chat) -> None:
        await chat.says("明美", "評価のベンチマークはどのように選びますか")
        await chat.sees()
        await chat.presses("明美", "違う")
        await chat.sees()
        await chat.presses("健太", "回答を取り下げる")
        replies = await chat.sees()
        _shows(replies[0], BENCHMARK)
        assert (replies[-1].text, replies[-1].only_for) == (
            "この操作は、質問した方だけができます。",
            "健太",
        )

    async def test_a_private_answer_is_the_askers_until_shared(self, chat: Chat) -> None:
        await chat.commands("明美", "合成データは使っていますか")
        (reply,) = await chat.sees()
        assert ((*RATING, "共有"), "明美") == (reply.buttons, reply.only_for)
        await chat.presses("明美", "共有")
        await chat.presses("明美", "共有")
        (shared,) = (each for each in await chat.sees() if not each.only_for)
        assert ("明美", DONE) in whispered(await chat.sees())
        _shows(shared, SYNTHETIC)
        assert (RATING, None) == (shared.buttons, shared.only_for)
        assert SYNTHETIC.question in shared.text

    @pytest.mark.fault(38, 61)
    async def test_a_redelivered_question_gets_one_reply(self, chat: Chat) -> None:
        await chat.says("明美", "合成データは使っていますか")
        await chat.redelivers()
        assert len(await chat.sees()) == 1
        await chat.redelivers()
        assert len(await chat.sees()) == 1

    @pytest.mark.fault(36)
    async def test_the_same_question_by_two_members_gets_two_replies(self, chat: Chat) -> None:
        threads = {
            await chat.says("明美", "合成データは使っていますか"),
            await chat.says("健太", "合成データは使っていますか"),
        }
        replies = await chat.sees()
        assert len(replies) == 2
        assert threads == {each.thread for each in replies}

    async def test_an_overheard_question_is_answered_in_its_thread_when_sure(
        self, chat: Chat
    ) -> None:
        thread = await chat.overhears("明美", "合成データは使っていますか")
        (reply,) = await chat.sees()
        _shows(reply, SYNTHETIC)
        assert thread == reply.thread

    async def test_a_statement_is_nobodys_question(self, chat: Chat) -> None:
        await chat.overhears("明美", "合成データは使っています")
        assert await chat.sees() == ()

    async def test_a_half_sure_reply_is_kept_from_people_who_did_not_ask(self, chat: Chat) -> None:
        await chat.overhears("明美", "評価についてどう思いますか")
        assert await chat.sees() == ()

    @pytest.mark.fault(99)
    @pytest.mark.parametrize("call", ["@健太", "@係"])
    async def test_a_question_to_somebody_else_is_left_to_them(self, chat: Chat, call: str) -> None:
        await chat.overhears("明美", f"{call} 合成データは使っていますか")
        assert await chat.sees() == ()

    async def test_a_question_to_everybody_is_answered_like_any(self, chat: Chat) -> None:
        thread = await chat.overhears("明美", "@全員 合成データは使っていますか")
        (reply,) = await chat.sees()
        _shows(reply, SYNTHETIC)
        assert thread == reply.thread

    async def test_thanks_get_a_word_and_nothing_to_press(self, chat: Chat) -> None:
        await chat.says("明美", "ありがとう")
        (reply,) = await chat.sees()
        assert "いつでもどうぞ" in reply.text
        assert (reply.buttons, SYNTHETIC.question in reply.text) == ((), False)

    async def test_who_asks_what_there_is_reads_it_and_how_to_browse_here(self, chat: Chat) -> None:
        await chat.says("明美", "講師は誰ですか")  # 「一覧」 is a command of the terminal's own
        (reply,) = await chat.sees()
        assert "佐藤 一郎 先生「" in reply.text
        assert chat.browsing in reply.text

    async def test_a_lecturers_name_brings_what_they_answered(self, chat: Chat) -> None:
        await chat.says("明美", "佐藤先生")
        (offer,) = await chat.sees()
        assert all(each.question in offer.text for each in (HALLUCINATION, BENCHMARK))
        await chat.presses("明美", _button(offer, BENCHMARK))
        _shows((await chat.sees())[-1], BENCHMARK)

    async def test_who_wants_to_know_more_can_ask_with_an_empty_form(self, chat: Chat) -> None:
        await chat.says("明美", "もう少し詳しく")
        (reply,) = await chat.sees()
        assert reply.buttons == ("講師に聞く",)
        assert await chat.submits("明美", "合成データの量を教えてください") == ""
        (arrived,) = await chat.organisers_see()
        assert "合成データの量を教えてください" in arrived.text

    async def test_a_thread_gets_one_unasked_reply(self, chat: Chat) -> None:
        thread = await chat.overhears("明美", "合成データは使っていますか")
        await chat.sees()
        await chat.overhears("健太", "カリキュラム学習は検討していますか", thread=thread)
        assert len(await chat.sees()) == 1
        await chat.says("健太", "カリキュラム学習は検討していますか", thread=thread)
        replies = await chat.sees()
        assert [thread, thread] == [each.thread for each in replies]
        _shows(replies[-1], CURRICULUM)

    async def test_what_is_said_below_a_reply_is_left_to_the_people(self, chat: Chat) -> None:
        thread = await chat.says("明美", "合成データは使っていますか")
        await chat.sees()
        await chat.overhears("健太", "カリキュラム学習は検討していますか", thread=thread)
        assert len(await chat.sees()) == 1

    @pytest.mark.fault(48)
    async def test_an_edited_question_gets_one_offer_to_search_again(self, chat: Chat) -> None:
        await chat.says("明美", "円周率とは")
        await chat.sees()
        await chat.edits("合成データは使っていますか")
        await chat.edits("カリキュラム学習は検討していますか")
        (offer,) = (await chat.sees())[1:]
        assert offer.buttons == ("もう一度探す",)
        await chat.presses("明美", "もう一度探す")
        await chat.presses("明美", "もう一度探す")
        (reply,) = (await chat.sees())[2:]
        _shows(reply, CURRICULUM)

    @pytest.mark.fault(48)
    async def test_a_reply_stays_when_its_question_is_deleted(self, chat: Chat) -> None:
        await chat.says("明美", "合成データは使っていますか")
        before = await chat.sees()
        await chat.deletes()
        assert before == await chat.sees()

    async def test_a_restart_between_question_and_reply_loses_nothing(self, chat: Chat) -> None:
        await chat.restarts(before_replying_to=("明美", "合成データは使っていますか"))
        (reply,) = await chat.sees()
        _shows(reply, SYNTHETIC)

    @pytest.mark.fault(53, 65)
    async def test_buttons_work_after_a_restart(self, chat: Chat) -> None:
        await chat.says("明美", "評価について")
        (offer,) = await chat.sees()
        await chat.restarts()
        await chat.presses("明美", _button(offer, BENCHMARK))
        _shows((await chat.sees())[-1], BENCHMARK)


def _shows(reply: Shown, entry: Entry) -> None:
    words = "".join(reply.text.split())
    assert "".join(entry.answer.split()) in words
    assert "".join(entry.lecturer.split()) + "先生" in words
    assert entry.talk in reply.text


def _button(offer: Shown, entry: Entry) -> str:
    """Return the label of a candidate: its number stands before its question in the text."""
    found = re.search(rf"(\d+)\. {re.escape(entry.question)}", offer.text)
    assert found is not None
    assert found[1] in offer.buttons
    return found[1]
