"""A benefit whose relief is one sum of the year, because it may leap: its steps on each category's total, then shared out.

docs/reference/relief-semantics.md, 5.3: a row a person, benefit year and category, with the total of the covered claims, takes
the steps of any claim; the highest result lies on the covered claims in order, on each up to its burden.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mianshen.core.plan import Plan
from mianshen.warehouse.compile_caps import after_caps, cap_off, round_off
from mianshen.warehouse.compile_layers import CLAIM_KEY, Steps, over
from mianshen.warehouse.compile_rates import Step
from mianshen.warehouse.compile_steps import deduct, numbers_of, rows_of, weigh
from mianshen.warehouse.compile_words import Binder, bigint, col, columns, least, minus, named, number, select_from, table

YEAR = CLAIM_KEY[:2]
"""Within which one sum stands."""


def leap_layers(plan: Plan, step: Step, binder: Binder, source: str) -> list[tuple[str, exp.Query]]:
    """The layers that find, for each claim that the benefit covers, its share of the year's sum and what was met."""
    rows = [(step.name("rate"), numbers_of(plan, step, binder)), (step.name("row"), rows_of(step, source))]
    made = Steps(plan, step, binder, [*rows, *year_totals(step)])
    deduct(made)
    weigh(made)
    round_off(made, step.benefit.rounding, "weight", "amount_fen", "paid_fen")
    cap_off(made)
    after_caps(made)
    order = [exp.Ordered(this=col("given_fen"), desc=True, nulls_first=False), exp.Ordered(this=col("bit"), nulls_first=False)]
    first = exp.Window(this=exp.FirstValue(this=col("bit")), partition_by=columns(YEAR), order=exp.Order(expressions=order))
    most = exp.Window(this=exp.Max(this=col("given_fen")), partition_by=columns(YEAR))
    made.add("leap", named(first, "leap_bit"), named(most, "leap_fen"))
    made.layers.append((step.name("met"), _met(step, made.layers[-1][0])))
    burden = bigint(over(exp.Sum(this=col("burden_fen")), YEAR, CLAIM_KEY[2:]))
    made.add("run", named(burden, "run_fen"))
    with_it = least([col("run_fen"), col("best_fen")])
    before = least([minus(col("run_fen"), col("burden_fen")), col("best_fen")])
    made.add("found", named(minus(with_it, before), "entitled_fen"))
    return made.layers


def year_totals(step: Step, carried: Sequence[str] = ()) -> list[tuple[str, exp.Query]]:
    """The layers after the rows that make one row of the year a person and category; `carried` are columns of the person."""
    return [(step.name("sum"), _sums(step, carried)), (step.name("total"), _totals(step, carried))]


def _sums(step: Step, carried: Sequence[str]) -> exp.Select:
    """The total of the covered claims that hold the category."""
    kept = [named(exp.Max(this=col(name)), name) for name in carried]
    query = select_from(step.name("row"), *YEAR, "bit", *kept, named(bigint(exp.Sum(this=col("amount_fen"))), "amount_fen"))
    return query.group_by(*columns((*YEAR, "bit")), copy=False)


def _totals(step: Step, carried: Sequence[str]) -> exp.Select:
    """The total as one claim of the year, with the numbers of its category."""
    query = select_from(
        table(step.name("sum"), "t"),
        *columns((*YEAR, *carried, "amount_fen"), "t"),
        *[named(number(0), name) for name in ("claim_no", "admission_no")],
        "r.*",
    )
    same = exp.EQ(this=col("bit", "t"), expression=col("bit", "r"))
    return query.join(table(step.name("rate"), "r"), on=same, join_type="inner", copy=False)


def _met(step: Step, source: str) -> exp.Select:
    """One row a covered claim: the year's sum and its category, and what the totals of the categories that it holds have met."""
    flags = {
        "is_at_cap": col("is_met", "l"),
        "has_excess": exp.GT(this=col("excess_fen", "l"), expression=number(0)),
        "is_over": col("is_over", "l"),
    }
    best = {"best_fen": col("leap_fen", "l"), "held_best_fen": col("given_fen", "l"), "category": col("leap_bit", "l")}
    query = select_from(
        table(step.name("row"), "w"),
        *columns(CLAIM_KEY, "w"),
        *[named(exp.Max(this=what), name) for name, what in (best | {"burden_fen": col("amount_fen", "w")}).items()],
        *[named(exp.LogicalOr(this=what), name) for name, what in flags.items()],
    )
    same = [exp.EQ(this=col(name, "w"), expression=col(name, "l")) for name in (*YEAR, "bit")]
    query.join(table(source, "l"), on=exp.and_(*same, copy=False), join_type="inner", copy=False)
    return query.group_by(*columns(CLAIM_KEY, "w"), copy=False)
