"""What an operator sees of a whole process: its start, its health, its log."""

import asyncio
import json
import shutil
import signal
import socket
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT, Fault
from tests.fakes.waiting import HANG, until
from tests.platforms.command import DATA, end, healthy, start
from tests.platforms.test_web import free_port, get

BROKEN = "entries:\n- id: x\n  question: 'no end\n"


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with FakeSlack(mode="socket") as made:
        made.port_of_bot = free_port()
        yield made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return shutil.copytree(DATA, tmp_path / "data")


async def health(fake: FakeSlack) -> tuple[int, dict[str, object], dict[str, str]]:
    """Return the status, what it says, and the messages of what is red."""
    status, text = await get(f"http://127.0.0.1:{fake.port_of_bot}/healthz")
    told = json.loads(text)
    return status, told, {part["name"]: part["message"] for part in told["parts"] if not part["ok"]}


async def answered(fake: FakeSlack, question: str) -> str:
    asked = await fake.says("U0MEMBER", f"<@{BOT}> {question}")
    await fake.until(lambda: fake.replies(asked.ts))
    return "".join(reply.words for reply in fake.replies(asked.ts))


async def ended(process: Process) -> int:
    return await asyncio.wait_for(process.wait(), HANG)


@pytest.mark.fault(127)
async def test_a_start_on_a_broken_faq_serves_the_last_good_one_until_it_is_mended(
    fake: FakeSlack, tmp_path: Path, data: Path
) -> None:
    process = await start(fake, tmp_path, data)
    await healthy(fake)
    changed = data / "kawahara.yaml"
    whole = changed.read_text(encoding="utf-8")
    question = whole.partition("question: ")[2].partition("\n")[0]
    before = await answered(fake, question)
    await end(process, signal.SIGTERM)

    changed.write_text(BROKEN, encoding="utf-8")
    process = await start(fake, tmp_path, data)
    await healthy(fake)
    status, told, red = await health(fake)
    assert (status, told["status"], list(red)) == (200, "degraded", ["content"])
    assert "kawahara.yaml" in red["content"]
    assert "faqbot check" in red["content"]
    assert await answered(fake, question) == before

    changed.write_text(whole, encoding="utf-8")

    async def well() -> bool:
        return (await health(fake))[1]["status"] == "ok"

    await until(well)
    await end(process, signal.SIGTERM)


@pytest.mark.fault(127)
async def test_a_broken_word_list_leaves_the_last_good_one_too(
    fake: FakeSlack, tmp_path: Path, data: Path
) -> None:
    (data / "synonyms.txt").write_text("言語モデル,LM\n", encoding="utf-8")
    process = await start(fake, tmp_path, data)
    await healthy(fake)
    await end(process, signal.SIGTERM)

    (data / "synonyms.txt").write_bytes("言語モデル,LM\n".encode("utf-16"))
    process = await start(fake, tmp_path, data)
    await healthy(fake)
    status, _, red = await health(fake)
    assert (status, list(red)) == (200, ["content"])
    assert "synonyms.txt" in red["content"]
    await end(process, signal.SIGTERM)


@pytest.mark.fault(127)
async def test_without_a_good_state_a_broken_faq_is_refused_and_nothing_is_made(
    fake: FakeSlack, tmp_path: Path, data: Path
) -> None:
    (data / "kawahara.yaml").write_text(BROKEN, encoding="utf-8")
    assert await ended(await start(fake, tmp_path, data)) == 2
    assert "kawahara.yaml:" in (tmp_path / "log").read_text(encoding="utf-8")
    assert not (tmp_path / "var" / "faqbot.db").exists()


@pytest.mark.fault(94)
async def test_organisers_on_a_platform_that_is_not_served_are_named_by_health(
    fake: FakeSlack, tmp_path: Path
) -> None:
    process = await start(fake, tmp_path, FAQBOT_DISCORD__ORGANISERS="1234567890123456789")
    await healthy(fake)
    status, told, red = await health(fake)
    assert (status, told["status"], list(red)) == (200, "degraded", ["organisers"])
    assert "FAQBOT_DISCORD__ORGANISERS" in red["organisers"]
    await end(process, signal.SIGTERM)


@pytest.mark.fault(78)
async def test_told_to_stop_twice_it_stops_at_once(
    fake: FakeSlack, tmp_path: Path, data: Path
) -> None:
    process = await start(fake, tmp_path, data)
    await healthy(fake)
    fake.fail("chat.postMessage", Fault(delay=8.0, after_effect=True))
    await fake.says("U0MEMBER", f"<@{BOT}> 使い方")
    await fake.until(lambda: fake.calls_of("chat.postMessage"))
    process.send_signal(signal.SIGTERM)
    await fake.until(lambda: "stopping" in (tmp_path / "log").read_text("utf-8"))
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 6) == 1  # the post takes eight


@pytest.mark.fault(83)
async def test_a_port_in_use_is_said_before_the_database_is_made(
    fake: FakeSlack, tmp_path: Path, data: Path
) -> None:
    with socket.create_server(("127.0.0.1", fake.port_of_bot)):
        assert await ended(await start(fake, tmp_path, data)) == 2
    line = (tmp_path / "log").read_text(encoding="utf-8").splitlines()[-1]
    assert str(fake.port_of_bot) in line
    assert "FAQBOT_HTTP__PORT" in line
    assert not (tmp_path / "var" / "faqbot.db").exists()


async def test_the_start_is_told_in_a_few_lines_with_version_and_address(
    fake: FakeSlack, tmp_path: Path, data: Path
) -> None:
    process = await start(fake, tmp_path, data)
    await healthy(fake)
    await end(process, signal.SIGTERM)
    lines = [json.loads(line) for line in (tmp_path / "log").read_text("utf-8").splitlines()]
    told = {line["event"]: line for line in lines}
    assert told["starting"]["version"].count(".") == 2
    assert told["listening"]["address"] == f"http://127.0.0.1:{fake.port_of_bot}"
    assert "database made" in told
    assert {line["logger"].partition(".")[0] for line in lines} == {"faqbot"}


async def test_the_least_level_that_is_written_is_a_setting(
    fake: FakeSlack, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAQBOT_LOG__LEVEL", "WARNING")
    process = await start(fake, tmp_path, data)
    await healthy(fake)
    await end(process, signal.SIGTERM)
    assert (tmp_path / "log").read_text(encoding="utf-8") == ""
