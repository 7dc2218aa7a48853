"""What people do to payments after they were made: stop, resume, recall, pay by hand, pay again; money without a known line."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Integer, Text, UniqueConstraint

from mianshen.warehouse.ledger.columns import fen, table, words

PAYMENT_STOP = table(
    "payment_stop",
    Column("stop_id", Text, primary_key=True),
    words("county_code"),
    words("scope"),
    words("subject_id"),
    words("reason"),
    words("stopped_by"),
    words("stopped_at"),
    Column("persons", Integer, nullable=False),
    fen("amount_fen"),
    UniqueConstraint("stop_id", "stopped_by", name="stop_by_whom"),
    CheckConstraint("scope in ('batch','fund','county')", name="payment_stop_scope"),
)
"""一键停发: a batch, a fund or a county sends nothing from now on. `reason` is a sentence that names nobody."""


PAYMENT_STOP_PERSON = table(
    "payment_stop_person",
    Column("stop_id", Text, ForeignKey("payment_stop.stop_id"), primary_key=True),
    Column("person_key", Text, primary_key=True),
    fen("amount_fen"),
)
"""Whose relief a stop touched when it was put, and how much of it."""


PAYMENT_RESUME = table(
    "payment_resume",
    Column("stop_id", Text, primary_key=True),
    words("stopped_by"),
    words("reason"),
    words("resumed_by"),
    words("resumed_at"),
    ForeignKeyConstraint(["stop_id", "stopped_by"], ["payment_stop.stop_id", "payment_stop.stopped_by"]),
    CheckConstraint("resumed_by <> stopped_by", name="resumed_by_another"),
)
"""恢复发放: a second act, by another person than the one who stopped."""


PAYMENT_REISSUE = table(
    "payment_reissue",
    Column("payment_id", Text, ForeignKey("payment.payment_id"), primary_key=True),
    Column("round_no", Integer, nullable=False),
    words("reason_code"),
    Column("keeps_account", Boolean, nullable=False),
    words("claimed_by"),
    words("claimed_at"),
)
"""更正发放: a returned payment was claimed to be paid again; its postings are payable from here on.

`keeps_account`: the account was found to be right, and may be paid to again.
"""


PAYMENT_BY_HAND = table(
    "payment_by_hand",
    Column("payment_id", Text, ForeignKey("payment.payment_id"), primary_key=True),
    words("outcome"),
    words("happened_on"),
    words("paper_sha256"),
    words("recorded_by"),
    words("recorded_at"),
    CheckConstraint("outcome in ('paid','returned')", name="by_hand_outcome"),
)
"""What became of a payment that the bank file could not carry: a clerk paid it (the paper is the payee's receipt or the bank's
voucher), or could not."""


PAYMENT_RECALL = table(
    "payment_recall",
    Column("payment_batch_id", Text, ForeignKey("payment_batch.payment_batch_id"), primary_key=True),
    words("reason"),
    words("asked_by"),
    words("asked_at"),
    UniqueConstraint("payment_batch_id", "asked_by", name="recall_by_whom"),
)
"""撤回: the bank was asked to give a sent file back. Nothing changes until it answers."""


PAYMENT_RECALL_ANSWER = table(
    "payment_recall_answer",
    Column("payment_batch_id", Text, primary_key=True),
    words("asked_by"),
    words("outcome"),
    words("paper_sha256"),
    words("answered_by"),
    words("answered_at"),
    ForeignKeyConstraint(["payment_batch_id", "asked_by"], ["payment_recall.payment_batch_id", "payment_recall.asked_by"]),
    CheckConstraint("outcome in ('recalled','refused')", name="recall_outcome"),
    CheckConstraint("answered_by <> asked_by", name="recalled_by_another"),
)
"""What the bank answered in writing; recorded by another person than the one who asked."""


SUSPENSE = table(
    "suspense",
    Column("suspense_id", Text, primary_key=True),
    words("county_code"),
    fen("amount_fen"),
    words("reason_code"),
    words("file_sha256", null=True),
    Column("line_no", Integer, nullable=True),
    words("paper_sha256", null=True),
    words("recorded_by"),
    words("recorded_at"),
    UniqueConstraint("suspense_id", "recorded_by", name="suspense_by_whom"),
    ForeignKeyConstraint(["file_sha256", "line_no"], ["bank_result.file_sha256", "bank_result.line_no"]),
    CheckConstraint("amount_fen > 0", name="suspense_is_positive"),
    CheckConstraint("(file_sha256 is null) <> (paper_sha256 is null)", name="suspense_has_proof"),
)
"""挂账: money that came back and belongs to no payment known to be open; from a line of a return, or from a bank's paper."""


SUSPENSE_CLEARING = table(
    "suspense_clearing",
    Column("suspense_id", Text, primary_key=True),
    words("recorded_by"),
    words("outcome"),
    Column("payment_id", Text, ForeignKey("payment.payment_id"), unique=True, nullable=True),
    words("paper_sha256"),
    words("cleared_by"),
    words("cleared_at"),
    ForeignKeyConstraint(["suspense_id", "recorded_by"], ["suspense.suspense_id", "suspense.recorded_by"]),
    CheckConstraint("outcome in ('payment','sent_back')", name="suspense_outcome"),
    CheckConstraint("(outcome = 'payment') = (payment_id is not null)", name="suspense_payment_is_named"),
    CheckConstraint("cleared_by <> recorded_by", name="cleared_by_another"),
)
"""销账: what the money was found to be: a payment that came back after it was paid, or somebody else's money, sent back."""
