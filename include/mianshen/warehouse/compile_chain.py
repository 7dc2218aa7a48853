"""out.award_chain: benefits in Plan order, each on what the earlier ones left; one window a benefit, all categories in it.

Totals are of one person and benefit year in the order of the claims (docs/reference/relief-semantics.md, 5). The relief of a
claim is the rise of the rounded cumulative relief, so that the year's sum is exact whatever the order of arrival.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mianshen.core.plan import Plan
from mianshen.warehouse.compile_base import may_be_provisional
from mianshen.warehouse.compile_course import (
    CUT,
    RELIEF,
    WINDOW,
    Course,
    Way,
    asked_of,
    counts_window,
    kind_of,
    nothing_cut,
    running_of,
)
from mianshen.warehouse.compile_lanes import WHOLE, along, carried_of, made_at, person_of, turn_layers
from mianshen.warehouse.compile_paid import paid
from mianshen.warehouse.compile_rates import Step, rates_of, relief_of, steps_of
from mianshen.warehouse.compile_stepped import numbering, stepped
from mianshen.warehouse.compile_words import (
    Binder,
    all_of,
    any_of,
    bigint,
    col,
    columns,
    greatest,
    has_bit,
    minus,
    named,
    number,
    plus,
    select_from,
    switch,
    table,
    when,
    with_steps,
)

CARRIED = ("event_id", "benefit_year", "event_on", "person_no")
"""What a claim keeps through the chain, beside its money; the rest of who it is of comes back at the end by `person_no`."""
ORDER = ("ordered_on", "ordered_at", "event_id")
"""The order of the claims of a person and benefit year."""
DROPPED = ("person_no", "holds", "claim_no", "stay_no")
"""What serves the windows only."""
MONEY = ("base_fen", "holds", "covers")
"""Its base and its bits; with its window relief where a benefit counts that."""


def course_query(plan: Plan, binder: Binder, slots: int, course: Course) -> exp.Select:
    """One row a claim that a benefit covers and whose base is known, sent along the course."""
    layers, kept = course_layers(plan, binder, slots, course)
    person = person_of(course)
    query = select_from(
        table(layers[-1][0], "c"),
        *[col("event_id", "c"), named(kind_of(plan, binder), "event_kind"), col("person_key", "h")],
        *columns(("benefit_year", "event_on"), "c"),
        *columns(("is_firm", "is_doubtful"), "h"),
        *_left(plan, course, kept, {*_bits(slots), *asked_of(plan), *_purses(course)}),
    )
    same_person = exp.EQ(this=col(person, "c"), expression=col("person_no", "h"))
    query.join(table("out.holder", "h"), on=same_person, join_type="inner", copy=False)
    return with_steps(query, layers)


def course_layers(plan: Plan, binder: Binder, slots: int, course: Course) -> tuple[list[tuple[str, exp.Query]], list[str]]:
    """The layers that send the claims along the course, and the columns of the last one."""
    asked = asked_of(plan)
    provisional = ["is_provisional"] if may_be_provisional(plan) else []
    window, running = ["maf_fen"] if counts_window(plan) else [], running_of(plan, course)
    kept = [*CARRIED, *provisional, MONEY[0], *window, *MONEY[1:], *_bits(slots), *asked, *_purses(course), *carried_of(course)]
    source = [("picked", course.picked)] if course.picked is not None else []
    layers: list[tuple[str, exp.Query]] = [*source, ("covered", _covered(plan, kept, course))]
    if asked or not course.turns:
        layers += numbering(layers[-1][0]) if asked else []
        layers.append(("begun", select_from(layers[-1][0], "*", *_begun(running))))
        kept += [*running, *(["claim_no", "stay_no"] if asked else [])]
    for turn in course.turns:
        if turn.number:
            layers += turn_layers(turn, course, layers[-1][0], kept, () if "claim_no" in kept else ORDER[:2])
            kept += made_at(turn, course, kept)
        taken = turn.taken()
        for step in taken:
            kept = [one for one in kept if one != WHOLE or step is not taken[-1]]
            if step.is_plain:
                layers += _layers(plan, step, binder, course, source=layers[-1][0], kept=kept, places=range(1, slots + 1))
            else:
                layers += stepped(plan, step, binder, layers[-1][0])
                layers.append((step.name("paid"), paid(step, layers[-1][0], _after(kept, running), course)))
            kept = [*_after(kept, running), *(step.made if course.keeps_lines and not turn.number else ())]
    return layers, kept


def _bits(slots: int) -> list[str]:
    return [f"bit_{slot}" for slot in range(1, slots + 1)]


def _purses(course: Course) -> list[str]:
    return [one.column(what) for one in course.steps if one.benefit.bucket_code is not None for what in CUT]


def _left(plan: Plan, course: Course, kept: Sequence[str], worked: set[str]) -> list[exp.Expr]:
    """What a claim keeps after all benefits, then each benefit's columns in Plan order, nought for one that is left out."""
    made = {name for one in course.steps for name in one.made}
    gone = {*CARRIED, *DROPPED, *worked, *made, *carried_of(course)}
    left = [*columns((one for one in kept if one not in gone), "c"), *_sums(plan, course)]
    if course.keeps_places:
        turn = col("claim_no", "c") if "claim_no" in kept else named(bigint(number(0)), "claim_no")
        left += [named(col(person_of(course), "c"), "person_no"), turn]
    if course.way is not Way.PRINTED:
        left.append(col("order_no", "c"))
    elif course.keeps_places:
        left.append(named(number(0), "order_no"))
    for one in steps_of(plan):
        left += [col(name, "c") if name in made else named(bigint(number(0)), name) for name in one.made]
    return left


