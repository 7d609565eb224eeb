"""A process that is killed: the desk on a platform that lives in a file.

Run as ``python -m tests.desk.crashing FOLDER STEP NUMBER``: it takes in every question of
``questions`` that isn't acknowledged in ``acknowledged``, as a platform that redelivers, and kills
itself at the ``NUMBER``-th time that it comes to ``STEP``; with the step ``outside`` it waits to be
killed, with ``none`` it ends when all is posted.
"""

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from bot.bootstrap import build
from bot.domain.card import Outgoing
from bot.domain.inbound import Circle, MessageRef, Person, Place, Question
from bot.settings import CoreSettings, LimitSettings
from tests.fakes.faq import FAQ
from tests.fakes.search import PairSearch

PLACE = Place("file", "W", "general")
IN_FLIGHT = 0.2


class Fuse:
    """Kills the process without a word at the given step; at any, where that is empty."""

    def __init__(self, step: str, number: int) -> None:
        self._step = step
        self._left = number

    def burn(self, step: str) -> None:
        if self._step in (step, ""):
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class FilePlatform:
    """Posts are lines of a file, which outlives the process."""

    name = "file"
    whispers = overhears = True
    room = 3000
    circle = Circle.CHANNEL

    def __init__(self, path: Path, fuse: Fuse) -> None:
        self._path = path
        self._fuse = fuse

    async def send(self, outgoing: Outgoing) -> MessageRef:
        self._fuse.burn("before send")
        append(self._path, json.dumps([outgoing.id, outgoing.to.thread]))
        self._fuse.burn("after send")
        return MessageRef(outgoing.to, outgoing.id)

    async def find(self, outgoing: Outgoing) -> MessageRef | None:
        sent = {json.loads(line)[0] for line in read(self._path)}
        return MessageRef(outgoing.to, outgoing.id) if outgoing.id in sent else None

    def address(self, ref: MessageRef) -> str:
        return ""

    async def called(self, person: str) -> str:
        return ""

    async def organises(self, person: str) -> bool:
        return False


def append(path: Path, line: str) -> None:
    """Write a line so that it outlives the process."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def read(path: Path) -> list[str]:
    """Return a file's lines; none where there is no file."""
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


async def main(folder: Path, step: str, number: int) -> None:
    fuse = Fuse(step, number)
    desk = build(
        PairSearch(FAQ),
        CoreSettings(database_url=f"sqlite:///{folder / 'faqbot.db'}"),
        limits=LimitSettings(member=1_000),
        in_flight=IN_FLIGHT,
    )
    running = asyncio.create_task(desk.run({"file": FilePlatform(folder / "posted", fuse)}))
    acknowledged = set(read(folder / "acknowledged"))
    for message in read(folder / "questions"):
        if message not in acknowledged:
            ref = MessageRef(replace(PLACE, thread=message), message)
            await desk.receive(Question(ref, Person("U1"), "合成データは使っていますか"))
            fuse.burn("after inbox commit")
            append(folder / "acknowledged", message)
            fuse.burn("after acknowledgement")
    while await desk.waiting() or step == "outside":  # noqa: ASYNC110  # nothing rings when both queues are empty
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])
    desk.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
