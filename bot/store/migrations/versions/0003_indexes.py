"""Indexes on what is open and on what is still to be forgotten: a year's rows cost nothing."""

from bot.store.migrate import make

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the indexes."""
    make(revision)
