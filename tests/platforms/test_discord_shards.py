"""Which shards a process serves, when it leaves them, and what it does without any."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.bootstrap import build
from bot.desk.desk import Desk
from bot.domain.inbound import Question
from bot.settings import CoreSettings
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_state import (
    APP,
    BOT,
    ELSEWHERE,
    GENERAL,
    LOADING,
    ORGANISERS,
    ORGANISERS_ROLE,
    Fault,
    Post,
    snowflake,
)
from tests.fakes.faq import FAQ
from tests.fakes.search import PairSearch
from tests.platforms.discord_bench import bench, serving, up
from tests.platforms.discord_desk import MemorySharing, RecordingDesk
from tests.platforms.test_discord_process import answers
from tests.platforms.test_discord_replicas import Asked


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        yield fake
        assert fake.world.refused == []


@pytest.mark.fault(120)
async def test_who_serves_no_shard_answers_what_another_process_was_told(
    fake: FakeDiscord, replicated_url: str
) -> None:
    """Commands, presses and forms too: by the tokens that stand in their rows."""
    fake.api.roles[fake.person("講師")] = [ORGANISERS_ROLE]

    def one() -> Desk:
        core, organisers = CoreSettings(database_url=replicated_url), {"discord": ORGANISERS}
        return build(PairSearch(FAQ), core, organisers=organisers)

    hears, works = one(), one()
    with contextlib.closing(hears), contextlib.closing(works):
        async with (
            serving(fake, hears, organisers=ORGANISERS),
            serving(fake, works, organisers=ORGANISERS) as (other, _),
        ):
            working = asyncio.create_task(works.run({"discord": other.platform}))
            assert len(fake.gateway.connected_sessions) == 1
            asked = Asked(fake)
            await asked.ask(3)
            await asked.is_answered()
            await fake.commands("明美", FAQ[0].question, private=True)
            await fake.until(lambda: _told(fake, "明美"))
            unknown = await fake.says("明美", "@FAQ 円周率とは何でしょうか")
            await fake.until(lambda: answers(fake, unknown))
            reply = next(each for each in fake.replies() if each.reply_to == unknown.id)
            form = await fake.presses("明美", reply, "講師に聞く")
            await fake.until(lambda: form.data)
            await fake.submits("明美", form, "円周率とは何でしょうか")
            await fake.until(lambda: fake.replies(ORGANISERS))
            await fake.until(lambda: any("送りました" in each for each in _told(fake, "明美")))
            (card,) = fake.replies(ORGANISERS)
            await fake.presses("会員", card, "対応しない")
            await fake.until(lambda: _told(fake, "会員"))  # only organisers may
            assert await other.platform.organises(fake.person("講師"))
            assert not await other.platform.organises(fake.person("会員"))
            assert await other.platform.called(fake.person("講師")) == "講師"
            working.cancel()
            await asyncio.wait([working])


@pytest.mark.fault(120)
async def test_that_another_process_answers_from_another_database_is_said(
    fake: FakeDiscord, tmp_path: Path
) -> None:
    """Nothing else than Discord could show it: they share no store."""
    telling: set[asyncio.Task[None]] = set()
    fake.api.on_post = lambda post: telling.add(asyncio.create_task(fake.deliver(post)))
    async with contextlib.AsyncExitStack() as stack:
        desks = [
            build(PairSearch(FAQ), CoreSettings(database_url=f"sqlite:///{tmp_path}/{name}.db"))
            for name in ("one", "other")
        ]
        for desk in desks:
            stack.callback(desk.close)
            app, _ = await stack.enter_async_context(serving(fake, desk, organisers=None))
            running = asyncio.create_task(desk.run({"discord": app.platform}))
            stack.push_async_callback(asyncio.wait, [running])
            stack.callback(running.cancel)
        said = await fake.says("明美", f"@FAQ {FAQ[0].question}")
        await fake.until(lambda: answers(fake, said) == 2)
        for desk in desks:
            await fake.until(lambda: "DISCORD_TOKEN" in _problems(desk))  # noqa: B023
        await asyncio.gather(*telling)


def _problems(desk: Desk) -> str:
    """Return what doesn't work, for the operator."""
    return " ".join(each.message for each in desk.health().components if not each.ok)


