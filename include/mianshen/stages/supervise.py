"""supervise: misses and warnings are recorded, the supervisor's tables published, the month summed up in Chinese and English.

A miss is recorded at its due moment with its cause, and stays when it is cured. Nothing here names a person.
"""

from __future__ import annotations

from typing import Any

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.paths import put_shared
from mianshen.documents.bank_put import stem_of
from mianshen.documents.summary_text import summary_text
from mianshen.policy.supervision import load_supervision
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import approval_pace, award_days, leads, summary
from mianshen.warehouse.build import write_tables
from mianshen.warehouse.clock_calendar import reckon_again
from mianshen.warehouse.clock_warnings import record_warnings
from mianshen.warehouse.clock_watch import record_misses
from mianshen.warehouse.connect import compute
from mianshen.warehouse.progress import newest_run_moment

STAGE = "supervise"
LEADS = "out.lead"
"""What looks wrong and must be checked by a person."""
JSON_NAME = "summary.json"
"""The figures, for machines."""
TEXT_NAME = "summary.txt"
"""The same for people."""


def run(job: Job) -> StageReport:
    """Record misses and warnings, publish out.clock_board and its like, write the month's summary under reports/."""
    with job.ledger.begin() as connection:
        reckoned = reckon_again(connection, job.pack, as_of=job.as_of)
        missed = record_misses(connection, job.county_code, as_of=job.as_of)
        warned = record_warnings(connection, job.county_code, limits=job.pack.time_limits, as_of=job.as_of)
    figures, run_id = _figures(job)
    _write(job, figures)
    running = figures["time_limits"]
    counts = {
        "misses_recorded": len(missed),
        "warnings": warned,
        "due_days_reckoned": reckoned,
        **{state: sum(one[state] for one in running) for state in ("open", "overdue", "met", "met_late")},
        "late_lists": len(figures["late_lists"]),
        "leads_new": figures["leads"]["new"],
    }
    return StageReport(STAGE, run_id, counts)


def _figures(job: Job) -> tuple[dict[str, Any], str]:
    with compute() as con:
        summary.make_tables(con, job.lake, county_code=job.county_code, as_of=job.moment)
        figures = summary.lake_figures(con, job.lake, county_code=job.county_code, month=str(job.month))
        with job.ledger.connect() as connection:
            figures |= summary.ledger_figures(connection, county_code=job.county_code, as_of=job.as_of)
            figures["approval_pace"] = approval_pace.pace(connection, job.pack, as_of=job.as_of)
        award_days.make_tables(con, job.lake, pack=job.pack, as_of=job.as_of)
        figures["award_days"] = summary.rows_of(con, "out.award_days_summary")
        figures["pay_limit_workdays"] = award_days.limit_workdays(job.pack)
        approval_pace.show_pace(con, figures["approval_pace"])
        leads.find(con, job.lake, _lines(job), county_code=job.county_code, month=str(job.month))
        content = sha256_hex(
            canonical_json([figures, *(summary.rows_as_text(con, name) for name in ("out.clock_board", "out.award_days", LEADS))])
        )
        with job.lake.writing(job.run_spec(STAGE, inputs=(content,))) as written:
            write_tables(written, con, (*summary.MADE, *award_days.MADE, LEADS, approval_pace.TABLE))
            run_id = job.lake.commit(written)
        with job.ledger.begin() as connection:
            raised = leads.raise_new(connection, con, county_code=job.county_code, at=job.moment, run_id=run_id)
            figures["leads"] = leads.summed(connection, county_code=job.county_code) | {"new": raised}
    head = {
        "pack": job.pack.name,
        "county_code": job.county_code,
        "county_name_zh": job.pack.county_name_zh,
        "county_name_en": job.pack.county_name_en,
        "month": str(job.month),
        "as_of": job.moment,
        "is_illustrative": job.pack.plan.is_illustrative,
        "notes": [{"kind": one.kind, "code": one.code, "zh": one.zh, "en": one.en} for one in job.pack.notes],
    }
    return {**head, **figures, "outputs": _outputs(job, figures)}, run_id


def _lines(job: Job) -> dict[str, Any]:
    """What the checks of out.lead_* bind."""
    with job.ledger.connect() as connection:
        assessed = newest_run_moment(connection, job.county_code, stage="assess") or job.as_of
    lines = dict(load_supervision(on=job.as_of.date()))
    moments = {"as_of": job.moment, "assessed_at": assessed.isoformat(timespec="seconds")}
    return {**lines, **moments, "county_code": job.county_code, "go_live_on": job.go_live_on}


def _outputs(job: Job, figures: dict[str, Any]) -> list[dict[str, str]]:
    """Every place where something lies, below the home folder."""
    root, pack = job.home.root, job.pack.name
    reports, outbox = job.home.reports(pack).relative_to(root), job.home.outbox(pack).relative_to(root)
    found = [
        ("运行小结", "summary", f"{reports / TEXT_NAME}"),
        ("运行小结数据", "summary, figures", f"{reports / JSON_NAME}"),
        ("结果表", "result tables (Parquet)", f"{job.home.lake.relative_to(root) / 'out'}"),
        ("数据质量文档", "data docs", f"{job.home.data_docs(pack).relative_to(root)}"),
    ]
    if figures["return_slip"]:
        found.append(("退回单", "return slips, a folder a department", f"{outbox / 'returns'}"))
    for one in figures["payments"]:
        if one["file_name"]:
            stem = stem_of(one["file_name"])
            found.append(("银行文件", "bank file", f"{outbox / one['file_name']}"))
            found.append(("批次表", "batch sheet", f"{outbox / (stem + '_sheet.html')}"))
    return [{"what_zh": zh, "what_en": en, "path": path} for zh, en, path in found]


def _write(job: Job, figures: dict[str, Any]) -> None:
    folder = job.home.reports(job.pack.name)
    for name, text in ((JSON_NAME, summary.as_json(figures)), (TEXT_NAME, summary_text(figures, pack=job.pack))):
        put_shared(folder / name, text.encode(), below=job.home.root)


def read_summary(job: Job) -> str:
    """The text of the last summary; MianshenError HOME_MISSING before the stage ran."""
    path = job.home.reports(job.pack.name) / TEXT_NAME
    if not path.is_file():
        raise MianshenError("HOME_MISSING", found=TEXT_NAME, where=str(path.parent))
    return path.read_text(encoding="utf-8")
