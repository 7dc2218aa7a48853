"""A department's own listed people of a month, banded, as its rules say; the person's key is still ours here."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import duckdb

from mianshen.core.days import Month
from mianshen.core.extract import ExtractRules
from mianshen.core.plan import Plan
from mianshen.warehouse.build import make_table
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake, show

TABLE = "release.department_person"
READ = ("out.person_month", "out.award_line", "out.radar")
"""Tables that it is made from, each from its newest run of the month."""


def department_rows(lake: Lake, rules: ExtractRules, plan: Plan, *, county_code: str, month: Month) -> list[dict[str, Any]]:
    """{person_key and every column of core.extract.COLUMNS} of each person whom the department lists; it is granted fewer."""
    with compute() as con:
        for table in READ:
            show(con, table, lake.current(table, county_code=county_code, month=str(month)))
        return make_rows(con, rules, plan, month=month)


def make_rows(con: duckdb.DuckDBPyConnection, rules: ExtractRules, plan: Plan, *, month: Month) -> list[dict[str, Any]]:
    """The same from the tables of READ in this DuckDB."""
    make_table(con, TABLE, parameters(rules, plan, month=month))
    cursor = con.execute(f"select * from {TABLE} order by person_key")  # noqa: S608 - our own table
    names = [one[0] for one in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def parameters(rules: ExtractRules, plan: Plan, *, month: Month) -> dict[str, Any]:
    """What the SQL binds."""
    edges, code = rules.edges_fen, rules.department_code
    return {
        "run_month": str(month),
        "run_year": month.year,
        "next_on": f"{month.shift(1)}-01",
        "own_categories": [one.code for one in plan.categories if one.department_code == code],
        "department_code": code,
        "decides": any(one.department_code == code for one in plan.benefits),
        "age_years": rules.age_years,
        "gap_fen": rules.gap_fen,
        "fewest_alike": rules.fewest_alike,
        "band_names": ["0", *(f"{low // 100}-{high // 100 - 1}" for low, high in pairwise(edges)), f"{edges[-1] // 100}+"],
        "band_since_fen": [-(2**62), *edges],
        "band_until_fen": [*edges, None],
    }
