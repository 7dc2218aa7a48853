"""Claims along several orders at once: each turn keeps of what covers a claim the benefit that its order puts there.

`person_no` is then a person along one order, so that every window and total is of that order; `holder_no` is the person.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mianshen.core.plan import Plan
from mianshen.warehouse.compile_course import Course, Way
from mianshen.warehouse.compile_turns import Turn
from mianshen.warehouse.compile_words import (
    all_of,
    bigint,
    col,
    columns,
    named,
    number,
    plus,
    select_from,
    switch,
    table,
)

WHOLE = "covers_ever"
"""What covers a claim at all, while `covers` is what covers it at this turn."""


def person_of(course: Course) -> str:
    """The column that tells the person."""
    return "holder_no" if course.is_parted else "person_no"


def carried_of(course: Course) -> list[str]:
    """What a claim keeps of its way."""
    if course.way is Way.PRINTED:
        return []
    person = ["holder_no"] if course.is_parted else []
    return [*person, "order_no", *(["signature"] if course.way is Way.PARTING else [])]


def along(plan: Plan, course: Course) -> dict[str, exp.Expr]:
    """The columns of a picked claim that its way changes: who it is of, and what its order leaves out."""
    changed: dict[str, exp.Expr] = {}
    if course.is_parted:
        order = bigint(number(0)) if course.way is Way.PARTING else col("order_no")
        changed = {"order_no": order, "holder_no": col("person_no"), "person_no": _along(course, col("person_no"), order.copy())}
    bits = course.bits()
    whole = (1 << len(plan.benefits)) - 1
    if course.way is not Way.PARTING and any(one != whole for one in bits):
        arms = [(number(order_no), number(one)) for order_no, one in enumerate(bits)]
        paying = arms[0][1] if len(arms) == 1 else switch(col("order_no"), arms)
        changed["covers"] = exp.BitwiseAnd(this=col("covers"), expression=paying)
    return changed


def _along(course: Course, person: exp.Expr, order: exp.Expr) -> exp.Expr:
    """A number of the person along the order."""
    return plus([exp.Mul(this=bigint(person), expression=number(course.orders)), order])


def made_at(turn: Turn, course: Course, kept: Sequence[str]) -> list[str]:
    """What the turn adds to the columns kept: those of the benefits that stand here first, and what covers a claim at all."""
    made = [name for step in turn.steps for name in step.made] if course.keeps_lines else []
    return [*(one for one in made if one not in kept), WHOLE]


def turn_layers(
    turn: Turn, course: Course, source: str, kept: Sequence[str], ordering: Sequence[str]
) -> list[tuple[str, exp.Query]]:
    """The layer in which `covers` is the benefit that stands here in the claim's order; where orders part, a claim for each.

    `ordering` are further columns of the source, `covers_ever` of the turn before is what `covers` was.
    """
    way = f"t{turn.number}_way"
    changed: dict[str, exp.Expr] = {
        "covers": exp.BitwiseAnd(this=col("covers", "c"), expression=col("bit", "w")),
    }
    if course.way is Way.PARTING:
        changed["order_no"] = col("order_no", "w")
        changed["person_no"] = _along(course, col("holder_no", "c"), col("order_no", "w"))
    begun = [one for one in made_at(turn, course, kept) if one != WHOLE]
    query = select_from(
        table(source, "c"),
        *[named(changed[name], name) if name in changed else col(name, "c") for name in kept],
        *columns(ordering, "c"),
        *[named(bigint(number(0)), name) for name in begun],
        named(col("covers", "c"), WHOLE),
    )
    if course.way is Way.KNOWN:
        same = exp.EQ(this=col("order_no", "c"), expression=col("order_no", "w"))
        listed = [(number(order_no), number(bit)) for order_no, bit in enumerate(turn.bits)]
        put = select_from(
            exp.values(listed, alias="listed", columns=["order_no", "bit"]), "order_no", named(bigint(col("bit")), "bit")
        )
        query.join(table(way, "w"), on=same, join_type="inner", copy=False)
        return [(way, put), (f"t{turn.number}_turn", query)]
    here = {"signature": col("signature", "c"), "came_from": col("order_no", "c"), "turn": number(turn.number)}
    on_way = all_of([exp.EQ(this=what, expression=col(name, "w")) for name, what in here.items()])
    query.join(table("out.order_branch", "w"), on=on_way, join_type="inner", copy=False)
    return [(f"t{turn.number}_turn", query)]
