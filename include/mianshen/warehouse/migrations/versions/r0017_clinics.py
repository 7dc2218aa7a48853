"""Clinics that are paid, and what they are paid for assessed services."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import append_only, check_becomes

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = ("clinic_payee", "clinic_confirm")
KINDS = "kind in ('receipt','transfer','advance','top_up','used','settled','batch','returned')"
WITH_SERVICE = "kind in ('receipt','transfer','advance','top_up','service','used','settled','batch','returned')"
NAMES = "(kind in ('advance','top_up','used','settled')) = (clinic_code is not null)"
SERVICE_NAMES = "(kind in ('advance','top_up','service','used','settled')) = (clinic_code is not null)"


def upgrade() -> None:
    """Make the tables and let a fund's act be a service."""
    keys = ("clinic_id", "county_code", "clinic_code", "payee_key", "account_key")
    op.create_table(
        "clinic_payee",
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*keys, "paper_sha256", "recorded_by", "recorded_at")),
        sa.PrimaryKeyConstraint("clinic_id"),
        sa.UniqueConstraint("clinic_id", "recorded_by", name="clinic_by_whom"),
    )
    op.create_table(
        "clinic_confirm",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("clinic_id", "recorded_by", "confirmed_by", "confirmed_at")),
        sa.ForeignKeyConstraint(["clinic_id", "recorded_by"], ["clinic_payee.clinic_id", "clinic_payee.recorded_by"]),
        sa.PrimaryKeyConstraint("clinic_id"),
        sa.CheckConstraint("confirmed_by <> recorded_by", name="clinic_confirmed_by_another"),
    )
    for table in TABLES:
        append_only(table)
    check_becomes("fund_act", "fund_act_kind", before=KINDS, after=WITH_SERVICE)
    check_becomes("fund_act", "advance_names_clinic", before=NAMES, after=SERVICE_NAMES)


def downgrade() -> None:
    """Take them away."""
    check_becomes("fund_act", "advance_names_clinic", before=SERVICE_NAMES, after=NAMES)
    check_becomes("fund_act", "fund_act_kind", before=WITH_SERVICE, after=KINDS)
    for table in reversed(TABLES):
        op.drop_table(table)
