"""One process for all platforms: what fails alone fails alone, and a signal ends it in order."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.web.process import Service, serve
from bot.domain.inbound import MessageRef, Person, Place, Question
from bot.domain.ports import PlatformError
from bot.errors import FaqbotError
from tests.fakes.faq import SYNTHETIC
from tests.fakes.platform import MemoryPlatform
from tests.fakes.slack_api import APP_TOKEN, BOT_TOKEN
from tests.fakes.waiting import HANG, until
from tests.platforms import command
from tests.platforms.chat import a_desk


class Fine:
    """A platform that receives nothing by itself."""

    handler = None

    def __init__(self, name: str) -> None:
        self.platform = MemoryPlatform(name)

    async def run(self) -> None:
        await asyncio.Event().wait()


class Failing(Fine):
    """A platform whose adapter has a fault."""

    async def run(self) -> None:
        raise RuntimeError("the adapter's fault")


@asynccontextmanager
async def opened(service: Service) -> AsyncIterator[Service]:
    yield service


async def test_a_platform_that_fails_leaves_the_others_alone(tmp_path: Path) -> None:
    good, bad = Fine("good"), Failing("bad")
    async with a_desk(f"sqlite:///{tmp_path / 'faqbot.db'}") as desk:
        served = asyncio.create_task(serve(desk, (), {"good": opened(good), "bad": opened(bad)}))
        ref = MessageRef(Place("good", "W", "C", "1"), "1")
        await desk.receive(Question(ref, Person("U"), SYNTHETIC.question))
        await until(lambda: good.platform.posted)
        problems = {each.name: each.message for each in desk.health().components if not each.ok}
        assert problems == {"bad": "接続部分で障害が起きました。ログを見てください。"}
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(served, HANG)


@pytest.mark.fault(62)
async def test_a_platform_without_which_nothing_goes_on_ends_the_process(
    tmp_path: Path,
) -> None:
    class Refused(Fine):
        async def run(self) -> None:
            raise PlatformError("alone", "The token is refused.", "Copy another.")

    async with a_desk(f"sqlite:///{tmp_path / 'faqbot.db'}") as desk:
        with pytest.raises(PlatformError, match="The token is refused"):
            await asyncio.wait_for(serve(desk, (), {"alone": opened(Refused("alone"))}), HANG)


@pytest.mark.fault(78)
async def test_the_first_signal_ends_it_in_order(tmp_path: Path) -> None:
    async with a_desk(f"sqlite:///{tmp_path / 'faqbot.db'}") as desk:
        before = {signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
        for number in (signal.SIGTERM, signal.SIGINT):
            served = asyncio.create_task(serve(desk, (), {"good": opened(Fine("good"))}))
            await until(lambda number=number: signal.getsignal(number) not in before)  # type: ignore[misc]
            signal.raise_signal(number)
            await asyncio.wait_for(served, HANG)


async def test_a_platform_that_cannot_be_opened_ends_the_start_with_its_words(
    tmp_path: Path,
) -> None:
    @asynccontextmanager
    async def broken() -> AsyncIterator[Service]:
        raise FaqbotError("The token is refused.", "Copy another.")
        yield Fine("never")

    async with a_desk(f"sqlite:///{tmp_path / 'faqbot.db'}") as desk:
        with pytest.raises(FaqbotError, match="The token is refused"):
            await serve(desk, (), {"broken": broken()})


@pytest.mark.fault(78)
async def test_a_signal_while_it_starts_ends_it_in_order_too(tmp_path: Path) -> None:
    """Here it waits for a database that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        process = await command.run(
            tmp_path,
            SLACK_BOT_TOKEN=BOT_TOKEN,
            SLACK_APP_TOKEN=APP_TOKEN,
            FAQBOT_HTTP__PORT="0",
            FAQBOT_DATABASE_URL=f"postgresql+psycopg://faqbot@127.0.0.1:{port}/faqbot",
        )
        silent.settimeout(20)
        connection, _ = await asyncio.to_thread(silent.accept)
        with connection:
            await command.end(process, signal.SIGTERM)
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert (0, False) == (process.returncode, "Traceback" in log)
