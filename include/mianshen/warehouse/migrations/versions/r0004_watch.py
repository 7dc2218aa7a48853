"""Cases, clocks, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "audit",
        sa.Column("audit_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("audit_no"),
    )
    op.create_table(
        "case",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("process_code", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_table(
        "clock",
        sa.Column("clock_id", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("time_limit_code", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("holder_department", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Text(), nullable=False),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("clock_id"),
        sa.UniqueConstraint("county_code", "time_limit_code", "subject_kind", "subject_id", name="one_clock"),
    )
    op.create_table(
        "case_event",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("event_no", sa.Integer(), nullable=False),
        sa.Column("step_code", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case.case_id"],
        ),
        sa.PrimaryKeyConstraint("case_id", "event_no"),
    )
    op.create_table(
        "clock_event",
        sa.Column("clock_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.Text(), nullable=False),
        sa.Column("cause_code", sa.Text(), nullable=True),
        sa.CheckConstraint("event in ('opened','warned_2','warned_1','missed','closed')", name="clock_event_kind"),
        sa.ForeignKeyConstraint(
            ["clock_id"],
            ["clock.clock_id"],
        ),
        sa.PrimaryKeyConstraint("clock_id", "event"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("clock_event")
    op.drop_table("case_event")
    op.drop_table("clock")
    op.drop_table("case")
    op.drop_table("audit")
