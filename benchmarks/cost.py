"""What an event costs the whole process, beside a bare slack_bolt bot that sends an echo.

Both are processes of their own, each at a Slack on loopback of its own, and are sent the same
mentions in turns, at an even rate. An event is what Slack sends: a mention comes as two of them.
"""

import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.results import Section, Table, Target
from bot.content import load
from bot.search.meaning import Meaning
from bot.search.searcher import LISTS, Searcher
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import APP_TOKEN, BOT, BOT_TOKEN, SECRET
from tests.platforms.command import DATA, healthy, start
from tests.platforms.test_web import free_port
from tests.proofs.world import QUESTIONS

RATE = 10.0
"""Mentions a second to each process."""
WARM = 20
"""Mentions before the measurement: the first ones import what is imported late."""

_ECHO = """
import asyncio, sys
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

mode, api, port, bot_token, app_token, secret = sys.argv[1:]
client = AsyncWebClient(token=bot_token, base_url=api)
app = AsyncApp(client=client, signing_secret=secret)

@app.event("app_mention")
async def mention(event, say):
    await say(text=event["text"], thread_ts=event["ts"])

@app.event("message")
async def message():
    pass

if mode == "http":
    from aiohttp import web
    web.run_app(app.web_app("/slack/events"), host="127.0.0.1", port=int(port), print=None)
else:
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

    async def main():
        await AsyncSocketModeHandler(app, app_token, web_client=client).start_async()

    asyncio.run(main())
"""


@dataclass
class Bot:
    """A bot under measurement.

    Attributes:
        waits: Seconds from each mention to its reply.
    """

    name: str
    fake: FakeSlack
    process: Process
    waits: Sequence[float] = ()
    seconds: float = 0.0

    def cpu(self) -> float:
        """Return the processor seconds that it has used, in all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def ask(self, said: Sequence[str]) -> None:
        """Send mentions at an even rate, and note what they cost."""
        loop = asyncio.get_running_loop()
        began, asking = loop.time(), []
        for number, text in enumerate(said):
            await asyncio.sleep(max(0.0, began + number / RATE - loop.time()))
            # Within the limits on one member and one channel.
            user, channel = f"U0MEMBER{number}", f"C0ROOM{number % 50}"
            asking.append(asyncio.create_task(self.fake.says(user, text, channel=channel)))
        questions = {each.ts for each in await asyncio.gather(*asking)}

        def waits() -> Mapping[str, float]:
            replies = (each for each in self.fake.messages if each.user == BOT)
            first = {each.thread: float(each.ts) for each in reversed(tuple(replies))}
            return {ts: first[ts] - float(ts) for ts in questions & first.keys()}

        await self.fake.until(lambda: waits().keys() == questions, 60)
        self.waits = sorted(waits().values())


def costs(mentions: int) -> Section:
    """Measure the costs of Socket Mode and of HTTP."""
    rows, targets = [], []
    for mode in ("socket", "http"):
        bots = asyncio.run(_measure(mode, mentions))
        echo = bots["echo"]
        for name, bot in bots.items():
            p50, p99 = (1000 * statistics.quantiles(bot.waits, n=100)[at] for at in (49, 98))
            ratio = bot.seconds / echo.seconds
            per_event = f"{1000 * bot.seconds / (2 * mentions):.2f}"
            rows.append((f"{mode}, {name}", per_event, f"{ratio:.1f}×", f"{p50:.1f}", f"{p99:.1f}"))
            if name != "echo":
                what = f"an event by {mode}, {name} ÷ an echo's processor time"
                targets.append(Target(what, ratio, must=3))
    header = ("what", "processor time an event, ms", "÷ echo", "reply p50 ms", "reply p99 ms")
    return Section("What an event costs", (_NOTE,), (Table(header, tuple(rows)),), tuple(targets))


_NOTE = (
    "A mention comes as two events. The echo is a bare `slack_bolt` app that posts what was said; "
    "it keeps nothing, and finds nothing. Processes of their own, each at a Slack on loopback, "
    f"all are sent the same mentions at the same time, {RATE:.0f} a second: what members write, of "
    f"{statistics.mean(map(len, QUESTIONS)):.0f} characters on average. By meaning, the encoder's "
    "own time on the same questions is taken off."
)


async def _measure(mode: str, mentions: int) -> Mapping[str, Bot]:
    said = [f"<@{BOT}> {QUESTIONS[each % len(QUESTIONS)]}" for each in range(mentions)]
    async with AsyncExitStack() as stack:
        bots = {}
        for name in ("echo", "words", "words and meaning"):
            bots[name] = await stack.enter_async_context(_bot(mode, name))
        await asyncio.gather(*(each.ask(said[:WARM]) for each in bots.values()))
        before = {name: each.cpu() for name, each in bots.items()}
        await asyncio.gather(*(each.ask(said) for each in bots.values()))
        for name, each in bots.items():
            each.seconds = each.cpu() - before[name]
    bots["words and meaning"].seconds -= _encoding() * mentions
    return bots


def _encoding() -> float:
    """Return the processor seconds that the encoder takes of a question, on average.

    A text of several questions is encoded several times; and as rarely as here, each time from
    the beginning of a cold cache.
    """
    searcher, meaning, spent = Searcher(load(DATA), LISTS), Meaning(), 0.0
    searcher.add(meaning)
    encode = meaning.encoder.encode

    def timed(text: str) -> NDArray[np.float32]:
        nonlocal spent
        began = time.process_time()
        try:
            return encode(text)
        finally:
            spent += time.process_time() - began

    meaning.encoder.encode = timed  # type: ignore[method-assign]
    for each in QUESTIONS:
        searcher.reply(each)
        time.sleep(1 / RATE)
    return spent / len(QUESTIONS)


@asynccontextmanager
async def _bot(mode: str, name: str) -> AsyncIterator[Bot]:
    async with FakeSlack(mode=mode) as fake:
        fake.port_of_bot = free_port()
        fake.bot_url = f"http://127.0.0.1:{fake.port_of_bot}/slack/events"
        with tempfile.TemporaryDirectory() as folder:
            if name == "echo":
                given = (mode, fake.api_url, str(fake.port_of_bot), BOT_TOKEN, APP_TOKEN, SECRET)
                process = await asyncio.create_subprocess_exec(sys.executable, "-c", _ECHO, *given)
                await _listens(fake)
            else:
                meaning = "on" if "meaning" in name else "off"
                process = await start(fake, Path(folder), FAQBOT_SEARCH__MEANING=meaning)
                await healthy(fake)
            try:
                yield Bot(name, fake, process)
            finally:
                process.send_signal(signal.SIGTERM)
                await process.wait()


async def _listens(fake: FakeSlack) -> None:
    """Wait until the echo is there."""
    if fake.mode == "socket":
        await fake.connected()
        return
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", fake.port_of_bot)
            except ConnectionError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
