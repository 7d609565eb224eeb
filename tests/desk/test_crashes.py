"""Killed at any step and started anew, the bot loses nothing and says nothing twice (P1, P3)."""

import json
import random
import signal
import sqlite3
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.desk.crashing import append, ended, main, read, start

QUESTIONS_EACH = 3


def _ask(folder: Path) -> None:
    asked = len(read(folder / "questions"))
    for number in range(asked, asked + QUESTIONS_EACH):
        append(folder / "questions", f"q{number}")


def _each_acknowledged(folder: Path) -> bool:
    return len(read(folder / "acknowledged")) == len(read(folder / "questions"))


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
        assert ended(main, tmp_path, step, number) == -signal.SIGKILL
    assert ended(main, tmp_path) == 0
    assert _each_once(tmp_path)


@pytest.mark.fault(72)
def test_kills_at_random_instants_lose_and_double_nothing(tmp_path: Path) -> None:
    instants = random.Random(20)
    for life in range(12):
        _ask(tmp_path)
        process = start(main, tmp_path, "outside", 0)
        while life % 3 and not _each_acknowledged(tmp_path):  # else it may die while it starts
            assert process.is_alive()
            time.sleep(0.01)
        process.join(instants.uniform(0.0, 0.6))
        process.kill()
        process.join()
    assert ended(main, tmp_path) == 0
    assert _each_once(tmp_path)
    connection = sqlite3.connect(tmp_path / "faqbot.db")
    assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    connection.close()