def _told(fake: FakeDiscord, who: str) -> list[str]:
    """Return what somebody alone was told, promises aside."""
    return [each.words for each in fake.private(who) if not each.flags & LOADING]


@pytest.mark.fault(120)
async def test_what_another_process_has_promised_is_kept_and_nothing_is_called_a_failure() -> None:
    """Whoever was first may die, or be second to commit: the answer takes the promise's place."""
    async with bench() as discord:
        fake = discord.fake
        reply = fake.world.add(Post(snowflake(), GENERAL, BOT, "回答", is_bot=True))
        form = await fake.presses("明美", reply, "", custom_id="faq:lecturer:01JASK:")
        await discord.settle()
        fake.api.fail("POST .*/callback", *[Fault(400, 40060, after=True)] * 2)
        sent = await fake.commands("明美", "費用は？")
        await fake.submits("明美", form, "期間は？")
        await discord.settle()
        fake.api.fail("POST .*/callback", Fault(400, 40060, after=True))
        await fake.commands("健太", "", name="faq-list")
        await discord.settle()
        (question,) = _questions(discord.desk)
        assert (question.ref.place.handle or "").startswith(f"awaited:{APP}:{sent.token}:")
        assert len(discord.desk.items) == 2
        assert _told(fake, "明美") == []
        assert len(_told(fake, "健太")) == 1


@pytest.mark.fault(120)
async def test_a_process_serves_the_shards_that_its_settings_name_and_no_other() -> None:
    async with bench(shards=(1,), shard_count=2) as discord:
        fake = discord.fake
        assert [each.shard for each in fake.gateway.connected_sessions] == [(1, 2)]
        await fake.says("明美", "@FAQ よそのシャードへの質問は？", ELSEWHERE)
        await fake.says("明美", "@FAQ このシャードへの質問は？", GENERAL)
        await fake.until(lambda: discord.desk.items)
        assert [each.text for each in _questions(discord.desk)] == ["このシャードへの質問は？"]


@pytest.mark.fault(120)
async def test_alone_a_process_serves_as_many_shards_as_discord_recommends() -> None:
    fake = FakeDiscord()
    fake.gateway.shards = 2
    async with bench(fake=fake) as discord:
        direct = fake.world.direct(fake.person("明美"))
        assert {each.shard for each in fake.gateway.connected_sessions} == {(0, 2), (1, 2)}
        for channel in (ELSEWHERE, GENERAL, direct.id):
            await fake.says("明美", "@FAQ 費用は？", channel)
        await fake.until(lambda: len(discord.desk.items) == 3)
        assert fake.api.requests.count("PUT /applications/1000000000000000001/commands") == 1


@pytest.mark.fault(123)
async def test_each_shard_reads_back_what_it_missed() -> None:
    state = MemorySharing(time.time() - 60)
    async with FakeDiscord() as fake:
        for channel in (ELSEWHERE, GENERAL):
            fake.world.add(Post(snowflake(), channel, fake.person("明美"), f"<@{BOT}> 費用は？"))
        desk = RecordingDesk(state)
        async with serving(fake, desk, shard_count=2):
            await fake.until(lambda: len(desk.items) == 2)


@pytest.mark.fault(76)
async def test_without_the_database_a_shard_is_left_when_its_lease_ends() -> None:
    desk = RecordingDesk(sharing := MemorySharing(time.time(), alone=False))
    async with FakeDiscord() as fake, serving(fake, desk, lease=1.0):
        sharing.down = True
        await fake.until(lambda: not fake.gateway.connected_sessions)
        await fake.until(lambda: desk.ok("discord") is False)
        fake.world.add(Post(snowflake(), GENERAL, fake.person("明美"), f"<@{BOT}> 費用は？"))
        sharing.down = False
        await fake.until(lambda: desk.items and up(desk))


