"""What the portrait report is made of: rows of the published tables and of the ledger, as plain values. Nobody is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection

from mianshen.warehouse import board, money_state, summary
from mianshen.warehouse.connect import show_arrow
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.sql_files import table_doc

Row = dict[str, Any]
FIGURES = "release.portrait_figure"
"""The report's figures as a table."""
READ = (
    "out.category_counts",
    "out.funnel",
    "out.funnel_end",
    "out.refusals",
    "out.relief_summary",
    "out.payer_summary",
    "out.category_pair",
    "out.portrait_age",
    "out.portrait_town",
    "out.portrait_trend",
    "out.spending_layer",
    "out.care_flow",
    "out.level_flow",
    "out.coverage_matrix",
)
"""Tables that are read as they are, of the month's newest run."""
COUNTED = {
    "out.radar": """
        select
            signal_code,
            count(*) filter (where waits_for is null) as signals,
            cast(coalesce(sum(amount_fen) filter (where waits_for is null), 0) as bigint) as amount_fen,
            count(*) filter (where waits_for is not null) as waiting
        from out.radar
        group by signal_code
        order by signal_code
    """,
    "out.lead": """
        select indicator_code, count(*) as leads, cast(sum(amount_fen) as bigint) as amount_fen
        from out.lead
        group by indicator_code
        order by indicator_code
    """,
    "out.clock_board": """
        select time_limit_code, state, count(*) as clocks
        from out.clock_board
        group by time_limit_code, state
        order by time_limit_code, state
    """,
}
"""Tables whose rows are single matters: only how many there are is read."""


@dataclass(frozen=True, slots=True)
class PortraitFacts:
    """A county's month at a moment."""

    tables: dict[str, list[Row]]
    """Rows by table without its schema; a table that no run wrote is empty."""
    runs: dict[str, str]
    """The run that each table was read from; one that no run wrote is absent."""
    money: dict[str, int]
    """Where agreed money stands, in fen."""
    feeds: list[Row]
    """Rows by feed and list."""
    late_lists: Sequence[board.LateList]
    """Lists that are missing past their day or came late."""


def read_facts(
    con: duckdb.DuckDBPyConnection, lake: Lake, connection: Connection, *, county_code: str, month: str, as_of: datetime
) -> PortraitFacts:
    """The facts as the lake's newest runs of the month and the ledger have them."""
    runs = {table: lake.current_run_id(table, county_code=county_code, month=month) for table in (*READ, *COUNTED)}
    for table in runs:
        show(con, table, lake.current(table, county_code=county_code, month=month))
    tables = {table: _rows(con, f"select * from {table} order by all") for table in READ}  # noqa: S608 - names of this module
    tables |= {table: _rows(con, query) for table, query in COUNTED.items()}
    money_state.make_tables(con, connection, county_code=county_code)
    return PortraitFacts(
        tables={name.removeprefix("out."): rows for name, rows in tables.items()},
        runs={table: run_id for table, run_id in runs.items() if run_id is not None},
        money=money_state.sums(con),
        feeds=summary.feeds(connection, county_code=county_code),
        late_lists=board.late_lists(connection, county_code, as_of=as_of),
    )


def show_figures(con: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make the rows readable as FIGURES in this DuckDB."""
    fields = [(one.name, pa.int64() if one.type == "BIGINT" else pa.string()) for one in table_doc(FIGURES).columns]
    show_arrow(con, FIGURES, pa.Table.from_pylist([dict(row) for row in rows], schema=pa.schema(fields)))


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    found = con.execute(query)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
