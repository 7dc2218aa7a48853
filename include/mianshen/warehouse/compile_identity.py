"""How listed identities count: the spans of a category under its rule, who is registered elsewhere, what follows from a category.

docs/reference/relief-semantics.md, 2. A Plan whose identities count as listed makes the plain text of these tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from mianshen.core.identity import PLAIN_IDENTITY, IdentityRule, MonthArithmetic, Tested, Upgrade
from mianshen.core.plan import Plan
from mianshen.warehouse.compile_bits import bit_of
from mianshen.warehouse.compile_words import (
    Binder,
    all_rows,
    any_of,
    bigint,
    col,
    has_bit,
    least,
    named,
    number,
    plus,
    select_from,
    switch,
    when,
)

NO_END = "9999-12-31"
"""Where an open span ends."""
DAYS = {Tested.SINCE: "first_on", Tested.UNTIL_ON: "last_on", Tested.SETTLED_ON: "ordered_on"}
"""The days of a claim on which an identity is tested, as columns."""


def asks_registration(plan: Plan) -> bool:
    """Whether a category of the Plan counts only for people registered in the county."""
    return any(one.identity.must_be_local for one in plan.categories)


def span_layers(plan: Plan, binder: Binder) -> list[tuple[str, exp.Query]]:
    """Layers on `listed` (spans with the category's bit) up to `span`: the days that count, of categories that count.

    A span of a person registered elsewhere is of no category; its bit is `elsewhere_bit`, where the Plan asks.
    """
    extra = [named(when(_counts(plan), bigint(number(0)), col("bit")), "elsewhere_bit")] if asks_registration(plan) else []
    until = exp.Coalesce(this=_ends(plan, binder), expressions=[exp.cast(exp.Literal.string(NO_END), "date")])
    counted = select_from(
        "listed",
        "person_key",
        named(_begins(plan, binder), "since"),
        named(until, "until"),
        "is_provisional",
        named(when(_counts(plan), col("bit"), bigint(number(0))), "bit") if extra else col("bit"),
        *extra,
    )
    if not plan.upgrades:
        return [("span", counted)]
    return [("counted", counted), *_following(plan)]


def _following(plan: Plan) -> list[tuple[str, exp.Query]]:
    """Layers up to `span`, in which who may come to hold a category has an empty span of it, to have a place for it.

    The place is there without provisional spans too, since the category may follow from firm ones.
    """
    firm = when(col("is_provisional"), bigint(number(0)), col("bit"))
    person = select_from(
        "counted",
        "person_key",
        named(exp.BitwiseOrAgg(this=col("bit")), "listed_bits"),
        named(exp.BitwiseOrAgg(this=firm), "firm_bits"),
    ).group_by("person_key", copy=False)
    layers: list[tuple[str, exp.Query]] = [("person", person)]
    layers += followed(plan, "person", "listed_bits", "bits")
    never = exp.cast(exp.Literal.string(NO_END), "date")
    extra = [named(bigint(number(0)), "elsewhere_bit")] if asks_registration(plan) else []
    rows = []
    for code in dict.fromkeys(one.also_code for one in plan.upgrades):
        bit = bit_of(plan, code)
        row = select_from(
            layers[-1][0],
            "person_key",
            named(never.copy(), "since"),
            named(never.copy(), "until"),
            named(exp.false(), "is_provisional"),
            named(bigint(number(bit)), "bit"),
            *[one.copy() for one in extra],
        )
        rows.append(row.where(has_bit("bits", bit), exp.not_(has_bit("firm_bits", bit), copy=False), copy=False))
    return [*layers, ("span", all_rows(select_from("counted", "*"), *rows))]


def followed(plan: Plan, source: str, mask: str, name: str) -> list[tuple[str, exp.Query]]:
    """Layers on the source that add `name`: the categories of a mask and those that follow from them, in the order written."""
    layers: list[tuple[str, exp.Query]] = []
    before = mask
    for turn, one in enumerate(plan.upgrades, 1):
        after = name if turn == len(plan.upgrades) else f"{name}_{turn}"
        layers.append((f"{name}_{turn}", select_from(source, "*", named(_with(plan, before, one), after))))
        source, before = layers[-1][0], after
    return layers


def _with(plan: Plan, mask: str, upgrade: Upgrade) -> exp.Expr:
    both = number(bit_of(plan, upgrade.category_code) | bit_of(plan, upgrade.mark_code))
    has_both = exp.EQ(this=exp.paren(exp.BitwiseAnd(this=col(mask), expression=both)), expression=both.copy())
    also = when(has_both, bigint(number(bit_of(plan, upgrade.also_code))), bigint(number(0)))
    return exp.BitwiseOr(this=col(mask), expression=exp.paren(also))


def holds_a_day(plan: Plan, bit: exp.Expr, lies: Callable[[str], exp.Expr]) -> exp.Expr:
    """Whether a span lies on a day of the claim on which the category of the bit is tested; `lies` says it of a day's column."""
    every = (1 << len(plan.categories)) - 1
    days = []
    for tested, day in DAYS.items():
        on_it = sum(bit_of(plan, one.code) for one in plan.categories if tested in one.identity.tested_on)
        if on_it == every:
            days.append(lies(day))
        elif on_it:
            among = exp.paren(exp.BitwiseAnd(this=bit.copy(), expression=number(on_it)))
            days.append(exp.and_(exp.NEQ(this=among, expression=number(0)), lies(day), copy=False))
    return any_of(days)


def elsewhere_bits(plan: Plan, spans: exp.Expr, lies: Callable[[exp.Expr, str], exp.Expr]) -> exp.Expr:
    """The categories that a claim would hold if the person were registered here, from the list of such spans (null is none)."""
    found = []
    for one in plan.categories:
        if one.identity.must_be_local:
            span, bit = exp.to_identifier("span"), number(bit_of(plan, one.code))
            own = exp.EQ(this=exp.Dot(this=span.copy(), expression=exp.to_identifier("bit")), expression=bit)
            days = any_of([lies(span, DAYS[tested]) for tested in one.identity.tested_on])
            fits = exp.Transform(
                this=spans.copy(), expression=exp.Lambda(this=exp.and_(own, days, copy=False), expressions=[span])
            )
            is_there = exp.ArrayContains(this=fits, expression=exp.true())
            found.append(when(is_there, bit.copy(), number(0)))
    return bigint(plus(found))


def _counts(plan: Plan) -> exp.Expr:
    """Whether the person is registered where the category asks."""
    arms = []
    for is_local in (True, False):
        asked = [one for one in plan.categories if one.identity.must_be_local and one.identity.unknown_is_local is is_local]
        if asked:
            unknown = exp.true() if is_local else exp.false()
            counts = exp.Coalesce(this=col("is_local"), expressions=[unknown])
            arms.append((has_bit("bit", sum(bit_of(plan, one.code) for one in asked)), counts))
    return switch(None, arms, exp.true()) if arms else exp.true()


def _begins(plan: Plan, binder: Binder) -> exp.Expr:
    def since(name: str, rule: IdentityRule) -> exp.Expr:
        first: exp.Expr = col("since")
        if rule.reaches_back_months is not None:
            months = binder.bind(f"{name}_reaches_back_months", rule.reaches_back_months)
            reached = _months_before(months, rule.month_arithmetic)
            first = least([first, exp.Coalesce(this=reached, expressions=[col("since")])])
        return _month_start(first) if rule.is_by_month else first

    return _by_rule(plan, since, "since")


def _ends(plan: Plan, binder: Binder) -> exp.Expr:
    def until(name: str, rule: IdentityRule) -> exp.Expr:
        end: exp.Expr = col("until")
        if rule.ends_after_months is not None:
            end = _months_after_last_day(end, binder.bind(f"{name}_ends_after_months", rule.ends_after_months + 1))
        if rule.is_yearly:
            next_year = plus([exp.Year(this=col("since")), number(1)])
            year_end = exp.DateFromParts(year=next_year, month=number(1), day=number(1))
            end = least([exp.Coalesce(this=end, expressions=[year_end]), year_end.copy()])
        return _months_after_last_day(end, number(1)) if rule.is_by_month else end

    return _by_rule(plan, until, "until")


def _by_rule(plan: Plan, of: Callable[[str, IdentityRule], exp.Expr], plain: str) -> exp.Expr:
    """What a function makes of the rule of the row's category; the column as it is where that changes nothing."""
    arms = []
    for place, one in enumerate(plan.categories, 1):
        if one.identity != PLAIN_IDENTITY:
            made = of(f"category_{place}", one.identity)
            if made != col(plain):
                arms.append((number(bit_of(plan, one.code)), made))
    return switch(col("bit"), arms, col(plain)) if arms else col(plain)


def _months_before(months: exp.Expr, arithmetic: MonthArithmetic) -> exp.Expr:
    applied = col("applied_on")
    if arithmetic is MonthArithmetic.CLAMP:
        return _shifted(exp.DateSub, applied, months, "month")
    first = _shifted(exp.DateSub, _month_start(applied), months, "month")
    return _shifted(exp.DateAdd, first, exp.Sub(this=exp.Day(this=applied.copy()), expression=number(1)), "day")


def _months_after_last_day(end: exp.Expr, months: exp.Expr) -> exp.Expr:
    """First day of the month so many months after that of the day before the end."""
    return _shifted(exp.DateAdd, _month_start(_shifted(exp.DateSub, end, number(1), "day")), months, "month")


def _month_start(day: exp.Expr) -> exp.Expr:
    return exp.cast(exp.func("date_trunc", exp.Literal.string("month"), day.copy(), dialect="duckdb"), "date")


def _shifted(move: type[exp.DateAdd] | type[exp.DateSub], day: exp.Expr, by: exp.Expr, unit: str) -> exp.Expr:
    return exp.cast(move(this=day.copy(), expression=exp.paren(by), unit=exp.var(unit)), "date")


def most_held(plan: Plan, listed: Sequence[Sequence[str]]) -> int:
    """The most categories that a person comes to hold, of sets of categories as people are listed."""
    most = 0
    for codes in listed:
        held = set(codes)
        for one in plan.upgrades:
            if {one.category_code, one.mark_code} <= held:
                held.add(one.also_code)
        most = max(most, len(held))
    return most
