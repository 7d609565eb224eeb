"""The sign-in to Discord is kept, or it is said what to do."""

import asyncio
import functools
import threading
import time
from dataclasses import replace

import pytest

from adapters.discord.errors import Fatal
from adapters.discord.gateway import Connection, Timing, prepare
from adapters.discord.listeners import commands
from adapters.discord.shard import MOST
from bot.domain.inbound import Question
from bot.settings import Secret
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_gateway import CONTENT
from tests.fakes.discord_state import (
    FORUM,
    GUILD,
    LOADING,
    TOKEN,
    WATCHED,
    Channel,
    Fault,
    Post,
    snowflake,
)
from tests.fakes.waiting import until
from tests.platforms.discord_bench import FAST, Bench, bench, serving, up
from tests.platforms.discord_desk import MemorySharing, RecordingDesk

REGISTER = "PUT /applications/1000000000000000001/commands"


@pytest.mark.fault(60)
async def test_a_connection_that_answers_no_heartbeat_is_made_anew() -> None:
    """Also while events come in, which is all that discord.py looks at."""
    fake = FakeDiscord()
    fake.gateway.interval = 0.1
    async with bench(fake=fake, timing=replace(FAST, heartbeat=60)) as discord:
        fake.gateway.acks = False
        while not fake.gateway.resumes:
            await fake.says("明美", "@FAQ 届きますか？")
            await asyncio.sleep(0.05)
        fake.gateway.acks = True
        await fake.until(lambda: up(discord.desk))
        await _is_heard(discord)


@pytest.mark.fault(60)
async def test_a_frozen_gateway_is_left() -> None:
    fake = FakeDiscord()
    fake.gateway.interval = 60
    async with bench(fake=fake, timing=replace(FAST, heartbeat=0.3)) as discord:
        fake.gateway.frozen = True
        said = asyncio.create_task(fake.says("明美", "@FAQ 費用は？"))
        await fake.until(lambda: fake.gateway.resumes)
        fake.gateway.frozen = False
        await said
        await fake.until(lambda: discord.desk.items)


@pytest.mark.fault(61)
@pytest.mark.parametrize("how", ["op 7", "op 9 true", "4000", "4009", "1011", "cut"])
async def test_after_a_disconnection_the_session_goes_on(how: str) -> None:
    async with bench() as discord:
        await _end(discord.fake, how)
        await discord.fake.says("明美", "@FAQ 費用は？")  # while nobody is connected
        await discord.fake.until(lambda: discord.desk.items)
        await _is_heard(discord)
        assert (discord.fake.gateway.identifies, len(discord.desk.items)) == (1, 2)


@pytest.mark.fault(61)
@pytest.mark.parametrize("how", ["op 9 false", "session lost", "1000"])
async def test_after_a_lost_session_watched_channels_are_read_back(how: str) -> None:
    async with bench(watched=(WATCHED, FORUM)) as discord:
        fake = discord.fake
        fake.gateway.forgets = True
        texts = ("費用は？", "期間は？")
        for text in texts:
            fake.world.add(Post(snowflake(), WATCHED, fake.person("明美"), text))
        id_ = snowflake()
        fake.world.channels[id_] = Channel(id_, 11, "場所について", parent=FORUM)
        fake.world.add(Post(id_, id_, fake.person("健太"), "どこですか？"))
        await _end(fake, {"session lost": "4000"}.get(how, how))
        await fake.until(lambda: len(discord.desk.items) == 3)
        asked = {each.text for each in discord.desk.items if isinstance(each, Question)}
        assert asked == {*texts, "場所について\nどこですか？"}


@pytest.mark.fault(61)
async def test_reading_back_is_bounded() -> None:
    async with bench(watched=(WATCHED,)) as discord:
        fake = discord.fake
        fake.gateway.forgets = True
        await fake.gateway.close(4000)
        for number in range(MOST + 50):
            at = time.time() - (7200 if number < 10 else 0)
            text = f"質問 {number} は？"
            fake.world.add(Post(snowflake(at), WATCHED, fake.person("明美"), text))
        await fake.until(lambda: len(discord.desk.items) == MOST)
        await discord.settle()
        texts = [each.text for each in discord.desk.items if isinstance(each, Question)]
        assert (len(texts), texts[0]) == (MOST, "質問 10 は？")


async def test_after_a_restart_the_time_between_is_read_back_but_at_first_start_nothing() -> None:
    state = MemorySharing()
    async with FakeDiscord() as fake:
        old = Post(snowflake(), WATCHED, fake.person("明美"), "前からある質問は？")
        fake.world.add(old)
        desk = RecordingDesk(state)
        desk.watched.add(WATCHED)
        began = time.time()
        async with serving(fake, desk, watch=(WATCHED,)):
            await asyncio.sleep(0.2)
            assert desk.items == []
        assert state.heard > began
        fake.world.add(Post(snowflake(), WATCHED, fake.person("明美"), "留守の間の質問は？"))
        async with serving(fake, desk, watch=(WATCHED,)):
            await fake.until(lambda: len(desk.items) == 2)


