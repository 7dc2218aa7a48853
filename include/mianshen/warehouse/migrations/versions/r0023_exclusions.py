"""Persons who are excluded from relief after an audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import append_only

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLES = ("exclusion", "exclusion_end")


def upgrade() -> None:
    """Make the tables with their guards."""
    op.create_table(
        "exclusion",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("exclusion_id", "county_code", "person_key", "ground", "since")
        ),
        sa.Column("until", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("document_no", "document_sha256", "decided_by", "decided_on")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("recorded_by", "recorded_at")),
        sa.PrimaryKeyConstraint("exclusion_id"),
        sa.CheckConstraint("decided_by <> recorded_by", name="exclusion_recorded_by_another"),
        sa.CheckConstraint("until is null or until > since", name="exclusion_has_days"),
    )
    op.create_index("ix_exclusion_county_code", "exclusion", ["county_code"])
    op.create_table(
        "exclusion_end",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("exclusion_id", "ended_on", "document_sha256", "decided_by", "recorded_by", "recorded_at")
        ),
        sa.ForeignKeyConstraint(["exclusion_id"], ["exclusion.exclusion_id"]),
        sa.PrimaryKeyConstraint("exclusion_id"),
        sa.CheckConstraint("decided_by <> recorded_by", name="exclusion_end_recorded_by_another"),
    )
    for table in TABLES:
        append_only(table)


def downgrade() -> None:
    """Without them."""
    for table in reversed(TABLES):
        op.drop_table(table)
