"""The check of a family's means: members, incomes, tests; append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import append_only

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLES = ("family_member", "means_answer", "means_test")


def upgrade() -> None:
    """Make the tables and guard them."""
    op.create_table(
        "family_member",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("member_no", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("person_key", "relation", "recorded_by", "recorded_at", "sheet_sha256")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.case_id"]),
        sa.PrimaryKeyConstraint("case_id", "member_no"),
        sa.UniqueConstraint("case_id", "person_key", name="family_member_once"),
    )
    op.create_table(
        "means_answer",
        sa.Column("case_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("round_no", "member_no")),
        sa.Column("income_fen", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("recorded_by", "recorded_at", "sheet_sha256")),
        sa.CheckConstraint("income_fen >= 0", name="means_answer_income"),
        sa.ForeignKeyConstraint(["case_id"], ["case.case_id"]),
        sa.PrimaryKeyConstraint("case_id", "round_no", "member_no"),
    )
    op.create_table(
        "means_test",
        sa.Column("case_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("round_no", "people", "months")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("income_fen", "borne_fen")),
        sa.Column("times", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("standard_fen", "least_borne_fen")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("article", "applied_on", "tested_at")),
        sa.CheckConstraint("people > 0 and months > 0 and times > 0", name="means_test_counts"),
        sa.ForeignKeyConstraint(["case_id"], ["case.case_id"]),
        sa.PrimaryKeyConstraint("case_id", "round_no"),
    )
    for table in TABLES:
        append_only(table)


def downgrade() -> None:
    """Without them."""
    for table in reversed(TABLES):
        op.drop_table(table)
