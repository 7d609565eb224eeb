"""What a form holds as a draft, and what becomes of it."""

import pytest

from bot.domain.card import Card, Sheet
from bot.domain.inbound import Action, Circle
from tests.desk.loop import FIELDS, Loop, labels, text
from tests.fakes.faq import CURRICULUM, HALLUCINATION, SYNTHETIC


async def test_a_talk_that_is_cleared_stays_cleared(loop: Loop) -> None:
    await loop.ask()
    await loop.answers(FIELDS | {"talk": SYNTHETIC.talk})
    await loop.sends(await loop.opens(Action.EDIT), FIELDS | {"talk": ""})
    await loop.does(Action.PUBLISH)
    assert [""] == [each.talk for each in loop.chat.published()]


async def test_another_lecturer_does_not_get_the_talk_that_the_form_was_filled_in_with(
    loop: Loop,
) -> None:
    await loop.ask(text="円周率を求める合成データとは")
    sheet = await loop.opens(Action.ANSWER)
    assert isinstance(sheet, Sheet)
    filled = {each.name: each.text for each in sheet.fields}
    assert (filled["lecturer"], filled["talk"]) == (SYNTHETIC.lecturer, SYNTHETIC.talk)
    for lecturer, talk, kept in (
        (HALLUCINATION.lecturer, SYNTHETIC.talk, HALLUCINATION.talk),
        ("鈴木 次郎", HALLUCINATION.talk, ""),
        ("鈴木 次郎", SYNTHETIC.talk, SYNTHETIC.talk),  # chosen for them
    ):
        await loop.sends(sheet, FIELDS | {"lecturer": lecturer, "talk": talk})
        assert f"talk='{kept}'" in text(loop.public()[-1])
        sheet = await loop.opens(Action.EDIT)


@pytest.mark.parametrize("published", [False, True], ids=["given up", "taken back"])
async def test_who_does_the_same_a_moment_later_reads_who_did(loop: Loop, published: bool) -> None:
    await loop.ask()
    await loop.answers()
    if published:
        await loop.does(Action.PUBLISH)
    late = loop.press(Action.WITHDRAW if published else Action.DISCARD, "運営")
    await loop.does(late.action)
    await loop.chat.desk.take(late)
    await loop.chat.sees()
    assert loop.lines("運営") == ["講師 さんがすでに対応しました。"]


async def test_a_title_alone_is_no_lecturer(loop: Loop) -> None:
    await loop.ask()
    said = await loop.sends(await loop.opens(Action.ANSWER), FIELDS | {"lecturer": " 先生"})
    assert isinstance(said, Card)
    assert "講師" in str(said.parts[0])


async def test_whoever_may_close_no_more_gets_back_what_they_typed(loop: Loop) -> None:
    await loop.ask()
    sheet = await loop.opens(Action.CLOSE)
    loop.chat.platform.circle = Circle.ROLE
    await loop.sends(sheet, {"line": "次回の講演で扱います。"}, "明美")
    assert "次回の講演で扱います。" in text(loop.chat.platform.posted[-1])


async def test_where_a_form_has_no_room_for_the_talk_it_goes_with_the_lecturer(loop: Loop) -> None:
    await loop.ask()
    await loop.answers(FIELDS | {"lecturer": SYNTHETIC.lecturer})
    assert SYNTHETIC.talk in text(loop.public()[-1])
    await loop.sends(await loop.opens(Action.EDIT), FIELDS)
    assert HALLUCINATION.talk in text(loop.public()[-1])


async def test_a_wording_of_an_entry_that_is_gone_by_then_is_not_published(loop: Loop) -> None:
    """There would be nothing to tell whoever asked, and it was told them."""
    await loop.ask()
    fields = {"entry": SYNTHETIC.id, "question": HALLUCINATION.question}
    await loop.sends(await loop.opens(Action.ADD_WORDING), fields)
    loop.faq.replace((CURRICULUM, HALLUCINATION))
    await loop.does(Action.PUBLISH_ANYWAY)
    assert "加える先の項目が FAQ にないため、公開できません。" in loop.lines("講師")[-1]
    assert loop.chat.published() == ()
    assert not [each for each in loop.chat.platform.posted if each.card.ping]
    await loop.does(Action.DISCARD)
    assert labels(loop.card()) == ["回答する", "既存の項目に加える", "対応しない"]


async def test_where_whoever_asked_is_forgotten_nobody_is_said_to_be_told(loop: Loop) -> None:
    await loop.ask()
    await loop.answers()
    await loop.chat.desk.forget("明美")
    await loop.chat.sees()
    await loop.sends(await loop.opens(Action.EDIT), FIELDS)
    await loop.does(Action.PUBLISH)
    assert len(loop.chat.published()) == 1
    assert loop.lines("講師")[-1] == "公開しました。これからの質問に、この内容で回答します。"