@pytest.mark.fault(120)
async def test_who_does_not_reach_discord_for_long_lets_another_process_try() -> None:
    desk = RecordingDesk(sharing := MemorySharing(alone=False))
    async with FakeDiscord() as fake, serving(fake, desk):
        fake.gateway.refuses = 4000
        fake.gateway.forgets = True
        await fake.gateway.close(4000)
        await fake.until(lambda: not sharing.held)
        fake.gateway.refuses = None
        await fake.until(lambda: sharing.held and up(desk))


@pytest.mark.fault(76)
async def test_a_shard_that_another_process_had_meanwhile_is_signed_in_anew() -> None:
    desk = RecordingDesk(sharing := MemorySharing(time.time(), alone=False))
    async with FakeDiscord() as fake, serving(fake, desk, lease=1.0):
        sharing.fence += 1
        await fake.until(lambda: fake.gateway.identifies == 2)
        await fake.until(lambda: len(fake.gateway.connected_sessions) == 1)


@pytest.mark.fault(120)
async def test_who_is_told_another_number_of_shards_than_the_others_says_so() -> None:
    desk = RecordingDesk(MemorySharing(alone=False, of=3))
    async with FakeDiscord() as fake, serving(fake, desk, connects=False, shard_count=2):
        await fake.until(lambda: desk.ok("discord") is False)
        assert "FAQBOT_DISCORD__SHARD_COUNT" in desk.problem("discord")
        assert fake.gateway.identifies == 0


@pytest.mark.fault(120)
async def test_who_is_told_none_divides_as_the_others_do() -> None:
    desk = RecordingDesk(MemorySharing(alone=False, of=3))
    async with FakeDiscord() as fake, serving(fake, desk):
        await fake.until(lambda: len(fake.gateway.connected_sessions) == 3)


@pytest.mark.fault(120)
async def test_a_shard_that_no_process_serves_is_named() -> None:
    desk = RecordingDesk(MemorySharing(alone=False))
    async with FakeDiscord() as fake, serving(fake, desk, lease=1.0, shards=(1,), shard_count=3):
        await fake.until(lambda: desk.ok("discord_shards") is False)
        assert "0, 2" in desk.problem("discord_shards")


@pytest.mark.fault(62)
async def test_when_the_days_sign_ins_are_used_up_it_waits_for_more() -> None:
    fake = FakeDiscord()
    fake.gateway.left, fake.gateway.reset_after = 3, 0.5
    async with bench(fake=fake, connects=False) as discord:
        await fake.until(lambda: discord.desk.ok("discord") is False)
        assert "sign-ins" in discord.desk.problem("discord")
        assert fake.gateway.identifies == 0
        fake.gateway.left = 1000
        await fake.until(lambda: up(discord.desk))


def _questions(desk: RecordingDesk) -> list[Question]:
    return [each for each in desk.items if isinstance(each, Question)]


@pytest.mark.fault(78)
async def test_who_is_told_to_stop_while_a_shard_is_being_left_lets_that_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It was cut off a second time, with its connection still open."""
    desk = RecordingDesk(sharing := MemorySharing(time.time(), alone=False))
    async with FakeDiscord() as fake:
        async with serving(fake, desk, lease=1.0):
            (task,) = _serving()
            desk.broken = True
            await fake.says("明美", "@FAQ 費用は？")
            await fake.until(lambda: "not saved" in caplog.text)  # which is still under way
            sharing.fence += 1
            await fake.until(task.cancelling)
        assert _serving() == []
        assert task.cancelling() == 1


def _serving() -> list[asyncio.Task[object]]:
    """Return what serves a shard."""
    return [each for each in asyncio.all_tasks() if "Shard.serve" in repr(each.get_coro())]
