"""Stage validate: rows get types and a verdict; every row and every fen is accepted, set aside with a reason, or ignored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, RowMapping

from mianshen.core.codes import REASONS, Level
from mianshen.core.contract import Contract, Feed
from mianshen.core.errors import MianshenError
from mianshen.feeds.bound import bound_by
from mianshen.feeds.expectations import PANDAS_ROWS, Quality, judge_counts, judge_rows
from mianshen.feeds.expected import asked_of, usual_length
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import deliveries
from mianshen.warehouse.build import make_table, make_view, write_tables
from mianshen.warehouse.connect import compute, show_arrow
from mianshen.warehouse.lake import LakeRun, show
from mianshen.warehouse.slices import each_slice
from mianshen.warehouse.spool import AT_ONCE
from mianshen.warehouse.surroundings import show_arrivals, show_originals

STAGE = "validate"
MADE = ("staging.{feed}_judged", "staging.{feed}_delivered", "staging.{feed}_seen", "checks.{feed}_quality")
"""A feed's working tables in the order in which they read each other."""
ROWS = ("staging.{feed}", "staging.{feed}_quarantined")
"""Its rows as the lake keeps them, read from staging.<feed>_judged."""
KEYS = {Feed.SETTLEMENT: "setl_id", Feed.ENROLMENT: "enrol_id", Feed.ROSTER: "person_key"}
"""What rows of one delivery must share to be compared with each other; a feed without it is judged in one piece."""
FEN = {
    Feed.SETTLEMENT: "medfee_sumamt",
    Feed.ENROLMENT: "fee_fen",
    Feed.NOTICE: "fen",
    Feed.ROSTER: "cast(null as bigint)",
}
"""What a row of each feed weighs in the conservation check."""


