"""The compiled tables of the fictional county as files beside the hand-written SQL, to be read and compared.

`python tools/golden_sql.py` writes them again; a test asks that they are current.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from mianshen.core.plan import Plan
from mianshen.policy.packs import load_pack
from mianshen.warehouse.compile import Statement, compile_plan, compile_records
from mianshen.warehouse.sql_files import ROOT

PACK = "_example"
ON = date(2026, 10, 31)
"""The day whose values the golden text is compiled from."""
ABOUT = {
    "out.holder": ("every person with a category, in slots; works within a run, is not published", "person_key, is_firm"),
    "out.claim": ("every claim as the policy sees it; works within a run, is not published", "event_id, event_kind, is_firm"),
    "out.award_chain": ("benefits in order, each on what is left; works within a run, is not published", "event_id, is_firm"),
    "out.order_tried": ("orders of the benefits that were tried for a person-year", "person_key, benefit_year, order_no"),
    "out.award_line": ("one row a claim and benefit with money", "event_id, benefit_code"),
    "out.award_share": (
        "what a sum of the year lies on each claim",
        "event_id, benefit_code",
    ),
    "out.record_trace": (
        "each step of a claim where a benefit takes several; works within a run, is not published",
        "event_id, person_key, benefit_year, benefit_place, category_bit",
    ),
}
"""What each compiled table is, and its grain."""
READS = {
    "out.holder": "facts.identity_span",
    "out.claim": "facts.care_event, facts.enrolment_event, facts.benefit_refused, out.holder",
    "out.order_tried": "out.claim",
    "out.award_chain": "out.claim, out.holder",
    "out.award_line": "out.award_chain",
    "out.award_share": "out.award_chain, out.award_line",
    "out.record_trace": "out.claim, out.award_chain",
}


def golden_files() -> dict[Path, str]:
    """Path to text of every golden file."""
    plan = load_pack(PACK, on=ON).plan
    files = {_path(one.table): header_of(one, plan) + one.text() for one in (*compile_plan(plan), compile_records(plan))}
    slots = len(plan.categories)
    return files | {
        _path("out.holder").with_suffix(".yml"): doc_of("out.holder", *HOLDER_GRAIN, [*_HOLDER, *_slot_columns(slots), _MORE]),
        _path("out.claim").with_suffix(".yml"): doc_of(
            "out.claim", *CLAIM_GRAIN, [*_CLAIM[:16], *_bit_columns(slots, "SMALLINT"), *_CLAIM[16:]]
        ),
        _path("out.award_chain").with_suffix(".yml"): chain_doc(plan),
    }


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


def doc_of(table: str, grain_zh: str, grain_en: str, columns: Sequence[tuple[str, str, str, str, str]]) -> str:
    """The .yml of a table."""
    head = [f"table: {table}", f"grain_zh: {grain_zh}", f"grain_en: {grain_en}", "columns:"]
    return "\n".join([*head, *(_column(*one) for one in columns), ""])


def _bit_columns(slots: int, kind: str = "BIGINT") -> list[tuple[str, str, str, str, str]]:
    return [
        (f"bit_{slot}", kind, "code", f"第 {slot} 个类别,按位;无则 0", f"category of slot {slot} as a bit, 0 when empty")
        for slot in range(1, slots + 1)
    ]


def _slot_columns(slots: int) -> list[tuple[str, str, str, str, str]]:
    made = []
    for slot, bit in enumerate(_bit_columns(slots), 1):
        made += [
            bit,
            (f"since_{slot}", "DATE", "day", f"第 {slot} 个类别起日", f"first day of its span, slot {slot}"),
            (
                f"until_{slot}",
                "DATE",
                "day",
                f"第 {slot} 个类别止日(不含),有几段时为最早的",
                f"end of its span, the first of several in slot {slot}",
            ),
        ]
    return made


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
                "SMALLINT",
                "code",
                f"{benefit.name_zh}所依类别,按位",
                f"category that counts for {benefit.code}, as a bit",
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
    shown = kind if kind.isalpha() else f"'{kind}'"
    words = f"    meaning_zh: {meaning_zh}\n    meaning_en: '{meaning_en}'"
    return f"  - name: {name}\n    type: {shown}\n    unit: {unit}\n{words}"


_WHO = (
    ("event_id", "VARCHAR", "key", "结算或参保缴费流水号", "id of the settlement or enrolment fee"),
    ("event_kind", "VARCHAR", "code", "care 就医结算,enrolment 参保缴费", "care or enrolment"),
    ("person_key", "VARCHAR", "key", "去标识化的人员键", "pseudonym of the person"),
    ("benefit_year", "INTEGER", "count", "待遇年度", "benefit year"),
)
_EVENT_ON = ("event_on", "DATE", "day", "待遇所依据的日期", "day that decides the benefit year and validity")
_PERSON_NO = ("person_no", "INTEGER", "count", "人员序号,仅本次运行有效", "number of the person within the run")
_IS_FIRM = ("is_firm", "BOOLEAN", "flag", "只用确定的身份计算", "computed without provisional spans")
_IS_DOUBTFUL = ("is_doubtful", "BOOLEAN", "flag", "此人有待定的身份", "the person has a provisional span")
_COVERS = ("covers", "SMALLINT", "code", "覆盖它的待遇,按位", "benefits that cover it, one bit each")
_MAF = ("maf_fen", "BIGINT", "fen", "窗口已付医疗救助", "relief paid at the window")
_FIXED = (
    *_WHO,
    _EVENT_ON,
    _IS_FIRM,
    _IS_DOUBTFUL,
    ("base_fen", "BIGINT", "fen", "救助基数", "base"),
    _MAF,
    _COVERS,
    ("left_fen", "BIGINT", "fen", "各层救助后仍由个人负担", "left to the person"),
    ("seen", "INTEGER", "code", "各项待遇所见,按位", "1 burden, 2 above deductible, 4 at cap, 8 better, 16 line, 32 amount"),
    ("earlier_fen", "BIGINT", "fen", "按前序支付扣除的窗口救助", "window relief taken off as an earlier payer"),
    ("window_fen", "BIGINT", "fen", "其中窗口已付", "of the entitlement, paid at the window"),
    ("relief_fen", "BIGINT", "fen", "各项金额之和", "sum of the amounts"),
)  # fmt: skip
"""Columns that every plan's chain has."""
_CLAIM = (
    *_WHO,
    ("ordered_on", "DATE", "day", "排序日:结算日或缴费日", "day of settlement or payment"),
    ("ordered_at", "TIMESTAMP", "moment", "排序时间", "moment of settlement"),
    _EVENT_ON,
    ("base_fen", "BIGINT", "fen", "救助基数;支付方未知时为空", "base; null while a payer is unknown"),
    ("is_provisional", "BOOLEAN", "flag", "尚未交付的支付方按没有支付计", "a payer that has not delivered counts as nothing"),
    _MAF,
    ("is_stopped", "BOOLEAN", "flag", "待核查或核查后不予救助", "held for a look, or refused after it"),
    ("stopped_state", "VARCHAR", "code", "待核查或不予救助时的状态", "HELD or REFUSED of a claim that is stopped"),
    ("stopped_code", "VARCHAR", "code", "其原因", "why it is stopped"),
    _PERSON_NO,
    _IS_FIRM,
    _IS_DOUBTFUL,
    ("held", "SMALLINT", "code", "持有的类别,按位", "categories held, one bit each"),
    ("holds", "SMALLINT", "code", "持有的类别,按其在本人类别中的位次", "categories held, by slot, one bit each"),
    ("is_elsewhere", "BOOLEAN", "flag", "若登记在本县就有待遇", "a benefit would see it if the person were registered here"),
    ("gate", "SMALLINT", "code", "0 无类别 1 就医不符 2 不在有效期 3 覆盖", "0 no category, 1 unmatched, 2 invalid, 3 covered"),
    _COVERS,
    ("closes", "BOOLEAN", "flag", "年度未超过起付线的次年1月结案", "a benefit that covers it closes its year in January"),
)  # fmt: skip
"""Columns of a claim, those of the slots apart."""
_HOLDER = (
    _PERSON_NO,
    _WHO[2],
    _IS_FIRM,
    _IS_DOUBTFUL,
    ("has_more", "BOOLEAN", "flag", "有类别不止一段:各段见 more", "a category has several spans: all spans are in more"),
)
"""Columns of a holder, those of the slots apart."""
_MORE = (
    "more",
    'STRUCT(since DATE, "until" DATE, bit BIGINT)[]',
    "day",
    "有类别不止一段的人的各段",
    "all spans of a person of whom a category has several",
)
HOLDER_GRAIN = ("一行是一个有类别的人;仅在运行内使用,不发布", "one person with a category; lives within a run only")
CLAIM_GRAIN = (
    "一行是一笔结算或缴费在政策眼中的样子;仅在运行内使用,不发布",
    "one claim as the policy sees it; lives within a run only",
)


if __name__ == "__main__":
    main()
