"""The real Discord adapter against a Discord on loopback."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from adapters.discord import DiscordSettings
from adapters.discord.app import Discord
from adapters.discord.gateway import Timing
from bot.desk.desk import Desk
from bot.settings import Secret
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_state import ORGANISERS, TOKEN
from tests.platforms.discord_desk import RecordingDesk

FAST = Timing(
    heartbeat=5.0,
    acks=2.5,
    look=0.02,
    patience=0.3,
    close=1.0,
    guilds=0.05,
    wait=0.02,
    refused=0.2,
    sign_in=0.0,
)


@dataclass
class Bench:
    """The adapter at work, what it talks to on either side."""

    fake: FakeDiscord
    desk: RecordingDesk
    discord: Discord
    running: asyncio.Task[None]

    async def settle(self) -> None:
        """Wait until the bot has done with everything it was told."""
        await settled(self.fake)


def settings(fake: FakeDiscord, **values: object) -> DiscordSettings:
    """Return settings that lead to the fake."""
    given = {"token": Secret(TOKEN), "organisers": ORGANISERS, "api_url": fake.api_url, **values}
    return DiscordSettings(**given)  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def serving(
    fake: FakeDiscord,
    desk: Desk,
    *,
    timing: Timing = FAST,
    alone: bool = False,
    connects: bool = True,
    **values: object,
) -> AsyncIterator[tuple[Discord, asyncio.Task[None]]]:
    """Serve one Discord."""
    async with Discord(settings(fake, **values), desk, alone=alone, timing=timing) as discord:
        running = asyncio.create_task(discord.run())
        try:
            if connects:
                await fake.until(lambda: running.done() or up(desk))
            yield discord, running
        finally:
            running.cancel()
            await asyncio.wait([running])


@contextlib.asynccontextmanager
async def bench(
    *, timing: Timing = FAST, fake: FakeDiscord | None = None, alone: bool = False,
    connects: bool = True, watched: tuple[str, ...] = (), **values: object,
) -> AsyncIterator[Bench]:  # fmt: skip
    """Set up a fake, a recording desk and the adapter between them."""
    desk = RecordingDesk()
    desk.watched |= set(watched)
    async with (
        fake or FakeDiscord() as discord,
        serving(discord, desk, timing=timing, alone=alone, connects=connects, watch=watched,
                **values) as (app, running),
    ):  # fmt: skip
        yield Bench(discord, desk, app, running)


def up(desk: Desk) -> bool:
    """Whether the bot is connected."""
    return any(each.name == "discord" and each.ok for each in desk.health().components)


async def settled(fake: FakeDiscord) -> None:
    """Wait until every event that was sent has been handled."""
    await fake.types("係", "")
    await fake.until(lambda: not any(_is_listener(task) for task in asyncio.all_tasks()))


def _is_listener(task: asyncio.Task[object]) -> bool:
    return task.get_name().startswith("discord.py: on_") and "thread_create" not in task.get_name()
