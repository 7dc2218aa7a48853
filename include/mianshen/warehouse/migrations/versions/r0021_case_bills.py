"""Bills that are claimed at a window belong to a case each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import append_only

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table with its guard."""
    op.create_table(
        "case_bill",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("county_code", "event_id", "case_id", "recorded_by", "recorded_at")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.case_id"]),
        sa.PrimaryKeyConstraint("county_code", "event_id"),
    )
    op.create_index("ix_case_bill_case_id", "case_bill", ["case_id"])
    append_only("case_bill")


def downgrade() -> None:
    """Without it."""
    op.drop_table("case_bill")
