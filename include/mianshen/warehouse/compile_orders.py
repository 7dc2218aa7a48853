"""The order search as sets: the orders that differ for each person-year are tried, the best one is chosen, its chain runs.

docs/reference/relief-semantics.md, 5.5. The legal orders are numbered as in the Plan; for the benefits that cover a claim of the
person-year (its signature) orders that are then the same count once, under the lowest number. Trying an order sends the claims of
the person-year along it; one claim with the year's totals stands for them all where only the totals decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from sqlglot import exp

from mianshen.core.plan import EventKind, OrderChoice, Plan
from mianshen.warehouse.compile_chain import CARRIED, ORDER, course_query
from mianshen.warehouse.compile_course import Course, asked_of
from mianshen.warehouse.compile_rates import Step, steps_of
from mianshen.warehouse.compile_words import (
    Binder,
    all_of,
    all_rows,
    bigint,
    col,
    columns,
    minus,
    named,
    number,
    plus,
    select_from,
    table,
)

Maker = Callable[[Plan, Binder, int], exp.Query]
"""Makes a table's query."""
YEAR = ("person_no", "benefit_year")
"""Within which one order counts."""
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
    fees = [one for one in steps.values() if one.benefit.event_kind is EventKind.ENROLMENT]
    return [[*fees, *(steps[code] for code in order)] for order in plan.arrangements]


def in_each_order(plan: Plan, binder: Binder, slots: int, courses: Sequence[Course]) -> exp.Query:
    """The rows of the courses, one below the other."""
    made = [course_query(plan, binder, slots, one) for one in courses]
    if len(made) == 1:
        return made[0]
    return all_rows(*[select_from(one.subquery(f"course_{place}", copy=False), "*") for place, one in enumerate(made)])


def year_query(plan: Plan, binder: Binder, slots: int) -> exp.Select:
    """One row a person-year of care: the benefits that cover a claim of it, whether totals decide, and its claims as one."""
    lowest = [*(f"bit_{slot}" for slot in range(1, slots + 1)), "holds", "covers", *ORDER, *asked_of(plan)]
    steps = steps_of(plan)
    uneven = sum(one.bit for one in steps if not _is_even(plan, one))
    signature = exp.BitwiseOrAgg(this=col("covers"))
    even: list[exp.Expr] = [
        exp.EQ(this=exp.Min(this=col(name)), expression=exp.Max(this=col(name))) for name in ("covers", "holds")
    ]
    even.append(exp.EQ(this=exp.paren(exp.BitwiseAnd(this=signature.copy(), expression=number(uneven))), expression=number(0)))
    if any(one.benefit.counts_window_relief for one in steps):
        beyond = exp.Max(this=minus(col("maf_fen"), col("base_fen")))
        even.append(exp.LTE(this=beyond, expression=number(0)))
    query = select_from(
        table("out.claim"),
        *YEAR,
        *[named(exp.Min(this=col(name)), name) for name in ("event_kind", "person_key", "event_on")],
        *[named(exp.LogicalOr(this=col(name)), name) for name in ("is_firm", "is_provisional", "is_stopped")],
        *[named(bigint(exp.Sum(this=col(name))), name) for name in ("base_fen", "maf_fen")],
        *[named(exp.Min(this=col(name)), name) for name in lowest],
        named(bigint(signature), "signature"),
        named(all_of(even), "is_even"),
    )
    return query.where(*_takes_part(binder), copy=False).group_by(*columns(YEAR), copy=False)


def _is_even(plan: Plan, step: Step) -> bool:
    """Whether the year's totals alone say what the benefit gives in the year, when all its claims are of one kind.

    So it is for one function of the year's total, and for a sum of the year. Window relief may exceed what is left of a claim
    unless the benefit that counts it is the first of all.
    """
    benefit = step.benefit
    if benefit.bucket_code is not None or not (step.is_plain or benefit.is_year_jump):
        return False
    return not benefit.counts_window_relief or all(order[0] == benefit.code for order in plan.arrangements if order)


