"""Rows of the conformance table about whose words in a thread are for the bot."""

import pytest

from tests.fakes.faq import SYNTHETIC
from tests.platforms.chat import Chat

QUESTION, NEXT = "合成データは使っていますか", "評価について"


class More:
    """Rows of the table; ``Conformance`` has the others."""

    @pytest.mark.fault(97)
    async def test_an_answer_to_somebodys_message_is_shared_below_that_message(
        self, chat: Chat
    ) -> None:
        thread = await chat.points_at("明美", "健太", QUESTION)
        (reply,) = await chat.sees()
        assert (reply.buttons[-1], reply.only_for) == ("共有", "明美")
        await chat.presses("明美", "共有")
        (shared,) = (each for each in await chat.sees() if not each.only_for)
        assert (thread, SYNTHETIC.answer in shared.text) == (shared.thread, True)

    @pytest.mark.fault(112)
    @pytest.mark.parametrize("code", ["`@FAQ`", "``` @FAQ ```", "`@FAQ 係`"])
    async def test_a_mention_of_the_bot_in_code_calls_nobody(self, chat: Chat, code: str) -> None:
        await chat.overhears("明美", f"{code} 円周率とは何ですか？")
        assert await chat.sees() == ()

    async def test_somebody_else_in_the_thread_does_not_go_on(self, chat: Chat) -> None:
        thread = await chat.says("明美", QUESTION)
        await chat.sees()
        await chat.overhears("健太", NEXT, thread=thread)
        assert len(await chat.sees()) == 1

    @pytest.mark.fault(99)
    @pytest.mark.parametrize("call", ["@健太", "@係"])
    async def test_what_goes_on_to_other_people_is_theirs(self, chat: Chat, call: str) -> None:
        thread = await chat.says("明美", QUESTION)
        await chat.sees()
        await chat.overhears("明美", f"{call} {NEXT}", thread=thread)
        assert len(await chat.sees()) == 1

    async def test_who_asked_goes_on_once_after_each_mention(self, chat: Chat) -> None:
        thread = await chat.says("明美", QUESTION)
        await chat.sees()
        for following in (NEXT, "ベンチマークについて"):
            await chat.overhears("明美", following, thread=thread)
            assert (await chat.sees())[-1].thread == thread
            await chat.overhears("明美", "カリキュラム学習は検討していますか", thread=thread)
            before = len(await chat.sees())
            await chat.says("明美", "円周率とは", thread=thread)
            assert len(await chat.sees()) == before + 1
