"""Why an amount is what it is: one sentence with the arithmetic and the clause, Chinese first, English second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mianshen.core.codes import reason
from mianshen.core.money import show_yuan
from mianshen.core.plan import Benefit, Clause, EventKind, Plan, Status
from mianshen.policy.explain_steps import arithmetic
from mianshen.policy.results import Assessment, Line, OrderTried, PersonResult, Share, Working

STATUS_ZH = {
    Status.OFFICIAL: "文件原文",
    Status.QUOTED: "报道所载",
    Status.INFERRED: "推断",
    Status.ILLUSTRATIVE: "示例标准",
}
"""What a clerk reads behind a clause."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sentence for a clerk to read out."""

    zh: str
    """In Chinese."""
    en: str
    """In English."""


PROVISIONAL = Explanation(
    "有支付方尚未交付,暂按没有支付计,交付后重算。",
    "A payer that has not delivered counts as nothing for now.",
)
"""Behind what may still change so."""


def explain_person(plan: Plan, result: PersonResult) -> tuple[Explanation, ...]:
    """One explanation a line, in the order of the result's lines; with the orders tried, and what may still change it."""
    said = []
    for line, working in zip(result.lines, result.workings, strict=True):
        is_care = any(one.code == line.benefit_code and one.event_kind is EventKind.CARE for one in plan.benefits)
        tail = _tail(plan, result, line.benefit_year, is_ordered=is_care, is_provisional=line.is_provisional)
        said.append(_and(explain_line(plan, line, working), tail))
    return tuple(said)


def _tail(plan: Plan, result: PersonResult, year: int, *, is_ordered: bool, is_provisional: bool) -> Explanation:
    """What stands behind the clause: every order that was tried, and that a payer is still unknown."""
    tried = [one for one in result.orders if is_ordered and one.benefit_year == year]
    found = [_orders(plan, year, tried)] if tried else []
    found += [PROVISIONAL] if is_provisional else []
    return Explanation("".join(one.zh for one in found), "".join(f" {one.en}" for one in found))


def _and(first: Explanation, second: Explanation) -> Explanation:
    return Explanation(first.zh + second.zh, first.en + second.en)


def explain_line(plan: Plan, line: Line, working: Working) -> Explanation:
    """Why this line has its amount: the year's arithmetic, what was counted before, the clause."""
    benefit = next(one for one in plan.benefits if one.code == line.benefit_code)
    rate = next(one for one in benefit.rates if one.category_code == line.category_code)
    category = next(one for one in plan.categories if one.code == line.category_code)
    clause = plan.clause(line.clause_id)
    year_zh, year_en = arithmetic(plan, benefit, rate, working)
    rise_zh, rise_en = _rise(benefit, line, working)
    return Explanation(
        zh=f"{benefit.name_zh}:按【{category.name_zh}】计。{year_zh};{rise_zh}。依据:{_quoted(clause)}。",
        en=f"{benefit.name_en}: as [{category.name_en}], {year_en}; {rise_en}. Clause {clause.clause_id}, {clause.status}.",
    )


def explain_shares(plan: Plan, result: PersonResult) -> tuple[Explanation, ...]:
    """One explanation a share of a sum of the year, in the order of the result's shares."""
    sums = {(one.benefit_year, one.benefit_code): one for one in result.lines if one.event_id is None}
    said = []
    for share in result.shares:
        line = sums[share.benefit_year, share.benefit_code]
        tail = _tail(plan, result, share.benefit_year, is_ordered=True, is_provisional=line.is_provisional)
        said.append(_and(_share(plan, share, line), tail))
    return tuple(said)


def _share(plan: Plan, share: Share, line: Line) -> Explanation:
    benefit = next(one for one in plan.benefits if one.code == share.benefit_code)
    category = next(one for one in plan.categories if one.code == line.category_code)
    clause = plan.clause(line.clause_id)
    total, own = show_yuan(line.amount_fen), show_yuan(share.amount_fen)
    return Explanation(
        zh=f"{benefit.name_zh}:按【{category.name_zh}】全年一并计算,救助合计 {total} 元,"
        f"其中落在本次 {own} 元。依据:{_quoted(clause)}。",
        en=f"{benefit.name_en}: as [{category.name_en}], one sum of the year, {total}, of which {own} lies on this claim. "
        f"Clause {clause.clause_id}, {clause.status}.",
    )


