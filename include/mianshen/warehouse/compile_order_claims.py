"""The claims along which orders are tried: of each person-year as few as say the same.

One claim with the totals stands for a person-year whose claims are all of one kind, and one for claims of a kind that follow each
other, where the year's totals alone say what each benefit gives: relief then rises by as much as theirs together.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from mianshen.core.plan import EventKind, Plan
from mianshen.warehouse.compile_chain import CARRIED, ORDER
from mianshen.warehouse.compile_course import asked_of
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
    same_columns,
    select_from,
    table,
)

YEAR = ("person_no", "benefit_year")
"""Within which one order counts."""
KIND = ("covers", "holds")
"""What makes claims of a person one kind: the benefits that cover them and the categories that they hold."""
_FLAGS = ("is_provisional", "is_stopped")
_MONEY = ("base_fen", "maf_fen")


def year_query(plan: Plan, binder: Binder, slots: int) -> exp.Select:
    """One row a person-year of care: the benefits that cover a claim of it, whether totals decide, and its claims as one."""
    steps = steps_of(plan)
    uneven = sum(one.bit for one in steps if not _is_even(plan, one))
    signature = exp.BitwiseOrAgg(this=col("covers"))
    told: list[exp.Expr] = [
        exp.EQ(this=exp.paren(exp.BitwiseAnd(this=signature.copy(), expression=number(uneven))), expression=number(0))
    ]
    if any(one.benefit.counts_window_relief for one in steps):
        beyond = exp.Max(this=minus(col("maf_fen"), col("base_fen")))
        told.append(exp.LTE(this=beyond, expression=number(0)))
    alike: list[exp.Expr] = [exp.EQ(this=exp.Min(this=col(name)), expression=exp.Max(this=col(name))) for name in KIND]
    query = select_from(
        table("out.claim"),
        *YEAR,
        *[named(exp.Min(this=col("person_key")), "person_key"), named(exp.LogicalOr(this=col("is_firm")), "is_firm")],
        *_as_one(_names(plan, slots)),
        named(bigint(signature), "signature"),
        named(all_of(told), "is_told"),
        named(all_of([*[one.copy() for one in told], *alike]), "is_even"),
    )
    return query.where(*_takes_part(binder), copy=False).group_by(*columns(YEAR), copy=False)


def _names(plan: Plan, slots: int) -> list[str]:
    """The columns of a claim that is tried, those of the person-year apart."""
    bits = [f"bit_{slot}" for slot in range(1, slots + 1)]
    names = dict.fromkeys([*CARRIED, "event_kind", *_FLAGS, *_MONEY, *KIND, *bits, *ORDER, *asked_of(plan)])
    return [one for one in names if one not in YEAR]


def _as_one(names: Iterable[str]) -> list[exp.Expr]:
    """Claims of a kind as one claim."""
    kinds = dict.fromkeys(_FLAGS, exp.LogicalOr) | dict.fromkeys(_MONEY, exp.Sum)
    made = {name: kinds.get(name, exp.Min)(this=col(name)) for name in names}
    return [named(bigint(one) if name in _MONEY else one, name) for name, one in made.items()]


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


def claim_query(plan: Plan, binder: Binder, slots: int) -> exp.Query:
    """The claims that are tried, of each person-year with several orders: one, one for those of a kind in a row, or all."""
    names = _names(plan, slots)
    told = ("signature", "is_even")
    is_open = select_from(table("out.order_option"), "signature").where(col("is_open"), copy=False)
    one = select_from(table("out.order_year", "y"), *columns((*YEAR, *names, *told), "y"))
    one.where(col("is_even", "y"), exp.In(this=col("signature", "y"), query=is_open.subquery(copy=False)), copy=False)
    all_ = select_from(table("out.claim", "c"), *columns((*YEAR, *names), "c"), *columns((*told, "is_told"), "y"))
    all_.join(table("out.order_year", "y"), on=same_columns(YEAR, "c", "y"), join_type="inner", copy=False)
    all_.where(*_takes_part(binder, "c"), exp.not_(col("is_even", "y"), copy=False), copy=False)
    all_.where(exp.In(this=col("signature", "y"), query=is_open.copy().subquery(copy=False)), copy=False)
    whole = select_from("uneven", *YEAR, *names, *told).where(exp.not_(col("is_told"), copy=False), copy=False)
    query = all_rows(one, whole, _runs(names, told))
    query.with_("uneven", as_=all_, copy=False)
    query.with_("numbered", as_=_numbered(), copy=False)
    return query


def _numbered() -> exp.Select:
    """The claims of which those of a kind in a row count as one: their place in the year, and within their kind."""
    by = [exp.Ordered(this=col(name), desc=False, nulls_first=name == "ordered_at") for name in ORDER]
    turns = {"turn": YEAR, "turn_of_kind": (*YEAR, *KIND)}
    made = [
        named(exp.Window(this=exp.RowNumber(), partition_by=columns(of), order=exp.Order(expressions=[*by])), name)
        for name, of in turns.items()
    ]
    return select_from("uneven", "*", *made).where(col("is_told"), copy=False)


def _runs(names: list[str], told: tuple[str, ...]) -> exp.Select:
    """Claims of a kind in a row as one, in the place of the first of them."""
    first = exp.cast(exp.Min(this=col("turn")), "text")
    placed: dict[str, exp.Expr] = {
        "ordered_at": exp.cast(exp.null(), "timestamp"),
        "event_id": exp.func("lpad", first, number(9), exp.Literal.string("0")),
    }
    others = [one for one in names if one not in (*placed, *KIND)]
    made = {one.alias: one for one in _as_one(others)} | {name: named(what, name) for name, what in placed.items()}
    query = select_from("numbered", *YEAR, *[made.get(name, col(name)) for name in names], *told)
    run = exp.paren(minus(col("turn"), col("turn_of_kind")))
    return query.group_by(*columns((*YEAR, *KIND, *told)), run, copy=False)
