"""Rates, modifiers and rounding from their rows; what contradicts itself is refused with file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, pairwise

from mianshen.core.money import PPM, show_yuan
from mianshen.core.rates import (
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
    Rounding,
    RoundingMode,
    Variant,
)
from mianshen.policy.amounts import Reference
from mianshen.policy.shapes import Row

PLACES_FEN = {"0.01": 1, "0.1": 10, "1": 100}
"""Place of rounding as written, in fen."""
Fen = Callable[[int | Reference], int]
"""From an amount as written to fen."""
_LEAPING = (Period.CLAIM, Period.YEAR)


def condition_of(row: Row, categories: frozenset[str]) -> Condition:
    """The condition of one record. POLICY_DAMAGED when it asks nothing, or for a category that nobody listed."""
    found = Condition(**dict(row))
    if found == Condition():
        row.spot.refuse("条件没有写任何要求", "the condition asks nothing")
    for mark in found.marks:
        if mark not in categories:
            row.at("marks").refuse(f"未登记的类别 {mark}", f"category {mark} is not registered")
    if found.since is not None and found.until is not None and found.until <= found.since:
        row.at("until").refuse(f"止日 {found.until} 不晚于起日", "until is not after since")
    return found


def rate_of(category: str, row: Row, clause_id: str, *, categories: frozenset[str], fen: Fen) -> Rate:
    """The rate of one category of a row of the paper table; `fen` gives an amount as written in fen."""
    rate = Rate(
        category_code=category,
        deductible=_deductible(row, categories, fen),
        brackets=_brackets(row, categories),
        caps=_caps(row, categories, fen),
        clause_id=clause_id,
        form=Form(row["form"]),
        brackets_on=BracketsOn(row["brackets_on"]),
        bracket_period=Period(row["bracket_period"]),
    )
    _check_periods(row, rate)
    if rate.is_year_jump:
        _check_leap(row, rate)
    return rate


def _either(row: Row, plain: str, full: str) -> bool:
    """Whether the plain form is written; exactly one of both must be."""
    if row.has(plain) == row.has(full):
        row.spot.refuse(f"{plain} 与 {full} 须写且只写一个", f"write either {plain} or {full}")
    return row.has(plain)


def _conditions(rows: Iterable[Row], categories: frozenset[str]) -> tuple[Condition, ...]:
    return tuple(condition_of(one, categories) for one in rows)


def _deductible(row: Row, categories: frozenset[str], fen: Fen) -> Deductible:
    if _either(row, "deductible_yuan", "deductible"):
        return Deductible((fen(row["deductible_yuan"]),))
    written = row["deductible"]
    found = Deductible(
        amounts_fen=tuple(fen(one) for one in written["amounts_yuan"]),
        kind=DeductibleKind(written["kind"]),
        period=Period(written["period"]),
        opens_above=written["opens"] == "above",
        waived=_conditions(written["waived"], categories),
        below=Below(written["below"]),
    )
    if found.below is not Below.SUM and (found.kind, found.period) != (DeductibleKind.SUBTRACTED, Period.YEAR):
        written.at("below").refuse(
            f"{found.below} 只用于按年度减去的起付线", f"{found.below} needs a deductible subtracted once a year"
        )
    if len(found.amounts_fen) > 1 and found.period not in (Period.CLAIM, Period.STAY):
        written.at("amounts_yuan").refuse("分次起付线只能按单次或按住院计", "amounts by admission need the period claim or stay")
    if found.kind is DeductibleKind.GATE and (found.period not in _LEAPING or len(found.amounts_fen) > 1):
        written.at("period").refuse("门槛只有一个数,且只能按单次或按年度计", "a gate has one amount and the period claim or year")
    if found.kind is DeductibleKind.SUBTRACTED and written.has("opens"):
        written.at("opens").refuse("opens 只用于门槛", "opens is for a gate only")
    return found


def _brackets(row: Row, categories: frozenset[str]) -> tuple[Bracket, ...]:
    found = tuple(_bracket(one, categories, Form(row["form"])) for one in row["brackets"])
    if found[0].low_fen != 0:
        row["brackets"][0].at("from_yuan").refuse("分段须从 0 开始", "brackets begin at 0")
    for written, (lower, upper) in zip(row["brackets"][1:], pairwise(found), strict=True):
        if lower.high_fen != upper.low_fen:
            ends = "不封顶(null)" if lower.high_fen is None else show_yuan(lower.high_fen)
            ends_en = "open (null)" if lower.high_fen is None else show_yuan(lower.high_fen)
            written.at("from_yuan").refuse(
                f"分段之间有空档或重叠:上一段止于 {ends},本段起于 {show_yuan(upper.low_fen)};两数须相同",
                f"the bracket begins at {show_yuan(upper.low_fen)}, the one before it ends at {ends_en}: write the same number",
            )
    for written, one in zip(row["brackets"], found, strict=True):
        if one.high_fen is not None and one.high_fen <= one.low_fen:
            written.at("to_yuan").refuse(
                f"分段止点不高于起点:止于 {show_yuan(one.high_fen)},起于 {show_yuan(one.low_fen)}",
                "the bracket ends before it begins",
            )
    return found


def _bracket(row: Row, categories: frozenset[str], form: Form) -> Bracket:
    has_ratio = _either(row, "ratio", "lump_yuan")
    if not has_ratio and (form is not Form.BANDS or row["ratios"]):
        row.at("lump_yuan").refuse("定额只用于全额累计档,且不分比例", "a fixed sum is for bands only and has no ratios")
    variants = tuple(Variant(condition_of(one["when"], categories), one["ratio"]) for one in row["ratios"])
    return Bracket(row["from_yuan"], row["to_yuan"], row["ratio"] if has_ratio else PPM, variants, row["lump_yuan"])


def _caps(row: Row, categories: frozenset[str], fen: Fen) -> tuple[Cap, ...]:
    if _either(row, "cap_yuan", "caps"):
        return () if row["cap_yuan"] is None else (Cap(fen(row["cap_yuan"])),)
    return tuple(_cap(one, categories, fen) for one in row["caps"])


def _cap(row: Row, categories: frozenset[str], fen: Fen) -> Cap:
    found = Cap(
        amount_fen=fen(row["yuan"]),
        kind=CapKind(row["kind"]),
        period=Period(row["period"]),
        is_per_day=row["per_day"],
        waived=_conditions(row["waived"], categories),
    )
    if found.is_per_day and found.period is not Period.CLAIM:
        row.at("per_day").refuse("按日封顶只能按单次计(period: claim)", "a cap per day needs the period claim")
    if found.kind is CapKind.ALL_OR_NOTHING and found.period not in _LEAPING:
        row.at("period").refuse("超限不付只能按单次或按年度计", "all-or-nothing needs the period claim or year")
    return found


def _check_periods(row: Row, rate: Rate) -> None:
    if rate.form is Form.BANDS and rate.bracket_period not in _LEAPING:
        row.at("bracket_period").refuse("全额累计档只能按单次或按年度计", "bands need the period claim or year")


def _check_leap(row: Row, rate: Rate) -> None:
    """A yearly gate, band or all-or-nothing cap is computed on the year's total: nothing in it may look at one claim."""
    periods = {rate.deductible.period, rate.bracket_period, *(one.period for one in rate.caps)}
    if periods != {Period.YEAR}:
        row.spot.refuse(
            "年度门槛、全额累计档或超限不付,须各项都按年度计",
            "a yearly gate, band or all-or-nothing cap needs every period to be year",
        )
    if rate.deductible.waived or any(one.waived for one in rate.caps) or any(one.variants for one in rate.brackets):
        row.spot.refuse(
            "按年度一次核定的待遇不得按单次费用区分比例或免除", "relief that is one sum a year cannot differ from claim to claim"
        )


