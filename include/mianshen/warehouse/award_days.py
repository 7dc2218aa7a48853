"""Working days until relief was paid, from each of the three days that a text may mean, by the dated calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import duckdb
import pyarrow as pa

from mianshen.core.clocks import Counting, WorkingCalendar
from mianshen.core.days import local
from mianshen.core.pack import Pack
from mianshen.warehouse.build import make_table
from mianshen.warehouse.connect import show_arrow
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.ledger import (
    APPLICATION,
    AWARD_POSTING,
    BANK_RESULT,
    DECISION,
    DELIVERY,
    PAYMENT,
    PAYMENT_BY_HAND,
    PAYMENT_LINE,
)
from mianshen.warehouse.ledger_view import show_ledger
from mianshen.warehouse.summary import staged_runs

MADE = ("out.award_days", "out.award_days_summary")
"""Tables that are made here."""
LIMIT = "pay_relief"
"""Code of the time limit that the days are measured against."""
_LEDGER = (APPLICATION, AWARD_POSTING, BANK_RESULT, DECISION, DELIVERY, PAYMENT, PAYMENT_BY_HAND, PAYMENT_LINE)
_STAGED = ("staging.settlement", "staging.enrolment")


def make_tables(con: duckdb.DuckDBPyConnection, lake: Lake, *, pack: Pack, as_of: datetime) -> None:
    """Make the tables of MADE in this DuckDB."""
    with lake.engine.connect() as connection:
        staged = staged_runs(connection, county_code=pack.county_code)
        show_ledger(con, connection, county_code=pack.county_code, tables=_LEDGER)
    for table in _STAGED:
        show(con, table, lake.files(table, run_ids=sorted(set(staged.values()))))
    today = local(as_of).date()
    show_workdays(con, pack.calendar, until=today)
    bound = {"as_of": today.isoformat(), "deliveries": sorted(staged), "limit_workdays": limit_workdays(pack)}
    for table in MADE:
        make_table(con, table, bound)


def limit_workdays(pack: Pack) -> int | None:
    """Working days within which the county pays; None where it has no such limit or counts otherwise."""
    limit = next((one for one in pack.time_limits if one.code == LIMIT), None)
    return limit.amount if limit is not None and limit.counting is Counting.WORKDAYS else None


def show_workdays(con: duckdb.DuckDBPyConnection, calendar: WorkingCalendar, *, until: date) -> None:
    """Make facts.workday readable, `until` included: working days in (a, b] are workdays_before of b less that of a."""
    first = min(calendar.workdays, default=calendar.provisional_since)
    days = [first + timedelta(days=number) for number in range((until - first).days + 1)]
    counts, count = [], 0
    for day in days:
        count += calendar.is_workday(day)
        counts.append(count)
    columns = {
        "on_day": pa.array(days, pa.date32()),
        "workdays_before": pa.array(counts, pa.int64()),
        "is_provisional": pa.array([calendar.is_provisional(day) for day in days], pa.bool_()),
    }
    show_arrow(con, "facts.workday", pa.table(columns))
