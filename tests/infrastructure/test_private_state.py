"""What members asked is readable by nobody else, whatever the umask."""

import os
import pty
import select
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.catalogue import Catalogue
from bot.store import Database, migrate
from bot.telemetry import Health
from tests.cli.conftest import PROJECT

FAQBOT = Path(sys.executable).with_name("faqbot")


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return the permissions of a folder and of what is in it."""
    return {
        path.relative_to(folder.parent).as_posix(): path.stat().st_mode & 0o777
        for path in [folder, *sorted(folder.rglob("*"))]
    }


@contextmanager
def chatting(folder: Path) -> Iterator[int]:
    """Chat in a terminal; yields the terminal's other end."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [FAQBOT, "run"],
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        umask=0o022,
        env={
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "FAQBOT_SEARCH__MEANING": "off",
        },
    )
    os.close(theirs)
    try:
        yield ours
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def until(terminal: int, words: str, seconds: float = 60) -> None:
    """Read what is shown until these words are."""
    shown, deadline = b"", time.monotonic() + seconds
    while words.encode() not in shown:
        assert time.monotonic() < deadline, shown.decode(errors="replace")
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 65536)


@pytest.mark.fault(125)
def test_a_chat_leaves_nothing_that_others_can_read(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "data", tmp_path / "data")
    with chatting(tmp_path) as terminal:
        until(terminal, "質問>")
        os.write(terminal, "カリキュラム学習は検討していますか\r".encode())
        until(terminal, "カリキュラム学習は有望")
        during = modes(tmp_path / "var")
        until(terminal, "質問>")
        os.write(terminal, b"/quit\r")

    for found in (during, modes(tmp_path / "var")):
        folder = found.pop("var")
        assert 0o700 == folder
        assert dict.fromkeys(found, 0o600) == found
    files = {"faqbot.db", "faqbot.db-wal", "faqbot.db-shm", "faqbot.db.lock"}
    assert {f"var/{name}" for name in (*files, "history", "search.cache")} <= set(during)


@pytest.mark.fault(125)
def test_neither_does_a_bot_that_serves(tmp_path: Path) -> None:
    catalogue = Catalogue(PROJECT / "data", var=tmp_path / "var", last_good=True)
    with catalogue.following(Health()):
        pass

    found = modes(tmp_path / "var")
    folders = {name for name in found if (tmp_path / name).is_dir()}
    assert {"var", "var/last-good"} < folders
    assert {name: 0o700 if name in folders else 0o600 for name in found} == found


@pytest.mark.fault(125)
def test_a_database_left_open_to_others_by_an_earlier_version_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "faqbot.db"
    Database.open(f"sqlite:///{path}").close()
    for file in (path, path.with_name("faqbot.db.lock")):
        file.chmod(0o644)
    newer = shutil.copytree(migrate.SCRIPTS, tmp_path / "migrations")
    monkeypatch.setattr(migrate, "SCRIPTS", newer)
    last = max(path.name[:4] for path in (newer / "versions").glob("[0-9]*.py"))
    (newer / "versions" / "9999_next.py").write_text(
        f'revision, down_revision = "9999", "{last}"\ndef upgrade():\n    pass\n'
    )

    Database.open(f"sqlite:///{path}").close()

    found = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.glob("faqbot.db*")}
    assert {"faqbot.db", "faqbot.db.lock", f"faqbot.db.before-upgrade-of-{last}"} == set(found)
    assert {0o600} == set(found.values())
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
