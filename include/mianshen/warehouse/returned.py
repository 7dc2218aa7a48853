"""What goes back to the sender: rows of each delivery that were set aside, or flagged on a list, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
from sqlalchemy import Engine, RowMapping, select

from mianshen.warehouse import lake
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake
from mianshen.warehouse.ledger import DELIVERY

ANSWERED = ("ACCEPTED", "SUPERSEDED", "HELD", "REJECTED")
"""States of a delivery that its sender hears of."""
FEEDS = ("roster", "settlement", "enrolment", "notice")
"""Feeds whose rows go back; a bank answers for its returns by itself."""

STATES = ("rows_load", "rows_fix", "rows_flag", "rows_quarantined", "rows_ignored")
"""Every row of a delivery is in one of these states."""

CORRECTED = "NUMBER_CORRECTED"
"""The rule of a suggestion on a row that was taken."""


@dataclass(slots=True)
class Returned:
    """One delivery with what goes back."""

    delivery: RowMapping
    """Its row in the ledger."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """line_no, reason_code, state_code, closed_at of rows set aside."""
    flagged: list[dict[str, Any]] = field(default_factory=list)
    """line_no, flags of rows of a list that were taken."""
    meant: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    """By line: the persons who may be meant, and the rule."""
    states: dict[str, int] = field(default_factory=dict)
    """Rows by STATES; empty for a file that was not judged row by row."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.rows or self.flagged or self.delivery["state"] in ("HELD", "REJECTED"))


def returned(engine: Engine, store: Lake, *, county_code: str) -> list[Returned]:
    """Every delivery of a known list or feed that has something to go back, by list, month and version."""
    query = (
        select(DELIVERY)
        .where(DELIVERY.c.county_code == county_code, DELIVERY.c.feed.in_(FEEDS), DELIVERY.c.state.in_(ANSWERED))
        .order_by(DELIVERY.c.list_code, DELIVERY.c.partition, DELIVERY.c.version)
    )
    with engine.connect() as connection:
        found = {row["delivery_id"]: Returned(row) for row in connection.execute(query).mappings()}
    _fill(found, store, county_code)
    return [one for one in found.values() if not one.is_empty]


def _fill(found: dict[str, Returned], store: Lake, county_code: str) -> None:
    staged = {one.delivery["staged_run_id"] for one in found.values() if one.delivery["staged_run_id"]}
    keyed = {one.delivery["keyed_run_id"] for one in found.values() if one.delivery["keyed_run_id"]}
    with compute() as con:
        for feed in FEEDS:
            table = f"staging.{feed}_quarantined"
            lake.show(con, table, store.files(table, run_ids=staged))
        lake.show(con, "staging.roster", store.files("staging.roster", run_ids=staged))
        lake.show(con, "staging.row_suggestion", store.files("staging.row_suggestion", run_ids=keyed))
        for table in ("out.return_row", "out.return_record"):
            lake.show(con, table, store.current(table, county_code=county_code))
        aside = " union all ".join(f"select delivery_id, line_no, reason_code from staging.{feed}_quarantined" for feed in FEEDS)  # noqa: S608
        states = "select * from out.return_row union all by name select * from out.return_record"
        query = f"""
            select q.delivery_id, q.line_no, q.reason_code, coalesce(r.state_code, 'OPEN'), r.closed_at
            from ({aside}) as q left join ({states}) as r on q.delivery_id = r.delivery_id and q.line_no = r.line_no
            order by q.delivery_id, q.line_no
        """  # noqa: S608
        for one, line_no, code, state, closed_at in _of(con, query, found):
            one.rows.append({"line_no": line_no, "reason_code": code, "state_code": state, "closed_at": closed_at})
        query = "select delivery_id, line_no, flags from staging.roster where len(flags) > 0 order by delivery_id, line_no"
        for one, line_no, flags in _of(con, query, found):
            one.flagged.append({"line_no": line_no, "flags": tuple(flags)})
        query = "select delivery_id, line_no, person_key, rule_code from staging.row_suggestion order by all"
        for one, line_no, person_key, rule_code in _of(con, query, found):
            one.meant.setdefault(line_no, []).append((person_key, rule_code))
        lake.show(con, "checks.conservation", store.files("checks.conservation", run_ids=staged))
        for one, *counts in _of(con, f"select delivery_id, {', '.join(STATES)} from checks.conservation", found):  # noqa: S608
            one.states = dict(zip(STATES, counts, strict=True))
    for one in found.values():
        _flag_corrected(one)


def _of(con: duckdb.DuckDBPyConnection, query: str, found: Mapping[str, Returned]) -> Iterator[tuple[Any, ...]]:
    """The query's rows, their delivery_id replaced by what goes back with it; others are left out."""
    for delivery_id, *rest in con.execute(query).fetchall():
        if delivery_id in found:
            yield found[delivery_id], *rest


def _flag_corrected(one: Returned) -> None:
    """A number that may be a corrected one is a flag of its row."""
    flags = {row["line_no"]: row["flags"] for row in one.flagged}
    for line_no, meant in one.meant.items():
        if any(rule == CORRECTED for _, rule in meant):
            flags[line_no] = (*flags.get(line_no, ()), "NUMBER_MAY_BE_CORRECTED")
    one.flagged = [{"line_no": line_no, "flags": flags[line_no]} for line_no in sorted(flags)]
