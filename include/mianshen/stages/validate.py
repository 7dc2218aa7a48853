"""Stage validate: rows get types and a verdict; every row and every fen is accepted, set aside with a reason, or ignored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, RowMapping

from mianshen.core.contract import Contract, Feed, Kind
from mianshen.core.errors import MianshenError
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import deliveries, lake
from mianshen.warehouse.build import make_table, write_tables
from mianshen.warehouse.connect import compute, show_arrow
from mianshen.warehouse.lake import LakeRun

STAGE = "validate"
LARGEST_BAD_SHARE = 40
"""A list with a larger per cent of bad rows is held whole: its absences would end identities that only its faults hide."""
FEWEST_BAD_ROWS = 10
"""Fewer bad rows never hold a list."""
CODED = ("insutype", "med_type", "hosp_lv", "gend", "refd_setl_flag")
"""Columns whose codes are compared with the contract's; unknown ones are kept and flagged."""
AMOUNTS = (
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_scp_amt",
    "act_pay_dedc",
    "hifp_pay",
    "hifmi_pay",
    "hifob_pay",
    "cvlserv_pay",
    "hifes_pay",
    "hifdm_pay",
    "maf_pay",
    "oth_pay",
    "fund_pay_sumamt",
    "psn_part_amt",
    "hosp_part_amt",
    "acct_pay",
    "acct_mulaid_pay",
    "psn_cash_pay",
)
"""Money columns in the order in which staging.settlement_judged reads them."""
TOLERANCES = {"IDENTITY_TOTAL": "total_tolerance", "IDENTITY_FUND": "fund_tolerance", "IDENTITY_PERSON": "person_tolerance"}
"""Parameter that carries the tolerance of each accounting identity."""
FEN = {Feed.SETTLEMENT: "medfee_sumamt", Feed.ENROLMENT: "fee_fen", Feed.ROSTER: "cast(null as bigint)"}
"""What a row of each feed weighs in the conservation check."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one delivery."""

    delivery_id: str
    """Which."""
    values: dict[str, Any]
    """State, reason and counts for the ledger."""


def run(job: Job) -> StageReport:
    """Publish staging.*, staging.*_quarantined and checks.conservation for every keyed delivery; counts by reason code."""
    waiting = deliveries.in_state(job.ledger, county_code=job.county_code, state="KEYED")
    if not waiting:
        return StageReport(STAGE, None, {}, ("没有待校验的批次。No delivery is waiting.",))
    counts: Counter[str] = Counter(deliveries=len(waiting), accepted=0, quarantined=0, ignored=0)
    inputs = tuple(f"{row['delivery_id']}@{row['keyed_run_id']}" for row in waiting)
    with compute() as connection, job.lake.writing(job.run_spec(STAGE, inputs=inputs)) as written:
        for feed in Feed:
            mine = [row for row in waiting if row["feed"] == feed]
            if mine:
                _judge(job, connection, feed, mine)
                write_tables(written, connection, (f"staging.{feed}", f"staging.{feed}_quarantined"))
        verdicts = _conserve(connection, waiting, written)
        _count(connection, waiting, counts)
        run_id = written.spec.run_id

        def settle(ledger: Connection) -> None:
            for one in verdicts:
                deliveries.settle(ledger, one.delivery_id, run_id=run_id, values=one.values)

        job.lake.commit(written, also=settle)
    held = Counter(one.values["reason_code"] for one in verdicts if one.values["reason_code"])
    counts.update({f"held.{code}": number for code, number in held.items()})
    return StageReport(STAGE, run_id, dict(counts), _notes(waiting, verdicts))


def _judge(job: Job, connection: duckdb.DuckDBPyConnection, feed: Feed, rows: Sequence[RowMapping]) -> None:
    """Make staging.<feed>_judged and what follows from it, from the keyed rows of these deliveries alone."""
    keyed = f"staging.{feed}_keyed"
    lake.show(connection, keyed, job.lake.files(keyed, run_ids={row["keyed_run_id"] for row in rows}))
    contract = next(one for one in job.pack.contracts if one.feed is feed)
    parameters = _parameters(contract)
    for table in ("judged", "delivered"):
        make_table(connection, f"staging.{feed}_{table}", parameters)
    for table in (f"staging.{feed}", f"staging.{feed}_quarantined"):
        make_table(connection, table, parameters)