def _sums(plan: Plan, course: Course) -> list[exp.Expr]:
    """The sum of the amounts of all benefits; and no window relief where no benefit counts it."""
    entitled = plus(col(one.column("entitled_fen"), "c") for one in course.steps)
    if counts_window(plan):
        return [named(bigint(minus(entitled, col("window_fen", "c"))), RELIEF)]
    return [*(named(bigint(number(0)), name) for name in WINDOW), named(bigint(entitled), RELIEF)]


def _after(kept: Sequence[str], running: Sequence[str]) -> list[str]:
    """What is kept after a benefit: the first one numbers the claims and begins the running values."""
    return list(kept) if "claim_no" in kept else [*kept, *running, "claim_no"]


def _covered(plan: Plan, kept: Sequence[str], course: Course) -> exp.Select:
    known = exp.not_(exp.Is(this=col("base_fen"), expression=exp.null()), copy=False)
    changed = nothing_cut(course.steps) if course.picked is None else {}
    changed |= along(plan, course)
    query = select_from(
        table("out.claim") if course.picked is None else "picked",
        *[named(changed[name], name) if name in changed else col(name) for name in kept],
        *ORDER[:2],
    )
    is_covered = exp.NEQ(this=col("covers"), expression=number(0))
    return query.where(is_covered, exp.not_(col("is_stopped")), known, copy=False)


def _begun(running: Sequence[str]) -> list[exp.Expr]:
    """The running values before the first benefit."""
    first = {"left_fen": col("base_fen"), "seen": exp.cast(number(0), "int")}
    return [named(first[name] if name in first else bigint(number(0)), name) for name in running]


def _layers(
    plan: Plan, step: Step, binder: Binder, course: Course, *, source: str, kept: Sequence[str], places: range
) -> list[tuple[str, exp.Query]]:
    """The step's tables: numbers, totals, what the claim adds, relief with and without it, what is due and left."""
    names = ("rate", "total", "own", "relief", "held", "due", "paid")
    rate, totals, own, relief, held, due, left = (step.name(one) for one in names)
    is_numbered, running = "claim_no" in kept, running_of(plan, course)
    return [
        (rate, rates_of(plan, step, binder)),
        (totals, _totals(step, source, places, course, is_numbered=is_numbered)),
        (own, _own(step, totals, places, begun=[] if is_numbered else _begun(running))),
        (relief, _relief(step, own, places, course)),
        (held, _held(relief, places)),
        (due, _due(step, held, places)),
        (left, paid(step, due, _after(kept, running), course)),
    ]


def _adds(step: Step, places: range, burden: str) -> dict[str, exp.Expr]:
    """What a claim that the benefit covers adds to the total of each slot whose category it holds; and its window relief."""
    adds: dict[str, exp.Expr] = {}
    for place in places:
        counts = all_of([has_bit("covers", step.bit), has_bit("holds", 1 << (place - 1))])
        adds[f"{place}"] = when(counts, col(burden), number(0))
    if step.benefit.counts_window_relief:
        adds["window"] = when(has_bit("covers", step.bit), col("maf_fen"), number(0))
    return adds


