"""Funds: acts, their sign-off, entries; no balance falls below zero, and no batch is sent before its use of funds is agreed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import allow, append_only, refuse

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = ("fund_act", "fund_check", "fund_entry")
NOT_AGREED = """not exists (
    select 1 from fund_check as c where c.act_id = new.act_id and c.outcome = 'agreed')"""
BELOW_ZERO = """new.amount_fen < 0 and new.amount_fen + (
    select coalesce(sum(e.amount_fen), 0) from fund_entry as e
    where e.county_code = new.county_code and e.fund_code = new.fund_code and e.holder = new.holder) < 0"""
NOT_SIGNED = """new.state = 'sent' and old.state <> 'sent' and exists (
    select 1 from fund_act as a where a.payment_batch_id = new.payment_batch_id and a.kind = 'batch'
    and not exists (select 1 from fund_check as c where c.act_id = a.act_id and c.outcome = 'agreed'))"""
GUARDS = (
    ("fund_entry_agreed", "fund_entry", "insert", NOT_AGREED, "fund entry: its act was not agreed"),
    ("fund_entry_covered", "fund_entry", "insert", BELOW_ZERO, "fund entry: the balance would fall below zero"),
    ("payment_batch_signed", "payment_batch", "update", NOT_SIGNED, "payment batch: its use of funds is not agreed"),
)


def upgrade() -> None:
    """Make the tables and put the guards."""
    op.create_table(
        "fund_act",
        *_text("act_id", "county_code", "kind", "fund_code"),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("other_fund", "clinic_code", "statement_month")),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("payment_batch_id", "payment_id")),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        *_text("happened_on"),
        sa.Column("paper_sha256", sa.Text(), nullable=True),
        *_text("made_by", "made_at"),
        sa.ForeignKeyConstraint(["payment_batch_id"], ["payment_batch.payment_batch_id"]),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.payment_id"]),
        sa.PrimaryKeyConstraint("act_id"),
        sa.UniqueConstraint("act_id", "made_by", name="fund_act_by_whom"),
        sa.CheckConstraint(
            "kind in ('receipt','transfer','advance','top_up','used','settled','batch','returned')", name="fund_act_kind"
        ),
        sa.CheckConstraint(
            "amount_fen > 0 or (amount_fen <> 0 and kind in ('batch','returned'))", name="fund_act_says_something"
        ),
        sa.CheckConstraint("(kind = 'transfer') = (other_fund is not null)", name="transfer_names_both"),
        sa.CheckConstraint(
            "(kind in ('advance','top_up','used','settled')) = (clinic_code is not null)", name="advance_names_clinic"
        ),
        sa.CheckConstraint("(kind in ('batch','returned')) = (payment_batch_id is not null)", name="batch_is_named"),
        sa.CheckConstraint("(kind = 'returned') = (payment_id is not null)", name="returned_payment_is_named"),
    )
    op.create_index("ix_fund_act_payment_batch_id", "fund_act", ["payment_batch_id"], unique=False)
    op.create_index("ix_fund_act_payment_id", "fund_act", ["payment_id"], unique=False)
    op.create_table(
        "fund_check",
        *_text("act_id", "made_by", "outcome", "reason", "checked_by", "checked_at"),
        sa.ForeignKeyConstraint(["act_id", "made_by"], ["fund_act.act_id", "fund_act.made_by"]),
        sa.PrimaryKeyConstraint("act_id"),
        sa.CheckConstraint("outcome in ('agreed','refused')", name="fund_check_outcome"),
        sa.CheckConstraint("checked_by <> made_by", name="fund_checked_by_another"),
    )
    op.create_table(
        "fund_entry",
        *_text("act_id", "fund_code", "holder", "county_code"),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        *_text("entered_at"),
        sa.ForeignKeyConstraint(["act_id"], ["fund_check.act_id"]),
        sa.PrimaryKeyConstraint("act_id", "fund_code", "holder"),
        sa.CheckConstraint("amount_fen <> 0", name="fund_entry_says_something"),
    )
    op.create_index("entry_by_holder", "fund_entry", ["county_code", "fund_code", "holder"], unique=False)
    for table in TABLES:
        append_only(table)
    for name, table, act, when, saying in GUARDS:
        refuse(name, table, act, when=f"({when})", saying=saying)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def downgrade() -> None:
    """Take them away."""
    for name, table, *_ in GUARDS:
        allow(name, table)
    for table in reversed(TABLES):
        op.drop_table(table)
