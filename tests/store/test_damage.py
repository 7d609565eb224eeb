"""A damaged SQLite file: the message names it and what to do, not SQLite's words."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.store import Database, StoreError, Transaction, reading
from bot.texts import Texts
from tests.store.samples import accept, question

Damage = Callable[[bytes], bytes]
ROWS = 400
WORDS = "長い質問" * 1500  # all of them together don't fit into the memory that SQLite takes
SQLITE_SAYS = ("malformed", "not a database", "disk image", "unsupported", "***", "DatabaseError")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of some megabytes."""
    path = tmp_path_factory.mktemp("sound") / "faqbot.db"
    database = Database.open(f"sqlite:///{path}")
    database.transact(lambda tx: [tx.inbox.accept(question(str(n), WORDS)) for n in range(ROWS)])
    database.close()
    return path.read_bytes()


@pytest.fixture
def path(sound: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "faqbot.db"
    path.write_bytes(sound)
    return path


@pytest.fixture
def running(path: Path) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{path}")
    yield database
    database.close()


def explains(error: StoreError, path: Path) -> bool:
    """Whether an error names the file and a backup, in both languages, in the bot's own words."""
    said = [error.in_words(Texts(locale)) for locale in ("ja", "en")]
    return (
        all(str(path) in each for each in said)
        and not any(words in each for words in SQLITE_SAYS for each in said)
        and "バックアップ" in said[0]
        and "backup" in said[1]
    )


def read_all(tx: Transaction) -> None:
    tx.inbox.claim("one", ROWS)


@pytest.mark.fault(73)
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda sound: sound[:10], id="nearly nothing left"),
        pytest.param(lambda sound: sound[:50], id="half a header"),
        pytest.param(lambda sound: sound[:5000], id="a page and a bit"),
        pytest.param(lambda sound: sound[: len(sound) // 2], id="half of it"),
        pytest.param(lambda sound: sound[:4096] + b"\xa5" * (len(sound) - 4096), id="torn pages"),
        pytest.param(lambda sound: sound[:40] + b"\xff" * 60 + sound[100:], id="broken header"),
        pytest.param(lambda _: b"id,question\n1,2\n" * 99, id="a table of another kind"),
        pytest.param(lambda _: b"", id="nothing"),
    ],
)
def test_it_is_refused_at_the_start_and_beside_a_bot(
    path: Path, sound: bytes, damage: Damage
) -> None:
    broken = damage(sound)
    path.write_bytes(broken)
    with pytest.raises(StoreError) as refused:
        Database.open(f"sqlite:///{path}")
    assert explains(refused.value, path)
    with pytest.raises(StoreError) as refused, reading(f"sqlite:///{path}"):
        pass
    assert explains(refused.value, path)
    assert path.read_bytes() == broken


@pytest.mark.fault(73)
def test_pages_that_are_torn_while_the_bot_runs(path: Path, running: Database) -> None:
    with path.open("r+b") as file:
        file.seek(16 * 4096)
        file.write(b"\xa5" * (path.stat().st_size - 16 * 4096))
    with pytest.raises(StoreError) as refused:
        running.transact(read_all)
    assert explains(refused.value, path)


@pytest.mark.fault(73)
def test_a_file_that_is_cut_off_while_the_bot_runs(path: Path, running: Database) -> None:
    os.truncate(path, 16 * 4096)
    with pytest.raises(StoreError) as refused:
        running.transact(read_all)
    assert explains(refused.value, path)


@pytest.mark.fault(73)
@pytest.mark.parametrize("damage", [lambda sound: sound[:5000], lambda _: b"", lambda _: b"words"])
def test_a_damaged_file_put_in_its_place_is_refused_until_a_sound_one_is(
    path: Path, sound: bytes, running: Database, damage: Damage
) -> None:
    def put(content: bytes) -> None:
        new = path.with_name("new")
        new.write_bytes(content)
        new.replace(path)

    put(damage(sound))
    for _ in range(2):
        with pytest.raises(StoreError) as refused:
            accept(running, question("new"))
        assert explains(refused.value, path)
    put(sound)
    assert accept(running, question("new"))


def test_words_that_are_no_text_any_more_are_not_quoted(path: Path, running: Database) -> None:
    """P7: sqlite3 puts them into its error."""
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE inbox SET payload = CAST(x'4e414953484fff' AS TEXT)")
    connection.close()
    with pytest.raises(StoreError) as refused:
        running.transact(read_all)
    assert explains(refused.value, path)
    assert "NAISHO" not in str(refused.value)
