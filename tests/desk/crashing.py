"""A process that is killed: the desk on a platform that lives in a file.

``main`` takes in every question of ``questions`` that isn't acknowledged in ``acknowledged``, as a
platform that redelivers, and kills itself at the ``number``-th time that it comes to ``step``; with
the step ``outside`` it waits to be killed, with ``none`` it ends when all is posted.
"""

import asyncio
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Coroutine
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot.bootstrap import build
from bot.domain.card import Outgoing
from bot.domain.inbound import Circle, MessageRef, Person, Place, Question
from bot.settings import CoreSettings, LimitSettings
from tests.fakes.faq import FAQ
from tests.fakes.search import PairSearch
from tests.fakes.waiting import HANG

PLACE = Place("file", "W", "general")
IN_FLIGHT = 0.2

Main = Callable[[Path, str, int], Coroutine[None, None, None]]
_FORKING = multiprocessing.get_context("forkserver")


def start(main: Main, folder: Path, step: str, number: int) -> BaseProcess:
    """Start a process, forked from one that has imported everything: it takes no second."""
    _FORKING.set_forkserver_preload(["tests.desk.crashing_loop"])
    process = _FORKING.Process(target=_be, args=(main, folder, step, number), daemon=True)
    process.start()
    return process


def ended(main: Main, folder: Path, step: str = "none", number: int = 1) -> int | None:
    """Run a process to its end; return its exit code, None where it hangs."""
    process = start(main, folder, step, number)
    process.join(HANG)
    return process.exitcode


def _be(main: Main, folder: Path, step: str, number: int) -> None:
    asyncio.run(main(folder, step, number))


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
