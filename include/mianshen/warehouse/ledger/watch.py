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
    Column("benefit_year", Integer, nullable=False),
    words("person_key", null=True),
    words("channel", null=True),
    words("town", null=True),
    words("opened_at"),
    UniqueConstraint("county_code", "process_code", "subject_id", "benefit_year", name="one_case"),
)
"""A person's matter in a process; its state follows from its events."""


CASE_EVENT = table(
    "case_event",
    Column("case_id", Text, ForeignKey("case.case_id"), primary_key=True),
    Column("event_no", Integer, primary_key=True),
    words("happening"),
    words("step_code"),
    Column("round_no", Integer, nullable=False),
    words("department_code"),
    words("outcome_code"),
    words("actor"),
    words("happened_at"),
    words("reason_code", null=True),
    words("papers"),
    CheckConstraint(
        "happening in ('opened','step_opened','papers','delegated','paused','resumed','decided','cancelled','ended')",
        name="case_event_kind",
    ),
)
"""What happened in a case; append-only. `papers` are codes, separated by commas."""


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


CLOCK_TURN = table(
    "clock_turn",
    Column("clock_id", Text, ForeignKey("clock.clock_id"), primary_key=True),
    Column("turn_no", Integer, primary_key=True),
    words("holder_department"),
    words("due_on", null=True),
    words("due_at", null=True),
    Column("is_provisional", Boolean, nullable=False),
    words("happened_at"),
    words("reason_code", null=True),
    CheckConstraint("(due_on is null) = (due_at is null)", name="clock_turn_whole"),
)
"""Who holds a clock from now on, and when it is due; null while its time stands still. The last row counts; append-only."""


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
