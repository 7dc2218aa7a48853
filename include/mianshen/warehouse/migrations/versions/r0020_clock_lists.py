"""Clocks of lists, which are few, and clocks by the day on which they closed are found along indexes of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

LISTS = sa.text("subject_kind = 'list'")


def upgrade() -> None:
    """Make the indexes."""
    op.create_index(
        "clock_standing_lists",
        "clock_standing",
        ["county_code", "due_at", "clock_id"],
        sqlite_where=LISTS,
        postgresql_where=LISTS,
    )
    op.create_index("clock_standing_closed", "clock_standing", ["county_code", "closed_at"])


def downgrade() -> None:
    """Take them away."""
    for name in ("clock_standing_closed", "clock_standing_lists"):
        op.drop_index(name, "clock_standing")
