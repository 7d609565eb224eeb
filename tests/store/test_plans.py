"""What a question costs doesn't grow with the store: nothing reads a growing table.

The statements are those that a running desk sends, so that none is forgotten here.
"""

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text

from bot.bootstrap import build
from bot.desk.desk import Desk
from bot.domain.ask import Draft, DraftKind, ProposalState, Sign, Stage
from bot.domain.inbound import QUESTION, Action, Form, MessageRef, Person, Place, Press, Question
from bot.settings import CoreSettings
from bot.store import Database, Transaction
from tests.fakes.faq import FAQ
from tests.fakes.platform import MemoryPlatform
from tests.fakes.search import PairSearch
from tests.fakes.waiting import at_rest

MEMBER = Person("member")
CHANNEL = Place("memory", "W", "general")
GROWING = ("inbox", "outbox", "asks", "ratings", "escalations")
OPEN = ("inbox_open", "outbox_open", "outbox_next", "escalations_waiting")
"""Indexes of what waits alone: to read one from end to end costs no more as time goes by."""
ROWS = 20_000
VERBS = ("UPDATE", "DELETE FROM")
Sent = dict[str, Any]


@contextmanager
def watching() -> Iterator[Sent]:
    """Collect each statement that is sent, with parameters it had."""
    sent: Sent = {}

    def note(_: Connection, __: object, statement: str, parameters: object, *___: object) -> None:
        if statement.split()[0] in ("SELECT", "UPDATE", "DELETE"):
            sent[statement] = parameters

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def converse(desk: Desk, platform: MemoryPlatform) -> None:
    """Ask, overhear, edit, delete, press every kind of button, send a form."""
    asked = ("合成データは使っていますか", "円周率とは", "合成データ", "助けて")
    for number, words in enumerate(asked):
        place = replace(CHANNEL, thread=str(number))
        for addressed in (True, False):
            ref = MessageRef(place, f"{number} {addressed}")
            await desk.receive(Question(ref, MEMBER, words, addressed))
        await at_rest(desk)
        await desk.edited(MessageRef(place, f"{number} True"), f"{words} でしょうか")
        await at_rest(desk)
    pressed: set[tuple[Action, str]] = set()
    while True:
        new = [
            (posted, button)
            for posted in platform.posted
            for button in posted.card.buttons
            if (button.action, button.about) not in pressed
        ]
        if not new:
            break
        for posted, button in new:
            pressed.add((button.action, button.about))
            on = MessageRef(posted.place, posted.id)
            if button.action is Action.ASK_LECTURER:
                id_ = f"form {len(pressed)}"
                await desk.receive(
                    Form.of_question(id_, button.about, "円周率", MEMBER, posted.place)
                )
            id_ = f"press {len(pressed)}"
            press = Press(id_, button.action, button.about, button.argument, MEMBER, on)
            await desk.receive(press)
        await at_rest(desk)
    assert {action for action, _ in pressed} > {Action.WRONG, Action.CHOOSE, Action.SEARCH_AGAIN}
    await desk.deleted(MessageRef(replace(CHANNEL, thread="0"), "0 True"))


def grow(url: str) -> None:
    """Add rows that are done with, and let the server see that they are many."""
    at = time.time() - 3600  # nothing to throw away yet: that may read what it throws away
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        count = f"SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}"
        numbers = f"WITH RECURSIVE n(i) AS ({count})"
        for table, columns, values in (
            ("inbox", "key, kind, received_at, done_at", f"'old ' || i, 'question', {at}, {at}"),
            (
                "outbox",
                "id, once, ask, channel, state, due, created_at, done_at",
                f"'old ' || i, 'old ' || i, 'old ' || i, 'c', 'sent', {at}, {at}, {at}",
            ),
            (
                "asks",
                "id, question, place, thread, asker, outcome, confidence, candidates, offered,"
                " created_at, entry",
                f"'old ' || i, 'old ' || i, '', 'old ' || i, '', 'answer', 1, '[]', 1, {at}, 'e'",
            ),
            (
                "ratings",
                "ask, position, member, entry, value, rated_at",
                "'old ' || i, 0, 'm', 'e', 'wrong', i",
            ),
            (
                "escalations",
                "id, digest, ask, place, member, name, text, state, created_at",
                "'old ' || i, 'old ' || i, '', '{}', '', '', '', 'closed', i",
            ),
        ):
            add = f"{numbers} INSERT INTO {table} ({columns}) SELECT {values} FROM n"
            connection.execute(text(add))
        if connection.dialect.name == "postgresql":
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def plan_of(connection: Connection, statement: str, parameters: Any) -> list[str]:
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row[3] for row in rows]
    return [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]


