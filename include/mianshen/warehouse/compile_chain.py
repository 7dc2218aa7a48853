"""out.award_chain: benefits in Plan order, each on what the earlier ones left; one window a benefit, all categories in it.

Totals are of one person and benefit year in the order of the claims (docs/reference/relief-semantics.md, 5). The relief of a
claim is the rise of the rounded cumulative relief, so that the year's sum is exact whatever the order of arrival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from mianshen.core.money import PPM
from mianshen.core.plan import Benefit, Plan
from mianshen.core.rates import Rate
from mianshen.warehouse.compile_claim import COVERED, bit_of, position_of
from mianshen.warehouse.compile_words import (
    Binder,
    all_of,
    any_of,
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
    with_steps,
)

SAW_BURDEN, ABOVE_DEDUCTIBLE, AT_CAP, BETTER_ELSEWHERE, HAS_LINE, HAS_AMOUNT = 1, 2, 4, 8, 16, 32
"""Bits of `seen`: what the covering benefits saw, for the reason of a refusal; and whether there is a line, and an amount."""
CARRIED = ("event_id", "event_kind", "person_key", "benefit_year", "ordered_on", "ordered_at", "event_on", "is_firm")
"""What a claim keeps through the chain, beside its money."""
MONEY = ("base_fen", "maf_fen", "held", "covers", "left_fen", "earlier_fen", "relief_fen", "window_fen", "seen")
"""Its base and window relief, its bits, and the running values."""


@dataclass(frozen=True, slots=True)
class Step:
    """One benefit's place in the chain."""

    place: int
    """From 1, in Plan order."""
    benefit: Benefit
    """The benefit."""

    @property
    def bit(self) -> int:
        """Its bit in `covers`."""
        return 1 << (self.place - 1)

    def name(self, what: str) -> str:
        """A column or table of this step."""
        return f"b{self.place}_{what}"

    @property
    def made(self) -> tuple[str, ...]:
        """The columns that it adds for good."""
        return (self.name("burden_fen"), self.name("entitled_fen"), self.name("category"))


def steps_of(plan: Plan) -> list[Step]:
    """The Plan's benefits with their places."""
    return [Step(place, benefit) for place, benefit in enumerate(plan.benefits, 1)]


def chain_query(plan: Plan, binder: Binder) -> exp.Select:
    """One row a claim that a benefit covers and whose base is known, from out.claim."""
    kept = [*CARRIED, *MONEY]
    layers: list[tuple[str, exp.Query]] = [("covered", _covered())]
    for step in steps_of(plan):
        layers += _layers(plan, step, binder, source=layers[-1][0], kept=kept)
        kept += step.made
    return with_steps(select_from(layers[-1][0], *kept), layers)


def _covered() -> exp.Select:
    known = exp.not_(exp.Is(this=col("base_fen"), expression=exp.null()), copy=False)
    query = select_from(
        table("out.claim"),
        *CARRIED,
        *("base_fen", "maf_fen", "held", "covers"),
        named(col("base_fen"), "left_fen"),
        *[named(bigint(number(0)), name) for name in ("earlier_fen", "relief_fen", "window_fen", "seen")],
    )
    is_covered = exp.EQ(this=col("gate"), expression=number(COVERED))
    return query.where(is_covered, exp.not_(col("is_stopped")), known, copy=False)


def _layers(plan: Plan, step: Step, binder: Binder, *, source: str, kept: Sequence[str]) -> list[tuple[str, exp.Query]]:
    """The step's tables: what the claim adds, totals, relief on them and before them, what is due, what is left."""
    own, totals, relief, held, due, paid = (step.name(one) for one in ("own", "total", "relief", "held", "due", "paid"))
    return [
        (own, _own(plan, step, source)),
        (totals, _totals(step, own)),
        (relief, _relief(step, binder, totals)),
        (held, _held(plan, step, binder, relief)),
        (due, _due(plan, step, binder, held)),
        (paid, _paid(step, due, kept)),
    ]


def _own(plan: Plan, step: Step, source: str) -> exp.Select:
    """What this claim adds to the total of each category that it holds, when the benefit covers it."""
    query = select_from(source, "*")
    for place, rate in enumerate(step.benefit.rates, 1):
        counts = all_of([has_bit("covers", step.bit), has_bit("held", bit_of(plan, rate.category_code))])
        query.select(named(when(counts, col("left_fen"), number(0)), f"c{place}_own"), copy=False)
    if step.benefit.counts_window_relief:
        query.select(named(when(has_bit("covers", step.bit), col("maf_fen"), number(0)), "window_own"), copy=False)
    return query


def _totals(step: Step, source: str) -> exp.Select:
    """The year's totals up to and with this claim, all in one window."""
    summed = [f"c{place}" for place in range(1, len(step.benefit.rates) + 1)]
    if step.benefit.counts_window_relief:
        summed.append("window")
    query = select_from(source, "*")
    for name in summed:
        total = exp.Window(this=exp.Sum(this=col(f"{name}_own")), alias=exp.to_identifier("w"))
        query.select(named(bigint(total), f"{name}_total"), copy=False)
    query.set("windows", [_window()])
    return query


def _window() -> exp.Window:
    order = [
        exp.Ordered(this=col(name), desc=False, nulls_first=name == "ordered_at")
        for name in ("ordered_on", "ordered_at", "event_id")
    ]
    return exp.Window(
        this=exp.to_identifier("w"),
        partition_by=columns(("person_key", "benefit_year", "is_firm")),
        order=exp.Order(expressions=order),
        spec=exp.WindowSpec(kind="rows", start="unbounded", start_side="preceding", end="current row"),
    )


def _relief(step: Step, binder: Binder, source: str) -> exp.Select:
    """F of each category's total with this claim; a total of nought, the most frequent by far, is not worked out."""
    query = select_from(source, "*")
    for place, rate in enumerate(step.benefit.rates, 1):
        total = col(f"c{place}_total")
        relief = _relief_of(step, place, rate, binder, total.copy())
        query.select(named(when(_is_above_zero(total), relief, number(0)), f"c{place}_relief"), copy=False)
    return query


def _is_above_zero(what: exp.Expr) -> exp.Expr:
    return exp.GT(this=what, expression=number(0))


