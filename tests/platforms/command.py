"""``faqbot run`` as a process of its own, on platforms on loopback."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import Process
from pathlib import Path

import aiohttp

from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import APP_TOKEN, BOT_TOKEN, SECRET
from tests.fakes.waiting import HANG

DATA = Path(__file__).parents[2] / "data"


async def run(folder: Path, **settings: str) -> Process:
    """Start the bot, without waiting for it; its log goes to a file, as a pipe may fill up."""
    environ = {
        **{k: v for k, v in os.environ.items() if not k.upper().endswith("_PROXY")},
        "FAQBOT_DATA": str(DATA),
        "FAQBOT_SEARCH__MEANING": "off",  # what is tested here has its own costs
        **settings,
    }
    faqbot = Path(sys.executable).with_name("faqbot")
    with (folder / "log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            faqbot, "run", cwd=folder, env=environ, stdout=log, stderr=log
        )


async def start(fake: FakeSlack, folder: Path, data: Path = DATA, **settings: str) -> Process:
    """Start the bot on a Slack."""
    given = {
        **({"SLACK_APP_TOKEN": APP_TOKEN} if fake.mode == "socket" else {}),
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "FAQBOT_SLACK__API_URL": fake.api_url,
        "FAQBOT_HTTP__PORT": str(fake.port_of_bot),
        "FAQBOT_DATA": str(data),
    }
    return await run(folder, **given, **settings)


async def healthy(fake: FakeSlack) -> None:
    """Wait until the bot says that it works."""
    url = f"http://127.0.0.1:{fake.port_of_bot}/healthz"
    async with asyncio.timeout(HANG), aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.05)


async def idle(port: int) -> None:
    """Wait until a bot has nothing left to do: by its own figures, which judge nothing."""
    url = f"http://127.0.0.1:{port}/metrics"
    async with asyncio.timeout(HANG), aiohttp.ClientSession() as session:
        figures = ""
        while not all(f'faqbot_waiting{{queue="{q}"}} 0.0' in figures for q in ("inbox", "outbox")):
            await asyncio.sleep(1.5)
            with contextlib.suppress(aiohttp.ClientError):  # it doesn't answer yet
                async with session.get(url) as response:
                    figures = await response.text()


async def end(process: Process, how: signal.Signals) -> None:
    """Signal the process, which must be alive, and wait for its end."""
    assert process.returncode is None, f"it ended by itself with {process.returncode}"
    process.send_signal(how)
    await asyncio.wait_for(process.wait(), HANG)
