"""The SQLite file: locked, full, deleted, damaged, of another version, in use."""

import os
import shutil
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from bot.store import migrate
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.inbox import Claimed
from bot.store.schema import metadata
from bot.store.transaction import Transaction
from bot.texts import Texts
from tests.store.samples import accept, question


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "faqbot.db"


@pytest.fixture
def made(path: Path) -> Path:
    """A database with a question in it, closed."""
    database = _open(path)
    accept(database, question())
    database.close()
    return path


def _open(path: Path) -> Database:
    return Database.open(f"sqlite:///{path}")


def test_the_migrations_make_what_the_code_expects(url: str, database: Database) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert difference == []


@pytest.mark.fault(72)
def test_a_write_survives_the_power_going_off(made: Path) -> None:
    database = _open(made)
    pragmas = database.transact(
        lambda tx: [
            tx._session.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "secure_delete",
                "busy_timeout",
            )
        ]
    )
    database.close()
    assert pragmas == ["wal", 2, 1, 1, 10_000]


@pytest.mark.fault(86)
def test_words_that_were_forgotten_are_nowhere_on_the_disk(path: Path) -> None:
    """Neither in the database nor in its log, however long a reader made that one."""
    database = _open(path)
    accept(database, question("before"))
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN").execute("SELECT count(*) FROM inbox").fetchone()
    for number in range(300):
        accept(database, question(str(number), "NAISHO" * 400))
    assert any(b"NAISHO" in each.read_bytes() for each in path.parent.iterdir())
    for claimed in database.transact(lambda tx: tx.inbox.claim("one", 301)):
        _finish(database, claimed)
    reader.close()
    for number in range(20):
        accept(database, question(f"later {number}"))
    found = [each.name for each in path.parent.iterdir() if b"NAISHO" in each.read_bytes()]
    database.close()
    assert found == []


@pytest.mark.fault(83)
def test_a_second_process_is_refused(made: Path) -> None:
    first = _open(made)
    with pytest.raises(StoreError, match="in use by another faqbot"):
        _open(made)
    first.close()
    _open(made).close()


def test_what_a_killed_process_had_claimed_is_free_at_once(made: Path) -> None:
    killed = _open(made)
    killed.transact(lambda tx: tx.inbox.claim("killed", 9))
    killed.close()
    database = _open(made)
    (claimed,) = database.transact(lambda tx: tx.inbox.claim("next", 9))
    database.close()
    assert claimed.attempts == 2


@pytest.mark.fault(70)
def test_another_programs_short_lock_is_waited_out(made: Path) -> None:
    database = _open(made)
    holder = sqlite3.connect(made, check_same_thread=False, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, holder.execute, ("COMMIT",)).start()
    assert accept(database, question("2"))
    holder.close()
    database.close()


@pytest.mark.fault(70)
def test_a_lock_that_outlasts_the_waiting_is_told_and_harms_nothing(made: Path) -> None:
    database = _open(made)
    pragma = "PRAGMA busy_timeout = 100"
    database.transact(lambda tx: tx._session.connection.exec_driver_sql(pragma))
    holder = sqlite3.connect(made, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="is busy"):
        accept(database, question("2"))
    holder.execute("COMMIT")
    holder.close()
    assert accept(database, question("2"))
    database.close()


@pytest.mark.fault(70)
def test_a_transaction_that_reads_first_can_still_write(made: Path) -> None:
    """A deferred one fails at once when another connection wrote in between."""
    database = _open(made)
    other = sqlite3.connect(made, timeout=0)

    def work(tx: Transaction) -> bool:
        assert tx.inbox.waiting() == 1
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("DELETE FROM watches")
        return tx.inbox.accept(question("2"))

    assert database.transact(work)
    other.close()
    database.close()


@pytest.mark.fault(71)
def test_a_full_disk_refuses_aloud_and_works_again_when_there_is_room(made: Path) -> None:
    database = _open(made)

    def limit(pages: int) -> None:
        database.transact(
            lambda tx: tx._session.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        )

    limit(1)
    with pytest.raises(StoreError, match="database or disk is full") as refused:
        accept(database, question("long", "長" * 100_000))
    assert "ディスクの空きがありません" in refused.value.in_words(Texts("ja"))
    limit(1_000_000)
    assert accept(database, question("room"))
    database.close()


@pytest.mark.fault(71)
def test_a_deleted_file_refuses_aloud_and_works_again_when_it_is_back(made: Path) -> None:
    """SQLite itself would go on writing into the deleted file."""
    database = _open(made)
    away = made.with_name("away")
    made.rename(away)
    with pytest.raises(StoreError, match="is gone"):
        accept(database, question("2"))
    shutil.copy(away, made)
    assert accept(database, question("2"))
    database.close()
    assert _count(made) == 2


