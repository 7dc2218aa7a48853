"""Formulas of a policy counted by structure: what stays of a rate when every constant is taken out, written as a formula.

Two rates have one structure when they differ only in amounts, ratios, days and codes. A step whose constant makes it do nothing
(a deductible of 0, no cap) is no part of it. x is the in-scope burden, d a deductible, r a ratio, c a cap, f a factor, p points.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from mianshen.core.plan import Benefit, EventKind, Plan
from mianshen.core.rate_words import PERIOD_ZH
from mianshen.core.rates import (
    PLAIN_ROUNDING,
    Below,
    Bracket,
    BracketsOn,
    Cap,
    CapKind,
    Condition,
    Deductible,
    DeductibleKind,
    Form,
    Modifier,
    Period,
    Position,
    Rate,
    RoundingMode,
)

CONDITION_ZH = {
    "med_types": "就医类别",
    "dise_codes": "病种",
    "hosp_levels": "医院级别",
    "care_places": "就医地",
    "is_referred": "转诊",
    "marks": "身份",
    "since": "起日",
    "until": "止日",
}
"""What a clerk reads for a part of a condition."""
POSITION_ZH = {Position.BEFORE_CAP: "封顶前", Position.AFTER_CAP: "封顶后"}
"""What a clerk reads for where a modifier stands."""
_ROUNDED_ZH = {
    RoundingMode.HALF_UP: "四舍五入",
    RoundingMode.HALF_EVEN: "四舍六入五成双",
    RoundingMode.DOWN: "舍尾",
    RoundingMode.UP: "进位",
}


@dataclass(frozen=True, slots=True)
class Formula:
    """A way to reckon relief, without its constants."""

    structure: str
    """The formula, the same text for the same structure."""
    places: tuple[tuple[str, str], ...]
    """(benefit code, clause id) of every rate that has it, in the order of the policy."""


def formulas_of(plan: Plan) -> tuple[Formula, ...]:
    """The formulas of the policy in force, each structure once, in the order in which it first stands."""
    found: dict[str, list[tuple[str, str]]] = {}
    for benefit in plan.benefits:
        for rate in benefit.rates:
            places = found.setdefault(formula(benefit, rate), [])
            if (benefit.code, rate.clause_id) not in places:
                places.append((benefit.code, rate.clause_id))
    return tuple(Formula(structure, tuple(places)) for structure, places in found.items())


_START_ZH = {EventKind.CARE: "自付 x", EventKind.ENROLMENT: "缴费 x", EventKind.SERVICE: "服务包 x"}


def formula(benefit: Benefit, rate: Rate) -> str:
    """What stays of one rate when every constant is taken out."""
    start = _START_ZH[benefit.event_kind]
    before = _modified(benefit.modifiers, Position.BEFORE_CAP)
    after = _modified(benefit.modifiers, Position.AFTER_CAP)
    steps = [start, *_deductible(rate.deductible), _brackets(rate), *before, *_rounded(benefit), *map(_cap, rate.caps), *after]
    return " → ".join(steps)


def demands(condition: Condition) -> str:
    """Which parts a condition asks for, without their values."""
    names = [one.name for one in fields(condition) if getattr(condition, one.name) not in ((), None)]
    return "+".join(CONDITION_ZH[name] for name in names)


_BELOW_ZH = {Below.SUM: "", Below.WHOLE: ",全年未超过的次年1月不减", Below.CLOSED: ",全年未超过的次年1月结案"}


def _deductible(one: Deductible) -> Sequence[str]:
    if not any(one.amounts_fen):
        return ()
    period = PERIOD_ZH[one.period]
    if one.kind is DeductibleKind.GATE:
        opens = ">" if one.opens_above else "≥"
        return (f"{period}门槛 x {opens} d 时全额{_waived(one.waived, '免门槛')}",)
    steps = "d" if len(one.amounts_fen) == 1 else f"d1…d{len(one.amounts_fen)}(按住院次序)"
    whole = _BELOW_ZH[one.below]
    return (f"减 {steps}({period}){whole}{_waived(one.waived, '免起付')}",)


def _brackets(rate: Rate) -> str:
    parts = [_part(one, place) for place, one in enumerate(rate.brackets, 1)]
    if len(parts) == 1 and rate.form is Form.MARGINAL:
        return f"× {_part(rate.brackets[0], None)}"
    period = PERIOD_ZH[rate.bracket_period]
    on = "自付" if rate.brackets_on is BracketsOn.AMOUNT else "余额"
    how = "全额按所在档" if rate.form is Form.BANDS else "分段"
    return f"{how}({period}{on}):{'、'.join(parts)}"


def _part(one: Bracket, place: int | None) -> str:
    number = "" if place is None else str(place)
    if one.lump_fen is not None:
        return f"定额 e{number}"
    variants = [f"{demands(variant.condition)}时 r{number}{'′' * count}" for count, variant in enumerate(one.variants, 1)]
    return f"r{number}" + (f"[{';'.join(variants)}]" if variants else "")


def _modified(modifiers: Iterable[Modifier], position: Position) -> Sequence[str]:
    return [
        f"{POSITION_ZH[position]}{demands(one.condition)}时 {'× f' if one.add_ppm is None else '+ p'}"
        for one in modifiers
        if one.position is position
    ]


def _rounded(benefit: Benefit) -> Sequence[str]:
    one = benefit.rounding
    if (one.mode, one.period) == (PLAIN_ROUNDING.mode, PLAIN_ROUNDING.period):
        return ()
    return (f"{PERIOD_ZH[one.period]}{_ROUNDED_ZH[one.mode]}",)


def _cap(one: Cap) -> str:
    bound = "c × 天数" if one.is_per_day else "c"
    period = PERIOD_ZH[Period.CLAIM if one.is_per_day else one.period]
    kind = "超过则不付" if one.kind is CapKind.ALL_OR_NOTHING else "封顶"
    return f"{period}{kind} {bound}{_waived(one.waived, '免封顶')}"


def _waived(conditions: Iterable[Condition], word: str) -> str:
    told = [demands(one) for one in conditions]
    return f"[{'、'.join(told)}时{word}]" if told else ""
