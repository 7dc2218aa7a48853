"""The arithmetic of one line as a sentence: over the year's total for the plain case, else step by step for the claim."""

from __future__ import annotations

from mianshen.core.money import PPM, show_yuan
from mianshen.core.plan import Benefit
from mianshen.core.rates import PLAIN_ROUNDING, DeductibleKind, Period, Rate
from mianshen.policy.formula import length_within, whole_fen
from mianshen.policy.results import Trace, Working

PERIOD_ZH = {
    Period.CLAIM: "单次",
    Period.STAY: "住院期间",
    Period.MONTH: "月度",
    Period.QUARTER: "季度",
    Period.YEAR: "年度",
    Period.ONCE: "首次",
}
"""What a clerk reads for a period."""


def percent(ratio_ppm: int) -> str:
    """A ratio for a reader: `50%`, `33.3333%`."""
    whole, rest = divmod(ratio_ppm * 100, PPM)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".") + "%"


def arithmetic(benefit: Benefit, rate: Rate, working: Working) -> tuple[str, str]:
    """How the relief comes about, in Chinese and English."""
    if rate.is_plain and len(rate.caps) < 2 and not benefit.modifiers and benefit.rounding == PLAIN_ROUNDING:
        return _year(rate, working)
    return _claim(rate, working.trace)


def _year(rate: Rate, working: Working) -> tuple[str, str]:
    deductible = rate.deductible.amounts_fen[0]
    excess = max(working.burden_fen - deductible, 0)
    used = [(length_within(one, excess), one.ratio_ppm) for one in rate.brackets]
    exact = whole_fen(sum(length * ratio for length, ratio in used), PLAIN_ROUNDING)
    zh = f"本年度累计合规自付 {show_yuan(working.burden_fen)} 元"
    en = f"the year's in-scope burden is {show_yuan(working.burden_fen)} yuan"
    if deductible:
        zh += f",减起付线 {show_yuan(deductible)} 元,余 {show_yuan(excess)} 元"
        en += f", less the deductible {show_yuan(deductible)}, leaves {show_yuan(excess)}"
    product = _product([one for one in used if one[0]])
    zh += f";{product} = {show_yuan(exact)} 元"
    en += f"; {product} = {show_yuan(exact)}"
    if rate.caps and exact > rate.caps[0].amount_fen:
        zh += f",按年度封顶线 {show_yuan(rate.caps[0].amount_fen)} 元计"
        en += f", held to the yearly cap {show_yuan(rate.caps[0].amount_fen)}"
    return zh, en


def _product(parts: list[tuple[int, int]]) -> str:
    return " + ".join(f"{show_yuan(length)} × {percent(ratio)}" for length, ratio in parts) or "0.00"


def _claim(rate: Rate, trace: Trace) -> tuple[str, str]:
    zh = f"合规自付 {show_yuan(trace.burden_fen)} 元"
    en = f"the in-scope burden is {show_yuan(trace.burden_fen)} yuan"
    if trace.deductible_fen:
        is_gate = rate.deductible.kind is DeductibleKind.GATE
        word, word_en = ("门槛", "the gate") if is_gate else ("起付线", "the deductible")
        period = PERIOD_ZH[rate.deductible.period]
        zh += f",{period}{word} {show_yuan(trace.deductible_fen)} 元,计入 {show_yuan(trace.excess_fen)} 元"
        en += f", {word_en} of the {rate.deductible.period} is {show_yuan(trace.deductible_fen)}"
        en += f", {show_yuan(trace.excess_fen)} counts"
    product = _product(list(trace.parts))
    zh += f";{product} = {show_yuan(trace.rounded_fen)} 元"
    en += f"; {product} = {show_yuan(trace.rounded_fen)}"
    if trace.capped_fen != trace.rounded_fen:
        zh += f",封顶后 {show_yuan(trace.capped_fen)} 元"
        en += f", the caps leave {show_yuan(trace.capped_fen)}"
    if trace.relief_fen != trace.capped_fen:
        zh += f",调整后 {show_yuan(trace.relief_fen)} 元"
        en += f", changed to {show_yuan(trace.relief_fen)}"
    return zh, en
