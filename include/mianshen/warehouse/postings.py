"""Award postings: what is posted and what became of it, what is due, and writing it. Append-only (docs/adr/0005)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, insert, or_, select

from mianshen.core import clinics, exceptional
from mianshen.core.decisions import Outcome
from mianshen.warehouse.ledger import AWARD_POSTING, DECISION, PAYMENT_LINE
from mianshen.warehouse.ledger_view import load
from mianshen.warehouse.sql_files import sql_text

REVERSED = AWARD_POSTING.alias("reversed_posting")
"""The posting that a reversal takes back."""

_COLUMNS = (
    ("award_id", pa.string()),
    ("person_key", pa.string()),
    ("benefit_code", pa.string()),
    ("benefit_year", pa.int32()),
    ("event_id", pa.string()),
    ("posting_no", pa.int32()),
    ("kind", pa.string()),
    ("amount_fen", pa.int64()),
    ("category_code", pa.string()),
    ("clause_id", pa.string()),
    ("department_code", pa.string()),
    ("fund_code", pa.string()),
    ("reverses_award_id", pa.string()),
    ("approval_item_id", pa.string()),
    ("fate", pa.string()),
)
_FETCHED = 50_000
_ASKED = 20_000
"""People whom one query of the ledger may name."""


def fate() -> ColumnElement[str]:
    """What became of a posting: `effective`, `open` while its item waits for a decision or papers, `dead` when it was refused.

    A reversal shares the fate of the posting that it takes back; a posting without an item needs no decision. What a live payment
    carries stays effective though its item was opened again by an objection, or then refused: the money is out, and a reversal
    asks for it back. Stands in a query made by `with_fate`.
    """
    outcome = DECISION.c.outcome
    out = exists().where(PAYMENT_LINE.c.award_id == func.coalesce(REVERSED.c.award_id, AWARD_POSTING.c.award_id))
    return case(
        (_item().is_(None), "effective"),
        (outcome == "agree", "effective"),
        (out.where(PAYMENT_LINE.c.is_live), "effective"),
        (or_(outcome.is_(None), outcome == Outcome.RETURN.value), "open"),
        else_="dead",
    )


def is_again_open() -> ColumnElement[bool]:
    """Whether the posting's item waits for a decision or for papers, though money of it may be out: it was opened again.

    Stands in a query made by `with_fate`.
    """
    outcome = DECISION.c.outcome
    return and_(_item().is_not(None), or_(outcome.is_(None), outcome == Outcome.RETURN.value))


def with_fate(query: Select[Any]) -> Select[Any]:
    """The query over postings, joined to what decides their fate."""
    joined = AWARD_POSTING.outerjoin(REVERSED, REVERSED.c.award_id == AWARD_POSTING.c.reverses_award_id)
    return query.select_from(joined.outerjoin(DECISION, DECISION.c.approval_item_id == _item()))


def show_postings(
    con: duckdb.DuckDBPyConnection,
    connection: Connection,
    *,
    county_code: str,
    people: Sequence[str] | None = None,
    by_rule_only: bool = False,
) -> int:
    """Make the county's postings readable as ledger.award_posting, with the deciding item and the fate; returns how many.

    Of these people only, when they are named. `by_rule_only` leaves out what a meeting granted beyond the rules and what clinics
    are paid: no computation takes it back.
    """
    names = [name for name, _ in _COLUMNS[:-2]]
    made = (_item().label("approval_item_id"), fate().label("fate"))
    query = with_fate(select(*(AWARD_POSTING.c[name] for name in names), *made))
    query = query.where(AWARD_POSTING.c.county_code == county_code)
    if by_rule_only:
        query = query.where(AWARD_POSTING.c.benefit_code.not_in((exceptional.BENEFIT, clinics.BENEFIT)))
    if people is not None and len(people) <= _ASKED:
        return load(con, "award_posting", _COLUMNS, connection.execute(query.where(AWARD_POSTING.c.person_key.in_(people))))
    loaded = load(con, "award_posting", _COLUMNS, connection.execute(query))
    if people is not None:
        con.execute(
            "delete from ledger.award_posting where person_key not in (select unnest(cast($people as varchar[])))",
            {"people": list(people)},
        )
    return loaded


def due(con: duckdb.DuckDBPyConnection, *, go_live_on: date | None) -> list[dict[str, Any]]:
    """The postings that are due, as rows of out.posting_due; reads the assessment, out.award_opening and ledger.award_posting."""
    con.execute("create schema if not exists out")
    con.execute(f"create or replace table out.posting_change as {sql_text('out.posting_change')}", {"go_live_on": go_live_on})
    found = con.execute(sql_text("out.posting_due"), {"go_live_on": go_live_on})
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def departments_known(connection: Connection, *, county_code: str) -> set[tuple[str, str]]:
    """(person_key, department_code) of everybody whom a department has relieved, or was found to have relieved, before."""
    query = with_fate(select(AWARD_POSTING.c.person_key, AWARD_POSTING.c.department_code).distinct())
    kept = query.where(and_(AWARD_POSTING.c.county_code == county_code, AWARD_POSTING.c.amount_fen > 0, fate() == "effective"))
    return {(row.person_key, row.department_code) for row in connection.execute(kept)}


def write_postings(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows into award_posting; the database refuses a second posting of the same number."""
    for start in range(0, len(rows), _FETCHED):
        connection.execute(insert(AWARD_POSTING), list(rows[start : start + _FETCHED]))


def _item() -> ColumnElement[str | None]:
    return func.coalesce(REVERSED.c.approval_item_id, AWARD_POSTING.c.approval_item_id)
