"""The command, run as an operator runs it: as a process of its own."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.content import export
from tests.fakes.faq import FAQ
from tests.platforms.memory_driver import MemoryChat

PROJECT = Path(__file__).resolve().parents[2]

Faqbot = Callable[..., subprocess.CompletedProcess[str]]

HOSTILE = "<script>alert(1)</script> & \"円周率\" とは <img src=x onerror='x'>"
SETTINGS = {"FAQBOT_DATABASE_URL": "sqlite:///faqbot.db", "FAQBOT_DATA": "faq.yaml"}


@pytest.fixture
def faqbot(tmp_path: Path) -> Faqbot:
    """Run the command in an empty folder, on the lecturers' FAQ; with no setting but those given.

    ``FAQBOT_DATA=""`` leaves it to the command to find a FAQ.
    """

    def run(
        *arguments: str, stdin: str | bytes = "", **settings: str
    ) -> subprocess.CompletedProcess[str]:
        inherited = {
            name: value for name, value in os.environ.items() if "FAQBOT" not in name.upper()
        }
        # By words alone: each process would load the encoder anew in its empty folder.
        usual = {"FAQBOT_DATA": str(PROJECT / "data"), "FAQBOT_SEARCH__MEANING": "off"}
        settings = usual | settings
        if not settings["FAQBOT_DATA"]:
            del settings["FAQBOT_DATA"]
        done = subprocess.run(
            [Path(sys.executable).parent / "faqbot", *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            cwd=tmp_path,
            env=inherited | settings,
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[MemoryChat]:
    """A bot that runs, and has the database, while the commands look."""
    export(tmp_path / "faq.yaml", FAQ)
    async with MemoryChat(tmp_path) as chat:
        yield chat


@pytest.fixture
async def talked(chat: MemoryChat) -> MemoryChat:
    """Four questions: answered and useful, answered wrongly, taken from candidates, declined."""
    await chat.says("明美", "合成データは使っていますか")
    await chat.sees()
    await chat.presses("健太", "役に立った")
    await chat.says("健太", "カリキュラム学習は検討していますか")
    await chat.sees()
    await chat.presses("明美", "違う")
    await chat.says("明美", "ハルシネーションの評価とは何なのか")
    await chat.sees()
    await chat.presses("明美", "1")
    await chat.says("明美", HOSTILE)
    await chat.sees()
    await chat.submits("明美")
    await chat.says("健太", f"{HOSTILE}？")
    await chat.sees()
    return chat


async def run(faqbot: Faqbot, *arguments: str, **settings: str) -> str:
    done = await asyncio.to_thread(faqbot, *arguments, **(SETTINGS | settings))
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout
