"""Cases, clocks and the audit chain."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, Text, UniqueConstraint

from mianshen.warehouse.ledger.columns import table, words

CASE = table(
    "case",
    Column("case_id", Text, primary_key=True),
    words("county_code"),
    words("process_code"),
    words("subject_id"),
    words("opened_at"),
)
"""A person's matter in a process; its state is its last event."""


CASE_EVENT = table(
    "case_event",
    Column("case_id", Text, ForeignKey("case.case_id"), primary_key=True),
    Column("event_no", Integer, primary_key=True),
    words("step_code"),
    words("event"),
    words("actor"),
    words("happened_at"),
    words("reason_code", null=True),
)
"""What happened in a case; append-only."""


CLOCK = table(
    "clock",
    Column("clock_id", Text, primary_key=True),
    words("county_code"),
    words("time_limit_code"),
    words("subject_kind"),
    words("subject_id"),
    words("holder_department"),
    words("started_at"),
    words("due_on"),
    words("due_at"),
    Column("is_provisional", Boolean, nullable=False),
    UniqueConstraint("county_code", "time_limit_code", "subject_kind", "subject_id", name="one_clock"),
)
"""One time limit at work on one batch, delivery, list or application; its state follows from its events."""


CLOCK_EVENT = table(
    "clock_event",
    Column("clock_id", Text, ForeignKey("clock.clock_id"), primary_key=True),
    Column("event", Text, primary_key=True),
    words("happened_at"),
    words("cause_code", null=True),
    CheckConstraint("event in ('opened','warned_2','warned_1','missed','closed')", name="clock_event_kind"),
)
"""Each event of a clock at most once: a miss stays visible after it is cured."""


AUDIT = table(
    "audit",
    Column("audit_no", Integer, primary_key=True, autoincrement=False),
    words("at"),
    words("actor"),
    words("action"),
    words("subject"),
    words("detail"),
    words("previous"),
    words("digest"),
)
"""SM3 hash chain over decisions, approvals, payments and look-ups; append-only."""
