"""Bank results by line of the return, with what became of the line."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FINAL = "state = 'LOAD' and outcome <> 'PENDING'"


def upgrade() -> None:
    """Make the table anew: nothing was ever written into the old one."""
    op.drop_table("bank_result")
    op.create_table(
        "bank_result",
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("payment_batch_id", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome in ('PAID','RETURNED','PENDING')", name="bank_result_outcome"),
        sa.CheckConstraint("state in ('LOAD','QUAR','IGNORE')", name="bank_result_state"),
        sa.CheckConstraint(
            "state <> 'LOAD' or (payment_id is not null and reason_code = outcome)", name="bank_result_is_of_a_payment"
        ),
        sa.ForeignKeyConstraint(["payment_batch_id"], ["payment_batch.payment_batch_id"]),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.payment_id"]),
        sa.PrimaryKeyConstraint("file_sha256", "line_no"),
    )
    op.create_index("ix_bank_result_payment_batch_id", "bank_result", ["payment_batch_id"], unique=False)
    op.create_index("ix_bank_result_payment_id", "bank_result", ["payment_id"], unique=False)
    op.create_index(
        "one_final_result",
        "bank_result",
        ["payment_id"],
        unique=True,
        sqlite_where=sa.text(FINAL),
        postgresql_where=sa.text(FINAL),
    )


def downgrade() -> None:
    """The table as it was."""
    op.drop_table("bank_result")
    op.create_table(
        "bank_result",
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.payment_id"]),
        sa.PrimaryKeyConstraint("file_sha256", "line_no"),
        sa.UniqueConstraint("payment_id", "outcome", name="one_outcome"),
    )
