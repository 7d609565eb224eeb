"""``faqbot run`` as a process of its own, which may end or stop itself at a named step.

Processes are forked from one that has imported everything, by multiprocessing's fork server: a
start then takes a third of the time, so that hundreds of kills fit into minutes.
"""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Any

from adapters.cli.main import main
from adapters.discord import app as discord_app
from adapters.discord.api import Api
from adapters.discord.gateway import Timing
from adapters.discord.outbound import DiscordPlatform
from adapters.slack.outbound import SlackPlatform
from bot.store import Claimed, Database
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox

SIGN_IN = 0.1
"""Seconds between two sign-ins to Discord."""
COMMITS = {
    "inbox": (Inbox, "accept"),
    "claim": (Inbox, "claim"),
    "answer": (Inbox, "finish"),
    "sending": (Outbox, "claim"),
    "resending": (Outbox, "resending"),
    "sent": (Outbox, "sent"),
}
"""The transactions on a question's way, by what is done in them; nothing done is no step."""

STEPS = (
    *(f"{when} {what} commit" for what in COMMITS for when in ("before", "after")),
    "after defer",
    "before find",
    "after find",
    "before send",
    "after send",
)
"""Every step at which a process may end, in the order of a question's way."""


@dataclass(frozen=True)
class Trap:
    """What befalls a process: a signal that it sends itself at the ``number``-th such step."""

    step: str
    number: int = 1
    sends: signal.Signals = signal.SIGKILL


@dataclass(frozen=True)
class Start:
    """How a process is started.

    Attributes:
        folder: Where it runs; its log, ``log``, and the number of its tasks, ``tasks``, go there.
        environ: Its settings.
        trap: What befalls it; None: nothing.
        clock: A file that holds by how many seconds its clocks are wrong.
    """

    folder: Path
    environ: Mapping[str, str]
    trap: Trap | None = None
    clock: Path | None = None


def forking() -> Callable[[Start], multiprocessing.process.BaseProcess]:
    """Return what starts processes; the first start imports everything, in a process beside."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([
        "tests.proofs.victim", "adapters.cli.run", "adapters.cli.doctor", "adapters.slack.app",
        "adapters.discord.app", "adapters.web.process", "bot.bootstrap", "bot.catalogue",
        "bot.search.searcher", "bot.store.migrate", "psycopg",
    ])  # fmt: skip

    def start(given: Start) -> multiprocessing.process.BaseProcess:
        process = context.Process(target=run, args=(given,), daemon=True)
        process.start()
        return process

    return start


class Other:
    """A process of another version, with the part of multiprocessing's face that is used here."""

    def __init__(self, given: Start, code: Path) -> None:
        command = [sys.executable, "-m", "faqbot", "run"]
        environ = {**given.environ, "PYTHONPATH": str(code)}
        with (given.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=given.folder, env=environ, stdout=log, stderr=log
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exitcode(self) -> int | None:
        return self._process.poll()

    def is_alive(self) -> bool:
        return self._process.poll() is None


def run(given: Start) -> None:
    """Be the process."""
    os.chdir(given.folder)
    log = os.open("log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.environ.clear()
    os.environ.update(given.environ)
    signal.signal(signal.SIGUSR1, lambda *_: _count_tasks())
    # Processes that live for seconds would hardly ever be signed in, and find more to read back
    # than they may.
    discord_app.Timing = partial(Timing, sign_in=SIGN_IN)  # type: ignore[attr-defined,assignment]
    if given.trap is not None:
        _set(given.trap)
    if given.clock is not None:
        _shift(given.clock)
    sys.argv = ["faqbot", "run"]
    main()


def _count_tasks() -> None:
    Path("tasks.new").write_text(str(len(asyncio.all_tasks())))
    Path("tasks.new").replace("tasks")


def _set(trap: Trap) -> None:
    """Let the process come to each step knowingly."""
    left = trap.number
    done: list[str] = []

    def reach(step: str) -> None:
        nonlocal left
        if step == trap.step and left:
            left -= 1
            if not left:
                os.kill(os.getpid(), trap.sends)

    def noting(what: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(work)
        def noted(*given: Any, **named: Any) -> Any:
            result = work(*given, **named)
            if result or result is None:  # a claim of nothing, a key that was known: no step
                done.append(what)
            if what == "inbox" and isinstance(result, Claimed):  # both at once
                done.append("claim")
            return result

        return noted

    for what, (part, method) in COMMITS.items():
        setattr(part, method, noting(what, getattr(part, method)))
    plain = Database.transact

    def transact(self: Database, work: Callable[..., Any], *given: Any, **named: Any) -> Any:
        def worked(tx: Any) -> Any:
            done.clear()
            result = work(tx)
            for what in done:
                reach(f"before {what} commit")
            return result

        result = plain(self, worked, *given, **named)
        for what in done:
            reach(f"after {what} commit")
        done.clear()
        return result

    Database.transact = transact  # type: ignore[method-assign]

    def between(part: type, method: str, name: str) -> None:
        work: Callable[..., Awaitable[Any]] = getattr(part, method)

        @wraps(work)
        async def stepping(*given: Any, **named: Any) -> Any:
            reach(f"before {name}")
            result = await work(*given, **named)
            reach(f"after {name}")
            return result

        setattr(part, method, stepping)

    between(Api, "defer", "defer")
    for platform in (SlackPlatform, DiscordPlatform):
        between(platform, "find", "find")
        between(platform, "send", "send")


def _shift(clock: Path) -> None:
    """Let this process's wall clock and the database's be wrong by what a file says."""
    from bot.store import schema

    def wrong() -> float:
        return float(clock.read_text())

    class Shifted(dict[str, str]):
        """The statements, each made anew each time."""

        def __getitem__(self, name: str) -> str:
            return f"{super().__getitem__(name)} + {wrong()}"

    plain = time.time
    time.time = lambda: plain() + wrong()
    schema.CLOCK = Shifted(schema.CLOCK)
