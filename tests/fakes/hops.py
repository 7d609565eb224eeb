"""How far a Slack mention goes: the functions and files of ours between its event and its card."""

import asyncio
import sys
import tempfile
import threading
from pathlib import Path
from types import CodeType, FrameType

from adapters.slack.app import Timing
from tests.fakes.faq import SYNTHETIC
from tests.fakes.slack import FakeSlack
from tests.platforms.slack_driver import SlackChat

_ROOT = Path(__file__).parents[2]
_OURS = tuple(f"{_ROOT / folder}/" for folder in ("bot", "adapters"))
_SETTLED = 0.3
"""Seconds after which what runs at the start is over, and what runs each second isn't due yet."""


def hops() -> tuple[int, int]:
    """Ask what is surely answered, and count what runs until the answer is posted.

    The search is the tests' own; Slack stands on loopback, and delivers by Socket Mode.

    Returns:
        How many named functions under ``bot/`` and ``adapters/`` run, and in how many files.
    """
    found = asyncio.run(passed())
    return len(found), len({code.co_filename for code in found})


async def passed() -> set[CodeType]:
    """Return the functions that run, without comprehensions and lambdas."""
    found: set[CodeType] = set()
    async with FakeSlack() as fake:

        def note(frame: FrameType, event: str, _: object) -> None:
            code = frame.f_code
            ours = code.co_filename.startswith(_OURS) and not code.co_name.startswith("<")
            if event == "call" and ours and not fake.replies():
                found.add(code)

        with tempfile.TemporaryDirectory() as folder:
            chat = SlackChat(fake, Path(folder), Timing())
            # The store's thread begins with the bot, and is watched like the loop's.
            threading.setprofile(note)
            try:
                await chat.start()
                await asyncio.sleep(_SETTLED)
                found.clear()
                sys.setprofile(note)
                await chat.says("明美", SYNTHETIC.question)
                await fake.until(fake.replies)
            finally:
                sys.setprofile(None)
                threading.setprofile(None)  # type: ignore[arg-type]
            await chat.stop()
    return found


if __name__ == "__main__":
    print("{} functions in {} files".format(*hops()))
