"""What people say of how their finished case was served."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import append_only

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table with its guard."""
    op.create_table(
        "case_rating",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("case_id", "channel", "rating", "recorded_by", "recorded_at")),
        sa.ForeignKeyConstraint(["case_id"], ["case.case_id"]),
        sa.PrimaryKeyConstraint("case_id", "channel"),
        sa.CheckConstraint("channel in ('好差评','12345')", name="rating_channel"),
        sa.CheckConstraint("rating in ('good','bad')", name="rating_word"),
    )
    append_only("case_rating")


def downgrade() -> None:
    """Without it."""
    op.drop_table("case_rating")
