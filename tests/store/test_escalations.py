"""Questions on their way to the lecturers: one card for all who ask, one deed for all who press."""

import threading
from dataclasses import replace

import pytest

from bot.domain.ask import Escalation, Stage
from bot.domain.inbound import Form, MessageRef, Person, Place
from bot.store import Database, Transaction
from bot.store.schema import DAY
from tests.store.samples import PLACE, ask, keep, later

AKEMI, KENTA, SATO = Person("U1", "明美"), Person("77", "健太"), Person("U9", "佐藤")
IN_PRIVATE = Place("discord", "G1", "D7", private_to="77", handle="token")
CARD = MessageRef(Place("slack", "T1", "C9"), "5.0")


def form(by: Person = AKEMI, text: str = "録画は公開されますか", where: Place = PLACE) -> Form:
    return Form.of_question(f"form of {by.id}", "a1", text, by, where)


def add(database: Database, id_: str, given: Form, to: str | None = None) -> bool:
    return database.transact(lambda tx: tx.escalations.add(id_, given, to=to))


def get(database: Database, id_: str = "e1") -> Escalation:
    found = database.transact(lambda tx: tx.escalations.get(id_))
    assert found is not None
    return found


def move(database: Database, seen: Escalation, stage: Stage, by: Person = SATO) -> bool:
    return database.transact(lambda tx: tx.escalations.move(seen, stage, by))


@pytest.fixture
def two(database: Database) -> Escalation:
    """A question that a second member asked in private, in other words."""
    assert add(database, "e1", form())
    assert add(database, "e2", form(KENTA, "録画はいつ出ますか", IN_PRIVATE), to="e1")
    return get(database)


def test_whoever_asks_the_same_stands_on_one_card_with_words_and_place_of_their_own(
    database: Database, two: Escalation
) -> None:
    assert ("e1", "録画は公開されますか", Stage.OPEN, 0) == (
        two.id, two.text, two.stage, two.revision,
    )  # fmt: skip
    assert [
        ("e1", "a1", AKEMI, replace(PLACE, handle=None), "録画は公開されますか"),
        ("e2", "a1", KENTA, replace(IN_PRIVATE, handle=None), "録画はいつ出ますか"),
    ] == [(each.id, each.ask, each.by, each.place, each.text) for each in two.askers]
    assert two == get(database, "e2")
    assert (two,) == database.transact(lambda tx: tx.escalations.waiting())
    assert database.transact(lambda tx: tx.escalations.get("e3")) is None


@pytest.mark.fault(52)
def test_the_same_form_joins_once(database: Database, two: Escalation) -> None:
    again = form(KENTA, "録画はいつ出ますか", IN_PRIVATE)
    assert not add(database, "e3", again, to="e1")
    assert two.askers == get(database).askers


@pytest.mark.parametrize("stage", [Stage.PUBLISHED, Stage.CLOSED])
def test_what_is_done_with_is_joined_by_nobody(
    database: Database, two: Escalation, stage: Stage
) -> None:
    assert move(database, two, stage)
    assert add(database, "e3", form(SATO), to="e1")
    assert len(get(database).askers) == 2
    alone = get(database, "e3")
    assert ("e3", Stage.OPEN, [SATO]) == (
        alone.id, alone.stage, [each.by for each in alone.askers],
    )  # fmt: skip


def test_who_joins_a_drafted_question_waits_for_that_draft(
    database: Database, two: Escalation
) -> None:
    assert move(database, two, Stage.DRAFTED)
    assert add(database, "e3", form(SATO), to="e1")
    joined = get(database, "e3")
    assert ("e1", Stage.DRAFTED, 3) == (joined.id, joined.stage, len(joined.askers))
    assert move(database, joined, Stage.PUBLISHED)


def test_a_card_is_found_by_its_message_wherever_in_its_thread_one_is(
    database: Database, two: Escalation
) -> None:
    assert two.card is None
    database.transact(lambda tx: tx.escalations.stands("e1", CARD))
    assert CARD == get(database).card
    seen = replace(CARD, place=replace(CARD.place, thread="5.0", private_to="U9", handle="h"))
    found = database.transact(lambda tx: tx.escalations.of_card(seen))
    assert found == get(database)
    other = replace(CARD, message="6.0")
    assert database.transact(lambda tx: tx.escalations.of_card(other)) is None


