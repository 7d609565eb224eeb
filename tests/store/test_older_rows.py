"""What version 0.2.0 left in a database, as it stands in ``rows_of_0_2_0.sql``, is worked on."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from bot.domain.ask import Ask, Candidate, Outcome, Stage
from bot.domain.card import Button, Card, Credit, Kind, Outgoing, Quote, Say, Small
from bot.domain.inbound import Action, Form, MessageRef, Person, Place, Press, Question
from bot.store.codec import encode, encode_outgoing
from bot.store.database import Database, reading
from bot.store.schema import metadata

ROWS = Path(__file__).with_name("rows_of_0_2_0.sql")
IN_SLACK = Place("slack", "T1", "C1", thread="1.0", handle="https://example.org/once")
IN_DISCORD = Place("discord", "", "D7", private_to="77", handle="token")
ITEMS = (
    Question(
        MessageRef(IN_SLACK, "1.0"), Person("U1", "明美"), "合成データは？ 𠮷 👍", addressed=False
    ),
    Question(MessageRef(IN_DISCORD, "2.0"), Person("77"), "録画は", entry="yamada-1"),
    Press("i1", Action.CHOOSE, "a1", "2", Person("U2", "健太"), MessageRef(IN_SLACK, "9.0")),
    Form.of_question("f1", "a1", "講師へ\n質問", Person("U3", "花子"), IN_DISCORD),
)
PARTS = (
    Say("近いものがあります。"),
    Quote("はい。\n使っています 👍"),
    Credit("山田 先生", "合成データ入門", ("https://example.org/a", "https://example.org/b")),
    Credit("佐藤 先生", ""),
    Small("一致: 合成データ"),
)
BUTTONS = tuple(
    Button(f"label {action}", Action(action), "a1", argument)
    for action, argument in (
        ("useful", "0"), ("wrong", "0-1"), ("retract", "2"), ("choose", "1"), ("none", ""),
        ("lecturer", ""), ("share", "0"), ("again", ""),
    )
)  # fmt: skip
CARDS = (
    Outgoing("o1", IN_SLACK, Card(PARTS, BUTTONS, ping="U1")),
    Outgoing("o2", IN_DISCORD, Card((Say("送りました。"),)), Kind.PRIVATE),
    Outgoing(
        "o3",
        replace(IN_SLACK, channel="C2"),
        Card((Small("取り消しました。"),)),
        Kind.EDIT,
        edits="8.0",
    ),
    Outgoing("o5", replace(IN_SLACK, channel="C3"), Card((Say("途中"),))),
)
ASK = Ask(
    id="a1",
    question="slack:T1:C1:1.0",
    place=replace(IN_SLACK, handle=None),
    thread="slack:T1:C1:1.0",
    asker="U1",
    text="合成データは？",
    outcome=Outcome.SUGGESTIONS,
    confidence=0.41,
    candidates=(Candidate("yamada-1", 3.5, 0.41), Candidate("sato-2", 2.25, 0.3)),
    offered=2,
)


@pytest.fixture
def left(tmp_path: Path) -> Path:
    path = tmp_path / "faqbot.db"
    connection = sqlite3.connect(path)
    connection.executescript(ROWS.read_text(encoding="utf-8"))
    connection.close()
    return path


@pytest.fixture
def database(left: Path) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{left}")
    yield database
    database.close()


def test_the_upgraded_tables_are_those_of_a_new_database(left: Path, database: Database) -> None:
    engine = create_engine(f"sqlite:///{left}")
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert difference == []


def test_what_waits_in_the_inbox_is_read(database: Database) -> None:
    claimed = database.transact(lambda tx: tx.inbox.claim("new", 9))
    assert ITEMS == tuple(each.item for each in claimed)


def test_what_waits_in_the_outbox_is_read_with_its_buttons(database: Database) -> None:
    due = database.transact(lambda tx: tx.outbox.claim("new", 9, 60))
    assert CARDS == tuple(each.outgoing for each in due)
    assert [False, False, True, True] == [each.tried is not None for each in due]
    posted = database.transact(lambda tx: tx.outbox.message("escalation:e1"))
    assert MessageRef(Place("slack", "T1", "C9"), "5.0") == posted


def test_both_queues_are_written_as_that_version_reads_them(left: Path) -> None:
    """During an upgrade of replicas the old version claims what the new one wrote."""
    connection = sqlite3.connect(left)
    of_inbox = connection.execute("SELECT payload FROM inbox WHERE done_at IS NULL ORDER BY seq")
    items = [payload for (payload,) in of_inbox]
    of_outbox = connection.execute("SELECT payload FROM outbox WHERE done_at IS NULL ORDER BY seq")
    cards = [payload for (payload,) in of_outbox]
    connection.close()
    for old, item in zip(items, ITEMS, strict=True):
        new = json.loads(encode(item))
        # A field that it doesn't know is passed over.
        assert json.loads(old).items() <= new.items()
    assert cards == [encode_outgoing(card) for card in CARDS]


def test_a_button_of_that_version_finds_its_ask(database: Database) -> None:
    assert ASK == database.transact(lambda tx: tx.asks.get("a1"))
    assert {"yamada-1": 1} == database.transact(lambda tx: tx.asks.shown())
    assert {"slack:T1:C1": True} == database.transact(lambda tx: tx.watches.all())


def test_its_escalations_wait_with_their_card_and_whoever_asked(database: Database) -> None:
    first, second = database.transact(lambda tx: tx.escalations.waiting())
    card = MessageRef(Place("slack", "T1", "C9"), "5.0")
    assert ("e1", "合成データは何ですか", Stage.OPEN, card) == (
        first.id, first.text, first.stage, first.card,
    )  # fmt: skip
    assert first == database.transact(lambda tx: tx.escalations.of_card(card))
    (asker,) = second.askers
    assert ("77", "Kenta", replace(IN_DISCORD, handle=None)) == (
        asker.by.id, asker.by.name, asker.place,
    )  # fmt: skip
    assert second.card is None
    assert database.transact(lambda tx: tx.escalations.move(first, Stage.DRAFTED, Person("U9")))


def test_its_questions_are_looked_back_on(left: Path, database: Database) -> None:
    with reading(f"sqlite:///{left}") as tx:
        assert tx is not None
        found = {each.id: each for each in tx.history.asked()}
    assert {"a1": "合成データは何ですか", "a2": None, "e2": "録画はいつ公開されますか"} == {
        id_: each.text for id_, each in found.items()
    }
    assert [("a1", True, False), ("a2", False, False), ("e2", True, True)] == sorted(
        (each.id, each.escalated, each.handled) for each in found.values()
    )
    assert [("yamada-1", "useful"), ("yamada-1", "wrong")] == sorted(found["a2"].votes)
