"""Rows of the conformance table about who goes on, and about what is somebody's own."""

import pytest

from tests.platforms.chat import Chat, whispered

OTHERS = "この操作は、質問した方だけができます。"


class Talk:
    """Rows of the table; ``Conformance`` has the others."""

    async def test_who_asked_goes_on_in_the_thread_without_a_mention_once(self, chat: Chat) -> None:
        thread = await chat.says("明美", "円周率とは")
        await chat.sees()
        await chat.overhears("明美", "評価について", thread=thread)
        (_, offer) = await chat.sees()
        assert (thread, "どれでもない") == (offer.thread, offer.buttons[-1])
        await chat.overhears("明美", "合成データは使っていますか", thread=thread)
        assert len(await chat.sees()) == 2

    @pytest.mark.parametrize(
        "said",
        [
            "ありがとう",
            "円周率とは何ですか",
            "合成データは使っていますか",
            "合成データは使っていますよ",
            "> ハルシネーションはどのように評価しますか\n楽しみです",
            "評価について調べました",
        ],
        ids=["thanks", "not in the faq", "the same again", "the same answer", "a quote", "told"],
    )
    async def test_what_goes_on_without_a_question_of_its_own_gets_silence(
        self, chat: Chat, said: str
    ) -> None:
        thread = await chat.says("明美", "合成データは使っていますか")
        await chat.sees()
        await chat.overhears("明美", said, thread=thread)
        assert len(await chat.sees()) == 1

    async def test_who_wants_more_below_an_answer_is_told_how(self, chat: Chat) -> None:
        thread = await chat.says("明美", "合成データは使っていますか")
        await chat.sees()
        await chat.overhears("明美", "もう少し詳しく", thread=thread)
        (_, reply) = await chat.sees()
        assert (reply.thread, "講師に聞く" in reply.buttons) == (thread, True)

    @pytest.mark.fault(96)
    async def test_what_was_asked_in_private_stays_the_askers(self, chat: Chat) -> None:
        await chat.commands("明美", "評価のベンチマークはどのように選びますか")
        await chat.sees()
        await chat.presses("明美", "共有")
        await chat.sees()
        await chat.presses("健太", "役に立った")
        assert ("健太", OTHERS) in whispered(await chat.sees())
        await chat.presses("明美", "違う")
        await chat.sees()
        await chat.presses("健太", "どれでもない")
        await chat.presses("明美", "どれでもない")
        await chat.sees()
        assert await chat.submits("健太", "円周率とは") == ""
