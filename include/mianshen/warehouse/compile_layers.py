"""The layers of a benefit's steps: common table expressions, each with all columns of the one before and some more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from mianshen.core.plan import Plan
from mianshen.core.rates import Period, Rate
from mianshen.warehouse.compile_conditions import by_rate, key_of, year_of
from mianshen.warehouse.compile_rates import Step
from mianshen.warehouse.compile_words import Binder, bigint, col, columns, named, number, select_from

CLAIM_KEY = ("person_no", "benefit_year", "claim_no")
"""What tells a claim (and basis) within the chain."""


@dataclass(slots=True)
class Steps:
    """The layers of one benefit's steps, as they are written."""

    plan: Plan
    """The Plan."""
    step: Step
    """The benefit's place in the chain."""
    binder: Binder
    """Values bound."""
    layers: list[tuple[str, exp.Query]] = field(default_factory=list)
    """Names and queries so far."""

    def add(self, what: str, *named_columns: exp.Expr) -> None:
        """A layer with all columns of the one before, and these."""
        self.layers.append((self.step.name(what), select_from(self.layers[-1][0], "*", *named_columns)))

    def running(self, what: exp.Expr, prefix: str) -> exp.Expr:
        """The running total of a value over the claims of the person, category and period whose keys have this prefix."""
        within = ("person_no", "bit", f"{prefix}_year", f"{prefix}_key")
        return bigint(over(exp.Sum(this=what), within, ("benefit_year", "claim_no")))

    def keys(self, prefix: str, period: Sequence[Period]) -> None:
        """A layer with the keys of a period, which may differ by rate; `period` stands in the order of the rates."""
        key = by_rate(self.plan, self.step, lambda place, _: key_of(period[place - 1]))
        year = by_rate(self.plan, self.step, lambda place, _: year_of(period[place - 1]))
        self.add(f"{prefix}_keys", named(key, f"{prefix}_key"), named(year, f"{prefix}_year"))

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The benefit's rates."""
        return self.step.benefit.rates


def over(what: exp.Expr, within: Sequence[str], order: Sequence[str]) -> exp.Window:
    """The value over all claims of the partition up to and with this one."""
    by = [exp.Ordered(this=col(name), desc=False, nulls_first=False) for name in order]
    spec = exp.WindowSpec(kind="rows", start="unbounded", start_side="preceding", end="current row")
    return exp.Window(this=what, partition_by=columns(within), order=exp.Order(expressions=by), spec=spec)


def before(what: str, within: Sequence[str], order: Sequence[str]) -> exp.Expr:
    """The column's value on the claim before this one in the partition, nought on the first."""
    by = [exp.Ordered(this=col(name), desc=False, nulls_first=False) for name in order]
    lagged = exp.Lag(this=col(what), offset=number(1))
    window = exp.Window(this=lagged, partition_by=columns(within), order=exp.Order(expressions=by))
    return exp.Coalesce(this=window, expressions=[number(0)])
