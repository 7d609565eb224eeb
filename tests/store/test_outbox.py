"""The outbox: each purpose once, each channel in order, an unknown fate remembered."""

import pytest
from sqlalchemy import select

from bot.domain.inbound import MessageRef
from bot.store.database import Database
from bot.store.errors import StaleClaim
from bot.store.outbox import Due
from bot.store.schema import outbox
from bot.store.transaction import Transaction
from tests.store.samples import PLACE, later, outgoing

LEASE = 60.0


def _add(database: Database, *ids: str, channel: str = "C1") -> None:
    def work(tx: Transaction) -> bool:
        return all(
            tx.outbox.add(outgoing(id_, channel), ask="a1", once=f"once {id_}") for id_ in ids
        )

    assert database.transact(work)


def _claim(database: Database, owner: str = "one") -> tuple[Due, ...]:
    return database.transact(lambda tx: tx.outbox.claim(owner, 9, LEASE))


def _ids(due: tuple[Due, ...]) -> list[str]:
    return [each.outgoing.id for each in due]


def test_a_card_comes_out_as_it_was(database: Database) -> None:
    _add(database, "o1")
    (due,) = _claim(database)
    assert (outgoing("o1"), "a1", "once o1", None) == (due.outgoing, due.ask, due.once, due.tried)


def test_a_purpose_is_served_once(database: Database) -> None:
    _add(database, "o1")
    again = outgoing("o2")
    assert not database.transact(lambda tx: tx.outbox.add(again, ask="a1", once="once o1"))


def test_a_channel_is_served_in_order_and_holds_up_no_other(database: Database) -> None:
    _add(database, "o1", "o2")
    _add(database, "o3", channel="C2")
    first, other = _claim(database)
    assert ["o1", "o3"] == _ids((first, other))
    assert _claim(database) == ()
    database.transact(lambda tx: tx.outbox.sent(first, MessageRef(PLACE, "9.9")))
    assert _ids(_claim(database)) == ["o2"]


def test_a_card_that_nobody_sends_is_told_by_how_long_it_is_due(database: Database) -> None:
    """Not one that is being sent, is to wait, stands behind another, or goes where nobody is."""

    def look(seconds: float, *platforms: str) -> tuple[int, float]:
        return later(database, seconds, lambda tx: tx.outbox.look(platforms or None))

    assert look(0) == (0, 0.0)
    _add(database, "o1", "o2")
    assert look(20) == (2, pytest.approx(20, abs=1))
    assert look(20, "discord") == (2, 0.0)
    (due,) = _claim(database)
    assert look(20) == (2, 0.0)
    database.transact(lambda tx: tx.outbox.postpone(due, 30, unknown=False))
    assert look(20) == (2, 0.0)
    assert look(50) == (2, pytest.approx(20, abs=1))


def test_a_card_waits_for_who_serves_its_platform(database: Database) -> None:
    """A terminal chat must not take what goes to Slack: it could only fail to send it."""
    _add(database, "o1")

    def claimed(*platforms: str) -> list[str]:
        return _ids(database.transact(lambda tx: tx.outbox.claim("one", 9, LEASE, platforms)))

    assert [] == claimed("console")
    assert [] == claimed()
    assert ["o1"] == claimed("console", PLACE.platform)


@pytest.mark.fault(46)
def test_a_postponed_card_keeps_its_place(database: Database) -> None:
    """A 429 is waited out, the order kept."""
    _add(database, "o1", "o2")
    (first,) = _claim(database)
    database.transact(lambda tx: tx.outbox.postpone(first, 30, unknown=False))
    assert _claim(database) == ()
    (again,) = later(database, 30, lambda tx: tx.outbox.claim("one", 9, LEASE))
    assert ("o1", None) == (again.outgoing.id, again.tried)


@pytest.mark.fault(77)
def test_a_postponed_card_does_not_wait_for_a_clock_put_back(database: Database) -> None:
    _add(database, "o1")
    (first,) = _claim(database)
    database.transact(lambda tx: tx.outbox.postpone(first, 30, unknown=False))
    assert _ids(later(database, -3600, lambda tx: tx.outbox.claim("one", 9, LEASE))) == ["o1"]


def test_a_card_whose_sender_died_is_of_unknown_fate(database: Database) -> None:
    _add(database, "o1")
    _claim(database)
    (again,) = later(database, LEASE, lambda tx: tx.outbox.claim("two", 9, LEASE))
    assert again.tried == pytest.approx(LEASE, abs=5)


def test_the_time_of_a_second_send_counts_anew(database: Database) -> None:
    _add(database, "o1")
    (first,) = _claim(database)
    later(database, 40, lambda tx: tx.outbox.resending(first))
    later(database, 40, lambda tx: tx.outbox.postpone(first, 0, unknown=True))
    (again,) = later(database, 50, lambda tx: tx.outbox.claim("one", 9, LEASE))
    assert again.tried == pytest.approx(10, abs=5)


@pytest.mark.fault(124)
def test_a_clock_put_back_unseen_holds_nothing_up(database: Database) -> None:
    """Else a card of unknown fate would wait until the clock shows again when it was tried."""
    _add(database, "o1")
    later(database, 7200, lambda tx: tx.outbox.claim("died", 9, LEASE))
    (found,) = _claim(database)
    assert found.tried == 0
    database.transact(lambda tx: tx.outbox.postpone(found, 15, unknown=True))
    (again,) = later(database, 20, lambda tx: tx.outbox.claim("one", 9, LEASE))
    assert again.tried == pytest.approx(20, abs=5)


@pytest.mark.fault(76)
def test_a_sleeping_sender_is_refused(database: Database) -> None:
    _add(database, "o1")
    (sleeper,) = _claim(database)
    later(database, 300, lambda tx: tx.outbox.claim("two", 9, LEASE))
    with pytest.raises(StaleClaim):
        database.transact(lambda tx: tx.outbox.resending(sleeper))


def test_words_and_handles_go_when_the_card_is_sent(database: Database) -> None:
    _add(database, "o1")
    (due,) = _claim(database)
    database.transact(lambda tx: tx.outbox.sent(due, MessageRef(PLACE, "9.9")))
    row = database.transact(lambda tx: tx._session.connection.execute(select(outbox)).one())
    assert row.payload is None
    assert "https://example.org/once" not in row.message
    message = database.transact(lambda tx: tx.outbox.message("once o1"))
    assert message is not None
    assert message.message == "9.9"


def test_what_waits_for_a_deleted_question_is_dropped(database: Database) -> None:
    _add(database, "o1")
    database.transact(lambda tx: tx.outbox.drop("a1"))
    assert _claim(database) == ()
    assert database.transact(lambda tx: tx.outbox.waiting()) == 0
