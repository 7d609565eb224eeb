"""Looking back: on both stores, also while a bot has the database, and without leaving a trace."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bot.domain.ask import Candidate, Outcome, Stage, Vote
from bot.domain.inbound import Form, Person
from bot.store.database import Database, reading, writing
from bot.store.errors import StoreError
from bot.store.history import Asked
from bot.store.schema import DAY
from bot.store.transaction import Transaction
from tests.store.samples import PLACE, ask, keep, later

NEAR = (Candidate("yamada-1", 3.5, 0.5),)


def form(ask_id: str, text: str = "公開されますか", id_: str = "f1") -> Form:
    return Form.of_question(id_, ask_id, text, Person("U1", "明美"), PLACE)


def look(url: str, days: int | None = None) -> tuple[Asked, ...]:
    with reading(url) as tx:
        assert tx is not None
        return tx.history.asked(days)


def test_a_question_says_what_became_of_it(url: str, database: Database) -> None:
    keep(database, ask("a1"))
    keep(database, ask("a2", outcome=Outcome.SUGGESTIONS, entry="yamada-1", text=None))

    first, second = look(url)

    assert ("slack", "合成データは？", Outcome.DECLINE, NEAR, None) == (
        first.platform, first.text, first.outcome, first.candidates, first.shown,
    )  # fmt: skip
    assert ("a2", None, "yamada-1") == (second.id, second.text, second.shown)


def test_a_question_to_the_lecturers_joins_its_ask_and_keeps_its_words(
    url: str, database: Database
) -> None:
    keep(database, ask("a1", text=None))
    database.transact(lambda tx: tx.escalations.add("e1", form("a1")))
    database.transact(lambda tx: tx.escalations.add("e2", form("", "録画は？", "f2")))

    joined, alone = look(url)

    assert ("公開されますか", True, Outcome.DECLINE) == (
        joined.text, joined.escalated, joined.outcome,
    )  # fmt: skip
    assert ("録画は？", True, None) == (alone.text, alone.escalated, alone.outcome)


def test_what_was_done_with_stays_done_with_when_the_words_are_gone(
    url: str, database: Database
) -> None:
    """Else what lecturers answered came back as open, without a word, when 90 days were over."""
    for number in (1, 2):
        keep(database, ask(f"a{number}", asker=f"U{number}"))
        sent = Form.of_question(f"f{number}", f"a{number}", "録画は？", Person(f"U{number}"), PLACE)
        database.transact(lambda tx, n=number, sent=sent: tx.escalations.add(f"e{n}", sent))
        found = database.transact(lambda tx, n=number: tx.escalations.get(f"e{n}"))
        done = (found, Stage.PUBLISHED, Person("U9", "運営"))
        database.transact(lambda tx, done=done: tx.escalations.move(*done))

    database.transact(lambda tx: tx.forget("U1"))
    later(database, 100 * DAY, lambda tx: tx.purge(90))

    assert [(None, Stage.PUBLISHED, False)] * 2 == [
        (each.text, each.stage, each.settled is None) for each in look(url)
    ]


def test_a_question_has_its_own_votes_and_no_others(url: str, database: Database) -> None:
    for id_ in ("a1", "a2"):
        keep(database, ask(id_, outcome=Outcome.ANSWER, entry="yamada-1"))
    for member, vote in (("U1", Vote.USEFUL), ("U2", Vote.USEFUL), ("U3", Vote.WRONG)):
        database.transact(lambda tx, m=member, v=vote: tx.asks.rate("a1", 0, m, "yamada-1", v))

    voted, other = look(url)

    assert [("yamada-1", "useful"), ("yamada-1", "useful"), ("yamada-1", "wrong")] == sorted(
        voted.votes
    )
    assert () == other.votes


def test_what_the_organisers_have_done_with_says_so_until_they_take_it_back(
    url: str, database: Database
) -> None:
    """Also a form without an ask; and beside a bot that has the database and goes on writing."""
    keep(database, ask("a1"))
    keep(database, ask("a2"))
    database.transact(lambda tx: tx.escalations.add("e1", form("", "録画は？")))
    for _ in range(2):
        with writing(url) as tx:
            assert tx is not None
            tx.history.handle(("a1", "e1"))
    keep(database, ask("a3"))
    assert {"a1": True, "a2": False, "a3": False, "e1": True} == {
        each.id: each.handled for each in look(url)
    }

    with writing(url) as tx:
        assert tx is not None
        tx.history.reopen(("e1", "a2"))

    assert ["a1"] == [each.id for each in look(url) if each.handled]


def mark_and_stop(url: str) -> None:
    with writing(url) as tx:
        assert tx is not None
        tx.history.handle(("a1",))
        raise KeyboardInterrupt


def test_a_mark_that_fails_half_way_marks_nothing(url: str, database: Database) -> None:
    keep(database, ask("a1"))
    with pytest.raises(KeyboardInterrupt):
        mark_and_stop(url)
    assert [False] == [each.handled for each in look(url)]


def test_what_is_older_than_the_days_is_left_out(url: str, database: Database) -> None:
    def work(tx: Transaction) -> None:
        tx.asks.add(ask("old"))
        tx.escalations.add("e1", form("", "昔の質問"))
        tx.asks.rate("old", 0, "U1", "yamada-1", Vote.USEFUL)

    later(database, -8 * DAY, work)
    keep(database, ask("new"))

    assert 3 == len(look(url))
    assert 3 == len(look(url, 9))
    assert [("合成データは？", ())] == [(each.text, each.votes) for each in look(url, 7)]


def write_while_reading(url: str) -> None:
    with reading(url) as tx:
        assert tx is not None
        tx.asks.show("a1", "yamada-1")


def test_nothing_can_be_written_while_reading(url: str, database: Database) -> None:
    with pytest.raises(StoreError):
        write_while_reading(url)


def test_a_bot_goes_on_writing_while_somebody_reads(url: str, database: Database) -> None:
    keep(database, ask("a1"))
    with reading(url) as tx:
        assert tx is not None
        assert 1 == len(tx.history.asked())
        keep(database, ask("a2"))
        assert 1 == len(tx.history.asked()), "what is read belongs together"
    assert 2 == len(look(url))


def test_a_database_without_tables_is_left_without(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url: str = request.getfixturevalue("replicated_url")
    for opened in (reading, writing) * 2:
        with opened(url) as tx:
            assert tx is None


@pytest.mark.parametrize("opened", [reading, writing])
def test_a_missing_file_is_not_made(
    tmp_path: Path, opened: Callable[[str], AbstractContextManager[Transaction | None]]
) -> None:
    with opened(f"sqlite:///{tmp_path / 'var' / 'faqbot.db'}") as tx:
        assert tx is None
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("opened", [reading, writing])
def test_a_name_that_no_file_can_have_is_told(
    tmp_path: Path, opened: Callable[[str], AbstractContextManager[Transaction | None]]
) -> None:
    with (
        pytest.raises(StoreError, match="can't be used: the name is too long"),
        opened(f"sqlite:///{tmp_path}/{'a' * 300}"),
    ):
        pass


def test_reading_leaves_no_file_behind(tmp_path: Path) -> None:
    path = tmp_path / "faqbot.db"
    url = f"sqlite:///{path}"
    Database.open(url).close()
    before = {each.name for each in tmp_path.iterdir()}

    assert () == look(url)

    assert before == {each.name for each in tmp_path.iterdir()}


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100], ids=["empty", "text"])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "faqbot.db"
    path.write_bytes(content)
    with (
        pytest.raises(StoreError, match=r"is (empty|no SQLite database)"),
        reading(f"sqlite:///{path}"),
    ):
        pass


@pytest.mark.parametrize(("revision", "version"), [("0001", "older"), ("9999", "newer")])
def test_another_versions_tables_are_not_guessed_at(
    tmp_path: Path, revision: str, version: str
) -> None:
    path = tmp_path / "faqbot.db"
    Database.open(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()
    with pytest.raises(StoreError, match=f"{version} version"), reading(f"sqlite:///{path}"):
        pass
