"""The learning loop where Discord differs: forms, threads that can't be used, few permissions."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest

from adapters.discord.api import AT_ONCE
from adapters.discord.render import messages
from adapters.discord.views import INPUT_VALUE, form, privacy
from bot.desk import desk
from bot.domain.card import Choice, Field, Sheet
from bot.wording import Wording
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_state import (
    EPHEMERAL,
    FORUM,
    GENERAL,
    ORGANISERS,
    SILENT,
    Fault,
    form_faults,
    message_faults,
)
from tests.fakes.faq import SYNTHETIC
from tests.platforms.conformance_learning import (
    ANSWER,
    OFFER,
    QUESTION,
    answers,
    asked,
    newest,
    public,
    question_card,
    shows,
)
from tests.platforms.discord_bench import bench, settled
from tests.platforms.discord_driver import DiscordChat
from tests.platforms.organisers_cards import every_card, every_sheet

Locale = Literal["ja", "en"]
MENTION = "返信の中でボットにメンションしてください。"
LONG = "\n\n".join(f"{number} つ目の段落です。{'長い文章。' * 60}" for number in range(24))


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as made:
        yield made


@pytest.fixture
async def chat(fake: FakeDiscord, tmp_path: Path) -> AsyncIterator[DiscordChat]:
    async with DiscordChat(tmp_path, fake) as chat:
        yield chat


@pytest.mark.parametrize("worst", [False, True], ids=["short", "worst"])
@pytest.mark.parametrize("locale", ["ja", "en"])
def test_discord_accepts_every_card_of_the_loop(locale: Locale, worst: bool) -> None:
    person = "1400000000000000001"
    for name, card in every_card(locale, "discord", person, worst=worst):
        drawn = messages(card)
        for message in drawn:
            payload: dict[str, Any] = message.payload()
            assert (name, list(message_faults(payload))) == (name, [])
            # What somebody wrote pings nobody: only the one whom the card is for.
            pinged = {person} if card.ping and message is drawn[0] else set()
            allowed = payload["allowed_mentions"]
            assert (set(allowed.get("users", ())), allowed["parse"]) == (pinged, [])


@pytest.mark.parametrize("worst", [False, True], ids=["short", "worst"])
@pytest.mark.parametrize("locale", ["ja", "en"])
def test_discord_accepts_every_form_of_the_loop_and_cuts_no_words(
    locale: Locale, worst: bool
) -> None:
    for name, sheet in every_sheet(locale, INPUT_VALUE, worst=worst):
        drawn: dict[str, Any] = form(sheet)
        assert (name, list(form_faults(drawn))) == (name, [])
        filled = [each["component"].get("value", "") for each in drawn["components"]]
        for field in sheet.fields:
            if not field.spare:
                assert (name, field.text in filled) == (name, True)


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_discord_accepts_what_is_said_before_data_is_deleted(locale: Locale) -> None:
    for sure in (False, True):
        drawn: dict[str, Any] = privacy(Wording(locale).privacy(), sure=sure)
        assert list(message_faults(drawn)) == []


def test_a_choice_is_a_menu_and_a_field_for_what_it_lacks_where_there_is_room() -> None:
    chosen = Field("entry", "項目", choices=(Choice("e1", "一"), Choice("e" * 101, "長い")))
    text = Field("text", "文", text="言葉")

    def drawn(*fields: Field) -> list[tuple[int, str, bool]]:
        made: dict[str, Any] = form(Sheet("題", "閉じる", "送る", about="a", fields=fields))
        inside = [each["component"] for each in made["components"]]
        return [(each["type"], each["custom_id"], each["required"]) for each in inside]

    both = [(3, "text", False), (4, "text:typed", False)]
    assert drawn(chosen) == both
    assert drawn(Field("entry", "項目", choices=chosen.choices, typed=False)) == [(3, "text", True)]
    assert drawn(Field("entry", "項目", choices=chosen.choices[1:])) == [(4, "text", True)]
    assert len(drawn(chosen, *(text,) * 4)) == 5


async def test_an_answers_form_has_five_fields_and_a_wordings_a_menu(
    chat: DiscordChat, fake: FakeDiscord
) -> None:
    await asked(chat)
    answer = await chat.organiser_presses("講師", "回答する")
    assert answer is not None
    assert list(answer) == ["lecturer", "question", "answer", "more", "links"]
    wording = await chat.organiser_presses("講師", "既存の項目に加える")
    assert wording is not None
    assert list(wording) == ["entry", "entry:typed", "question"]
    said = await chat.organiser_submits("講師", entry="合成データ")  # typed, not chosen
    assert said == ""
    assert shows((await chat.sees())[-1], SYNTHETIC.answer)


async def test_a_question_by_a_public_command_is_linked_where_it_was_answered(
    chat: DiscordChat, fake: FakeDiscord
) -> None:
    """A command is no message: nothing can be linked to but what the bot said to it."""
    sent = await fake.commands("明美", QUESTION)
    await chat.sees()
    await chat.submits("明美", QUESTION)
    assert f"/{GENERAL}/{sent.original}" in (await question_card(chat)).text


async def test_a_form_that_is_refused_gives_back_what_was_typed(
    chat: DiscordChat, fake: FakeDiscord
) -> None:
    """Discord has closed it by then."""
    await asked(chat)
    await chat.organiser_presses("講師", "回答する")
    await chat.organiser_presses("運営", "回答する")
    await chat.organiser_submits("講師", answer="講師の言葉", lecturer="佐藤", links="evil")
    (told,) = fake.private("講師")
    assert "https:// から始まる" in told.words
    assert "講師の言葉" in told.words
    await answers(chat)
    await chat.organiser_submits("運営", answer="運営の言葉", lecturer="佐藤")
    await chat.organisers_see()
    told = fake.private("運営")[-1]
    assert "講師 さんが先に下書きを保存したため" in told.words
    assert "運営の言葉" in told.words


@pytest.mark.fault(58)
@pytest.mark.parametrize("how", ["archived", "locked", "deleted", "no permission"])
async def test_drafts_come_whatever_became_of_the_cards_thread(
    chat: DiscordChat, fake: FakeDiscord, how: str
) -> None:
    await asked(chat)
    (card,) = fake.replies(ORGANISERS)
    thread = fake.world.channels[card.id]
    thread.archived, thread.locked = how in ("archived", "locked"), how == "locked"
    if how == "deleted":
        del fake.world.channels[card.id]
    if how == "no permission":
        fake.world.denied.add("send in threads")
    await answers(chat)
    draft = await newest(chat)
    assert (draft.thread, draft.buttons[0]) == (card.id, "公開する")
    assert shows(draft, ANSWER)
    inside = fake.replies(card.id) if how == "archived" else fake.replies(ORGANISERS)[1:]
    assert [each.reply_to for each in inside] == [None if how == "archived" else card.id]
    thread.archived = how == "archived"  # folded away once more before it is changed
    await chat.organiser_presses("運営", "公開する")
    assert ("直す", "公開を取り下げる") == (await newest(chat)).buttons
    assert "公開済み（運営 さん）" in (await question_card(chat)).text
    assert shows((await chat.sees())[-1], ANSWER)


async def test_organisers_may_talk_in_a_cards_thread_and_answer_each_other(
    chat: DiscordChat, fake: FakeDiscord
) -> None:
    await asked(chat)
    (card,) = fake.replies(ORGANISERS)
    before = len(await chat.organisers_see())
    asking = await fake.says("講師", f"<@{fake.person('運営')}> どうでしょうか", card.id)
    assert len(await chat.organisers_see()) == before
    await fake.says("明美", "私もそう思います。", card.id, reply_to=asking.id)
    assert len(await chat.organisers_see()) == before
    await fake.says("運営", ANSWER, card.id, reply_to=asking.id)
    assert OFFER in (await chat.organisers_see())[-1].text


async def test_where_the_bot_may_open_no_threads_replies_to_the_card_do(
    chat: DiscordChat, fake: FakeDiscord
) -> None:
    fake.world.denied.add("threads")
    await asked(chat)
    (card,) = fake.replies(ORGANISERS)
    for text in ("返信です。", "@FAQ 返信です。"):
        await fake.says("講師", text, ORGANISERS, reply_to=card.id)
        seen = await chat.organisers_see()
        assert ("この返信を回答にする",) == seen[-1].buttons
    before = await chat.organisers_see()
    await fake.says("講師", "別の返信です。", ORGANISERS, reply_to=fake.replies(ORGANISERS)[-1].id)
    await fake.says("講師", "雑談です。", ORGANISERS)
    assert before == await chat.organisers_see()
    form = await chat.organiser_presses("運営", "この返信を回答にする")
    assert form is not None
    assert form["answer"] == "返信です。"
    await answers(chat)
    drafts = len(await public(chat))
    await asked(chat, "健太", "円周率とは何ですか？")  # the card is changed, its replies stay
    assert len(await public(chat)) == drafts
    assert "同じ質問: 2 人" in (await public(chat))[0].text


@pytest.mark.parametrize("threads", [True, False], ids=["thread", "no thread"])
async def test_a_long_answer_is_shown_changed_and_told_whole(
    chat: DiscordChat, fake: FakeDiscord, threads: bool
) -> None:
    if not threads:
        fake.world.denied.add("threads")
    await asked(chat)
    await chat.organiser_presses("講師", "回答する")
    first, rest = LONG[:3900], LONG[3900:7800]
    await chat.organiser_submits("講師", lecturer="佐藤 一郎", answer=first, more=rest)
    draft = await newest(chat)
    assert shows(draft, first, rest)
    assert draft.buttons[0] == "公開する"
    (card,) = [each for each in fake.replies(ORGANISERS) if "届きました" in each.words]
    shown = [each for each in fake.replies() if each.reply_to == card.id or each.channel == card.id]
    parts = [each for each in fake.replies() if each.flags & SILENT]
    assert parts
    assert {each.reply_to for each in parts} == {shown[0].id}
    await chat.organiser_presses("運営", "公開する")
    published = await newest(chat)
    assert shows(published, first, rest)
    assert ("直す", "公開を取り下げる") == published.buttons
    assert [each for each in fake.replies() if "公開する" in each.buttons] == []
    told = (await chat.sees())[-1]
    assert (told.pinged, shows(told, first, rest)) == ("明美", True)
    await chat.organiser_presses("運営", "直す")
    await chat.organiser_submits("運営", answer="短い回答です。", more="")
    await chat.organiser_presses("運営", "公開する")
    ended, now = [each for each in await public(chat) if each.thread]
    assert (ended.buttons, shows(ended, first, rest)) == ((), True)
    assert shows(now, "短い回答です。")


@pytest.mark.fault(56)
async def test_without_the_words_of_messages_the_card_says_how_to_reply(
    tmp_path: Path, fake: FakeDiscord
) -> None:
    fake.gateway.granted = 0
    chat = DiscordChat(tmp_path, fake, watched=())
    await chat.start()
    await asked(chat)
    assert MENTION in (await question_card(chat)).text
    await chat.organiser_replies("講師", "これは読めません。")
    assert len(await chat.organisers_see()) == 1
    await chat.organiser_replies("講師", "3.14 です。", mention=True)
    offer = (await chat.organisers_see())[-1]
    assert OFFER in offer.text
    (card,) = fake.replies(ORGANISERS)
    await fake.says("運営", "3.1415 です。", ORGANISERS, reply_to=card.id)  # which pings the bot
    assert OFFER in (await chat.organisers_see())[-1].text
    await chat.organiser_presses("講師", "対応しない")
    await chat.organiser_submits("講師", line="")
    assert MENTION not in (await question_card(chat)).text
    await chat.stop()


async def test_who_may_answer_is_not_waited_for_until_the_form_cannot_open(
    chat: DiscordChat, fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord opens a form within three seconds of the press, or not at all."""
    assert desk.PATIENCE < AT_ONCE < 3.0
    await asked(chat)
    fake.api.fail("GET /guilds/.*/members", Fault(-1, until=(told := asyncio.Event())))
    with monkeypatch.context() as there:
        there.setattr(desk, "PATIENCE", 0.1)
        assert await chat.organiser_presses("講師", "回答する") is None
    told.set()
    assert "フォームを開けませんでした。" in fake.private("講師")[-1].words
    assert await chat.organiser_presses("講師", "回答する") is not None


