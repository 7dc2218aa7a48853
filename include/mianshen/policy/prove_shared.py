"""What of a policy can never come to pass beside the numbers of a rate: conditions that no claim fits, modifiers that change
nothing, purses that nobody shares or fills. Part of `mianshen policy prove`."""

from __future__ import annotations

from collections.abc import Iterator

from mianshen.core.money import PPM, show_yuan
from mianshen.core.plan import Benefit, Bucket, Plan
from mianshen.core.rates import CapKind, Condition, Period, Rate

Idle = tuple[str, str, str, str]
"""Benefit, category, and what never comes to pass, in Chinese and English."""
NEVER_ZH = "的条件永远不成立:本待遇不会遇到这样的费用。"
"""What is said of a condition that no claim fits."""


def idle_of(benefit: Benefit) -> Iterator[Idle]:
    """Conditions and modifiers of a benefit that change nothing for anybody."""
    for place, one in enumerate(benefit.modifiers, 1):
        if never_fits(one.condition, benefit):
            yield (
                benefit.code,
                "",
                f"第 {place} 个调整{NEVER_ZH}",
                f"modifier {place} never fits",
            )
        elif one.factor_ppm == PPM or one.add_ppm == 0:
            yield benefit.code, "", f"第 {place} 个调整什么也不改变。", f"modifier {place} changes nothing"
    for rate in benefit.rates:
        for what, what_en, condition in _conditions(rate):
            if never_fits(condition, benefit):
                yield (
                    benefit.code,
                    rate.category_code,
                    f"{what}{NEVER_ZH}",
                    f"{what_en} never fits",
                )


def _conditions(rate: Rate) -> Iterator[tuple[str, str, Condition]]:
    for one in rate.deductible.waived:
        yield "免起付线", "the waiver of the deductible", one
    for bracket in rate.brackets:
        for variant in bracket.variants:
            yield "另定比例", "a ratio by condition", variant.condition
    for cap in rate.caps:
        for one in cap.waived:
            yield "不受封顶", "the waiver of a cap", one


def never_fits(condition: Condition, benefit: Benefit) -> bool:
    """Whether no claim that the benefit covers can be what the condition asks for."""
    if condition.med_types and benefit.med_types and not set(condition.med_types) & set(benefit.med_types):
        return True
    if condition.dise_codes and benefit.dise_codes and not _may_share(condition.dise_codes, benefit.dise_codes):
        return True
    if condition.since is not None and benefit.valid_until is not None and condition.since >= benefit.valid_until:
        return True
    return condition.until is not None and condition.until <= benefit.valid_since


def _may_share(codes: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether a disease code may begin with one of each."""
    return any(one.startswith(other) or other.startswith(one) for one in codes for other in others)


def idle_purses(plan: Plan) -> Iterator[tuple[bool, str, str, str]]:
    """Purses that do nothing: whether it is one that is never filled, its category, and what is wrong, Chinese and English."""
    for purse in plan.buckets:
        sharing = [one for one in plan.benefits if one.bucket_code == purse.code]
        if len(sharing) < 2:
            yield (
                False,
                "",
                f"{_named(purse)}只有 {len(sharing)} 项待遇使用。",
                f"{purse.code} is not shared",
            )
            continue
        yield from _of_bounds(purse, sharing)


def _of_bounds(purse: Bucket, sharing: list[Benefit]) -> Iterator[tuple[bool, str, str, str]]:
    for category, bound in purse.amounts_fen:
        rates = [rate for one in sharing for rate in one.rates if rate.category_code == category]
        if not rates:
            yield (
                False,
                category,
                f"{_named(purse)}写了【{category}】,各项待遇都没有这一类。",
                f"{purse.code}: nothing rates it",
            )
        elif bound == 0:
            yield (
                False,
                category,
                f"{_named(purse)}对【{category}】是 0 元。",
                f"{purse.code} holds nothing",
            )
        else:
            most = [_most_a_year(one) for one in rates]
            known = [one for one in most if one is not None]
            if len(known) == len(most) and sum(known) < bound:
                zh = f"{_named(purse)}对【{category}】的 {show_yuan(bound)} 元用不满:封顶合计 {show_yuan(sum(known))} 元。"
                yield True, category, zh, f"{purse.code} is never filled"


def _named(purse: Bucket) -> str:
    return f"共用额度“{purse.name_zh}”"


def _most_a_year(rate: Rate) -> int | None:
    """The lowest cap of the year; None where many claims may bring any sum."""
    caps = (one.amount_fen for one in rate.caps if one.period is Period.YEAR and one.kind is CapKind.CLIP and not one.waived)
    return min(caps, default=None)
