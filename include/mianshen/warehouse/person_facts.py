"""What the lake holds of one person: bills, calculation records, identities, fees; and which months of which feed are here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from sqlalchemy import Connection, select

from mianshen.warehouse import feed_grid
from mianshen.warehouse.claim_reviews import CLAIM
from mianshen.warehouse.clock_store import Subject, clock_id, clocks_named
from mianshen.warehouse.connect import compute
from mianshen.warehouse.feed_grid import FeedPeriod
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.ledger import RUN
from mianshen.warehouse.records import RECORD
from mianshen.warehouse.rerun import rows_of

Row = dict[str, Any]
CARE, FEES, SPANS, HOMES = "facts.care_event", "facts.enrolment_event", "facts.identity_span", "facts.person_month"
_RECORDED = (
    "event_id, event_kind, event_on, benefit_year, delivery_id, line_no, benefit_code, category_code, clause_id, base_fen,"
    " entitled_fen, window_fen, amount_fen, share_fen, is_held, is_provisional, outcome, reason_code, sentence_zh, change_zh"
)
_OF_EVENTS = {
    CARE: (
        "event_id, since, until_on, settled_on, benefit_year, med_type, medfee_sumamt, inscp_scp_amt, fund_pay_sumamt, maf_pay,"
        " insutype, state, reason_code, delivery_id, line_no"
    ),
    FEES: "event_id, benefit_year, paid_on, fee_fen",
    RECORD: _RECORDED,
}
"""Columns that are read of a person's events: each year's newest run says them, a newer year's run first."""
_SPANS = "select category_code, list_code, since, until from facts.identity_span where person_key = $person order by all"
_HOMES = (
    "select town from facts.person_month where person_key = $person and town is not null order by calendar_month desc limit 1"
)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is known of one person in one county; pseudonyms, codes, days and fen."""

    care: Sequence[Row]
    """Bills, struck and refused ones too, the newest first."""
    fees: Sequence[Row]
    """Fees of insurance, the newest first."""
    spans: Sequence[Row]
    """Identities with their list."""
    town: str
    """Town of the newest month; empty when no list says it."""
    records: Sequence[Row]
    """Calculation records of each benefit year's newest assessment, the newest events first."""
    reviews: Sequence[Row]
    """Running clocks of claims that a person looks at; the subject is `review_code|event_id` or `review_code|delivery_id`."""
    feeds: Sequence[FeedPeriod]
    """Feeds by month, since the month that was asked for."""


def person_facts(lake: Lake, person_key: str, *, county_code: str, since: str, limits: Iterable[str]) -> PersonFacts:
    """What the county's newest runs say of the person, and its feeds from the month `since` (2026-01) on.

    `limits` are the codes of the time limits of reviews.
    """
    with compute() as con:
        found = {table: _events(con, lake, table, person_key, county_code) for table in _OF_EVENTS}
        for table in (SPANS, HOMES):
            show(con, table, lake.current(table, county_code=county_code))
        spans = rows_of(con, _SPANS, {"person": person_key})
        homes = rows_of(con, _HOMES, {"person": person_key})
    with lake.engine.connect() as connection:
        reviews = _review_clocks(connection, county_code, found[CARE], limits)
        feeds = feed_grid.periods(connection, county_code, since=since)
    return PersonFacts(
        care=sorted(found[CARE], key=lambda row: (str(row["settled_on"]), row["event_id"]), reverse=True),
        fees=sorted(found[FEES], key=lambda row: str(row["paid_on"]), reverse=True),
        spans=spans,
        town=homes[0]["town"] if homes else "",
        records=sorted(found[RECORD], key=_place, reverse=True),
        reviews=reviews,
        feeds=feeds,
    )


def records_behind(lake: Lake, person_key: str, run_ids: Iterable[str]) -> list[Row]:
    """The person's calculation records in these assessments, each with its `run_id`: what an award was reckoned by then."""
    found: list[Row] = []
    with compute() as con:
        for run_id in sorted(set(run_ids)):
            show(con, RECORD, lake.files(RECORD, run_ids=(run_id,)))
            query = f"select {_RECORDED} from {RECORD} where person_key = $person order by event_id, benefit_code"  # noqa: S608 - our own names
            found += [{**row, "run_id": run_id} for row in rows_of(con, query, {"person": person_key})]
    return found


def towns_of(lake: Lake, people: Sequence[str], *, county_code: str) -> dict[str, str]:
    """The newest town of each of these people of whom a list says it."""
    with compute() as con:
        show(con, HOMES, lake.current(HOMES, county_code=county_code))
        query = (
            "select person_key, arg_max(town, calendar_month) as town from facts.person_month"
            " where town is not null and list_contains(cast($people as varchar[]), person_key) group by person_key"
        )
        return {row["person_key"]: row["town"] for row in rows_of(con, query, {"people": list(people)})}


def _events(con: duckdb.DuckDBPyConnection, lake: Lake, table: str, person_key: str, county_code: str) -> list[Row]:
    """The person's rows of the table: of every year's newest run, an event as the newest of them says it."""
    query = f"select {_OF_EVENTS[table]} from {table} where person_key = $person"  # noqa: S608 - names of this module
    rows: list[Row] = []
    for run_id in _newest_runs(lake, table, county_code):
        show(con, table, lake.files(table, run_ids=(run_id,)))
        told = {_event(row) for row in rows}
        rows += [row for row in rows_of(con, query, {"person": person_key}) if _event(row) not in told]
    return rows


def _newest_runs(lake: Lake, table: str, county_code: str) -> list[str]:
    """The newest run of each year that wrote the table, the newest year first."""
    query = select(RUN.c.run_id, RUN.c.month, RUN.c.tables).where(
        RUN.c.county_code == county_code, RUN.c.tables.contains(f'"{table}"')
    )
    with lake.engine.connect() as connection:
        rows = connection.execute(query.order_by(RUN.c.run_no)).all()
    newest = {row.month[:4]: row.run_id for row in rows if table in json.loads(row.tables)}
    return [newest[year] for year in sorted(newest, reverse=True)]


def _review_clocks(connection: Connection, county_code: str, care: Sequence[Row], limits: Iterable[str]) -> list[Row]:
    held = [row for row in care if row["state"] == "HELD" and row["reason_code"]]
    named = {f"{row['reason_code']}|{row[name]}" for row in held for name in ("event_id", "delivery_id")}
    subjects = [Subject(county_code, CLAIM, one, "") for one in sorted(named)]
    rows = clocks_named(connection, [clock_id(one, limit) for limit in limits for one in subjects])
    return [dict(row) for row in rows if row["closed_at"] is None]


def _event(row: Row) -> tuple[Any, ...]:
    return row["event_id"], row["benefit_year"]


def _place(row: Row) -> tuple[str, str, str]:
    return str(row["event_on"] or row["benefit_year"]), row["event_id"] or "", row["benefit_code"] or ""
