"""out.award_line: one row a claim and benefit with money, from out.award_chain; held where it rests on a late list."""

from __future__ import annotations

from sqlglot import exp

from mianshen.core.plan import Plan
from mianshen.warehouse.compile_base import may_be_provisional
from mianshen.warehouse.compile_bits import bit_of, position_of
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

SHARE = ("event_id", "person_key", "benefit_year", "benefit_code", "amount_fen", "is_held")
"""Columns of out.award_share."""


def line_query(plan: Plan, binder: Binder, _slots: int) -> exp.Select:
    """One row a line. A line that provisional spans do not change cites the category that is held without them."""
    matched = ("event_id", "benefit_code", *MONEY[1:])
    same: list[exp.Expr] = [exp.EQ(this=col(name, "a"), expression=col(name, "f")) for name in matched]
    if any(one.is_year_jump for one in plan.benefits):
        same[0] = exp.NullSafeEQ(this=col("event_id", "a"), expression=col("event_id", "f"))
        same += [exp.EQ(this=col(name, "a"), expression=col(name, "f")) for name in WHO[1:3]]
    query = select_from(
        table("line", "a"),
        *columns((*WHO, *WHAT), "a"),
        named(exp.Coalesce(this=col("category_code", "f"), expressions=[col("category_code", "a")]), "category_code"),
        *columns(MONEY, "a"),
        named(all_of([col("is_doubtful", "a"), _is_missing(col("benefit_code", "f"))]), "is_held"),
        named(exp.Coalesce(this=col("clause_id", "f"), expressions=[col("clause_id", "a")]), "clause_id"),
        col("is_provisional", "a"),
    )
    query.join(table("firm", "f"), on=all_of(same), join_type="left", copy=False)
    query.where(exp.not_(col("is_firm", "a"), copy=False), copy=False)
    firm = select_from("line", "*").where(col("is_firm"), copy=False)
    return with_steps(query, [*_lines(plan, binder), ("firm", firm)])


def sure_line_query(plan: Plan, binder: Binder, _slots: int) -> exp.Select:
    """The same rows where no span is provisional: no line is held."""
    money = columns(MONEY)
    query = select_from(
        "line", *WHO, *WHAT, "category_code", *money, named(exp.false(), "is_held"), "is_provisional", "clause_id"
    )
    return with_steps(query, _lines(plan, binder))


def _lines(plan: Plan, binder: Binder) -> list[tuple[str, exp.Query]]:
    """The words of each benefit, and its lines."""
    words = [(step.name("word"), _words(plan, step, binder)) for step in steps_of(plan)]
    return [*words, ("line", all_rows(*(_line(plan, step) for step in steps_of(plan))))]


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


def _line(plan: Plan, step: Step) -> exp.Select:
    is_provisional = col("is_provisional", "c") if may_be_provisional(plan) else exp.false()
    if step.benefit.is_year_jump:
        return _sum_of_the_year(step, is_provisional)
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
        named(is_provisional, "is_provisional"),
    )
    has_money = any_of([exp.NEQ(this=one, expression=number(0)) for one in money])
    of_category = exp.EQ(this=col(step.name("category"), "c"), expression=col("bit", "w"))
    query.join(table(step.name("word"), "w"), on=of_category, join_type="inner", copy=False)
    return query.where(has_bit("covers", step.bit), has_money, copy=False)


def _sum_of_the_year(step: Step, is_provisional: exp.Expr) -> exp.Select:
    """One line a person and year, of no claim: the shares of its claims together."""
    money = [exp.Sum(this=col(step.name(name), "c")) for name in ("burden_fen", "entitled_fen")]
    query = select_from(
        table("out.award_chain", "c"),
        named(exp.cast(exp.null(), "text"), "event_id"),
        *columns(WHO[1:3], "c"),
        named(exp.Max(this=col("event_on", "c")), "event_on"),
        *columns(("is_firm", "is_doubtful"), "c"),
        *columns(WORDS, "w"),
        named(bigint(money[0]), "base_fen"),
        named(bigint(money[1]), "entitled_fen"),
        named(bigint(number(0)), "window_fen"),
        named(bigint(money[1].copy()), "amount_fen"),
        named(exp.LogicalOr(this=is_provisional), "is_provisional"),
    )
    of_category = exp.EQ(this=col(step.name("category"), "c"), expression=col("bit", "w"))
    query.join(table(step.name("word"), "w"), on=of_category, join_type="inner", copy=False)
    query.where(has_bit("covers", step.bit), copy=False)
    query.group_by(*columns((*WHO[1:3], "is_firm", "is_doubtful"), "c"), *columns(WORDS, "w"), copy=False)
    return query.having(exp.NEQ(this=money[1].copy(), expression=number(0)), copy=False)


def share_query(plan: Plan, binder: Binder, _slots: int) -> exp.Query:
    """One row a claim and benefit of which a sum of the year lies on the claim: its share, held with the sum's line."""
    leaps = [_share(step, binder) for step in steps_of(plan) if step.benefit.is_year_jump]
    if leaps:
        return all_rows(*leaps)
    none = exp.Is(this=col("event_id"), expression=exp.null())
    return select_from(table("out.award_line"), *SHARE).where(none, copy=False)


def _share(step: Step, binder: Binder) -> exp.Select:
    share = col(step.name("entitled_fen"), "c")
    query = select_from(
        table("out.award_chain", "c"),
        *columns(("event_id", "person_key", "benefit_year"), "c"),
        *columns(("benefit_code",), "l"),
        named(bigint(share), "amount_fen"),
        col("is_held", "l"),
    )
    same = [exp.EQ(this=col(name, "c"), expression=col(name, "l")) for name in WHO[1:3]]
    of_benefit = exp.EQ(this=col("benefit_code", "l"), expression=binder.bind(step.name("share_of"), step.benefit.code))
    is_sum = exp.Is(this=col("event_id", "l"), expression=exp.null())
    query.join(table("out.award_line", "l"), on=all_of([*same, of_benefit, is_sum]), join_type="inner", copy=False)
    is_there = exp.NEQ(this=share.copy(), expression=number(0))
    return query.where(exp.not_(col("is_firm", "c"), copy=False), is_there, copy=False)
