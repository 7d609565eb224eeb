"""What is near a question for the lecturers is found once, not whenever its card is drawn."""

from bot.store.migrate import make

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column."""
    make(revision)
