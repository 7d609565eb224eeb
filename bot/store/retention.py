"""Forgetting: what members wrote goes when it isn't needed any more."""

from dataclasses import replace

from sqlalchemy import and_, delete, exists, literal, or_, select, update

from bot.domain.inbound import Question
from bot.store.asks import Outcome, Vote
from bot.store.codec import Item, decode_item, decode_place, encode_place
from bot.store.outbox import State
from bot.store.schema import asks, escalations, inbox, outbox, ratings, watches
from bot.store.tables import Session

DAY = 86_400.0
KEYS = 8 * DAY
"""Redeliveries come within minutes, backups of a queue within days: keys stay a week and a day."""
ANSWERED = DAY
"""An answered question keeps its words for a day: 「違う」 may still send them to a lecturer."""


def purge(session: Session, days: int) -> None:
    """Forget the words of asks, and old keys.

    Args:
        session: The open transaction.
        days: How long unanswered questions keep their words and the asker's id.
    """
    now = session.now
    doubted = exists().where(ratings.c.ask == asks.c.id, ratings.c.value == Vote.WRONG)
    settled = or_(asks.c.entry.is_not(None), asks.c.outcome.in_((Outcome.HELP, Outcome.LIMITED)))
    session.connection.execute(
        update(asks)
        .where(asks.c.text.is_not(None))
        .where(and_(settled, ~doubted, asks.c.created_at < now - ANSWERED))
        .values(text=None)
    )
    old = asks.c.created_at < now - days * DAY
    session.connection.execute(
        update(asks)
        .where(old, or_(asks.c.text.is_not(None), asks.c.asker != ""))
        .values(text=None, asker="")
    )
    session.connection.execute(delete(inbox).where(inbox.c.done_at < now - KEYS))
    session.connection.execute(delete(outbox).where(outbox.c.done_at < now - max(KEYS, days * DAY)))


def forget(session: Session, member: str) -> None:
    """Remove what a member wrote and who they are from every table; figures stay.

    Args:
        session: The open transaction.
        member: The platform's id of the member.
    """
    execute, now = session.connection.execute, session.now
    waiting = execute(select(inbox).where(inbox.c.done_at.is_(None))).all()
    theirs = [row.seq for row in waiting if _author(decode_item(row.kind, row.payload)) == member]
    execute(
        update(inbox)
        .where(inbox.c.seq.in_(theirs))
        .values(payload=None, done_at=now, outcome="forgotten", fence=inbox.c.fence + 1)
    )
    seen_by_them = f'"private_to":"{member}"'
    escalated = literal("escalation:") + escalations.c.id
    for_them = or_(
        outbox.c.ask.in_(select(asks.c.id).where(asks.c.asker == member)),
        outbox.c.once.in_(select(escalated).where(escalations.c.member == member)),
        outbox.c.payload.contains(seen_by_them, autoescape=True),
    )
    execute(
        update(outbox)
        .where(outbox.c.done_at.is_(None), for_them)
        .values(state=State.FAILED, reason="forgotten", payload=None, done_at=now)
    )
    seen = outbox.c.message.contains(seen_by_them, autoescape=True)
    execute(update(outbox).where(seen).values(message=None))
    for row in execute(select(asks.c.id, asks.c.place).where(asks.c.asker == member)).all():
        place = encode_place(replace(decode_place(row.place), private_to=None))
        execute(update(asks).where(asks.c.id == row.id).values(asker="", text=None, place=place))
    execute(delete(ratings).where(ratings.c.member == member))
    execute(delete(escalations).where(escalations.c.member == member))
    execute(update(watches).where(watches.c.changed_by == member).values(changed_by=""))


def _author(item: Item) -> str:
    return item.asker.id if isinstance(item, Question) else item.by.id
