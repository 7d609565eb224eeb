"""The inbox: seen once, worked on by one, forgotten when done."""

import threading

import pytest
from sqlalchemy import select

from bot.domain.inbound import Action, Form, MessageRef, Person, Press
from bot.store.database import Database
from bot.store.errors import StaleClaim
from bot.store.inbox import LEASE, Claimed
from bot.store.schema import DAY, inbox
from tests.store.samples import PLACE, accept, later, question


def _claim(database: Database, owner: str = "one", limit: int = 9) -> tuple[Claimed, ...]:
    return database.transact(lambda tx: tx.inbox.claim(owner, limit))


def test_what_came_in_comes_out_as_it_was_and_in_order(database: Database) -> None:
    press = Press("i1", Action.CHOOSE, "a1", "2", Person("U2", "健太"), MessageRef(PLACE, "9"))
    form = Form.of_question("f1", "", "講師へ\n質問", Person("U3"), PLACE)
    items = (question("1"), press, question("2"), form)
    for item in items:
        assert accept(database, item)
    assert items == tuple(claimed.item for claimed in _claim(database))


@pytest.mark.fault(38)
def test_a_key_is_accepted_once_also_after_it_was_done(database: Database) -> None:
    assert accept(database, question())
    assert not accept(database, question())
    (claimed,) = _claim(database)
    database.transact(lambda tx: tx.inbox.finish(claimed, "answer"))
    assert not accept(database, question())
    assert _claim(database) == ()


def test_a_claimed_row_is_nobody_elses_until_the_claim_runs_out(database: Database) -> None:
    accept(database, question())
    (first,) = _claim(database)
    assert _claim(database, "two") == ()
    (second,) = later(database, LEASE, lambda tx: tx.inbox.claim("two", 9))
    assert (1, 2) == (first.fence, second.fence)


def test_what_is_worked_on_as_it_comes_in_is_held_like_what_was_claimed(database: Database) -> None:
    first = database.transact(lambda tx: tx.inbox.accept(question(), "one"))
    assert isinstance(first, Claimed)
    assert not database.transact(lambda tx: tx.inbox.accept(question(), "two"))
    assert _claim(database, "two") == ()
    (second,) = later(database, LEASE, lambda tx: tx.inbox.claim("two", 9))
    assert (first.item, 1, 1) == (second.item, first.fence, first.attempts)
    assert (2, 2) == (second.fence, second.attempts)
    with pytest.raises(StaleClaim):
        database.transact(lambda tx: tx.inbox.finish(first, "answer"))


@pytest.mark.fault(119)
def test_a_question_that_nobody_works_on_is_told_by_how_long(database: Database) -> None:
    """A claimed one is worked on until its lease has run out: it waits since then."""

    def look(seconds: float) -> tuple[int, float]:
        return later(database, seconds, lambda tx: tx.inbox.look())

    assert look(20) == (0, 0.0)
    accept(database, question())
    assert look(20) == (1, pytest.approx(20, abs=1))
    _claim(database)
    assert look(LEASE - 2) == (1, 0.0)
    assert look(LEASE + 10) == (1, pytest.approx(10, abs=1))


@pytest.mark.fault(76)
def test_a_sleeper_cannot_finish_what_another_has_claimed(database: Database) -> None:
    """One replica was paused, then woken."""
    accept(database, question())
    (sleeper,) = _claim(database)
    (other,) = later(database, 300, lambda tx: tx.inbox.claim("two", 9))
    with pytest.raises(StaleClaim):
        database.transact(lambda tx: tx.inbox.finish(sleeper, "answer"))
    database.transact(lambda tx: tx.inbox.finish(other, "answer"))


@pytest.mark.fault(77)
def test_a_clock_put_back_does_not_keep_a_claim_for_an_hour(database: Database) -> None:
    accept(database, question())
    _claim(database)
    assert len(later(database, -3600, lambda tx: tx.inbox.claim("two", 9))) == 1


@pytest.mark.fault(48)
def test_new_words_take_the_claim_from_who_works_on_the_old(database: Database) -> None:
    accept(database, question())
    (old,) = _claim(database)
    assert database.transact(lambda tx: tx.inbox.reword(question(text="新しい質問")))
    with pytest.raises(StaleClaim):
        database.transact(lambda tx: tx.inbox.finish(old, "answer"))
    (new,) = _claim(database)
    assert question(text="新しい質問") == new.item


def test_a_closed_row_is_not_worked_on(database: Database) -> None:
    accept(database, question())
    (claimed,) = _claim(database)
    assert database.transact(lambda tx: tx.inbox.close(claimed.key, "deleted"))
    with pytest.raises(StaleClaim):
        database.transact(lambda tx: tx.inbox.finish(claimed, "answer"))
    assert not database.transact(lambda tx: tx.inbox.close(claimed.key, "deleted"))


def test_words_go_when_the_row_is_done_and_the_key_stays(database: Database) -> None:
    accept(database, question())
    (claimed,) = _claim(database)
    database.transact(lambda tx: tx.inbox.finish(claimed, "answer"))
    rows = database.transact(
        lambda tx: tx._session.connection.execute(select(inbox.c.key, inbox.c.payload)).all()
    )
    assert [("slack:T1:C1:1.0", None)] == [tuple(row) for row in rows]


@pytest.mark.fault(38, 86)
def test_a_key_stays_for_a_week_and_then_goes(database: Database) -> None:
    accept(database, question())
    (claimed,) = _claim(database)
    database.transact(lambda tx: tx.inbox.finish(claimed, "answer"))
    later(database, 7 * DAY, lambda tx: tx.purge(days=30))
    assert not accept(database, question())
    later(database, 8 * DAY + 60, lambda tx: tx.purge(days=30))
    assert accept(database, question())


def test_handing_back_does_not_count_as_an_attempt(database: Database) -> None:
    accept(database, question())
    _claim(database)
    database.transact(lambda tx: tx.release("one"))
    (again,) = _claim(database, "two")
    assert again.attempts == 1


def test_replicas_that_claim_at_once_share_the_rows(replicated_url: str) -> None:
    replicas = Database.open(replicated_url), Database.open(replicated_url)
    for number in range(40):
        accept(replicas[number % 2], question(str(number)))
    claimed: list[str] = []

    def work(replica: Database) -> None:
        for _ in range(20):
            claimed.extend(each.key for each in _claim(replica, limit=3))

    threads = [threading.Thread(target=work, args=(replica,)) for replica in replicas]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for replica in replicas:
        replica.close()
    assert (40, 40) == (len(claimed), len(set(claimed)))
