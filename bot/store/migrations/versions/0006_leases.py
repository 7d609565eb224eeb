"""Leases: what one process at a time may do, such as to serve one of Discord's shards."""

from bot.store.migrate import make

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table."""
    make(revision)