def modifier_of(row: Row, clause_id: str, categories: frozenset[str]) -> Modifier:
    """The modifier of one entry."""
    position = Position(row["position"])
    if not _either(row, "factor", "add") and position is Position.AFTER_CAP:
        row.at("add").refuse("加点只能在封顶之前(before_cap)", "points are added before the cap only")
    return Modifier(condition_of(row["when"], categories), position, clause_id, row["factor"], row["add"])


def rounding_of(row: Row) -> Rounding:
    """The rounding of one entry."""
    return Rounding(RoundingMode(row["mode"]), PLACES_FEN[row["place_yuan"]], Period(row["period"]))


def check_whole_ratios(row: Row, rates: Sequence[Rate], modifiers: Sequence[Modifier]) -> None:
    """Nothing when every ratio stays a whole number of parts per million under every set of modifiers."""
    before = [one for one in modifiers if one.position is Position.BEFORE_CAP]
    brackets = list(chain.from_iterable(one.brackets for one in rates))
    ratios = {one.ratio_ppm for one in brackets} | {one.ratio_ppm for bracket in brackets for one in bracket.variants}
    after = [one for one in modifiers if one.position is Position.AFTER_CAP]
    for ratio in _changed(ratios, before) | _changed({PPM}, after):
        if ratio is None:
            row.at("modifiers").refuse(
                "比例乘系数后超过四位小数,请直接写出结果",
                "a ratio times its factor has more than four decimals; write the result",
            )


def _changed(ratios: set[int], modifiers: Sequence[Modifier]) -> set[int | None]:
    """Every ratio that some set of the modifiers makes; None where one is not whole."""
    found: set[int | None] = set(ratios)
    for one in modifiers:
        found |= {None if ratio is None else _applied(ratio, one) for ratio in found}
    return found


def _applied(ratio: int, modifier: Modifier) -> int | None:
    if modifier.add_ppm is not None:
        return min(ratio + modifier.add_ppm, PPM)
    whole, rest = divmod(ratio * (modifier.factor_ppm or 0), PPM)
    return None if rest else whole
