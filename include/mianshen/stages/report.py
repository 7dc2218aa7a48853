"""report: the month's portrait report (群体画像报告), one HTML file that opens offline, and its figures as a release table.

It is made from what earlier stages published and from the ledger; figures about few people are hidden in both. It names nobody.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.figures import Figures
from mianshen.core.paths import put_shared
from mianshen.documents.portrait import care, people, relief, running
from mianshen.documents.portrait.page import Stamp, portrait_html, portrait_of
from mianshen.policy.portrait import load_portrait
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse.build import write_tables
from mianshen.warehouse.connect import compute
from mianshen.warehouse.portrait_facts import FIGURES, PortraitFacts, read_facts, show_figures

STAGE = "report"
_UNGROUPED = {"OTHER": ("未归组", "in no group"), "UNKNOWN": ("诊断未交付", "diagnosis not delivered")}


def run(job: Job) -> StageReport:
    """Write the month's report below reports/ and publish release.portrait_figure; equal facts at a moment give equal bytes."""
    with compute() as con:
        with job.ledger.connect() as connection:
            facts = read_facts(con, job.lake, connection, county_code=job.county_code, month=str(job.month), as_of=job.as_of)
        portrait = portrait_of(tables_of(job, facts))
        spec = job.run_spec(STAGE, inputs=(*sorted(facts.runs.values()), sha256_hex(canonical_json(_content(facts)))))
        figures = [{"calendar_month": str(job.month), "as_of": job.moment, **one} for one in portrait.figures()]
        show_figures(con, figures)
        with job.lake.writing(spec) as written:
            write_tables(written, con, (FIGURES,))
            run_id = job.lake.commit(written)
    html = portrait_html(portrait, stamp=_stamp(job, facts, run_id), pack=job.pack)
    put_shared(report_path(job), html.encode(), below=job.home.root)
    hidden = sum(one["hidden_code"] is not None for one in figures)
    counts = {"tables": len(portrait.shown.tables), "figures": len(figures), "hidden": hidden, "bytes": len(html.encode())}
    return StageReport(STAGE, run_id, counts)


def report_path(job: Job) -> Path:
    """Where the month's report lies."""
    return job.home.reports(job.pack.name) / f"portrait_{job.month}.html"


def read_report(job: Job) -> bytes:
    """The month's report as it was last made; MianshenError HOME_MISSING before the stage ran."""
    path = report_path(job)
    if not path.is_file():
        raise MianshenError("HOME_MISSING", found=path.name, where=str(path.parent))
    return path.read_bytes()


def tables_of(job: Job, facts: PortraitFacts) -> list[Figures]:
    """Every table of the report, small figures still in them."""
    rows, pack = facts.tables, job.pack
    groups = {one.code: (one.name_zh, one.name_en) for one in load_portrait(pack.name, on=job.as_of.date()).groups} | _UNGROUPED
    diseases = care.diseases(rows["care_flow"], groups)
    funnels = {kind: relief.funnel(rows["funnel"], rows["funnel_end"], kind=kind) for kind in relief.KINDS}
    return [
        *(one for kind, one in funnels.items() if one.lines or kind != "service"),
        relief.benefits(rows["relief_summary"], pack, funnels),
        relief.refusals(rows["refusals"], funnels),
        people.categories(rows["category_counts"], pack),
        people.overlap(rows["category_pair"], pack),
        people.ages(rows["portrait_age"]),
        people.towns(rows["portrait_town"]),
        people.coverage(rows["coverage_matrix"], pack),
        care.layers(rows["spending_layer"], pack),
        diseases,
        care.places(rows["care_flow"], diseases),
        care.levels(rows["level_flow"], diseases),
        care.trend(rows["portrait_trend"]),
        running.money(facts.money),
        running.deadlines(rows["clock_board"], pack),
        running.missed(rows["radar"]),
        running.leads(rows["lead"]),
        relief.payers(rows["payer_summary"]),
        running.deliveries(facts.feeds, pack),
    ]


def _content(facts: PortraitFacts) -> list[object]:
    """What the ledger says beside the runs."""
    return [facts.money, facts.feeds, [asdict(one) for one in facts.late_lists]]


def _stamp(job: Job, facts: PortraitFacts, run_id: str) -> Stamp:
    return Stamp(
        month=str(job.month),
        as_of=job.moment,
        run_id=run_id,
        runs=tuple(sorted(facts.runs.items())),
        lacking=tuple(_lacking(job, facts)),
    )


def _lacking(job: Job, facts: PortraitFacts) -> list[tuple[str, str]]:
    """What the county does not have so far, or was told late."""
    said = []
    names = {one.list_code: one.name_zh for one in job.pack.contracts}
    if not job.pack.pays_relief:
        said.append(
            (
                "本县政策没有写明救助金额,报告只有事项与时限。",
                "The county's policy names no amounts: matters and deadlines alone.",
            )
        )
    elif not facts.tables["funnel"]:
        said.append(("当月还没有核算。", "The month has not been assessed."))
    for one in facts.late_lists:
        if one.arrived_at is None:
            name = names.get(one.list_code, one.list_code)
            said.append((f"名单逾期未到:{name} {one.month}。", f"A list is late: {one.list_code} {one.month}."))
    return said
