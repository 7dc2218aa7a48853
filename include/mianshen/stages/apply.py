"""apply: what is entitled now, minus what was posted already, becomes postings; new money becomes applications (受理).

Nobody asks: the application is made here, its receipt ends the 3-day clock and starts the 20-working-day clock (001). Items are
frozen into one approval batch a department. A second run over the same assessment posts nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
from sqlalchemy import Connection

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import applied, approvals, arrivals, audit, cautions, postings
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.carrying import TOUCHED, former_of_carried, narrow
from mianshen.warehouse.clock_store import record_events
from mianshen.warehouse.connect import compute
from mianshen.warehouse.filing import Background, Filing, file_applications, receipt_prefix
from mianshen.warehouse.frozen import write_filing
from mianshen.warehouse.lake import show

_READ = ("out.award_line", "out.award_opening", "out.assessment", "facts.person_month", "facts.care_event")


def run(job: Job) -> StageReport:
    """Post the differences, file applications, freeze approval batches, close and open clocks: one ledger transaction."""
    assessed = job.lake.current_run_id("out.award_line", county_code=job.county_code, month=str(job.month))
    if assessed is None:
        return StageReport(
            "apply", None, {"postings": 0, "applications": 0, "items": 0}, ("没有待受理的核算结果。 Nothing was assessed.",)
        )
    with job.ledger.connect() as connection:
        lists = arrivals.newest_lists(connection, county_code=job.county_code)
    con = _shown(job, set(lists.values()))
    former = former_of_carried(job.lake, assessed)
    touched = job.lake.files(TOUCHED, run_ids=(assessed,))
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        people = _touched(job, connection, con, (former, assessed), touched)
        filing = _filed(job, connection, con, assessed, tuple(lists), people)
        _write(job, connection, filing, assessed)
        applied.note(connection, assessed, county_code=job.county_code, at=job.moment)
        closed = _close_triggers(job, connection, assessed)
    compared = {} if people is None else {"people_compared": len(people)}
    return StageReport("apply", None, {**_counts(filing), **compared, "triggers_closed": closed})


def _touched(
    job: Job,
    connection: Connection,
    con: duckdb.DuckDBPyConnection,
    runs: tuple[str | None, str],
    files: Sequence[str],
) -> list[str] | None:
    """Whose postings can differ, when those of the carried-over run stand: the touched people, whose rows alone are shown then.

    None compares everybody: nothing was carried over, the former run was never applied, or another one was since.
    """
    if runs[0] is None or applied.newest(connection, county_code=job.county_code) not in runs:
        return None
    show(con, TOUCHED, files)
    narrow(con, ("out.award_line", "out.award_opening", "out.assessment"))
    return [key for (key,) in con.execute(f"select person_key from {TOUCHED}").fetchall()]  # noqa: S608 - a name of ours


def _shown(job: Job, staged: set[str]) -> duckdb.DuckDBPyConnection:
    con = compute()
    show(con, "staging.roster", job.lake.files("staging.roster", run_ids=staged))
    for table in _READ:
        show(con, table, job.lake.current(table, county_code=job.county_code, month=str(job.month)))
    return con


def _filed(
    job: Job,
    connection: Connection,
    con: duckdb.DuckDBPyConnection,
    assessed: str,
    lists: Sequence[str],
    people: Sequence[str] | None,
) -> Filing:
    postings.show_postings(con, connection, county_code=job.county_code, people=people, by_rule_only=True)
    due = postings.due(con, go_live_on=job.go_live_on)
    background = Background(
        county_code=job.county_code,
        month=str(job.month),
        moment=job.moment,
        run_id=assessed,
        policy_hash=job.pack.plan.policy_hash,
        maker=job.actor,
        earlier=approvals.applications_by_person(connection, county_code=job.county_code),
        last_receipt=approvals.last_receipt(connection, prefix=receipt_prefix(job.county_code, job.moment)),
        relieved=postings.departments_known(connection, county_code=job.county_code),
        towns=cautions.towns(con),
        cautious_persons=cautions.cautious_persons(con, deliveries=lists),
        cautious_events=cautions.cautious_events(con),
        cautious_years=cautions.cautious_years(con),
        routing={one.department_code: one for one in job.pack.routing},
        deciders={one.code: one.decider for one in job.pack.award_process.steps},
    )
    return file_applications(due, background)


def _write(job: Job, connection: Connection, filing: Filing, assessed: str) -> None:
    if not filing.postings:
        return
    first = Entry("apply.posted", assessed, _posted_detail(filing))
    write_filing(connection, job.pack, filing, at=job.as_of, actor=job.actor, first=first)


def _posted_detail(filing: Filing) -> dict[str, object]:
    lines = [[row["award_id"], row["amount_fen"]] for row in filing.postings]
    return {
        "postings": len(lines),
        "amount_fen": sum(row["amount_fen"] for row in filing.postings),
        "applications": len(filing.applications),
        "content_sha256": sha256_hex(canonical_json(lines)),
    }


def _close_triggers(job: Job, connection: Connection, assessed: str) -> int:
    consumed = arrivals.consumed_by(connection, run_id=assessed, county_code=job.county_code)
    return record_events(connection, arrivals.clocks_on(connection, consumed), event="closed", at=job.as_of)


def _counts(filing: Filing) -> dict[str, int]:
    opening = [row for row in filing.postings if row["kind"] == "opening"]
    awards = [row for row in filing.postings if row["kind"] == "award"]
    items = [item for _, items in filing.batches for item in items]
    return {
        "postings": len(filing.postings),
        "opening_postings": len(opening),
        "opening_fen": sum(row["amount_fen"] for row in opening),
        "award_postings": len(awards),
        "award_fen": sum(row["amount_fen"] for row in awards),
        "applications": len(filing.applications),
        "batches": len(filing.batches),
        "items": len(items),
        "items_to_person": sum(item["route"] == "person" for item in items),
        "items_fen": sum(item["amount_fen"] for item in items),
    }