def test_of_two_organisers_the_first_press_counts_and_says_who(
    database: Database, two: Escalation
) -> None:
    assert move(database, two, Stage.CLOSED, SATO)
    assert not move(database, two, Stage.DRAFTED, KENTA)
    now = get(database)
    assert (Stage.CLOSED, SATO, 1) == (now.stage, now.by, now.revision)
    assert database.transact(lambda tx: tx.escalations.waiting()) == ()
    assert move(database, now, Stage.OPEN, KENTA), "it can be opened again"


def test_nobody_joins_between_a_publication_and_the_list_of_who_is_told(
    replicated_url: str,
) -> None:
    """Two replicas: one publishes while the other one takes a form for the same question."""
    one, other = Database.open(replicated_url), Database.open(replicated_url)
    add(one, "e1", form())
    seen, joining = get(one), threading.Event()
    told: list[str] = []

    def publish(tx: Transaction) -> None:
        joining.wait(60)
        assert tx.escalations.move(seen, Stage.PUBLISHED, SATO)
        now = tx.escalations.get("e1")
        told.extend(each.id for each in (now.askers if now else ()))

    publisher = threading.Thread(target=one.transact, args=(publish,))
    publisher.start()

    def join(tx: Transaction) -> None:
        tx.escalations.add("e2", form(KENTA), to="e1")
        joining.set()
        publisher.join(0.3)  # it waits for this transaction

    other.transact(join)
    publisher.join()
    one.close()
    other.close()
    assert ["e1", "e2"] == told


@pytest.mark.fault(85)
def test_a_forgotten_member_leaves_the_question_to_who_asks_it_too(
    database: Database, two: Escalation
) -> None:
    database.transact(lambda tx: tx.escalations.stands("e1", CARD))
    (changed,) = database.transact(lambda tx: tx.forget(AKEMI.id))
    assert ("e1", "録画はいつ出ますか", Stage.OPEN, CARD) == (
        changed.id, changed.text, changed.stage, changed.card,
    )  # fmt: skip
    assert [KENTA] == [each.by for each in changed.askers]
    assert changed == get(database)
    (changed,) = database.transact(lambda tx: tx.forget(KENTA.id))
    assert ("", Stage.CLOSED, (), CARD) == (
        changed.text, changed.stage, changed.askers, changed.card,
    )  # fmt: skip
    assert changed == get(database)
    assert not move(database, two, Stage.DRAFTED), "its revision has changed with its stage"
    assert database.transact(lambda tx: tx.forget(KENTA.id)) == ()


@pytest.mark.fault(85)
def test_the_words_of_one_who_joined_go_alone(database: Database, two: Escalation) -> None:
    (changed,) = database.transact(lambda tx: tx.forget(KENTA.id))
    assert (two.text, [AKEMI]) == (changed.text, [each.by for each in changed.askers])


@pytest.mark.fault(85)
def test_an_organiser_who_is_forgotten_closed_it_as_nobody(
    database: Database, two: Escalation
) -> None:
    move(database, two, Stage.CLOSED, SATO)
    assert database.transact(lambda tx: tx.forget(SATO.id)) == ()
    assert (Stage.CLOSED, None) == (get(database).stage, get(database).by)


@pytest.mark.fault(86)
def test_what_nobody_touched_for_the_days_is_forgotten_and_closed(database: Database) -> None:
    add(database, "e1", form())
    add(database, "e2", form(KENTA))
    move(database, get(database, "e2"), Stage.PUBLISHED)
    add(database, "e3", form(SATO))
    later(database, 29 * DAY, lambda tx: tx.escalations.add("e4", form(KENTA, "同じ"), to="e3"))
    (closed,) = later(database, 30 * DAY + 60, lambda tx: tx.purge(days=30))
    assert ("e1", Stage.CLOSED) == (closed.id, closed.stage)
    for id_, stage in (("e1", Stage.CLOSED), ("e2", Stage.PUBLISHED)):
        gone = get(database, id_)
        assert ("", (), stage) == (gone.text, gone.askers, gone.stage)
    assert len(get(database, "e3").askers) == 2
    assert later(database, 31 * DAY, lambda tx: tx.purge(days=30)) == ()


@pytest.mark.fault(85)
def test_an_ask_that_was_forgotten_takes_its_escalation_with_it(database: Database) -> None:
    keep(database, ask("a1"))
    add(database, "e1", form())
    database.transact(lambda tx: tx.forget(AKEMI.id))
    found = database.transact(lambda tx: tx.asks.get("a1"))
    assert found is not None
    assert (None, "", "") == (found.text, found.asker, get(database).text)
