"""Shared purses as sets: the chain as if nothing were shared, then again with what did not fit, until nothing changes.

docs/reference/relief-semantics.md, 5.4. What a claim takes depends on earlier claims and, within it, on earlier benefits alone:
each round makes at least one more taking of every person right, and a round that changes nothing is right throughout. People who
never reach the smallest bound that they meet are right at once. How much of a claim fits is found by windows, one for each bound
of the purse in rising order: up to a bound every claim with a higher one counts whole, and that of a lower one as found.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sqlglot import exp

from mianshen.core.plan import Plan
from mianshen.warehouse.compile_bits import bit_of
from mianshen.warehouse.compile_chain import course_query
from mianshen.warehouse.compile_course import CUT, Course, Way, nothing_cut
from mianshen.warehouse.compile_layers import over
from mianshen.warehouse.compile_orders import Maker, known_course, orders_of, sums_of
from mianshen.warehouse.compile_rates import Step, steps_of
from mianshen.warehouse.compile_words import (
    Binder,
    all_of,
    all_rows,
    any_of,
    bigint,
    coalesced,
    col,
    columns,
    greatest,
    has_bit,
    least,
    minus,
    named,
    number,
    same_columns,
    select_from,
    switch,
    table,
    when,
    with_steps,
)

LANE = ("order_no", "person_no")
"""What the rounds go by: one person along one order."""
CLAIM = (*LANE, "benefit_year", "event_kind", "event_id")
"""One claim along one order."""
PURSE = (*LANE, "benefit_year", "purse")
"""Within which a bound holds."""


def makers(*, is_tried: bool) -> tuple[dict[str, Maker], dict[str, Maker]]:
    """What makes the tables before the rounds, and those of one round, for the claims that are tried or for those that count."""
    first: dict[str, Maker] = {
        "out.purse_open": partial(open_query, is_tried=is_tried),
        "out.purse_met": met_query,
        "out.purse_cut": first_query,
        "out.purse_done": none_query,
    }
    rounds: dict[str, Maker] = {
        "out.purse_round": partial(round_query, is_tried=is_tried),
        "out.purse_fold": fold_query,
        "out.purse_unsettled": unsettled_query,
        "out.purse_done": done_query,
        "out.purse_cut": next_query,
    }
    return first, rounds


def has_purses(plan: Plan) -> bool:
    """Whether benefits of the Plan share a purse."""
    return any(one.bucket_code is not None for one in plan.benefits)


def purse_steps(plan: Plan) -> list[Step]:
    """The benefits that share a purse, in Plan order."""
    return [one for one in steps_of(plan) if one.benefit.bucket_code is not None]


def open_query(plan: Plan, binder: Binder, slots: int, *, is_tried: bool) -> exp.Query:
    """out.purse_open: the chain as if every purse had room."""
    course = known_course(plan, is_tried=is_tried)
    nothing = [named(what, name) for name, what in nothing_cut(purse_steps(plan)).items()]
    return course_query(plan, binder, slots, replace(course, picked=_picked(course).select(*nothing, copy=False)))


def round_query(plan: Plan, binder: Binder, slots: int, *, is_tried: bool) -> exp.Query:
    """out.purse_round: the chain of the people in out.purse_cut, with what did not fit."""
    course = known_course(plan, is_tried=is_tried)
    cuts = [step.column(what) for step in purse_steps(plan) for what in CUT]
    query = select_from(table("gone", "c"), "c.*", *columns(cuts, "p"))
    own = CLAIM if course.way is Way.KNOWN else CLAIM[1:]
    query.join(table("out.purse_cut", "p"), on=same_columns(own, "c", "p"), join_type="inner", copy=False)
    query.with_("gone", as_=_picked(course), copy=False)
    return course_query(plan, binder, slots, replace(course, picked=query))


def _picked(course: Course) -> exp.Select:
    if course.picked is None:
        raise ValueError("a course with purses picks its claims")
    return course.picked


def met_query(plan: Plan, binder: Binder, _slots: int) -> exp.Select:
    """out.purse_met: the people (along one order) who reach the smallest bound that they meet in some purse and year."""
    asked = select_from(
        "asked",
        *LANE,
        named(exp.Sum(this=col("asked_fen")), "asked_fen"),
        named(exp.Min(this=col("bound_fen")), "bound_fen"),
    ).group_by(*columns(PURSE), copy=False)
    reached = exp.GTE(this=col("asked_fen"), expression=col("bound_fen"))
    query = select_from("total", *LANE).where(reached, copy=False).distinct(copy=False)
    steps = [("bound", _bounds(plan, binder)), ("asked", _asked(plan, "out.purse_open")), ("total", asked)]
    return with_steps(query, steps)


def first_query(plan: Plan, binder: Binder, _slots: int) -> exp.Select:
    """out.purse_cut before the first round: what does not fit of what the people of out.purse_met were due."""
    met = select_from(table("out.purse_open", "r"), "r.*")
    met.join(table("out.purse_met", "m"), on=same_columns(LANE, "r", "m"), join_type="inner", copy=False)
    return _fold(plan, binder, met)


def fold_query(plan: Plan, binder: Binder, _slots: int) -> exp.Select:
    """out.purse_fold: what does not fit of what the last round would have given."""
    return _fold(plan, binder, select_from(table("out.purse_round"), "*"))


def _fold(plan: Plan, binder: Binder, rows: exp.Select) -> exp.Select:
    levels = max(len({fen for _, fen in one.amounts_fen}) for one in plan.buckets)
    order = ("claim_no", "turn")
    steps: list[tuple[str, exp.Query]] = [("taker", rows), ("bound", _bounds(plan, binder)), ("asked", _asked(plan, "taker"))]
    taken = "asked_fen"
    for level in range(1, levels + 1):
        so_far = minus(bigint(over(exp.Sum(this=col(taken)), PURSE, order)), col(taken))
        room = greatest([minus(col("bound_fen"), exp.paren(so_far)), number(0)])
        is_it = exp.EQ(this=col("level"), expression=number(level))
        fits = when(is_it, least([col(taken), room]), col(taken))
        steps.append((f"up_to_{level}", select_from(steps[-1][0], "*", named(fits, f"taken_{level}"))))
        taken = f"taken_{level}"
    used = bigint(over(exp.Sum(this=col(taken)), PURSE, order))
    spent = exp.GTE(this=used, expression=col("bound_fen"))
    cut = minus(col("asked_fen"), col(taken))
    steps.append(("found", select_from(steps[-1][0], *CLAIM, "place", named(cut, "cut_fen"), named(spent, "is_spent"))))
    steps.append(("cut", _by_claim(plan)))
    query = select_from(
        table("taker", "t"),
        *columns(CLAIM, "t"),
        *[named(coalesced(col(step.column(CUT[0]), "f")), step.column(CUT[0])) for step in purse_steps(plan)],
        *[
            named(exp.Coalesce(this=col(step.column(CUT[1]), "f"), expressions=[exp.false()]), step.column(CUT[1]))
            for step in purse_steps(plan)
        ],
    )
    query.join(table("cut", "f"), on=same_columns(CLAIM, "t", "f"), join_type="left", copy=False)
    return with_steps(query, steps)


def _by_claim(plan: Plan) -> exp.Select:
    """One row a claim with the columns of each benefit."""
    query = select_from("found", *CLAIM)
    for step in purse_steps(plan):
        here = exp.EQ(this=col("place"), expression=number(step.place))
        cut = exp.Max(this=when(here, col("cut_fen"), number(0)))
        spent = exp.LogicalOr(this=all_of([here.copy(), col("is_spent")]))
        query.select(named(bigint(cut), step.column(CUT[0])), named(spent, step.column(CUT[1])), copy=False)
    return query.group_by(*columns(CLAIM), copy=False)


def _bounds(plan: Plan, binder: Binder) -> exp.Select:
    """One row a purse and category: its bound, and the place of that among the purse's bounds."""
    rows = []
    used = {one.bucket_code for one in plan.benefits}
    for purse, bucket in enumerate(plan.buckets, 1):
        for place, (code, amount) in enumerate(bucket.amounts_fen, 1):
            if bucket.code in used:
                bound = binder.bind(f"purse_{purse}_{place}_fen", amount)
                rows.append((number(purse), number(bit_of(plan, code)), bound))
    listed = exp.values(rows, alias="listed", columns=["purse", "bit", "bound_fen"])
    rank = exp.Window(
        this=exp.DenseRank(),
        partition_by=columns(("purse",)),
        order=exp.Order(expressions=[exp.Ordered(this=col("bound_fen"), desc=False, nulls_first=False)]),
    )
    fen = named(bigint(col("bound_fen")), "bound_fen")
    return select_from(listed, "purse", named(bigint(col("bit")), "bit"), fen, named(rank, "level"))


