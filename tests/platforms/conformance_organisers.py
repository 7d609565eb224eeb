"""Rows of the conformance table about who may do what in the loop, and two who do it at once."""

import pytest

from tests.fakes.faq import SYNTHETIC
from tests.platforms.chat import Chat, Shown
from tests.platforms.conformance_learning import (
    ANSWER,
    OPEN,
    answers,
    asked,
    newest,
    public,
    question_card,
    shows,
)

REFUSED = "この操作は、運営のチャンネルに参加している方だけができます。"
STALE = "このボタンは古くなっています。新しい下書きをご覧ください。"


class Organisers:
    """Rows of the table; ``Conformance`` has the others."""

    @pytest.mark.fault(91)
    async def test_of_two_who_answer_at_once_the_first_counts(self, chat: Chat) -> None:
        await asked(chat)
        for who in ("講師", "運営"):
            await chat.organiser_presses(who, "回答する")
        for who in ("講師", "運営"):
            await answers(chat, who, form=False)
        drafts = [each for each in await public(chat) if each.thread]
        assert len(drafts) == 1
        first, other = await _of_two(chat)
        line = f"{first} さんが先に下書きを保存したため、保存できませんでした。"
        told = _told(await chat.organisers_see(), other)
        assert line in told
        assert ANSWER.splitlines()[0] in told, "what was typed isn't lost"

    async def test_of_two_who_publish_at_once_one_does(self, chat: Chat) -> None:
        await asked(chat)
        await answers(chat)
        await chat.organisers_press("公開する", "運営", "講師")
        told = [each for each in await chat.sees() if each.pinged]
        assert len(told) == 1
        first, other = await _of_two(chat)
        seen = await chat.organisers_see()
        assert "公開しました。" in _told(seen, first)
        assert f"{first} さんがすでに対応しました。" in _told(seen, other)

    async def test_of_two_who_close_and_answer_the_first_counts(self, chat: Chat) -> None:
        await asked(chat)
        await chat.organiser_presses("講師", "回答する")
        await chat.organiser_presses("運営", "対応しない")
        await chat.organiser_submits("運営", line="")
        await answers(chat, form=False)
        assert [each for each in await public(chat) if each.thread] == []
        assert "運営 さんがすでに対応しました。" in _told(await chat.organisers_see(), "講師")

    async def test_a_draft_that_was_written_anew_is_not_published(self, chat: Chat) -> None:
        await asked(chat)
        await answers(chat)
        await chat.organiser_presses("講師", "直す")
        await chat.organiser_presses("運営", "直す")
        await chat.organiser_submits("講師", answer="講師の言葉")
        await chat.organiser_submits("運営", answer="運営の言葉")
        before, after = (each for each in await public(chat) if each.thread)
        assert ((), ("公開する", "直す", "やめる")) == (before.buttons, after.buttons)
        first, other = ("講師", "運営") if shows(after, "講師の言葉") else ("運営", "講師")
        assert f"{first} さんが先に" in _told(await chat.organisers_see(), other)

    async def test_beside_a_draft_no_form_opens_that_could_not_be_saved(self, chat: Chat) -> None:
        await chat.asks_for_another_reviewer()
        await asked(chat)
        answer, wording = {"lecturer": "佐藤", "answer": ANSWER}, {"entry": SYNTHETIC.id}
        for who, label, fields, other in (
            ("講師", "回答する", answer, "既存の項目に加える"),
            ("運営", "既存の項目に加える", wording, "回答する"),
        ):
            await chat.organiser_presses(who, label)
            await chat.organiser_submits(who, **fields)
            assert await chat.organiser_presses("運営", other) is None
            told = _told(await chat.organisers_see(), "運営")
            assert f"下書きがあります（{who} さん）。先に、スレッドにある下書きを" in told
            await chat.organiser_presses("運営", "やめる")

    @pytest.mark.fault(88)
    async def test_a_double_press_does_its_work_once(self, chat: Chat) -> None:
        await asked(chat)
        await answers(chat)
        await chat.organisers_press("公開する", "講師", "講師")
        assert len([each for each in await chat.sees() if each.pinged]) == 1

    @pytest.mark.fault(89)
    async def test_who_is_no_organiser_opens_and_does_nothing(self, chat: Chat) -> None:
        await asked(chat)
        for label in OPEN:
            assert await chat.organiser_presses("明美", label) is None
        assert REFUSED in _told(await _everything(chat), "明美")
        await answers(chat)
        before = await public(chat)
        for label in ("公開する", "直す", "やめる"):
            assert await chat.organiser_presses("健太", label) is None
        assert REFUSED in _told(await _everything(chat), "健太")
        assert before == await public(chat)

    @pytest.mark.fault(89)
    async def test_rights_that_were_lost_a_second_before_are_lost(self, chat: Chat) -> None:
        await asked(chat)
        await chat.organiser_presses("講師", "回答する")
        await chat.leaves_organisers("講師")
        await answers(chat, form=False)
        assert [each for each in await public(chat) if each.thread] == []
        assert REFUSED in _told(await _everything(chat), "講師")

    async def test_another_person_must_publish_where_that_is_asked_for(self, chat: Chat) -> None:
        await chat.asks_for_another_reviewer()
        await asked(chat)
        await answers(chat)
        second = "公開するには、書いた方とは別の方が「公開する」を押してください。"
        assert second in (await newest(chat)).text
        await chat.organiser_presses("講師", "公開する")
        needed = "公開するには、書いた方とは別の方の確認が必要です。"
        assert needed in _told(await chat.organisers_see(), "講師")
        assert [each for each in await chat.sees() if each.pinged] == []
        await chat.organiser_presses("運営", "公開する")
        assert len([each for each in await chat.sees() if each.pinged]) == 1

    async def test_who_wrote_the_reply_may_not_publish_it_then(self, chat: Chat) -> None:
        await chat.asks_for_another_reviewer()
        await asked(chat)
        await chat.organiser_replies("講師", ANSWER)
        await chat.organisers_see()
        await chat.organiser_presses("講師", "この返信を回答にする")
        await chat.organiser_submits("講師", lecturer="佐藤 一郎")
        await chat.organiser_presses("運営", "直す")
        await chat.organiser_submits("運営", links="https://example.org/pi")
        for who in ("講師", "運営"):
            await chat.organiser_presses(who, "公開する")
            assert "別の方の確認が必要です。" in _told(await chat.organisers_see(), who)
        assert [each for each in await chat.sees() if each.pinged] == []

    async def test_a_wording_needs_a_second_person_then_too(self, chat: Chat) -> None:
        await chat.asks_for_another_reviewer()
        await asked(chat)
        await chat.organiser_presses("講師", "既存の項目に加える")
        await chat.organiser_submits("講師", entry=SYNTHETIC.id)
        draft = await newest(chat)
        assert draft.buttons == ("公開する", "やめる")
        assert [each for each in await chat.sees() if each.pinged] == []
        await chat.organiser_presses("運営", "公開する")
        assert shows((await chat.sees())[-1], SYNTHETIC.answer)

    @pytest.mark.fault(53)
    async def test_forged_buttons_do_nothing(self, chat: Chat) -> None:
        await asked(chat)
        gone = "このボタンは、もう使えません。"
        for label in OPEN:
            assert await chat.organiser_presses("講師", label, about="nothing") is None
        assert gone in _told(await chat.organisers_see(), "講師")
        await answers(chat)
        before = await public(chat)
        for argument in ("nothing", "nothing-1", "-1", "1-1-1"):
            await chat.organiser_presses("運営", "公開する", argument=argument)
            await chat.organiser_presses("運営", "やめる", argument=argument)
            assert await chat.organiser_presses("運営", "直す", argument=argument) is None
        assert STALE in _told(await chat.organisers_see(), "運営")
        assert before == await public(chat)
        assert [each for each in await chat.sees() if each.pinged] == []


async def _of_two(chat: Chat) -> tuple[str, str]:
    """Return which of the organisers moved the newest question last, and the other one."""
    by_the_lecturer = "講師 さん）" in (await question_card(chat)).text
    return ("講師", "運営") if by_the_lecturer else ("運営", "講師")


async def _everything(chat: Chat) -> tuple[Shown, ...]:
    return (*await chat.sees(), *await chat.organisers_see())


def _told(seen: tuple[Shown, ...], who: str) -> str:
    """Return all that one person alone was told."""
    return "\n".join(each.text for each in seen if each.only_for == who)
