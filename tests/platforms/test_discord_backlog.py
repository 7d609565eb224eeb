"""What was written while Discord couldn't tell the bot is read back."""

import time

import pytest

from adapters.discord import listeners
from adapters.discord.shard import MOST
from bot.domain.inbound import Question
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_state import (
    BOT,
    GENERAL,
    ORGANISERS,
    WATCHED,
    Channel,
    Fault,
    Post,
    snowflake,
)
from tests.platforms.discord_bench import bench, serving, settled
from tests.platforms.discord_desk import MemorySharing, RecordingDesk


@pytest.mark.fault(123)
async def test_a_mention_and_a_direct_message_while_it_was_down_are_read_back() -> None:
    state = MemorySharing()
    async with FakeDiscord() as fake:
        direct = fake.world.direct(fake.person("明美"))
        async with serving(fake, desk := RecordingDesk(state)):
            await fake.says("明美", "合成データは？", direct.id)
            await fake.until(lambda: len(desk.items) == 1)
            await fake.until(lambda: state.heard)
        thread = Channel(snowflake(), 11, "t", parent=GENERAL)
        fake.world.channels[thread.id] = thread
        hour_ago = snowflake(time.time() - 3700)
        stranger = fake.world.direct(fake.person("太郎"))
        for channel, text, id_ in (
            (GENERAL, "<@{}> とっくに過ぎた質問は？", hour_ago),
            (GENERAL, "<@{}> 費用は？", snowflake()),
            *((GENERAL, f"雑談 {number}", snowflake()) for number in range(MOST - 1)),
            (thread.id, "<@{}> 期間は？", snowflake()),
            (GENERAL, "ボットへではない質問は？", snowflake()),
            (direct.id, "場所は？", snowflake()),
            (direct.id, "時刻は？", snowflake()),
            (stranger.id, "初めての質問は？", snowflake()),
        ):
            author = fake.person("太郎" if channel == stranger.id else "明美")
            fake.world.add(Post(id_, channel, author, text.format(BOT)))
        began = time.time()
        async with serving(fake, desk := RecordingDesk(state)):
            await fake.until(lambda: len(desk.items) >= 3)
            await fake.until(lambda: state.heard > began)
            await settled(fake)
        asked = [each.text for each in desk.items if isinstance(each, Question)]
        # 費用は stood beyond the newest that are read, and nobody names a stranger's.
        assert asked == ["期間は？", "合成データは？", "場所は？", "時刻は？"]


@pytest.mark.fault(123)
async def test_the_newest_of_a_channel_are_read_in_their_order() -> None:
    state = MemorySharing(time.time() - 60)
    async with FakeDiscord() as fake:
        for number in range(2 * MOST):
            text = f"<@{BOT}> 質問 {number} は？"
            fake.world.add(Post(snowflake(), GENERAL, fake.person("明美"), text))
        async with serving(fake, desk := RecordingDesk(state)):
            await fake.until(lambda: len(desk.items) == MOST)
            await settled(fake)
        asked = [each.text for each in desk.items if isinstance(each, Question)]
        assert asked == [f"質問 {number} は？" for number in range(MOST, 2 * MOST)]


@pytest.mark.fault(123)
async def test_what_organisers_replied_while_it_was_down_is_read_back() -> None:
    state = MemorySharing(time.time() - 60)
    async with FakeDiscord() as fake:
        card = fake.world.add(Post(snowflake(), ORGANISERS, BOT, "質問", is_bot=True))
        fake.world.channels[card.id] = Channel(card.id, 11, "t", parent=ORGANISERS)
        fake.world.add(Post(snowflake(), card.id, fake.person("係"), "3.14 です。"))
        desk = RecordingDesk(state)
        desk.threads.add(card.id)
        async with serving(fake, desk):
            await fake.until(lambda: desk.items)
        (reply,) = desk.items
        assert isinstance(reply, Question)
        assert (reply.ref.place.thread, reply.text) == (card.id, "3.14 です。")


@pytest.mark.fault(123)
async def test_what_could_not_be_read_back_at_once_is_read_later() -> None:
    async with bench(watched=(WATCHED,)) as discord:
        fake = discord.fake
        fake.gateway.forgets = True
        fake.api.fail("GET /channels/.*/messages", Fault(0), Fault(0))
        await fake.gateway.close(4000)
        fake.world.add(Post(snowflake(), WATCHED, fake.person("明美"), "費用は？"))
        await fake.until(lambda: discord.desk.items)


@pytest.mark.fault(40, 71)
async def test_what_is_asked_while_the_store_refuses_is_kept_once_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Discord doesn't send it again."""
    async with bench(watched=(WATCHED,)) as discord:
        discord.desk.broken = True
        await discord.fake.says("明美", "合成データは？", WATCHED)
        await discord.fake.says("健太", "@FAQ 合成データは？")
        await discord.fake.commands("さくら", "合成データは？")
        await discord.fake.until(lambda: caplog.text.count("not saved") >= 3)
        discord.desk.broken = False
        await discord.fake.until(lambda: len(discord.desk.items) == 3)
        assert discord.fake.replies() == []


@pytest.mark.fault(123)
async def test_one_message_that_cannot_be_taken_does_not_keep_the_next_from_being_read(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is its author's channel, where the bot may not even say so, read again for ever."""
    monkeypatch.setattr(listeners, "TRIES", 0)
    state = MemorySharing(before := time.time() - 60)
    async with FakeDiscord() as fake:
        fake.world.denied.add("send")
        for text in ("費用は？", "期間は？"):
            fake.world.add(Post(snowflake(), GENERAL, fake.person("明美"), f"<@{BOT}> {text}"))
        desk = RecordingDesk(state)
        desk.broken = True
        async with serving(fake, desk):
            await fake.until(lambda: caplog.text.count("not saved") == 2)
            await fake.until(lambda: state.heard > before)
