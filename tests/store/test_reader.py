"""The store is read beside whoever writes it, again and again."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.store import Database, Reader, StoreError, Transaction, reading
from bot.store.learning import PUBLISHED
from bot.store.schema import handled
from tests.store.test_learning import DRAFT, SUZUKI


def number(tx: Transaction) -> int:
    return tx.changes().get(PUBLISHED, 0)


def test_it_sees_each_commit_of_who_writes(url: str, database: Database) -> None:
    reader = Reader(url)
    assert reader.read(number) == 0
    for _ in range(2):
        database.transact(lambda tx: tx.drafts.save(DRAFT))
        database.transact(lambda tx: tx.drafts.publish(DRAFT, SUZUKI))
    assert reader.read(number) == 1
    assert [DRAFT.id] == [each.id for each in reader.read(lambda tx: tx.drafts.published()) or ()]
    database.transact(lambda tx: tx.drafts.withdraw(DRAFT.id, SUZUKI))
    assert (2, ()) == reader.read(lambda tx: (number(tx), tx.drafts.published()))
    reader.close()


def test_it_changes_nothing(url: str, database: Database) -> None:
    reader = Reader(url)
    with pytest.raises(StoreError):
        reader.read(lambda tx: tx.drafts.save(DRAFT))
    assert database.transact(lambda tx: tx.drafts.get(DRAFT.id)) is None
    reader.close()


def test_no_store_is_made_and_one_that_comes_is_read(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'faqbot.db'}"
    reader = Reader(url)
    assert reader.read(number) is None
    assert not list(tmp_path.iterdir())
    database = Database.open(url)
    assert reader.read(number) == 0
    database.close()
    (tmp_path / "faqbot.db").unlink()
    assert reader.read(number) is None
    reader.close()


def test_another_file_in_its_place_is_read(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / name}" for name in ("faqbot.db", "other.db")]
    one, other = map(Database.open, urls)
    other.transact(lambda tx: tx.drafts.save(DRAFT))
    other.transact(lambda tx: tx.drafts.publish(DRAFT, SUZUKI))
    one.close()
    other.close()
    reader = Reader(urls[0])
    assert reader.read(number) == 0
    (tmp_path / "other.db").replace(tmp_path / "faqbot.db")
    assert reader.read(number) == 1
    reader.close()


def test_what_is_no_database_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "faqbot.db").write_text("no database", encoding="utf-8")
    with pytest.raises(StoreError, match="SQLite"):
        Reader(f"sqlite:///{tmp_path / 'faqbot.db'}").read(number)


def test_reading_leaves_the_locks_of_who_writes_in_the_same_process(tmp_path: Path) -> None:
    """To close a file that was opened beside SQLite gives back all locks that it holds on it.

    Another process would then take itself for the last one, and remove the log at its end.
    """
    path = tmp_path / "faqbot.db"
    reader = Reader(f"sqlite:///{path}")
    assert reader.read(number) is None
    database = Database.open(f"sqlite:///{path}")
    database.transact(lambda tx: tx.drafts.save(DRAFT))
    assert reader.read(number) == 0
    with reading(f"sqlite:///{path}") as tx:
        assert tx is not None
    other = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        "c.execute(\"INSERT INTO handled VALUES ('q1', 1.0)\"); c.commit(); c.close()"
    )
    subprocess.run([sys.executable, "-c", other, str(path)], check=True)
    assert path.with_name("faqbot.db-wal").exists()
    seen = database.transact(
        lambda tx: tx._session.connection.execute(select(handled.c.question)).scalars().all()
    )
    assert ["q1"] == seen
    reader.close()
    database.close()
