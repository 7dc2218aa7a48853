"""What arrived and what was computed from it."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Text, UniqueConstraint

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
    CheckConstraint("state in ('RECEIVED','KEYED','ACCEPTED','SUPERSEDED','REJECTED','HELD')", name="delivery_state"),
)
"""One file received; partition is 2026-10 or 2026-10-05. A file that no contract knows has feed 'unknown'."""
