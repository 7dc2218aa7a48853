"""A benefit whose rates are more than one function of the year's total: its steps one after the other, each a running total.

One row a covered claim and rated category that it holds (docs/reference/relief-semantics.md, 5): deductible, brackets, rounding,
caps, what stands after the caps; then the best category of each claim. What differs by category is chosen by the row's `bit`.
"""

from __future__ import annotations

from sqlglot import exp

from mianshen.core.money import PPM
from mianshen.core.plan import Plan
from mianshen.core.rates import Below, Bracket, BracketsOn, DeductibleKind, Form, Position, Rate
from mianshen.warehouse.compile_bits import bit_of
from mianshen.warehouse.compile_caps import after_caps, best_of, cap_off, modified, round_off
from mianshen.warehouse.compile_conditions import by_rate, fits, fits_one
from mianshen.warehouse.compile_layers import Steps
from mianshen.warehouse.compile_rates import Step
from mianshen.warehouse.compile_words import (
    Binder,
    all_of,
    bigint,
    col,
    columns,
    greatest,
    has_bit,
    least,
    minus,
    named,
    number,
    plus,
    select_from,
    switch,
    table,
    when,
)


def steps_layers(plan: Plan, step: Step, binder: Binder, source: str) -> list[tuple[str, exp.Query]]:
    """The layers that find, for each claim of the source that the benefit covers, what is due and what was met."""
    made = Steps(plan, step, binder, [(step.name("rate"), numbers_of(plan, step, binder))])
    made.layers.append((step.name("row"), rows_of(step, source)))
    deduct(made)
    weigh(made)
    round_off(made, step.benefit.rounding, "weight", "amount_fen", "paid_fen")
    cap_off(made)
    after_caps(made)
    best_of(made)
    return made.layers


def numbers_of(plan: Plan, step: Step, binder: Binder) -> exp.Select:
    """The benefit's numbers, one row a category; what a category has not is null."""
    longest = {
        "deductible_fen": max(len(one.deductible.amounts_fen) for one in step.benefit.rates),
        "low_fen": max(len(one.brackets) for one in step.benefit.rates),
        "cap_fen": max(len(one.caps) for one in step.benefit.rates),
    }
    longest |= {name: longest["low_fen"] for name in ("high_fen", "ratio_ppm", "lump_fen")}
    names = ["bit", *(f"{name}_{place}" for name, most in longest.items() for place in range(1, most + 1))]
    rows = []
    for place, rate in enumerate(step.benefit.rates, 1):
        told = _told(rate)
        row: list[exp.Expr] = [number(bit_of(plan, rate.category_code))]
        for name in names[1:]:
            value = told.get(name)
            row.append(exp.null() if value is None else binder.bind(step.name(f"c{place}_{name}"), value))
        rows.append(tuple(row))
    values = exp.values(rows, alias="rated", columns=names)
    return select_from(values, *[named(bigint(col(name)), name) for name in names])


def _told(rate: Rate) -> dict[str, int | None]:
    told: dict[str, int | None] = {f"deductible_fen_{place}": fen for place, fen in enumerate(rate.deductible.amounts_fen, 1)}
    for place, one in enumerate(rate.brackets, 1):
        told |= {f"low_fen_{place}": one.low_fen, f"high_fen_{place}": one.high_fen}
        told |= {f"ratio_ppm_{place}": one.ratio_ppm, f"lump_fen_{place}": one.lump_fen}
    return told | {f"cap_fen_{place}": one.amount_fen for place, one in enumerate(rate.caps, 1)}


def rows_of(step: Step, source: str) -> exp.Select:
    """One row a covered claim and rated category that it holds."""
    query = select_from(table(source, "t"), "t.*", "r.*", named(col("left_fen", "t"), "amount_fen"))
    held = exp.NEQ(this=exp.paren(exp.BitwiseAnd(this=col("held", "t"), expression=col("bit", "r"))), expression=number(0))
    query.join(table(step.name("rate"), "r"), on=held, join_type="inner", copy=False)
    return query.where(has_bit("covers", step.bit), copy=False)


def deduct(made: Steps) -> None:
    """The excess of each claim: what its rise of the running total leaves above the deductible, or all of it behind a gate."""
    made.keys("deduct", [one.deductible.period for one in made.rates])
    waived = by_rate(
        made.plan,
        made.step,
        lambda place, rate: fits_one(made.plan, made.binder, made.step.name(f"c{place}_waived"), rate.deductible.waived),
    )
    counted = when(col("is_waived"), number(0), col("amount_fen"))
    asked = named(by_rate(made.plan, made.step, lambda _, rate: _asked(rate)), "deductible_fen")
    if any(one.deductible.below is Below.WHOLE for one in made.rates):
        made.add("waived", named(waived, "is_waived"))
        of_year = exp.Window(this=exp.Sum(this=counted.copy()), partition_by=columns(("person_no", "benefit_year", "bit")))
        made.add("brought", named(bigint(of_year), "brought_fen"))
        made.add("asked", asked)
    else:
        made.add("asked", named(waived, "is_waived"), asked)
    made.add("borne", named(made.running(counted, "deduct"), "borne_fen"))
    excess = by_rate(made.plan, made.step, lambda _, rate: _excess(rate))
    made.add("excess", named(when(col("is_waived"), col("amount_fen"), excess), "excess_fen"))


