"""应救未救: signals that somebody should be helped, and what came of asking the person."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Text

from mianshen.warehouse.ledger.columns import fen, table, words

RADAR_SIGNAL = table(
    "radar_signal",
    Column("signal_id", Text, primary_key=True),
    words("county_code"),
    words("signal_code"),
    words("subject_id"),
    words("person_key"),
    words("town", null=True),
    words("grid_code", null=True),
    words("arose_on"),
    fen("amount_fen"),
    words("evidence"),
    words("raised_at"),
    words("run_id"),
    Column("case_id", Text, ForeignKey("case.case_id"), nullable=True, index=True),
    Index("signal_by_county", "county_code", "raised_at"),
)
"""A sign that somebody should be helped and is not, as it was first raised, with the visit that asks about it; append-only."""


VISIT = table(
    "visit",
    Column("case_id", Text, ForeignKey("case.case_id"), primary_key=True),
    Column("step_code", Text, primary_key=True),
    Column("round_no", Integer, primary_key=True),
    words("outcome_code"),
    words("way"),
    words("spoke_with"),
    words("visited_on"),
    words("visited_by"),
    words("recorded_by"),
    words("recorded_at"),
    words("sheet_sha256", null=True),
    CheckConstraint("way in ('home','phone')", name="visit_way"),
    CheckConstraint("spoke_with in ('self','family','nobody')", name="visit_spoke_with"),
)
"""One asking of a person: how, whom, when, by whom, and what came of it; append-only. `sheet_sha256` is the sheet it came in."""
