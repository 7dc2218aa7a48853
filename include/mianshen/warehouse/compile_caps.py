"""The later steps of a benefit: rounding, caps, what stands after the caps, and the best category of each claim."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from mianshen.core.money import PPM
from mianshen.core.rates import BestOf, Cap, CapKind, Form, Modifier, Position, Rate, Rounding, RoundingMode
from mianshen.warehouse.compile_conditions import by_rate, fits, fits_one
from mianshen.warehouse.compile_layers import CLAIM_KEY, Steps, before, over
from mianshen.warehouse.compile_words import (
    all_of,
    any_of,
    bigint,
    col,
    columns,
    least,
    minus,
    named,
    number,
    plus,
    select_from,
    when,
)


def round_off(made: Steps, rounding: Rounding, weight: str, limit: str, name: str) -> None:
    """What each claim adds to the rounded running weight, which never runs ahead of what the claims brought."""
    made.keys(name, [rounding.period] * len(made.rates))
    sums = [named(made.running(col(one), name), f"{name}_{total}") for one, total in ((weight, "weighed"), (limit, "brought"))]
    made.add(f"{name}_sums", *sums)
    room = minus(rounded(rounding, col(f"{name}_weighed")), col(f"{name}_brought"))
    made.add(f"{name}_room", named(room, f"{name}_room"))
    within = ("person_no", "bit", f"{name}_year", f"{name}_key")
    lowest = over(exp.Min(this=col(f"{name}_room")), within, ("benefit_year", "claim_no"))
    made.add(f"{name}_low", named(lowest, f"{name}_low"))
    made.add(f"{name}_up_to", named(plus([col(f"{name}_brought"), least([col(f"{name}_low"), number(0)])]), f"{name}_up_to"))
    earlier = before(f"{name}_up_to", within, ("benefit_year", "claim_no"))
    made.add(name, named(minus(col(f"{name}_up_to"), earlier), name))


def rounded(rounding: Rounding, weight: exp.Expr) -> exp.Expr:
    """A weight in ppm times fen as fen, to the place."""
    unit = PPM * rounding.place_fen
    if rounding.mode is RoundingMode.HALF_EVEN:
        whole: exp.Expr = exp.IntDiv(this=weight, expression=number(unit))
        twice = exp.Mul(this=number(2), expression=exp.paren(exp.Mod(this=weight.copy(), expression=number(unit))))
        is_odd = exp.EQ(this=exp.Mod(this=exp.paren(whole.copy()), expression=number(2)), expression=number(1))
        goes_up = any_of([
            exp.GT(this=twice, expression=number(unit)),
            all_of([exp.EQ(this=twice.copy(), expression=number(unit)), is_odd]),
        ])  # fmt: skip
        whole = exp.paren(plus([exp.paren(whole), when(goes_up, number(1), number(0))]))
    else:
        more = {RoundingMode.HALF_UP: unit // 2, RoundingMode.DOWN: 0, RoundingMode.UP: unit - 1}[rounding.mode]
        whole = exp.paren(exp.IntDiv(this=exp.paren(plus([weight, number(more)])), expression=number(unit)))
    return whole if rounding.place_fen == 1 else exp.Mul(this=whole, expression=number(rounding.place_fen))


def cap_off(made: Steps) -> None:
    """The caps one after the other: `paid_fen` becomes `capped_<n>_fen`; whether one of them was met."""
    most = max(len(one.caps) for one in made.rates)
    came, met = "paid_fen", list[exp.Expr]()
    over_it = [by_rate(made.plan, made.step, _beyond_bands)]
    for turn in range(1, most + 1):
        name = f"cap{turn}"
        nothing = Cap(0)
        caps = [one.caps[turn - 1] if len(one.caps) >= turn else nothing for one in made.rates]
        made.keys(name, [one.period for one in caps])
        made.add(f"{name}_asked", *_bound(made, turn, caps, name))
        counted = when(col(f"{name}_waived"), number(0), col(came))
        made.add(f"{name}_sum", named(made.running(counted, name), f"{name}_sum"))
        let, at = (by_rate(made.plan, made.step, _Clip(name, came, caps, part)) for part in ("let", "at"))
        made.add(name, named(let, f"{name}_fen"), named(at, f"{name}_met"))
        came = f"{name}_fen"
        met.append(col(f"{name}_met"))
        over_it.append(by_rate(made.plan, made.step, _Clip(name, came, caps, "over")))
    made.add("over", named(any_of(over_it), "is_over"))
    made.add("capped", named(col(came), "capped_fen"), named(any_of([*met, col("is_over")]), "is_met"))


def _beyond_bands(_: int, rate: Rate) -> exp.Expr:
    """Whether the claim lies beyond a closed last band."""
    if rate.form is not Form.BANDS or rate.brackets[-1].high_fen is None:
        return exp.false()
    beyond = exp.GTE(this=col("measured_fen"), expression=col(f"high_fen_{len(rate.brackets)}"))
    return all_of([exp.GT(this=col("excess_fen"), expression=number(0)), beyond])


def _bound(made: Steps, turn: int, caps: Sequence[Cap], name: str) -> Iterator[exp.Expr]:
    """The bound for this claim, null where its rate has no such cap; and whether the claim stands outside of it."""

    def bound(place: int, _: Rate) -> exp.Expr:
        amount = col(f"cap_fen_{turn}")
        return exp.Mul(this=amount, expression=col("days")) if caps[place - 1].is_per_day else amount

    def waived(place: int, rate: Rate) -> exp.Expr:
        if len(rate.caps) < turn:
            return exp.true()
        return fits_one(made.plan, made.binder, made.step.name(f"c{place}_{name}_waived"), caps[place - 1].waived)

    yield named(by_rate(made.plan, made.step, bound), f"{name}_bound")
    yield named(by_rate(made.plan, made.step, waived), f"{name}_waived")


@dataclass(frozen=True, slots=True)
class _Clip:
    """What one cap lets through, or whether it is met, or exceeded so that nothing is paid, for the rate at a place."""

    name: str
    """The cap's columns begin with it."""
    came: str
    """The column of what comes in."""
    caps: Sequence[Cap]
    """The cap of each rate."""
    part: str
    """`let`, `at` or `over`."""

    def __call__(self, place: int, _: Rate) -> exp.Expr:
        """The expression."""
        came, bound, total = col(self.came), col(f"{self.name}_bound"), col(f"{self.name}_sum")
        waived = col(f"{self.name}_waived")
        if self.part == "over":
            return col(f"{self.name}_met") if self.caps[place - 1].kind is CapKind.ALL_OR_NOTHING else exp.false()
        if self.caps[place - 1].kind is CapKind.ALL_OR_NOTHING:
            above = exp.GT(this=came, expression=bound)
            return (
                when(waived, came.copy(), when(above, number(0), came.copy())) if self.part == "let" else _unless(waived, above)
            )
        if self.part == "at":
            return _unless(waived, exp.GTE(this=total, expression=bound))
        with_it, before = least([total, bound]), least([minus(total.copy(), came), bound.copy()])
        return when(waived, came.copy(), minus(with_it, before))