async def test_a_press_without_a_form_is_taken_before_anybody_is_asked(
    chat: DiscordChat, fake: FakeDiscord
) -> None:
    await asked(chat)
    await answers(chat)
    await chat.organisers_see()
    fake.api.fail("GET /guilds/.*/members", Fault(-1, until=(told := asyncio.Event())))
    await chat.organiser_presses("運営", "公開する")
    told.set()
    assert shows((await chat.sees())[-1], ANSWER)


@pytest.mark.parametrize("code", [50001, 50013])
async def test_where_discord_does_not_say_who_may_answer_nobody_may_for_now(
    chat: DiscordChat, fake: FakeDiscord, code: int
) -> None:
    await asked(chat)
    await answers(chat)
    await chat.organisers_see()
    fake.api.fail("GET /guilds/.*/members", *(Fault(403, code),) * 2)
    assert await chat.organiser_presses("講師", "回答する") is None
    await chat.organiser_presses("講師", "公開する")
    await chat.organisers_see()
    unclear = "権限を確認できませんでした。少し待ってから、もう一度お試しください。"
    assert [unclear] * 2 == [each.words for each in fake.private("講師")][-2:]
    assert "公開済み" not in (await question_card(chat)).text


async def test_a_question_asked_in_a_forum_post_is_answered_in_it(
    chat: DiscordChat, fake: FakeDiscord
) -> None:
    post = await fake.opens_post("明美", "講演について", "よろしくお願いします")
    await settled(fake)
    await chat.says("明美", QUESTION, thread=post.id)
    await chat.sees()
    await chat.submits("明美", QUESTION)
    card = await question_card(chat)
    assert f"/{post.id}/" in card.text.replace(")", "/")
    await answers(chat)
    await chat.organiser_presses("講師", "公開する")
    told = (await chat.sees())[-1]
    assert (told.thread, told.pinged, FORUM) == (
        post.id,
        "明美",
        fake.world.channels[post.id].parent,
    )


