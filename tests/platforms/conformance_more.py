"""Rows of the conformance table about whose words are for the bot, and which of them."""

import pytest

from tests.fakes.faq import SYNTHETIC
from tests.platforms.chat import Chat, whispered

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

    @pytest.mark.fault(30)
    @pytest.mark.parametrize(
        "said", [f"> {QUESTION}？\n賛成です。", f"賛成です。\n>>> {QUESTION}？\nです。"]
    )
    async def test_what_is_overheard_in_a_quote_was_asked_by_somebody_else(
        self, chat: Chat, said: str
    ) -> None:
        await chat.overhears("明美", said)
        assert await chat.sees() == ()
        await chat.overhears("明美", f"> 賛成です。\n{QUESTION}？")
        assert len(await chat.sees()) == 1

    @pytest.mark.fault(48)
    async def test_who_edits_once_more_hears_that_the_search_was_made(self, chat: Chat) -> None:
        await chat.says("明美", "円周率とは")
        await chat.sees()
        for words in (QUESTION, NEXT):
            await chat.edits(words)
            await chat.sees()
            await chat.presses("明美", "もう一度探す")
            seen = await chat.sees()
        assert [("明美", "この操作は、すでに受け付けています。")] == whispered(seen)
