"""reconcile: banks' answers move the payments, money without a known line goes into suspense, and every fen is accounted for.

The identity, by fund, department, town and bank: approved = paid + returned + in flight + cancelled + held + waiting. Where two
parts of the ledger differ, the fund or the county is stopped at once and the place is said; a person resumes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
from sqlalchemy import Connection

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.stages.frame import Job, StageReport
from mianshen.stages.reconcile.stopping import put_stop
from mianshen.warehouse import audit, bank_loop, funds, money_state, stops, suspense
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.build import write_tables
from mianshen.warehouse.connect import compute
from mianshen.warehouse.paid_out import close_paid

STAGE = "reconcile"
SHOWN = 5
"""Differences that a note names; the table has all."""

Row = dict[str, Any]


def run(job: Job) -> StageReport:
    """Follow the returns, then compare; the same again changes nothing."""
    with compute() as con:
        with job.ledger.begin() as connection:
            audit.lock_money(connection)
            counts = _follow_returns(job, connection)
            counts["paid_out"] = close_paid(connection, job.pack)
            money_state.make_tables(con, connection, county_code=job.county_code)
            sums, differences = money_state.sums(con), money_state.differences(con)
            counts["stopped"] = _stop(job, connection, differences)
            counts["stops"] = len(stops.standing(connection, county_code=job.county_code))
        with job.lake.writing(job.run_spec(STAGE, inputs=(_content(con),))) as written:
            write_tables(written, con, money_state.MADE)
            run_id = job.lake.commit(written)
    return StageReport(STAGE, run_id, {**counts, **sums, "differences": len(differences)}, _notes(differences))


def _follow_returns(job: Job, connection: Connection) -> dict[str, int]:
    settled = bank_loop.apply_results(connection, county_code=job.county_code)
    entries = [
        Entry(f"payments.{row['state']}", row["file_sha256"], {"payments": row["payments"], "amount_fen": row["amount_fen"]})
        for row in settled
    ]
    unplaced = suspense.take_unplaced(connection, county_code=job.county_code, by=STAGE, at=job.moment)
    entries += [Entry("suspense.recorded", row["suspense_id"], {"amount_fen": row["amount_fen"]}) for row in unplaced]
    credited = funds.credit_back(connection, county_code=job.county_code, maker="bank", checker=STAGE, at=job.moment)
    if credited:
        entries.append(Entry("fund.credited", job.county_code, {"entries": credited}))
    audit.append(connection, entries, at=job.moment, actor=STAGE)
    kept = suspense.open_entries(connection, county_code=job.county_code)
    return {
        **{state: sum(row["payments"] for row in settled if row["state"] == state) for state in bank_loop.STATES.values()},
        "credited": credited,
        "suspense": len(kept),
        "suspense_fen": sum(row["amount_fen"] for row in kept),
    }


def _stop(job: Job, connection: Connection, differences: Sequence[Row]) -> int:
    """Stop the fund in which a difference lies, or the county when it lies in no fund; how many were put."""
    first: dict[tuple[str, str], Row] = {}
    for one in differences:
        fund = str(one["fund_code"])
        first.setdefault(("fund", fund) if fund else ("county", job.county_code), one)
    standing = {(row["scope"], row["subject_id"]) for row in stops.standing(connection, county_code=job.county_code)}
    fresh = {key: one for key, one in first.items() if key not in standing}
    for (scope, subject_id), one in fresh.items():
        reason = f"MONEY_DIFFERS {money_state.place_of(one)}"
        put_stop(job, connection, scope=scope, subject_id=subject_id, reason=reason, by=STAGE)
    return len(fresh)


def _content(con: duckdb.DuckDBPyConnection) -> str:
    """A hash of both tables: what names the run."""
    rows = [con.execute(f"select * from {table} order by all").fetchall() for table in money_state.MADE]  # noqa: S608 - our names
    return sha256_hex(canonical_json([[[str(cell) for cell in row] for row in some] for some in rows]))


def _notes(differences: Sequence[Row]) -> tuple[str, ...]:
    said = [f"  {money_state.place_of(one)}" for one in differences[:SHOWN]]
    if not said:
        return ()
    head = f"对账不符 {len(differences)} 处,相关资金已停发。 {len(differences)} differences; their funds are stopped."
    return (head, *said)