def _unless(waived: exp.Expr, met: exp.Expr) -> exp.Expr:
    return all_of([exp.not_(waived, copy=False), met])


def after_caps(made: Steps) -> None:
    """What stands after the caps multiplies what they let through, and is rounded again."""
    after = [(turn, one) for turn, one in enumerate(made.step.benefit.modifiers, 1) if one.position is Position.AFTER_CAP]
    if not after:
        made.add("given", named(col("capped_fen"), "given_fen"))
        return
    factor: exp.Expr = number(PPM)
    for turn, one in after:
        factor = modified(made, turn, one, factor)
    made.add("factor", named(bigint(factor), "factor_ppm"))
    made.add("cut", named(exp.Mul(this=col("capped_fen"), expression=col("factor_ppm")), "cut_weight"))
    round_off(made, made.step.benefit.rounding, "cut_weight", "capped_fen", "given_fen")


def best_of(made: Steps) -> None:
    """One row a covered claim: the best category, what is due by it, and what the categories that it holds have met."""
    year = ("person_no", "benefit_year", "bit")
    if made.step.benefit.best_of is BestOf.ONE_CATEGORY:
        _one_category(made, year)
        return
    made.add("year", named(bigint(over(exp.Sum(this=col("given_fen")), year, ("claim_no",))), "year_fen"))
    made.add("turn", named(_first(exp.Ordered(this=col("year_fen"), desc=True, nulls_first=False)), "turn"), *_any())
    first = exp.EQ(this=col("turn"), expression=number(1))
    best = bigint(over(exp.Max(this=col("year_fen")), ("person_no", "benefit_year"), ("claim_no",)))
    chosen = select_from(
        made.layers[-1][0], *CLAIM_KEY, named(best, "best_fen"), named(col("year_fen"), "held_best_fen"),
        named(col("bit"), "category"), named(col("any_cap"), "is_at_cap"), named(col("any_excess"), "has_excess"),
        named(col("any_over"), "is_over"),
    ).where(first, copy=False)  # fmt: skip
    made.layers.append((made.step.name("chosen"), chosen))
    earlier = before("best_fen", CLAIM_KEY[:2], CLAIM_KEY[2:])
    made.add("found", named(earlier, "before_fen"), named(minus(col("best_fen"), earlier.copy()), "entitled_fen"))


