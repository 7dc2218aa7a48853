"""portray: the person-month record (对象月档案) as it stands after assessment and payment, and every table counted from it.

Nothing here names a person: analysts may see these tables. docs/howto/read-the-portrait.md says what each answers.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import duckdb
from sqlalchemy import select

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.paths import put_shared
from mianshen.documents.bureau_form import form_book
from mianshen.policy.portrait import load_portrait
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import portrait
from mianshen.warehouse.build import require_checks, write_tables
from mianshen.warehouse.connect import compute
from mianshen.warehouse.ledger import RUN
from mianshen.warehouse.rerun import rows_of
from mianshen.warehouse.spool import spooling

STAGE = "portray"
CHECKS = "checks.portrait"


def run(job: Job) -> StageReport:
    """Publish out.person_month and the tables of the portrait from the month's assessment, print the fixed form; else nothing.

    MianshenError CONSERVATION_BROKEN when a fen, a visit or a person is lost on the way.
    """
    place = {"county_code": job.county_code, "month": str(job.month)}
    assessed = job.lake.current_run_id("out.assessment", **place)
    if assessed is None:
        return StageReport(STAGE, None, {}, ("没有核算,没有可统计的。There is no assessment to count.",))
    profiled, seen = _facts_run(job, assessed), job.lake.current_run_id(portrait.SEEN, **place)
    rules = load_portrait(job.pack.name, on=job.as_of.date())
    parameters = portrait.parameters_of(job.pack, rules, month=job.month)
    aside = job.home.lake / f".tmp-{STAGE}-{job.county_code}"
    with spooling(aside) as spool, compute(spill=spool.folder) as con:
        portrait.show_sources(con, job.lake, county_code=job.county_code, facts_run=profiled, assess_run=assessed, radar_run=seen)
        paid = portrait.make_parts(con, parameters)
        ruled = sha256_hex(canonical_json(json.loads(json.dumps(asdict(rules)))))
        spec = job.run_spec(STAGE, inputs=(assessed, seen or "", ruled, paid))
        runs = {"run_id": spec.run_id, "facts_run_id": profiled, "assess_run_id": assessed, "known_at": job.moment}
        portrait.make_tables(con, parameters | runs | portrait.stamp_of(job.pack, rules))
        require_checks(con, CHECKS)
        with job.lake.writing(spec) as written:
            rows = write_tables(written, con, (*portrait.PUBLISHED, CHECKS))
            run_id = job.lake.commit(written)
        _print_form(job, con)
    return StageReport(STAGE, run_id, {name.removeprefix("out."): rows[name] for name in portrait.PUBLISHED})


def form_path(job: Job) -> Path:
    """Where the month's fixed form lies."""
    return job.home.reports(job.pack.name) / f"bureau_form_{job.month}.xlsx"


def _print_form(job: Job, con: duckdb.DuckDBPyConnection) -> None:
    (stamp,) = rows_of(con, "from out.portrait_stamp")
    content = form_book(rows_of(con, "from out.bureau_form"), stamp=stamp, pack=job.pack, made=job.as_of)
    put_shared(form_path(job), content, below=job.home.root)


def _facts_run(job: Job, assessed: str) -> str:
    """The run of profile that the assessment read."""
    with job.ledger.connect() as connection:
        inputs = connection.execute(select(RUN.c.inputs).where(RUN.c.run_id == assessed)).scalar_one()
    (profiled,) = json.loads(inputs)
    return str(profiled)