@pytest.mark.fault(62)
@pytest.mark.parametrize(
    ("code", "says"), [(4004, "DISCORD_TOKEN"), (4010, "shards"), (4013, "Update faqbot")]
)
async def test_alone_a_fatal_refusal_ends_the_bot_with_a_plain_line(code: int, says: str) -> None:
    fake = FakeDiscord()
    fake.gateway.refuses = code
    async with bench(fake=fake, alone=True) as discord:
        with pytest.raises(Fatal, match=says):
            await discord.running
        assert says in discord.desk.problem("discord")
        assert fake.gateway.identifies == 1


@pytest.mark.fault(62)
async def test_beside_another_platform_it_waits_and_comes_back() -> None:
    fake = FakeDiscord()
    fake.gateway.refuses = 4004
    async with bench(fake=fake, connects=False) as discord:
        await fake.until(lambda: discord.desk.ok("discord") is False)
        fake.gateway.refuses = None
        await fake.until(lambda: discord.desk.ok("discord"))
        assert fake.gateway.identifies == 2


@pytest.mark.fault(62)
async def test_a_refused_token_is_said_without_asking_the_gateway() -> None:
    fake = FakeDiscord()
    fake.api.token = "another"
    async with bench(fake=fake, alone=True) as discord:
        with pytest.raises(Fatal, match="Discord refuses DISCORD_TOKEN"):
            await discord.running
        assert fake.gateway.identifies == 0


@pytest.mark.fault(56)
async def test_the_words_of_messages_are_asked_for_only_to_watch_or_for_organisers() -> None:
    async with bench(organisers=None) as discord:
        await _is_heard(discord)
        assert not _session(discord.fake).intents & CONTENT
    async with bench(organisers=None, watched=(WATCHED,)) as discord:
        assert _session(discord.fake).intents & CONTENT
    async with bench() as discord:
        assert _session(discord.fake).intents & CONTENT


@pytest.mark.fault(56)
async def test_that_organisers_must_mention_the_bot_is_no_fault() -> None:
    fake = FakeDiscord()
    fake.gateway.granted = 0
    async with bench(fake=fake, alone=True) as discord:
        await _is_heard(discord)
        assert not _session(fake).intents & CONTENT
        assert not discord.discord.platform.overhears
        assert (discord.desk.ok("discord"), discord.desk.ok("discord_watch")) == (True, None)


@pytest.mark.fault(56)
async def test_a_channel_that_was_switched_on_before_is_red_without_the_words() -> None:
    fake = FakeDiscord()
    fake.gateway.granted = 0
    async with bench(fake=fake) as discord:
        discord.desk.watched.add(WATCHED)
        fake.gateway.forgets = True
        await fake.gateway.close(4000)
        await fake.until(lambda: discord.desk.ok("discord_watch") is False)


@pytest.mark.fault(56)
async def test_alone_a_refused_intent_ends_the_bot_and_names_the_switch() -> None:
    fake = FakeDiscord()
    fake.gateway.granted = 0
    async with bench(fake=fake, alone=True, watched=(WATCHED,)) as discord:
        with pytest.raises(Fatal, match="Switch on Message Content Intent in the Developer Portal"):
            await discord.running
        assert discord.desk.ok("discord") is False


@pytest.mark.fault(56)
async def test_beside_another_platform_only_watching_is_off() -> None:
    fake = FakeDiscord()
    fake.gateway.granted = 0
    async with bench(fake=fake, watched=(WATCHED,)) as discord:
        await fake.until(lambda: discord.desk.ok("discord"))
        assert "Message Content Intent" in discord.desk.problem("discord_watch")
        await _is_heard(discord)
        await fake.commands("明美", "費用は？")
        await fake.until(lambda: len(discord.desk.items) == 2)


async def test_watching_that_is_switched_on_by_command_asks_for_the_words() -> None:
    async with bench(organisers=None) as discord:
        data = {"id": "1", "name": "faq-watch", "type": 1,
                "options": [{"name": "switch", "type": 3, "value": "on"}]}  # fmt: skip
        await discord.fake.interacts("明美", 2, data, WATCHED, manages=True)
        await discord.fake.until(lambda: WATCHED in discord.desk.watched)
        assert discord.fake.gateway.identifies == 2
        await discord.fake.says("明美", "費用は？", WATCHED)
        await discord.fake.until(lambda: discord.desk.items)


@pytest.mark.fault(66)
async def test_commands_are_registered_only_when_they_changed() -> None:
    state = MemorySharing()
    async with FakeDiscord() as fake:
        for _ in range(2):
            async with serving(fake, RecordingDesk(state)):
                await fake.until(lambda: fake.api.commands)
        assert fake.api.requests.count(REGISTER) == 1
        assert fake.api.commands[""] == list(commands())
        async with serving(fake, RecordingDesk(state), guilds=(GUILD,)):
            await fake.until(lambda: fake.api.commands[""] == [])
        assert fake.api.commands[GUILD] == list(commands())


