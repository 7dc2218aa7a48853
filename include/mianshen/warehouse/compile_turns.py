"""The turns of the chain: which benefit stands in which place in each permitted order.

A benefit that stands before or after the same others in every order has a turn of its own. Benefits that change places among
themselves share as many turns as most of them take, and in each of these a claim meets the one that its order puts there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

from mianshen.core.plan import Benefit
from mianshen.warehouse.compile_rates import Step


@dataclass(frozen=True, slots=True)
class Turn:
    """One place in the chain."""

    number: int
    """From 1 among the turns in which orders differ; 0 for a benefit that stands here in every order."""
    steps: tuple[Step, ...]
    """The benefits that may stand here, in Plan order."""
    bits: tuple[int, ...] = ()
    """By order, the bit of the benefit that stands here, 0 for none; empty where it is the same in every order."""

    def bit(self, order_no: int) -> int:
        """The bit of the benefit that stands here in the order."""
        return self.bits[order_no] if self.bits else self.steps[0].bit

    def taken(self) -> list[Step]:
        """The steps of the turn: plain benefits together, every other one by itself."""
        if not self.number:
            return list(self.steps)
        alike = tuple(one for one in self.steps if _is_mixable(one))
        found = [self._alone(one) for one in self.steps if not (len(alike) > 1 and one in alike)]
        return [self._together(alike), *found] if len(alike) > 1 else found

    def _alone(self, step: Step) -> Step:
        return replace(step, turn=self.number)

    def _together(self, members: tuple[Step, ...]) -> Step:
        rates = tuple(rate for one in members for rate in one.benefit.rates)
        benefit: Benefit = replace(members[0].benefit, rates=rates)
        return Step(members[0].place, benefit, self.number, members)


def _is_mixable(step: Step) -> bool:
    return step.is_plain and step.benefit.bucket_code is None and not step.benefit.counts_window_relief


def turns_of(orders: Sequence[Sequence[Step]]) -> list[Turn]:
    """The turns of the orders, at least one order."""
    found: list[Turn] = []
    number = 0
    for run in _runs(orders):
        told = [[one for one in order if one in run] for order in orders]
        if len(run) == 1 and all(told):
            found.append(Turn(0, tuple(run)))
            continue
        for place in range(max(len(one) for one in told)):
            here = [one[place] if place < len(one) else None for one in told]
            standing = tuple(one for one in run if one in here)
            if len(standing) == 1 and None not in here:
                found.append(Turn(0, standing))
                continue
            number += 1
            found.append(Turn(number, standing, tuple(one.bit if one else 0 for one in here)))
    return found


def _runs(orders: Sequence[Sequence[Step]]) -> list[list[Step]]:
    """The benefits in runs: those of one run change places among themselves, those of different runs never do."""
    steps = {one.place: one for order in orders for one in order}
    reached = {(first.place, second.place) for order in orders for first, second in combinations(order, 2)}
    for over, first, second in product(steps, repeat=3):
        if (first, over) in reached and (over, second) in reached:
            reached.add((first, second))
    runs: dict[int, list[int]] = {}
    for place in sorted(steps):
        alike = [one for one in runs if (one, place) in reached and (place, one) in reached]
        runs.setdefault(alike[0] if alike else place, []).append(place)
    before = {head: sum((one, head) in reached and (head, one) not in reached for one in steps) for head in runs}
    return [[steps[one] for one in runs[head]] for head in sorted(runs, key=lambda head: (before[head], head))]
