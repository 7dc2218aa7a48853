"""Cases, clocks, their exemptions, leads and the audit chain."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Text, UniqueConstraint, text

from mianshen.warehouse.ledger.columns import fen, table, words

_COUNTED = ("county_code", "closed_as", "time_limit_code", "holder_department", "town", "due_at", "exempted_at")


def _only(name: str, condition: str) -> Index:
    """An index of the few clocks of which this is true, by due moment."""
    return Index(name, "county_code", "due_at", "clock_id", sqlite_where=text(condition), postgresql_where=text(condition))


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
    words("item_code", null=True),
    UniqueConstraint("county_code", "process_code", "subject_id", "benefit_year", name="one_case"),
)
"""A person's matter in a process; its state follows from its events."""


EXPERT_DRAW = table(
    "expert_draw",
    Column("case_id", Text, ForeignKey("case.case_id"), primary_key=True),
    Column("step_code", Text, primary_key=True),
    Column("round_no", Integer, primary_key=True),
    Column("draw_no", Integer, primary_key=True),
    words("experts"),
    words("recused"),
    words("seed"),
    words("pool_sha256"),
    words("drawn_by"),
    words("drawn_at"),
)
"""Experts drawn for a round of a step, those who were recused and why, and the seed with which anybody can draw again."""


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
    words("how", null=True),
    CheckConstraint("how is null or how in ('rule','person','bulk')", name="case_event_how"),
    Index(
        "one_decision",
        "case_id",
        "step_code",
        "round_no",
        unique=True,
        sqlite_where=text("happening = 'decided'"),
        postgresql_where=text("happening = 'decided'"),
    ),
    Index(
        "case_turns",
        "case_id",
        "step_code",
        sqlite_where=text("happening in ('delegated','paused','resumed','cancelled')"),
        postgresql_where=text("happening in ('delegated','paused','resumed','cancelled')"),
    ),
    CheckConstraint(
        "happening in ('opened','step_opened','papers','delegated','paused','resumed','decided','cancelled','ended')",
        name="case_event_kind",
    ),
)
"""What happened in a case; append-only. `papers` are codes, separated by commas. A step's opening is decided once."""


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
    words("town", null=True),
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


CLOCK_EXEMPTION = table(
    "clock_exemption",
    Column("clock_id", Text, ForeignKey("clock.clock_id"), primary_key=True),
    Column("act_no", Integer, primary_key=True),
    words("act"),
    words("actor"),
    words("department_code"),
    words("acted_at"),
    words("ground"),
    words("document"),
    words("document_sha256", null=True),
    CheckConstraint("act in ('applied','granted','denied')", name="clock_exemption_act"),
)
"""容错免责认定 of a miss: applied for, then granted or denied by somebody else; append-only."""


CLOCK_STANDING = table(
    "clock_standing",
    Column("clock_id", Text, ForeignKey("clock.clock_id"), primary_key=True),
    words("county_code"),
    words("time_limit_code"),
    words("subject_kind"),
    words("subject_id"),
    words("holder_department"),
    words("started_at"),
    words("due_on"),
    words("due_at"),
    Column("is_provisional", Boolean, nullable=False),
    words("town", null=True),
    Column("turn_no", Integer, nullable=False),
    words("closed_at", null=True),
    words("closed_as", null=True),
    words("missed_at", null=True),
    words("cause_code", null=True),
    words("exempted_at", null=True),
    CheckConstraint("closed_as in ('met','met_late')", name="clock_closed_as"),
    Index("clock_standing_due", "county_code", "due_at", "clock_id"),
    Index("clock_standing_counted", *_COUNTED),
    _only("clock_standing_running", "closed_at is null"),
    _only("clock_standing_unmissed", "closed_as = 'met_late' and missed_at is null"),
    _only("clock_standing_missed", "missed_at is not null"),
    _only("clock_standing_exempted", "exempted_at is not null"),
    _only("clock_standing_lists", "subject_kind = 'list'"),
    Index("clock_standing_closed", "county_code", "closed_at"),
)
"""How each clock stands: what its turns, events and exemptions sum up to, kept by the database itself as they are added.

Never written by hand, and it can be made again from the append-only tables at any time.
"""


LEAD = table(
    "lead",
    Column("lead_id", Text, primary_key=True),
    words("county_code"),
    words("indicator_code"),
    words("subject_kind"),
    words("subject_id"),
    words("person_key", null=True),
    words("department_code", null=True),
    words("town", null=True),
    words("arose_on"),
    fen("amount_fen"),
    words("evidence"),
    words("raised_at"),
    words("run_id"),
    Index("lead_by_county", "county_code", "raised_at"),
)
"""监督疑点 as it was first raised; it stays when the check no longer finds it. Append-only."""


LEAD_ACT = table(
    "lead_act",
    Column("lead_id", Text, ForeignKey("lead.lead_id"), primary_key=True),
    Column("act_no", Integer, primary_key=True),
    words("act"),
    words("actor"),
    words("department_code"),
    words("acted_at"),
    words("document"),
    CheckConstraint("act in ('asked','answered','refuted','confirmed','transferred')", name="lead_act_kind"),
)
"""What was done about a lead, dated, never erased; append-only."""


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
