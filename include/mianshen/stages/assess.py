"""Stage assess: the policies in force meet the events; one line a claim and benefit, one outcome a claim, every fen checked.

Where a former assessment by the same code stands, only the people whose facts, decisions or years' policy differ are assessed;
the rows of all others are carried over. The rows published are those of an assessment of everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlalchemy import Connection

from mianshen.core.digest import canonical_json
from mianshen.core.plan import OrderChoice, Plan
from mianshen.core.reviews import PAYERS, ReviewCode
from mianshen.documents.review_lines import payer_lines, review_lines
from mianshen.stages.frame import Job, StageReport, code_hash, plans_by_years
from mianshen.warehouse.assessing import DECIDED, Ran, assess_claims, years_of
from mianshen.warehouse.assessing_parts import assess_in_parts, parts_for
from mianshen.warehouse.build import make_table, require_checks, write_tables
from mianshen.warehouse.carrying import (
    BASIS,
    FACTS,
    TOUCHED,
    WHOLE,
    Former,
    basis_of,
    carry_over,
    find_touched,
    former_of,
    narrow,
    only,
    write_carried,
)
from mianshen.warehouse.claim_reviews import PAYERS_TOLD, SUMMARY, Waiting, rows_of, watch_reviews
from mianshen.warehouse.connect import compute, show_arrow
from mianshen.warehouse.decided import show_decided
from mianshen.warehouse.lake import LakeRun, show
from mianshen.warehouse.opening_sums import OPENING, leaping, opening_sums
from mianshen.warehouse.spool import spooling

STAGE = "assess"
READ = ("facts.care_event", "facts.enrolment_event", "facts.service_event", "facts.identity_span", "facts.claim_review")
SUMMED = (
    *("out.funnel", "out.refusals", "out.closing_notice", "out.clinic_due", "out.last_resort", "out.relief_summary"),
    *(SUMMARY, PAYERS_TOLD, "checks.assess"),
)
"""Made from the assessment by their SQL files, in this order."""
MADE = ("out.award_line", "out.award_share", OPENING, "out.assessment", "out.order_tried", "out.calculation_record")
"""Made by the assessment itself."""
WRITTEN = (*MADE, *DECIDED, *SUMMED, TOUCHED, BASIS, "checks.assess_sql", "checks.assess_pair")
"""Published by this stage."""
Plans = Sequence[tuple[Plan, Sequence[int]]]
"""Each policy with the benefit years that it governs."""


def run(job: Job) -> StageReport:
    """Publish out.award_line, out.assessment, the funnel and the checks from the month's facts; nothing before profile ran."""
    profiled = job.lake.current_run_id("facts.care_event", county_code=job.county_code, month=str(job.month))
    if profiled is None:
        return StageReport(STAGE, None, {}, ("没有可核算的数据。There are no facts to assess.",))
    aside = job.home.lake / f".tmp-{STAGE}-{job.county_code}"
    with (
        compute() as connection,
        spooling(aside) as spool,
        job.lake.writing(job.run_spec(STAGE, inputs=(profiled,))) as written,
    ):
        for table in READ:
            show(connection, table, job.lake.files(table, run_ids=(profiled,)))
        plans = plans_by_years(job.plan_of, years_of(connection), today=job.pack.plan, month=job.month)
        _show_decided(job, connection, plans)
        former = _former(job, connection, plans, profiled)
        ran = _assess(job, connection, plans, profiled, former, spool.folder)
        parameters = {"run_month": str(job.month), "run_year": job.month.year, **_payers(job, plans)}
        parameters |= {"last_resort_department": job.pack.last_resort_department}
        for table in SUMMED:
            make_table(connection, table, parameters)
        _keep_statements(connection, ran)
        require_checks(connection, "checks.assess")
        rows = _write(job, written, connection, former)
        counts = _counts(connection)
        written.totals.update(
            rows_in=counts["claims"], rows_out=rows["out.award_line"], fen_in=counts["base_fen"], fen_out=counts["relief_fen"]
        )
        held, payers = _held(connection), rows_of(connection, PAYERS_TOLD)
        counts |= {"touched": _touched(connection, former), "carried": int(former is not None)}
        counts |= {"payers_unknown": sum(row["unknown"] for row in payers if row["is_counted"])}
        said = [*review_lines(rows_of(connection, SUMMARY)), *payer_lines(payers)]
        run_id = job.lake.commit(written, also=lambda ledger: _watch(job, ledger, held))
    return StageReport(STAGE, run_id, {**rows, **counts}, tuple(f"{zh}。 {en}." for zh, en in said))


def _write(job: Job, written: LakeRun, connection: duckdb.DuckDBPyConnection, former: Former | None) -> dict[str, int]:
    """Write everything; of what is carried over only the rows of those who were touched, where the tables are large."""
    if former is None:
        return write_tables(written, connection, WRITTEN)
    rows = write_tables(written, connection, [one for one in WRITTEN if one not in MADE])
    rows |= write_carried(written, connection, job.lake, former, MADE)
    return {table: rows[table] for table in WRITTEN}


def _former(job: Job, connection: duckdb.DuckDBPyConnection, plans: Plans, profiled: str) -> Former | None:
    """The assessment from which rows are carried over; None when everybody is assessed. Who was touched is found either way."""
    former = former_of(
        job.lake,
        county_code=job.county_code,
        month=str(job.month),
        policy_hash=job.pack.plan.policy_hash,
        code_hash=code_hash(),
    )
    basis = basis_of(plans, on=job.as_of.date(), go_live_on=job.go_live_on)
    is_carried = find_touched(connection, job.lake, former, facts_run_id=profiled, basis=basis)
    return former if is_carried else None


