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
    minus,
    named,
    number,
    plus,
    same_columns,
    select_from,
    switch,
    table,
    when,
    with_steps,
)

PERSON = ("person_key", "is_firm")
"""Whose row it is, on which basis."""


def holder_query(plan: Plan, binder: Binder, slots: int) -> exp.Select:
    """One row a person (and basis) with `slots` categories at most; the span of each in its columns, and all spans in a list
    where a category has several."""
    return _holders(plan, binder, slots, _basis(plan))


def sure_holder_query(plan: Plan, binder: Binder, slots: int) -> exp.Select:
    """The same rows where no span is provisional: every person stands once."""
    return _holders(plan, binder, slots, select_from("span", "*", named(exp.false(), "is_firm")))


def _holders(plan: Plan, binder: Binder, slots: int, basis: exp.Query) -> exp.Select:
    numbered = exp.Window(this=exp.RowNumber(), order=_order(*columns(PERSON)))
    query = select_from(
        "placed",
        named(exp.cast(numbered, "int"), "person_no"),
        *PERSON,
        named(exp.LogicalOr(this=col("is_provisional")), "is_doubtful"),
        named(exp.LogicalOr(this=col("has_more")), "has_more"),
    )
    for slot in range(1, slots + 1):
        query.select(*_slot(slot), copy=False)
    is_further = exp.and_(col("has_more"), _is_some("bit"), copy=False)
    query.select(_days("more", "bit", is_further), copy=False)
    if asks_registration(plan):
        query.select(_days("elsewhere", "elsewhere_bit", _is_some("elsewhere_bit")), copy=False)
    query.group_by(*PERSON, copy=False)
    layers = [("listed", _listed(plan, binder)), *span_layers(plan, binder)]
    return with_steps(query, [*layers, ("basis", basis), ("person_bits", _bits()), ("placed", _placed())])


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


def _bits() -> exp.Select:
    """One row a person (and basis): the categories as bits, and whether one of them has several spans."""
    bits = exp.BitwiseOrAgg(this=col("bit"))
    spans = exp.Sum(this=when(_is_some("bit"), number(1), number(0)))
    many = exp.GT(this=spans, expression=_count(bits.copy()))
    return select_from("basis", *PERSON, named(bits, "bits"), named(many, "has_more")).group_by(*PERSON, copy=False)


def _placed() -> exp.Select:
    """Each span with the slot of its category, in the order of the categories; none for a span of no category."""
    below = exp.BitwiseAnd(this=col("bits", "p"), expression=exp.paren(minus(col("bit", "b"), number(1))))
    slot = when(exp.NEQ(this=col("bit", "b"), expression=number(0)), plus([_count(below), number(1)]), exp.null())
    query = select_from(table("basis", "b"), "b.*", col("has_more", "p"), named(slot, "slot"))
    return query.join(table("person_bits", "p"), on=same_columns(PERSON, "b", "p"), join_type="inner", copy=False)


def _count(bits: exp.Expr) -> exp.Expr:
    return exp.func("bit_count", bits)


def _is_some(bit: str) -> exp.Expr:
    return exp.NEQ(this=col(bit), expression=number(0))


def _order(*by: exp.Expr) -> exp.Order:
    return exp.Order(expressions=[exp.Ordered(this=one, desc=False, nulls_first=False) for one in by])


def _days(name: str, bit: str, which: exp.Expr) -> exp.Expr:
    """The days and categories of those spans, as a list."""
    told: list[exp.Expr] = [
        exp.PropertyEQ(this=exp.to_identifier(field), expression=col(of))
        for field, of in (("since", "since"), ("until", "until"), ("bit", bit))
    ]
    listed = exp.Filter(this=exp.ArrayAgg(this=exp.Struct(expressions=told)), expression=exp.Where(this=which))
    return named(listed, name)


def _slot(slot: int) -> list[exp.Expr]:
    """The slot's category as a bit, 0 when empty; its span, or of several the days up to the first end: they lie in it."""
    here = exp.EQ(this=col("slot"), expression=number(slot))
    return [
        named(exp.Max(this=when(here, col("bit"), bigint(number(0)))), f"bit_{slot}"),
        *[named(exp.Min(this=when(here.copy(), col(name), exp.null())), f"{name}_{slot}") for name in ("since", "until")],
    ]
