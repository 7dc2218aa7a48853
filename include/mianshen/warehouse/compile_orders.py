"""The order search as sets: the orders that differ for each person-year are tried, the best one is chosen, its chain runs.

docs/reference/relief-semantics.md, 5.5. The legal orders are numbered as in the Plan; for the benefits that cover a claim of the
person-year (its signature) orders that are then the same count once, under the lowest number. Trying an order sends the claims of
the person-year along it (compile_order_claims).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlglot import exp

from mianshen.core.plan import EventKind, OrderChoice, Plan
from mianshen.warehouse.compile_chain import course_layers, course_query
from mianshen.warehouse.compile_course import Course, Way, counts_window
from mianshen.warehouse.compile_lanes import person_of
from mianshen.warehouse.compile_order_claims import YEAR
from mianshen.warehouse.compile_rates import Step, steps_of
from mianshen.warehouse.compile_turns import turns_of
from mianshen.warehouse.compile_words import (
    Binder,
    all_of,
    all_rows,
    bigint,
    coalesced,
    col,
    columns,
    minus,
    named,
    number,
    plus,
    same_columns,
    select_from,
    table,
    with_steps,
)

Maker = Callable[[Plan, Binder, int], exp.Query]
"""Makes a table's query."""
RELIEF = ("relief_fen", "window_fen")
"""What a claim brings in together."""
TRIED = ("person_key", "benefit_year", "order_no", "sequence", "arrangement", "total_fen", "is_chosen")
"""Columns of out.order_tried."""


def is_searched(plan: Plan) -> bool:
    """Whether the policy permits more than one order."""
    return len(plan.arrangements) > 1


def orders_of(plan: Plan) -> list[list[Step]]:
    """The benefits of each permitted order by its number; those for enrolments come first, they meet no claim of care."""
    steps = {one.benefit.code: one for one in steps_of(plan)}
    if not plan.arrangements:
        return [list(steps.values())]
    fees = [one for one in steps.values() if one.benefit.event_kind is not EventKind.CARE]
    return [[*fees, *(steps[code] for code in order)] for order in plan.arrangements]


def option_query(plan: Plan, binder: Binder, _slots: int) -> exp.Select:
    """One row a signature that occurs and order: what is left of the order among its benefits, and the lowest number of that."""
    bits = {one.benefit.code: one.bit for one in steps_of(plan)}
    places = {code: place for place, code in enumerate(bits, 1)}
    rows = [
        (number(order_no), number(turn), number(bits[code]), binder.bind(f"b{places[code]}_code", code))
        for order_no, order in enumerate(plan.arrangements)
        for turn, code in enumerate(order, 1)
    ]
    rows += [(number(one), number(0), number(0), exp.null()) for one in range(len(plan.arrangements))]
    arranged = select_from(exp.values(rows, alias="listed", columns=["order_no", "turn", "bit", "code"]), "*")
    signature = select_from(table("out.order_year"), "signature").distinct(copy=False)
    met = "case when (a.bit & s.signature) <> 0 then a.code end"
    told = select_from(
        table("signature", "s"),
        "s.signature",
        "a.order_no",
        named(_joined(met), "sequence"),
        named(_joined("a.code"), "arrangement"),
    )
    told.join(table("arranged", "a"), join_type="cross", copy=False)
    told.group_by(*columns(("signature",), "s"), *columns(("order_no",), "a"), copy=False)
    same, own = columns(("signature", "sequence")), columns(("signature",))
    ends = [exp.Window(this=kind(this=col("sequence")), partition_by=own) for kind in (exp.Min, exp.Max)]
    query = select_from(
        "told",
        "*",
        named(exp.Window(this=exp.Min(this=col("order_no")), partition_by=same), "lowest_no"),
        named(exp.NEQ(this=ends[0], expression=ends[1]), "is_open"),
    )
    query.with_("signature", as_=signature, copy=False).with_("arranged", as_=arranged, copy=False)
    return query.with_("told", as_=told, copy=False)


def _joined(what: str) -> exp.Expr:
    return exp.maybe_parse(f"coalesce(string_agg({what}, '>' order by a.turn), '')", dialect="duckdb")


