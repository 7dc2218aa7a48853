"""What arrived and what was computed from it."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Integer, Text, UniqueConstraint

from mianshen.warehouse.ledger.columns import count, fen, table, words

RUN = table(
    "run",
    Column("run_id", Text, primary_key=True),
    Column("run_no", Integer, nullable=False, unique=True),
    words("stage"),
    words("county_code"),
    words("month"),
    words("as_of"),
    words("tables"),
    words("inputs"),
    words("policy_hash"),
    words("code_hash"),
    count("rows_in"),
    count("rows_out"),
    fen("fen_in"),
    fen("fen_out"),
)
"""One committed run of a stage; `tables` is JSON {schema.table: {rows, folder, sha256}}. Readers find folders only here."""


DELIVERY = table(
    "delivery",
    Column("delivery_id", Text, primary_key=True),
    words("county_code"),
    words("feed"),
    words("list_code"),
    words("department_code"),
    words("partition"),
    Column("version", Integer, nullable=False),
    words("content_sha256"),
    words("file_name"),
    Column("size_bytes", BigInteger, nullable=False),
    words("received_at"),
    words("state"),
    words("reason_code", null=True),
    words("reason_where", null=True),
    Column("records_stated", BigInteger),
    count("rows_in"),
    count("rows_accepted"),
    count("rows_quarantined"),
    count("rows_ignored"),
    words("keyed_run_id", null=True),
    words("staged_run_id", null=True),
    UniqueConstraint("county_code", "feed", "list_code", "partition", "content_sha256", name="one_content"),
    CheckConstraint("state in ('RECEIVED','KEYED','ACCEPTED','SUPERSEDED','REJECTED','HELD','WITHDRAWN')", name="delivery_state"),
)
"""One file received; partition is 2026-10 or 2026-10-05. A file that no contract knows has feed 'unknown'."""


DELIVERY_ACT = table(
    "delivery_act",
    Column("delivery_id", Text, ForeignKey("delivery.delivery_id"), primary_key=True),
    Column("act_no", Integer, primary_key=True),
    words("act"),
    words("acted_at"),
    words("actor"),
    words("reason"),
    CheckConstraint("act in ('withdrawn','released')", name="delivery_act_kind"),
)
"""What a person did to a delivery: took it back, or let a held one go on; append-only."""


CLAIM_DECISION = table(
    "claim_decision",
    Column("county_code", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("review_code", Text, primary_key=True),
    words("outcome"),
    words("reason"),
    words("decided_at"),
    words("decided_by"),
    CheckConstraint("outcome in ('release','refuse')", name="claim_decision_outcome"),
)
"""What a person found on looking at a claim that was held; the first stands, the second is refused by the key."""
