"""The real Slack adapter, by Socket Mode or HTTP, against a Slack on loopback."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web

from adapters.slack import PATH, SlackSettings
from adapters.slack.app import Slack, Timing
from bot.desk.desk import Desk
from bot.settings import Secret
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import APP_TOKEN, BOT_TOKEN, SECRET
from tests.platforms.slack_desk import RecordingDesk

FAST = Timing(ping=0.3, look=0.05, patience=1.0, quiet=600, close=1.0, probe=0.2, wait=0.05)


@dataclass
class Bench:
    """The adapter at work, what it talks to on either side."""

    fake: FakeSlack
    desk: RecordingDesk
    slack: Slack


def slack_settings(fake: FakeSlack, **more: str | None) -> SlackSettings:
    """Return settings that lead to the fake, and more of them."""
    socket = fake.mode == "socket"
    return SlackSettings(
        bot_token=Secret(BOT_TOKEN),
        app_token=Secret(APP_TOKEN) if socket else None,
        signing_secret=None if socket else Secret(SECRET),
        api_url=fake.api_url,
        **more,  # type: ignore[arg-type]
    )


@contextlib.asynccontextmanager
async def serving(
    fake: FakeSlack, desk: Desk, timing: Timing = FAST, **settings: str | None
) -> AsyncIterator[Slack]:
    """Serve one Slack, by the way that the fake delivers."""
    async with Slack(slack_settings(fake, **settings), desk, timing) as slack, _http(fake, slack):
        running = asyncio.create_task(slack.run())
        try:
            if fake.mode == "socket":
                await fake.connected()
            yield slack
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running


@contextlib.asynccontextmanager
async def bench(
    mode: str = "socket", timing: Timing = FAST, **settings: str | None
) -> AsyncIterator[Bench]:
    """Set up a fake, a recording desk and the adapter between them."""
    desk = RecordingDesk()
    async with (
        FakeSlack(mode=mode) as fake,
        serving(fake, desk, timing, **settings) as slack,
    ):
        yield Bench(fake, desk, slack)


@contextlib.asynccontextmanager
async def _http(fake: FakeSlack, slack: Slack) -> AsyncIterator[None]:
    if slack.handler is None:
        yield
        return
    app = web.Application()
    app.router.add_post(PATH, slack.handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    fake.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    try:
        yield
    finally:
        await runner.cleanup()