def _asked(plan: Plan, source: str) -> exp.Query:
    """One row a claim and benefit that shares a purse and covers it: what it would give, its turn, and the bound that holds."""
    purses = {one.code: purse for purse, one in enumerate(plan.buckets, 1)}
    made = []
    for step in purse_steps(plan):
        query = select_from(
            table(source, "r"),
            *columns((*CLAIM, "claim_no"), "r"),
            named(number(step.place), "place"),
            named(_turn(plan, step), "turn"),
            named(col(step.name("open_fen"), "r"), "asked_fen"),
            *columns(("purse", "bound_fen", "level"), "b"),
        )
        here = exp.EQ(this=col("purse", "b"), expression=number(purses[step.benefit.bucket_code or ""]))
        of_category = exp.EQ(this=col(step.name("category"), "r"), expression=col("bit", "b"))
        query.join(table("bound", "b"), on=all_of([here, of_category]), join_type="inner", copy=False)
        made.append(query.where(has_bit("covers", step.bit), copy=False))
    return all_rows(*made)


def _turn(plan: Plan, step: Step) -> exp.Expr:
    """Where the benefit stands in the order that the claim takes."""
    turns = [(order_no, order.index(step) + 1 if step in order else 0) for order_no, order in enumerate(orders_of(plan))]
    if len(turns) == 1:
        return number(turns[0][1])
    return switch(col("order_no", "r"), [(number(order_no), number(turn)) for order_no, turn in turns])


