"""What differs between two policies: which values, for whom, and what a person of the same burden gets under each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mianshen.core.money import show_yuan
from mianshen.core.plan import Benefit, Plan
from mianshen.core.rate_words import percent
from mianshen.core.rates import Below, Rate
from mianshen.policy.prove import FAR_FEN, breakpoints, relief_of

USUAL_FEN = (500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000)
"""Burdens of example persons beside the thresholds: 5,000 to 100,000 yuan."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs."""

    benefit_code: str
    """The benefit; empty for the policy as a whole."""
    category_code: str
    """The category; empty where it concerns all."""
    what_zh: str
    """Which value, in Chinese."""
    what_en: str
    """The same in English."""
    before: str
    """What it was; empty for none."""
    after: str
    """What it is; empty for none."""


@dataclass(frozen=True, slots=True)
class Affected:
    """A person who gets another sum."""

    benefit_code: str
    """The benefit."""
    category_code: str
    """The category that the person holds."""
    burden_fen: int
    """The person's burden of the year, in one claim."""
    before_fen: int
    """Relief under the first policy."""
    after_fen: int
    """Relief under the second."""


def differences(first: Plan, second: Plan) -> tuple[Difference, ...]:
    """Every value of the second policy that is not that of the first, in the order of the policies."""
    found = [*_of_whole(first, second)]
    one, other = _benefits(first), _benefits(second)
    for code in dict.fromkeys((*one, *other)):
        found += _of_benefit(code, one.get(code), other.get(code))
    return tuple(found)


def affected(first: Plan, second: Plan) -> tuple[Affected, ...]:
    """For each benefit and category that both rate, the example person with the largest change; none where no sum changes."""
    found = []
    for code, benefit in _benefits(second).items():
        before = _benefits(first).get(code)
        known = _rates(before)
        for category, rate in _rates(benefit).items():
            if before is None or category not in known:
                continue
            burdens = sorted({*breakpoints(known[category]), *breakpoints(rate), *USUAL_FEN} - {FAR_FEN})
            persons = [
                Affected(
                    code,
                    category,
                    burden,
                    relief_of(first, before, known[category], burden),
                    relief_of(second, benefit, rate, burden),
                )
                for burden in burdens
            ]
            most = max(persons, key=lambda one: (abs(one.after_fen - one.before_fen), one.burden_fen % 100 == 0, -one.burden_fen))
            found += [most] if most.after_fen != most.before_fen else []
    return tuple(found)


def _benefits(plan: Plan) -> dict[str, Benefit]:
    return {one.code: one for one in plan.benefits}


def _rates(benefit: Benefit | None) -> dict[str, Rate]:
    return {one.category_code: one for one in benefit.rates} if benefit else {}


def _of_whole(first: Plan, second: Plan) -> Iterator[Difference]:
    pairs = (
        ("基数", "base", _base(first), _base(second)),
        ("待遇年度", "benefit year by", first.benefit_year_by, second.benefit_year_by),
        ("窗口救助算作", "window relief counts as", first.maf_counts_as.value, second.maf_counts_as.value),
        ("待遇次序", "order of benefits", " → ".join(_benefits(first)), " → ".join(_benefits(second))),
    )
    yield from _differing("", "", pairs)


def _base(plan: Plan) -> str:
    return " ".join(f"{'+' if one.sign > 0 else '-'} {one.field} ({one.absent_means})" for one in plan.base)


def _of_benefit(code: str, before: Benefit | None, after: Benefit | None) -> Iterator[Difference]:
    if before is None or after is None:
        was, now = (one.name_zh if one else "" for one in (before, after))
        yield Difference(code, "", "待遇", "benefit", was, now)
        return
    pairs = [(zh, en, _said(getattr(before, name)), _said(getattr(after, name))) for name, zh, en in _OF_BENEFIT]
    yield from _differing(code, "", pairs)
    one, other = _rates(before), _rates(after)
    for category in dict.fromkeys((*one, *other)):
        yield from _of_rate(code, category, one.get(category), other.get(category))


_OF_BENEFIT = (
    ("name_zh", "名称", "name"),
    ("department_code", "部门", "department"),
    ("fund_code", "资金", "fund"),
    ("med_types", "医疗类别", "kinds of care"),
    ("dise_codes", "病种", "diseases"),
    ("valid_since", "起日", "first day"),
    ("valid_until", "止日", "first day no longer covered"),
    ("counts_window_relief", "窗口救助算作本项", "window relief was its advance"),
    ("rounding", "取整", "rounding"),
    ("modifiers", "调整", "modifiers"),
    ("best_of", "就高", "best of"),
    ("bucket_code", "共用额度", "shared purse"),
)


def _of_rate(code: str, category: str, before: Rate | None, after: Rate | None) -> Iterator[Difference]:
    if before is None or after is None:
        was, now = (_brackets(one) if one else "" for one in (before, after))
        yield Difference(code, category, "对象", "category", was, now)
        return
    pairs = (
        ("起付线", "deductible", _deductible(before), _deductible(after)),
        ("分段", "brackets", _brackets(before), _brackets(after)),
        ("封顶线", "caps", _caps(before), _caps(after)),
        ("分段读法", "reading of brackets", _form(before), _form(after)),
    )
    yield from _differing(code, category, pairs)


def _differing(code: str, category: str, pairs: Iterable[tuple[str, str, str, str]]) -> Iterator[Difference]:
    for zh, en, was, now in pairs:
        if was != now:
            yield Difference(code, category, zh, en, was, now)


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _deductible(rate: Rate) -> str:
    one = rate.deductible
    return (
        f"{' / '.join(map(show_yuan, one.amounts_fen))} {one.kind} {one.period}"
        + (f" {_said(one.waived)}" if one.waived else "")
        + (f" {one.below}" if one.below is not Below.SUM else "")
    )


def _brackets(rate: Rate) -> str:
    return "; ".join(
        f"{show_yuan(one.low_fen)}–{'' if one.high_fen is None else show_yuan(one.high_fen)} {percent(one.ratio_ppm)}"
        + (f" {_said(one.variants)}" if one.variants else "")
        + (f" = {show_yuan(one.lump_fen)}" if one.lump_fen is not None else "")
        for one in rate.brackets
    )


def _caps(rate: Rate) -> str:
    return "; ".join(
        f"{show_yuan(one.amount_fen)} {one.kind} {one.period}" + (" per day" if one.is_per_day else "") + _said(one.waived)
        for one in rate.caps
    )


def _form(rate: Rate) -> str:
    return f"{rate.form} {rate.brackets_on} {rate.bracket_period}"
