"""What departments refused and first payments locked, as facts of an assessment.

A refusal is a decision on an approval item; it holds for the benefits and benefit years that the item's postings are of. The
order that a first payment locked is the one that counted in the assessment from which its posting came.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, select

from mianshen.core.decisions import Outcome
from mianshen.warehouse.assessing import DECIDED
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.ledger import AWARD_POSTING, DECISION, PAYMENT, PAYMENT_BATCH, PAYMENT_LINE
from mianshen.warehouse.ledger_view import load

REFUSED, LOCKED = DECIDED
_WHO = (("person_key", pa.string()), ("benefit_year", pa.int32()))
_LOCKED = """
    insert into facts.order_locked
    select t.person_key, t.benefit_year, t.arrangement
    from out.order_tried as t
    inner join ledger.order_paid as p on t.person_key = p.person_key and t.benefit_year = p.benefit_year
    where t.is_chosen and p.run_id = $run_id
"""


def show_decided(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    *,
    county_code: str,
    refused_in: Collection[int],
    locked_in: Collection[int],
) -> None:
    """Make facts.benefit_refused of the benefit years `refused_in`, and facts.order_locked of the years `locked_in`.

    A year in which only one order was possible when it was first paid is not locked.
    """
    con.execute("create schema if not exists facts")
    with lake.engine.connect() as connection:
        _load_refused(con, connection, county_code, refused_in)
        runs = _load_paid(con, connection, county_code, locked_in)
    con.execute("create or replace table facts.benefit_refused as select * from ledger.benefit_refused")
    show(con, LOCKED, ())
    con.execute("create or replace temp table nothing_locked as select * from facts.order_locked")
    con.execute("drop view facts.order_locked")
    con.execute("create table facts.order_locked as select * from nothing_locked")
    for run_id in runs:
        show(con, "out.order_tried", lake.files("out.order_tried", run_ids=(run_id,)))
        con.execute(_LOCKED, {"run_id": run_id})
        con.execute("drop view out.order_tried")


def _load_refused(con: duckdb.DuckDBPyConnection, connection: Connection, county_code: str, years: Collection[int]) -> None:
    """Make ledger.benefit_refused: each benefit that a department refused to a person for a year."""
    posting = AWARD_POSTING.c
    query = (
        select(posting.person_key, posting.benefit_year, posting.benefit_code)
        .join(DECISION, DECISION.c.approval_item_id == posting.approval_item_id)
        .where(posting.county_code == county_code, DECISION.c.outcome == Outcome.REFUSE.value, posting.benefit_year.in_(years))
        .distinct()
        .order_by(posting.person_key, posting.benefit_year, posting.benefit_code)
    )
    load(con, "benefit_refused", (*_WHO, ("benefit_code", pa.string())), connection.execute(query))


def _load_paid(con: duckdb.DuckDBPyConnection, connection: Connection, county_code: str, years: Collection[int]) -> list[str]:
    """Make ledger.order_paid: the assessment behind the first payment of each person and year; returns those assessments."""
    posting = AWARD_POSTING.c
    joined = (
        AWARD_POSTING.join(PAYMENT_LINE, PAYMENT_LINE.c.award_id == posting.award_id)
        .join(PAYMENT, PAYMENT.c.payment_id == PAYMENT_LINE.c.payment_id)
        .join(PAYMENT_BATCH, PAYMENT_BATCH.c.payment_batch_id == PAYMENT.c.payment_batch_id)
    )
    query = (
        select(posting.person_key, posting.benefit_year, posting.run_id, PAYMENT_BATCH.c.sent_at)
        .select_from(joined)
        .where(posting.county_code == county_code, PAYMENT_BATCH.c.state == "sent", posting.benefit_year.in_(years))
        .distinct()
    )
    load(con, "order_sent", (*_WHO, ("run_id", pa.string()), ("sent_at", pa.string())), connection.execute(query))
    con.execute(
        "create or replace table ledger.order_paid as"
        " select person_key, benefit_year, min_by(run_id, (sent_at, run_id)) as run_id from ledger.order_sent group by all"
    )
    return [run_id for (run_id,) in con.execute("select distinct run_id from ledger.order_paid order by 1").fetchall()]
