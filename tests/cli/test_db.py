"""``faqbot db``: the store in a file, beside a running bot, and in another database."""

import asyncio
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from bot.settings import LimitSettings
from bot.store import Database
from tests.cli.conftest import SETTINGS, Faqbot, run
from tests.platforms.memory_driver import MemoryChat


async def test_a_backup_under_load_is_whole_and_a_bot_on_it_answers_what_waited(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    many = LimitSettings(member=100_000, channel=100_000)
    chat = MemoryChat(tmp_path, limits=many)
    await chat.start()
    written = asyncio.Event()

    async def ask() -> None:
        while not written.is_set():
            await chat.says("明美", "合成データは使っていますか")

    asking = asyncio.create_task(ask())
    said = await run(faqbot, "db", "backup", "monday.db")
    written.set()
    await asking
    await chat.stop()

    assert "monday.db" in said
    path = tmp_path / "monday.db"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept, waited = count(path, "inbox"), count(path, "inbox WHERE done_at IS NULL")
    assert waited > 0, "it was made while nothing was under way"
    assert kept < count(tmp_path / "faqbot.db", "inbox"), "nothing was written meanwhile"

    restored = MemoryChat(tmp_path, limits=many, url=f"sqlite:///{path}")
    await restored.start()
    await restored.sees()
    await restored.stop()
    assert (kept, 0) == (count(path, "asks"), count(path, "outbox WHERE state <> 'sent'"))


def count(path: Path, rows: str) -> int:
    with closing(sqlite3.connect(path)) as database:
        assert ("ok",) == database.execute("PRAGMA quick_check").fetchone()
        found: int = database.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]
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

    done = faqbot("--debug", "db", *arguments, **SETTINGS)
    assert "marker" not in done.stderr
    done = faqbot("db", *arguments, **SETTINGS)

    assert (2, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert says in done.stderr
    assert "marker" not in done.stderr
