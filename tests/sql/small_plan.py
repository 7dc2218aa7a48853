"""A policy of a few benefits for tests: what is not said is nothing."""

from __future__ import annotations

from datetime import date

from mianshen.core.plan import Benefit, Category, Clause, EventKind, MafCounting, Plan, Status, Term, Tier
from mianshen.core.rates import Bracket, Cap, Deductible, Rate

SINCE = date(2024, 1, 1)


def rate(category: str, ppm: int, *, deductible: int = 0, cap: int | None = None) -> Rate:
    """One bracket."""
    caps = () if cap is None else (Cap(cap),)
    return Rate(category, Deductible((deductible,)), (Bracket(0, None, ppm),), caps, f"clause.{category.lower()}.{ppm}")


def benefit(code: str, *rates: Rate, kind: EventKind = EventKind.CARE, window: bool = False, since: date = SINCE) -> Benefit:
    """A benefit of every kind of care."""
    words = (code, code, code, f"tier_{code}", f"department_{code}", "fund")
    return Benefit(*words, kind, (), (), rates, since, None, window)


def plan(*benefits: Benefit, maf: MafCounting = MafCounting.EARLIER_PAYER) -> Plan:
    """A policy whose base is the in-scope cost, less window relief when that is an earlier payer."""
    codes = sorted({one.category_code for made in benefits for one in made.rates})
    earlier = (Term("maf_pay", -1, "zero"),) if maf is MafCounting.EARLIER_PAYER else ()
    return Plan(
        pack="small",
        county_code="100999",
        county_name_zh="虚构县",
        in_force_on=date(2026, 10, 31),
        policy_hash="0" * 64,
        benefit_year_by="settlement",
        base=(Term("inscp_scp_amt", 1, "unknown"), *earlier),
        maf_counts_as=maf,
        tiers=tuple(Tier(one.tier_code, one.tier_code, one.tier_code) for one in benefits),
        benefits=benefits,
        categories=tuple(Category(code, code, code, "civil_affairs", Status.ILLUSTRATIVE) for code in codes),
        clauses=tuple(Clause(one.clause_id, "small", "1", "一", Status.ILLUSTRATIVE) for made in benefits for one in made.rates),
    )
