"""The Plan of a pack: tiers, benefits, rates and clauses in force on one day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mianshen.core.field_words import MONEY_ZH
from mianshen.core.identity import PLAIN_IDENTITY, IdentityRule
from mianshen.core.plan import Category, MafCounting, OrderChoice, Plan, Status, Term, Tier
from mianshen.policy.benefits import Known, accepted_breaks_of, benefit_of, buckets_of, service_package_of
from mianshen.policy.chainchecks import (
    check_active,
    check_admissions,
    check_between,
    check_buckets,
    check_codes,
    check_once,
    check_window_relief,
)
from mianshen.policy.dated import in_force
from mianshen.policy.identities import base_rounding_of, base_scales_of, identities_of, upgrades_of
from mianshen.policy.orders import arrangements_of
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
    counting = MafCounting(in_force(policy["maf_counts_as"], on=on).row["value"])
    base = _base(policy, counting, on=on)
    known = _known(pages, on=on)
    _add_general_clauses(known, pages)
    check_active(policy, [row for tier in pages.tiers for row in tier["benefits"]])
    paying = [(tier["tier"], row) for tier in pages.tiers for row in tier["benefits"] if row["active"]]
    rows = [row for _, row in paying]
    benefits = tuple(benefit_of(known, tier, row) for tier, row in paying)
    buckets = buckets_of(known, policy["buckets"])
    admissions = in_force(policy["admissions"], on=on).row["med_types"] if policy["admissions"] else ()
    check_codes(rows)
    check_window_relief(policy, rows, counting)
    check_buckets(rows, benefits, buckets)
    check_admissions(rows, benefits, admissions)
    check_once(rows, benefits, [(entry["since"], entry) for entries in _dated(policy, rows) for entry in entries[1:]])
    identities = identities_of(known, policy["identities"])
    upgrades = upgrades_of(known, policy["upgrades"])
    scales = base_scales_of(known, policy["base_scales"])
    arrangements, choice = arrangements_of(policy["orders"], benefits, known) if policy["orders"] else ((), OrderChoice.YEAR_END)
    check_between(rows, benefits, arrangements)
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
        categories=tuple(sorted((_category(one, identities) for one in pages.categories), key=lambda one: one.code)),
        clauses=tuple(known.clauses.values()),
        admission_med_types=admissions,
        buckets=buckets,
        arrangements=arrangements,
        order_choice=choice,
        accepted_breaks=tuple(one for row in rows for one in accepted_breaks_of(known, row)),
        january_day=_january_day(known, policy),
        service_package_fen=service_package_of(known, policy, rows),
        upgrades=upgrades,
        base_scales=scales,
        base_rounding=base_rounding_of(known, policy["base_rounding"]),
    )


def _january_day(known: Known, policy: Row) -> int:
    """The day of January on which a past benefit year is settled."""
    if not policy["january_day"]:
        return 1
    value = in_force(policy["january_day"], on=known.on)
    day: int = value.row["value"]
    if not 1 <= day <= 31:
        value.row.at("value").refuse(f"1月没有 {day} 日", f"January has no day {day}")
    known.clause(f"january_day.{value.since}", value.row, text_zh=value.row["text_zh"])
    return day


def _known(pages: PlanPages, *, on: date) -> Known:
    return Known(
        on=on,
        term=pages.term,
        documents=pages.policy["documents"],
        categories=frozenset(one["code"] for one in pages.categories),
        marks=frozenset(one["code"] for one in pages.categories if one["is_mark"]),
        departments=pages.departments,
        funds=pages.funds,
        standards={one["code"]: one for one in pages.policy["standards"]},
        buckets={one["code"]: one for one in pages.policy["buckets"]},
        clauses={},
    )


def _dated(policy: Row, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Every dated value of the policy and its benefits."""
    yield from (policy[key] for key in ("benefit_year_by", "maf_counts_as", "base"))
    yield from (policy[key] for key in ("admissions", "orders", "base_rounding", "january_day", "service_package") if policy[key])
    yield from (one["values"] for one in (*policy["buckets"], *policy["base_scales"], *policy["standards"]))
    for row in rows:
        yield row["covers"]
        yield from (row[key] for key in ("rounding", "best_of") if row[key])
        yield from (one["values"] for one in (*row["table"], *row["modifiers"]))


def _category(row: Row, identities: Mapping[str, IdentityRule]) -> Category:
    return Category(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        department_code=row["department"],
        status=Status(row["status"]),
        is_mark=row["is_mark"],
        identity=identities.get(row["code"], PLAIN_IDENTITY),
    )


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


def _add_general_clauses(known: Known, pages: PlanPages) -> None:
    """Clauses that stand behind every amount: the term, the base, what window relief counts as, the overlays."""
    term, policy = pages.term, pages.policy
    until = f",{term['until']} 前" if term["until"] else ""
    known.clause("term", term, text_zh=f"费用发生日自 {term['since']} 起{until}。", status=term["date_status"])
    base = in_force(policy["base"], on=known.on).row
    words = [f"{'加' if one['sign'] == 'plus' else '减'}{MONEY_ZH.get(one['field'], one['field'])}" for one in base["terms"]]
    counted = "、".join(words)
    known.clause("base", base, text_zh=f"合规自付:{counted.removeprefix('加')}。")
    counting = in_force(policy["maf_counts_as"], on=known.on).row
    known.clause("maf_counts_as", counting, text_zh=_MAF_ZH[MafCounting(counting["value"])])
    for one in pages.overlays:
        if one["term"] is not None:
            known.clause(f"overlay.{one['overlay']}", one["term"], text_zh=one["banner_zh"])
