"""A benefit that takes several steps in its place in the chain: claims numbered before it, what is due joined to them after."""

from __future__ import annotations

from sqlglot import exp

from mianshen.core.plan import Plan
from mianshen.warehouse.compile_admissions import ORDER
from mianshen.warehouse.compile_layers import CLAIM_KEY, over
from mianshen.warehouse.compile_leaps import leap_layers
from mianshen.warehouse.compile_rates import Step
from mianshen.warehouse.compile_steps import steps_layers
from mianshen.warehouse.compile_words import (
    Binder,
    bigint,
    coalesced,
    col,
    columns,
    greatest,
    has_bit,
    minus,
    named,
    number,
    select_from,
    table,
    when,
)


def numbering(source: str) -> list[tuple[str, exp.Query]]:
    """The claims of a person and benefit year numbered in their order, and each stay by its first claim."""
    order = [exp.Ordered(this=col(name), desc=False, nulls_first=name == "ordered_at") for name in ORDER]
    turn = exp.Window(this=exp.RowNumber(), partition_by=columns(CLAIM_KEY[:2]), order=exp.Order(expressions=order))
    stay = exp.Window(this=exp.Min(this=col("claim_no")), partition_by=columns((*CLAIM_KEY[:2], "stay_id")))
    return [
        ("turned", select_from(source, "*", named(turn, "claim_no"))),
        ("numbered", select_from("turned", "*", named(stay, "stay_no"))),
    ]


def stepped(plan: Plan, step: Step, binder: Binder, source: str) -> list[tuple[str, exp.Query]]:
    """The benefit's steps, and the claims of the source with what is due on each; nothing where it does not cover the claim."""
    layers = (leap_layers if step.benefit.is_year_jump else steps_layers)(plan, step, binder, source)
    counts = step.benefit.counts_window_relief
    if counts:
        own = when(has_bit("covers", step.bit), col("maf_fen"), number(0))
        layers.append((step.name("window"), select_from(source, "*", named(own, "own_window"))))
        total = bigint(over(exp.Sum(this=col("own_window")), CLAIM_KEY[:2], CLAIM_KEY[2:]))
        layers.append((step.name("windows"), select_from(step.name("window"), "*", named(total, "total_window"))))
        source = step.name("windows")
    query = select_from(
        table(source, "s"),
        "s.*",
        named(_due(counts=counts), "entitled_fen"),
        *[named(coalesced(col(name, "f")), name) for name in ("best_fen", "held_best_fen", "category")],
        *[
            named(exp.Coalesce(this=col(name, "f"), expressions=[exp.false()]), name)
            for name in ("is_at_cap", "has_excess", "is_over")
        ],
    )
    same = [exp.EQ(this=col(name, "s"), expression=col(name, "f")) for name in CLAIM_KEY]
    query.join(table(step.name("found"), "f"), on=exp.and_(*same, copy=False), join_type="left", copy=False)
    return [*layers, (step.name("due"), query)]


def _due(*, counts: bool) -> exp.Expr:
    if not counts:
        return coalesced(col("entitled_fen", "f"))
    after = greatest([col("best_fen", "f"), col("total_window", "s")])
    before = greatest([col("before_fen", "f"), minus(col("total_window", "s"), col("own_window", "s"))])
    is_found = exp.Is(this=col("best_fen", "f"), expression=exp.null())
    return when(is_found, number(0), minus(after, before))
