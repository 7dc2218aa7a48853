"""A law of confirmations without holes: for each item somebody is confirmed, each rule refuses somebody whom no other refuses.

Each item is asked for by a person who meets every demand; then one fact after the other is taken away. Rules are conjunctions of
facts that are either there or not, so nothing lies between.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from mianshen.core.spans import Span
from mianshen.policy.eligibility import Applicant, Confirmation, Demand, EligibilityRule, Evidence, decide
from mianshen.policy.eligibility_pages import EligibilityPack
from mianshen.policy.prove import Finding, Hole

NOWHERE = "-"
"""An item, insurance or insurer that no law names."""


def prove_eligibility(pack: EligibilityPack, *, on: date) -> tuple[Finding, ...]:
    """Every hole of the law on the day; empty when the proof holds."""
    return tuple(found for one in pack.confirmations for found in _of(pack, one, on))


def _of(pack: EligibilityPack, confirmation: Confirmation, on: date) -> Iterator[Finding]:
    passing = [one for item in confirmation.items if (one := _passing(pack, confirmation, item, on)) is not None]
    for item in sorted(set(confirmation.items) - {one.item for one in passing}):
        zh = f"{confirmation.name_zh}:{item} 没有人能符合，各项要求互相矛盾。"
        yield Finding(Hole.GAP, confirmation.code, item, zh, f"nobody can be confirmed for {item}")
    if not passing:
        return
    for rule in confirmation.rules:
        others = [one.code for one in confirmation.rules if one is not rule]
        if rule.code in others:
            yield Finding(Hole.OVERLAP, confirmation.code, rule.code, f"原因 {rule.code} 写了两次。", f"{rule.code} stands twice")
        if not any(_refuses_alone(pack, confirmation, rule, one) for one in passing):
            zh = f"{confirmation.name_zh}:{rule.code} 用不上，没有人只因它不符合。"
            yield Finding(Hole.DEAD, confirmation.code, rule.code, zh, "nobody is refused for it alone")


def _passing(pack: EligibilityPack, confirmation: Confirmation, item: str, on: date) -> Applicant | None:
    """A person who is confirmed for the item; None when no kind of insurance brings one."""
    demands = [one.demand for one in confirmation.rules]
    kinds = {kind for one in demands for kind in (*one.insutypes, *(name for name, _ in one.items_by_insutype))}
    for kind in sorted(kinds) or [NOWHERE]:
        found = _meeting(demands, Applicant(on=on, benefit_year=on.year, item=item, insutype=kind))
        if decide(confirmation, found, earlier_years=pack.earlier_years).is_confirmed:
            return found
    return None


def _meeting(demands: list[Demand], applicant: Applicant) -> Applicant:
    """The applicant with every fact that a demand asks for."""
    return replace(
        applicant,
        insured_at=next((one.insured_at[0] for one in demands if one.insured_at), None),
        listed=tuple((one.holds_any[0], Span(date.min, None)) for one in demands if one.holds_any),
        earlier=tuple((one.earlier_items[0], applicant.benefit_year - 1) for one in demands if one.earlier_items),
        evidence=tuple(
            Evidence(applicant.on, one.evidence_level, next(iter(one.evidence_kinds), NOWHERE))
            for one in demands
            if one.evidence_months is not None
        ),
        materials=frozenset(code for one in demands for code in (*one.materials, *one.materials_any)),
    )


def _refuses_alone(pack: EligibilityPack, confirmation: Confirmation, rule: EligibilityRule, passing: Applicant) -> bool:
    return any(
        [it.code for it in decide(confirmation, one, earlier_years=pack.earlier_years).refusals] == [rule.code]
        for one in _without(rule.demand, passing)
    )


def _without(demand: Demand, passing: Applicant) -> Iterator[Applicant]:
    """The person without each fact that the demand asks for."""
    taken = (
        (demand.insured_at, replace(passing, insured_at=NOWHERE)),
        (demand.insutypes, replace(passing, insutype=NOWHERE)),
        (demand.holds_any, replace(passing, listed=())),
        (demand.items_by_insutype, replace(passing, item=NOWHERE)),
        (demand.earlier_items, replace(passing, earlier=())),
        (demand.evidence_months is not None, replace(passing, evidence=())),
        (demand.materials, replace(passing, materials=passing.materials - set(demand.materials))),
        (demand.materials_any, replace(passing, materials=passing.materials - set(demand.materials_any))),
    )
    yield from (without for is_asked, without in taken if is_asked)
