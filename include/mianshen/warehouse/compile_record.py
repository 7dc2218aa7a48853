"""out.record_trace: each step of a rate that is more than one function of the year's total, as columns: for records only.

The same layers as in the chain, once more from what each benefit saw, so that a run without records does not pay for them.
docs/reference/relief-semantics.md, 5.1 to 5.3.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mianshen.core.plan import Plan
from mianshen.core.rates import Bracket, CapKind, DeductibleKind, Form, Position, Rate
from mianshen.warehouse.compile_caps import after_caps, cap_off, round_off, rounded
from mianshen.warehouse.compile_claim import DETAIL
from mianshen.warehouse.compile_conditions import by_rate, fits
from mianshen.warehouse.compile_course import asked_of
from mianshen.warehouse.compile_layers import CLAIM_KEY, Steps, over
from mianshen.warehouse.compile_leaps import year_totals
from mianshen.warehouse.compile_rates import Step, steps_of
from mianshen.warehouse.compile_stepped import numbering
from mianshen.warehouse.compile_steps import deduct, in_band, numbers_of, of_band, part_of, ratio_of, rows_of, weigh
from mianshen.warehouse.compile_words import (
    Binder,
    all_of,
    all_rows,
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
    when,
    with_steps,
)
from mianshen.warehouse.record_words import is_plain

WHO = ("event_id", "event_kind", "person_key", "benefit_year")
"""Whose trace it is; a sum of the year is of no claim."""
TYPES = {
    "event_id": "text",
    "event_kind": "text",
    "person_key": "text",
    "benefit_year": "int",
    "benefit_place": "int",
    "category_bit": "bigint",
    **dict.fromkeys(("burden_fen", "entitled_fen", "received_before_fen", "total_fen", "year_fen", "deductible_fen"), "bigint"),
    "is_waived": "boolean",
    **dict.fromkeys(("deducted_before_fen", "excess_fen", "top_fen"), "bigint"),
    "parts": "struct(fen bigint, ratio_ppm bigint, bracket_no bigint, variant_no bigint)[]",
    "modifiers": "bigint[]",
    **dict.fromkeys(("weighed_before", "given_before_fen", "alone_fen", "rounded_fen"), "bigint"),
    "caps": "struct(cap_no bigint, bound_fen bigint, before_fen bigint, came_fen bigint, let_fen bigint)[]",
    **dict.fromkeys(("capped_fen", "factor_ppm", "cut_weighed_before", "cut_given_before_fen", "cut_alone_fen"), "bigint"),
    "changed_fen": "bigint",
    **dict.fromkeys(("is_at_cap", "is_over"), "boolean"),
    "relief_fen": "bigint",
}
"""Columns; of a list a missing element stands for a part that the claim does not touch."""


def trace_query(plan: Plan, binder: Binder) -> exp.Query:
    """One row a claim, stepped benefit and category that it holds; of sums of the year one a person, year and category."""
    traced = [one for one in steps_of(plan) if not is_plain(one.benefit)]
    if not traced:
        return _none()
    layers: list[tuple[str, exp.Query]] = [("joined", _joined(plan, traced)), *numbering("joined")]
    found = []
    for step in traced:
        layers += _layers(plan, step, binder)
        found.append(_columns(plan, step, binder))
    layers.append(("traced", all_rows(*found)))
    return with_steps(select_from("traced", "*"), layers)


def _joined(plan: Plan, traced: Sequence[Step]) -> exp.Select:
    """Claims with all that conditions ask, and what each of the benefits saw and gave."""
    asked = (*WHO, "ordered_on", "ordered_at", "event_on", "person_no", "held", *asked_of(plan)[:-1])
    unasked = [] if asked_of(plan) else [named(what, name) for name, what in _NOTHING.items()]
    seen = [col(step.name(name), "a") for step in traced for name in ("burden_fen", "entitled_fen")]
    query = select_from(table("out.claim", "c"), *columns(asked, "c"), *unasked, col("covers", "a"), *seen)
    same = [exp.EQ(this=col(name, "c"), expression=col(name, "a")) for name in ("event_id", "event_kind", "is_firm")]
    query.join(table("out.award_chain", "a"), on=all_of(same), join_type="inner", copy=False)
    return query.where(exp.not_(col("is_firm", "c"), copy=False), copy=False)


_NOTHING: dict[str, exp.Expr] = {name: exp.null() for name in DETAIL} | {"admission_no": number(0)}
"""What no rate of the Plan asks of a claim."""


def _layers(plan: Plan, step: Step, binder: Binder) -> list[tuple[str, exp.Query]]:
    entitled = when(has_bit("covers", step.bit), col(step.name("entitled_fen")), number(0))
    own = [named(col(step.name("burden_fen")), "left_fen"), named(entitled, "entitled_fen")]
    seen = select_from("numbered", *WHO, *CLAIM_KEY, "stay_no", "event_on", "held", "covers", *DETAIL, "admission_no", *own)
    layers = [
        (step.name("seen"), seen),
        (step.name("before"), _before(step)),
        (step.name("rate"), numbers_of(plan, step, binder)),
    ]
    made = Steps(plan, step, binder, [*layers, (step.name("row"), rows_of(step, step.name("before")))])
    if step.benefit.is_year_jump:
        made.layers += year_totals(step, ("person_key", "event_kind"))
    deduct(made)
    weigh(made)
    round_off(made, step.benefit.rounding, "weight", "amount_fen", "paid_fen")
    cap_off(made)
    after_caps(made)
    year = ("person_no", "benefit_year", "bit")
    totals = {"year_fen": col("given_fen"), "total_fen": col("amount_fen")}
    made.add("year", *[named(bigint(over(exp.Sum(this=one), year, ("claim_no",))), name) for name, one in totals.items()])
    return made.layers


def _before(step: Step) -> exp.Select:
    """What the benefit gave the person in the year before this claim."""
    total = over(exp.Sum(this=col("entitled_fen")), CLAIM_KEY[:2], CLAIM_KEY[2:])
    return select_from(step.name("seen"), "*", named(bigint(minus(total, col("entitled_fen"))), "received_before_fen"))


def _columns(plan: Plan, step: Step, binder: Binder) -> exp.Select:
    """The trace of the last layer's rows, named and typed alike for every benefit."""
    made = Steps(plan, step, binder, [])
    is_sum = step.benefit.is_year_jump
    who = [named(_typed("event_id", exp.null()), "event_id"), "event_kind", "person_key", "benefit_year"]
    return select_from(
        step.name("year"),
        *(who if is_sum else WHO),
        named(exp.cast(number(step.place), "int"), "benefit_place"),
        named(bigint(col("bit")), "category_bit"),
        named(bigint(col("amount_fen")), "burden_fen"),
        *_money(
            {"entitled_fen": col("given_fen") if is_sum else col("entitled_fen"),
             "received_before_fen": number(0) if is_sum else col("received_before_fen"),
             "total_fen": col("total_fen"), "year_fen": col("year_fen"),
             "deductible_fen": when(col("is_waived"), number(0), col("deductible_fen"))}
        ),
        named(col("is_waived"), "is_waived"),
        *_money({"deducted_before_fen": by_rate(plan, step, _deducted_before), "excess_fen": col("excess_fen"),
                 "top_fen": col("top_fen")}),
        named(_typed("parts", by_rate(plan, step, lambda place, rate: _parts(made, place, rate))), "parts"),
        named(_typed("modifiers", _modifiers(made)), "modifiers"),
        *_rounded(step, "weight", "paid_fen", ("weighed_before", "given_before_fen", "alone_fen", "rounded_fen")),
        named(_typed("caps", _caps(made)), "caps"),
        *_money({"capped_fen": col("capped_fen")}),
        *_after(step),
        named(col("is_met"), "is_at_cap"),
        "is_over",
        *_money({"relief_fen": col("given_fen")}),
    )  # fmt: skip