FIXED = "staging.row_fix"
"""What was normalised, as deidentify recorded it."""
FLAGS = sorted(code for code, one in REASONS.items() if one.level is Level.FLAG)
"""Reasons that make a row that is taken a flagged one; notes do not."""
TAKEN = ("rows_load", "rows_fix", "rows_flag")
"""States of rows that are taken: as written, with a recorded normalisation, with an unusable field."""


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
    counts: Counter[str] = Counter(deliveries=len(waiting), accepted=0, quarantined=0, ignored=0, expectations_failed=0)
    inputs = tuple(f"{row['delivery_id']}@{row['keyed_run_id']}" for row in waiting)
    feeds = sorted({row["feed"] for row in waiting})
    # a slice is small: two threads would share its writing at a quarter more of processor time
    with compute(threads=1) as connection, job.lake.writing(job.run_spec(STAGE, inputs=inputs)) as written:
        _prepare(connection)
        _show_arrivals(job, connection, waiting)
        for feed in feeds:
            _judge(job, connection, Feed(feed), [row for row in waiting if row["feed"] == feed], written)
        totals = _conserve(connection, waiting, written)
        name = written.spec.run_id
        quality = {one: _quality(job, connection, Feed(one), rows=_rows_of(waiting, one), run_name=name) for one in feeds}
        verdicts = [
            _verdict(job.pack.contract(row["list_code"]), row, totals[row["delivery_id"]], quality[row["feed"]])
            for row in waiting
        ]
        _count(connection, waiting, counts)
        counts["expectations_failed"] = sum(len(one.failed) for one in quality.values())
        run_id = written.spec.run_id

        def settle(ledger: Connection) -> None:
            for one in verdicts:
                deliveries.settle(ledger, one.delivery_id, run_id=run_id, values=one.values)

        job.lake.commit(written, also=settle)
    held = Counter(one.values["reason_code"] for one in verdicts if one.values["reason_code"])
    counts.update({f"held.{code}": number for code, number in held.items()})
    return StageReport(STAGE, run_id, dict(counts), _notes(job, waiting, verdicts, quality))


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the empty tables that gather what every slice says."""
    for statement in (
        "create schema staging",
        "create table staging.judged_row (delivery_id varchar, reason_code varchar, is_repeat boolean, is_flagged boolean,"
        " is_fixed boolean, rows bigint, fen bigint)",
        "create table staging.delivered_fen (delivery_id varchar, fen bigint)",
        "create table staging.checked (feed varchar, check_code varchar, is_gate boolean, failures bigint)",
    ):
        connection.execute(statement)


def _show_arrivals(job: Job, connection: duckdb.DuckDBPyConnection, waiting: Sequence[RowMapping]) -> None:
    usual = {one.list_code: usual_length(one) for one in job.pack.contracts}
    with job.ledger.connect() as ledger:
        show_arrivals(connection, ledger, waiting, usual={code: share for code, share in usual.items() if share})


def _judge(job: Job, connection: duckdb.DuckDBPyConnection, feed: Feed, rows: Sequence[RowMapping], written: LakeRun) -> None:
    """Judge the keyed rows of these deliveries slice by slice and write them; what the slices say is gathered."""
    keyed, runs = f"staging.{feed}_keyed", {row["keyed_run_id"] for row in rows}
    files = job.lake.files(keyed, run_ids=runs)
    show(connection, FIXED, job.lake.files(FIXED, run_ids=runs))
    connection.execute(f"create or replace table staging.fixed_row as select distinct delivery_id, line_no from {FIXED}")  # noqa: S608
    parameters = bound_by(_contracts(job, feed), today=job.as_of.date())
    if feed is Feed.SETTLEMENT:
        known = job.lake.history("staging.settlement", county_code=job.county_code)
        show_originals(connection, keyed=files, staged=known)
    slices, asked = 0, _asked(job, feed) if _rows_of(rows, feed.value) <= PANDAS_ROWS else ""
    for _ in each_slice(connection, keyed, files, key=KEYS.get(feed), whole=AT_ONCE):
        for table in MADE:
            make_table(connection, table.format(feed=feed), parameters)
        for table in ROWS:
            make_view(connection, table.format(feed=feed))
        write_tables(written, connection, (table.format(feed=feed) for table in ROWS), stand_in_order=True)
        _gather(connection, feed)
        if asked:
            into = f"insert into staging.asked_{feed}" if slices else f"create or replace table staging.asked_{feed} as"
            connection.execute(f"{into} {asked}")
        slices += 1
    if slices > 1:
        summed = "check_code, is_gate, cast(sum(failures) as bigint) as failures"
        connection.execute(
            f"create or replace table checks.{feed}_quality as select {summed} from staging.checked"  # noqa: S608 - a closed list
            " where feed = $feed group by check_code, is_gate order by min(rowid)",
            {"feed": feed.value},
        )
    write_tables(written, connection, (f"checks.{feed}_quality",))


def _gather(connection: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Add the slice's sums to staging.judged_row, staging.delivered_fen and staging.checked."""
    judged = (
        f"staging.{feed}_judged as j left join staging.fixed_row as f on (j.delivery_id, j.line_no) = (f.delivery_id, f.line_no)"
    )
    connection.execute(
        "insert into staging.judged_row select j.delivery_id, reason_code, is_repeat, list_has_any(flags, $flags) as is_flagged,"  # noqa: S608
        f" f.line_no is not null as is_fixed, count(*), sum({FEN[feed]}) from {judged} group by all",
        {"flags": FLAGS},
    )
    for statement in (
        f"insert into staging.delivered_fen select delivery_id, fen_in from staging.{feed}_delivered",  # noqa: S608 - a closed list
        f"insert into staging.checked select '{feed}', check_code, is_gate, failures from checks.{feed}_quality",  # noqa: S608
    ):
        connection.execute(statement)


def _quality(job: Job, connection: duckdb.DuckDBPyConnection, feed: Feed, *, rows: int, run_name: str) -> Quality:
    """What Great Expectations says of the feed's batch: its rows up to half a million, above that the checks SQL counted."""
    folder = job.home.data_docs(job.pack.name)
    if rows > PANDAS_ROWS:
        checks = connection.execute(f"select * from checks.{feed}_quality").df()  # noqa: S608 - a closed list
        return judge_counts(checks, name=f"{feed}_checks", folder=folder, run_name=run_name, run_at=job.as_of)
    frame = connection.execute(f"select * from staging.asked_{feed}").df()  # noqa: S608 - a closed list
    return judge_rows(frame, contracts=_contracts(job, feed), folder=folder, run_name=run_name, run_at=job.as_of)


def _asked(job: Job, feed: Feed) -> str:
    """The query of a slice's rows with the columns that Great Expectations looks at."""
    seen = f"staging.{feed}_judged inner join staging.{feed}_seen using (delivery_id, line_no)"
    listed = ", ".join(f"'{one}'" for one in asked_of(_contracts(job, feed)))
    return f"select columns(lambda name: name in ({listed})) from {seen}"  # noqa: S608 - names from our contracts


