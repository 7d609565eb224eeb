"""What is stored about a member is counted before it goes."""

import pytest

from bot.domain.ask import Vote
from bot.store import Database
from bot.store.schema import inbox
from tests.store.samples import accept, ask, keep, question
from tests.store.test_learning import DRAFT, SECOND, SUZUKI


def about(database: Database, member: str) -> dict[str, int]:
    found = database.transact(lambda tx: tx.about(member))
    return {name: count for name, count in found.items() if count}


@pytest.mark.fault(85)
def test_each_kind_is_counted_and_nothing_is_left(database: Database) -> None:
    keep(database, one := ask("a1", asker="U7"))
    database.transact(lambda tx: tx.asks.rate("a1", 0, "U7", "yamada-1", Vote.USEFUL))
    database.transact(lambda tx: tx.drafts.save(DRAFT))
    database.transact(lambda tx: tx.drafts.publish(DRAFT, SUZUKI))
    database.transact(lambda tx: tx.drafts.save(SECOND))
    assert one.asker == "U7"
    assert {"asks": 1, "ratings": 1, "published": 1} == about(database, "U7")
    assert {"drafts": 1, "published": 1} == about(database, "U8")
    assert {"published": 1} == about(database, "U9")

    database.transact(lambda tx: tx.forget("U7"))
    assert {"published": 1} == about(database, "U7")
    before = database.transact(lambda tx: tx.changes())
    database.transact(lambda tx: tx.forget("U7", names=True))
    assert {} == about(database, "U7")
    assert before != database.transact(lambda tx: tx.changes())


@pytest.mark.fault(85)
def test_a_row_that_cannot_be_read_keeps_nobody_from_being_forgotten(database: Database) -> None:
    """Such as of another version: its words go as soon as a worker comes to it."""
    for message in ("1.0", "2.0"):
        accept(database, question(message))
    unread = inbox.update().where(inbox.c.key.contains("2.0")).values(payload="{}")
    database.transact(lambda tx: tx._session.connection.execute(unread))
    assert {"waiting": 1} == about(database, "U1")
    database.transact(lambda tx: tx.forget("U1"))
    assert {} == about(database, "U1")
    assert 1 == database.transact(lambda tx: tx.inbox.waiting())