def costly_of(url: str, sent: Sent) -> dict[str, list[str]]:
    """Return the plans of those statements that read a growing table from end to end."""
    engine = create_engine(url)
    with engine.connect() as connection:
        plans = {each: plan_of(connection, each, parameters) for each, parameters in sent.items()}
    engine.dispose()
    return {each: steps for each, steps in plans.items() if any(map(reads_all, steps))}


def reads_all(step: str) -> bool:
    """Whether a step of a plan reads a growing table, or an index on it, from end to end."""
    found = re.search(r"\b(?:SCAN|Seq Scan on) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
    return found is not None and found[1] in GROWING and found[2] not in OPEN


@pytest.mark.fault(118)
async def test_a_question_reads_no_table_from_end_to_end(url: str) -> None:
    platform = MemoryPlatform()
    with watching() as sent:
        desk = build(
            PairSearch(FAQ),
            CoreSettings(database_url=url),
            organisers={"memory": "organisers"},
            in_flight=2,
        )
        at_the_start = set(sent)
        running = asyncio.create_task(desk.run({"memory": platform}))
        await converse(desk, platform)
        running.cancel()
        await asyncio.wait([running])
        desk.close()
    grow(url)
    running_costs = {each: sent[each] for each in sent.keys() - at_the_start}
    assert costly_of(url, running_costs) == {}
    assert len(running_costs) > 20
    for table in ("inbox", "outbox", "asks"):
        assert any(f"{verb} {table}" in each for verb in VERBS for each in running_costs)


def learn(tx: Transaction) -> None:
    """Take a question to its published answer, and a wording to the organisers."""
    form = Form.of_question("f1", "", "録画は？", MEMBER, CHANNEL)
    tx.escalations.add("e1", form)
    tx.escalations.add("e2", replace(form, fields={QUESTION: "録画は"}), to="e1")
    tx.escalations.stands("e1", MessageRef(CHANNEL, "1"))
    tx.escalations.of_card(MessageRef(CHANNEL, "1"))
    (waiting,) = tx.escalations.waiting()
    assert tx.escalations.move(waiting, Stage.PUBLISHED, MEMBER)
    draft = Draft(
        "d1", 1, DraftKind.ENTRY, "e", "e1", "山田", "", "録画は？", "はい。", (), (), MEMBER
    )
    assert tx.drafts.save(draft)
    assert tx.drafts.open_for("e1")
    assert tx.drafts.publish(draft, MEMBER)
    assert tx.drafts.withdraw("d1", MEMBER)
    tx.proposals.add(ask="a", entry="e", words="録画", key="録画", sign=Sign.USEFUL)
    (proposal,) = tx.proposals.open()
    assert tx.proposals.settle(proposal.id, ProposalState.ADDED, MEMBER)
    tx.changes()


@pytest.mark.fault(118)
def test_learning_reads_no_table_from_end_to_end(url: str) -> None:
    database = Database.open(url)
    with watching() as sent:
        database.transact(learn)
    database.close()
    grow(url)
    assert costly_of(url, sent) == {}


@pytest.mark.parametrize(
    ("step", "costly"),
    [
        ("SCAN outbox", True),
        ("SCAN asks USING INDEX ix_asks_thread", True),
        ("SCAN outbox USING INDEX outbox_next", False),
        ("SEARCH inbox USING INDEX inbox_done (done_at<?)", False),
        ("SCAN watches", False),
        ("  ->  Seq Scan on asks  (cost=0.00..1.01 rows=1 width=8)", True),
        ("  ->  Index Scan using outbox_next on outbox", False),
    ],
)
def test_a_costly_step_is_known_as_one(step: str, *, costly: bool) -> None:
    assert costly == reads_all(step)


@pytest.mark.fault(118)
def test_without_the_index_the_claim_would_read_all(url: str) -> None:
    """The guard of the test above: it fails where the index is missing."""
    database = Database.open(url)
    with watching() as sent:
        database.transact(lambda tx: tx.outbox.claim("one", 9, 60, ("memory",)))
    database.close()
    grow(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        for index in ("outbox_open", "outbox_next"):
            connection.execute(text(f"DROP INDEX {index}"))
    engine.dispose()
    assert len(costly_of(url, sent)) == 1
