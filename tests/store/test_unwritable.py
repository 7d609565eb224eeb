"""What would keep a start from writing is found without writing."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from adapters.cli.config import load
from adapters.cli.faq import load_chat
from bot.store import Database, Reader, StoreError, reading, unwritable
from bot.store.copying import back_up, copy
from tests.fakes import postgresql
from tests.store.samples import accept, question


def test_a_database_that_may_be_written_to_is_left_as_it_is(url: str) -> None:
    assert unwritable(url) is None
    Database.open(url).close()
    assert unwritable(url) is None


def test_nothing_is_made_at_a_place_where_there_is_none_yet(tmp_path: Path) -> None:
    assert unwritable(f"sqlite:///{tmp_path}/deep/down/faqbot.db") is None
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").symlink_to("nowhere")
    assert f"{tmp_path}/var can't be written to" in str(
        unwritable(f"sqlite:///{tmp_path}/var/faqbot.db")
    )


def test_a_server_whose_transactions_only_read_is_told(replicated_url: str) -> None:
    engine = create_engine(replicated_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    engine.dispose()
    assert "can only be read" in str(unwritable(replicated_url))


@pytest.fixture
def dumping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{postgresql.installed()}:{os.environ['PATH']}")


@pytest.mark.usefixtures("dumping")
def test_another_programs_tables_are_told_to_who_reads_too(url: str, tmp_path: Path) -> None:
    """They looked like a store in which nothing was ever asked."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
    engine.dispose()
    with pytest.raises(StoreError, match="another program"), reading(url):
        pass
    with pytest.raises(StoreError, match="another program"):
        back_up(url, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


@pytest.mark.usefixtures("dumping")
def test_there_is_no_backup_of_nothing(replicated_url: str, tmp_path: Path) -> None:
    """A mistyped name of a database gave one, every night."""
    with pytest.raises(StoreError, match="nothing in the database yet"):
        back_up(replicated_url, tmp_path / "backup")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.fault(71)
def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = tuple(os.statvfs(tmp_path))
    full = os.statvfs_result((*room[:4], 10, *room[5:]))
    monkeypatch.setattr(os, "statvfs", lambda _: full)
    said = str(unwritable(f"sqlite:///{tmp_path}/deep/faqbot.db"))
    assert f"hardly any space left on the disk of {tmp_path}." in said


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert f"{tmp_path}/file can't be written to" in str(
        unwritable(f"sqlite:///{tmp_path}/file/faqbot.db")
    )


@pytest.mark.fault(71)
@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
@pytest.mark.parametrize("protected", ["faqbot.db", "."])
def test_a_file_and_a_folder_without_the_permission_are_named(
    tmp_path: Path, protected: str
) -> None:
    path = tmp_path / "var" / "faqbot.db"
    Database.open(f"sqlite:///{path}").close()
    (path.parent / protected).chmod(0o500)
    said = str(unwritable(f"sqlite:///{path}"))
    (path.parent / protected).chmod(0o700)
    assert "can't be written to" in said


@pytest.mark.fault(71)
def test_a_folder_that_is_somebody_elses_is_named(tmp_path: Path) -> None:
    path = tmp_path / "var" / "faqbot.db"
    url = f"sqlite:///{path}"
    Database.open(url).close()
    path.parent.chmod(0)
    config = load({"FAQBOT_DATABASE_URL": url}, tmp_path)
    user = os.geteuid()
    if user == 0:  # who may read everything
        os.seteuid(65534)
    try:
        for read in (
            lambda: Reader(url).read(lambda _: None),
            lambda: reading(url).__enter__(),
            lambda: load_chat(config, strictly=True),
        ):
            with pytest.raises(StoreError, match=r"faqbot\.db can't be used: Permission denied"):
                read()
    finally:
        os.seteuid(user)
        path.parent.chmod(0o700)


def test_a_user_without_the_rights_is_told_before_and_after_the_tables_are_made(
    replicated_url: str,
) -> None:
    plain = replicated_url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS reader")
        admin.execute("CREATE ROLE reader LOGIN")
        admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    scheme, _, rest = replicated_url.partition("://")
    reader = f"{scheme}://reader@{rest.rpartition('@')[2]}"
    for made in (False, True):
        if made:
            Database.open(replicated_url).close()
        assert "may not write" in str(unwritable(reader))
        with pytest.raises(StoreError, match="may not write"):
            Database.open(reader)


@pytest.fixture
def encoded(replicated_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database in an encoding that its server may have by itself: initdb takes the locale's."""
    server, _, name = replicated_url.rpartition("/")
    with psycopg.connect(replicated_url.replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute(
            f"CREATE DATABASE {name}_odd ENCODING '{request.param}'"
            " TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        )
        yield f"{server}/{name}_odd"
        admin.execute(f"DROP DATABASE {name}_odd WITH (FORCE)")


@pytest.mark.parametrize("encoded", ["LATIN1", "EUC_JP"], indirect=True)
def test_a_database_that_cannot_hold_every_text_is_told_before_the_first_question(
    encoded: str, tmp_path: Path
) -> None:
    assert "createdb --encoding=UTF8" in str(unwritable(encoded))
    source = f"sqlite:///{tmp_path / 'faqbot.db'}"
    Database.open(source).close()
    for start in (lambda: Database.open(encoded), lambda: copy(source, encoded)):
        with pytest.raises(StoreError, match="createdb --encoding=UTF8"):
            start()


@pytest.mark.parametrize("encoded", ["SQL_ASCII"], indirect=True)
def test_a_database_without_an_encoding_holds_every_text(encoded: str) -> None:
    assert unwritable(encoded) is None
    database = Database.open(encoded)
    kept = question(text="合成データは？ 𠮷 👍")
    assert accept(database, kept)
    (claimed,) = database.transact(lambda tx: tx.inbox.claim("owner", 1))
    assert claimed.item == kept
    database.close()
