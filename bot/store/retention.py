"""Forgetting: what members wrote goes when it isn't needed any more."""

from sqlalchemy import and_, delete, exists, or_, update

from bot.store.asks import Outcome, Vote
from bot.store.schema import asks, inbox, outbox, ratings
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
