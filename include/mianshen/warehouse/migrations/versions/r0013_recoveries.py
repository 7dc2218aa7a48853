"""Assessments that were applied; what was paid beyond what is due, and how it is settled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = ("assessment_applied", "recovery", "recovery_line", "recovery_entry", "recovery_part")


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _fen() -> sa.Column[int]:
    return sa.Column("amount_fen", sa.BigInteger(), nullable=False)


def upgrade() -> None:
    """Make the tables; nothing of them is ever changed or removed."""
    op.create_table(
        "assessment_applied",
        sa.Column("applied_no", sa.Integer(), nullable=False, autoincrement=False),
        *_words("county_code", "run_id", "applied_at"),
        sa.PrimaryKeyConstraint("applied_no"),
        sa.UniqueConstraint("county_code", "applied_no", name="one_applied_number"),
    )
    op.create_table(
        "recovery",
        *_words("recovery_id", "county_code", "person_key"),
        sa.Column("benefit_year", sa.Integer(), nullable=False),
        _fen(),
        *_words("way", "cause"),
        sa.Column("case_id", sa.Text(), nullable=True),
        *_words("run_id", "found_at"),
        sa.PrimaryKeyConstraint("recovery_id"),
        sa.CheckConstraint("amount_fen > 0", name="recovery_is_positive"),
        sa.CheckConstraint("way in ('case','small','forgiven')", name="recovery_way"),
        sa.CheckConstraint("(way = 'case') = (case_id is not null)", name="recovery_has_its_case"),
    )
    op.create_index("recovery_by_person", "recovery", ["county_code", "person_key"])
    op.create_table(
        "recovery_line",
        *_words("award_id", "recovery_id", "fund_code", "department_code"),
        _fen(),
        sa.PrimaryKeyConstraint("award_id"),
        sa.ForeignKeyConstraint(["award_id"], ["award_posting.award_id"]),
        sa.ForeignKeyConstraint(["recovery_id"], ["recovery.recovery_id"]),
    )
    op.create_index("ix_recovery_line_recovery_id", "recovery_line", ["recovery_id"])
    _make_settling()
    for table in TABLES:
        _guard(table)


def _make_settling() -> None:
    op.create_table(
        "recovery_entry",
        *_words("recovery_id"),
        sa.Column("entry_no", sa.Integer(), nullable=False),
        *_words("entry"),
        _fen(),
        sa.Column("award_id", sa.Text(), nullable=True),
        *_words("reference", "actor", "at"),
        sa.PrimaryKeyConstraint("recovery_id", "entry_no"),
        sa.ForeignKeyConstraint(["recovery_id"], ["recovery.recovery_id"]),
        sa.ForeignKeyConstraint(["award_id"], ["award_posting.award_id"]),
        sa.UniqueConstraint("recovery_id", "reference", name="one_entry_a_reference"),
        sa.CheckConstraint("amount_fen > 0", name="recovery_entry_is_positive"),
        sa.CheckConstraint("entry in ('received','fallen','offset','written_off','let_go')", name="recovery_entry_kind"),
        sa.CheckConstraint("(entry in ('fallen','offset')) = (award_id is not null)", name="recovery_entry_names_its_award"),
    )
    op.create_index("recovery_entry_by_award", "recovery_entry", ["award_id"])
    op.create_table(
        "recovery_part",
        *_words("recovery_id"),
        sa.Column("plan_no", sa.Integer(), nullable=False),
        sa.Column("part_no", sa.Integer(), nullable=False),
        *_words("due_on"),
        _fen(),
        *_words("agreed_by", "agreed_at"),
        sa.PrimaryKeyConstraint("recovery_id", "plan_no", "part_no"),
        sa.ForeignKeyConstraint(["recovery_id"], ["recovery.recovery_id"]),
        sa.CheckConstraint("amount_fen > 0", name="recovery_part_is_positive"),
    )


def _guard(table: str) -> None:
    """Refuse every change and removal, as revision 0007 does."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f'create trigger {table}_keeps_{act} before {act} on "{table}"'
                f" begin select raise(abort, 'append-only: {act} of {table} is refused'); end"
            )
        return
    for act, each in (("update", "row"), ("delete", "row"), ("truncate", "statement")):
        op.execute(
            f'create trigger {table}_keeps_{act} before {act} on "{table}"'
            f" for each {each} execute function mianshen_append_only()"
        )


def downgrade() -> None:
    """The ledger without them."""
    for table in reversed(TABLES):
        op.drop_table(table)