def _asked(rate: Rate) -> exp.Expr:
    """The deductible that stands against the claim, or against the year, of which one that is over may be paid whole."""
    if rate.deductible.below is Below.WHOLE:
        is_over = exp.LT(this=col("benefit_year"), expression=exp.Placeholder(this="this_year"))
        is_within = exp.LTE(this=col("brought_fen"), expression=col("deductible_fen_1"))
        return when(all_of([is_over, is_within]), number(0), col("deductible_fen_1"))
    most = len(rate.deductible.amounts_fen)
    arms = [
        (exp.LTE(this=col("admission_no"), expression=number(place)), col(f"deductible_fen_{place}")) for place in range(1, most)
    ]
    return switch(None, arms, col(f"deductible_fen_{most}")) if arms else col("deductible_fen_1")


def _excess(rate: Rate) -> exp.Expr:
    asked = col("deductible_fen")
    if rate.deductible.kind is DeductibleKind.GATE:
        is_open = exp.GT if rate.deductible.opens_above else exp.GTE
        return when(is_open(this=col("amount_fen"), expression=asked), col("amount_fen"), number(0))
    with_it = greatest([minus(col("borne_fen"), asked), number(0)])
    before = greatest([minus(col("borne_fen"), col("amount_fen"), asked.copy()), number(0)])
    return minus(with_it, exp.paren(before))


def weigh(made: Steps) -> None:
    """The weight of each claim in ppm times fen: the parts that its excess adds to the brackets, each by its ratio."""
    made.keys("bracket", [one.bracket_period for one in made.rates])
    on = by_rate(made.plan, made.step, lambda _, rate: col(_measured(rate)))
    made.add("measured", named(on, "measured_fen"))
    made.add("top", named(made.running(col("measured_fen"), "bracket"), "top_fen"))
    weight = by_rate(made.plan, made.step, lambda place, rate: _weight(made, place, rate))
    made.add("weight", named(bigint(weight), "weight"))


def _measured(rate: Rate) -> str:
    return "excess_fen" if rate.brackets_on is BracketsOn.EXCESS else "amount_fen"


def _weight(made: Steps, place: int, rate: Rate) -> exp.Expr:
    if rate.form is Form.MARGINAL:
        parts = [
            exp.Mul(this=exp.paren(part_of(part, one)), expression=ratio_of(made, place, part, one))
            for part, one in enumerate(rate.brackets, 1)
        ]
        return plus(parts)
    arms = []
    for part, one in enumerate(rate.brackets, 1):
        fen, ratio = of_band(made, place, part, one)
        arms.append((in_band(part, one), exp.Mul(this=fen, expression=ratio)))
    is_none = exp.EQ(this=col("excess_fen"), expression=number(0))
    return switch(None, [(is_none, number(0)), *arms], number(0))


def part_of(part: int, bracket: Bracket) -> exp.Expr:
    """How much of the bracket lies below the top, less how much lay below it before this claim's excess."""

    def below(top: exp.Expr) -> exp.Expr:
        end = top if bracket.high_fen is None else least([top, col(f"high_fen_{part}")])
        return greatest([minus(end, col(f"low_fen_{part}")), number(0)])

    return minus(below(col("top_fen")), below(minus(col("top_fen"), col("excess_fen"))))


def in_band(part: int, bracket: Bracket) -> exp.Expr:
    """Whether what the bounds lie on is in the band."""
    low = exp.GTE(this=col("measured_fen"), expression=col(f"low_fen_{part}"))
    high = exp.LT(this=col("measured_fen"), expression=col(f"high_fen_{part}"))
    return low if bracket.high_fen is None else all_of([low, high])


def of_band(made: Steps, place: int, part: int, bracket: Bracket) -> tuple[exp.Expr, exp.Expr]:
    """What is paid of in the band, the whole excess or its fixed sum, and the ratio in ppm."""
    if bracket.lump_fen is not None:
        return col(f"lump_fen_{part}"), _factor(made)
    return col("excess_fen"), ratio_of(made, place, part, bracket)


def _factor(made: Steps) -> exp.Expr:
    """What multiplies a fixed sum before the caps, in ppm; points are added to ratios alone."""
    factor: exp.Expr = number(PPM)
    for turn, one in enumerate(made.step.benefit.modifiers, 1):
        if one.position is Position.BEFORE_CAP and one.factor_ppm is not None:
            factor = modified(made, turn, one, factor)
    return bigint(factor)


def ratio_of(made: Steps, place: int, part: int, bracket: Bracket) -> exp.Expr:
    """The ratio for this claim: that of the first variant that fits, else the bracket's own; then what stands before the caps."""
    name = made.step.name(f"c{place}_p{part}")
    arms = [
        (
            fits(made.plan, made.binder, f"{name}_v{turn}", one.condition),
            made.binder.bind(f"{name}_v{turn}_ratio_ppm", one.ratio_ppm),
        )
        for turn, one in enumerate(bracket.variants, 1)
    ]
    ratio: exp.Expr = switch(None, arms, col(f"ratio_ppm_{part}")) if arms else col(f"ratio_ppm_{part}")
    for turn, one in enumerate(made.step.benefit.modifiers, 1):
        if one.position is Position.BEFORE_CAP:
            ratio = modified(made, turn, one, ratio)
    return bigint(ratio)
