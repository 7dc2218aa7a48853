"""The money that relief comes from: what people asked and agreed to do with a fund, and the entries that follow, append-only."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint

from mianshen.warehouse.ledger.columns import fen, table, words

FUND_ACT = table(
    "fund_act",
    Column("act_id", Text, primary_key=True),
    words("county_code"),
    words("kind"),
    words("fund_code"),
    words("other_fund", null=True),
    words("clinic_code", null=True),
    words("statement_month", null=True),
    Column("payment_batch_id", Text, ForeignKey("payment_batch.payment_batch_id"), nullable=True, index=True),
    Column("payment_id", Text, ForeignKey("payment.payment_id"), nullable=True, index=True),
    fen("amount_fen"),
    words("happened_on"),
    words("paper_sha256", null=True),
    words("made_by"),
    words("made_at"),
    UniqueConstraint("act_id", "made_by", name="fund_act_by_whom"),
    CheckConstraint(
        "kind in ('receipt','transfer','advance','top_up','service','used','settled','batch','returned')", name="fund_act_kind"
    ),
    CheckConstraint("amount_fen > 0 or (amount_fen <> 0 and kind in ('batch','returned'))", name="fund_act_says_something"),
    CheckConstraint("(kind = 'transfer') = (other_fund is not null)", name="transfer_names_both"),
    CheckConstraint(
        "(kind in ('advance','top_up','service','used','settled')) = (clinic_code is not null)", name="advance_names_clinic"
    ),
    CheckConstraint("(kind in ('batch','returned')) = (payment_batch_id is not null)", name="batch_is_named"),
    CheckConstraint("(kind = 'returned') = (payment_id is not null)", name="returned_payment_is_named"),
)
"""What somebody asks to do with a fund: a receipt (到账), a transfer (资金间划转), an advance to a clinic (预拨), its top-up
(补足申请), its assessed services (考核补助), its monthly 汇总表 (used), its yearly settlement, a payment batch (用款申请), money
that came back."""


FUND_CHECK = table(
    "fund_check",
    Column("act_id", Text, primary_key=True),
    words("made_by"),
    words("outcome"),
    words("reason"),
    words("checked_by"),
    words("checked_at"),
    ForeignKeyConstraint(["act_id", "made_by"], ["fund_act.act_id", "fund_act.made_by"]),
    CheckConstraint("outcome in ('agreed','refused')", name="fund_check_outcome"),
    CheckConstraint("checked_by <> made_by", name="fund_checked_by_another"),
)
"""签批: another person, or finance, agrees or refuses; without it nothing is entered."""


FUND_ENTRY = table(
    "fund_entry",
    Column("act_id", Text, ForeignKey("fund_check.act_id"), primary_key=True),
    Column("fund_code", Text, primary_key=True),
    Column("holder", Text, primary_key=True),
    words("county_code"),
    fen("amount_fen"),
    words("entered_at"),
    CheckConstraint("amount_fen <> 0", name="fund_entry_says_something"),
    Index("entry_by_holder", "county_code", "fund_code", "holder"),
)
"""What an agreed act moves: into (above zero) or out of a fund, or what a clinic holds of it. `holder` is empty for the fund.
No balance ever falls below zero: a trigger refuses the entry."""


TRANSFER_LINE = table(
    "transfer_line",
    Column("transfer_id", Text, primary_key=True),
    Column("award_id", Text, ForeignKey("award_posting.award_id"), primary_key=True),
    words("county_code"),
    words("fund_code"),
    fen("amount_fen"),
    words("booked_at"),
    CheckConstraint("amount_fen <> 0", name="transfer_line_says_something"),
    Index("transfer_by_award", "award_id"),
)
"""A posting, or the rest of one, that a transfer between funds settles without any payment: a plan gave to one fund what it took
from another. The lines of a transfer, whose id is the paper of its fund acts, add up to nothing. Append-only."""
