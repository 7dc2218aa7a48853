"""The admissions of a person in a benefit year, numbered: what a deductible of the first, second and later admission asks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mianshen.core.plan import Plan
from mianshen.warehouse.compile_words import Binder, all_of, col, columns, named, number, select_from, when

YEAR = ("person_no", "benefit_year", "event_kind")
"""Within which the stays are numbered."""
ORDER = ("ordered_on", "ordered_at", "event_id")
"""The order of the claims of a person and benefit year."""


def admission_layers(plan: Plan, binder: Binder) -> list[tuple[str, exp.Query]]:
    """Layers on `judged` that add `admission_no`: the stays of the Plan's kinds of care by their first claim, else 0.

    A claim that is stopped is no admission, and begins none.
    """
    if not plan.admission_med_types:
        return [("admitted", select_from("judged", "*", named(number(0), "admission_no")))]
    listed = [binder.bind(f"admission_med_type_{place}", code) for place, code in enumerate(plan.admission_med_types, 1)]
    is_care = exp.EQ(this=col("event_kind"), expression=binder.bind("care", "care"))
    is_listed = exp.func("coalesce", exp.paren(exp.In(this=col("med_type"), expressions=listed)), exp.false())
    counts = all_of([is_care, is_listed, exp.not_(col("is_stopped"), copy=False)])
    turn = exp.Window(this=exp.RowNumber(), partition_by=columns(YEAR), order=_order(*ORDER))
    first = exp.Window(
        this=exp.Min(this=when(col("counts_as_stay"), col("turn"), exp.null())), partition_by=columns((*YEAR, "stay_id"))
    )
    rank = exp.Window(this=exp.DenseRank(), partition_by=columns(YEAR), order=_order("first_turn"))
    none = exp.Is(this=col("first_turn"), expression=exp.null())
    return [
        ("turned", select_from("judged", "*", named(turn, "turn"), named(counts, "counts_as_stay"))),
        ("stayed", select_from("turned", "*", named(first, "first_turn"))),
        ("admitted", select_from("stayed", "*", named(when(none, number(0), rank), "admission_no"))),
    ]


def _order(*names: str) -> exp.Order:
    by: Sequence[exp.Ordered] = [exp.Ordered(this=col(name), desc=False, nulls_first=name == "ordered_at") for name in names]
    return exp.Order(expressions=list(by))
