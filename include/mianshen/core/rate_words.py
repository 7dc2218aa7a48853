"""How the numbers and conditions of a rate are read out: periods, ratios, rounding, and when a ratio or a change applies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mianshen.core.money import PPM
from mianshen.core.rates import Condition, Modifier, Period, Rounding, RoundingMode

PERIOD_ZH: Mapping[Period, str] = {
    Period.CLAIM: "单次",
    Period.STAY: "住院期间",
    Period.MONTH: "月度",
    Period.QUARTER: "季度",
    Period.YEAR: "年度",
    Period.ONCE: "首次",
}
"""What a clerk reads for a period."""
MODE_ZH: Mapping[RoundingMode, str] = {
    RoundingMode.HALF_UP: "四舍五入",
    RoundingMode.HALF_EVEN: "四舍六入五成双",
    RoundingMode.DOWN: "舍去尾数",
    RoundingMode.UP: "见尾数进一",
}
"""What a clerk reads for a way of rounding."""
_PLACE_ZH = {1: "分", 10: "角", 100: "元"}
_YUAN_WEIGHT = 100 * PPM


def percent(ratio_ppm: int) -> str:
    """A ratio for a reader: `50%`, `33.3333%`."""
    whole, rest = divmod(ratio_ppm * 100, PPM)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".") + "%"


def rounding_zh(rounding: Rounding) -> str:
    """How an amount becomes whole: `四舍五入到分`."""
    place = _PLACE_ZH.get(rounding.place_fen, f"{rounding.place_fen} 分")
    return f"{MODE_ZH[rounding.mode]}到{place}"


def exact_yuan(weight: int) -> str:
    """A weight (fen x ppm, not negative) as yuan with all its decimals, at least two: `1,234.50`, `0.003333`."""
    whole, rest = divmod(weight, _YUAN_WEIGHT)
    decimals = f"{rest:08d}"
    return f"{whole:,}.{decimals[:2]}{decimals[2:].rstrip('0')}"


def condition_zh(condition: Condition, names_zh: Mapping[str, str]) -> str:
    """When it holds, in words; `names_zh` are the names of categories by code. `任何情形` when nothing is asked."""
    return "且".join(_demands(condition, names_zh)) or "任何情形"


def _demands(condition: Condition, names_zh: Mapping[str, str]) -> Iterator[str]:
    listed = {
        "医疗类别为": condition.med_types,
        "病种代码以": condition.dise_codes,
        "医院等级为": condition.hosp_levels,
        "就医地为": condition.care_places,
    }
    for words, codes in listed.items():
        if codes:
            yield f"{words} {'、'.join(codes)}" + (" 开头" if codes is condition.dise_codes else "")
    if condition.is_referred is not None:
        yield "已转诊" if condition.is_referred else "未转诊"
    if condition.marks:
        yield "属于" + "或".join(f"【{names_zh.get(one, one)}】" for one in condition.marks)
    if condition.since is not None:
        yield f"自 {condition.since} 起"
    if condition.until is not None:
        yield f"{condition.until} 前"


def modifier_zh(one: Modifier, names_zh: Mapping[str, str]) -> str:
    """What it does and when: `因未转诊乘 50%`, `因属于【低保】加 5%`."""
    does = f"加 {percent(one.add_ppm)}" if one.add_ppm is not None else f"乘 {percent(one.factor_ppm or 0)}"
    return f"因{condition_zh(one.condition, names_zh)}{does}"
