"""Whom a card reaches, what people are called, who may answer, and where a message stands."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.domain.card import Button, Card, Credit, Kind, Outgoing, Quote
from bot.domain.inbound import Action, MessageRef, Place, Question
from bot.domain.ports import NotAllowed, PlatformError, Unreachable
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_api import channel_json, user
from tests.fakes.discord_gateway import CONTENT
from tests.fakes.discord_state import (
    BOT,
    BOT_ROLE,
    GENERAL,
    GUILD,
    ORGANISERS,
    ORGANISERS_ROLE,
    Channel,
    Fault,
    snowflake,
)
from tests.platforms.discord_bench import Bench, bench

ANSWER = Card(
    (Quote("使っています。"), Credit("河原 先生", "評価")),
    (Button("役に立った", Action.USEFUL, "01JASK", "0"),),
)


@pytest.fixture
async def discord() -> AsyncIterator[Bench]:
    async with bench() as made:
        yield made
        assert made.fake.world.refused == []


async def test_a_card_by_direct_message_reaches_one_person_and_is_found(discord: Bench) -> None:
    akemi = discord.fake.person("明美")
    place = Place("discord", GUILD, GENERAL, private_to=akemi)
    outgoing = Outgoing("o1", place, ANSWER, Kind.DIRECT)
    assert await discord.discord.platform.find(outgoing) is None
    ref = await discord.discord.platform.send(outgoing)
    (post,) = discord.fake.private("明美")
    assert (post.id, post.channel) == (ref.message, ref.place.channel)
    assert await discord.discord.platform.find(outgoing) == ref
    discord.fake.world.denied.add("dm")
    with pytest.raises(NotAllowed):
        await discord.discord.platform.send(replace(outgoing, id="o2"))


@pytest.mark.parametrize(
    ("place", "message", "path"),
    [
        (Place("discord", "1", "2", "3", handle="reply:3"), "", "1/2/3"),
        (Place("discord", "1", "2", "3", handle="reply:3"), "9", "1/2/9"),
        (Place("discord", "1", "2", "4", handle="within:3"), "", "1/4/3"),
        (Place("discord", "1", "2", "3", handle="thread:3"), "", "1/2/3"),
        (Place("discord", "1", "2", "3"), "", "1/2/3"),
        (Place("discord", "1", "2", handle="awaited:1:t:"), "", "1/2"),
        (Place("discord", "1", "2"), "", "1/2"),
    ],
)
async def test_a_message_has_an_address(
    discord: Bench, place: Place, message: str, path: str
) -> None:
    address = discord.discord.platform.address(MessageRef(place, message))
    assert address == f"https://discord.com/channels/{path}"


@pytest.mark.parametrize(
    ("guild", "message"), [("", "9"), ("1", "command-9")], ids=["direct message", "command"]
)
async def test_what_nobody_else_sees_and_what_is_no_message_has_no_address(
    discord: Bench, guild: str, message: str
) -> None:
    assert discord.discord.platform.address(MessageRef(Place("discord", guild, "2"), message)) == ""


async def test_a_message_in_a_thread_has_the_threads_address(discord: Bench) -> None:
    thread = Channel(snowflake(), 11, "t", parent=GENERAL)
    discord.fake.world.channels[thread.id] = thread
    await discord.fake.gateway.dispatch("THREAD_CREATE", channel_json(thread))
    await discord.settle()
    place = Place("discord", GUILD, GENERAL, thread.id)
    address = discord.discord.platform.address(MessageRef(place, "9"))
    assert address == f"https://discord.com/channels/{GUILD}/{thread.id}/9"


async def test_people_are_called_what_discord_calls_them(discord: Bench) -> None:
    akemi = discord.fake.person("明美")
    called, fake = discord.discord.platform.called, discord.fake
    assert await called(akemi) == "明美"
    fake.api.nicks[akemi] = "明美（研究会）"
    assert await called(akemi) == "明美（研究会）"
    fake.api.fail("GET /guilds/.*/members", Fault(404, 10007))  # of another server
    assert await called(akemi) == "明美"
    assert await called("404") == ""
    fake.api.fail("GET /guilds/.*/members", Fault(404, 10007))
    fake.api.fail("GET /users", Fault(403, 50001))
    with pytest.raises(NotAllowed):
        await called(akemi)


@pytest.mark.fault(89)
async def test_who_sees_the_organisers_channel_may_answer(discord: Bench) -> None:
    platform, fake = discord.discord.platform, discord.fake
    akemi = fake.person("明美")
    assert not await platform.organises(akemi)
    fake.api.roles[akemi] = [ORGANISERS_ROLE]
    assert await platform.organises(akemi)
    fake.world.channels[ORGANISERS].hide_from_others()
    channel = channel_json(fake.world.channels[ORGANISERS])
    await fake.gateway.dispatch("CHANNEL_UPDATE", channel)
    await discord.settle()
    assert not await platform.organises(akemi)
    assert not await platform.organises("404")  # not in the server
    fake.api.fail("GET /guilds/.*/members", Fault(0), Fault(0))
    with pytest.raises(Unreachable):
        await platform.organises(akemi)


@pytest.mark.fault(89)
async def test_where_a_role_may_answer_who_sees_the_channel_may_not() -> None:
    async with bench(organiser_role=BOT_ROLE) as discord:
        platform, fake = discord.discord.platform, discord.fake
        akemi = fake.person("明美")
        fake.api.roles[akemi] = [ORGANISERS_ROLE]
        assert not await platform.organises(akemi)
        fake.api.roles[akemi] = [BOT_ROLE]
        assert await platform.organises(akemi)


@pytest.mark.fault(89)
async def test_who_may_answer_is_unclear_where_the_channel_is_not_known() -> None:
    async with bench(organisers="404") as discord:
        with pytest.raises(PlatformError):
            await discord.discord.platform.organises(discord.fake.person("明美"))


@pytest.mark.fault(94)
@pytest.mark.parametrize("event", ["channel", "new channel", "role", "own roles"])
async def test_a_permission_lets_what_waits_for_the_organisers_go_at_once(
    discord: Bench, event: str
) -> None:
    fake = discord.fake
    channel = channel_json(fake.world.channels[ORGANISERS])
    role = {"id": BOT_ROLE, "name": "FAQ", "permissions": "3072", "color": 0, "position": 0,
            "colors": {"primary_color": 1, "secondary_color": None, "tertiary_color": None},
            "hoist": False, "managed": True, "mentionable": False, "flags": 0}  # fmt: skip
    kind, data = {
        "channel": ("CHANNEL_UPDATE", channel | {"topic": "別の話題"}),
        "new channel": ("CHANNEL_CREATE", channel),
        "role": ("GUILD_ROLE_UPDATE", {"guild_id": GUILD, "role": role}),
        "own roles": ("GUILD_MEMBER_UPDATE", {"guild_id": GUILD, "user": user(BOT), "roles": [],
                                              "flags": 0, "joined_at": None}),
    }[event]  # fmt: skip
    await fake.gateway.dispatch(kind, data)
    await fake.until(lambda: discord.desk.reached)
    assert discord.desk.reached == [("discord", ORGANISERS)]


@pytest.mark.parametrize("denied", [False, True], ids=["thread", "no thread"])
async def test_a_card_that_others_will_reply_to_opens_a_thread_once(
    discord: Bench, denied: bool
) -> None:
    fake = discord.fake
    fake.world.denied |= {"threads"} if denied else set()
    outgoing = Outgoing("o1", Place("discord", GUILD, ORGANISERS), ANSWER, opens="円周率とは")
    ref = await discord.discord.platform.send(outgoing)
    assert (ref.message in fake.world.channels) is not denied
    assert await discord.discord.platform.find(outgoing) == ref
    if not denied:
        assert fake.world.channels[ref.message].name == "円周率とは"
        fake.world.channels.pop(ref.message)  # as if the bot had ended before it was opened
        assert await discord.discord.platform.find(outgoing) == ref
        assert ref.message in fake.world.channels


@pytest.mark.parametrize(
    ("how", "words"),
    [("thread", True), ("thread", False), ("reply", True), ("reply", False)],
)
async def test_what_organisers_say_below_a_card_comes_with_the_cards_thread(
    how: str, words: bool
) -> None:
    """Within its thread only with the words of messages; a reply mentions the bot by itself."""
    fake = FakeDiscord()
    fake.gateway.granted = CONTENT if words else 0
    async with bench(fake=fake) as discord:
        assert discord.discord.platform.overhears is words
        outgoing = Outgoing("o1", Place("discord", GUILD, ORGANISERS), ANSWER, opens="円周率とは")
        ref = await discord.discord.platform.send(outgoing)
        discord.desk.threads.add(ref.message)
        if how == "thread":
            await discord.fake.says("係", "3.14 です。", ref.message)
        else:
            await discord.fake.says("係", "3.14 です。", ORGANISERS, reply_to=ref.message)
        await discord.settle()
        heard = [each for each in discord.desk.items if isinstance(each, Question)]
        expected = [(ORGANISERS, ref.message, False)] if words or how == "reply" else []
        places = [(each.ref.place, each.addressed) for each in heard]
        assert [(place.channel, place.thread, called) for place, called in places] == expected
