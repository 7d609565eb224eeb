"""What the desk posts, as Discord gets it: once, whole, in its place."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.domain.card import Button, Card, Credit, Kind, Outgoing, Quote, Say
from bot.domain.inbound import Action, MessageRef, Place
from bot.domain.ports import Gone, NotAllowed, RateLimited, Unreachable
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_state import (
    APP,
    BOT,
    EPHEMERAL,
    FORUM,
    GENERAL,
    GUILD,
    LOADING,
    WATCHED,
    Channel,
    Fault,
    Interaction,
    Post,
    snowflake,
)
from tests.platforms.discord_bench import Bench, bench

USEFUL = Button("役に立った", Action.USEFUL, "01JASK", "0")
ANSWER = Card((Quote("使っています。"), Credit("河原 先生", "評価")), (USEFUL,))
LONG = Card((Say("質問への回答です。"), Quote("長い答えです。" * 1500), Credit("河原", "")),
            (USEFUL,))  # fmt: skip
SHORT = Card((Say("お答えできませんでした。"),))


@pytest.fixture
async def discord() -> AsyncIterator[Bench]:
    async with bench() as made:
        yield made
        assert made.fake.world.refused == []


async def test_a_reply_stands_below_its_question(discord: Bench) -> None:
    asked = _asked(discord.fake)
    ref = await _send(discord, ANSWER, _reply(asked))
    (post,) = discord.fake.replies()
    assert (post.reply_to, post.id, post.channel) == (asked.id, ref.message, GENERAL)
    assert post.words == "河原 先生\n使っています。\n評価"
    assert post.custom_id("役に立った") == "faq:useful:01JASK:0"


async def test_without_its_handle_a_reply_still_finds_its_question(discord: Bench) -> None:
    asked = _asked(discord.fake)
    await _send(discord, ANSWER, replace(_reply(asked), handle=None))
    assert [post.reply_to for post in discord.fake.replies()] == [asked.id]


async def test_a_reply_in_a_thread_stays_in_it(discord: Bench) -> None:
    thread = _thread(discord.fake, "30")
    asked = _asked(discord.fake, thread.id)
    place = Place("discord", GUILD, GENERAL, thread.id, handle=f"within:{asked.id}")
    await _send(discord, ANSWER, place)
    await _send(discord, SHORT, replace(place, handle=None), "o2")
    posts = discord.fake.replies(thread.id)
    assert [post.reply_to for post in posts] == [asked.id, None]


async def test_a_forum_post_is_answered_within_it_though_it_has_its_first_messages_id(
    discord: Bench,
) -> None:
    post = await discord.fake.opens_post("明美", "合成データについて", "使いましたか？")
    place = Place("discord", GUILD, FORUM, post.id, handle=f"within:{post.id}")
    ref = await _send(discord, ANSWER, place)
    await _send(discord, SHORT, replace(place, handle=None), "o2")
    assert [each.channel for each in discord.fake.replies()] == [post.id, post.id]
    assert discord.fake.replies()[0].reply_to == post.id
    assert await discord.discord.platform.find(Outgoing("o1", place, ANSWER)) == ref


async def test_a_watched_question_gets_a_thread_named_after_it(discord: Bench) -> None:
    asked = _asked(discord.fake, WATCHED, "\n合成データは使っていますか？\n詳しく")
    place = _watched(asked)
    ref = await _send(discord, ANSWER, place)
    await _send(discord, SHORT, replace(place, handle=None), "o2")
    assert discord.fake.world.channels[asked.id].name == "合成データは使っていますか？"
    assert [post.channel for post in discord.fake.replies()] == [asked.id, asked.id]
    assert ref.place.thread == asked.id


@pytest.mark.fault(57)
@pytest.mark.parametrize("denied", ["threads", "send in threads"])
async def test_without_the_permission_for_threads_it_is_a_reply(
    discord: Bench, denied: str
) -> None:
    discord.fake.world.denied.add(denied)
    asked = _asked(discord.fake, WATCHED)
    ref = await _send(discord, ANSWER, _watched(asked))
    (post,) = discord.fake.replies(WATCHED)
    assert (post.reply_to, ref.place.thread) == (asked.id, None)


async def test_a_thread_name_is_cut_to_what_discord_takes(discord: Bench) -> None:
    asked = _asked(discord.fake, WATCHED, "質問" * 90)
    await _send(discord, ANSWER, _watched(asked))
    assert discord.fake.world.channels[asked.id].name == "質問" * 50


@pytest.mark.fault(68)
async def test_a_long_answer_comes_whole_in_parts_that_reply_to_the_first(
    discord: Bench,
) -> None:
    asked = _asked(discord.fake)
    await _send(discord, LONG, _reply(asked))
    first, *rest = discord.fake.replies()
    assert len(rest) >= 1
    assert [post.reply_to for post in (first, *rest)] == [asked.id, *(first.id for _ in rest)]
    words = "".join("".join(post.words for post in (first, *rest)).split())
    assert words.count("長い答えです。") == 1500
    assert [bool(post.buttons) for post in (first, *rest)] == [*(False for _ in rest), True]


@pytest.mark.parametrize("keeps_nonces", [True, False], ids=["nonce", "looks"])
@pytest.mark.parametrize("card", [ANSWER, LONG, SHORT], ids=["answer", "long", "short"])
async def test_what_was_posted_is_found_and_not_repeated(
    discord: Bench, card: Card, keeps_nonces: bool
) -> None:
    asked = _asked(discord.fake)
    ref = await _send(discord, card, _reply(asked))
    before = len(discord.fake.replies())
    discord.fake.world.nonces.clear()  # minutes later
    discord.fake.world.keeps_nonces = keeps_nonces
    outgoing = Outgoing("o1", _reply(asked), card)
    assert await discord.discord.platform.find(outgoing) == ref
    assert len(discord.fake.replies()) == before


@pytest.mark.fault(47)
async def test_a_card_that_came_out_in_part_is_completed(discord: Bench) -> None:
    asked = _asked(discord.fake)
    discord.fake.api.fail("POST /channels/.*/messages", Fault(-1), Fault(503))
    with pytest.raises(Unreachable):
        await _send(discord, LONG, _reply(asked))
    discord.fake.world.nonces.clear()
    outgoing = Outgoing("o1", _reply(asked), LONG)
    assert await discord.discord.platform.find(outgoing) is None
    await discord.discord.platform.send(outgoing)
    words = "".join(post.words for post in discord.fake.replies())
    assert words.count("質問への回答です。") == 1


async def test_two_answers_that_look_alike_are_told_apart(discord: Bench) -> None:
    asked, other = _asked(discord.fake), _asked(discord.fake)
    await _send(discord, SHORT, _reply(other))
    discord.fake.world.keeps_nonces = False
    assert await discord.discord.platform.find(Outgoing("o2", _reply(asked), SHORT)) is None


@pytest.mark.fault(47)
async def test_a_post_that_took_effect_without_an_answer_is_not_doubled(
    discord: Bench,
) -> None:
    asked = _asked(discord.fake)
    discord.fake.api.fail("POST /channels/.*/messages", Fault(0, after=True))
    with pytest.raises(Unreachable):
        await _send(discord, ANSWER, _reply(asked))
    assert await discord.discord.platform.find(Outgoing("o1", _reply(asked), ANSWER)) is not None
    await _send(discord, ANSWER, _reply(asked))  # the nonce keeps even this from doubling it
    assert len(discord.fake.replies()) == 1


async def test_a_commands_answer_takes_the_place_of_thinking(discord: Bench) -> None:
    sent = _command(discord.fake, private=False)
    ref = await _send(discord, ANSWER, _answering(sent))
    (post,) = discord.fake.replies()
    assert (post.id, post.id) == (sent.original, ref.message)
    assert post.words == "> 合成は？\n河原 先生\n使っています。\n評価"
    outgoing = Outgoing("o1", _answering(sent), ANSWER)
    assert await discord.discord.platform.find(outgoing) == ref


async def test_a_command_that_still_waits_is_not_taken_for_answered(discord: Bench) -> None:
    sent = _command(discord.fake, private=False)
    await _send(discord, SHORT, Place("discord", GUILD, GENERAL))
    discord.fake.world.keeps_nonces = False
    assert await discord.discord.platform.find(Outgoing("o2", _answering(sent), SHORT)) is None


async def test_a_long_answer_to_a_command_goes_on_below_it(discord: Bench) -> None:
    sent = _command(discord.fake, private=False)
    await _send(discord, LONG, _answering(sent))
    first, *rest = discord.fake.replies()
    assert (first.id, {post.reply_to for post in rest}) == (sent.original, {first.id})


@pytest.mark.fault(59)
async def test_a_command_whose_token_is_over_is_answered_by_a_message(
    discord: Bench,
) -> None:
    sent = _command(discord.fake, private=False)
    sent.expired = True
    await _send(discord, ANSWER, _answering(sent))
    (post,) = discord.fake.replies()
    assert post.words == "> 合成は？\n河原 先生\n使っています。\n評価"


@pytest.mark.fault(57)
async def test_a_command_is_answered_where_the_bot_may_not_write(discord: Bench) -> None:
    discord.fake.world.denied.add("send")
    sent = _command(discord.fake, private=False)
    await _send(discord, LONG, _answering(sent))
    assert len(discord.fake.replies()) > 1


async def test_a_private_answer_is_seen_by_one_person(discord: Bench) -> None:
    sent = _command(discord.fake, private=True)
    place = replace(_answering(sent), private_to=sent.user)
    await _send(discord, ANSWER, place, kind=Kind.PRIVATE)
    pressed = replace(place, handle=f"pressed:{APP}:{sent.token}:")
    await _send(discord, SHORT, pressed, "o2", kind=Kind.PRIVATE)
    posts = discord.fake.private("明美")
    assert [post.flags for post in posts] == [EPHEMERAL, EPHEMERAL]
    assert "合成は？" not in posts[0].words
    assert discord.fake.replies() == []


@pytest.mark.fault(59)
async def test_too_late_for_a_private_answer_it_is_a_direct_message(
    discord: Bench,
) -> None:
    sent = _command(discord.fake, private=True)
    sent.expired = True
    await _send(discord, ANSWER, replace(_answering(sent), private_to=sent.user), kind=Kind.PRIVATE)
    (post,) = discord.fake.private("明美")
    assert discord.fake.world.channels[post.channel].recipient == sent.user


@pytest.mark.fault(57)
async def test_closed_direct_messages_are_not_tried_again(discord: Bench) -> None:
    discord.fake.world.denied.add("dm")
    place = Place("discord", GUILD, GENERAL, private_to=discord.fake.person("明美"))
    with pytest.raises(NotAllowed):
        await _send(discord, SHORT, place, kind=Kind.PRIVATE)


async def test_an_edit_takes_the_place_of_all_parts(discord: Bench) -> None:
    asked = _asked(discord.fake)
    ref = await _send(discord, LONG, _reply(asked))
    neighbour = await _send(discord, SHORT, _reply(_asked(discord.fake)), "o2")
    edit = Outgoing("o3", ref.place, SHORT, Kind.EDIT, edits=ref.message)
    for _ in range(2):
        await discord.discord.platform.send(edit)
    assert [post.id for post in discord.fake.replies()] == [ref.message, neighbour.message]
    assert discord.fake.replies()[0].words == "お答えできませんでした。"
    assert discord.fake.replies()[0].buttons == []


@pytest.mark.fault(58)
async def test_a_folded_thread_is_opened_and_a_locked_one_is_given_up(
    discord: Bench,
) -> None:
    thread = _thread(discord.fake, "31")
    place = Place("discord", GUILD, GENERAL, thread.id)
    thread.archived = True
    await _send(discord, SHORT, place)
    assert (len(discord.fake.replies(thread.id)), thread.archived) == (1, False)
    thread.archived = thread.locked = True
    with pytest.raises(Gone):
        await _send(discord, SHORT, place, "o2")


@pytest.mark.fault(58)
async def test_a_deleted_channel_is_given_up(discord: Bench) -> None:
    with pytest.raises(Gone):
        await _send(discord, SHORT, Place("discord", GUILD, "3999"))
    asked = _asked(discord.fake, WATCHED)
    asked.deleted = True
    with pytest.raises(Gone):
        await _send(discord, SHORT, _watched(asked))


@pytest.mark.fault(57)
async def test_a_missing_permission_is_named(discord: Bench) -> None:
    discord.fake.world.denied.add("send")
    with pytest.raises(NotAllowed) as refused:
        await _send(discord, SHORT, Place("discord", GUILD, GENERAL))
    assert "faqbot doctor" in str(refused.value)


@pytest.mark.fault(67)
async def test_a_post_without_a_first_message_is_answered_once_there_is_one(
    discord: Bench,
) -> None:
    thread = _thread(discord.fake, "32")
    thread.starter = False
    with pytest.raises(RateLimited) as wait:
        await _send(discord, SHORT, Place("discord", GUILD, GENERAL, thread.id))
    assert wait.value.retry_after == 2


@pytest.mark.fault(63)
async def test_a_rate_limit_is_waited_out(discord: Bench) -> None:
    limited = {"retry_after": 0.2, "message": "slow", "global": False}
    headers = {"Via": "1.1 google", "Retry-After": "1"}
    discord.fake.api.fail("POST /channels", Fault(429, headers=headers, body=limited))
    began = time.monotonic()
    await _send(discord, SHORT, Place("discord", GUILD, GENERAL))
    assert time.monotonic() - began >= 0.2
    assert len(discord.fake.replies()) == 1


@pytest.mark.fault(63)
async def test_a_long_rate_limit_is_left_to_the_outbox(discord: Bench) -> None:
    limited = {"retry_after": 3600.0, "message": "slow", "global": True}
    discord.fake.api.fail("POST /channels", Fault(429, headers={"Via": "x"}, body=limited))
    with pytest.raises(RateLimited) as wait:
        await _send(discord, SHORT, Place("discord", GUILD, GENERAL))
    assert wait.value.retry_after == 3600


@pytest.mark.fault(63)
async def test_after_cloudflares_refusal_nothing_is_asked_for_ten_minutes(
    discord: Bench,
) -> None:
    discord.fake.api.fail("POST /channels", Fault(429))
    before = len(discord.fake.api.requests)
    for _ in range(5):
        with pytest.raises(RateLimited) as wait:
            await _send(discord, SHORT, Place("discord", GUILD, GENERAL))
        assert 500 < wait.value.retry_after <= 600
    assert len(discord.fake.api.requests) == before + 1


@pytest.mark.fault(68)
async def test_what_discord_refuses_to_draw_goes_as_plain_text_once(
    discord: Bench,
) -> None:
    discord.fake.api.fail("POST /channels", Fault(400, 50035))
    await _send(discord, ANSWER, Place("discord", GUILD, GENERAL))
    (post,) = discord.fake.replies()
    assert (post.embeds, post.buttons) == ([], [])
    assert "使っています。" in post.words
    discord.fake.api.fail("POST /channels", Fault(400, 50035), Fault(400, 50035))
    with pytest.raises(Gone):
        await _send(discord, ANSWER, Place("discord", GUILD, GENERAL), "o2")


@pytest.mark.fault(15, 33)
async def test_nobody_is_pinged_but_the_one_whom_a_card_names(discord: Bench) -> None:
    await _send(discord, SHORT, Place("discord", GUILD, GENERAL))
    await _send(discord, replace(SHORT, ping="42"), Place("discord", GUILD, GENERAL), "o2")
    quiet, ping = (post.allowed_mentions for post in discord.fake.replies())
    assert quiet == {"parse": [], "replied_user": False}
    assert ping == {"parse": [], "replied_user": False, "users": ["42"]}


async def test_a_revoked_token_holds_cards_back(discord: Bench) -> None:
    discord.fake.api.token = "another"
    with pytest.raises(RateLimited) as refusal:
        await _send(discord, SHORT, Place("discord", GUILD, GENERAL))
    assert "DISCORD_TOKEN" in str(refusal.value)


async def _send(
    discord: Bench, card: Card, to: Place, id_: str = "o1", *, kind: Kind = Kind.THREAD
) -> MessageRef:
    return await discord.discord.platform.send(Outgoing(id_, to, card, kind))


def _asked(fake: FakeDiscord, channel: str = GENERAL, text: str = "合成データは？") -> Post:
    return fake.world.add(Post(snowflake(), channel, fake.person("明美"), text))


def _reply(asked: Post) -> Place:
    return Place("discord", GUILD, asked.channel, asked.id, handle=f"reply:{asked.id}")


def _watched(asked: Post) -> Place:
    return Place("discord", GUILD, WATCHED, asked.id, handle=f"thread:{asked.id}")


def _thread(fake: FakeDiscord, id_: str) -> Channel:
    fake.world.channels[id_] = Channel(id_, 11, "t", parent=GENERAL)
    return fake.world.channels[id_]


def _command(fake: FakeDiscord, *, private: bool) -> Interaction:
    """Let a command stand there whose answer was promised."""
    person = fake.person("明美")
    flags = LOADING | (EPHEMERAL if private else 0)
    post = fake.world.add(Post(snowflake(), GENERAL, BOT, flags=flags, is_bot=True,
                               only_for=person if private else None))  # fmt: skip
    sent = Interaction(snowflake(), "token-1", GENERAL, person, answered=5, original=post.id,
                       ephemeral=private)  # fmt: skip
    fake.world.interactions[sent.token] = sent
    return sent


def _answering(sent: Interaction) -> Place:
    return Place("discord", GUILD, GENERAL, handle=f"awaited:{APP}:{sent.token}:合成は？")
