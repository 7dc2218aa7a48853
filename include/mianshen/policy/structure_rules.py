"""Rules of a policy counted by structure: what decides who gets relief, for what, when and in which order, constants taken out.

Each rule carries the policy without it. An example shows a rule when it comes out otherwise once the rule is gone; a rule that no
example needs is not shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from mianshen.core.identity import PLAIN_IDENTITY, IdentityRule, Tested
from mianshen.core.plan import Benefit, MafCounting, OrderChoice, Plan, Term
from mianshen.core.rates import BestOf, Condition, Rate
from mianshen.policy.structure import POSITION_ZH, demands


@dataclass(frozen=True, slots=True)
class Rule:
    """A decision that the policy takes, without its constants."""

    structure: str
    """The rule, the same text for the same structure."""
    clause_ids: tuple[str, ...]
    """Where it stands."""
    without: Plan
    """The policy as it would be without it."""


_TESTED_ZH = {Tested.SINCE: "入院日", Tested.UNTIL_ON: "出院日", Tested.SETTLED_ON: "结算日"}
_ABSENT_ZH = {"unknown": "等待", "zero": "视为没有支付", "provisional": "暂按没有支付计并标明"}


def rules_of(plan: Plan) -> tuple[Rule, ...]:
    """The rules of the policy in force, each structure once, in the order in which they are asked."""
    found = [*_of_time(plan), *_of_base(plan), *_of_people(plan), *_of_care(plan), *_of_conditions(plan), *_of_choice(plan)]
    merged: dict[str, Rule] = {}
    for one in found:
        merged.setdefault(one.structure, one)
    return tuple(merged.values())


def _where(plan: Plan, codes: Collection[str], **changes: Any) -> Plan:
    """The policy with these fields changed in the benefits that are named."""
    return replace(plan, benefits=tuple(replace(one, **changes) if one.code in codes else one for one in plan.benefits))


def _first_clause(benefit: Benefit) -> str:
    return benefit.rates[0].clause_id


def _of_time(plan: Plan) -> Iterator[Rule]:
    for ends, told in ((False, "费用发生日不早于起始日"), (True, "费用发生日在有效期内,期满自行停止")):
        of = [one for one in plan.benefits if (one.valid_until is not None) is ends]
        if of:
            always = _where(plan, {one.code for one in of}, valid_since=date.min, valid_until=None)
            yield Rule(told, ("term", _first_clause(of[0])), always)
    by_settlement = plan.benefit_year_by == "settlement"
    other = "discharge" if by_settlement else "settlement"
    yield Rule(f"救助年度按{'结算日' if by_settlement else '出院日'}", ("term",), replace(plan, benefit_year_by=other))


def _of_base(plan: Plan) -> Iterator[Rule]:
    bare = tuple(one for one in plan.base if one.sign > 0)
    yield Rule("先扣各前序支付方,余额不足零按零", ("base",), replace(plan, base=bare))
    for meaning, told in _ABSENT_ZH.items():
        if any(one.absent_means == meaning for one in plan.base):
            other = "zero" if meaning != "zero" else "unknown"
            terms = tuple(Term(one.field, one.sign, other) if one.absent_means == meaning else one for one in plan.base)
            yield Rule(f"支付方数据缺失时{told}", ("base",), replace(plan, base=terms))
    for place, scale in enumerate(plan.base_scales):
        rest = plan.base_scales[:place] + plan.base_scales[place + 1 :]
        yield Rule(f"{demands(scale.condition)}时基数按比例计", (scale.clause_id,), replace(plan, base_scales=rest))
    if plan.maf_counts_as is MafCounting.SAME_BENEFIT:
        apart = _where(plan, {one.code for one in plan.benefits}, counts_window_relief=False)
        yield Rule("窗口已付救助是本项待遇的预付,从应得中减去", ("maf_counts_as",), apart)
    else:
        kept = tuple(one for one in plan.base if one.field != "maf_pay")
        yield Rule("窗口已付救助是前序支付方,从基数中减去", ("maf_counts_as",), replace(plan, base=kept))


def _of_people(plan: Plan) -> Iterator[Rule]:
    written = tuple(one.clause_id for one in plan.clauses if one.clause_id.startswith("identity."))
    for rule in dict.fromkeys(one.identity for one in plan.categories):
        is_plain = rule == PLAIN_IDENTITY
        other = replace(rule, tested_on=(Tested.SETTLED_ON,)) if is_plain else PLAIN_IDENTITY
        of = tuple(replace(one, identity=other) if one.identity == rule else one for one in plan.categories)
        yield Rule(identity_structure(rule), ("term",) if is_plain else written, replace(plan, categories=of))
    for upgrade in plan.upgrades:
        rest = tuple(one for one in plan.upgrades if one != upgrade)
        yield Rule("兼有两种身份的视同第三种", (upgrade.clause_id,), replace(plan, upgrades=rest))


def identity_structure(rule: IdentityRule) -> str:
    """How a listed identity counts, without its numbers."""
    parts = [f"身份按{'、'.join(_TESTED_ZH[one] for one in rule.tested_on)}任一日"]
    told = {
        "按整月": rule.is_by_month,
        "丧失后按月末停止": rule.ends_after_months is not None,
        "自申请前若干月起": rule.reaches_back_months is not None,
        "一年一认定": rule.is_yearly,
        "须本县户籍,不明的算": rule.must_be_local and rule.unknown_is_local,
        "须本县户籍,不明的不算": rule.must_be_local and not rule.unknown_is_local,
    }
    return ";".join([*parts, *(words for words, holds in told.items() if holds)])


def _of_care(plan: Plan) -> Iterator[Rule]:
    for told, has in (("就医类别", (True, False)), ("病种", (False, True)), ("就医类别和病种", (True, True))):
        of = [one for one in plan.benefits if (bool(one.med_types), bool(one.dise_codes)) == has]
        if of:
            wide = _where(plan, {one.code for one in of}, med_types=(), dise_codes=())
            yield Rule(f"只管所列{told}", (_first_clause(of[0]),), wide)
    if plan.admission_med_types:
        yield Rule("住院次序按所列就医类别逐次数", ("base",), replace(plan, admission_med_types=("",)))


def _of_conditions(plan: Plan) -> Iterator[Rule]:
    for benefit in plan.benefits:
        for rate in benefit.rates:
            for words, condition in _conditional(rate):
                bare = tuple(_bare(one, words) if one == rate else one for one in benefit.rates)
                yield Rule(_when(condition, words), (rate.clause_id,), _where(plan, {benefit.code}, rates=bare))
        for modifier in benefit.modifiers:
            rest = tuple(one for one in benefit.modifiers if one != modifier)
            what = f"{POSITION_ZH[modifier.position]}{'加点' if modifier.factor_ppm is None else '打折'}"
            yield Rule(_when(modifier.condition, what), (modifier.clause_id,), _where(plan, {benefit.code}, modifiers=rest))


def _when(condition: Condition, what: str) -> str:
    return f"符合{demands(condition)}条件的{what}"


def _conditional(rate: Rate) -> Iterator[tuple[str, Condition]]:
    yield from (("另用比例", variant.condition) for bracket in rate.brackets for variant in bracket.variants)
    yield from (("免起付线", one) for one in rate.deductible.waived)
    yield from (("免封顶线", one) for cap in rate.caps for one in cap.waived)


def _bare(rate: Rate, words: str) -> Rate:
    """The rate without its conditions of one kind."""
    if words == "另用比例":
        return replace(rate, brackets=tuple(replace(one, variants=()) for one in rate.brackets))
    if words == "免起付线":
        return replace(rate, deductible=replace(rate.deductible, waived=()))
    return replace(rate, caps=tuple(replace(one, waived=()) for one in rate.caps))


def _of_choice(plan: Plan) -> Iterator[Rule]:
    yield from _of_the_best(plan)
    for bucket in plan.buckets:
        sharing = {one.code for one in plan.benefits if one.bucket_code == bucket.code}
        yield Rule("几项待遇共用一个年度额度", (bucket.clause_id,), _where(plan, sharing, bucket_code=None))
    if len(plan.benefits) > 1:
        turned = plan.benefits[:1] + plan.benefits[:0:-1]
        yield Rule("后一项只看前面剩下的", ("base",), replace(plan, benefits=turned, arrangements=()))
    orders = tuple(one.clause_id for one in plan.clauses if one.clause_id.startswith("orders."))
    groups = {frozenset(one): one for one in reversed(plan.arrangements)}
    if len(groups) < len(plan.arrangements):
        told = "首次支付时锁定" if plan.order_choice is OrderChoice.LOCKED else "年终择优"
        printed = tuple(reversed(groups.values()))
        yield Rule(f"各项先后择总额最高的次序,{told}", orders, replace(plan, arrangements=printed))
    if len(groups) > 1:
        yield Rule("互斥的几项只享受一项", orders, replace(plan, arrangements=()))


def _of_the_best(plan: Plan) -> Iterator[Rule]:
    several = [one for one in plan.benefits if len(one.rates) > 1]
    for choice, told in ((BestOf.RUNNING_MAXIMUM, "按全年累计的最高值"), (BestOf.ONE_CATEGORY, "全年只按一类")):
        of = [one for one in several if one.best_of is choice]
        if of:
            piled = tuple(part for one in plan.benefits for part in (_piled(one) if one in of else (one,)))
            without = replace(plan, benefits=piled, arrangements=())
            yield Rule(f"就高不重复,{told}", (_first_clause(of[0]),), without)


def _piled(benefit: Benefit) -> tuple[Benefit, ...]:
    """The benefit paying one category after the other, as if nothing were compared; all under its one code."""
    first, *others = (replace(benefit, rates=(one,)) for one in benefit.rates)
    return (first, *(replace(one, counts_window_relief=False) for one in others))
