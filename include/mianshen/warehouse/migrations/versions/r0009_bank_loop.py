"""Stops, recalls, payments by hand and paid again, money without a known line; payments take no step that is not allowed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import allow, append_only, check_becomes, refuse

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = (
    "payment_stop",
    "payment_stop_person",
    "payment_resume",
    "payment_reissue",
    "payment_by_hand",
    "payment_recall",
    "payment_recall_answer",
    "suspense",
    "suspense_clearing",
)
CHECKS = (
    (
        "payment_batch",
        "payment_batch_state",
        "state in ('drafted','approved','sent')",
        "state in ('drafted','approved','sent','cancelled')",
    ),
    (
        "payment_batch",
        "approved_needs_checker",
        "state = 'drafted' or checker is not null",
        "state in ('drafted','cancelled') or checker is not null",
    ),
    (
        "payment",
        "payment_state",
        "state in ('drafted','approved','sent','paid','returned','reissued','manual')",
        "state in ('drafted','approved','sent','paid','returned','reissued','manual','cancelled')",
    ),
)
BATCH_STEPS = """new.state <> old.state and not (
    (old.state = 'drafted' and new.state in ('approved', 'cancelled'))
    or (old.state = 'approved' and new.state in ('sent', 'cancelled')))"""
BATCH_FROZEN = """new.payment_batch_id <> old.payment_batch_id or new.county_code <> old.county_code
    or new.payments <> old.payments or new.amount_fen <> old.amount_fen
    or new.content_sha256 <> old.content_sha256 or new.maker <> old.maker"""
STOPPED = """new.state = 'sent' and old.state <> 'sent' and exists (
    select 1 from payment_stop as s
    where s.county_code = new.county_code
    and not exists (select 1 from payment_resume as r where r.stop_id = s.stop_id)
    and (s.scope = 'county' or (s.scope = 'batch' and s.subject_id = new.payment_batch_id) or (s.scope = 'fund' and exists (
        select 1 from payment_line as l inner join payment as p on p.payment_id = l.payment_id
        where p.payment_batch_id = new.payment_batch_id and l.fund_code = s.subject_id))))"""
PAYMENT_STEPS = """new.state <> old.state and not (
    (old.state = 'drafted' and new.state in ('approved', 'manual', 'cancelled'))
    or (old.state = 'approved' and new.state in ('manual', 'cancelled'))
    or (old.state = 'approved' and new.state = 'sent' and exists (
        select 1 from payment_batch as b where b.payment_batch_id = old.payment_batch_id and b.state = 'sent'))
    or (old.state = 'sent' and new.state in ('paid', 'returned'))
    or (old.state = 'sent' and new.state = 'cancelled' and exists (
        select 1 from payment_recall_answer as a where a.payment_batch_id = old.payment_batch_id and a.outcome = 'recalled'))
    or (old.state = 'manual' and new.state in ('paid', 'returned') and exists (
        select 1 from payment_by_hand as h where h.payment_id = old.payment_id and h.outcome = new.state))
    or (old.state = 'manual' and new.state = 'cancelled' and exists (
        select 1 from payment_batch as b where b.payment_batch_id = old.payment_batch_id and b.state = 'cancelled'))
    or (old.state = 'paid' and new.state = 'returned' and exists (
        select 1 from suspense_clearing as c where c.payment_id = old.payment_id))
    or (old.state = 'returned' and new.state = 'reissued'))"""
PAYMENT_FROZEN = """new.payment_id <> old.payment_id or new.payment_batch_id <> old.payment_batch_id
    or new.payee_key <> old.payee_key or new.amount_fen <> old.amount_fen or new.sequence_no <> old.sequence_no
    or coalesce(new.account_key, '') <> coalesce(old.account_key, '')"""
LINE_FROZEN = """new.payment_line_id <> old.payment_line_id or new.payment_id <> old.payment_id or new.award_id <> old.award_id
    or new.payee_key <> old.payee_key or new.fund_code <> old.fund_code or new.department_code <> old.department_code
    or new.amount_fen <> old.amount_fen or (new.is_live and not old.is_live)"""
LINE_ABOVE = """new.is_live and exists (
    select 1 from award_posting as a where a.award_id = new.award_id and (
        (a.amount_fen > 0 and (new.amount_fen <= 0 or new.amount_fen + (
            select coalesce(sum(l.amount_fen), 0) from payment_line as l where l.award_id = new.award_id and l.is_live
        ) > a.amount_fen))
        or (a.amount_fen < 0 and (new.amount_fen >= 0 or new.amount_fen + (
            select coalesce(sum(l.amount_fen), 0) from payment_line as l where l.award_id = new.award_id and l.is_live
        ) < a.amount_fen))))"""
GUARDS = (
    ("payment_batch_steps", "payment_batch", "update", BATCH_STEPS, "payment batch: no such step"),
    ("payment_batch_frozen", "payment_batch", "update", BATCH_FROZEN, "payment batch: its content is frozen"),
    ("payment_batch_stopped", "payment_batch", "update", STOPPED, "payment batch: stopped"),
    ("payment_batch_stays", "payment_batch", "delete", "true", "payment batch: no row is removed"),
    ("payment_steps", "payment", "update", PAYMENT_STEPS, "payment: no such step"),
    ("payment_frozen", "payment", "update", PAYMENT_FROZEN, "payment: its content is frozen"),
    ("payment_stays", "payment", "delete", "true", "payment: no row is removed"),
    ("payment_line_frozen", "payment_line", "update", LINE_FROZEN, "payment line: its content is frozen"),
    ("payment_line_stays", "payment_line", "delete", "true", "payment line: no row is removed"),
    ("payment_line_above", "payment_line", "insert", LINE_ABOVE, "payment line: more than the posting"),
)


def upgrade() -> None:
    """Make the tables, let payments be cancelled, put the guards."""
    op.add_column("payment_batch", sa.Column("standing", sa.Text(), nullable=True))
    op.add_column("bank_result", sa.Column("amount_fen", sa.BigInteger(), nullable=True))
    for table, name, before, after in CHECKS:
        check_becomes(table, name, before=before, after=after)
    _stops()
    _acts()
    _suspense()
    for table in TABLES:
        append_only(table)
    for name, table, act, when, saying in GUARDS:
        refuse(name, table, act, when=f"({when})", saying=saying)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _stops() -> None:
    op.create_table(
        "payment_stop",
        *_text("stop_id", "county_code", "scope", "subject_id", "reason", "stopped_by", "stopped_at"),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stop_id"),
        sa.UniqueConstraint("stop_id", "stopped_by", name="stop_by_whom"),
        sa.CheckConstraint("scope in ('batch','fund','county')", name="payment_stop_scope"),
    )
    op.create_table(
        "payment_stop_person",
        *_text("stop_id", "person_key"),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["stop_id"], ["payment_stop.stop_id"]),
        sa.PrimaryKeyConstraint("stop_id", "person_key"),
    )
    op.create_table(
        "payment_resume",
        *_text("stop_id", "stopped_by", "reason", "resumed_by", "resumed_at"),
        sa.ForeignKeyConstraint(["stop_id", "stopped_by"], ["payment_stop.stop_id", "payment_stop.stopped_by"]),
        sa.PrimaryKeyConstraint("stop_id"),
        sa.CheckConstraint("resumed_by <> stopped_by", name="resumed_by_another"),
    )


def _acts() -> None:
    op.create_table(
        "payment_reissue",
        *_text("payment_id"),
        sa.Column("round_no", sa.Integer(), nullable=False),
        *_text("reason_code"),
        sa.Column("keeps_account", sa.Boolean(), nullable=False),
        *_text("claimed_by", "claimed_at"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.payment_id"]),
        sa.PrimaryKeyConstraint("payment_id"),
    )
    op.create_table(
        "payment_by_hand",
        *_text("payment_id", "outcome", "happened_on", "paper_sha256", "recorded_by", "recorded_at"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.payment_id"]),
        sa.PrimaryKeyConstraint("payment_id"),
        sa.CheckConstraint("outcome in ('paid','returned')", name="by_hand_outcome"),
    )
    op.create_table(
        "payment_recall",
        *_text("payment_batch_id", "reason", "asked_by", "asked_at"),
        sa.ForeignKeyConstraint(["payment_batch_id"], ["payment_batch.payment_batch_id"]),
        sa.PrimaryKeyConstraint("payment_batch_id"),
        sa.UniqueConstraint("payment_batch_id", "asked_by", name="recall_by_whom"),
    )
    op.create_table(
        "payment_recall_answer",
        *_text("payment_batch_id", "asked_by", "outcome", "paper_sha256", "answered_by", "answered_at"),
        sa.ForeignKeyConstraint(["payment_batch_id", "asked_by"], ["payment_recall.payment_batch_id", "payment_recall.asked_by"]),
        sa.PrimaryKeyConstraint("payment_batch_id"),
        sa.CheckConstraint("outcome in ('recalled','refused')", name="recall_outcome"),
        sa.CheckConstraint("answered_by <> asked_by", name="recalled_by_another"),
    )


def _suspense() -> None:
    op.create_table(
        "suspense",
        *_text("suspense_id", "county_code"),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        *_text("reason_code"),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.Column("line_no", sa.Integer(), nullable=True),
        sa.Column("paper_sha256", sa.Text(), nullable=True),
        *_text("recorded_by", "recorded_at"),
        sa.ForeignKeyConstraint(["file_sha256", "line_no"], ["bank_result.file_sha256", "bank_result.line_no"]),
        sa.PrimaryKeyConstraint("suspense_id"),
        sa.UniqueConstraint("suspense_id", "recorded_by", name="suspense_by_whom"),
        sa.CheckConstraint("amount_fen > 0", name="suspense_is_positive"),
        sa.CheckConstraint("(file_sha256 is null) <> (paper_sha256 is null)", name="suspense_has_proof"),
    )
    op.create_table(
        "suspense_clearing",
        *_text("suspense_id", "recorded_by", "outcome"),
        sa.Column("payment_id", sa.Text(), nullable=True),
        *_text("paper_sha256", "cleared_by", "cleared_at"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.payment_id"]),
        sa.ForeignKeyConstraint(["suspense_id", "recorded_by"], ["suspense.suspense_id", "suspense.recorded_by"]),
        sa.PrimaryKeyConstraint("suspense_id"),
        sa.UniqueConstraint("payment_id"),
        sa.CheckConstraint("outcome in ('payment','sent_back')", name="suspense_outcome"),
        sa.CheckConstraint("(outcome = 'payment') = (payment_id is not null)", name="suspense_payment_is_named"),
        sa.CheckConstraint("cleared_by <> recorded_by", name="cleared_by_another"),
    )


def downgrade() -> None:
    """Take the guards and tables away; what was cancelled is lost to the older tables and stands as returned or drafted."""
    for name, table, *_ in GUARDS:
        allow(name, table)
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("update payment set state = 'reissued' where state = 'cancelled'")
    op.execute("update payment_batch set state = 'drafted' where state = 'cancelled'")
    for table, name, before, after in CHECKS:
        check_becomes(table, name, before=after, after=before)
    op.drop_column("payment_batch", "standing")
    op.drop_column("bank_result", "amount_fen")
