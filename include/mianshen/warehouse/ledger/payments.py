"""Payments: what leaves, and what the bank says of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Text, UniqueConstraint, text

from mianshen.warehouse.ledger.columns import fen, table, words

PAYMENT_BATCH = table(
    "payment_batch",
    Column("payment_batch_id", Text, primary_key=True),
    words("county_code"),
    words("month"),
    words("bank_profile"),
    words("created_at"),
    Column("payments", Integer, nullable=False),
    fen("amount_fen"),
    Column("manual_payments", Integer, nullable=False),
    fen("manual_fen"),
    words("content_sha256"),
    words("maker"),
    words("checker", null=True),
    words("state"),
    words("approved_at", null=True),
    words("sent_at", null=True),
    words("file_name", null=True),
    words("file_sha256", null=True),
    words("audit_head"),
    Column("audit_count", Integer, nullable=False),
    words("standing", null=True),
    UniqueConstraint("county_code", "content_sha256", name="one_payment_content"),
    CheckConstraint("state in ('drafted','approved','sent','cancelled')", name="payment_batch_state"),
    CheckConstraint("checker is null or checker <> maker", name="maker_is_not_checker"),
    CheckConstraint("state in ('drafted','cancelled') or checker is not null", name="approved_needs_checker"),
    CheckConstraint("state <> 'sent' or file_sha256 is not null", name="sent_needs_file"),
)
"""One bank file; totals include the payments made by hand. `sent` is set only after the same bytes lie in the outbox.

Its state goes drafted -> approved -> sent, or to cancelled before it was sent; triggers refuse other steps, a change of what was
frozen, and `sent` while somebody has stopped the batch, one of its funds or the county. `standing` is where the county's agreed
money stood when the batch was drafted, as JSON.
"""


PAYMENT = table(
    "payment",
    Column("payment_id", Text, primary_key=True),
    Column("payment_batch_id", Text, ForeignKey("payment_batch.payment_batch_id"), nullable=False, index=True),
    Column("sequence_no", Integer, nullable=False),
    words("payee_key"),
    words("account_key", null=True),
    fen("amount_fen"),
    words("state"),
    words("reason_code", null=True),
    UniqueConstraint("payment_batch_id", "payee_key", name="one_payment_a_payee"),
    CheckConstraint("amount_fen > 0", name="payment_is_positive"),
    CheckConstraint(
        "state in ('drafted','approved','sent','paid','returned','reissued','manual','cancelled')", name="payment_state"
    ),
)
"""What one payee gets from one batch, netted over departments. `manual`: in the totals, paid by hand.

drafted -> approved -> sent -> paid | returned -> reissued; `cancelled` before it was sent or when the bank gave the file back; a
payment that was paid is returned only when money came back that was laid to it. Triggers refuse other steps.
"""


PAYMENT_LINE = table(
    "payment_line",
    Column("payment_line_id", Text, primary_key=True),
    Column("payment_id", Text, ForeignKey("payment.payment_id"), nullable=False, index=True),
    Column("award_id", Text, ForeignKey("award_posting.award_id"), nullable=False),
    words("payee_key"),
    words("fund_code"),
    words("department_code"),
    fen("amount_fen"),
    Column("is_live", Boolean, nullable=False),
    Column("relation_id", Text, ForeignKey("payee_relation.relation_id"), nullable=True),
    Index("line_by_award", "award_id"),
    Index(
        "one_live_line",
        "award_id",
        "payee_key",
        unique=True,
        sqlite_where=text("is_live"),
        postgresql_where=text("is_live"),
    ),
)
"""One posting's share inside a payment; one live line a posting and payee, together never more than the posting.

A payee who is not the beneficiary is paid by a confirmed relation, which the line names: a trigger refuses other lines.
"""


PAYMENT_HOLD = table(
    "payment_hold",
    Column("county_code", Text, primary_key=True),
    Column("payee_key", Text, primary_key=True),
    Column("reason_code", Text, primary_key=True),
    Column("since", Text, primary_key=True),
    fen("amount_fen"),
    words("lifted_at", null=True),
)
"""Why agreed money did not leave with a batch, by payee and moment; money stays payable. It stands until `lifted_at`."""


BANK_RESULT = table(
    "bank_result",
    Column("file_sha256", Text, primary_key=True),
    Column("line_no", Integer, primary_key=True),
    Column("payment_batch_id", Text, ForeignKey("payment_batch.payment_batch_id"), nullable=False, index=True),
    Column("payment_id", Text, ForeignKey("payment.payment_id"), nullable=True, index=True),
    words("outcome"),
    words("state"),
    words("reason_code"),
    words("bank_code"),
    words("received_at"),
    Column("amount_fen", BigInteger, nullable=True),
    CheckConstraint("outcome in ('PAID','RETURNED','PENDING')", name="bank_result_outcome"),
    CheckConstraint("state in ('LOAD','QUAR','IGNORE')", name="bank_result_state"),
    CheckConstraint("state <> 'LOAD' or (payment_id is not null and reason_code = outcome)", name="bank_result_is_of_a_payment"),
    Index(
        "one_final_result",
        "payment_id",
        unique=True,
        sqlite_where=text("state = 'LOAD' and outcome <> 'PENDING'"),
        postgresql_where=text("state = 'LOAD' and outcome <> 'PENDING'"),
    ),
)
"""One line of a bank return, append-only. LOAD lines may be believed; a payment has one final result, others are set aside.

`amount_fen` is what the line says; null where the return carries none that can be read.
"""
