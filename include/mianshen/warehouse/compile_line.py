"""out.award_line: one row a claim and benefit with money, from out.award_chain; held where it rests on a late list."""

from __future__ import annotations

from sqlglot import exp

from mianshen.core.plan import Plan
from mianshen.warehouse.compile_holder import bit_of, position_of
from mianshen.warehouse.compile_rates import Step, steps_of
from mianshen.warehouse.compile_words import (
    Binder,
    all_of,
    all_rows,
    any_of,
    bigint,
    col,
    columns,
    has_bit,
    minus,
    named,
    number,
    select_from,
    table,
    with_steps,
)

WHO = ("event_id", "person_key", "benefit_year", "event_on")
WHAT = ("benefit_code", "tier_code", "department_code", "fund_code")
WORDS = (*WHAT, "category_code", "clause_id")
"""What a benefit says of each category that it rates."""
MONEY = ("base_fen", "entitled_fen", "window_fen", "amount_fen")
"""Columns of out.award_line, in groups; category, clause and `is_held` beside them."""


def line_query(plan: Plan, binder: Binder, _slots: int) -> exp.Select:
    """One row a line. A line that provisional spans do not change cites the category that is held without them."""
    same = [exp.EQ(this=col(name, "a"), expression=col(name, "f")) for name in ("event_id", "benefit_code", *MONEY[1:])]
    query = select_from(
        table("line", "a"),
        *columns((*WHO, *WHAT), "a"),
        named(exp.Coalesce(this=col("category_code", "f"), expressions=[col("category_code", "a")]), "category_code"),
        *columns(MONEY, "a"),
        named(all_of([col("is_doubtful", "a"), _is_missing(col("event_id", "f"))]), "is_held"),
        named(exp.Coalesce(this=col("clause_id", "f"), expressions=[col("clause_id", "a")]), "clause_id"),
    )
    query.join(table("firm", "f"), on=all_of(same), join_type="left", copy=False)
    query.where(exp.not_(col("is_firm", "a"), copy=False), copy=False)
    firm = select_from("line", "*").where(col("is_firm"), copy=False)
    lines = all_rows(*(_line(step) for step in steps_of(plan)))
    words = [(step.name("word"), _words(plan, step, binder)) for step in steps_of(plan)]
    return with_steps(query, [*words, ("line", lines), ("firm", firm)])


def _is_missing(what: exp.Expr) -> exp.Expr:
    return exp.Is(this=what, expression=exp.null())


def _words(plan: Plan, step: Step, binder: Binder) -> exp.Select:
    """The benefit's words, one row a category: its codes, the category and the clause."""
    benefit = step.benefit
    codes = (benefit.code, benefit.tier_code, benefit.department_code, benefit.fund_code)
    rows = [
        (
            number(bit_of(plan, rate.category_code)),
            *(binder.bind(step.name(name), word) for name, word in zip(WHAT, codes, strict=True)),
            binder.bind(f"category_{position_of(plan, rate.category_code)}", rate.category_code),
            binder.bind(step.name(f"c{place}_clause_id"), rate.clause_id),
        )
        for place, rate in enumerate(benefit.rates, 1)
    ]
    return select_from(exp.values(rows, alias="worded", columns=["bit", *WORDS]), "*")


def _line(step: Step) -> exp.Select:
    counts = step.benefit.counts_window_relief
    entitled = col(step.name("entitled_fen"), "c")
    money = [entitled.copy(), col("maf_fen", "c")] if counts else [entitled.copy()]
    query = select_from(
        table("out.award_chain", "c"),
        *columns((*WHO, "is_firm", "is_doubtful"), "c"),
        *columns(WORDS, "w"),
        named(col(step.name("burden_fen"), "c"), "base_fen"),
        named(entitled, "entitled_fen"),
        named(col("maf_fen", "c") if counts else bigint(number(0)), "window_fen"),
        named(minus(*(one.copy() for one in money)), "amount_fen"),
    )
    has_money = any_of([exp.NEQ(this=one, expression=number(0)) for one in money])
    of_category = exp.EQ(this=col(step.name("category"), "c"), expression=col("bit", "w"))
    query.join(table(step.name("word"), "w"), on=of_category, join_type="inner", copy=False)
    return query.where(has_bit("covers", step.bit), has_money, copy=False)
