"""Asks, votes, escalations, watches; and that words are forgotten in time."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.domain.ask import Draft, DraftKind, Outcome, Sign, Vote
from bot.domain.card import Card, Outgoing, Quote
from bot.domain.inbound import QUESTION, Form, MessageRef, Person, Question
from bot.errors import FaqbotError
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.schema import DAY, metadata, ratings
from bot.store.transaction import Transaction
from tests.store.samples import PLACE, ask, keep, later

KEYS = ("id", "key", "once", "question", "thread", "channel")
"""Columns that name messages and cards; these samples put the member in them to tell rows apart."""


def _texts(database: Database, *ids: str) -> Mapping[str, str | None]:
    def read(tx: Transaction) -> dict[str, str | None]:
        found = {id_: tx.asks.get(id_) for id_ in ids}
        return {id_: each.text for id_, each in found.items() if each}

    return database.transact(read)


def test_an_ask_comes_out_as_it_was_but_for_its_handle(database: Database) -> None:
    assert keep(database, ask())
    expected = replace(ask(), place=replace(PLACE, handle=None))
    assert expected == database.transact(lambda tx: tx.asks.get("a1"))
    assert expected == database.transact(lambda tx: tx.asks.of_question("slack:T1:C1:a1"))
    assert database.transact(lambda tx: tx.asks.get("a2")) is None


def test_a_question_becomes_one_ask(database: Database) -> None:
    assert keep(database, ask())
    assert not keep(database, ask("a2", question=ask().question))


def test_a_thread_gets_one_unasked_reply_and_any_number_of_others(database: Database) -> None:
    thread = "slack:T1:C1:1"
    assert keep(database, ask("a1", thread=thread), unasked=True)
    assert not keep(database, ask("a2", thread=thread), unasked=True)
    assert keep(database, ask("a3", thread=thread))
    assert keep(database, ask("a4", thread=thread))
    assert database.transact(lambda tx: tx.asks.spoke(thread))
    assert not database.transact(lambda tx: tx.asks.spoke("slack:T1:C1:2"))


@pytest.mark.fault(88)
def test_a_member_has_one_vote_on_an_answer_and_the_last_one_counts(database: Database) -> None:
    def rate(member: str, vote: Vote) -> bool:
        return database.transact(lambda tx: tx.asks.rate("a1", 0, member, "yamada-1", vote))

    assert rate("U1", Vote.USEFUL)
    assert not rate("U1", Vote.USEFUL)
    assert rate("U2", Vote.USEFUL)
    assert rate("U1", Vote.WRONG)
    kept = select(ratings.c.member, ratings.c.value).order_by(ratings.c.member)
    votes = database.transact(lambda tx: tx._session.connection.execute(kept).all())
    assert [("U1", Vote.WRONG), ("U2", Vote.USEFUL)] == [tuple(vote) for vote in votes]


def test_entries_are_counted_by_how_often_they_were_the_answer(database: Database) -> None:
    for number, entry in enumerate(("a", "b", "b", None)):
        keep(database, ask(f"a{number}", entry=entry))
    assert {"a": 1, "b": 2} == database.transact(lambda tx: tx.asks.shown())


@pytest.mark.fault(52)
def test_a_form_sent_twice_is_one_escalation(database: Database) -> None:
    form = Form.of_question("f1", "a1", "円周率とは", Person("U1", "明美"), PLACE)
    add = database.transact
    assert add(lambda tx: tx.escalations.add("e1", form))
    assert not add(lambda tx: tx.escalations.add("e2", replace(form, id="f2")))
    assert add(lambda tx: tx.escalations.add("e3", replace(form, fields={QUESTION: "別の質問"})))
    assert add(lambda tx: tx.escalations.add("e4", replace(form, by=Person("U2"))))


def test_a_channel_is_watched_as_it_was_switched_last(database: Database) -> None:
    def work(tx: Transaction) -> None:
        for on in (True, False, True):
            tx.watches.set(PLACE, on, Person("U1"))

    database.transact(work)
    assert {"slack:T1:C1": True} == database.transact(lambda tx: tx.watches.all())


@pytest.mark.fault(86)
def test_answered_questions_are_forgotten_after_a_day_and_unanswered_ones_later(
    database: Database,
) -> None:
    def fill(tx: Transaction) -> None:
        tx.asks.add(ask("answered", outcome=Outcome.ANSWER, entry="yamada-1"))
        tx.asks.add(ask("chosen", outcome=Outcome.SUGGESTIONS, entry="yamada-1"))
        tx.asks.add(ask("doubted", outcome=Outcome.ANSWER, entry="yamada-1"))
        tx.asks.rate("doubted", 0, "U1", "yamada-1", Vote.WRONG)
        tx.asks.add(ask("declined"))

    database.transact(fill)
    ids = ("answered", "chosen", "doubted", "declined")
    later(database, DAY - 60, lambda tx: tx.purge(days=30))
    assert None not in _texts(database, *ids).values()
    later(database, DAY + 60, lambda tx: tx.purge(days=30))
    kept = [id_ for id_, text in _texts(database, *ids).items() if text is not None]
    assert ["doubted", "declined"] == kept
    later(database, 30 * DAY + 60, lambda tx: tx.purge(days=30))
    assert set(_texts(database, *ids).values()) == {None}
    forgotten = database.transact(lambda tx: tx.asks.get("declined"))
    assert forgotten is not None
    assert forgotten.asker == ""


@pytest.mark.fault(85)
def test_a_member_who_wants_to_be_forgotten_is_in_no_table(database: Database) -> None:
    def fill(tx: Transaction, member: str) -> None:
        place = replace(PLACE, private_to=member)
        person = Person(member, f"name of {member}")
        tx.inbox.accept(Question(MessageRef(place, f"q {member}"), person, f"words of {member}"))
        form = Form.of_question(f"f {member}", "", f"form of {member}", person, place)
        tx.inbox.accept(form)
        tx.asks.add(ask(member, asker=member, text=f"words of {member}", place=place))
        tx.asks.rate("a1", 0, member, "yamada-1", Vote.WRONG)
        tx.escalations.add(f"e {member}", form)
        card = Card((Quote(form.text),))
        tx.outbox.add(Outgoing(f"p {member}", place, card), ask="", once=f"press:{member}")
        tx.watches.set(replace(PLACE, channel=member), True, person)
        words = f"wording of {member}"
        tx.proposals.add(ask=member, entry="e", words=words, key=words, sign=Sign.CHOSEN)
        tx.drafts.save(
            Draft(f"d {member}", 1, DraftKind.ENTRY, "e", f"e {member}", "", "", "", words, (), (),
                  person)
        )  # fmt: skip

    database.transact(lambda tx: fill(tx, "U_FORGET"))
    database.transact(lambda tx: fill(tx, "U_STAY"))
    (sent, *_) = database.transact(lambda tx: tx.outbox.claim("one", 9, 60))
    seen = MessageRef(replace(PLACE, private_to="U_FORGET"), "9.9")
    database.transact(lambda tx: tx.outbox.sent(sent, seen))
    database.transact(lambda tx: tx.forget("U_FORGET"))
    rows = database.transact(
        lambda tx: [
            row
            for table in metadata.tables.values()
            for row in tx._session.connection.execute(select(table)).all()
        ]
    )
    words = "\n".join(
        str(value) for row in rows for key, value in row._mapping.items() if key not in KEYS
    )
    assert "U_FORGET" not in words
    assert words.count("words of U_STAY") == 2
    assert database.transact(lambda tx: tx.inbox.waiting()) == 2


def test_a_failing_transaction_leaves_nothing_behind(database: Database) -> None:
    def half(tx: Transaction) -> None:
        tx.asks.add(ask())
        raise FaqbotError("Something went wrong.")

    with pytest.raises(FaqbotError):
        database.transact(half)
    assert database.transact(lambda tx: tx.asks.get("a1")) is None


@pytest.mark.fault(92)
def test_an_error_does_not_quote_the_row(database: Database) -> None:
    """P7: members' words reach no error."""
    wrong = replace(ask(), confidence="内緒")  # type: ignore[arg-type]
    with pytest.raises(StoreError) as refused:
        keep(database, wrong)
    assert "内緒" not in str(refused.value)