def _money(told: dict[str, exp.Expr]) -> list[exp.Expr]:
    return [named(bigint(what), name) for name, what in told.items()]


def _deducted_before(_: int, rate: Rate) -> exp.Expr:
    if rate.deductible.kind is DeductibleKind.GATE:
        return number(0)
    return when(col("is_waived"), number(0), minus(col("borne_fen"), col("amount_fen")))


def _parts(made: Steps, place: int, rate: Rate) -> exp.Expr:
    """A list of the parts by bracket; a bracket that the claim does not touch is missing."""
    return exp.Array(expressions=[_part(made, place, part, one, rate) for part, one in enumerate(rate.brackets, 1)])


def _part(made: Steps, place: int, part: int, bracket: Bracket, rate: Rate) -> exp.Expr:
    name = made.step.name(f"c{place}_p{part}")
    turns = [(fits(made.plan, made.binder, f"{name}_v{turn}", one.condition), number(turn))
             for turn, one in enumerate(bracket.variants, 1)]  # fmt: skip
    variant: exp.Expr = switch(None, turns, number(0)) if turns and bracket.lump_fen is None else number(0)
    if rate.form is Form.MARGINAL:
        fen, ratio = part_of(part, bracket), ratio_of(made, place, part, bracket)
    else:
        fen, ratio = of_band(made, place, part, bracket)
        is_here = all_of([exp.GT(this=col("excess_fen"), expression=number(0)), in_band(part, bracket)])
        fen = when(is_here, fen, number(0))
    told = {"fen": fen, "ratio_ppm": ratio, "bracket_no": number(part), "variant_no": variant}
    is_touched = exp.NEQ(this=exp.paren(fen.copy()), expression=number(0))
    return when(is_touched, _struct(told), exp.null())