@pytest.mark.fault(73)
@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"", "is empty"), (b"id,question\n1,2\n" * 99, "is no SQLite database")],
)
def test_what_is_no_database_is_refused_and_left_alone(
    path: Path, content: bytes, problem: str
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(StoreError, match=problem):
        _open(path)
    assert path.read_bytes() == content


@pytest.mark.fault(73)
def test_a_damaged_database_is_refused_and_its_backup_named(made: Path) -> None:
    backup = made.with_name("faqbot.db.before-upgrade-of-0001")
    backup.touch()
    pages = bytearray(made.read_bytes())
    pages[4096:] = b"\xa5" * (len(pages) - 4096)
    made.write_bytes(pages)
    with pytest.raises(StoreError, match="is damaged") as refused:
        _open(made)
    assert str(backup) in refused.value.remedy
    assert made.read_bytes() == bytes(pages)


@pytest.mark.fault(74)
def test_a_newer_schema_is_refused(made: Path) -> None:
    with sqlite3.connect(made) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        _open(made)


def test_another_programs_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (id)")
    connection.close()
    with pytest.raises(StoreError, match="another program"):
        _open(path)


@pytest.fixture
def newer(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Migrations with one more, which a test may fill."""
    scripts = tmp_path / "migrations"
    shutil.copytree(migrate.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "SCRIPTS", scripts)
    return scripts / "versions" / "9999_next.py"


HEAD = migrate._known()[-1]
NEXT = f"""
from alembic import op
revision = "9999"
down_revision = "{HEAD}"
def upgrade():
    op.execute("CREATE TABLE more (id INTEGER)")
"""


@pytest.mark.fault(74)
def test_an_upgrade_makes_a_backup_first(made: Path, newer: Path) -> None:
    newer.write_text(NEXT)
    _open(made).close()
    backup = made.with_name(f"faqbot.db.before-upgrade-of-{HEAD}")
    assert _count(backup) == 1
    assert ("more" in _tables(made), "more" in _tables(backup)) == (True, False)


@pytest.mark.fault(86)
def test_the_copy_before_an_upgrade_goes_when_the_words_in_it_must(made: Path) -> None:
    """It holds what was forgotten since, and nobody else would ever take it away."""
    old, young = (made.with_name(f"faqbot.db.before-upgrade-of-000{n}") for n in (1, 2))
    for copy, days in ((old, 31), (young, 29)):
        copy.touch()
        os.utime(copy, (time.time() - days * 86_400,) * 2)
    database = _open(made)
    database.transact(lambda tx: tx.purge(30))
    database.close()
    assert (False, True) == (old.exists(), young.exists())


def test_the_first_versions_database_is_upgraded_with_what_is_in_it(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as first:
        (tmp_path / "first" / "versions").mkdir(parents=True)
        for name in ("env.py", "versions/0001_first_tables.py"):
            shutil.copy(migrate.SCRIPTS / name, tmp_path / "first" / name)
        first.setattr(migrate, "SCRIPTS", tmp_path / "first")
        # It would free what was claimed, in tables too that the first version hadn't.
        first.setattr(Transaction, "reclaim", lambda _: None)
        database = _open(path)
        accept(database, question())
        database.close()
    assert "handled" not in _tables(path)
    _open(path).close()
    assert (1, True) == (_count(path), "handled" in _tables(path))


@pytest.mark.fault(74)
def test_an_interrupted_upgrade_changes_nothing(made: Path, newer: Path) -> None:
    newer.write_text(NEXT + "    raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        _open(made)
    assert "more" not in _tables(made)
    newer.write_text(NEXT)
    _open(made).close()
    assert "more" in _tables(made)


@pytest.mark.fault(74)
def test_an_interrupted_first_start_is_begun_anew(path: Path) -> None:
    path.parent.mkdir()
    path.with_name("faqbot.db.new").write_bytes(b"half a database")
    _open(path).close()
    assert sorted(each.name for each in path.parent.iterdir()) == ["faqbot.db", "faqbot.db.lock"]


def _finish(database: Database, claimed: Claimed) -> None:
    database.transact(lambda tx: tx.inbox.finish(claimed, "answer"))


def _count(path: Path) -> int:
    connection = sqlite3.connect(path)
    count: int = connection.execute("SELECT count(*) FROM inbox").fetchone()[0]
    connection.close()
    return count


def _tables(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    return names