def branch_query(plan: Plan, _binder: Binder, _slots: int) -> exp.Select:
    """One row a signature, turn and way so far: the ways on, each with the benefit that it meets there, as a bit.

    A way is known by the lowest number of an order that goes along it; a benefit that does not cover the person-year is none.
    """
    turns = [one for one in turns_of(orders_of(plan)) if one.number]
    rows = [(number(place), number(turn.number), number(bit)) for turn in turns for place, bit in enumerate(turn.bits)]
    listed = select_from(exp.values(rows, alias="listed", columns=["order_no", "turn", "bit"]), "*")
    met = exp.BitwiseAnd(this=bigint(col("bit", "a")), expression=col("signature", "o"))
    every = select_from(
        table("out.order_option", "o"), *columns(("signature", "order_no"), "o"), col("turn", "a"), named(met, "bit")
    )
    every.join(table("arranged", "a"), on=same_columns(("order_no",), "o", "a"), join_type="inner", copy=False)
    every.where(*_differing("o"), copy=False)
    whole = ("signature", "order_no", "turn", "bit")
    way = select_from(table("every", "e"), *columns(whole, "e"), named(_joined("cast(a.bit as text)"), "path"))
    earlier = exp.LTE(this=col("turn", "a"), expression=col("turn", "e"))
    way.join(table("every", "a"), on=all_of([same_columns(whole[:2], "e", "a"), earlier]), join_type="inner", copy=False)
    way.group_by(*columns(whole, "e"), copy=False)
    lowest = exp.Window(this=exp.Min(this=col("order_no")), partition_by=columns(("signature", "turn", "path")))
    query = select_from(
        table("lane", "l"),
        *columns(("signature", "turn"), "l"),
        named(coalesced(col("lane", "p")), "came_from"),
        named(col("lane", "l"), "order_no"),
        col("bit", "l"),
    )
    before = exp.EQ(this=col("turn", "p"), expression=exp.paren(minus(col("turn", "l"), number(1))))
    query.join(table("lane", "p"), on=all_of([same_columns(whole[:2], "l", "p"), before]), join_type="left", copy=False)
    lane = select_from("way", "*", named(lowest, "lane"))
    return with_steps(query.distinct(copy=False), [("arranged", listed), ("every", every), ("way", way), ("lane", lane)])


def _differing(of: str) -> list[exp.Expr]:
    """Whether an order is tried for the signature: it has several, and the order is the first of those that are the same."""
    return [col("is_open", of), exp.EQ(this=col("order_no", of), expression=col("lowest_no", of))]


def known_course(plan: Plan, *, is_tried: bool) -> Course:
    """Each claim that is tried along each order that differs, or each claim along the order that counts; with what purses ask."""
    if not is_searched(plan):
        return Course(turns_of(orders_of(plan)), select_from(table("out.claim", "c"), "c.*"), keeps_places=True)
    return Course(turns_of(orders_of(plan)), _tried() if is_tried else _chosen(), Way.KNOWN, keeps_places=True)


def _tried() -> exp.Select:
    picked = select_from(table("out.order_claim", "c"), "c.*", col("order_no", "o"))
    joined = all_of([same_columns(("signature",), "c", "o"), *_differing("o")])
    return picked.join(table("out.order_option", "o"), on=joined, join_type="inner", copy=False)


def _chosen() -> exp.Select:
    """Each claim with the number of the order that counts, 0 where there was no choice."""
    picked = select_from(table("out.claim", "c"), "c.*", named(coalesced(col("order_no", "o")), "order_no"))
    joined = all_of([same_columns(YEAR, "c", "o"), col("is_chosen", "o")])
    return picked.join(table("out.order_choice", "o"), on=joined, join_type="left", copy=False)


def total_makers() -> dict[str, Maker]:
    """What makes out.order_total: of person-years whose totals decide, which take no window, and of all others."""
    apart = {f"out.order_total_{kind}": partial(_total_query, is_single=kind == "even") for kind in ("even", "uneven")}

    def together(_plan: Plan, _binder: Binder, _slots: int) -> exp.Query:
        return all_rows(*[select_from(table(name), "*") for name in apart])

    return {"out.order_branch": branch_query, **apart, "out.order_total": together}


