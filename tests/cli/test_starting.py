"""What every command's start has in common, and each change of the FAQ after it."""

import gc
import socket
import sqlite3
import sys
import weakref
from pathlib import Path

import pytest

from adapters.cli.starting import replacing, starting, take_short_turns
from bot.errors import FaqbotError
from tests.cli.conftest import Faqbot

OLDER = Path(__file__).parents[1] / "store" / "rows_of_0_2_0.sql"


def test_the_garbage_collector_is_back_after_a_start_even_one_that_failed() -> None:
    with starting():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(FaqbotError), starting():
        raise FaqbotError("No FAQ.", "Write one.")
    assert gc.isenabled()
    gc.unfreeze()


def test_what_a_start_loads_is_not_looked_through_for_garbage() -> None:
    with starting():
        loaded = [object()]
    assert not any(one is loaded for one in gc.get_objects())
    gc.unfreeze()


class Ring:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.closed = self


def test_a_change_leaves_alone_what_it_makes_but_not_the_garbage_before_it() -> None:
    garbage = weakref.ref(Ring())
    with replacing():
        made = [object()]
        assert not gc.isenabled()
    assert gc.isenabled()
    assert garbage() is None
    assert not any(one is made for one in gc.get_objects())
    gc.unfreeze()


def test_threads_of_a_process_that_serves_take_short_turns() -> None:
    before = sys.getswitchinterval()
    try:
        take_short_turns()
        assert sys.getswitchinterval() < before / 10
    finally:
        sys.setswitchinterval(before)


def test_fault_83_a_port_in_use_is_said_before_an_older_database_is_upgraded(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    database = tmp_path / "faqbot.db"
    connection = sqlite3.connect(database)
    connection.executescript(OLDER.read_text(encoding="utf-8"))
    connection.close()
    before = database.read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = faqbot(
            "run",
            SLACK_BOT_TOKEN="xoxb-1",
            SLACK_APP_TOKEN="xapp-1",
            FAQBOT_HTTP__PORT=port,
            FAQBOT_DATABASE_URL=f"sqlite:///{database}",
            FAQBOT_LOCALE="en",
        )
    (line,) = [each for each in done.stderr.splitlines() if each.startswith("error")]
    assert 2 == done.returncode
    assert port in line
    assert "another program uses this port" in line
    assert "Traceback" not in done.stderr
    assert before == database.read_bytes()
    assert [database] == [each for each in tmp_path.iterdir() if each.name.startswith("faqbot.db")]
