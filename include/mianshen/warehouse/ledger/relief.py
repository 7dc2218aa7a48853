"""Applications, approvals, decisions, postings."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Text, UniqueConstraint

from mianshen.warehouse.ledger.columns import fen, table, view, words

APPLICATION = table(
    "application",
    Column("application_id", Text, primary_key=True),
    Column("receipt_no", Text, nullable=False, unique=True),
    words("county_code"),
    words("month"),
    words("person_key"),
    words("applied_at"),
    words("run_id"),
    Column("events", Integer, nullable=False),
    fen("amount_fen"),
    words("departments"),
)
"""Relief that nobody had to ask for (受理): one a person and apply run; ends the 3-day clock."""


APPROVAL_BATCH = table(
    "approval_batch",
    Column("approval_batch_id", Text, primary_key=True),
    words("county_code"),
    words("month"),
    words("department_code"),
    words("opened_at"),
    words("run_id"),
    Column("items", Integer, nullable=False),
    fen("amount_fen"),
    words("content_sha256"),
    words("maker"),
    words("audit_head"),
    Column("audit_count", Integer, nullable=False),
)
"""Items of one department, frozen with their content hash."""


APPROVAL_ITEM = table(
    "approval_item",
    Column("approval_item_id", Text, primary_key=True),
    Column("approval_batch_id", Text, ForeignKey("approval_batch.approval_batch_id"), nullable=False, index=True),
    Column("application_id", Text, ForeignKey("application.application_id"), nullable=False, index=True),
    Column("item_no", Integer, nullable=False),
    words("department_code"),
    words("person_key"),
    words("category_code"),
    words("town", null=True),
    Column("events", Integer, nullable=False),
    fen("amount_fen"),
    words("route"),
    words("route_reason"),
    UniqueConstraint("application_id", "department_code", name="one_item_a_department"),
    UniqueConstraint("approval_batch_id", "item_no", name="one_number_a_batch"),
    CheckConstraint("route in ('rule','person')", name="item_route"),
)
"""What one department decides about one application: the frozen content of the step, named like the department, of the case that
the application is. Its state is that of the step."""


DECISION = view(
    "decision",
    Column("approval_item_id", Text, ForeignKey(APPROVAL_ITEM.c.approval_item_id), primary_key=True),
    words("outcome"),
    words("reason_code"),
    words("decided_by"),
    words("decided_at"),
    words("how"),
)
"""同意 / 退回补正 / 不予救助: the decided events of applications' cases as their items have them; a view, never written.

`how` is rule, person (opened by itself) or bulk (confirmed together with others).
"""


AWARD_POSTING = table(
    "award_posting",
    Column("award_id", Text, primary_key=True),
    words("county_code"),
    words("person_key"),
    words("benefit_code"),
    Column("benefit_year", Integer, nullable=False),
    words("event_id"),
    Column("posting_no", Integer, nullable=False),
    words("kind"),
    fen("amount_fen"),
    words("category_code"),
    words("clause_id"),
    words("department_code"),
    words("fund_code"),
    words("application_id", null=True),
    words("approval_item_id", null=True),
    Column("reverses_award_id", Text, ForeignKey("award_posting.award_id"), index=True),
    words("policy_hash"),
    words("run_id"),
    words("posted_at"),
    UniqueConstraint("person_key", "benefit_code", "benefit_year", "event_id", "posting_no", name="one_posting"),
    CheckConstraint("amount_fen <> 0", name="posting_says_something"),
    CheckConstraint("kind in ('opening','award')", name="posting_kind"),
    CheckConstraint("reverses_award_id is null or amount_fen < 0", name="reversal_is_negative"),
    Index("posting_by_item", "approval_item_id"),
    Index("posting_by_county", "county_code", "kind"),
)
"""Append-only differences between entitlement and what was posted. Opening postings were paid before the county went live.

A reversal names the posting it takes back and shares its fate. A posting without an item and without a posting to reverse needs
no decision: it moves money that was decided already from one event to another. A sum of the year has an empty event_id.
"""
