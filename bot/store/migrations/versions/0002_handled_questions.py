"""Unanswered questions that the organisers have done with."""

from bot.store.migrate import make

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    make(revision)
