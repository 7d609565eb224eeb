"""Organisers reply in the threads of the cards, also before the bot knows where those stand."""

from dataclasses import replace

import pytest

from bot.domain.card import Sheet
from bot.domain.inbound import Action, MessageRef, Person, Question
from tests.desk.loop import FIELDS, QUESTION, Loop, text
from tests.fakes.faq import SYNTHETIC
from tests.fakes.waiting import until


async def test_a_reply_in_the_cards_thread_becomes_the_answer_as_it_was_edited(loop: Loop) -> None:
    await loop.ask()
    card = loop.card()
    place = replace(card.place, thread=card.id, workspace="W")
    reply = Question(MessageRef(place, "r1"), Person("講師", "講師"), "3.14 です。", False)
    assert await loop.chat.desk.hears(reply)
    assert await loop.chat.desk.receive(reply)
    await loop.chat.sees()
    await loop.chat.desk.edited(reply.ref, "3.14 くらいです。")
    sheet = await loop.opens(Action.USE_REPLY, "運営")
    assert isinstance(sheet, Sheet)
    filled = {field.name: field.text for field in sheet.fields}
    assert (filled["answer"], filled["question"]) == ("3.14 くらいです。", QUESTION)
    await loop.sends(sheet, FIELDS | {"answer": filled["answer"]}, "運営")
    await loop.does(Action.PUBLISH)
    assert [each.answer for each in loop.chat.published()] == ["3.14 くらいです。"]


async def test_only_the_threads_of_cards_are_listened_to_among_organisers(loop: Loop) -> None:
    """What organisers talk about otherwise is answered as little as in any channel."""
    await loop.ask()
    place = replace(loop.card().place, thread="a thread of their own")
    said = Question(MessageRef(place, "m"), Person("講師"), SYNTHETIC.question, addressed=False)
    assert not await loop.chat.desk.hears(said)
    on_card = replace(place, thread=loop.card().id)
    assert await loop.chat.desk.hears(replace(said, ref=MessageRef(on_card, "m")))


@pytest.mark.parametrize("mention", [True, False])
async def test_a_reply_that_comes_before_the_cards_message_is_known_is_one(
    loop: Loop, mention: bool
) -> None:
    """The card stands, but the process was cut off, or killed, before it could note where."""
    await asks_and_is_cut_off(loop)
    await loop.chat.organiser_replies("講師", SYNTHETIC.question, mention=mention)
    await loop.chat.sees()
    assert loop.lines("講師") == ["この返信を質問への回答として登録できます。"]
    assert len(loop.public()) == 1


async def test_what_is_said_in_another_thread_while_a_card_is_posted_is_no_reply(
    loop: Loop,
) -> None:
    await asks_and_is_cut_off(loop)
    place = replace(loop.card().place, thread="their own", workspace="W")
    for addressed in (False, True):
        ref = MessageRef(place, f"said {addressed}")
        said = Question(ref, Person("運営"), SYNTHETIC.question, addressed)
        assert await loop.chat.desk.hears(said)
        assert await loop.chat.desk.receive(said)
    await loop.chat.sees()
    _, answer = loop.public()
    assert (answer.place.thread, SYNTHETIC.answer in text(answer)) == ("their own", True)


async def asks_and_is_cut_off(loop: Loop) -> None:
    """Ask the lecturers; the card stands, and the connection breaks before that is known."""
    await loop.chat.says("明美", QUESTION)
    await loop.chat.sees()
    loop.chat.platform.cuts = 1
    await loop.chat.submits("明美", QUESTION)
    await until(loop.cards)


@pytest.fixture
async def open_offers(loop: Loop) -> Loop:
    """Where nothing can be shown to one person alone, as on Discord."""
    loop.chat.platform.whispers = False
    await loop.ask()
    return loop


def offers(loop: Loop) -> list[tuple[str, bool]]:
    """Return what offers say now, and whether they still have a button."""
    cards = [each for each in loop.public() if each.place.thread and len(each.card.parts) == 1]
    return [(text(each), bool(each.card.buttons)) for each in cards]


OFFER = "この返信を質問への回答として登録できます。"


async def test_replies_in_a_row_have_one_open_offer_that_takes_them_together(
    open_offers: Loop,
) -> None:
    loop = open_offers
    for words in ("三より少し大きい値です。", "ありがとう", "約 3.14 です。"):
        await loop.replies(words)
    await loop.replies("無理数です。", "運営")
    await loop.replies("超越数です。")
    assert [(OFFER, True)] * 3 == offers(loop)
    first = next(each for each in loop.public() if each.card.buttons and each.place.thread)
    sheet = await loop.opens(Action.USE_REPLY, on=first)
    assert isinstance(sheet, Sheet)
    filled = {field.name: field.text for field in sheet.fields}
    assert "三より少し大きい値です。\n\n約 3.14 です。" == filled["answer"]


async def test_an_open_offer_is_closed_once_it_is_used_or_the_question_is_done(
    open_offers: Loop,
) -> None:
    loop = open_offers
    await loop.replies("三より少し大きい値です。")
    await loop.replies("無理数です。", "運営")
    sheet = await loop.opens(Action.USE_REPLY)
    assert isinstance(sheet, Sheet)
    await loop.sends(sheet, FIELDS, "運営")
    assert [(OFFER, True), ("この返信から下書きを作りました。", False)] == offers(loop)
    await loop.does(Action.PUBLISH)
    over, used = "この質問への対応は済んでいます。", "この返信から下書きを作りました。"
    assert [(over, False), (used, False)] == offers(loop)


async def test_an_open_offer_is_closed_once_its_replies_are_deleted(open_offers: Loop) -> None:
    loop = open_offers
    replies = []
    for words in ("三より少し大きい値です。", "約 3.14 です。"):
        await loop.replies(words)
        replies.append(loop.chat.question.ref)
    await loop.chat.desk.deleted(replies[0])
    await loop.chat.sees()
    assert [(OFFER, True)] == offers(loop)
    await loop.chat.desk.deleted(replies[1])
    await loop.chat.sees()
    assert [("この返信は削除されました。", False)] == offers(loop)


async def test_what_is_only_polite_is_offered_to_nobody(loop: Loop) -> None:
    await loop.ask()
    await loop.replies("ありがとう")
    assert loop.lines("講師") == []


@pytest.mark.parametrize("whispers", [True, False])
async def test_who_calls_the_bot_below_a_question_that_is_done_is_told_so(
    loop: Loop, whispers: bool
) -> None:
    loop.chat.platform.whispers = whispers
    await loop.ask()
    await loop.answers()
    await loop.does(Action.PUBLISH)
    place = replace(loop.card().place, thread=loop.card().id, workspace="W")
    for addressed in (False, True):
        ref = MessageRef(place, f"said {addressed}")
        said = Question(ref, Person("運営"), "では、円の面積は？", addressed)
        assert await loop.chat.desk.receive(said)
    await loop.chat.sees()
    over = "この質問への対応は済んでいます。"
    private = [each.place.private_to for each in loop.cards() if text(each) == over]
    assert private == ["運営" if whispers else None]
