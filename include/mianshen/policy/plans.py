"""The Plan of a pack: tiers, benefits, rates and clauses in force on one day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise

from mianshen.core.plan import Benefit, Category, Clause, EventKind, MafCounting, Plan, Status, Term, Tier
from mianshen.core.rates import Bracket, Cap, Deductible, Rate
from mianshen.policy.dated import InForce, check_year_starts, in_force
from mianshen.policy.shapes import Row

_MAF_ZH = {
    MafCounting.SAME_BENEFIT: "医院窗口已付的医疗救助是本项待遇的预付,不重复发放。",
    MafCounting.EARLIER_PAYER: "医院窗口已付的医疗救助是前序支付方,先从合规自付中减去。",
}


@dataclass(frozen=True, slots=True)
class PlanPages:
    """The pages that a Plan is made from, already read."""

    pack: str
    """Folder name."""
    policy: Row
    """policy.yaml, overlays applied to `term` aside."""
    term: Row
    """The policy's term, or the overlay's that stands in its place."""
    tiers: Sequence[Row]
    """Tier pages in paying order."""
    categories: Sequence[Row]
    """Entries of categories.yaml."""
    departments: frozenset[str]
    """Known department codes."""
    funds: frozenset[str]
    """Known fund codes."""
    policy_hash: str
    """SHA-256 of the pack's canonical content."""
    overlays: Sequence[Row] = ()
    """Overlay pages that were applied; each is a clause of the Plan."""


def make_plan(pages: PlanPages, *, on: date) -> Plan:
    """The Plan whose values are in force on the day. MianshenError POLICY_DAMAGED for what contradicts itself."""
    policy = pages.policy
    clauses: dict[str, Clause] = {}
    counting = MafCounting(in_force(policy["maf_counts_as"], on=on).row["value"])
    base = _base(policy, counting, on=on)
    clauses |= _general_clauses(pages, on=on)
    benefits = tuple(_benefit(pages, tier, row, on=on, clauses=clauses) for tier in pages.tiers for row in tier["benefits"])
    _check_benefits(pages, benefits, counting)
    return Plan(
        pack=pages.pack,
        county_code=policy["county"]["code"],
        county_name_zh=policy["county"]["name_zh"],
        in_force_on=on,
        policy_hash=pages.policy_hash,
        benefit_year_by=in_force(policy["benefit_year_by"], on=on).row["value"],
        base=base,
        maf_counts_as=counting,
        tiers=tuple(Tier(one["code"], one["name_zh"], one["name_en"]) for one in policy["tiers"]),
        benefits=benefits,
        categories=tuple(sorted((_category(one) for one in pages.categories), key=lambda one: one.code)),
        clauses=tuple(clauses.values()),
    )


def _category(row: Row) -> Category:
    return Category(row["code"], row["name_zh"], row["name_en"], row["department"], Status(row["status"]))


def _base(policy: Row, counting: MafCounting, *, on: date) -> tuple[Term, ...]:
    written = in_force(policy["base"], on=on).row
    terms = tuple(Term(one["field"], 1 if one["sign"] == "plus" else -1, one["absent_means"]) for one in written["terms"])
    names = [one.field for one in terms]
    twice = [one for one in names if names.count(one) > 1]
    if twice:
        written.at("terms").refuse(f"{twice[0]} 写了两次", f"{twice[0]} stands twice in the base")
    has_maf = Term("maf_pay", -1, "zero") in terms or Term("maf_pay", -1, "unknown") in terms
    if has_maf != (counting is MafCounting.EARLIER_PAYER) or ("maf_pay" in names and not has_maf):
        written.at("terms").refuse(
            "maf_pay 仅在 maf_counts_as 为 earlier_payer 时从基数扣除",
            "maf_pay is taken off the base exactly when maf_counts_as is earlier_payer",
        )
    return terms


def _benefit(pages: PlanPages, tier: Row, row: Row, *, on: date, clauses: dict[str, Clause]) -> Benefit:
    term = row["term"] or pages.term
    _check_known(row, "department", pages.departments)
    _check_known(row, "fund", pages.funds)
    covers = in_force(row["covers"], on=on)
    rates, spans = _rates(pages, row, on=on, clauses=clauses)
    pieces = [covers, *spans, *(InForce(one, one["since"], one["until"]) for one in (term, pages.term))]
    since = max(one.since for one in pieces)
    until = min((one.until for one in pieces if one.until is not None), default=None)
    if until is not None and until <= since:
        row.at("covers").refuse(f"待遇没有任何有效日({since} 至 {until})", f"the benefit has no valid day ({since} to {until})")
    return Benefit(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        tier_code=tier["tier"],
        department_code=row["department"],
        fund_code=row["fund"],
        event_kind=EventKind(row["event"]),
        med_types=covers.row["med_types"],
        dise_codes=covers.row["dise_codes"],
        rates=rates,
        valid_since=since,
        valid_until=until,
        counts_window_relief=row["counts_window_relief"],
    )


