"""Where a reply stands on Discord, and whose words are for the bot: with the real desk."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_state import (
    BOT,
    BOT_ROLE,
    GENERAL,
    GUILD,
    ORGANISERS,
    WATCHED,
    Channel,
    snowflake,
)
from tests.fakes.faq import BENCHMARK, HALLUCINATION, SYNTHETIC
from tests.platforms.conformance_learning import answers, asked, question_card, reply_becomes
from tests.platforms.discord_driver import DiscordChat
from tests.platforms.test_discord_payloads import REPLIES


@dataclass
class Talk:
    """A chat, and the Discord that it runs on."""

    fake: FakeDiscord
    chat: DiscordChat

    async def replies(self) -> list[str]:
        """Wait until nothing is under way; return what is said for all to see."""
        await self.chat.sees()
        return [post.words for post in self.fake.replies()]


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with FakeDiscord() as fake, DiscordChat(tmp_path, fake) as chat:
        yield Talk(fake, chat)


@pytest.mark.fault(97)
@pytest.mark.parametrize("where", ["channel", "thread"])
async def test_a_message_commands_answer_is_shared_as_a_reply_to_that_message(
    talk: Talk, where: str
) -> None:
    thread = Channel(snowflake(), 11, "t", parent=GENERAL)
    talk.fake.world.channels[thread.id] = thread
    channel = thread.id if where == "thread" else GENERAL
    said = await talk.fake.says("健太", SYNTHETIC.question, channel)
    await talk.fake.says("健太", "別の話です。", channel)
    await talk.fake.chooses_on("明美", said)
    await talk.chat.sees()
    assert talk.fake.replies() == []
    await talk.chat.presses("明美", "共有")
    await talk.chat.sees()
    (shared,) = talk.fake.replies()
    assert (shared.channel, shared.reply_to) == (channel, said.id)
    assert SYNTHETIC.answer in shared.words


async def test_a_private_commands_answer_is_shared_in_the_channel(talk: Talk) -> None:
    await talk.chat.commands("明美", SYNTHETIC.question)
    await talk.chat.sees()
    await talk.chat.presses("明美", "共有")
    await talk.chat.sees()
    (shared,) = talk.fake.replies()
    assert (shared.channel, shared.reply_to) == (GENERAL, None)


@pytest.mark.parametrize("expired", [False, True], ids=["at once", "after 15 minutes"])
async def test_what_follows_a_public_command_replies_to_the_card_it_belongs_to(
    talk: Talk, expired: bool
) -> None:
    await talk.fake.commands("明美", "評価について")
    await talk.chat.sees()
    for sent in talk.fake.world.interactions.values():
        sent.expired = expired
    (offer,) = talk.fake.replies()
    await talk.fake.says("健太", "別の話です。")
    for label in (_number(offer.words, BENCHMARK.question), "どれでもない"):
        await talk.fake.presses("明美", offer, label)
        await talk.chat.sees()
    _, answer, none = talk.fake.replies()
    assert (answer.reply_to, none.reply_to) == (offer.id, offer.id)
    await talk.fake.presses("明美", answer, "違う")
    await talk.chat.sees()
    assert talk.fake.replies()[-1].reply_to == answer.id


async def test_a_thread_on_the_question_keeps_what_follows(talk: Talk) -> None:
    thread = await talk.chat.overhears("明美", SYNTHETIC.question)
    await talk.chat.sees()
    (answer,) = talk.fake.replies()
    await talk.fake.presses("明美", answer, "違う")
    await talk.chat.sees()
    assert [post.channel for post in talk.fake.replies()] == [thread, thread]


@pytest.mark.fault(112)
async def test_a_mention_calls_beside_code_and_behind_an_open_mark_but_not_in_code(
    talk: Talk,
) -> None:
    nobody = (
        f"使い方は `<@{BOT}> 申込はどこですか` です",
        f"``<@{BOT}> `と` `` と書きます。申込はどこですか",
        f"```\n<@{BOT}> 申込はどこですか\n```",
        f"```py\nask('<@!{BOT}>')\n``` 申込はどこですか",
        f"`<@&{BOT_ROLE}>` に聞けますか",
        f"`一行目\n<@{BOT}>` 申込はどこですか",
    )
    calls = (
        f"`<@{BOT}>` ではなく <@{BOT}> 円周率とは",
        f"` <@{BOT}> 円周率とは",
        f"``` <@{BOT}> 円周率とは",
        f"`円周率` とは <@&{BOT_ROLE}>",
        f"\\`<@{BOT}>\\` 円周率とは",
    )
    said = [await talk.fake.says(f"会員{n}", text) for n, text in enumerate((*nobody, *calls))]
    await talk.chat.sees()
    answered = {post.reply_to for post in talk.fake.replies()}
    assert [post.content for post in said if post.id in answered] == list(calls)


async def test_a_reply_to_the_bot_that_asks_is_answered_below_it(talk: Talk) -> None:
    await talk.chat.says("明美", SYNTHETIC.question)
    await talk.chat.sees()
    (answer,) = talk.fake.replies()
    for who, pings in (("明美", True), ("健太", False)):
        said = await talk.fake.says(who, HALLUCINATION.question, reply_to=answer.id, pings=pings)
        await talk.chat.sees()
        reply = talk.fake.replies()[-1]
        assert (reply.reply_to, HALLUCINATION.answer in reply.words) == (said.id, True)


async def test_a_reply_to_the_bot_that_the_faq_does_not_answer_is_told_so(talk: Talk) -> None:
    await talk.chat.says("明美", SYNTHETIC.question)
    await talk.chat.sees()
    (answer,) = talk.fake.replies()
    said = await talk.fake.says("健太", "円周率とは何ですか？", reply_to=answer.id)
    await talk.chat.sees()
    declined = talk.fake.replies()[-1]
    assert (declined.reply_to, declined.buttons) == (said.id, ["講師に聞く"])


async def test_a_reply_to_the_bot_that_asks_nothing_gets_silence(talk: Talk) -> None:
    await talk.chat.says("明美", SYNTHETIC.question)
    await talk.chat.sees()
    (answer,) = talk.fake.replies()
    for said in ("ありがとう", "なるほど、よく分った。", "👍", f"`<@{BOT}>` と書くのですね。"):
        await talk.fake.says("健太", said, reply_to=answer.id)
    assert len(await talk.replies()) == 1


async def test_a_reply_to_the_bot_for_somebody_else_is_theirs(talk: Talk) -> None:
    await talk.chat.says("明美", SYNTHETIC.question)
    await talk.chat.sees()
    (answer,) = talk.fake.replies()
    text = f"<@{talk.fake.person('太郎')}> {HALLUCINATION.question}"
    await talk.fake.says("健太", text, reply_to=answer.id)
    assert len(await talk.replies()) == 1


async def test_what_organisers_reply_to_a_question_for_them_is_an_answer_and_not_searched(
    talk: Talk,
) -> None:
    await talk.chat.says("明美", "円周率とは")
    await talk.chat.sees()
    await talk.chat.submits("明美")
    await talk.chat.organisers_see()
    post = talk.fake.replies()[-1]
    await talk.fake.says("係", "円周率は 3.14 ですか", post.channel, reply_to=post.id)
    _, offered = await talk.chat.organisers_see()
    assert offered.buttons == ("この返信を回答にする",)


@pytest.mark.fault(57)
@pytest.mark.parametrize("how", ["mention", "watched"])
async def test_an_answer_that_could_not_be_posted_names_channel_and_question(
    talk: Talk, how: str
) -> None:
    talk.fake.world.denied |= {"send", "send in threads", "threads"}
    channel = GENERAL if how == "mention" else WATCHED
    text = f"@FAQ {SYNTHETIC.question}" if how == "mention" else SYNTHETIC.question
    said = await talk.fake.says("明美", text, channel)
    await talk.chat.sees()
    (told,) = talk.fake.private("明美")
    assert talk.fake.world.channels[told.channel].recipient == talk.fake.person("明美")
    assert SYNTHETIC.question in told.words
    assert f"https://discord.com/channels/{GUILD}/{channel}/{said.id}" in told.words


def _number(words: str, question: str) -> str:
    """Return the number of a candidate in an offer."""
    return words[: words.index(f". {question}")].split()[-1]


async def test_what_is_asked_after_a_lecturers_answer_leads_to_that_answer(talk: Talk) -> None:
    chat, fake = talk.chat, talk.fake
    await asked(chat)
    await answers(chat)
    await chat.organiser_presses("講師", "公開する")
    await chat.sees()
    told = fake.replies(GENERAL)[-1]
    await chat.presses("明美", "違う")
    await chat.sees()
    await chat.submits("明美", "では、円の面積は？")
    where = f"https://discord.com/channels/{GUILD}/{GENERAL}/{told.id}"
    assert where in (await question_card(chat)).text


async def test_what_a_lecturer_answered_directly_is_taken_back_there(talk: Talk) -> None:
    chat = talk.chat
    await chat.commands("明美", "円周率とは何ですか")
    await chat.sees()
    await chat.submits("明美")
    await answers(chat)
    await chat.organiser_presses("講師", "公開する")
    for label in ("違う", "回答を取り下げる"):
        (told, *_) = await chat.sees_direct("明美")
        assert told.buttons == ("役に立った", "違う")
        await chat.presses("明美", label)
    (told, *_) = await chat.sees_direct("明美")
    assert told.text == "質問した方の希望により、この回答を取り下げました。"


async def test_a_reply_that_is_deleted_in_a_thread_that_is_not_known_is_no_answer(
    talk: Talk,
) -> None:
    chat = talk.chat
    await asked(chat)
    await chat.organiser_replies("講師", "円の周の長さを直径で割った値です。")
    assert (await chat.organisers_see())[-1].buttons == ("この返信を回答にする",)
    await chat.deletes()
    assert (await chat.organisers_see())[-1].text == "この返信は削除されました。"


@pytest.mark.parametrize("edited", [False, True], ids=["as it came", "edited"])
async def test_whom_and_what_a_reply_names_stands_in_the_answer(talk: Talk, edited: bool) -> None:
    chat, kenta = talk.chat, talk.fake.person("健太")
    reply = (
        f"<@{BOT}> <@{kenta}> さんと <@&777> の <#{GENERAL}> です <:logo:12> "
        f"`<@{kenta}>` @here <@&{BOT_ROLE}>"
    )
    await asked(chat)
    await chat.organiser_replies("講師", f"<@{BOT}> 書きかけ" if edited else reply)
    if edited:
        await chat.organiser_edits(reply)
    await chat.organisers_see()
    form = await chat.organiser_presses("講師", "この返信を回答にする")
    assert form is not None
    name = talk.fake.world.channels[GENERAL].name
    seen = f"@健太 さんと @係 の #{name} です :logo: `<@{kenta}>` @here"
    assert seen == form["answer"]


@pytest.mark.fault(85)
@pytest.mark.parametrize("archived", [False, True], ids=["open", "folded away"])
async def test_the_thread_on_a_card_is_not_called_by_what_was_forgotten(
    talk: Talk, archived: bool
) -> None:
    chat, channels = talk.chat, talk.fake.world.channels
    await asked(chat)
    await asked(chat, "健太", "円周率とは何ですか？")
    card = next(each for each in talk.fake.replies() if each.channel == ORGANISERS)
    assert channels[card.id].name == "円周率とは何ですか"
    for who, name in (
        ("明美", "円周率とは何ですか？"),
        ("健太", "(本人の希望により削除されました)"),
    ):
        channels[card.id].archived = archived
        await chat.forgets(who)
        await chat.organisers_see()
        assert channels[card.id].name == name


async def test_a_card_without_a_thread_goes_too(talk: Talk) -> None:
    chat = talk.chat
    talk.fake.world.denied.add("threads")
    await asked(chat)
    await chat.forgets("明美")
    assert (await question_card(chat)).text == "(本人の希望により削除されました)"


@pytest.mark.parametrize("left_open", [False, True], ids=["all marks", "open marks"])
async def test_a_reply_becomes_the_answer_that_members_see(talk: Talk, left_open: bool) -> None:
    """What is left open reaches on, and a quote to the end: each stands last."""
    last = "open marks" if left_open else "quotes"
    parts = (*(REPLIES[of] for of in REPLIES if of not in ("open marks", "quotes")), REPLIES[last])
    written, seen = ("\n\n".join(each) for each in zip(*parts, strict=True))
    await asked(talk.chat)
    await talk.chat.organiser_replies("講師", written)
    await reply_becomes(talk.chat, seen)