@pytest.mark.fault(66)
async def test_a_failed_registration_does_not_stop_the_start_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.discord.shard.RETRY", 0.2)
    fake = FakeDiscord()
    fake.api.fail("PUT", *(Fault(403, 50001),) * 2)
    async with bench(fake=fake) as discord:
        await _is_heard(discord)
        await fake.until(lambda: fake.api.commands)
        assert fake.api.requests.count(REGISTER) == 3


async def test_an_outage_of_discord_is_red_and_ends_by_itself() -> None:
    async with bench() as discord:
        discord.fake.api.down = True
        discord.fake.gateway.forgets = True
        await discord.fake.gateway.close(4000)
        await discord.fake.until(lambda: not up(discord.desk))
        discord.fake.api.down = False
        await discord.fake.until(lambda: up(discord.desk))
        await _is_heard(discord)


@pytest.mark.parametrize("how", ["op 7", "op 9 false", "4004", "cut"])
async def test_p9_a_connection_that_always_ends_is_not_made_more_than_once_a_second(
    how: str,
) -> None:
    fake = FakeDiscord()
    fake.gateway.ends = functools.partial(_end, fake, how)
    async with bench(fake=fake, timing=replace(Timing(), refused=0.0), connects=False):
        # Until it has signed in once more: discord.py leaves a thread behind before that.
        await fake.until(lambda: fake.gateway.identifies + fake.gateway.resumes == 2)
    _apart(fake.gateway.connections)


async def test_p9_a_sign_in_that_always_fails_is_not_tried_more_than_once_a_second() -> None:
    fake = FakeDiscord()
    fake.api.token = "another"
    async with bench(fake=fake, timing=replace(Timing(), refused=0.0), connects=False):
        await fake.until(lambda: len(fake.api.asked) == 2)
    _apart(fake.api.asked)


def _apart(times: list[float]) -> None:
    """See that a second lies between them, but for what the network may take of it."""
    first, second = times[:2]
    assert second - first > 0.95


async def _is_heard(discord: Bench) -> None:
    """See that a mention arrives."""
    await discord.fake.gateway.connected()
    before = len(discord.desk.items)
    await discord.fake.says("健太", "@FAQ 届きますか？")
    await discord.fake.until(lambda: len(discord.desk.items) > before)


async def _end(fake: FakeDiscord, how: str) -> None:
    """End the connection in one of the ways that Discord has."""
    match how.split():
        case ["op", "7"]:
            await fake.gateway.op(7)
        case ["op", "9", given]:
            await fake.gateway.op(9, given == "true")
        case ["cut"]:
            fake.gateway.reset()
        case [code]:
            await fake.gateway.close(int(code))


def _session(fake: FakeDiscord):  # type: ignore[no-untyped-def]
    return next(reversed(fake.gateway.sessions.values()))


@pytest.mark.fault(98)
@pytest.mark.parametrize(
    ("on", "hindrance", "key"),
    [
        (True, "intent", "watch.no_intent"),
        (True, "sight", "watch.not_a_member"),
        (False, "sight", "watch.off"),
        (True, "", "watch.on"),
    ],
)
async def test_watching_where_nothing_would_be_heard_is_refused_with_what_to_do(
    on: bool, hindrance: str, key: str
) -> None:
    fake = FakeDiscord()
    if hindrance == "intent":
        fake.gateway.granted = 0
    if hindrance == "sight":
        fake.gateway.permissions = 1 << 11
    async with bench(fake=fake, organisers=None) as discord:
        switch = {"name": "switch", "type": 3, "value": "on" if on else "off"}
        data = {"id": "1", "name": "faq-watch", "type": 1, "options": [switch]}
        await fake.interacts("明美", 2, data, WATCHED, manages=True)
        await fake.until(lambda: any(not p.flags & LOADING for p in fake.private("明美")))
        (told,) = fake.private("明美")
        assert told.words == discord.desk.say(key)
        assert (WATCHED in discord.desk.watched) is (key == "watch.on")
        await fake.until(lambda: up(discord.desk))
        await _is_heard(discord)  # a mention works all the same
        assert discord.desk.ok("discord_watch") is (True if key == "watch.on" else None)


async def test_a_sign_in_that_is_cut_off_while_it_waits_for_its_turn_leaves_no_thread() -> None:
    """Its heart beats from Discord's greeting on, and nobody has it yet, to close it."""
    waits = asyncio.Event()

    async def turn(_: int) -> None:
        waits.set()
        await asyncio.Event().wait()

    def beating() -> set[threading.Thread]:
        return {each for each in threading.enumerate() if "keep-alive" in each.name}

    before = beating()
    async with FakeDiscord() as fake:
        prepare(fake.api_url)
        connection = Connection(content=False, turn=turn)
        await connection.sign_in(Secret(TOKEN))
        serving = asyncio.create_task(connection.connect())
        await waits.wait()
        assert len(beating() - before) == 1
        serving.cancel()
        await asyncio.wait([serving])
        await connection.close()
        await until(lambda: beating() <= before)
