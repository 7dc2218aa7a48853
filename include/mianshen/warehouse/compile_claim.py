"""out.claim: every claim as the policy sees it: base, categories that it holds as bits, benefits that cover it as bits.

A claim of a person with provisional spans stands twice: once with all spans, once with the firm ones alone (`is_firm`).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mianshen.core.plan import Benefit, EventKind, MafCounting, Plan
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
    minus,
    missing_fen,
    named,
    number,
    plus,
    select_from,
    switch,
    table,
    when,
    with_steps,
)
from mianshen.warehouse.sql_files import table_doc

NOT_CONCERNED, NOT_MATCHED, NOT_VALID, COVERED = 0, 1, 2, 3
"""How far a claim comes: no benefit concerns it; none matches its care; none is valid on its day; one covers it."""
CLAIM = ("event_id", "event_kind", "person_key", "benefit_year", "ordered_on", "ordered_at", "event_on")
DAYS = ("first_on", "last_on", "ordered_on")
"""The days on which an identity counts."""


def claim_query(plan: Plan, binder: Binder) -> exp.Select:
    """One row a claim (and basis) that was not refunded, from facts.* of the years bound as `years`.

    A claim that is held, or was refused after a person's look, is stopped: it shows how far it would come and takes no part in
    the chain.
    """
    query = select_from(
        table("judged", "c"),
        *columns(CLAIM, "c"),
        *columns(("base_fen", "maf_fen", "held", "is_firm", "is_stopped"), "c"),
        named(_gate(plan, binder), "gate"),
        named(_covers(plan, binder), "covers"),
    )
    provisional = select_from("span", "person_key").where(col("is_provisional"), copy=False).distinct(copy=False)
    steps = [
        ("span", _spans(plan, binder)),
        ("care", _care(plan, binder)),
        ("enrolment", _enrolments(binder)),
        ("listed", all_rows(select_from("care", "*"), select_from("enrolment", "*"))),
        ("held", _held()),
        ("provisional", provisional),
        ("judged", all_rows(_judged(is_firm=False), _judged(is_firm=True))),
    ]
    return with_steps(query, steps)


def position_of(plan: Plan, category_code: str) -> int:
    """The category's place in the Plan, from 1; ValueError when the Plan does not list it."""
    return [one.code for one in plan.categories].index(category_code) + 1


def bit_of(plan: Plan, category_code: str) -> int:
    """The category's bit."""
    return 1 << (position_of(plan, category_code) - 1)


def _spans(plan: Plan, binder: Binder) -> exp.Select:
    codes = [binder.bind(f"category_{place}", one.code) for place, one in enumerate(plan.categories, 1)]
    arms = [(code, number(1 << place)) for place, code in enumerate(codes)]
    bit = bigint(switch(col("category_code"), arms, number(0)))
    known = exp.In(this=col("category_code"), expressions=[one.copy() for one in codes])
    names = ("person_key", "since", "until", "is_provisional")
    return select_from(table("facts.identity_span"), *names, named(bit, "bit")).where(known, copy=False)


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
        *("med_type", "dise_code"),
        named(_base(plan), "base_fen"),
        named(coalesced(col("maf_pay")), "maf_fen"),
        named(exp.NEQ(this=col("state"), expression=binder.bind("live", "LIVE")), "is_stopped"),
    )
    is_unstruck = exp.NEQ(this=col("state"), expression=binder.bind("struck", "STRUCK"))
    return query.where(is_unstruck, _of_the_years(), copy=False)


def _enrolments(binder: Binder) -> exp.Select:
    paid_on = [named(col("paid_on"), name) for name in ("event_on", "first_on", "last_on")]
    nothing = [named(exp.cast(exp.null(), "varchar"), name) for name in ("med_type", "dise_code")]
    query = select_from(
        table("facts.enrolment_event"),
        "event_id",
        named(binder.bind("enrolment", EventKind.ENROLMENT.value), "event_kind"),
        *("person_key", "benefit_year"),
        named(col("paid_on"), "ordered_on"),
        named(exp.cast(exp.null(), "timestamp"), "ordered_at"),
        *paid_on,
        *nothing,
        named(col("fee_fen"), "base_fen"),
        named(bigint(number(0)), "maf_fen"),
        named(exp.false(), "is_stopped"),
    )
    return query.where(_of_the_years(), copy=False)


def _of_the_years() -> exp.Expr:
    years = exp.cast(exp.Placeholder(this="years"), "integer[]", dialect="duckdb")
    return exp.ArrayContains(this=years, expression=col("benefit_year"))


