"""The conformance table on Discord."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.faq import CURRICULUM, SYNTHETIC
from tests.platforms.conformance import Chat, Conformance
from tests.platforms.discord_driver import DiscordChat


class TestDiscord(Conformance):
    """Every row, through discord.py's real client."""

    @pytest.fixture
    async def chat(self, tmp_path: Path) -> AsyncIterator[Chat]:
        async with FakeDiscord() as fake, DiscordChat(tmp_path, fake) as chat:
            yield chat


@pytest.mark.fault(67)
@pytest.mark.parametrize("order", ["thread first", "message first", "message unseen"])
async def test_a_watched_forums_post_gets_one_reply_within_it(tmp_path: Path, order: str) -> None:
    async with FakeDiscord() as fake:
        chat = DiscordChat(tmp_path, fake)
        await chat.start()
        post = await fake.opens_post("明美", SYNTHETIC.question, "", order)
        await fake.until(lambda: fake.replies(post.id))
        (reply,) = await chat.sees()
        assert (reply.thread, SYNTHETIC.answer in reply.text) == (post.id, True)
        await chat.overhears("健太", CURRICULUM.question, thread=post.id)
        assert len(await chat.sees()) == 1
        await chat.says("健太", CURRICULUM.question, thread=post.id)
        assert [each.thread for each in await chat.sees()] == [post.id, post.id]
        await chat.stop()
