"""``faqbot db``: the store in a file, beside a running bot, and in another database."""

import asyncio
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.settings import LimitSettings
from bot.store import Database
from tests.cli.conftest import SETTINGS, Faqbot, run
from tests.fakes import postgresql
from tests.platforms.memory_driver import MemoryChat


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_backup_under_load_is_whole_and_a_bot_on_it_answers_what_waited(
    faqbot: Faqbot,
    tmp_path: Path,
    kind: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'faqbot.db'}"
    else:
        url = request.getfixturevalue("replicated_url")
        monkeypatch.setenv("PATH", f"{postgresql.installed()}:{os.environ['PATH']}")
    many = LimitSettings(member=100_000, channel=100_000)
    chat = MemoryChat(tmp_path, limits=many, url=url)
    await chat.start()
    chat.platform.delay = 0.1  # cards wait for one another
    written = asyncio.Event()

    async def ask() -> None:
        while not written.is_set():
            await chat.says("明美", "合成データは使っていますか")
            await asyncio.sleep(0.01)

    asking = asyncio.create_task(ask())
    said = await run(faqbot, "db", "backup", "monday", FAQBOT_DATABASE_URL=url)
    written.set()
    await asking
    await chat.stop()

    assert "monday" in said
    backup = tmp_path / "monday"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    asked = count(url, "inbox")
    if kind == "sqlite":
        url = f"sqlite:///{backup}"
    else:
        server = url.replace("+psycopg", "")
        restore = ["pg_restore", "--clean", "--if-exists", "--no-owner", "-d", server, backup]
        subprocess.run(restore, check=True)  # noqa: ASYNC221  # nothing else goes on
    kept, waited = count(url, "inbox"), count(url, "outbox WHERE state <> 'sent'")
    assert waited > 0, "it was made while nothing was under way"
    assert kept < asked, "nothing was written meanwhile"

    restored = MemoryChat(tmp_path, limits=many, url=url)
    await restored.start()
    await restored.sees()
    await restored.stop()
    assert (kept, 0) == (count(url, "asks"), count(url, "outbox WHERE state <> 'sent'"))


def count(url: str, rows: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found: int = connection.execute(text(f"SELECT count(*) FROM {rows}")).scalar_one()
    engine.dispose()
    return found


def test_a_copy_says_how_many_rows_each_table_has(faqbot: Faqbot, tmp_path: Path) -> None:
    Database.open(f"sqlite:///{tmp_path / 'faqbot.db'}").close()

    done = faqbot("db", "copy", "sqlite:///new.db", **SETTINGS)

    assert (0, "") == (done.returncode, done.stderr)
    assert "  inbox                        0\n" in done.stdout
    assert "FAQBOT_DATABASE_URL" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("copy", "mysql://a:marker@b/c"), "コピー先のデータベース: "),
        (("copy", "postgresql+psycopg://a:marker@127.0.0.1:1/c"), "コピー先のデータベース: "),
        (("copy", "sqlite:///faqbot.db"), "別の faqbot が使っています"),
        (("copy",), "URL"),
        (("copie",), "copie というコマンドはありません。copy のことでしょうか。"),
        (("backup", "faqbot.db"), "上書きはしません"),
    ],
)
def test_what_cannot_be_copied_is_one_line_without_the_password(
    faqbot: Faqbot, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    Database.open(f"sqlite:///{tmp_path / 'faqbot.db'}").close()

    done = faqbot("db", *arguments, **SETTINGS)

    assert (2, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert says in done.stderr
    assert "marker" not in done.stderr


@pytest.mark.fault(92)
def test_a_traceback_does_not_hold_the_password(faqbot: Faqbot, tmp_path: Path) -> None:
    Database.open(f"sqlite:///{tmp_path / 'faqbot.db'}").close()
    url = "postgresql+psycopg://a:marker@127.0.0.1:1/c"

    done = faqbot("--debug", "db", "copy", url, **SETTINGS)

    assert "Traceback" in done.stderr
    assert "marker" not in done.stderr


def test_a_backup_that_is_told_to_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    """Half a copy, which no clearing up knows by its name, kept what members wrote."""
    dump = tmp_path / "bin" / "pg_dump"
    dump.parent.mkdir()
    dump.write_text('#!/bin/sh\necho half > "$PWD/monday.part"; echo $$ > pid; exec sleep 60\n')
    dump.chmod(0o755)
    url = "postgresql+psycopg://faqbot@127.0.0.1:1/faqbot"
    environment = {
        "PATH": f"{dump.parent}:{os.environ['PATH']}",
        "FAQBOT_DATABASE_URL": url,
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }
    command = [Path(sys.executable).parent / "faqbot", "db", "backup", "monday"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment) as backup:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
            time.sleep(0.02)
        assert (tmp_path / "monday.part").exists()
        backup.terminate()
        assert 143 == backup.wait(20)
    assert {"bin", "pid"} == {each.name for each in tmp_path.iterdir()}
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