def _base(plan: Plan) -> exp.Expr:
    """The sum of the Plan's terms, at least 0; null while a payer that must be known is missing."""
    known = {one.name for one in table_doc("facts.care_event").columns}
    fields = {one.field: col(one.field) if one.field in known else missing_fen() for one in plan.base}
    positive = [coalesced(fields[one.field].copy()) for one in plan.base if one.sign > 0]
    negative = [coalesced(fields[one.field].copy()) for one in plan.base if one.sign < 0]
    waited = [fields[one.field].copy() for one in plan.base if one.absent_means == "unknown"]
    if plan.maf_counts_as is MafCounting.SAME_BENEFIT:
        waited.append(col("maf_pay"))
    amount = bigint(greatest([minus(plus(positive), *negative), number(0)]))
    if not waited:
        return amount
    return when(any_of([exp.Is(this=one, expression=exp.null()) for one in waited]), missing_fen(), amount)


def _held() -> exp.Select:
    """The categories that each claim holds on one of its days, as bits; with all spans and with the firm ones."""
    days = [
        all_of(
            [
                exp.GTE(this=col(day, "e"), expression=col("since", "s")),
                any_of(
                    [
                        exp.Is(this=col("until", "s"), expression=exp.null()),
                        exp.LT(this=col(day, "e"), expression=col("until", "s")),
                    ]
                ),
            ]
        )
        for day in DAYS
    ]
    firm = when(col("is_provisional", "s"), number(0), col("bit", "s"))
    same_person = exp.EQ(this=col("person_key", "e"), expression=col("person_key", "s"))
    key = ("event_kind", "event_id")
    query = select_from(
        table("listed", "e"),
        *columns(key, "e"),
        named(_bit_or(col("bit", "s")), "held"),
        named(_bit_or(firm), "held_firm"),
    )
    query.join(table("span", "s"), on=all_of([same_person, any_of(days)]), join_type="inner", copy=False)
    return query.group_by(*columns(key, "e"), copy=False)


def _bit_or(what: exp.Expr) -> exp.Expr:
    return bigint(exp.BitwiseOrAgg(this=what))


def _judged(*, is_firm: bool) -> exp.Select:
    """Each claim with its bits; on the firm basis only claims of people who have a provisional span."""
    same_claim = [exp.EQ(this=col(name, "e"), expression=col(name, "h")) for name in ("event_kind", "event_id")]
    query = select_from(
        table("listed", "e"),
        *columns((*CLAIM, "med_type", "dise_code", "base_fen", "maf_fen", "is_stopped"), "e"),
        named(coalesced(col("held_firm" if is_firm else "held", "h")), "held"),
        named(exp.true() if is_firm else exp.false(), "is_firm"),
    )
    query.join(table("held", "h"), on=all_of(same_claim), join_type="left", copy=False)
    if is_firm:
        doubtful = select_from(table("provisional", "p"), col("person_key", "p"))
        query.where(exp.In(this=col("person_key", "e"), query=doubtful.subquery(copy=False)), copy=False)
    return query


def _gate(plan: Plan, binder: Binder) -> exp.Expr:
    """The furthest that any benefit lets the claim come."""
    reached = [
        switch(
            None,
            [
                (exp.not_(_concerns(plan, one, binder)), number(NOT_CONCERNED)),
                (exp.not_(_matches(place, one, binder)), number(NOT_MATCHED)),
                (exp.not_(_is_valid(place, one, binder)), number(NOT_VALID)),
            ],
            number(COVERED),
        )
        for place, one in enumerate(plan.benefits, 1)
    ]
    return bigint(greatest(reached)) if reached else bigint(number(NOT_CONCERNED))


def _covers(plan: Plan, binder: Binder) -> exp.Expr:
    """The benefits that cover the claim, one bit each in Plan order."""
    bits = [
        when(
            all_of([_concerns(plan, one, binder), _matches(place, one, binder), _is_valid(place, one, binder)]),
            number(1 << (place - 1)),
            number(0),
        )
        for place, one in enumerate(plan.benefits, 1)
    ]
    return bigint(plus(bits))


def _concerns(plan: Plan, benefit: Benefit, binder: Binder) -> exp.Expr:
    rated = sum(bit_of(plan, one.category_code) for one in benefit.rates)
    kind = exp.EQ(this=col("event_kind", "c"), expression=binder.bind(benefit.event_kind.value, benefit.event_kind.value))
    return all_of([kind, has_bit("held", rated)])


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