@pytest.mark.fault(59)
async def test_an_old_interaction_does_not_keep_an_answer_back(
    chat: DiscordChat, fake: FakeDiscord
) -> None:
    """The token of the command that a public question came by is over by then."""
    sent = await fake.commands("明美", QUESTION)
    await chat.sees()
    await chat.submits("明美", QUESTION)
    await answers(chat)
    await chat.organisers_see()
    for each in fake.world.interactions.values():
        each.expired = True
    await chat.organiser_presses("講師", "公開する")
    told = (await chat.sees())[-1]
    assert (told.pinged, told.only_for, shows(told, ANSWER)) == ("明美", None, True)
    assert sent.channel == GENERAL


async def test_a_reply_that_becomes_an_answer_keeps_the_names_of_channels(
    chat: DiscordChat,
) -> None:
    await asked(chat)
    await chat.organiser_replies("講師", f"資料は <#{GENERAL}> と <#123456789012345678> に。")
    form = await chat.organiser_presses("講師", "この返信を回答にする")
    assert form is not None
    assert form["answer"] == "資料は #general と   に。"


@pytest.mark.fault(85)
@pytest.mark.parametrize("broken", [False, True])
async def test_a_command_deletes_what_is_kept_of_a_member(broken: bool) -> None:
    async with bench() as discord:
        fake = discord.fake
        await fake.commands("明美", "", name="faq-privacy")
        await discord.settle()
        (shown,) = fake.private("明美")
        assert shown.flags == EPHEMERAL
        assert "元に戻せません" in shown.words
        for label, after in (
            ("自分のデータを消す", ["消す", "やめる"]),
            ("やめる", ["自分のデータを消す"]),
            ("自分のデータを消す", ["消す", "やめる"]),
        ):
            await fake.presses("明美", shown, label)
            await discord.settle()
            assert shown.buttons == after
        assert discord.desk.forgotten == []
        discord.desk.broken = broken
        await fake.presses("明美", shown, "消す")
        await discord.settle()
        assert discord.desk.forgotten == ([] if broken else [fake.person("明美")])
        key = "error.not_saved" if broken else "privacy.done"
        assert (shown.words, shown.buttons) == (discord.desk.say(key), [])
        assert fake.world.refused == []
