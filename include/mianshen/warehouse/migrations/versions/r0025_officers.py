"""Relief officers of the group, departments, towns and villages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import append_only

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table with its guard."""
    op.create_table(
        "officer",
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("list_no", sa.Integer(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("level", "place", "role", "login", "sheet_sha256", "recorded_by", "recorded_at")
        ),
        sa.PrimaryKeyConstraint("county_code", "list_no", "line_no"),
    )
    append_only("officer")


def downgrade() -> None:
    """Without it."""
    op.drop_table("officer")
