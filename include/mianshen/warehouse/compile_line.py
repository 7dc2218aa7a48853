"""out.award_line: one row a claim and benefit with money, from out.award_chain; held where it rests on a late list."""

from __future__ import annotations

from sqlglot import exp

from mianshen.core.plan import Plan
from mianshen.warehouse.compile_chain import Step, steps_of
from mianshen.warehouse.compile_claim import position_of
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
    switch,
    table,
    with_steps,
)

WHO = ("event_id", "person_key", "benefit_year", "event_on")
WHAT = ("benefit_code", "tier_code", "department_code", "fund_code")
MONEY = ("base_fen", "entitled_fen", "window_fen", "amount_fen")
"""Columns of out.award_line, in groups; category, clause and `is_held` beside them."""


def line_query(plan: Plan, binder: Binder) -> exp.Select:
    """One row a line. A line that provisional spans do not change cites the category that is held without them."""
    same = [exp.EQ(this=col(name, "a"), expression=col(name, "f")) for name in ("event_id", "benefit_code", *MONEY[1:])]
    same_person = exp.EQ(this=col("person_key", "a"), expression=col("person_key", "d"))
    query = select_from(
        table("line", "a"),
        *columns((*WHO, *WHAT), "a"),
        named(exp.Coalesce(this=col("category_code", "f"), expressions=[col("category_code", "a")]), "category_code"),
        *columns(MONEY, "a"),
        named(all_of([exp.not_(_is_missing(col("person_key", "d")), copy=False), _is_missing(col("event_id", "f"))]), "is_held"),
        named(exp.Coalesce(this=col("clause_id", "f"), expressions=[col("clause_id", "a")]), "clause_id"),
    )
    query.join(table("firm", "f"), on=all_of(same), join_type="left", copy=False)
    query.join(table("doubtful", "d"), on=same_person, join_type="left", copy=False)
    query.where(exp.not_(col("is_firm", "a"), copy=False), copy=False)
    doubtful = select_from(table("out.claim"), "person_key").where(col("is_firm"), copy=False).distinct(copy=False)
    firm = select_from("line", "*").where(col("is_firm"), copy=False)
    lines = all_rows(*(_line(plan, step, binder) for step in steps_of(plan)))
    return with_steps(query, [("line", lines), ("firm", firm), ("doubtful", doubtful)])


def _is_missing(what: exp.Expr) -> exp.Expr:
    return exp.Is(this=what, expression=exp.null())


def _line(plan: Plan, step: Step, binder: Binder) -> exp.Select:
    benefit = step.benefit
    words = (benefit.code, benefit.tier_code, benefit.department_code, benefit.fund_code)
    counts = benefit.counts_window_relief
    entitled = col(step.name("entitled_fen"))
    money = [entitled.copy(), col("maf_fen")] if counts else [entitled.copy()]
    query = select_from(
        table("out.award_chain"),
        *WHO,
        "is_firm",
        *[named(binder.bind(step.name(name), word), name) for name, word in zip(WHAT, words, strict=True)],
        named(_category(plan, step, binder), "category_code"),
        named(col(step.name("burden_fen")), "base_fen"),
        named(entitled, "entitled_fen"),
        named(col("maf_fen") if counts else bigint(number(0)), "window_fen"),
        named(minus(*(one.copy() for one in money)), "amount_fen"),
        named(_clause(plan, step, binder), "clause_id"),
    )
    has_money = any_of([exp.NEQ(this=one, expression=number(0)) for one in money])
    return query.where(has_bit("covers", step.bit), has_money, copy=False)


def _category(plan: Plan, step: Step, binder: Binder) -> exp.Expr:
    places = sorted(position_of(plan, rate.category_code) for rate in step.benefit.rates)
    arms = [(number(place), binder.bind(f"category_{place}", plan.categories[place - 1].code)) for place in places]
    return switch(col(step.name("category")), arms)


def _clause(plan: Plan, step: Step, binder: Binder) -> exp.Expr:
    arms = [
        (number(position_of(plan, rate.category_code)), binder.bind(step.name(f"c{place}_clause_id"), rate.clause_id))
        for place, rate in enumerate(step.benefit.rates, 1)
    ]
    return switch(col(step.name("category")), arms)