def _struct(told: dict[str, exp.Expr]) -> exp.Expr:
    return exp.Struct(
        expressions=[exp.PropertyEQ(this=exp.to_identifier(name), expression=bigint(what)) for name, what in told.items()]
    )


def _modifiers(made: Steps) -> exp.Expr:
    placed = list(enumerate(made.step.benefit.modifiers, 1))
    turns = [when(fits(made.plan, made.binder, made.step.name(f"m{turn}"), one.condition), bigint(number(turn)), exp.null())
             for turn, one in placed]  # fmt: skip
    return exp.Array(expressions=turns) if turns else exp.null()


def _rounded(step: Step, weight: str, name: str, told: tuple[str, str, str, str]) -> list[exp.Expr]:
    """Weighed and given before, what the weight is by itself, and what the claim got."""
    return _money({
        told[0]: minus(col(f"{name}_weighed"), col(weight)),
        told[1]: minus(col(f"{name}_up_to"), col(name)),
        told[2]: rounded(step.benefit.rounding, col(weight)),
        told[3]: col(name),
    })  # fmt: skip


def _caps(made: Steps) -> exp.Expr:
    """A list of the caps that the claim met; one that was waived, or that the rate has not, is missing."""
    most = max(len(one.caps) for one in made.rates)
    found, came = [], "paid_fen"
    for turn in range(1, most + 1):
        name = f"cap{turn}"
        before = by_rate(made.plan, made.step, lambda _, rate, turn=turn, came=came: _capped_before(rate, turn, came))  # type: ignore[misc]
        told = {"cap_no": number(turn), "bound_fen": col(f"{name}_bound"), "before_fen": before, "came_fen": col(came),
                "let_fen": col(f"{name}_fen")}  # fmt: skip
        found.append(when(col(f"{name}_waived"), exp.null(), _struct(told)))
        came = f"{name}_fen"
    return exp.Array(expressions=found) if found else exp.null()


def _capped_before(rate: Rate, turn: int, came: str) -> exp.Expr:
    if len(rate.caps) < turn or rate.caps[turn - 1].kind is CapKind.ALL_OR_NOTHING:
        return number(0)
    return minus(col(f"cap{turn}_sum"), col(came))


def _after(step: Step) -> list[exp.Expr]:
    told = ("cut_weighed_before", "cut_given_before_fen", "cut_alone_fen", "changed_fen")
    if any(one.position is Position.AFTER_CAP for one in step.benefit.modifiers):
        return [named(bigint(col("factor_ppm")), "factor_ppm"), *_rounded(step, "cut_weight", "given_fen", told)]
    return [named(bigint(exp.null()), name) for name in ("factor_ppm", *told)]


def _none() -> exp.Select:
    """No row, with the columns of the table."""
    return exp.select(*[named(_typed(name, exp.null()), name) for name in TYPES]).where(exp.false(), copy=False)


def _typed(name: str, what: exp.Expr) -> exp.Expr:
    return exp.cast(what, exp.DataType.build(TYPES[name], dialect="duckdb"))