def _totals(step: Step, source: str, places: range, course: Course, *, is_numbered: bool) -> exp.Select:
    """The year's totals up to and with this claim, all in one window; the first one numbers the claims for those after it."""
    query = select_from(source, "*")
    if course.is_single:
        query.select(*([] if is_numbered else [named(bigint(number(1)), "claim_no")]), copy=False)
        own = _adds(step, places, "left_fen" if is_numbered else "base_fen")
        return query.select(*[named(bigint(what), f"total_{of}") for of, what in own.items()], copy=False)
    if not is_numbered:
        turn = exp.Window(this=exp.RowNumber(), alias=exp.to_identifier("w"))
        query.select(named(turn, "claim_no"), copy=False)
    for of, added in _adds(step, places, "left_fen" if is_numbered else "base_fen").items():
        total = exp.Window(this=exp.Sum(this=added), alias=exp.to_identifier("w"))
        query.select(named(bigint(total), f"total_{of}"), copy=False)
    query.set("windows", [_window(("claim_no",) if is_numbered else ORDER)])
    return query


def _own(step: Step, source: str, places: range, *, begun: Sequence[exp.Expr]) -> exp.Select:
    """What this claim added to each total, and the running values where they begin."""
    adds = _adds(step, places, "base_fen" if begun else "left_fen")
    return select_from(source, "*", *begun, *[named(added, f"own_{of}") for of, added in adds.items()])


def _window(order: Sequence[str]) -> exp.Window:
    by = [exp.Ordered(this=col(name), desc=False, nulls_first=name == "ordered_at") for name in order]
    return exp.Window(
        this=exp.to_identifier("w"),
        partition_by=columns(("person_no", "benefit_year")),
        order=exp.Order(expressions=by),
        spec=exp.WindowSpec(kind="rows", start="unbounded", start_side="preceding", end="current row"),
    )


def _relief(step: Step, source: str, places: range, course: Course) -> exp.Select:
    """F of each total with this claim and without it, and whether the category is held and rated."""
    query = select_from(table(source, "t"), "t.*")
    for place in places:
        rated, total, own = f"r{place}", col(f"total_{place}", "t"), col(f"own_{place}", "t")
        query.select(
            named(relief_of(step, rated, total), f"relief_{place}"),
            named(number(0) if course.is_single else relief_of(step, rated, minus(total.copy(), own)), f"before_{place}"),
            named(all_of([has_bit("holds", 1 << (place - 1)), col("is_rated", rated)]), f"counts_{place}"),
            named(col("cap_fen", rated), f"cap_{place}"),
            copy=False,
        )
        same = [exp.EQ(this=col(f"bit_{place}", "t"), expression=col("bit", rated))]
        if step.members:
            covering = exp.BitwiseAnd(this=col("covers", "t"), expression=number(step.bit))
            same.append(exp.EQ(this=exp.paren(covering), expression=col("benefit", rated)))
        query.join(table(step.name("rate"), rated), on=all_of(same), join_type="inner", copy=False)
    return query


def _held(source: str, places: range) -> exp.Select:
    """The best relief with this claim and without it; the relief of each slot where its category is held, else -1."""
    return select_from(
        source,
        "*",
        named(greatest(columns(f"relief_{place}" for place in places)), "best_fen"),
        named(greatest(columns(f"before_{place}" for place in places)), "before_fen"),
        *[named(when(col(f"counts_{place}"), col(f"relief_{place}"), number(-1)), f"held_{place}") for place in places],
    )


def _due(step: Step, source: str, places: range) -> exp.Select:
    """The rise of the best relief; the category that counts: held, with the highest relief, of equals the first by code."""
    held = greatest(columns(f"held_{place}" for place in places))
    entitled = minus(col("best_fen"), col("before_fen"))
    if step.benefit.counts_window_relief:
        received = greatest([col("best_fen"), col("total_window")])
        entitled = minus(received, greatest([col("before_fen"), minus(col("total_window"), col("own_window"))]))
    arms = [(col(f"held_{place}"), col(f"bit_{place}")) for place in places]
    at_cap = [exp.EQ(this=col(f"held_{place}"), expression=col(f"cap_{place}")) for place in places]
    return select_from(
        source,
        "*",
        named(entitled, "entitled_fen"),
        named(held, "held_best_fen"),
        named(switch(held.copy(), arms), "category"),
        named(any_of(at_cap), "is_at_cap"),
    )
