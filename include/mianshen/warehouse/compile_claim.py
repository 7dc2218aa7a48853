"""out.claim: every claim as the policy sees it: base, categories that it holds as bits, benefits that cover it as bits.

A claim of a person with provisional spans stands twice: once with all spans, once with the firm ones alone (`is_firm`).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mianshen.core.plan import Benefit, EventKind, Plan
from mianshen.warehouse.compile_admissions import admission_layers
from mianshen.warehouse.compile_base import is_provisional, scaled, whole_base
from mianshen.warehouse.compile_bits import as_mask, bit_of
from mianshen.warehouse.compile_identity import asks_registration, elsewhere_bits, followed, holds_a_day
from mianshen.warehouse.compile_january import closes, closing_bits
from mianshen.warehouse.compile_rates import steps_of
from mianshen.warehouse.compile_service import packages
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

NOT_CONCERNED, NOT_MATCHED, NOT_VALID, COVERED = 0, 1, 2, 3
"""How far a claim comes: no benefit concerns it; none matches its care; none is valid on its day; one covers it."""
CLAIM = ("event_id", "event_kind", "person_key", "benefit_year", "ordered_on", "ordered_at", "event_on")
SEEN = ("base_fen", "is_provisional", "maf_fen", "is_stopped", "stopped_state", "stopped_code")
"""What a claim brings, beside who and when."""
DETAIL = ("med_type", "dise_code", "hosp_level", "care_place", "is_referred", "days", "stay_id")
"""What conditions, stays and days of care ask; carried only where a benefit asks."""


def claim_query(plan: Plan, binder: Binder, slots: int) -> exp.Select:
    """One row a claim (and basis) that was not refunded, from facts.* of the years bound as `years`, and out.holder.

    A claim that is held, or was refused after a person's look, is stopped: it shows how far it would come and takes no part in
    the chain.
    """
    is_detailed, bits = any(not one.is_plain for one in steps_of(plan)), len(plan.categories)
    brought = [("care", _care(plan, binder)), ("enrolment", _enrolments(binder)), *packages(plan, binder, _of_the_years())]
    steps = [
        *brought,
        ("listed", all_rows(*[select_from(name, "*") for name, _ in brought])),
        ("met", _met(plan, slots)),
        *_holding(plan, binder, slots),
    ]
    steps.insert(0, ("refused", _refused(plan, binder)))
    steps.append(("judged", _judged(plan, binder, steps[-1][0])))
    steps += admission_layers(plan, binder) if is_detailed else []
    query = select_from(
        steps[-1][0],
        *CLAIM,
        *SEEN,
        *((*DETAIL, "admission_no") if is_detailed else ()),
        *HOLDER,
        *[named(as_mask(col(name), bits), name) for name in (*[f"bit_{slot}" for slot in range(1, slots + 1)], "held")],
        named(as_mask(col("holds"), slots), "holds"),
        "is_elsewhere",
        named(as_mask(greatest(columns(_gates(plan))), COVERED.bit_length()), "gate"),
        named(as_mask(_unrefused(_covered(plan)), len(plan.benefits)), "covers"),
    )
    if any(closing_bits(plan, one) for one in plan.benefits):
        steps.append(("covered", query))
        query = select_from("covered", "*", named(closes(plan), "closes"))
    else:
        query.select(named(exp.false(), "closes"), copy=False)
    return with_steps(query, steps)


HOLDER = ("person_no", "is_firm", "is_doubtful")
"""What a claim knows of its holder, beside the slots."""


def _gates(plan: Plan) -> list[str]:
    return [f"b{place}_gate" for place in range(1, len(plan.benefits) + 1)]


def _covered(plan: Plan) -> exp.Expr:
    is_covered = [exp.EQ(this=col(gate), expression=number(COVERED)) for gate in _gates(plan)]
    return plus(when(one, number(1 << place), number(0)) for place, one in enumerate(is_covered))


def _unrefused(bits: exp.Expr) -> exp.Expr:
    return exp.BitwiseAnd(this=exp.paren(bits, copy=False), expression=exp.BitwiseNot(this=col("refused_bits")))


def _refused(plan: Plan, binder: Binder) -> exp.Select:
    """One row a person and benefit year: the benefits that departments refused, as bits."""
    codes = [(binder.bind(f"b{place}_code", one.code), place) for place, one in enumerate(plan.benefits, 1)]
    bit = switch(col("benefit_code"), [(code, number(1 << (place - 1))) for code, place in codes], number(0))
    query = select_from(
        table("facts.benefit_refused"),
        *("person_key", "benefit_year"),
        named(exp.BitwiseOrAgg(this=bigint(bit)), "refused_bits"),
    )
    return query.group_by(*columns(("person_key", "benefit_year")), copy=False)


def _met(plan: Plan, slots: int) -> exp.Select:
    """Each claim with its holder, when it has one, and whether it holds the category of each slot."""
    base = named(col("base_fen", "e"), "whole_fen") if plan.base_scales else col("base_fen", "e")
    query = select_from(
        table("listed", "e"),
        *columns(CLAIM, "e"),
        base,
        *columns((*SEEN[1:], *DETAIL), "e"),
        col("person_no", "h"),
        *[named(exp.Coalesce(this=col(name, "h"), expressions=[exp.false()]), name) for name in HOLDER[1:]],
        *[named(coalesced(col(f"bit_{slot}", "h")), f"bit_{slot}") for slot in range(1, slots + 1)],
        *[named(_holds(plan, slot), f"holds_{slot}") for slot in range(1, slots + 1)],
    )
    if asks_registration(plan):
        query.select(named(elsewhere_bits(plan, col("elsewhere", "h"), _lies_in), "elsewhere"), copy=False)
    return query.join(table("out.holder", "h"), on=same_columns(("person_key",), "e", "h"), join_type="left", copy=False)


def _holds(plan: Plan, slot: int) -> exp.Expr:
    """Whether one of the claim's days lies in the slot's span, or in one of its category where spans are listed."""
    bit = col(f"bit_{slot}", "h")
    first = holds_a_day(plan, bit, lambda day: _lies(day, col(f"since_{slot}", "h"), col(f"until_{slot}", "h")))
    span = exp.to_identifier("span")
    own = exp.EQ(this=exp.Dot(this=span.copy(), expression=exp.to_identifier("bit")), expression=bit)
    lies = all_of([own, holds_a_day(plan, bit, lambda day: _lies_in(span, day))])
    listed = exp.Transform(this=col("more", "h"), expression=exp.Lambda(this=lies, expressions=[span]))
    among = exp.ArrayContains(this=listed, expression=exp.true())
    return switch(None, [(first, exp.true()), (col("has_more", "h"), among)], exp.false())


def _lies_in(span: exp.Expr, day: str) -> exp.Expr:
    return _lies(day, *[exp.Dot(this=span.copy(), expression=exp.to_identifier(name)) for name in ("since", "until")])


def _lies(day: str, since: exp.Expr, until: exp.Expr) -> exp.Expr:
    return exp.and_(exp.GTE(this=col(day, "e"), expression=since), exp.LT(this=col(day, "e"), expression=until), copy=False)


def _holding(plan: Plan, binder: Binder, slots: int) -> list[tuple[str, exp.Query]]:
    """The slots held as bits, the categories held as bits, those that follow included, and the base that may hang on them."""
    places = range(1, slots + 1)
    held = bigint(plus(when(col(f"holds_{slot}"), col(f"bit_{slot}"), number(0)) for slot in places))
    holds = columns(f"holds_{slot}" for slot in places)
    layers: list[tuple[str, exp.Query]] = []
    if plan.upgrades:
        layers = [("bits", select_from("met", "*", named(held, "listed_bits")))]
        layers += followed(plan, "bits", "listed_bits", "held")
        held, holds = col("held"), [_meets(col(f"bit_{slot}"), col("held")) for slot in places]
    mask = bigint(plus(when(one, number(1 << place), number(0)) for place, one in enumerate(holds)))
    made = [named(mask, "holds"), *([] if plan.upgrades else [named(held, "held")])]
    layers.append(("holding", select_from(layers[-1][0] if layers else "met", "*", *made)))
    if asks_registration(plan):
        layers += _anywhere(plan, layers[-1][0])
    if plan.base_scales:
        layers.append(("scaled", scaled(plan, binder, layers[-1][0])))
    return layers


def _meets(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.NEQ(this=exp.paren(exp.BitwiseAnd(this=one, expression=other)), expression=number(0))


def _anywhere(plan: Plan, source: str) -> list[tuple[str, exp.Query]]:
    """Layers that add the categories which the claim would hold wherever the person is registered, as bits."""
    listed = exp.BitwiseOr(this=col("listed_bits" if plan.upgrades else "held"), expression=col("elsewhere"))
    name = "listed_anywhere" if plan.upgrades else "anywhere"
    layers: list[tuple[str, exp.Query]] = [("somewhere", select_from(source, "*", named(listed, name)))]
    return layers + followed(plan, "somewhere", name, "anywhere")


def _judged(plan: Plan, binder: Binder, source: str) -> exp.Select:
    """How far each benefit lets the claim come; whether one would see it if the person were registered in the county."""
    query = select_from(table(source, "c"), "c.*", named(coalesced(col("refused_bits", "f")), "refused_bits"))
    same = [exp.EQ(this=col(name, "c"), expression=col(name, "f")) for name in ("person_key", "benefit_year")]
    query.join(table("refused", "f"), on=all_of(same), join_type="left", copy=False)
    for place, one in enumerate(plan.benefits, 1):
        arms = [
            (exp.not_(_concerns(plan, one, binder, "held")), number(NOT_CONCERNED)),
            (exp.not_(_matches(place, one, binder)), number(NOT_MATCHED)),
            (exp.not_(_is_valid(place, one, binder)), number(NOT_VALID)),
        ]
        query.select(named(switch(None, arms, number(COVERED)), f"b{place}_gate"), copy=False)
    asked = [_concerns(plan, one, binder, "anywhere") for one in plan.benefits] if asks_registration(plan) else []
    return query.select(named(any_of(asked), "is_elsewhere"), copy=False)


def _care(plan: Plan, binder: Binder) -> exp.Select:
    event_on = "until_on" if plan.benefit_year_by == "discharge" else "settled_on"
    query = select_from(
        table("facts.care_event"),
        "event_id",
        named(binder.bind("care", EventKind.CARE.value), "event_kind"),
        *("person_key", "benefit_year"),
        named(col("settled_on"), "ordered_on"),
        named(col("settled_at"), "ordered_at"),
        named(col(event_on), "event_on"),
        named(col("since"), "first_on"),
        named(col("until_on"), "last_on"),
        named(whole_base(plan), "base_fen"),
        named(is_provisional(plan), "is_provisional"),
        named(coalesced(col("maf_pay")), "maf_fen"),
        named(_is_stopped(binder), "is_stopped"),
        named(when(_is_stopped(binder), col("state"), exp.null()), "stopped_state"),
        named(when(_is_stopped(binder), col("reason_code"), exp.null()), "stopped_code"),
        *("med_type", "dise_code"),
        named(col("hosp_lv"), "hosp_level"),
        *("care_place", "is_referred"),
        named(greatest([_days_of_care(), number(1)]), "days"),
        named(exp.Coalesce(this=col("stay_id"), expressions=[col("event_id")]), "stay_id"),
    )
    is_unstruck = exp.NEQ(this=col("state"), expression=binder.bind("struck", "STRUCK"))
    return query.where(is_unstruck, _of_the_years(), copy=False)


def _days_of_care() -> exp.Expr:
    return exp.cast(exp.Sub(this=col("until_on"), expression=col("since")), "int")


def _is_stopped(binder: Binder) -> exp.Expr:
    return exp.NEQ(this=col("state"), expression=binder.bind("live", "LIVE"))


def _enrolments(binder: Binder) -> exp.Select:
    is_stopped = exp.not_(exp.Is(this=col("stopped_code"), expression=exp.null()))
    return select_from(
        table("facts.enrolment_event"),
        "event_id",
        named(binder.bind("enrolment", EventKind.ENROLMENT.value), "event_kind"),
        *("person_key", "benefit_year"),
        named(col("paid_on"), "ordered_on"),
        named(exp.cast(exp.null(), "timestamp"), "ordered_at"),
        *[named(col("paid_on"), name) for name in ("event_on", "first_on", "last_on")],
        named(col("fee_fen"), "base_fen"),
        named(exp.false(), "is_provisional"),
        named(bigint(number(0)), "maf_fen"),
        named(is_stopped, "is_stopped"),
        named(when(is_stopped.copy(), binder.bind("refused", "REFUSED"), exp.null()), "stopped_state"),
        "stopped_code",
        *[named(exp.cast(exp.null(), "varchar"), name) for name in DETAIL[:4]],
        named(exp.cast(exp.null(), "boolean"), "is_referred"),
        named(number(1), "days"),
        named(col("event_id"), "stay_id"),
    ).where(_of_the_years(), copy=False)


def _of_the_years() -> exp.Expr:
    years = exp.cast(exp.Placeholder(this="years"), "integer[]", dialect="duckdb")
    return exp.ArrayContains(this=years, expression=col("benefit_year"))


def _concerns(plan: Plan, benefit: Benefit, binder: Binder, mask: str) -> exp.Expr:
    rated = sum(bit_of(plan, one.category_code) for one in benefit.rates)
    kind = exp.EQ(this=col("event_kind", "c"), expression=binder.bind(benefit.event_kind.value, benefit.event_kind.value))
    return all_of([kind, has_bit(mask, rated)])


def _matches(place: int, benefit: Benefit, binder: Binder) -> exp.Expr:
    """Kind of care and disease fit; a missing code fits only where nothing is asked."""
    asked: list[exp.Expr] = []
    if benefit.med_types:
        listed = [binder.bind(f"b{place}_med_type_{number_}", code) for number_, code in enumerate(benefit.med_types, 1)]
        asked.append(_known(exp.In(this=col("med_type", "c"), expressions=listed)))
    if benefit.dise_codes:
        asked.append(_known(any_of(_prefixes(place, benefit.dise_codes, binder))))
    return all_of(asked)


def _prefixes(place: int, codes: Sequence[str], binder: Binder) -> list[exp.Expr]:
    return [
        exp.StartsWith(this=col("dise_code", "c"), expression=binder.bind(f"b{place}_dise_code_{number_}", code))
        for number_, code in enumerate(codes, 1)
    ]


def _known(what: exp.Expr) -> exp.Expr:
    return exp.func("coalesce", exp.paren(what), exp.false())


def _is_valid(place: int, benefit: Benefit, binder: Binder) -> exp.Expr:
    since = exp.GTE(this=col("event_on", "c"), expression=binder.bind(f"b{place}_since", benefit.valid_since))
    if benefit.valid_until is None:
        return since
    until = exp.LT(this=col("event_on", "c"), expression=binder.bind(f"b{place}_until", benefit.valid_until))
    return all_of([since, until])