def _rows_of(waiting: Sequence[RowMapping], feed: str) -> int:
    """Records of a feed's deliveries."""
    return sum(row["rows_in"] - row["rows_ignored"] for row in waiting if row["feed"] == feed)


def _contracts(job: Job, feed: Feed) -> list[Contract]:
    return [one for one in job.pack.contracts if one.feed is feed]


def _conserve(
    connection: duckdb.DuckDBPyConnection, waiting: Sequence[RowMapping], written: LakeRun
) -> dict[str, dict[str, int]]:
    """Write checks.conservation; rows by outcome of each delivery. MianshenError CONSERVATION_BROKEN when anything is lost."""
    _show_delivered(connection, waiting)
    make_table(connection, "checks.conservation", {})
    write_tables(written, connection, ("checks.conservation",))
    rows: dict[str, dict[str, int]] = {}
    found = connection.execute("select * from checks.conservation order by delivery_id")
    names = [one[0] for one in found.description]
    for cells in found.fetchall():
        one = dict(zip(names, cells, strict=True))
        rows_out = sum(one[state] for state in TAKEN) + one["rows_quarantined"] + one["rows_ignored"]
        fen_out = one["fen_accepted"] + one["fen_quarantined"] + one["fen_ignored"]
        if (one["rows_in"], one["fen_in"]) != (rows_out, fen_out):
            broken = f"{one['rows_in']} / {rows_out} rows, {one['fen_in']} / {fen_out} fen"
            raise MianshenError("CONSERVATION_BROKEN", found=broken, where=f"checks.conservation {one['delivery_id']}")
        sums = {"rows_in": one["rows_in"], "rows_out": rows_out, "fen_in": one["fen_in"], "fen_out": fen_out}
        written.totals.update({name: written.totals[name] + number for name, number in sums.items()})
        rows[one["delivery_id"]] = {name: one[name] for name in ("rows_accepted", "rows_quarantined", "rows_ignored")}
    return rows


def _verdict(contract: Contract, row: RowMapping, rows: dict[str, int], quality: Quality) -> Verdict:
    reason = "EXPECTATION_FAILED" if quality.failed else _reason(contract, rows)
    where = ", ".join(quality.failed) or row["file_name"]
    state = {"state": "HELD" if reason else "ACCEPTED", "reason_code": reason, "reason_where": where if reason else None}
    return Verdict(row["delivery_id"], {**state, **rows})


def _show_delivered(connection: duckdb.DuckDBPyConnection, waiting: Sequence[RowMapping]) -> None:
    """Make staging.delivered readable: what was counted on arrival, and the fen as counted apart from the judging."""
    fen = dict(
        connection.execute("select delivery_id, cast(sum(fen) as bigint) from staging.delivered_fen group by all").fetchall()
    )
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


def _reason(contract: Contract, rows: Mapping[str, int]) -> str | None:
    """Why a delivery is held whole."""
    limit = contract.bad_rows
    is_bad = limit is not None and limit.are_too_many(taken=rows["rows_accepted"], set_aside=rows["rows_quarantined"])
    return "ROWS_BAD" if is_bad else None


def _count(connection: duckdb.DuckDBPyConnection, waiting: Sequence[RowMapping], counts: Counter[str]) -> None:
    query = """
        select case when is_repeat then 'ignored.ROW_REPEATED' when reason_code is null then 'accepted'
            else 'quarantined.' || reason_code end as outcome, cast(sum(rows) as bigint)
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


def _notes(
    job: Job, waiting: Sequence[RowMapping], verdicts: Sequence[Verdict], quality: Mapping[str, Quality]
) -> tuple[str, ...]:
    names = {row["delivery_id"]: row["file_name"] for row in waiting}
    held = [one for one in verdicts if one.values["reason_code"]]
    judged = [_quality_note(feed, one, one.docs.relative_to(job.home.root)) for feed, one in sorted(quality.items())]
    refused = [
        MianshenError(
            one.values["reason_code"], found=f"{one.values['rows_quarantined']} rows", where=names[one.delivery_id]
        ).message()
        for one in held
    ]
    return (*judged, *refused)


def _quality_note(feed: str, quality: Quality, docs: Path) -> str:
    total, failed, noted = quality.expectations, len(quality.failed), len(quality.noted)
    return (
        f"数据质量:{feed} {total} 项期望,{failed} 项不通过,{noted} 项提示,见 {docs}。"
        f"Data quality: {feed}, {total} expectations, {failed} failed, {noted} noted."
    )
