"""Primary clinics that are paid: which institution and account a code stands for, by two people."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Text, UniqueConstraint

from mianshen.warehouse.ledger.columns import table, words

CLINIC_PAYEE = table(
    "clinic_payee",
    Column("clinic_id", Text, primary_key=True),
    words("county_code"),
    words("clinic_code"),
    words("payee_key"),
    words("account_key"),
    words("paper_sha256"),
    words("recorded_by"),
    words("recorded_at"),
    UniqueConstraint("clinic_id", "recorded_by", name="clinic_by_whom"),
)
"""A clinic's code with the institution and the account behind it, by key; counts once another person confirmed it."""


CLINIC_CONFIRM = table(
    "clinic_confirm",
    Column("clinic_id", Text, primary_key=True),
    words("recorded_by"),
    words("confirmed_by"),
    words("confirmed_at"),
    ForeignKeyConstraint(["clinic_id", "recorded_by"], ["clinic_payee.clinic_id", "clinic_payee.recorded_by"]),
    CheckConstraint("confirmed_by <> recorded_by", name="clinic_confirmed_by_another"),
)
"""The second act on a clinic's record; the last one confirmed is the clinic's."""