def explain_orders(plan: Plan, result: PersonResult) -> tuple[Explanation, ...]:
    """One explanation a benefit year with several orders: every order tried, with its sum, and the one that counts."""
    years = dict.fromkeys(one.benefit_year for one in result.orders)
    return tuple(_orders(plan, year, [one for one in result.orders if one.benefit_year == year]) for year in years)


def _orders(plan: Plan, year: int, tried: Sequence[OrderTried]) -> Explanation:
    zh = ";".join(_order(plan, one, "zh") for one in tried)
    en = "; ".join(_order(plan, one, "en") for one in tried)
    return Explanation(zh=f"{year} 年度比较了 {len(tried)} 种次序:{zh}。", en=f"{len(tried)} orders for {year}: {en}.")


def _order(plan: Plan, tried: OrderTried, language: str) -> str:
    known = {one.code: one for one in plan.benefits}
    codes = tried.codes
    if language == "zh":
        counts = ",采用" if tried.is_chosen else ""
        return f"{'→'.join(known[code].name_zh for code in codes)} {show_yuan(tried.total_fen)} 元{counts}"
    counts = ", which counts" if tried.is_chosen else ""
    return f"{' > '.join(known[code].name_en for code in codes)} {show_yuan(tried.total_fen)}{counts}"


def explain_refusal(plan: Plan, assessment: Assessment, result: PersonResult) -> Explanation:
    """Why a claim of the result carries no money; the base and the reason's wording. KeyError for a paid claim."""
    known = reason(str(assessment.reason_code))
    borne = "未知" if assessment.base_fen is None else f"{show_yuan(assessment.base_fen)} 元"
    borne_en = "unknown" if assessment.base_fen is None else f"{show_yuan(assessment.base_fen)} yuan"
    base = plan.clause("base")
    tail = _tail(
        plan,
        result,
        assessment.benefit_year,
        is_ordered=assessment.reason_code == "LEFT_OUT",
        is_provisional=assessment.is_provisional,
    )
    return Explanation(
        zh=f"合规自付 {borne};{known.zh}。下一步:{known.remedy_zh}。基数依据:{_quoted(base)}。{tail.zh}",
        en=f"in-scope burden {borne_en}; {known.en}. Next: {known.remedy_en}.{tail.en}",
    )


def _rise(benefit: Benefit, line: Line, working: Working) -> tuple[str, str]:
    if line.event_id is None:
        return f"全年救助 {show_yuan(line.amount_fen)} 元", f"relief of the year is {show_yuan(line.amount_fen)}"
    if not benefit.counts_window_relief:
        purse = "(以共用额度所余为限)" if benefit.bucket_code is not None else ""
        zh = f"此前已计 {show_yuan(working.received_before_fen)} 元,本次救助 {show_yuan(line.amount_fen)} 元{purse}"
        return zh, f"{show_yuan(working.received_before_fen)} was counted before, this claim adds {show_yuan(line.amount_fen)}"
    zh = (
        f"此前已得 {show_yuan(working.received_before_fen)} 元(含医院窗口),本次应得 {show_yuan(line.entitled_fen)} 元,"
        f"窗口已付 {show_yuan(line.window_fen)} 元,本次救助 {show_yuan(line.amount_fen)} 元"
    )
    en = (
        f"{show_yuan(working.received_before_fen)} was received before, window included; "
        f"this claim adds {show_yuan(line.entitled_fen)}, "
        f"the window paid {show_yuan(line.window_fen)}, relief is {show_yuan(line.amount_fen)}"
    )
    return zh, en


def _quoted(clause: Clause) -> str:
    return f"《{clause.document}》{clause.article}:{clause.text_zh.rstrip('。')}({STATUS_ZH[clause.status]})"
