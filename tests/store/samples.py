"""Rows to put into the store."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from bot.domain.ask import Ask, Candidate, Outcome
from bot.domain.card import Button, Card, Credit, Kind, Outgoing, Quote, Say, Small
from bot.domain.inbound import Action, MessageRef, Person, Place, Question
from bot.store.codec import Item
from bot.store.database import Database
from bot.store.transaction import Transaction

PLACE = Place("slack", "T1", "C1", thread="1.0", handle="https://example.org/once")
T = TypeVar("T")


def question(message: str = "1.0", text: str = "合成データは？ 𠮷 👍") -> Question:
    return Question(MessageRef(PLACE, message), Person("U1", "明美"), text)


def outgoing(id_: str, channel: str = "C1") -> Outgoing:
    parts = (
        Say("次の中に"),
        Quote("使っています。"),
        Credit("山田 先生", "講演", ("https://a",)),
        Small("一致"),
    )
    button = Button("役に立った", Action.USEFUL, "a1", "0")
    return Outgoing(
        id_, replace(PLACE, channel=channel), Card(parts, (button,), ping="U1"), Kind.THREAD
    )


def ask(id_: str = "a1", **changes: object) -> Ask:
    given = Ask(
        id=id_,
        question=f"slack:T1:C1:{id_}",
        place=PLACE,
        thread=f"slack:T1:C1:{id_}",
        asker="U1",
        text="合成データは？",
        outcome=Outcome.DECLINE,
        confidence=0.5,
        candidates=(Candidate("yamada-1", 3.5, 0.5),),
        offered=1,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def later(database: Database, seconds: float, work: Callable[[Transaction], T]) -> T:
    """Run ``work`` as if the database's clock had been moved."""

    def moved(tx: Transaction) -> T:
        session = tx._session
        return work(Transaction(replace(session, now=session.now + seconds)))

    return database.transact(moved)


def accept(database: Database, item: Item) -> bool:
    return bool(database.transact(lambda tx: tx.inbox.accept(item)))


def keep(database: Database, given: Ask, *, unasked: bool = False) -> bool:
    return database.transact(lambda tx: tx.asks.add(given, unasked=unasked))
