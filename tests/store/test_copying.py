"""The store moves between SQLite and PostgreSQL: every row, or none."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, select, text

from bot.store import Database, StoreError
from bot.store.copying import _dump, back_up, copy
from bot.store.schema import drafts, inbox, metadata
from tests.fakes import postgresql
from tests.store.samples import accept, question
from tests.store.test_learning import DRAFT, SUZUKI, publish, save
from tests.store.test_older_rows import ROWS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A SQLite file with rows in every table that version 0.2.0 had, and a published draft."""
    path = tmp_path / "source.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(ROWS.read_text(encoding="utf-8"))
    database = Database.open(f"sqlite:///{path}")
    save(database, DRAFT)
    publish(database, DRAFT, SUZUKI)
    database.close()
    return f"sqlite:///{path}"


@pytest.fixture
def empty(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new' / 'faqbot.db'}"


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    with connected(url) as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def disconnected(url: str) -> str:
    """Wait until the server has noticed that the last connection was closed."""
    with connected(url.rpartition("/")[0] + "/postgres") as connection:
        for _ in range(1200):
            others = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name")
            if not connection.scalar(others, {"name": url.rpartition("/")[2]}):
                break
            connection.rollback()
            time.sleep(0.05)
    return url


def test_every_row_arrives_in_postgresql_and_comes_back(
    source: str, empty: str, replicated_url: str
) -> None:
    there = copy(source, replicated_url)
    assert rows(source) == rows(replicated_url)
    back = copy(disconnected(replicated_url), empty)
    assert rows(source) == rows(empty)
    assert there == back == {name: len(found) for name, found in rows(source).items()}
    assert there["drafts"] == 1


def test_rows_are_numbered_on_where_the_copied_ones_end(source: str, replicated_url: str) -> None:
    copy(source, replicated_url)
    last = max(row[0] for row in rows(source)["inbox"])
    database = Database.open(replicated_url)
    assert accept(database, question("after"))
    database.close()
    with connected(replicated_url) as connection:
        assert last + 1 == connection.scalar(select(inbox.c.seq).order_by(inbox.c.seq.desc()))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_target_that_holds_something_is_left_as_it_is(
    source: str, kind: str, empty: str, request: pytest.FixtureRequest
) -> None:
    target = empty if kind == "sqlite" else request.getfixturevalue("replicated_url")
    database = Database.open(target)
    accept(database, question("there"))
    database.close()
    before = rows(target)

    with pytest.raises(StoreError, match="holds rows already"):
        copy(source, target if kind == "sqlite" else disconnected(target))
    assert before == rows(target)


def test_a_store_that_a_bot_uses_is_not_copied(
    source: str, empty: str, replicated_url: str
) -> None:
    for url, says in ((source, "in use by another"), (replicated_url, "connected")):
        bot = Database.open(url)
        with pytest.raises(StoreError, match=says):
            copy(url, empty)
        bot.close()
    assert not Path(empty.removeprefix("sqlite:///")).exists()
    disconnected(replicated_url)
    bot = Database.open(replicated_url)
    with pytest.raises(StoreError, match="connected"):
        copy(source, replicated_url)
    bot.close()


def test_where_nothing_is_nothing_is_made(empty: str, replicated_url: str) -> None:
    for url, says in ((empty, "no database"), (replicated_url, "nothing in the database yet")):
        with pytest.raises(StoreError, match=says):
            copy(url, f"{empty}.other")
    assert not Path(empty.removeprefix("sqlite:///")).parent.exists()


@pytest.mark.fault(92)
def test_a_row_that_the_target_refuses_leaves_it_empty(source: str, replicated_url: str) -> None:
    with connected(source) as connection:  # PostgreSQL takes no NUL
        connection.execute(drafts.update().values(answer="a secret\0answer"))
    with pytest.raises(StoreError) as caught:
        copy(source, replicated_url)
    assert "secret" not in "".join(traceback.format_exception(caught.value))
    Database.open(disconnected(replicated_url)).close()
    assert not any(rows(replicated_url).values())


def test_a_copy_that_is_killed_leaves_the_target_empty_and_may_be_repeated(
    source: str, empty: str
) -> None:
    with connected(source) as connection:
        many = [
            {"key": f"k{n}", "kind": "question", "payload": "あ" * 3000, "received_at": 1.0}
            for n in range(3_000)
        ]
        connection.execute(inbox.insert(), many)
    path = Path(empty.removeprefix("sqlite:///"))
    log = path.with_name(f"{path.name}-wal")
    environ = {**os.environ, "FAQBOT_DATABASE_URL": source, "PYTHONPATH": str(ROOT)}
    copying = subprocess.Popen(
        [sys.executable, "-m", "faqbot", "db", "copy", empty],
        env=environ,
        stdout=subprocess.DEVNULL,
    )
    while not (log.exists() and log.stat().st_size > 5_000_000):
        assert copying.poll() is None, "it ended before it could be killed"
        time.sleep(0.002)
    copying.send_signal(signal.SIGKILL)
    copying.wait()

    Database.open(empty).close()
    assert not any(rows(empty).values())
    assert copy(source, empty)["inbox"] == 3_005


def test_a_dump_of_postgresql_restores_every_row(
    source: str, replicated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{postgresql.installed()}:{os.environ['PATH']}")
    copy(source, replicated_url)
    server, _, name = replicated_url.rpartition("/")
    dump = tmp_path / "dump"

    back_up(replicated_url, dump)

    assert dump.stat().st_mode & 0o777 == 0o600
    before = rows(replicated_url)
    disconnected(replicated_url)
    maintenance = f"{server}/postgres".replace("+psycopg", "")
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    engine.dispose()
    subprocess.run(["pg_restore", "--create", "-d", maintenance, dump], check=True)
    assert before == rows(replicated_url)


@pytest.mark.parametrize(
    "address", ["faqbot:a%40b@db:5432/faqbot?", "faqbot@db:5432/faqbot?password=a%40b&"]
)
def test_pg_dump_is_told_the_password_where_nobody_else_sees_it(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pg_dump"
    program.write_text("""#!/bin/sh
for each; do
  case $each in --file=*) printf '%s\\n' "$PGPASSWORD" "$@" >"${each#--file=}" ;; esac
done
""")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    _dump(f"postgresql+psycopg://{address}sslmode=prefer", tmp_path / "dump")

    password, *arguments = (tmp_path / "dump").read_text().splitlines()
    assert password == "a@b"
    assert arguments[-1] == "postgresql://faqbot@db:5432/faqbot?sslmode=prefer"


def test_without_pg_dump_a_backup_of_postgresql_says_so(
    replicated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match="no pg_dump"):
        back_up(replicated_url, tmp_path / "dump")
    assert not list(tmp_path.iterdir())


def test_a_backup_overwrites_nothing_and_leaves_nothing_half(source: str, tmp_path: Path) -> None:
    (there := tmp_path / "there").write_text("older backup")
    for target, says in ((there, "isn't overwritten"), (tmp_path / "no/file", "can't be written")):
        with pytest.raises(StoreError, match=says):
            back_up(source, target)
    assert there.read_text() == "older backup"
    with pytest.raises(StoreError, match="no database"):
        back_up(f"sqlite:///{tmp_path}/nothing.db", tmp_path / "b.db")
    Path(source.removeprefix("sqlite:///")).write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(StoreError, match="damaged"):
        back_up(source, tmp_path / "b.db")
    assert not list(tmp_path.glob("b.db*"))
