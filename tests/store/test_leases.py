"""What one process at a time may do: it is leased, on the database's clock."""

import pytest
from sqlalchemy import update

from bot.store import Database, Share
from bot.store.schema import leases

LEASE = 15.0


def share(database: Database, owner: str, of: int = 1, **given: object) -> Share:
    return database.transact(
        lambda tx: tx.leases.share("discord", owner, LEASE, of, **given)  # type: ignore[arg-type]
    )


def pass_by(database: Database, seconds: float) -> None:
    """Let so much of each lease go by."""
    rows = update(leases).where(leases.c.owner.is_not(None))
    database.transact(
        lambda tx: tx.leases._session.connection.execute(
            rows.values(lease_until=leases.c.lease_until - seconds)
        )
    )


@pytest.mark.fault(120)
def test_a_part_is_held_by_one_until_it_is_given_back_or_not_heard_of(database: Database) -> None:
    first = share(database, "a", 2)
    assert (set(first.held), set(first.others)) == ({0, 1}, set())
    second = share(database, "b", 2)
    assert (set(second.held), set(second.others)) == (set(), {0, 1})
    pass_by(database, LEASE - 1)
    assert share(database, "b", 2).held == {}
    pass_by(database, 2)
    assert set(share(database, "b", 2).held) == {0, 1}
    assert share(database, "a", 2).held == {}
    database.transact(lambda tx: tx.release("b"))
    assert set(share(database, "a", 2).held) == {0, 1}


@pytest.mark.fault(76)
def test_a_sleeper_finds_its_number_changed_and_its_note_refused(database: Database) -> None:
    before = share(database, "a").held[0]
    assert share(database, "a", notes={0: "heard"}).held[0] == before
    pass_by(database, LEASE + 1)
    taken = share(database, "b")
    assert (taken.held[0], taken.notes[0]) == (before + 1, "heard")
    pass_by(database, LEASE + 1)
    again = share(database, "a", notes={0: "long ago"})
    assert (again.held[0], again.notes[0]) == (before + 2, "heard")


@pytest.mark.fault(120)
def test_who_pins_its_parts_leaves_the_others(database: Database) -> None:
    assert set(share(database, "a", 3, wanted=(1,)).held) == {1}
    assert set(share(database, "b", 3).held) == {0, 2}
    assert set(share(database, "a", 3, wanted=(0,)).held) == set()
    assert set(share(database, "b", 3).held) == {0, 1, 2}


@pytest.mark.fault(120)
def test_nothing_is_taken_while_another_divides_it_differently(database: Database) -> None:
    share(database, "a", 2)
    refused = share(database, "b", 3)
    assert (refused.of, refused.held) == (2, {})
    database.transact(lambda tx: tx.release("a"))
    assert set(share(database, "b", 3).held) == {0, 1, 2}


@pytest.mark.fault(124)
def test_a_clock_that_was_put_back_leaves_no_lease_for_hours(database: Database) -> None:
    share(database, "a")
    pass_by(database, -3600)
    assert set(share(database, "b").held) == {0}


def test_all_processes_together_have_one_turn_at_a_time(database: Database) -> None:
    assert database.transact(lambda tx: tx.leases.turn("sign-in", 5.0)) == 0
    wait = database.transact(lambda tx: tx.leases.turn("sign-in", 5.0))
    assert 4 < wait <= 5
    assert database.transact(lambda tx: tx.leases.turn("another", 5.0)) == 0
