"""What the FAQ learns from its questions: the lecturers' drafts, members' wordings."""

import sqlalchemy as sa
from alembic import op

from bot.store.migrate import make

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables; an escalation knows its card and who else asks."""
    make(revision)
    card = "SELECT message FROM outbox WHERE once = 'escalation:' || escalations.id"
    op.execute(sa.text(f"UPDATE escalations SET card = ({card}), changed_at = created_at"))  # noqa: S608
