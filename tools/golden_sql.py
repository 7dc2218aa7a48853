"""The compiled tables of the fictional county as files beside the hand-written SQL, to be read and compared.

`python tools/golden_sql.py` writes them again; a test asks that they are current.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from mianshen.core.plan import Plan
from mianshen.policy.packs import load_pack
from mianshen.warehouse.compile import Statement, compile_plan
from mianshen.warehouse.sql_files import ROOT

PACK = "_example"
ON = date(2026, 10, 31)
"""The day whose values the golden text is compiled from."""
ABOUT = {
    "out.claim": ("every claim as the policy sees it; works within a run, is not published", "event_id, event_kind, is_firm"),
    "out.award_chain": ("benefits in order, each on what is left; works within a run, is not published", "event_id, is_firm"),
    "out.award_line": ("one row a claim and benefit with money", "event_id, benefit_code"),
}
"""What each compiled table is, and its grain."""
READS = {
    "out.claim": "facts.care_event, facts.enrolment_event, facts.identity_span",
    "out.award_chain": "out.claim",
    "out.award_line": "out.claim, out.award_chain",
}


def golden_files() -> dict[Path, str]:
    """Path to text of every golden file."""
    plan = load_pack(PACK, on=ON).plan
    files = {_path(one.table): header_of(one, plan) + one.text() for one in compile_plan(plan)}
    return files | {_path("out.award_chain").with_suffix(".yml"): chain_doc(plan)}


def header_of(statement: Statement, plan: Plan) -> str:
    """The comment lines at the head: what a row is, grain, tables read, source, and which benefit each number stands for."""
    about, grain = ABOUT[statement.table]
    benefits = [f"--   b{place}: {one.code} ({one.name_en})" for place, one in enumerate(plan.benefits, 1)]
    return "\n".join([
        f"-- {statement.table}: {about}",
        f"-- grain: {grain}",
        f"-- reads: {READS[statement.table]}",
        f"-- source: include/policies/{PACK} in force on {ON}, compiled by mianshen.warehouse; values stand beside the text",
        *benefits,
        f"-- {len(statement.parameters)} values; written by tools/golden_sql.py, do not edit",
        "-- noqa: disable=LT09",
        "",
    ])  # fmt: skip


def chain_doc(plan: Plan) -> str:
    """The .yml of out.award_chain for this plan."""
    columns = [_column(*one) for one in _FIXED]
    for place, benefit in enumerate(plan.benefits, 1):
        columns += [
            _column(
                f"b{place}_burden_fen", "BIGINT", "fen", f"{benefit.name_zh}所见的个人负担", f"burden that {benefit.code} saw"
            ),
            _column(f"b{place}_entitled_fen", "BIGINT", "fen", f"{benefit.name_zh}应得救助", f"entitled by {benefit.code}"),
            _column(
                f"b{place}_category",
                "INTEGER",
                "code",
                f"{benefit.name_zh}所依类别的序号",
                f"place of the category that counts for {benefit.code}",
            ),
        ]
    head = [
        "table: out.award_chain",
        "grain_zh: 一行是一笔被覆盖的结算或缴费依次经过各项待遇;列随政策包而定;仅在运行内使用,不发布",
        "grain_en: one covered claim on its way through the benefits; columns follow the pack; lives within a run only",
        "columns:",
    ]
    return "\n".join([*head, *columns, ""])


def main() -> None:
    """Write every golden file again."""
    for path, text in golden_files().items():
        path.write_text(text, encoding="utf-8")


def _path(table: str) -> Path:
    schema, name = table.split(".")
    return ROOT / schema / f"{name}.sql"


def _column(name: str, kind: str, unit: str, meaning_zh: str, meaning_en: str) -> str:
    return f"  - name: {name}\n    type: {kind}\n    unit: {unit}\n    meaning_zh: {meaning_zh}\n    meaning_en: '{meaning_en}'"


_FIXED = (
    ("event_id", "VARCHAR", "key", "结算或参保缴费流水号", "id of the settlement or enrolment fee"),
    ("event_kind", "VARCHAR", "code", "care 就医结算,enrolment 参保缴费", "care or enrolment"),
    ("person_key", "VARCHAR", "key", "去标识化的人员键", "pseudonym of the person"),
    ("benefit_year", "INTEGER", "count", "待遇年度", "benefit year"),
    ("ordered_on", "DATE", "day", "排序日:结算日或缴费日", "day of settlement or payment"),
    ("ordered_at", "TIMESTAMP", "moment", "排序时间", "moment of settlement"),
    ("event_on", "DATE", "day", "待遇所依据的日期", "day that decides the benefit year and validity"),
    ("is_firm", "BOOLEAN", "flag", "只用确定的身份计算", "computed without provisional spans"),
    ("base_fen", "BIGINT", "fen", "救助基数", "base"),
    ("maf_fen", "BIGINT", "fen", "窗口已付医疗救助", "relief paid at the window"),
    ("held", "BIGINT", "code", "持有的类别,按位", "categories held, one bit each"),
    ("covers", "BIGINT", "code", "覆盖它的待遇,按位", "benefits that cover it, one bit each"),
    ("left_fen", "BIGINT", "fen", "各层救助后仍由个人负担", "left to the person"),
    ("earlier_fen", "BIGINT", "fen", "按前序支付扣除的窗口救助", "window relief taken off as an earlier payer"),
    ("relief_fen", "BIGINT", "fen", "各项金额之和", "sum of the amounts"),
    ("window_fen", "BIGINT", "fen", "其中窗口已付", "of the entitlement, paid at the window"),
    ("seen", "BIGINT", "code", "各项待遇所见,按位", "1 burden, 2 above deductible, 4 at cap, 8 better, 16 line, 32 amount"),
)  # fmt: skip
"""Columns that every plan's chain has."""


if __name__ == "__main__":
    main()
