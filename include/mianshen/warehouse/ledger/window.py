"""The window's queries, and whom the bureau told what by letter or text message."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, UniqueConstraint

from mianshen.warehouse.ledger.columns import table, words

WINDOW_QUERY = table(
    "window_query",
    Column("query_no", Integer, primary_key=True),
    words("county_code"),
    words("actor"),
    words("asked_at"),
    words("act"),
    words("sought", null=True),
    words("purpose"),
    CheckConstraint("act in ('searched','opened','named','printed')", name="window_query_act"),
    CheckConstraint("(act = 'searched') = (sought is not null)", name="window_query_sought"),
    CheckConstraint("sought in ('certno','name','amount')", name="window_query_sought_by"),
    Index("window_query_by_actor", "actor", "asked_at"),
)
"""What a clerk does at the window, written before anything is looked for: never what was typed or whom it found; append-only."""


TELLING = table(
    "telling",
    Column("telling_no", Integer, primary_key=True),
    words("county_code"),
    words("person_key"),
    words("event_code"),
    words("subject_id"),
    words("act"),
    words("way"),
    words("file_name"),
    words("told_by"),
    words("told_at"),
    Column("parts", Integer, nullable=False),
    UniqueConstraint("county_code", "person_key", "event_code", "subject_id", "act", name="told_once"),
    CheckConstraint("act in ('told','withdrawn')", name="telling_act"),
    CheckConstraint("way in ('sms','letter','visit')", name="telling_way"),
    CheckConstraint("parts >= 0", name="telling_parts"),
)
"""That a person was put into a file of messages, or onto the list of letters or visits, about one event: once. `withdrawn`: what
was told is so no more, because the money came back. `parts` are text messages of 70 signs; 0 for a letter. Append-only."""
