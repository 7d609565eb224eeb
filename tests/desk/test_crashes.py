"""Killed at any step and started anew, the bot loses nothing and says nothing twice (P1, P3)."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.desk.crashing import append, read

QUESTIONS_EACH = 3


def _run(folder: Path, step: str = "none", number: int = 0, *, kill_after: float = 60) -> int:
    """Run the process to its end, or kill it; return its exit code."""
    command = [sys.executable, "-m", "tests.desk.crashing", str(folder), step, str(number)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        return process.wait(kill_after)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _ask(folder: Path) -> None:
    asked = len(read(folder / "questions"))
    for number in range(asked, asked + QUESTIONS_EACH):
        append(folder / "questions", f"q{number}")


def _each_once(folder: Path) -> bool:
    threads = Counter(json.loads(line)[1] for line in read(folder / "posted"))
    return threads == Counter(read(folder / "questions"))


@pytest.mark.fault(72)
@pytest.mark.parametrize(
    "step", ["after inbox commit", "after acknowledgement", "before send", "after send"]
)
def test_a_kill_at_a_step_loses_and_doubles_nothing(tmp_path: Path, step: str) -> None:
    for number in (1, 2, 3, 1):
        _ask(tmp_path)
        assert _run(tmp_path, step, number) == -signal.SIGKILL
    assert _run(tmp_path) == 0
    assert _each_once(tmp_path)


@pytest.mark.fault(72)
def test_kills_at_random_instants_lose_and_double_nothing(tmp_path: Path) -> None:
    instants = random.Random(20)
    for _ in range(12):
        _ask(tmp_path)
        _run(tmp_path, "outside", kill_after=instants.uniform(0.4, 1.2))
    assert _run(tmp_path) == 0
    assert _each_once(tmp_path)
    connection = sqlite3.connect(tmp_path / "faqbot.db")
    assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    connection.close()