def _everybody(connection: duckdb.DuckDBPyConnection, plans: Plans, folder: Path, *, on: date) -> list[Ran]:
    """Assess all people together, or part by part in the folder where they do not fit the memory; returns what ran."""
    parts = parts_for(connection, with_records=True)
    if parts == 1:
        return assess_claims(connection, plans, with_records=True, on=on)
    return assess_in_parts(connection, plans, parts=parts, folder=folder, with_records=True, on=on)


def _assess(
    job: Job, connection: duckdb.DuckDBPyConnection, plans: Plans, profiled: str, former: Former | None, folder: Path
) -> list[Ran]:
    """Make the tables of MADE, of everybody or of the touched people beside the others' former rows; returns what ran."""
    today = job.as_of.date()
    if former is None:
        ran = _everybody(connection, plans, folder, on=today)
        _keep_opening(connection, _opening(job, plans, profiled, None))
        return ran
    with only(connection):
        ran = assess_claims(connection, plans, with_records=True, on=today, spans=f"facts.identity_span{WHOLE}")
    touched = connection.sql(f"select person_key from {TOUCHED}").to_arrow_table()  # noqa: S608 - a name of ours
    _keep_opening(connection, _opening(job, plans, profiled, touched))
    carry_over(connection, job.lake, former, MADE)
    return ran


def _keep_opening(connection: duckdb.DuckDBPyConnection, opening: pa.Table) -> None:
    connection.register("opening", opening)
    connection.execute(f"create or replace table {OPENING} as select * from opening")  # noqa: S608 - a name of ours
    connection.unregister("opening")


def _opening(job: Job, plans: Plans, profiled: str, touched: pa.Table | None) -> pa.Table:
    """Sums of the year as the county's go-live day found them, of everybody or of the touched people."""
    some = leaping(plans, go_live_on=job.go_live_on)
    with compute() as connection:
        for table in READ:
            show(connection, table, job.lake.files(table, run_ids=(profiled,)))
        if touched is not None:
            show_arrow(connection, TOUCHED, touched)
            narrow(connection, FACTS)
        return opening_sums(connection, some, go_live_on=job.go_live_on or job.as_of.date())


def _show_decided(job: Job, connection: duckdb.DuckDBPyConnection, plans: Plans) -> None:
    """What departments refused and payments locked, in the years whose policy permits several orders."""
    searched = [(plan, years) for plan, years in plans if len(plan.arrangements) > 1]
    show_decided(
        connection,
        job.lake,
        county_code=job.county_code,
        refused_in=[year for _, years in searched for year in years],
        locked_in=[year for plan, years in searched if plan.order_choice is OrderChoice.LOCKED for year in years],
    )


def _payers(job: Job, plans: Plans) -> dict[str, list[str]]:
    """Every other payer, and those that the policy of the month's benefit year takes off the base."""
    fields = {term.field for plan, years in plans if job.month.year in years for term in plan.base}
    return {
        "payer_codes": [one.value for one in PAYERS],
        "counted_payers": [one.value for one in PAYERS if one.value.lower() in fields],
    }


def _keep_statements(connection: duckdb.DuckDBPyConnection, ran: Sequence[Ran]) -> None:
    """What ran, with the values that were bound: so that a run can be computed again from its own record."""
    connection.execute(
        "create or replace table checks.assess_sql"
        " (statement_no integer, table_name varchar, years integer[], sql_text varchar, parameters varchar)"
    )
    for place, one in enumerate(ran, 1):
        bound = canonical_json(
            {
                name: value if value is None or isinstance(value, int | list) else str(value)
                for name, value in one.parameters.items()
            }
        )
        row = [place, one.table, list(one.years), one.text, bound.decode()]
        connection.execute("insert into checks.assess_sql values (?, ?, ?, ?, ?)", row)


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    query = """
        select
            count(*) as claims,
            count(*) filter (where outcome = 'PAID') as paid,
            count(*) filter (where outcome = 'HELD') as held,
            count(*) filter (where outcome = 'REFUSED') as refused,
            coalesce(sum(base_fen), 0) as base_fen,
            coalesce(sum(relief_fen), 0) as relief_fen,
            coalesce(sum(held_fen), 0) as held_fen
        from out.assessment
    """
    cursor = connection.execute(query)
    names = [one[0] for one in cursor.description or ()]
    return dict(zip(names, (int(one) for one in cursor.fetchone() or ()), strict=True))


def _touched(connection: duckdb.DuckDBPyConnection, former: Former | None) -> int:
    """How many people were assessed: those touched, or everybody with a claim."""
    people = TOUCHED if former is not None else "out.assessment"
    found = connection.execute(f"select count(distinct person_key) from {people}").fetchone()  # noqa: S608 - names of ours
    return int(found[0]) if found else 0


def _held(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Waiting]]:
    """The claims that wait for a person's look, by review code."""
    query = """
        select a.reason_code, a.event_id, a.person_key, coalesce(a.base_fen, 0), e.delivery_id
        from out.assessment as a inner join facts.care_event as e on a.event_id = e.event_id
        where a.outcome = 'HELD' and a.event_kind = 'care' and list_contains($codes, a.reason_code)
        order by a.reason_code, a.event_id
    """
    held: dict[str, list[Waiting]] = {}
    for code, *claim in connection.execute(query, {"codes": [one.value for one in ReviewCode]}).fetchall():
        held.setdefault(code, []).append(Waiting(*claim))
    return held


def _watch(job: Job, ledger: Connection, held: Mapping[str, Sequence[Waiting]]) -> None:
    reviews = job.pack.reviews.rules
    watch_reviews(ledger, held, rules=reviews, county_code=job.county_code, calendar=job.pack.calendar, at=job.as_of)
