"""out.holder: every person with a category of the Plan as one row: the categories held, in slots, with the days of each.

A person holds few of the many categories, so that everything after counts by slot and not by category. A person with
provisional spans stands twice: once with all spans, once with the firm ones alone (`is_firm`). Where no span is provisional,
the text is the shorter one of `sure_holder_query`.
"""

from __future__ import annotations

from sqlglot import exp

from mianshen.core.identity import PLAIN_IDENTITY
from mianshen.core.plan import Plan
from mianshen.warehouse.compile_identity import asks_registration, span_layers
from mianshen.warehouse.compile_words import (
    Binder,
    all_rows,
    bigint,
    col,
    columns,
    named,
    number,
    select_from,
    switch,
    table,
    when,
    with_steps,
)


def holder_query(plan: Plan, binder: Binder, slots: int) -> exp.Select:
    """One row a person (and basis) with `slots` categories at most; the first span of each in its columns, more in a list."""
    return _holders(plan, binder, slots, _basis(plan))


def sure_holder_query(plan: Plan, binder: Binder, slots: int) -> exp.Select:
    """The same rows where no span is provisional: every person stands once."""
    return _holders(plan, binder, slots, select_from("span", "*", named(exp.false(), "is_firm")))


def _holders(plan: Plan, binder: Binder, slots: int, basis: exp.Query) -> exp.Select:
    person = ("person_key", "is_firm")
    numbered = exp.Window(this=exp.RowNumber(), order=_order(*columns(person)))
    query = select_from(
        "placed",
        named(exp.cast(numbered, "int"), "person_no"),
        *person,
        named(exp.LogicalOr(this=col("is_provisional")), "is_doubtful"),
    )
    for slot in range(1, slots + 1):
        query.select(*_slot(slot), copy=False)
    if asks_registration(plan):
        query.select(_elsewhere(), copy=False)
    query.group_by(*person, copy=False)
    layers = [("listed", _listed(plan, binder)), *span_layers(plan, binder)]
    return with_steps(query, [*layers, ("basis", basis), ("placed", _placed())])


def _listed(plan: Plan, binder: Binder) -> exp.Select:
    """The spans of the Plan's categories as they are listed; what rules ask beside the days only where there are rules."""
    codes = [binder.bind(f"category_{place}", one.code) for place, one in enumerate(plan.categories, 1)]
    arms = [(code, number(1 << place)) for place, code in enumerate(codes)]
    bit = bigint(switch(col("category_code"), arms, number(0)))
    known = exp.In(this=col("category_code"), expressions=[one.copy() for one in codes])
    asked = ("applied_on", "is_local") if any(one.identity != PLAIN_IDENTITY for one in plan.categories) else ()
    query = select_from(table("facts.identity_span"), "person_key", "since", "until", "is_provisional", *asked, named(bit, "bit"))
    return query.where(known, copy=False)


def _basis(plan: Plan) -> exp.Query:
    """All spans; and those of people with a provisional one again, in which the provisional ones are of no category."""
    firm = when(col("is_provisional"), bigint(number(0)), col("bit"))
    doubtful = select_from("span", "person_key").where(col("is_provisional"), copy=False)
    rest = ("since", "until", "is_provisional", *(("elsewhere_bit",) if asks_registration(plan) else ()))
    again = select_from("span", "person_key", named(exp.true(), "is_firm"), named(firm, "bit"), *rest).where(
        exp.In(this=col("person_key"), query=doubtful.subquery(copy=False)), copy=False
    )
    return all_rows(select_from("span", "person_key", named(exp.false(), "is_firm"), "bit", *rest), again)


def _placed() -> exp.Select:
    """Each span with the slot of its category, in the order of the categories, and its turn among those of the category."""
    person = columns(("person_key", "is_firm"))
    no_category = exp.EQ(this=col("bit"), expression=number(0))
    slot = exp.Window(this=exp.DenseRank(), partition_by=person, order=_order(no_category, col("bit")))
    same = [*columns(("person_key", "is_firm", "bit"))]
    turn = exp.Window(this=exp.RowNumber(), partition_by=same, order=_order(*columns(("since", "until"))))
    return select_from("basis", "*", named(slot, "slot"), named(turn, "turn"))


def _order(*by: exp.Expr) -> exp.Order:
    return exp.Order(expressions=[exp.Ordered(this=one, desc=False, nulls_first=False) for one in by])


def _elsewhere() -> exp.Expr:
    """The spans that would count if the person were registered in the county, null when there are none."""
    days: list[exp.Expr] = [
        exp.PropertyEQ(this=exp.to_identifier(name), expression=col(of))
        for name, of in (("since", "since"), ("until", "until"), ("bit", "elsewhere_bit"))
    ]
    is_one = exp.NEQ(this=col("elsewhere_bit"), expression=number(0))
    listed = exp.Filter(this=exp.ArrayAgg(this=exp.Struct(expressions=days)), expression=exp.Where(this=is_one))
    return named(listed, "elsewhere")


def _slot(slot: int) -> list[exp.Expr]:
    """The slot's category as a bit, 0 when empty; its first span; its further spans, null when there are none."""
    here = exp.EQ(this=col("slot"), expression=number(slot))
    first = exp.and_(here.copy(), exp.EQ(this=col("turn"), expression=number(1)), copy=False)
    further = exp.and_(here.copy(), exp.GT(this=col("turn"), expression=number(1)), copy=False)
    days = [exp.PropertyEQ(this=exp.to_identifier(name), expression=col(name)) for name in ("since", "until")]
    more = exp.Filter(this=exp.ArrayAgg(this=exp.Struct(expressions=days)), expression=exp.Where(this=further))
    return [
        named(exp.Max(this=when(here, col("bit"), bigint(number(0)))), f"bit_{slot}"),
        *[named(exp.Max(this=when(first.copy(), col(name), exp.null())), f"{name}_{slot}") for name in ("since", "until")],
        named(more, f"more_{slot}"),
    ]
