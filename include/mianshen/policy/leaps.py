"""Relief that is one sum a person and benefit year, because it may leap: a gate, bands, a fixed sum, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mianshen.core.plan import Benefit
from mianshen.core.rates import Below, Rate
from mianshen.policy.pipeline import Pipe, Visit
from mianshen.policy.results import Trace, Working
from mianshen.policy.verdicts import Seen


@dataclass(frozen=True, slots=True)
class Leap:
    """The sum of a year and how it lies on the claims."""

    rate: Rate
    """Of the category with the highest sum."""
    total_fen: int
    """The year's burden that the benefit saw."""
    relief_fen: int
    """The year's sum, never above the burden of its category."""
    shares_fen: tuple[int, ...]
    """The part of each claim, in order: the first burden is met first."""
    working: Working
    """The totals behind it."""
    seen: tuple[Seen, ...]
    """Of each claim, for the reason of a refusal."""


def leap_of(benefit: Benefit, visits: Sequence[Visit], *, is_over: bool) -> Leap:
    """The year's sum over the claims that the benefit covers, at least one; `is_over` says that the year is past."""
    totals = {
        rate.category_code: sum(one.burden_fen for one in visits if rate.category_code in one.held) for rate in benefit.rates
    }
    held = [rate for rate in benefit.rates if any(rate.category_code in one.held for one in visits)]
    traces = {one.category_code: _on_total(benefit, one, visits[-1], totals[one.category_code], is_over=is_over) for one in held}
    rate = min(held, key=lambda one: (-traces[one.category_code].relief_fen, one.category_code))
    trace = traces[rate.category_code]
    shares, given = [], 0
    for visit in visits:
        share = min(visit.burden_fen, trace.relief_fen - given)
        shares.append(share)
        given += share
    return Leap(
        rate=rate,
        total_fen=sum(one.burden_fen for one in visits),
        relief_fen=trace.relief_fen,
        shares_fen=tuple(shares),
        working=Working(totals[rate.category_code], 0, trace.relief_fen, 0, trace.relief_fen, trace),
        seen=tuple(_seen(one, traces, share) for one, share in zip(visits, shares, strict=True)),
    )


def _on_total(benefit: Benefit, rate: Rate, last: Visit, total: int, *, is_over: bool) -> Trace:
    """The total as one claim; without the deductible where a year that is over stayed within it and is paid whole."""
    if is_over and rate.deductible.below is Below.WHOLE and total <= rate.deductible.amounts_fen[0]:
        rate = replace(rate, deductible=replace(rate.deductible, amounts_fen=(0,)))
    return Pipe(benefit, rate).step(replace(last, burden_fen=total))


def _seen(visit: Visit, traces: dict[str, Trace], share: int) -> Seen:
    """What the claim met: of the year's sums the best, of all else the categories that it holds."""
    held = [trace for code, trace in traces.items() if code in visit.held]
    best = max(one.relief_fen for one in traces.values())
    return Seen(
        burden_fen=visit.burden_fen,
        is_above=best > 0 or any(one.is_over for one in held),
        is_at_cap=any(one.is_at_cap for one in held),
        is_better_elsewhere=best > max(one.relief_fen for one in held),
        has_excess=any(one.excess_fen for one in held),
        is_met_earlier=not share and best > 0,
    )
