"""Guards taken away one by one: a test that doesn't notice is no test.

Each mutant is a change of a few characters in the bot's code, in a copy of the repository, and the
tests that must then fail. Where the code has changed so that a mutant finds nothing to change, it
must be written anew: ``test_mutants.py`` says so.
"""

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.proofs.world import ROOT

SIMULATION = "tests/proofs/test_simulation.py::test_seeded_hours_lose_and_double_nothing[0]"
AT_ONCE = 2
"""Mutants that are tried at the same time, each in a copy of its own."""
_WRITTEN = itertools.count(1)


@dataclass(frozen=True)
class Mutant:
    """A guard taken away.

    Attributes:
        name: What the bot does then.
        file: Where.
        old: The guard, which stands there once.
        new: What stands there instead.
        tests: What must fail: arguments of pytest.
    """

    name: str
    file: str
    old: str
    new: str
    tests: str

    def mutated(self, root: Path) -> str:
        """Return the file's text without the guard.

        Raises:
            LookupError: The guard doesn't stand there once.
        """
        text = (root / self.file).read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise LookupError(f"{self.file}: {self.name}: found {text.count(self.old)} times")
        return text.replace(self.old, self.new)


MUTANTS = (
    Mutant(
        "takes each delivery for a new question", "bot/store/inbox.py",
        "key, now = key_of(item),", "key, now = f'{key_of(item)} {time.time_ns()}',",
        "tests/store/test_inbox.py",
    ),
    Mutant(
        "works on what came in without holding it", "bot/store/inbox.py",
        '"lease_until": now + LEASE', '"lease_until": 0.0',
        "tests/store/test_inbox.py",
    ),
    Mutant(
        "acknowledges Slack's events before they are kept", "adapters/slack/listeners.py",
        'await EVENTS.get(body["event"]["type"], Listeners.other_event)(self, body)',
        'asyncio.ensure_future(EVENTS[body["event"]["type"]](self, body))',
        "tests/platforms/test_slack_faults.py tests/platforms/test_slack_app.py",
    ),
    Mutant(
        "acknowledges a press before it is kept", "adapters/slack/app.py",
        "process_before_response=True", "process_before_response=False",
        "tests/platforms/test_slack_app.py",
    ),
    Mutant(
        "acknowledges what couldn't be kept", "adapters/slack/listeners.py",
        "return BoltResponse(status=500)", "return BoltResponse(status=200)",
        "tests/platforms/test_slack_faults.py tests/platforms/test_slack_app.py",
    ),
    Mutant(
        "sends again without looking", "bot/desk/delivery.py",
        "            found = await platform.find(due.outgoing)\n", "            found = None\n",
        SIMULATION,
    ),
    Mutant(
        "sends again while the first may still be on its way", "bot/desk/delivery.py",
        "if due.tried < self._in_flight:", "if due.tried < 0:",
        SIMULATION,
    ),
    Mutant(
        "takes a post without an answer for not sent", "bot/desk/delivery.py",
        'wait, unknown, result = 0.0, True, "unknown"', 'wait, unknown, result = 0.0, False, ""',
        SIMULATION,
    ),
    Mutant(
        "lets whoever lost a claim go on all the same", "bot/store/queue.py",
        'mine = (key == bindparam("row"), table.c.fence == bindparam("held"))',
        'mine = (key == bindparam("row"), table.c.fence >= 0 * bindparam("held"))',
        "tests/store/test_inbox.py",
    ),
    Mutant(
        "sends what it claimed before it slept", "bot/desk/delivery.py",
        "if time.monotonic() - due.claimed >", "if 0 >",
        "tests/desk/test_senders.py",
    ),
    Mutant(
        "takes what another one works on", "bot/store/queue.py",
        "*which, passed(table.c.lease_until, lease))", "*which)",
        "tests/store/test_inbox.py tests/store/test_outbox.py",
    ),
    Mutant(
        "never takes what a dead one worked on", "bot/store/queue.py",
        "*which, passed(table.c.lease_until, lease))", "*which, table.c.lease_until == 0)",
        SIMULATION,
    ),
    Mutant(
        "posts twice for the same purpose", "bot/store/outbox.py",
        "            once=once,\n", "            once=outgoing.id,\n",
        "tests/store/test_outbox.py",
    ),
    Mutant(
        "lets a channel's cards overtake one another", "bot/store/outbox.py",
        "earlier.c.seq < outbox.c.seq", "earlier.c.seq < 0",
        "tests/desk/test_senders.py",
    ),
    Mutant(
        "begins a transaction of SQLite's by reading", "bot/store/sqlite_file.py",
        '"BEGIN IMMEDIATE"', '"BEGIN"',
        "tests/store/test_sqlite_file.py",
    ),
    Mutant(
        "trusts a clock that was set", "bot/store/schema.py",
        "if seen <= moment <= now + 1.0:", "if True:",
        "tests/store/test_clock.py",
    ),
    Mutant(
        "waits for a clock that was put back", "bot/store/outbox.py",
        "case((or_(first_time, to_come), NOW)", "case((first_time, NOW)",
        "tests/store/test_outbox.py",
    ),
    Mutant(
        "stops for ever where a claim fails", "bot/desk/running.py",
        "except BaseException as error:  # noqa: BLE001  # the pump must outlive any error",
        "except ValueError as error:",
        "tests/desk/test_workers.py",
    ),
    Mutant(
        "never gives up what kills it", "bot/desk/delivery.py",
        "if claimed.attempts > MOST_ATTEMPTS:", "if claimed.attempts < 0:",
        "tests/desk/test_workers.py",
    ),
    Mutant(
        "keeps its claims when it is told to stop", "bot/desk/running.py",
        "lambda tx: tx.release(self._owner)", "lambda tx: None",
        "tests/desk/test_service.py",
    ),
    Mutant(
        "lets one member ask without end", "bot/desk/asking.py",
        "            if number > most:", "            if number < 0:",
        "tests/desk/test_workers.py",
    ),
    Mutant(
        "keeps texts as they come", "bot/domain/inbound.py",
        "return clean(text)[:LONGEST]", "return text[:LONGEST]",
        "tests/desk/test_desk.py",
    ),
    Mutant(
        "shows a private question to others", "bot/desk/desk.py",
        "(ask.place.private_to and ask.asker != press.by.id)", "False",
        "tests/platforms/test_slack_faults.py",
    ),
    Mutant(
        "lets anybody answer for the lecturers", "bot/desk/learning.py",
        "if served is not None and await served.organises(by.id):", "if served is not None:",
        "tests/desk/test_learning.py",
    ),
    Mutant(
        "believes every request over HTTP", "adapters/slack/app.py",
        "if not plausible or not verifier.is_valid(body, timestamp, signature):",
        "if not plausible:",
        "tests/platforms/test_slack_door.py",
    ),
    Mutant(
        "answers other bots on Slack", "adapters/slack/inbound.py",
        " and said.bot_id is None", "",
        "tests/platforms/test_slack_inbound.py tests/platforms/test_slack_faults.py",
    ),
    Mutant(
        "answers other bots on Discord", "adapters/discord/inbound.py",
        "not message.author.bot and ", "",
        "tests/platforms/test_discord_app.py tests/platforms/test_discord_others.py",
    ),
    Mutant(
        "lets members' text be Slack's markup", "adapters/slack/render.py",
        "html.escape(", "(lambda text, quote: text)(",
        "tests/platforms/test_slack_render.py",
    ),
    Mutant(
        "pings on Discord whoever a text names", "adapters/discord/render.py",
        "mentions = QUIET if self.ping is None else", "mentions = {} if self.ping is None else",
        "tests/platforms/test_discord_render.py tests/platforms/test_discord_outbound.py",
    ),
    Mutant(
        "lets Discord post the same twice", "adapters/discord/api.py",
        '"enforce_nonce": True', '"enforce_nonce": False',
        "tests/platforms/test_discord_outbound.py",
    ),
    Mutant(
        "forgets what Discord said while the store refused",
        "adapters/discord/listeners.py",
        "if waits.tries == tries:", "if waits.tries == 0:",
        "tests/platforms/test_discord_backlog.py",
    ),
    Mutant(
        "drops what shares a transaction with a job that fails", "bot/desk/offload.py",
        "if len(jobs) > 1 and len(results) < len(jobs):", "if False:",
        "tests/desk/test_writer.py",
    ),
    Mutant(
        "does again what may be committed", "bot/desk/offload.py",
        "if len(jobs) > 1 and len(results) < len(jobs):", "if len(jobs) > 1:",
        "tests/desk/test_writer.py",
    ),
    Mutant(
        "writes what Slack's library says into the log", "adapters/slack/api.py",
        'withhold("slack_bolt", "slack_sdk", level=logging.ERROR)',
        'withhold("nobody", level=logging.ERROR)',
        "tests/platforms/test_slack_privacy.py",
    ),
)  # fmt: skip