def _total_query(plan: Plan, binder: Binder, slots: int, *, is_single: bool) -> exp.Select:
    is_even = col("is_even") if is_single else exp.not_(col("is_even"), copy=False)
    picked = select_from(table("out.order_claim"), "*").where(is_even, copy=False)
    course = Course(turns_of(orders_of(plan)), picked, Way.PARTING, keeps_lines=False, is_single=is_single)
    layers, _ = course_layers(plan, binder, slots, course)
    brought = columns(RELIEF) if counts_window(plan) else [col(RELIEF[0]), named(bigint(number(0)), RELIEF[1])]
    along = select_from(layers[-1][0], named(col(person_of(course)), "person_no"), "benefit_year", "order_no", *brought)
    return with_steps(sums_of(along.subquery("tried", copy=False)), layers)


def sums_of(tried: exp.Expr) -> exp.Select:
    """What the claims tried along each order bring in together."""
    total = bigint(exp.Sum(this=plus(columns(RELIEF))))
    query = select_from(tried, *YEAR, "order_no", named(total, "total_fen"))
    return query.group_by(*columns((*YEAR, "order_no")), copy=False)


def choice_query(plan: Plan, _binder: Binder, _slots: int) -> exp.Select:
    """One row a person-year (and basis) and order tried; the highest total counts, of equal ones the lowest number."""
    orders = number(len(plan.arrangements))
    backwards = minus(orders, number(1), col("order_no"))
    first = exp.Max(this=plus([exp.Mul(this=col("total_fen"), expression=orders.copy()), backwards]))
    best = select_from(table("out.order_total"), *YEAR, named(first, "best")).group_by(*columns(YEAR), copy=False)
    counts: exp.Expr = minus(orders.copy(), number(1), exp.Mod(this=col("best", "b"), expression=orders.copy()))
    query = select_from(
        table("out.order_total", "t"),
        *columns((*YEAR, "order_no", "total_fen"), "t"),
        *columns(("person_key", "is_firm"), "y"),
        *columns(("sequence", "arrangement"), "o"),
    )
    query.with_("best", as_=best, copy=False)
    query.join(table("best", "b"), on=same_columns(YEAR, "t", "b"), join_type="inner", copy=False)
    query.join(table("out.order_year", "y"), on=same_columns(YEAR, "t", "y"), join_type="inner", copy=False)
    same = all_of([same_columns(("signature",), "y", "o"), same_columns(("order_no",), "t", "o")])
    query.join(table("out.order_option", "o"), on=same, join_type="inner", copy=False)
    if plan.order_choice is OrderChoice.LOCKED:
        query.join(_locked().subquery("l", copy=False), on=same_columns(YEAR, "t", "l"), join_type="left", copy=False)
        counts = exp.Coalesce(this=col("lowest_no", "l"), expressions=[counts])
    return query.select(named(exp.EQ(this=col("order_no", "t"), expression=counts), "is_chosen"), copy=False)


def _locked() -> exp.Select:
    """The number of the order that a first payment locked, where the policy still permits it."""
    query = select_from(table("facts.order_locked", "k"), *columns(YEAR, "y"), col("lowest_no", "o"))
    query.join(
        table("out.order_year", "y"), on=same_columns(("person_key", "benefit_year"), "k", "y"), join_type="inner", copy=False
    )
    same = all_of([same_columns(("signature",), "y", "o"), exp.EQ(this=col("sequence", "k"), expression=col("arrangement", "o"))])
    return query.join(table("out.order_option", "o"), on=same, join_type="inner", copy=False)


def tried_query(plan: Plan, _binder: Binder, _slots: int) -> exp.Select:
    """out.order_tried: one row a person-year and order tried, where there was more than one."""
    if is_searched(plan):
        return select_from(table("out.order_choice"), *TRIED).where(exp.not_(col("is_firm"), copy=False), copy=False)
    nothing = {"order_no": "int", "sequence": "varchar", "arrangement": "varchar", "total_fen": "bigint", "is_chosen": "boolean"}
    named_none = [named(exp.cast(exp.null(), kind), name) for name, kind in nothing.items()]
    return select_from(table("out.claim"), *TRIED[:2], *named_none).where(exp.false(), copy=False)


def chain_query(plan: Plan, binder: Binder, slots: int) -> exp.Query:
    """out.award_chain: every claim along the order that counts for its person-year."""
    turns = turns_of(orders_of(plan))
    return course_query(plan, binder, slots, Course(turns, _chosen(), Way.KNOWN) if is_searched(plan) else Course(turns))
