"""What must survive a crash: inbox, asks, outbox, ratings, escalations. SQLAlchemy Core, sync."""

from bot.store.database import Database, Reader, absent, reading, unwritable, writing
from bot.store.errors import Outdated, StaleClaim, StoreError
from bot.store.history import Asked, Learned, Waiting
from bot.store.inbox import Claimed, key_of
from bot.store.learning import PUBLISHED
from bot.store.leases import Share
from bot.store.outbox import Due, channel_of
from bot.store.schema import CHANGES, INBOX, OUTBOX, News
from bot.store.transaction import Transaction

__all__ = [
    "CHANGES",
    "INBOX",
    "OUTBOX",
    "PUBLISHED",
    "Asked",
    "Claimed",
    "Database",
    "Due",
    "Learned",
    "News",
    "Outdated",
    "Reader",
    "Share",
    "StaleClaim",
    "StoreError",
    "Transaction",
    "Waiting",
    "absent",
    "channel_of",
    "key_of",
    "reading",
    "unwritable",
    "writing",
]
