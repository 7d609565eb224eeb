"""What a question costs in the store: on the first day, and after a year."""

import itertools
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.results import Section, Table, Target
from benchmarks.timing import ROUNDS, interleave
from bot.domain.ask import Ask, Outcome
from bot.domain.card import Button, Card, Credit, Outgoing, Quote, Say
from bot.domain.inbound import Action, MessageRef, Person, Place, Question
from bot.store import Claimed, Database, Due, Transaction

QUESTIONS = 60
PLACE = Place("slack", "T1", "C1", thread="1.0")
CARD = Card(
    (Say("近いものがあります。"), Quote("使っています。" * 20), Credit("山田 先生", "講演")),
    (Button("役に立った", Action.USEFUL, "a1", "0"), Button("違う", Action.WRONG, "a1", "0")),
)
ROWS = (
    (
        "inbox",
        "key, kind, received_at, done_at, outcome",
        "'old ' || i, 'question', ?1, ?1, 'answer'",
    ),
    (
        "outbox",
        "id, once, ask, channel, state, message, due, created_at, done_at",
        "'old ' || i, 'old ' || i, 'old ' || i, 'slack:T1:C1', 'sent', 'm', 0, ?1, ?1",
    ),
    (
        "asks",
        "id, question, place, thread, asker, outcome, confidence, candidates, offered, entry,"
        " created_at",
        "'old ' || i, 'old ' || i, '{}', 'old ' || i, '', 'answer', 1, '[]', 1, 'e' || i % 200, ?1",
    ),
    (
        "ratings",
        "ask, position, member, entry, value, rated_at",
        "'old ' || i, 0, 'm', 'e', 'useful', ?1",
    ),
)
"""Rows that are done with: table, columns, values; ``?1`` is the time."""


def storing(rows: int) -> Section:
    """Measure a question's three transactions in an empty store and in one with so many rows."""
    numbers = itertools.count(1)
    with tempfile.TemporaryDirectory() as folder:
        stores = {
            "first day": Database.open(f"sqlite:///{folder}/first.db"),
            "a year": aged(Path(folder) / "year.db", rows),
        }
        steps: dict[str, Callable[[Database], object]] = {
            "a question, from the event to the posted card": lambda store: _ask(store, numbers),
            "to look for a card that is due": lambda store: store.transact(
                lambda tx: tx.outbox.claim("bench", 64, 60, ("slack",))
            ),
            "to forget what isn't needed any more": lambda store: store.transact(
                lambda tx: tx.purge(days=30)
            ),
        }
        found, targets = [], []
        for name, step in steps.items():
            contenders = {
                age: lambda _, step=step, store=store: step(store) for age, store in stores.items()
            }
            timed = interleave(contenders, range(QUESTIONS), 2 * ROUNDS)
            ratio = timed.ratio("a year", to="first day")
            cells = (f"{1000 * timed.p50(age):.2f}" for age in stores)
            found.append((name, *cells, f"{ratio:.2f}×"))
            targets.append(Target(f"{name}: a year ÷ the first day", ratio, must=1.5, aim=1.2))
        for store in stores.values():
            store.close()
    header = ("what", "first day, p50 ms", f"{rows:,} rows in each table, p50 ms", "ratio")
    notes = (
        "SQLite on disk, synchronous. A question is three transactions: its event and the claim, "
        "the answer and the claim of its card, the card's receipt. Whatever is done with lies in "
        "the same tables; indexes on what is open and on what is still to be forgotten keep the "
        "cost flat.",
    )
    return Section("The store after a year", notes, (Table(header, tuple(found)),), tuple(targets))


def aged(path: Path, rows: int) -> Database:
    """Return a store in which so many questions were asked before, all done with."""
    url = f"sqlite:///{path}"
    Database.open(url).close()
    now = time.time()
    connection = sqlite3.connect(path)
    count = f"SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}"
    for table, columns, values in ROWS:
        numbers = f"WITH RECURSIVE n(i) AS ({count})"
        add = f"{numbers} INSERT INTO {table} ({columns}) SELECT {values} FROM n"
        connection.execute(add, (now,))
    connection.commit()
    connection.close()
    return Database.open(url)


def _ask(store: Database, numbers: "itertools.count[int]") -> None:
    """Do what the desk does with a question."""
    id_ = f"new {next(numbers)}"
    question = Question(MessageRef(PLACE, id_), Person("U1", "明美"), "合成データは？")

    def take(tx: Transaction) -> Claimed:
        claimed = tx.inbox.accept(question, "bench")
        assert isinstance(claimed, Claimed)
        return claimed

    claimed = store.transact(take)
    key = question.ref.key
    ask = Ask(id_, key, PLACE, key, "U1", question.text, Outcome.ANSWER, entry="e1", offered=1)

    def answer(tx: Transaction) -> Due:
        tx.inbox.finish(claimed, Outcome.ANSWER)
        tx.asks.add(ask)
        tx.outbox.add(Outgoing(id_, PLACE, CARD), ask=id_, once=f"{id_}:show:0")
        (due,) = tx.outbox.claim("bench", 2, 60, ("slack",))
        return due

    due = store.transact(answer)

    def receive(tx: Transaction) -> None:
        tx.outbox.sent(due, MessageRef(PLACE, id_))
        tx.outbox.waits(PLACE)

    store.transact(receive)