def survivors(mutants: Sequence[Mutant] = MUTANTS) -> Iterator[tuple[Mutant, str]]:
    """Try mutants.

    Args:
        mutants: Those to try.

    Yields:
        Each with what is wrong about it: that no test failed, or couldn't be run; empty where it
        was caught. First one without a change, whose tests must pass.
    """
    whole = Mutant("nothing is changed", "", "", "", "")
    every = " ".join(dict.fromkeys(" ".join(each.tests for each in mutants).split()))
    copies: SimpleQueue[Path] = SimpleQueue()
    with _copies() as made, ThreadPoolExecutor(AT_ONCE) as pool:
        for copy in made:
            copies.put(copy)

        def ending(tests: str, mutant: Mutant | None = None) -> int:
            copy = copies.get()
            try:
                return _ending(copy, tests, mutant)
            finally:
                copies.put(copy)

        sound = pool.submit(ending, every)
        found = [pool.submit(ending, each.tests, each) for each in mutants]
        yield whole, "tests fail by themselves" if sound.result() else ""
        for mutant, code in zip(mutants, found, strict=True):
            wrong = {0: "no test noticed", 1: ""}.get(code.result())
            yield mutant, f"pytest ended with {code.result()}" if wrong is None else wrong


@contextmanager
def _copies() -> Iterator[list[Path]]:
    """Copy what the tests need, as often as mutants are tried at once."""
    with tempfile.TemporaryDirectory() as folder:
        made = [Path(folder) / str(number) for number in range(AT_ONCE)]
        for copy in made:
            for name in ("bot", "adapters", "tests", "benchmarks", "data", "docs"):
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / name, copy / name, ignore=ignored, symlinks=True)
            for name in ("pyproject.toml", "faqbot.py", "README.md", "CHANGELOG.md"):
                shutil.copy(ROOT / name, copy / name)
        yield made


def _ending(copy: Path, tests: str, mutant: Mutant | None) -> int:
    """Run tests in a copy, with a guard less; return pytest's exit code."""
    path = copy / mutant.file if mutant else None
    before = path.read_text(encoding="utf-8") if path else ""
    if mutant and path:
        _write(path, mutant.mutated(copy))
    try:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider",
             *tests.split()],
            cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=1200,
        ).returncode  # fmt: skip
    finally:
        if path:
            _write(path, before)


def _write(path: Path, text: str) -> None:
    """Write a module so that no bytecode of its other version is taken for it."""
    path.write_text(text, encoding="utf-8")
    later = time.time() + 10 * next(_WRITTEN)
    os.utime(path, (later, later))
