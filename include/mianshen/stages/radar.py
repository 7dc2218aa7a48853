"""radar: who may need help and is not reached by it (应救未救) is seen, once, and a visit is opened for each person.

A signal proves nothing: the person is asked. Nothing here names anybody; signals that only a missing delivery explains are
counted under that delivery and visit nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from sqlalchemy import Connection

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.process import Process
from mianshen.core.radar import SIGNALS
from mianshen.policy.supervision import load_radar
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import audit, case_moves, radar, summary
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.build import write_tables
from mianshen.warehouse.case_moves import Opening
from mianshen.warehouse.cases import Matter, case_id
from mianshen.warehouse.connect import compute

STAGE = "radar"
CHANNEL = "radar"
"""How a visit's case came: nobody asked for it."""


def run(job: Job) -> StageReport:
    """Publish out.radar and its causes, keep the signals that are new, open a visit for each of their people who has none."""
    with compute() as con:
        radar.find(con, job.lake, _lines(job), county_code=job.county_code, month=str(job.month))
        content = sha256_hex(canonical_json([summary.rows_as_text(con, one) for one in radar.PUBLISHED]))
        with job.lake.writing(job.run_spec(STAGE, inputs=(content,))) as written:
            write_tables(written, con, radar.PUBLISHED)
            run_id = job.lake.commit(written)
        signals, causes = radar.found(con), _causes(con)
    fresh, opened = _keep(job, signals, run_id)
    counts = {code.lower(): sum(one["signal_code"] == code for one in signals) for code in SIGNALS}
    waiting = sum(count for _, _, count in causes)
    notes = tuple(
        f"{awaited} 未到:{SIGNALS[code].zh} {count} 条待定。{count} signals wait for {awaited}."
        for awaited, code, count in causes
    )
    return StageReport(STAGE, run_id, {**counts, "waiting": waiting, "signals_new": fresh, "visits_opened": opened}, notes)


def _lines(job: Job) -> dict[str, Any]:
    """What the checks of out.radar_* bind."""
    expected = [one.list_code for one in job.pack.lists]
    lines = dict(load_radar(on=job.as_of.date()))
    return {**lines, "as_of": job.moment, "county_code": job.county_code, "expected_lists": expected}


def _causes(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str, int]]:
    query = "select waits_for, signal_code, signals from out.radar_cause order by waits_for, signal_code"
    return [(waits_for, code, int(count)) for waits_for, code, count in con.execute(query).fetchall()]


def _keep(job: Job, signals: Sequence[Mapping[str, Any]], run_id: str) -> tuple[int, int]:
    """Keep the new signals in one transaction with the visits that they open; returns how many of each."""
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        fresh = radar.unknown(connection, signals, county_code=job.county_code)
        if not fresh:
            return 0, 0
        process = job.pack.visit_process
        running = _running(job, connection, process)
        alone = [one for one in fresh if one["person_key"] not in running]
        opened = {} if process is None else _open(job, connection, process, alone)
        radar.keep(connection, fresh, visits=running | opened, county_code=job.county_code, at=job.moment, run_id=run_id)
        kept = sha256_hex(canonical_json([[one["signal_id"], one["evidence"]] for one in fresh]))
        detail = {"signals": len(fresh), "visits": len(opened), "content_sha256": kept}
        audit.append(connection, [Entry("radar.raised", run_id, detail)], at=job.moment, actor=job.actor)
    return len(fresh), len(opened)


def _running(job: Job, connection: Connection, process: Process | None) -> dict[str, str]:
    if process is None:
        return {}
    return radar.open_visits(connection, county_code=job.county_code, process_code=process.code)


def _open(job: Job, connection: Connection, process: Process, signals: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Open a visit for each person of the signals; who lives nowhere that we know goes to the lead department first."""
    matters: dict[str, Matter] = {}
    for one in signals:
        person, known = one["person_key"], matters.get(one["person_key"])
        if known is None or (known.town is None and one["town"] is not None):
            subject = known.subject_id if known else one["signal_id"]
            matters[person] = Matter(subject, job.as_of.year, person_key=person, channel=CHANNEL, town=one["town"])
    wanted = [Opening(one, _starts(process, one)) for one in matters.values()]
    news = case_moves.open_cases(connection, job.pack, process, wanted, at=job.as_of, actor=job.actor)
    keys = {person: case_id(job.county_code, process.code, one) for person, one in matters.items()}
    entries = [Entry("cases.opened", min(news), case_moves.digest_of(news))] if news else []
    audit.append(connection, entries, at=job.moment, actor=job.actor)
    return keys


def _starts(process: Process, matter: Matter) -> tuple[str, ...] | None:
    """Where the visit starts: as the page says, or where the lead department asks when no town is known."""
    if matter.town is not None:
        return None
    own = tuple(one.code for one in process.steps if one.asks_person and one.department_code == process.lead_department)
    return own[:1] or None