def unsettled_query(plan: Plan, _binder: Binder, _slots: int) -> exp.Select:
    """out.purse_unsettled: the people for whom the last round did not confirm what did not fit."""
    query = select_from(table("out.purse_fold", "f"), *columns(LANE, "f")).distinct(copy=False)
    query.join(table("out.purse_cut", "p"), on=same_columns(CLAIM, "f", "p"), join_type="inner", copy=False)
    changed = [
        exp.NEQ(this=col(step.column(what), "f"), expression=col(step.column(what), "p"))
        for step in purse_steps(plan)
        for what in CUT
    ]
    return query.where(any_of(changed), copy=False)


def none_query(_plan: Plan, _binder: Binder, _slots: int) -> exp.Select:
    """out.purse_done before the first round: nothing."""
    return select_from(table("out.purse_open"), "*").where(exp.false(), copy=False)


def done_query(_plan: Plan, _binder: Binder, _slots: int) -> exp.Query:
    """out.purse_done after a round: the claims of the people for whom it is right as well."""
    right = select_from(table("out.purse_round", "r"), "r.*")
    right.join(table("out.purse_unsettled", "u"), on=same_columns(LANE, "r", "u"), join_type="anti", copy=False)
    return all_rows(select_from(table("out.purse_done"), "*"), right)


def next_query(_plan: Plan, _binder: Binder, _slots: int) -> exp.Select:
    """out.purse_cut after a round: of the people for whom it is not right yet."""
    query = select_from(table("out.purse_fold", "f"), "f.*")
    return query.join(table("out.purse_unsettled", "u"), on=same_columns(LANE, "f", "u"), join_type="semi", copy=False)


def settled_query(_plan: Plan, _binder: Binder, _slots: int) -> exp.Query:
    """The chain with every purse heeded: of those who met no bound as it was, of the others as the rounds left it."""
    free = select_from(table("out.purse_open", "r"), "r.*")
    free.join(table("out.purse_met", "m"), on=same_columns(LANE, "r", "m"), join_type="anti", copy=False)
    return all_rows(free, select_from(table("out.purse_done"), "*"))


def total_query(plan: Plan, binder: Binder, slots: int) -> exp.Select:
    """out.order_total with every purse heeded."""
    return sums_of(settled_query(plan, binder, slots).subquery("tried", copy=False))