def _relief_of(step: Step, place: int, rate: Rate, binder: Binder, total: exp.Expr) -> exp.Expr:
    """F(total): brackets of the excess, exact, rounded half up once, then the cap."""
    bound = step.name(f"c{place}")
    deductible = binder.bind(f"{bound}_deductible_fen", rate.deductible.amounts_fen[0])
    excess = greatest([minus(total, deductible), number(0)])
    parts = []
    for part, bracket in enumerate(rate.brackets, 1):
        low = binder.bind(f"{bound}_low_fen_{part}", bracket.low_fen)
        top = excess.copy()
        if bracket.high_fen is not None:
            top = least([top, binder.bind(f"{bound}_high_fen_{part}", bracket.high_fen)])
        length = greatest([minus(top, low), number(0)])
        parts.append(exp.Mul(this=length, expression=binder.bind(f"{bound}_ratio_ppm_{part}", bracket.ratio_ppm)))
    rounded = exp.IntDiv(this=exp.paren(plus([*parts, number(PPM // 2)])), expression=number(PPM))
    if not rate.caps:
        return rounded
    return least([rounded, binder.bind(f"{bound}_cap_fen", rate.caps[0].amount_fen)])


def _held(plan: Plan, step: Step, binder: Binder, source: str) -> exp.Select:
    """F of each total without this claim, worked out where the claim adds to it; and its relief where it is held, else -1."""
    query = select_from(source, "*")
    for place, rate in enumerate(step.benefit.rates, 1):
        own, relief = col(f"c{place}_own"), col(f"c{place}_relief")
        before = _relief_of(step, place, rate, binder, minus(col(f"c{place}_total"), own.copy()))
        held = when(has_bit("held", bit_of(plan, rate.category_code)), relief.copy(), number(-1))
        query.select(
            named(when(_is_above_zero(own), before, relief), f"c{place}_before"), named(held, f"c{place}_held"), copy=False
        )
    return query


def _due(plan: Plan, step: Step, binder: Binder, source: str) -> exp.Select:
    """The rise of the best relief; the category that counts: held, with the highest relief, of equals the first by code."""
    places = range(1, len(step.benefit.rates) + 1)
    best = greatest(columns(f"c{place}_relief" for place in places))
    before = greatest(columns(f"c{place}_before" for place in places))
    held = [f"c{place}_held" for place in places]
    entitled = minus(best.copy(), before)
    if step.benefit.counts_window_relief:
        received = greatest([best.copy(), col("window_total")])
        entitled = minus(received, greatest([before.copy(), minus(col("window_total"), col("window_own"))]))
    positions = [number(position_of(plan, rate.category_code)) for rate in step.benefit.rates]
    return select_from(
        source,
        "*",
        named(best, "best_fen"),
        named(entitled, "entitled_fen"),
        named(greatest(columns(held)), "held_best_fen"),
        named(switch(greatest(columns(held)), zip(columns(held), positions, strict=True)), "category"),
        named(_is_at_cap(step, binder), "is_at_cap"),
    )


def _is_at_cap(step: Step, binder: Binder) -> exp.Expr:
    capped = [(place, rate.caps[0].amount_fen) for place, rate in enumerate(step.benefit.rates, 1) if rate.caps]
    return any_of(
        [exp.EQ(this=col(f"c{place}_held"), expression=binder.bind(step.name(f"c{place}_cap_fen"), cap)) for place, cap in capped]
    )


def _paid(step: Step, source: str, kept: Sequence[str]) -> exp.Select:
    """What the benefit saw and gave, and what it left for the next."""
    after = greatest([minus(col("left_fen"), col("entitled_fen")), number(0)])
    changed = {"left_fen": after, "relief_fen": plus([col("relief_fen"), col("entitled_fen")]), "seen": _seen(step)}
    if step.benefit.counts_window_relief:
        changed |= _after_window(step, after)
    return select_from(
        source,
        *[named(changed[name], name) if name in changed else col(name) for name in kept],
        named(col("left_fen"), step.name("burden_fen")),
        named(col("entitled_fen"), step.name("entitled_fen")),
        named(col("category"), step.name("category")),
    )


def _after_window(step: Step, after: exp.Expr) -> dict[str, exp.Expr]:
    """Window relief: an advance where the benefit covers the claim, an earlier payer where it does not."""
    taken = least([col("left_fen"), col("maf_fen")])
    amount = minus(col("entitled_fen"), col("window_own"))
    return {
        "left_fen": when(has_bit("covers", step.bit), after, minus(col("left_fen"), taken)),
        "earlier_fen": when(has_bit("covers", step.bit), col("earlier_fen"), plus([col("earlier_fen"), taken.copy()])),
        "relief_fen": plus([col("relief_fen"), amount]),
        "window_fen": plus([col("window_fen"), col("window_own")]),
    }


def _seen(step: Step) -> exp.Expr:
    """The bits seen so far and those of this benefit, when it covers the claim."""
    entitled, amount = col("entitled_fen"), col("entitled_fen")
    has_line = [exp.NEQ(this=entitled, expression=number(0))]
    has_amount = exp.NEQ(this=amount, expression=number(0))
    if step.benefit.counts_window_relief:
        has_line.append(exp.NEQ(this=col("window_own"), expression=number(0)))
        has_amount = exp.NEQ(this=amount.copy(), expression=col("window_own"))
    met = [
        when(_is_above_zero(col("left_fen")), number(SAW_BURDEN), number(0)),
        when(_is_above_zero(col("best_fen")), number(ABOVE_DEDUCTIBLE), number(0)),
        when(col("is_at_cap"), number(AT_CAP), number(0)),
        when(exp.GT(this=col("best_fen"), expression=col("held_best_fen")), number(BETTER_ELSEWHERE), number(0)),
        when(any_of(has_line), number(HAS_LINE), number(0)),
        when(has_amount, number(HAS_AMOUNT), number(0)),
    ]
    bits = when(has_bit("covers", step.bit), plus(met), number(0))
    return exp.BitwiseOr(this=col("seen"), expression=exp.paren(bits, copy=False))