def _parameters(contract: Contract) -> dict[str, Any]:
    """What the contract of a feed says to its SQL: columns that must be filled, known codes, tolerances."""
    dated = (Kind.MONEY, Kind.DATE, Kind.MOMENT)
    columns = {one.name: one for one in contract.columns}
    tolerances: dict[str, int | None] = dict.fromkeys(TOLERANCES.values())
    for rule in contract.sum_rules:
        tolerances[TOLERANCES[rule.reason_code]] = rule.tolerance_fen
    return {
        "money_names": list(AMOUNTS),
        "filled": [one.name for one in contract.columns if one.is_required and not one.may_be_empty and one.kind in dated],
        **{f"known_{name}": list(columns[name].codes) or None if name in columns else None for name in CODED},
        **tolerances,
    }


def _conserve(connection: duckdb.DuckDBPyConnection, waiting: Sequence[RowMapping], written: LakeRun) -> list[Verdict]:
    """Write checks.conservation and give each delivery its verdict; MianshenError CONSERVATION_BROKEN when anything is lost."""
    _show_delivered(connection, waiting)
    make_table(connection, "checks.conservation", {})
    write_tables(written, connection, ("checks.conservation",))
    totals = connection.execute("select * from checks.conservation order by delivery_id").fetchall()
    by_id = {row["delivery_id"]: row for row in waiting}
    verdicts = []
    for delivery_id, feed, rows_in, accepted, quarantined, ignored, fen_in, *fen_out in totals:
        if rows_in != accepted + quarantined + ignored or fen_in != sum(fen_out):
            found = f"{rows_in} rows / {accepted + quarantined + ignored}, {fen_in} fen / {sum(fen_out)}"
            raise MianshenError("CONSERVATION_BROKEN", found=found, where=f"checks.conservation {delivery_id}")
        written.totals["rows_in"] += rows_in
        written.totals["rows_out"] += accepted + quarantined + ignored
        written.totals["fen_in"] += fen_in
        written.totals["fen_out"] += sum(fen_out)
        reason = _reason(feed, accepted, quarantined)
        values = {
            "state": "HELD" if reason else "ACCEPTED",
            "reason_code": reason,
            "reason_where": by_id[delivery_id]["file_name"] if reason else None,
            "rows_accepted": accepted,
            "rows_quarantined": quarantined,
            "rows_ignored": ignored,
        }
        verdicts.append(Verdict(delivery_id, values))
    return verdicts


def _show_delivered(connection: duckdb.DuckDBPyConnection, waiting: Sequence[RowMapping]) -> None:
    """Make staging.delivered (what was counted on arrival) and staging.judged_row readable."""
    feeds = sorted({row["feed"] for row in waiting})
    fen: dict[str, int] = {}
    for feed in feeds:
        fen.update(connection.execute(f"select delivery_id, fen_in from staging.{feed}_delivered").fetchall())  # noqa: S608 - a closed list
    rows = [
        {
            "delivery_id": row["delivery_id"],
            "feed": row["feed"],
            "rows_in": row["rows_in"],
            "rows_ignored": row["rows_ignored"],
            "fen_in": fen.get(row["delivery_id"], 0),
        }
        for row in waiting
    ]
    show_arrow(connection, "staging.delivered", pa.Table.from_pylist(rows))
    parts = [
        f"select delivery_id, reason_code, is_repeat, {FEN[Feed(feed)]} as fen from staging.{feed}_judged"  # noqa: S608 - a closed list
        for feed in feeds
    ]
    connection.execute(f"create or replace view staging.judged_row as {' union all '.join(parts)}")


def _reason(feed: str, accepted: int, quarantined: int) -> str | None:
    """Why a list is held whole; settlements and fees are facts one by one and never are."""
    is_bad = quarantined >= FEWEST_BAD_ROWS and quarantined * 100 > (accepted + quarantined) * LARGEST_BAD_SHARE
    return "ROWS_BAD" if feed == Feed.ROSTER and is_bad else None


def _count(connection: duckdb.DuckDBPyConnection, waiting: Sequence[RowMapping], counts: Counter[str]) -> None:
    query = """
        select case when is_repeat then 'ignored.ROW_REPEATED' when reason_code is null then 'accepted'
            else 'quarantined.' || reason_code end as outcome, count(*)
        from staging.judged_row group by outcome order by outcome
    """
    for outcome, number in connection.execute(query).fetchall():
        counts[outcome] += number
        if "." in outcome:
            counts[outcome.split(".")[0]] += number
    footers = sum(row["rows_ignored"] for row in waiting)
    if footers:
        counts["ignored.FOOTER"] += footers
        counts["ignored"] += footers


def _notes(waiting: Sequence[RowMapping], verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    names = {row["delivery_id"]: row["file_name"] for row in waiting}
    held = [one for one in verdicts if one.values["reason_code"]]
    return tuple(
        MianshenError(
            one.values["reason_code"], found=f"{one.values['rows_quarantined']} rows", where=names[one.delivery_id]
        ).message()
        for one in held
    )
