"""Unanswered questions that the organisers have done with."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "handled",
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("handled_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("question"),
    )