def _one_category(made: Steps, year: Sequence[str]) -> None:
    """The category with the highest sum of the year counts for all its claims; of equals the first by code."""
    total = exp.Window(this=exp.Sum(this=col("given_fen")), partition_by=columns(year))
    made.add("year", named(bigint(total), "year_fen"))
    order = [exp.Ordered(this=col("year_fen"), desc=True, nulls_first=False), exp.Ordered(this=col("bit"), nulls_first=False)]
    chosen = exp.Window(
        this=exp.FirstValue(this=col("bit")),
        partition_by=columns(("person_no", "benefit_year")),
        order=exp.Order(expressions=order),
    )
    most = exp.Window(this=exp.Max(this=col("year_fen")), partition_by=columns(("person_no", "benefit_year")))
    made.add("one", named(chosen, "category"), named(most, "best_fen"))
    is_it = exp.EQ(this=col("bit"), expression=col("category"))
    made.add("is_it", named(is_it, "is_it"))
    made.add("turn", named(_first(exp.Ordered(this=col("is_it"), desc=True, nulls_first=False)), "turn"))
    found = select_from(
        made.layers[-1][0], *CLAIM_KEY, "best_fen", "category",
        named(when(col("is_it"), col("best_fen"), number(-1)), "held_best_fen"),
        named(when(col("is_it"), col("given_fen"), number(0)), "entitled_fen"),
        named(all_of([col("is_it"), col("is_met")]), "is_at_cap"),
        named(all_of([col("is_it"), col("is_over")]), "is_over"),
        named(all_of([col("is_it"), exp.GT(this=col("excess_fen"), expression=number(0))]), "has_excess"),
    ).where(exp.EQ(this=col("turn"), expression=number(1)), copy=False)  # fmt: skip
    made.layers.append((made.step.name("found"), found))


def _first(by: exp.Ordered) -> exp.Window:
    order = exp.Order(expressions=[by, exp.Ordered(this=col("bit"), desc=False, nulls_first=False)])
    return exp.Window(this=exp.RowNumber(), partition_by=columns(CLAIM_KEY), order=order)


def _any() -> Iterator[exp.Expr]:
    """Whether a category that the claim holds has met a cap, or an excess."""
    told = {
        "any_cap": col("is_met"),
        "any_excess": exp.GT(this=col("excess_fen"), expression=number(0)),
        "any_over": col("is_over"),
    }
    for name, what in told.items():
        yield named(exp.Window(this=exp.LogicalOr(this=what), partition_by=columns(CLAIM_KEY)), name)


def modified(made: Steps, turn: int, one: Modifier, ratio: exp.Expr) -> exp.Expr:
    """The ratio, or the factor so far, as the modifier changes it where its condition holds."""
    name = made.step.name(f"m{turn}")
    if one.add_ppm is not None:
        changed = least([plus([ratio, made.binder.bind(f"{name}_add_ppm", one.add_ppm)]), number(PPM)])
    else:
        product = exp.Mul(this=exp.paren(ratio), expression=bigint(made.binder.bind(f"{name}_factor_ppm", one.factor_ppm)))
        changed = exp.IntDiv(this=exp.paren(product), expression=number(PPM))
    return when(fits(made.plan, made.binder, name, one.condition), changed, ratio.copy())