def _check_known(row: Row, key: str, known: frozenset[str]) -> None:
    if row[key] not in known:
        row.at(key).refuse(f"未登记的 {key}:{row[key]}", f"{key} {row[key]} is not registered")


def _rates(pages: PlanPages, row: Row, *, on: date, clauses: dict[str, Clause]) -> tuple[tuple[Rate, ...], list[InForce]]:
    rates: dict[str, Rate] = {}
    spans = []
    known = {one["code"] for one in pages.categories}
    check_year_starts(row["covers"])
    for line in row["table"]:
        check_year_starts(line["values"])
        value = in_force(line["values"], on=on)
        spans.append(value)
        clause = _clause(
            pages.policy, f"{row['code']}.{line['categories'][0].lower()}.{value.since}", value.row, text_zh=value.row["text_zh"]
        )
        clauses[clause.clause_id] = clause
        for category in line["categories"]:
            if category not in known:
                line.at("categories").refuse(f"未登记的类别 {category}", f"category {category} is not registered")
            if category in rates:
                line.at("categories").refuse(f"类别 {category} 在同一待遇中出现两次", f"{category} stands twice")
            rates[category] = _rate(category, value.row, clause.clause_id)
    return tuple(rates[code] for code in sorted(rates)), spans


def _rate(category: str, row: Row, clause_id: str) -> Rate:
    brackets = tuple(Bracket(one["from_yuan"], one["to_yuan"], one["ratio"]) for one in row["brackets"])
    if brackets[0].low_fen != 0:
        row["brackets"][0].at("from_yuan").refuse("分段须从 0 开始", "brackets begin at 0")
    for written, (lower, upper) in zip(row["brackets"][1:], pairwise(brackets), strict=True):
        if lower.high_fen != upper.low_fen:
            written.at("from_yuan").refuse("分段之间有空档或重叠", "the bracket does not begin where the one before it ends")
    for written, one in zip(row["brackets"], brackets, strict=True):
        if one.high_fen is not None and one.high_fen <= one.low_fen:
            written.at("to_yuan").refuse("分段止点不高于起点", "the bracket ends before it begins")
    caps = () if row["cap_yuan"] is None else (Cap(row["cap_yuan"]),)
    return Rate(category, Deductible((row["deductible_yuan"],)), brackets, caps, clause_id)


def _clause(policy: Row, clause_id: str, row: Row, *, text_zh: str, status: str | None = None) -> Clause:
    documents: Mapping[str, Row] = policy["documents"]
    title = documents[row["source"]]["title_zh"]
    return Clause(clause_id, title, row["article"], text_zh, Status(status or row["status"]))


def _general_clauses(pages: PlanPages, *, on: date) -> dict[str, Clause]:
    """Clauses that stand behind every amount: the term, the base, what window relief counts as, the overlays."""
    term = pages.term
    until = f",{term['until']} 前" if term["until"] else ""
    days = _clause(pages.policy, "term", term, text_zh=f"费用发生日自 {term['since']} 起{until}。", status=term["date_status"])
    base = in_force(pages.policy["base"], on=on).row
    counted = "、".join(f"{'加' if one['sign'] == 'plus' else '减'} {one['field']}" for one in base["terms"])
    counting = in_force(pages.policy["maf_counts_as"], on=on).row
    found = [
        days,
        _clause(pages.policy, "base", base, text_zh=f"合规自付:{counted}。"),
        _clause(pages.policy, "maf_counts_as", counting, text_zh=_MAF_ZH[MafCounting(counting["value"])]),
        *(_clause(pages.policy, f"overlay.{one['overlay']}", one["term"], text_zh=one["banner_zh"]) for one in pages.overlays),
    ]
    return {one.clause_id: one for one in found}


def _check_benefits(pages: PlanPages, benefits: Sequence[Benefit], counting: MafCounting) -> None:
    rows = [row for tier in pages.tiers for row in tier["benefits"]]
    for row, earlier in zip(rows, accumulate(([one.code] for one in benefits), initial=[]), strict=False):
        if row["code"] in earlier:
            row.at("code").refuse(f"待遇代码 {row['code']} 重复", f"benefit {row['code']} stands twice")
    counters = [row for row in rows if row["counts_window_relief"]]
    if counters and counting is MafCounting.EARLIER_PAYER:
        counters[0].at("counts_window_relief").refuse(
            "maf_counts_as 为 earlier_payer 时不得再计窗口救助", "window relief is already an earlier payer"
        )
    if counting is MafCounting.SAME_BENEFIT and len(counters) != 1:
        pages.policy.at("maf_counts_as").refuse(
            "same_benefit 须有且只有一项待遇 counts_window_relief", "exactly one benefit must count window relief"
        )
    care = [row for row in rows if row["event"] == EventKind.CARE.value]
    if counters and care and counters[0] is not care[0]:
        counters[0].at("counts_window_relief").refuse(
            "计窗口救助的待遇须排在所有就医待遇之前", "the benefit that counts window relief must be the first that pays for care"
        )
