"""The first tables."""

from bot.store.migrate import make

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    make(revision)
