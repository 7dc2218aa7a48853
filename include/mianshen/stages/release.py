"""release: once a month the people of the lists leave the bureau as tables without keys, generalised, suppressed and judged.

A month is released once: two releases of one month, taken together, tell who came or left between them. It is released again
only by hand, with a reason that the audit chain keeps. Nothing here names anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import duckdb
from sqlalchemy import Connection

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.paths import put_shared
from mianshen.core.portrait import DiseaseGroup
from mianshen.core.release import Difference, Recoding, ReleaseRules, Risk
from mianshen.documents import pdf
from mianshen.documents.release_report import Release, release_report
from mianshen.policy.portrait import load_portrait
from mianshen.policy.releases import load_release
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import audit
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.build import write_tables
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import show
from mianshen.warehouse.release_risk import difference_of, risk_of
from mianshen.warehouse.releases import PUBLISHED, READ, make_release, show_sources

STAGE = "release"
MADE, MADE_AGAIN = "release.made", "release.made_again"
"""Actions of the audit rows."""
TABLE = "release.people"


def run(job: Job) -> StageReport:
    """Release the job's month, once, when it is over and its people are known; else say why not."""
    if job.as_of.date() <= job.month.last_day:
        return _nothing(f"{job.month} 未结束,不发布。{job.month} is not over: nothing is released.")
    if job.lake.current_run_id(READ[0], county_code=job.county_code, month=str(job.month)) is None:
        return _nothing("尚无人员月档案。There is no person-month record yet.")
    stands = job.lake.current_run_id(TABLE, county_code=job.county_code, month=str(job.month))
    if stands is not None:
        note = f"{job.month} 已发布,不重复。{job.month} was released; it is not released again by itself."
        return StageReport(STAGE, stands, {}, (note,))
    return _release(job, again=None)


def release_again(job: Job, *, reason: str) -> StageReport:
    """Release a month that was released before; MianshenError RELEASE_UNEXPLAINED without a reason, RELEASE_FIRST before."""
    if not reason.strip():
        raise MianshenError("RELEASE_UNEXPLAINED", found=str(job.month), where="release --again")
    if job.lake.current_run_id(TABLE, county_code=job.county_code, month=str(job.month)) is None:
        raise MianshenError("RELEASE_FIRST", found=str(job.month), where=TABLE)
    return _release(job, again=reason.strip())


def report_path(job: Job) -> Path:
    """Where the month's report lies; a PDF beside it where the machine can print."""
    return job.home.reports(job.pack.name) / f"release_{job.month}.html"


def _nothing(note: str) -> StageReport:
    return StageReport(STAGE, None, {}, (note,))


def _release(job: Job, *, again: str | None) -> StageReport:
    rules = load_release(job.pack.name, on=job.as_of.date(), towns=job.pack.towns)
    groups = load_portrait(job.pack.name, on=job.as_of.date()).groups
    sources = [job.lake.current_run_id(one, county_code=job.county_code, month=str(job.month)) for one in READ]
    inputs = (*(f"{table}@{run_id}" for table, run_id in zip(READ, sources, strict=True)), f"rules@{_digest(rules, groups)}")
    with compute() as con, job.lake.writing(job.run_spec(STAGE, inputs=inputs)) as written:
        show_sources(con, job.lake, county_code=job.county_code, month=job.month)
        recoding = make_release(con, rules, groups, month=job.month, made_at=job.moment)
        risk = risk_of(con, rules)
        release = Release(
            run_id=written.spec.run_id,
            month=str(job.month),
            as_of=job.moment,
            rules=rules,
            recoding=recoding,
            risk=risk,
            difference=_against_last(job, con, recoding, k=rules.k),
            is_total_told=_is_total_told(con),
            again=again,
        )
        write_tables(written, con, PUBLISHED)
        written.totals.update(rows_in=risk.people_in, rows_out=risk.people_released)
        html = release_report(release, pack=job.pack)
        _put(job, html)
        detail = {"month": str(job.month), "html_sha256": sha256_hex(html.encode()), **({"reason": again} if again else {})}
        entry = Entry(MADE_AGAIN if again else MADE, written.spec.run_id, detail)
        run_id = job.lake.commit(written, also=partial(_keep, job, entry))
    return StageReport(STAGE, run_id, _counts(risk), _notes(release))


def _keep(job: Job, entry: Entry, ledger: Connection) -> None:
    audit.append(ledger, [entry], at=job.moment, actor=job.actor)


def _counts(risk: Risk) -> dict[str, int]:
    names = ("people_in", "people_released", "groups", "smallest_group", "suppressed_ppm")
    return {name: getattr(risk, name) for name in names}


def _notes(release: Release) -> tuple[str, ...]:
    if release.risk.people_released:
        return ()
    return ("人数不足,无可发布的组,各表为空。Too few people: no group can be released, the tables are empty.",)


def _against_last(job: Job, con: duckdb.DuckDBPyConnection, recoding: Recoding | None, *, k: int) -> Difference | None:
    """Beside the release of the month before; None when there is none."""
    month = str(job.month.shift(-1))
    if job.lake.current_run_id(TABLE, county_code=job.county_code, month=month) is None:
        return None
    for table, name in (("release.people_group", "last.people_group"), ("checks.release_recoding", "last.recoding")):
        show(con, table, job.lake.current(table, county_code=job.county_code, month=month), named=name)
    query = "select age_level, gend_level, town_level, category_level from last.recoding where is_chosen"
    found = con.execute(query).fetchone()
    is_same = found is not None and recoding is not None and Recoding(*found) == recoding
    return difference_of(con, "last.people_group", is_same_recoding=is_same, k=k)


def _is_total_told(con: duckdb.DuckDBPyConnection) -> bool:
    found = con.execute("select people from release.people_total where town = 'COUNTY'").fetchone()
    return found is not None and found[0] is not None


def _digest(rules: ReleaseRules, groups: Sequence[DiseaseGroup]) -> str:
    return sha256_hex(canonical_json([asdict(rules), [[one.code, *one.prefixes] for one in groups]]))


def _put(job: Job, html: str) -> None:
    path = report_path(job)
    made = {path: html.encode(), **({path.with_suffix(".pdf"): pdf.print_pdf(html)} if pdf.can_print() else {})}
    for target, content in made.items():
        put_shared(target, content, below=job.home.root)
