"""Stage replay: calculation records made again from what their run stored alone: statements, rates and facts, no policy file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from mianshen.core.digest import canonical_json
from mianshen.core.errors import MianshenError
from mianshen.stages.frame import Job
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import require_whole, show
from mianshen.warehouse.records import RECORD, show_sayings
from mianshen.warehouse.rerun import facts_of, rows_of, run_statement, stored_run, years_in

STORED = (RECORD, "checks.assess_sql", "checks.assess_pair")
"""What the assessing run stored."""
KEPT = ("award_line", "assessment", RECORD.split(".")[1])
"""Tables of `out` that every plan's statements add to."""
_Key = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it; claims are named by their serial number alone."""

    run_id: str
    """The assessing run."""
    records: tuple[bytes, ...]
    """The records made again, as canonical JSON, in order."""
    differing: tuple[tuple[str, str], ...]
    """(claim, first column that differs) of records that did not come out as they are stored."""


def replay(job: Job, events: Sequence[str] = (), *, run_id: str | None = None, sample: int = 0) -> Replayed:
    """Make the records of these claims again, or of a sample, and compare them byte for byte with those stored.

    Without a run the newest assessment of the job's month counts. MianshenError RUN_UNKNOWN, RUN_DAMAGED.
    """
    county, month = job.county_code, str(job.month)
    assessed = stored_run(job.ledger, stage="assess", county_code=county, month=month, run_id=run_id)
    (profiled,) = json.loads(assessed.inputs)
    facts = stored_run(job.ledger, stage="profile", county_code=county, month=month, run_id=profiled)
    with compute() as connection:
        told = tuple(sorted({*facts_of(facts), *facts_of(assessed)}))
        for run, tables in ((assessed, (*STORED, *facts_of(assessed))), (facts, facts_of(facts))):
            require_whole(job.lake, run.run_id, json.loads(run.tables), tables=tables)
            for table in tables:
                show(connection, table, job.lake.files(table, run_ids=(run.run_id,)))
        stored = _stored(connection, events, sample=sample)
        missing = sorted(set(events) - {str(one["event_id"] or "") for one in stored})
        if missing or not stored:
            raise MianshenError("RUN_UNKNOWN", found=", ".join(missing) or "0 records", where=f"run {assessed.run_id[:12]}")
        people = sorted({str(one["person_key"]) for one in stored})
        statements = rows_of(connection, "select * from checks.assess_sql order by statement_no")
        _narrow(connection, told, people)
        _run_again(connection, statements)
        made = {_key(one): one for one in rows_of(connection, "select * from made.calculation_record")}
        return _compared(assessed.run_id, stored, made)


def _stored(connection: duckdb.DuckDBPyConnection, events: Sequence[str], *, sample: int) -> list[dict[str, Any]]:
    """The stored records of the claims, or of the sample's: those whose serial numbers have the smallest digests.

    With them come the sums of the year of their people.
    """
    if sample:
        chosen = f"select distinct event_id from {RECORD} where event_id is not null"  # noqa: S608 - our own name
        query = f"{chosen} order by md5(event_id), event_id limit $sample"
        events = [event for (event,) in connection.execute(query, {"sample": sample}).fetchall()]
    named = f"select * from {RECORD} where list_contains($events, event_id)"  # noqa: S608 - our own name
    sums = f"select * from {RECORD} where event_id is null and person_key in (select person_key from named)"  # noqa: S608
    wanted = f"with named as ({named}) select * from named union all {sums}"  # noqa: S608 - our own names
    return rows_of(connection, wanted, {"events": list(events)})


def _narrow(connection: duckdb.DuckDBPyConnection, tables: Iterable[str], people: Sequence[str]) -> None:
    """Leave the facts of these people alone; tables that know no person stay whole."""
    for table in tables:
        known = {name for name, *_ in connection.execute(f"describe {table}").fetchall()}
        where = "where list_contains($people, person_key)" if "person_key" in known else ""
        bound = {"people": list(people)} if where else {}
        connection.execute(f"create or replace temp table narrowed as select * from {table} {where}", bound)  # noqa: S608 - names of ours
        connection.execute(f"drop view {table}")
        connection.execute(f"create table {table} as select * from narrowed")  # noqa: S608 - names of ours


def _run_again(connection: duckdb.DuckDBPyConnection, statements: Sequence[Mapping[str, Any]]) -> None:
    """Run the stored statements plan by plan; what each plan gives is gathered in the schema `made`."""
    connection.execute("create schema made")
    connection.execute("create schema if not exists staging")
    connection.execute(f"drop view {RECORD}")
    show_sayings(connection)
    for years in years_in(statements):
        rates = "select * exclude (years) from checks.assess_pair where years = cast($years as integer[])"
        connection.execute(f"create or replace table staging.plan_pair as {rates}", {"years": list(years)})
        for one in statements:
            if tuple(one["years"]) == years:
                run_statement(connection, one, years)
        for table in KEPT:
            connection.execute(f"create table if not exists made.{table} as select * from out.{table} limit 0")  # noqa: S608 - names of ours
            connection.execute(f"insert into made.{table} select * from out.{table}")  # noqa: S608 - names of ours


def _key(record: Mapping[str, Any]) -> _Key:
    names = ("event_kind", "event_id", "benefit_code", "person_key", "benefit_year")
    kind, event, benefit, person, year = (str(record[name] or "") for name in names)
    return (kind, event, benefit, person, year)


def _bytes(value: object) -> bytes:
    """The value as canonical JSON; days as ISO text."""
    return canonical_json(json.loads(json.dumps(value, default=str)))


def _compared(run_id: str, stored: Sequence[Mapping[str, Any]], made: Mapping[_Key, Mapping[str, Any]]) -> Replayed:
    events = {str(one["event_id"] or "") for one in stored}
    again = {key: one for key, one in made.items() if key[1] in events}
    kept = {_key(one): one for one in stored}
    differing = []
    for key in sorted(kept.keys() | again.keys()):
        one, other = kept.get(key), again.get(key)
        if one is None or other is None:
            differing.append((key[1], "benefit_code"))
        elif _bytes(one) != _bytes(other):
            differing.append((key[1], next(name for name in one if _bytes(one[name]) != _bytes(other.get(name)))))
    return Replayed(run_id, tuple(_bytes(again[key]) for key in sorted(again)), tuple(differing))
