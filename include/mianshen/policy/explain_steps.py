"""The arithmetic of one line as a sentence: over the year's total for the plain case, else step by step for the claim.

Every figure that the next one needs stands in it, so that whoever reads it can follow with a calculator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mianshen.core.money import show_yuan
from mianshen.core.plan import Benefit, Plan
from mianshen.core.rate_words import PERIOD_ZH, condition_zh, exact_yuan, modifier_zh, percent, rounding_zh
from mianshen.core.rates import PLAIN_ROUNDING, BestOf, CapKind, DeductibleKind, Form, Period, Position, Rate
from mianshen.policy.formula import length_within, whole_fen
from mianshen.policy.results import Capped, Part, Rounded, Trace, Working

Said = tuple[str, str]
"""In Chinese and in English."""


def arithmetic(plan: Plan, benefit: Benefit, rate: Rate, working: Working) -> Said:
    """How the relief comes about, in Chinese and English."""
    names_zh = {one.code: one.name_zh for one in plan.categories}
    if is_plain(benefit):
        return _year(rate, working)
    return _Steps(benefit, rate, working.trace, names_zh).said(working)


def is_plain(benefit: Benefit) -> bool:
    """Whether its relief is one function of the year's total, so that the year's arithmetic says it all."""
    is_usual = benefit.rounding == PLAIN_ROUNDING and benefit.best_of is BestOf.RUNNING_MAXIMUM
    return is_usual and not benefit.modifiers and all(one.is_plain and len(one.caps) < 2 for one in benefit.rates)


def _year(rate: Rate, working: Working) -> Said:
    deductible = rate.deductible.amounts_fen[0]
    excess = max(working.burden_fen - deductible, 0)
    used = [(length_within(one, excess), one.ratio_ppm) for one in rate.brackets]
    exact = whole_fen(sum(length * ratio for length, ratio in used), PLAIN_ROUNDING)
    zh = f"本年度累计合规自付 {show_yuan(working.burden_fen)} 元"
    en = f"the year's in-scope burden is {show_yuan(working.burden_fen)} yuan"
    if deductible:
        zh += f",减起付线 {show_yuan(deductible)} 元,余 {show_yuan(excess)} 元"
        en += f", less the deductible {show_yuan(deductible)}, leaves {show_yuan(excess)}"
    product = " + ".join(f"{show_yuan(length)} × {percent(ratio)}" for length, ratio in used if length) or "0.00"
    zh += f";{product} = {show_yuan(exact)} 元"
    en += f"; {product} = {show_yuan(exact)}"
    if rate.caps and exact > rate.caps[0].amount_fen:
        zh += f",按年度封顶线 {show_yuan(rate.caps[0].amount_fen)} 元计"
        en += f", held to the yearly cap {show_yuan(rate.caps[0].amount_fen)}"
    return zh, en


@dataclass(frozen=True, slots=True)
class _Steps:
    """One claim's way through a rate, in words."""

    benefit: Benefit
    rate: Rate
    trace: Trace
    names_zh: Mapping[str, str]

    def said(self, working: Working) -> Said:
        """Every step that changed something, then the total of the category."""
        trace = self.trace
        whose = ("全年合规自付合计", "the year's in-scope burden is") if self.benefit.is_year_jump else _OF_A_CLAIM
        steps = [
            (f"{whose[0]} {show_yuan(trace.burden_fen)} 元", f"{whose[1]} {show_yuan(trace.burden_fen)} yuan"),
            self._deducted(),
            self._placed(),
            self._product(),
            *(self._cap(one) for one in trace.caps),
            self._changed(),
        ]
        if self.benefit.best_of is BestOf.RUNNING_MAXIMUM and not self.benefit.is_year_jump:
            total = show_yuan(working.total_fen)
            steps.append((f";该类别本年度累计 {total} 元", f"; the year's total of the category is {total}"))
        return "".join(zh for zh, _ in steps), "".join(en for _, en in steps)

    def _deducted(self) -> Said:
        trace, asked = self.trace, self.rate.deductible
        excess = show_yuan(trace.excess_fen)
        if trace.is_waived:
            return (",免起付线", ", no deductible") if any(asked.amounts_fen) else ("", "")
        if not trace.deductible_fen:
            return "", ""
        period, fen = PERIOD_ZH[asked.period], show_yuan(trace.deductible_fen)
        if asked.kind is DeductibleKind.GATE:
            word, word_en = ("超过", "exceeded") if asked.opens_above else ("达到", "reached")
            isnt, isnt_en = ("", "") if trace.excess_fen else ("未", "not ")
            zh = f",{isnt}{word}{period}门槛 {fen} 元,计入 {excess} 元"
            return zh, f", the gate {fen} of the {asked.period} is {isnt_en}{word_en}, {excess} counts"
        used = min(trace.deducted_before_fen, trace.deductible_fen)
        before, before_en = "", ""
        if asked.period is not Period.CLAIM:
            before, before_en = f",此前已抵 {show_yuan(used)} 元", f", of which {show_yuan(used)} was met before"
        now = show_yuan(trace.burden_fen - trace.excess_fen)
        zh = f",{period}起付线 {fen} 元{before},本次抵 {now} 元,余 {excess} 元"
        return zh, f", the deductible {fen} of the {asked.period}{before_en}, takes {now}, leaves {excess}"

    def _placed(self) -> Said:
        """Where in the brackets the claim lies, when there are several."""
        trace, rate = self.trace, self.rate
        if not trace.excess_fen or (len(rate.brackets) == 1 and rate.brackets[0].high_fen is None):
            return "", ""
        top = show_yuan(trace.top_fen)
        if rate.form is Form.MARGINAL:
            low = show_yuan(trace.top_fen - trace.excess_fen)
            return f",分段自 {low} 元至 {top} 元", f", which lie from {low} to {top} in the brackets"
        band = next((place for place, one in enumerate(rate.brackets, 1) if _holds(one.high_fen, trace.top_fen)), 0)
        if not band:
            return f",{top} 元超出最高一档,不予计算", f", {top} lies beyond the last band"
        return f",{top} 元在第 {band} 档", f", {top} lies in band {band}"

    def _product(self) -> Said:
        product = " + ".join(self._part(one) for one in self.trace.parts) or "0.00"
        product_en = " + ".join(f"{show_yuan(one.fen)} × {percent(one.ratio_ppm)}" for one in self.trace.parts) or "0.00"
        before = [
            modifier_zh(self.benefit.modifiers[place - 1], self.names_zh)
            for place in self.trace.modifiers
            if self.benefit.modifiers[place - 1].position is Position.BEFORE_CAP
        ]
        why = f"(比例已{'、'.join(before)})" if before and self.trace.parts else ""
        rounded, rounded_en = self._rounded(self.trace.rounding)
        return f";{product}{why}{rounded}", f"; {product_en}{rounded_en}"

    def _part(self, one: Part) -> str:
        bracket = self.rate.brackets[one.bracket_no - 1]
        lump = "定额 " if bracket.lump_fen is not None else ""
        why = ""
        if one.variant_no:
            why = f"(因{condition_zh(bracket.variants[one.variant_no - 1].condition, self.names_zh)})"
        return f"{lump}{show_yuan(one.fen)} × {percent(one.ratio_ppm)}{why}"

    def _rounded(self, one: Rounded) -> Said:
        """The whole amount; with what went before when that made it another."""
        rounding = self.benefit.rounding
        how = "" if rounding == PLAIN_ROUNDING else f"({rounding_zh(rounding)},不超过所计金额)"
        fen = show_yuan(one.fen)
        if one.fen == one.alone_fen:
            return f" = {fen} 元{how}", f" = {fen}"
        weighed, given = exact_yuan(one.weighed_before), show_yuan(one.given_before_fen)
        how = how or "(四舍五入到分,不超过所计金额)"
        zh = f",加此前取整前合计 {weighed} 元,取整后减已计 {given} 元 = {fen} 元{how}"
        return zh, f", with {weighed} from before, rounded, less {given} given = {fen}"

    def _cap(self, met: Capped) -> Said:
        if met.let_fen == met.came_fen:
            return "", ""
        cap = self.rate.caps[met.cap_no - 1]
        bound, let = show_yuan(met.bound_fen), show_yuan(met.let_fen)
        period = PERIOD_ZH[cap.period]
        if cap.kind is CapKind.ALL_OR_NOTHING:
            return f",超过{period}上限 {bound} 元,计 {let} 元", f", above the limit {bound} nothing counts"
        each = f"(每日 {show_yuan(cap.amount_fen)} 元)" if cap.is_per_day else ""
        used = show_yuan(min(met.before_fen, met.bound_fen))
        before = f",此前已用 {used} 元" if cap.period is not Period.CLAIM else ""
        zh = f",{period}封顶线 {bound} 元{each}{before},计 {let} 元"
        return zh, f", the cap {bound} of the {cap.period} leaves {let}"

    def _changed(self) -> Said:
        trace = self.trace
        if trace.changed is None or trace.factor_ppm is None:
            return "", ""
        after = [
            modifier_zh(self.benefit.modifiers[place - 1], self.names_zh)
            for place in trace.modifiers
            if self.benefit.modifiers[place - 1].position is Position.AFTER_CAP
        ]
        if not after and trace.relief_fen == trace.capped_fen:
            return "", ""
        why = f"({'、'.join(after)})" if after else ""
        zh, en = self._rounded(trace.changed)
        product = f"{show_yuan(trace.capped_fen)} × {percent(trace.factor_ppm)}"
        return f";{product}{why}{zh}", f"; {product}{en}"


_OF_A_CLAIM = ("合规自付", "the in-scope burden is")


def _holds(high_fen: int | None, amount_fen: int) -> bool:
    return high_fen is None or amount_fen < high_fen