def _takes_part(binder: Binder, of: str | None = None) -> list[exp.Expr]:
    """Whether a claim of care stands in the chain."""
    return [
        exp.EQ(this=col("event_kind", of), expression=binder.bind("care", EventKind.CARE.value)),
        exp.NEQ(this=col("covers", of), expression=number(0)),
        exp.not_(col("is_stopped", of), copy=False),
        exp.not_(exp.Is(this=col("base_fen", of), expression=exp.null()), copy=False),
    ]


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


def claim_query(plan: Plan, binder: Binder, slots: int) -> exp.Query:
    """The claims that are tried: of each person-year with several orders, all of them, or one with its totals."""
    bits = [f"bit_{slot}" for slot in range(1, slots + 1)]
    seen = ("event_kind", "base_fen", "is_provisional", "maf_fen", "is_stopped", "holds", "covers")
    names = list(dict.fromkeys([*CARRIED, *seen, *bits, *ORDER, *asked_of(plan)]))
    is_open = select_from(table("out.order_option"), "signature").where(col("is_open"), copy=False)
    one = select_from(table("out.order_year", "y"), *columns((*names, "signature"), "y"))
    one.where(col("is_even", "y"), exp.In(this=col("signature", "y"), query=is_open.subquery(copy=False)), copy=False)
    all_ = select_from(table("out.claim", "c"), *columns(names, "c"), col("signature", "y"))
    all_.join(table("out.order_year", "y"), on=_same(YEAR, "c", "y"), join_type="inner", copy=False)
    all_.where(*_takes_part(binder, "c"), exp.not_(col("is_even", "y"), copy=False), copy=False)
    all_.where(exp.In(this=col("signature", "y"), query=is_open.copy().subquery(copy=False)), copy=False)
    return all_rows(one, all_)


def _same(names: Sequence[str], first: str, second: str) -> exp.Expr:
    return all_of([exp.EQ(this=col(name, first), expression=col(name, second)) for name in names])


def tried_courses(plan: Plan) -> list[Course]:
    """Each order with the claims on which it is tried."""
    made = []
    for order_no, steps in enumerate(orders_of(plan)):
        picked = select_from(table("out.order_claim", "c"), "c.*")
        is_tried = [exp.EQ(this=col(name, "o"), expression=number(order_no)) for name in ("order_no", "lowest_no")]
        joined = all_of([_same(("signature",), "c", "o"), *is_tried])
        picked.join(table("out.order_option", "o"), on=joined, join_type="inner", copy=False)
        made.append(Course(steps, picked, order_no, keeps_places=True))
    return made


def chosen_courses(plan: Plan) -> list[Course]:
    """Each order with the claims of the person-years for which it counts; the first one takes all that need no choice."""
    if not is_searched(plan):
        return [Course(orders_of(plan)[0])]
    return [Course(steps, _chosen(order_no), order_no) for order_no, steps in enumerate(orders_of(plan))]


def _chosen(order_no: int) -> exp.Select:
    picked = select_from(table("out.claim", "c"), "c.*")
    kind = exp.NEQ if order_no == 0 else exp.EQ
    other = kind(this=col("order_no", "o"), expression=number(order_no))
    joined = all_of([_same(YEAR, "c", "o"), col("is_chosen", "o"), other])
    if order_no:
        return picked.join(table("out.order_choice", "o"), on=joined, join_type="inner", copy=False)
    picked.join(table("out.order_choice", "o"), on=joined, join_type="left", copy=False)
    return picked.where(exp.Is(this=col("order_no", "o"), expression=exp.null()), copy=False)


def tried_makers(plan: Plan) -> dict[str, Maker]:
    """What makes the totals along each order that is tried, one table an order, and out.order_total of them all.

    One statement for all orders would be one plan of all their windows, which takes a database minutes to think about.
    """

    def total(order_no: int, plan: Plan, binder: Binder, slots: int) -> exp.Query:
        return sums_of(course_query(plan, binder, slots, tried_courses(plan)[order_no]).subquery("tried", copy=False))

    return _one_by_one("out.order_total", total, len(plan.arrangements))


