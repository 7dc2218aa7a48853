"""A policy without holes, proven: no gap, no overlap, no dead rule, more cost never less relief, caps in reach, never above cost.

Relief of one category from one benefit, over the burden of one claim, is linear between few points: deductible, bounds of
brackets, and where a cap begins to hold. The reference is asked at each and one fen before and after: nothing lies between.
Benefits that follow each other keep what each of them keeps: what is left never falls faster than the burden rises.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from mianshen.core.identity import PLAIN_IDENTITY
from mianshen.core.money import PPM, show_yuan
from mianshen.core.plan import Benefit, MafCounting, Plan
from mianshen.core.rates import Bracket, BracketsOn, Cap, CapKind, DeductibleKind, Form, Period, Rate
from mianshen.core.spans import Span
from mianshen.policy.arrange import Decided
from mianshen.policy.calculator import assess_person
from mianshen.policy.claims import Claim, IdentitySpan
from mianshen.policy.prove_shared import idle_of, idle_purses

FAR_FEN = 10**12
"""Ten thousand million yuan: beyond every threshold of a county."""


class Hole(StrEnum):
    """What can be wrong with a policy."""

    GAP = "gap"
    OVERLAP = "overlap"
    DEAD = "dead"
    FALLS = "falls"
    CAP_UNREACHABLE = "cap_unreachable"
    ABOVE_COST = "above_cost"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Finding:
    """One hole, with a person who falls into it."""

    hole: Hole
    """What is wrong."""
    benefit_code: str
    """The benefit; empty for the policy as a whole."""
    category_code: str
    """The category; empty where it does not matter."""
    zh: str
    """What is wrong and who shows it, in Chinese."""
    en: str
    """The same in English, shorter."""


def prove(plan: Plan) -> tuple[Finding, ...]:
    """Every hole of the policy in force that its pages do not accept, in the order of the policy; empty when the proof holds.

    What is accepted and is not there is a hole as well: an acceptance that outlived its document.
    """
    found = holes(plan)
    accepted = {(one.hole, one.benefit_code, one.category_code) for one in plan.accepted_breaks}
    left = [one for one in found if (one.hole, one.benefit_code, one.category_code) not in accepted]
    there = {(one.hole.value, one.benefit_code, one.category_code) for one in found}
    for hole, benefit, category in sorted(accepted - there):
        zh = f"待遇 {benefit}【{category}】写明接受 {hole},但没有这样的漏洞:请删去 accepted_breaks 的这一条。"
        left.append(Finding(Hole.DEAD, benefit, category, zh, f"accepts {hole}, which is not there"))
    return tuple(left)


def holes(plan: Plan) -> tuple[Finding, ...]:
    """Every hole, accepted ones included."""
    found = list(_of_plan(plan))
    found += [Finding(Hole.CAP_UNREACHABLE if is_cap else Hole.DEAD, "", *told) for is_cap, *told in idle_purses(plan)]
    for place, benefit in enumerate(plan.benefits):
        found += _of_benefit(plan, benefit, place)
        found += [
            Finding(Hole.DEAD, code, category, f"{benefit.name_zh}:{zh}", en) for code, category, zh, en in idle_of(benefit)
        ]
        for rate in benefit.rates:
            numbers = list(_of_numbers(benefit, rate))
            found += numbers or [*_of_curve(plan, benefit, rate), *_of_reach(plan, benefit, rate)]
    return tuple(found)


def relief_of(plan: Plan, benefit: Benefit, rate: Rate, burden_fen: int) -> int:
    """What the reference gives a person who counts as this category for one claim of this burden, from this benefit alone.

    The year is over, so that what January brings is in it. The burden is what counts of a claim: no share is taken of it.
    """
    alone = replace(benefit, rates=(rate,), counts_window_relief=False, bucket_code=None, modifiers=())
    listed = tuple(replace(one, identity=PLAIN_IDENTITY) for one in plan.categories)
    single = replace(
        plan,
        benefits=(alone,),
        arrangements=(),
        maf_counts_as=MafCounting.EARLIER_PAYER,
        categories=listed,
        upgrades=(),
        base_scales=(),
        service_package_fen=burden_fen,
    )
    day = benefit.valid_since
    amounts: dict[str, int | None] = dict.fromkeys([*(one.field for one in plan.base), "maf_pay"], 0)
    amounts[next(one.field for one in plan.base if one.sign > 0)] = burden_fen
    claim = Claim(
        event_id="1",
        kind=benefit.event_kind,
        benefit_year=day.year,
        since=day,
        until_on=day,
        settled_on=day,
        med_type=next(iter(benefit.med_types), None),
        dise_code=next(iter(benefit.dise_codes), None),
        amounts_fen=amounts,
        fee_fen=burden_fen,
    )
    span = IdentitySpan(rate.category_code, Span(date.min, None))
    return assess_person(single, events=[claim], spans=[span], decided=Decided(on=date.max)).total_fen()


def breakpoints(rate: Rate) -> tuple[int, ...]:
    """The burdens at which the relief of one claim may bend or leap, each with its neighbours, and one far beyond; sorted."""
    deductible = rate.deductible.amounts_fen[0]
    shift = deductible if rate.brackets_on is BracketsOn.EXCESS and rate.deductible.kind is DeductibleKind.SUBTRACTED else 0
    bounds = {one.low_fen for one in rate.brackets} | {one.high_fen for one in rate.brackets if one.high_fen is not None}
    bends = {0, deductible, *(shift + one for one in bounds)}
    for cap in rate.caps:
        bends |= set(_where_reached(rate, cap.amount_fen, shift))
    near = {max(0, point + step) for point in bends for step in (-1, 0, 1)}
    return tuple(sorted(near | {FAR_FEN}))


def _where_reached(rate: Rate, aim_fen: int, shift: int) -> Iterator[int]:
    """Burdens around which marginal brackets bring so much."""
    weight, need = 0, aim_fen * PPM
    for one in rate.brackets:
        length = (FAR_FEN if one.high_fen is None else one.high_fen) - one.low_fen
        if one.ratio_ppm > 0 and weight <= need <= weight + length * one.ratio_ppm:
            yield shift + one.low_fen + (need - weight) // one.ratio_ppm
        if one.ratio_ppm > 0 and rate.form is Form.BANDS:
            yield need // one.ratio_ppm
        weight += length * one.ratio_ppm


def _of_plan(plan: Plan) -> Iterator[Finding]:
    if not any(one.sign > 0 for one in plan.base):
        yield Finding(Hole.DEAD, "", "", "基数没有加项,任何人的合规自付都是 0。", "the base has no positive term")
    fields = [one.field for one in plan.base]
    for name in sorted({one for one in fields if fields.count(one) > 1}):
        yield Finding(Hole.OVERLAP, "", "", f"基数两次计入 {name}:同一笔钱加减两次。", f"{name} stands twice in the base")
    codes = [one.code for one in plan.benefits]
    for code in sorted({one for one in codes if codes.count(one) > 1}):
        yield Finding(Hole.OVERLAP, code, "", f"待遇 {code} 写了两次,同一笔费用救助两次。", f"benefit {code} stands twice")
    rated = {rate.category_code for benefit in plan.benefits for rate in benefit.rates}
    for category in plan.categories:
        if category.code not in rated and not getattr(category, "is_mark", False):
            zh = f"【{category.name_zh}】没有任何待遇:属于这一类的人,无论自付多少都得不到救助。"
            yield Finding(Hole.GAP, "", category.code, zh, f"no benefit rates {category.code}")


def _of_benefit(plan: Plan, benefit: Benefit, place: int) -> Iterator[Finding]:
    if benefit.valid_until is not None and benefit.valid_until <= benefit.valid_since:
        zh = f"{benefit.name_zh}:自 {benefit.valid_since} 起、至 {benefit.valid_until} 前,没有一天有效。"
        yield Finding(Hole.DEAD, benefit.code, "", zh, "no day lies in its validity")
    if not benefit.rates:
        yield Finding(Hole.DEAD, benefit.code, "", f"{benefit.name_zh}:没有任何一类对象。", "it rates no category")
    known = {one.code for one in plan.categories}
    codes = [one.category_code for one in benefit.rates]
    for code in sorted(set(codes) - known):
        yield Finding(
            Hole.DEAD, benefit.code, code, f"{benefit.name_zh}:{code} 不是该政策的对象类别,无人适用。", "unknown category"
        )
    for code in sorted({one for one in codes if codes.count(one) > 1}):
        yield Finding(Hole.OVERLAP, benefit.code, code, f"{benefit.name_zh}:{code} 有两套标准,不知用哪一套。", "rated twice")
    for rate in benefit.rates:
        before = next((one for one in plan.benefits[:place] if _leaves_nothing(one, benefit, rate.category_code)), None)
        if before is not None:
            zh = f"{benefit.name_zh}:【{rate.category_code}】的自付已由{before.name_zh}全额救助,轮到本项时总是 0 元。"
            yield Finding(Hole.DEAD, benefit.code, rate.category_code, zh, f"{before.code} leaves nothing")


def _leaves_nothing(before: Benefit, benefit: Benefit, category: str) -> bool:
    """Whether the earlier benefit pays everything that this one covers for the category."""
    lasts = before.valid_until is None or (benefit.valid_until is not None and benefit.valid_until <= before.valid_until)
    if before.event_kind is not benefit.event_kind or before.valid_since > benefit.valid_since or not lasts:
        return False
    if before.med_types and not (benefit.med_types and set(benefit.med_types) <= set(before.med_types)):
        return False
    codes = benefit.dise_codes
    if before.dise_codes and not (codes and all(one.startswith(before.dise_codes) for one in codes)):
        return False
    return any(_is_whole(one) for one in before.rates if one.category_code == category)


def _is_whole(rate: Rate) -> bool:
    """Whether the rate pays the whole burden."""
    is_open = bool(rate.brackets) and rate.brackets[-1].high_fen is None and all(one.ratio_ppm == PPM for one in rate.brackets)
    return is_open and not rate.caps and not any(rate.deductible.amounts_fen)


def _of_numbers(benefit: Benefit, rate: Rate) -> Iterator[Finding]:
    """Faults of the printed numbers themselves: parts left out or counted twice, numbers out of range."""
    for hole, zh, en in (*_of_brackets(rate), *_of_bounds(rate)):
        yield Finding(hole, benefit.code, rate.category_code, f"{benefit.name_zh}【{rate.category_code}】:{zh}", en)


def _of_brackets(rate: Rate) -> Iterator[tuple[Hole, str, str]]:
    if not rate.brackets:
        yield Hole.GAP, "没有任何一段。", "no bracket at all"
    reached = 0
    for one in rate.brackets:
        low, known = show_yuan(one.low_fen), show_yuan(reached)
        if one.low_fen > reached:
            yield Hole.GAP, f"{known} 元至 {low} 元之间没有比例:这一段的自付得不到救助。", f"nothing from {known} to {low}"
        elif one.low_fen < reached:
            yield Hole.OVERLAP, f"{low} 元至 {known} 元有两个比例:这一段的自付救助两次。", f"two ratios from {low} to {known}"
        yield from _of_bracket(one)
        reached = FAR_FEN if one.high_fen is None else max(reached, one.high_fen)


def _of_bracket(one: Bracket) -> Iterator[tuple[Hole, str, str]]:
    low, per_hundred = show_yuan(one.low_fen), show_yuan(abs(one.ratio_ppm) * 10_000 // PPM)
    if one.high_fen is not None and one.high_fen <= one.low_fen:
        yield Hole.DEAD, f"自 {low} 元至 {show_yuan(one.high_fen)} 元的一段是空的。", "an empty bracket"
    if one.ratio_ppm < 0:
        yield Hole.FALLS, f"自 {low} 元起比例为负:多花 100.00 元,反而少得 {per_hundred} 元。", "a negative ratio"
    if one.ratio_ppm > PPM:
        yield Hole.ABOVE_COST, f"自 {low} 元起比例超过 100%:多花 100.00 元,多得 {per_hundred} 元。", "a ratio above 100 %"


def _of_bounds(rate: Rate) -> Iterator[tuple[Hole, str, str]]:
    if any(one < 0 for one in rate.deductible.amounts_fen):
        yield Hole.NUMBER, "起付线为负:没有自付的人也得救助。", "a negative deductible"
    if any(one.amount_fen < 0 for one in rate.caps):
        yield Hole.NUMBER, "封顶线为负:救助成了欠款。", "a negative cap"


def _of_curve(plan: Plan, benefit: Benefit, rate: Rate) -> Iterator[Finding]:
    """The relief over the burden: never less for more, never above it."""
    before_burden = before_relief = 0
    for burden in breakpoints(rate):
        relief = relief_of(plan, benefit, rate, burden)
        who = f"{benefit.name_zh}【{rate.category_code}】:一个人自付 {show_yuan(burden)} 元,救助 {show_yuan(relief)} 元"
        if relief > burden:
            yield Finding(Hole.ABOVE_COST, benefit.code, rate.category_code, f"{who},高于自付。", "relief above the burden")
            return
        if relief < before_relief:
            zh = f"{who};少花 {show_yuan(burden - before_burden)} 元却能得 {show_yuan(before_relief)} 元。"
            yield Finding(Hole.FALLS, benefit.code, rate.category_code, zh, "more cost gives less relief")
            return
        before_burden, before_relief = burden, relief


def _of_reach(plan: Plan, benefit: Benefit, rate: Rate) -> Iterator[Finding]:
    """What no person ever meets: a rate that pays nothing, a cap out of reach, a bracket behind the cap."""

    def finding(hole: Hole, zh: str, en: str) -> Finding:
        return Finding(hole, benefit.code, rate.category_code, f"{benefit.name_zh}【{rate.category_code}】:{zh}", en)

    most = relief_of(plan, benefit, rate, FAR_FEN)
    if not any(relief_of(plan, benefit, rate, burden) for burden in breakpoints(rate)):
        yield finding(Hole.DEAD, f"自付 {show_yuan(FAR_FEN)} 元的人也得不到救助。", "it never pays")
        return
    if rate.form is not Form.MARGINAL or any(one.kind is not CapKind.CLIP or one.is_per_day for one in rate.caps):
        return
    for cap in rate.caps:
        if most < cap.amount_fen and not _fills_up(cap, rate.caps):
            zh = f"封顶线 {show_yuan(cap.amount_fen)} 元永远达不到:自付再多也只救助 {show_yuan(most)} 元。"
            yield finding(Hole.CAP_UNREACHABLE, zh, "no burden reaches the cap")
    bound = min((one.amount_fen for one in rate.caps), default=None)
    weight = 0
    for one in rate.brackets[:-1] if bound is not None else ():
        weight += ((one.high_fen or FAR_FEN) - one.low_fen) * one.ratio_ppm
        if bound is not None and weight >= bound * PPM:
            zh = f"自 {show_yuan(one.high_fen or 0)} 元起的一段用不上:到那里已达封顶线 {show_yuan(bound)} 元。"
            yield finding(Hole.DEAD, zh, "a bracket behind the cap")
            return


def _fills_up(cap: Cap, caps: Sequence[Cap]) -> bool:
    """Whether one claim cannot reach the cap because a cap of a shorter period holds it, and many claims can."""
    periods = list(Period)
    return any(periods.index(one.period) < periods.index(cap.period) and one.amount_fen < cap.amount_fen for one in caps)
