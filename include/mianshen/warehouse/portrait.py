"""The person-month record and what is counted from it: tables of the lake and the ledger in one task's DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from mianshen.core.days import Month
from mianshen.core.pack import Pack
from mianshen.core.plan import EventKind, Plan, Status
from mianshen.core.portrait import PortraitRules
from mianshen.warehouse import postings
from mianshen.warehouse.build import make_table
from mianshen.warehouse.events import SMALL_CELL
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.ledger import PAYMENT, PAYMENT_BATCH, PAYMENT_LINE, RECOVERY_LINE, TRANSFER_LINE
from mianshen.warehouse.ledger_view import show_ledger

ENDS = "out.funnel_end"
"""What became of the eligible: it moves with decisions and payments while the lake stands still."""
PARTS = ("facts.care_placed", "out.care_grouped", "out.relief_part", "out.paid_part", ENDS)
"""Made first, from facts, assessment and ledger; all but the last live within the task."""
PUBLISHED = (
    "out.person_month",
    "out.disease_flow",
    "out.care_flow",
    "out.level_flow",
    "out.portrait_age",
    "out.portrait_town",
    "out.category_pair",
    "out.category_set",
    "out.portrait_trend",
    "out.missed_people",
    "out.spending_layer",
    "out.bureau_form",
    "out.coverage_matrix",
    "out.policy_gain",
    "out.policy_gap",
    "out.policy_overlap",
    "out.report_figure",
    "out.portrait_stamp",
    ENDS,
)
"""What the stage publishes."""
MADE = (*PUBLISHED[:10], "out.claim_payer", *PUBLISHED[10:-1], "checks.portrait")
"""In the order in which they read each other."""
FACTS = ("facts.care_event", "facts.identity_span", "facts.person_month")
"""Of the run of profile that the assessment read."""
ASSESSED = ("out.assessment", "out.award_line", "out.award_share", "out.order_tried")
"""Of the assessment."""
SEEN = "out.radar"
"""Of the newest run of the radar."""
STATUSES = (Status.OFFICIAL, Status.QUOTED, Status.INFERRED, Status.ILLUSTRATIVE)
"""From the surest to the least sure."""


def show_sources(
    con: duckdb.DuckDBPyConnection, lake: Lake, *, county_code: str, facts_run: str, assess_run: str, radar_run: str | None
) -> None:
    """Make everything readable that the tables are made of: these runs of the lake, postings and payments of the ledger."""
    runs = {
        **dict.fromkeys(FACTS, (facts_run,)),
        **dict.fromkeys(ASSESSED, (assess_run,)),
        SEEN: () if radar_run is None else (radar_run,),
    }
    for table, found in runs.items():
        show(con, table, lake.files(table, run_ids=found))
    with lake.engine.connect() as connection:
        show_ledger(
            con, connection, county_code=county_code, tables=(PAYMENT_BATCH, PAYMENT, PAYMENT_LINE, TRANSFER_LINE, RECOVERY_LINE)
        )
        postings.show_postings(con, connection, county_code=county_code, by_rule_only=True)


def make_parts(con: duckdb.DuckDBPyConnection, parameters: Mapping[str, Any]) -> str:
    """Make the tables of PARTS; returns a digest of what was decided and paid, which moves while the lake stands still."""
    for table in PARTS:
        make_table(con, table, parameters)
    query = """
        select sha256(coalesce(string_agg(concat_ws('|', event_id, person_key, benefit_code, paid_fen), ';'
            order by event_id, person_key, benefit_code, paid_fen), ''))
        from (
            select event_id, person_key, benefit_code, paid_fen from out.paid_part
            union all
            select scope, event_kind, step, visits from out.funnel_end
        )
    """
    found = con.execute(query).fetchone()
    return str(found[0]) if found else ""


def make_tables(con: duckdb.DuckDBPyConnection, parameters: Mapping[str, Any]) -> None:
    """Make the tables of MADE from those of PARTS."""
    for table in MADE:
        make_table(con, table, parameters)


def parameters_of(pack: Pack, rules: PortraitRules, *, month: Month) -> dict[str, Any]:
    """What the tables bind: months and codes of the county, disease groups and lines, the lines of its policy."""
    prefixes = [(one.code, prefix) for one in rules.groups for prefix in one.prefixes]
    return {
        "county_codes": [pack.county_code, *pack.area_aliases],
        "run_month": str(month),
        "months": [str(Month(month.year, number)) for number in range(1, month.number + 1)],
        "small_cell": SMALL_CELL,
        "group_codes": [code for code, _ in prefixes],
        "group_prefixes": [prefix for _, prefix in prefixes],
        "catastrophic_fen": rules.lines["catastrophic_yuan"].amount * 100,
        "long_stay_days": rules.lines["long_stay_days"].amount,
        "frequent_visits": rules.lines["frequent_visits"].amount,
        "poor_by_illness_fen": rules.lines["poor_by_illness_yuan"].amount * 100,
        "minimum_living_fen": _published(rules, "minimum_living_yuan"),
        "income_fen": _published(rules, "income_yuan"),
        **_policy(pack),
    }


def stamp_of(pack: Pack, rules: PortraitRules) -> dict[str, Any]:
    """How sure the figures are, and the banners that go with them."""
    policy = least_sure(one.status for one in pack.plan.clauses)
    lines = least_sure(Status(one) for one in rules.statuses)
    doubts = [("救助金额所依据的标准", "standards of relief", policy), ("标识判定线", "lines of flags", lines)]
    weak = [(zh, en) for zh, en, status in doubts if status is Status.ILLUSTRATIVE]
    zh = f"{'、'.join(zh for zh, _ in weak)}为示例,非公布的标准。" if weak else ""
    en = f"Illustrative, not published: {', '.join(en for _, en in weak)}." if weak else ""
    return {
        "policy_hash": pack.plan.policy_hash,
        "policy_status": policy.value,
        "lines_status": lines.value,
        "banner_zh": zh,
        "banner_en": en,
    }


def least_sure(statuses: Iterator[Status]) -> Status:
    """The least sure of the statuses; official when there is none."""
    return max(statuses, key=STATUSES.index, default=Status.OFFICIAL)


def _published(rules: PortraitRules, code: str) -> int | None:
    line = rules.lines.get(code)
    return None if line is None else line.amount * 100


def _policy(pack: Pack) -> dict[str, Any]:
    plan = pack.plan
    statuses = {one.clause_id: one.status.value for one in plan.clauses}
    rules = [(one, rate) for one in plan.benefits for rate in one.rates]
    keepers = {one.code: one.department_code for one in plan.categories}
    return {
        "category_codes": list(keepers),
        "category_keepers": list(keepers.values()),
        "department_codes": _departments(pack),
        "rule_categories": [rate.category_code for _, rate in rules],
        "rule_departments": [one.department_code for one, _ in rules],
        "rule_benefits": [one.code for one, _ in rules],
        "rule_statuses": [statuses[rate.clause_id] for _, rate in rules],
        "care_categories": _care_categories(plan),
    }


def _departments(pack: Pack) -> list[str]:
    """Departments with a policy or a list, in the order of the pack."""
    named = {one.department_code for one in pack.plan.benefits} | {one.department_code for one in pack.plan.categories}
    return [one.code for one in pack.departments if one.code in named]


def _care_categories(plan: Plan) -> list[str]:
    care = (one for one in plan.benefits if one.event_kind is EventKind.CARE)
    return sorted({rate.category_code for one in care for rate in one.rates})