def chosen_makers(plan: Plan) -> dict[str, Maker]:
    """What makes the chain of each order, one table an order, and out.award_chain of them all."""

    def chain(order_no: int, plan: Plan, binder: Binder, slots: int) -> exp.Query:
        return course_query(plan, binder, slots, chosen_courses(plan)[order_no])

    return _one_by_one("out.award_chain", chain, len(plan.arrangements))


def _one_by_one(name: str, make: Callable[[int, Plan, Binder, int], exp.Query], orders: int) -> dict[str, Maker]:
    def together(_plan: Plan, _binder: Binder, _slots: int) -> exp.Query:
        return all_rows(*[select_from(table(f"{name}_{order_no}"), "*") for order_no in range(orders)])

    return {f"{name}_{order_no}": partial(make, order_no) for order_no in range(orders)} | {name: together}


def sums_of(tried: exp.Expr) -> exp.Select:
    """What the claims tried along each order bring in together."""
    total = bigint(exp.Sum(this=plus([col("relief_fen"), col("window_fen")])))
    query = select_from(tried, *YEAR, "order_no", named(total, "total_fen"))
    return query.group_by(*columns((*YEAR, "order_no")), copy=False)


def choice_query(plan: Plan, _binder: Binder, _slots: int) -> exp.Select:
    """One row a person-year (and basis) and order tried; the highest total counts, of equal ones the lowest number."""
    query = select_from(
        table("out.order_total", "t"),
        *columns((*YEAR, "order_no", "total_fen"), "t"),
        *columns(("person_key", "is_firm"), "y"),
        *columns(("sequence", "arrangement"), "o"),
    )
    query.join(table("out.order_year", "y"), on=_same(YEAR, "t", "y"), join_type="inner", copy=False)
    same = all_of([_same(("signature",), "y", "o"), _same(("order_no",), "t", "o")])
    query.join(table("out.order_option", "o"), on=same, join_type="inner", copy=False)
    by = [exp.Ordered(this=col("total_fen", "t"), desc=True, nulls_first=False), exp.Ordered(this=col("order_no", "t"))]
    if plan.order_choice is OrderChoice.LOCKED:
        locked = all_of([_same(YEAR, "t", "l"), exp.EQ(this=col("order_no", "t"), expression=col("lowest_no", "l"))])
        query.join(_locked().subquery("l", copy=False), on=locked, join_type="left", copy=False)
        by.insert(0, exp.Ordered(this=exp.Is(this=col("lowest_no", "l"), expression=exp.null())))
    turn = exp.Window(this=exp.RowNumber(), partition_by=columns(YEAR, "t"), order=exp.Order(expressions=by))
    return query.select(named(exp.EQ(this=turn, expression=number(1)), "is_chosen"), copy=False)


def _locked() -> exp.Select:
    """The number of the order that a first payment locked, where the policy still permits it."""
    query = select_from(table("facts.order_locked", "k"), *columns(YEAR, "y"), col("lowest_no", "o"))
    query.join(table("out.order_year", "y"), on=_same(("person_key", "benefit_year"), "k", "y"), join_type="inner", copy=False)
    same = all_of([_same(("signature",), "y", "o"), exp.EQ(this=col("sequence", "k"), expression=col("arrangement", "o"))])
    return query.join(table("out.order_option", "o"), on=same, join_type="inner", copy=False)


def tried_query(plan: Plan, _binder: Binder, _slots: int) -> exp.Select:
    """out.order_tried: one row a person-year and order tried, where there was more than one."""
    if is_searched(plan):
        return select_from(table("out.order_choice"), *TRIED).where(exp.not_(col("is_firm"), copy=False), copy=False)
    nothing = {"order_no": "int", "sequence": "varchar", "arrangement": "varchar", "total_fen": "bigint", "is_chosen": "boolean"}
    named_none = [named(exp.cast(exp.null(), kind), name) for name, kind in nothing.items()]
    return select_from(table("out.claim"), *TRIED[:2], *named_none).where(exp.false(), copy=False)


def chain_query(plan: Plan, binder: Binder, slots: int) -> exp.Query:
    """out.award_chain where the policy permits one order."""
    return course_query(plan, binder, slots, chosen_courses(plan)[0])
