"""One benefit's running totals for one person: what each claim gets from it (docs/reference/relief-semantics.md, 5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mianshen.core.plan import Benefit, Bucket
from mianshen.core.rates import BestOf, Rate
from mianshen.policy.pipeline import Pipe, Visit
from mianshen.policy.results import Trace, Working
from mianshen.policy.verdicts import Seen


@dataclass(frozen=True, slots=True)
class Given:
    """What a benefit gives for a claim."""

    rate: Rate
    """Of the category that counts."""
    entitled_fen: int
    """Rise of the year's relief, window relief included."""
    window_fen: int
    """Part that the window paid."""
    working: Working
    """The totals behind it."""
    seen: Seen
    """For the reason of a refusal."""


@dataclass(slots=True)
class _Year:
    """Running totals of one benefit year."""

    burden_fen: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    relief_fen: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    best_fen: int = 0
    window_fen: int = 0
    received_fen: int = 0


@dataclass(slots=True)
class Purse:
    """A shared purse and what one person has used of it, by benefit year."""

    bucket: Bucket
    """The purse."""
    used_fen: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    """Taken so far, by benefit year."""

    def take(self, year: int, category_code: str, amount: int) -> tuple[int, bool]:
        """What the purse lets through for a claim of this category, and whether it is used up."""
        bound = dict(self.bucket.amounts_fen)[category_code]
        taken = max(0, min(amount, bound - self.used_fen[year]))
        self.used_fen[year] += taken
        return taken, self.used_fen[year] >= bound


class Account:
    """A benefit's running totals for one person."""

    def __init__(self, benefit: Benefit, purse: Purse | None) -> None:
        self.benefit = benefit
        """The benefit."""
        self._purse = purse
        self._pipes = {one.category_code: Pipe(benefit, one) for one in benefit.rates}
        self._years: defaultdict[int, _Year] = defaultdict(_Year)

    def give(self, visit: Visit) -> Given:
        """What the claim gets: the rise of the best category's total of the year."""
        year, traces = self._stepped(visit)
        chosen = min(traces, key=lambda code: (-year.relief_fen[code], code))
        best_before, year.best_fen = year.best_fen, max(year.best_fen, year.relief_fen[chosen])
        counts = self.benefit.counts_window_relief
        received_before = year.received_fen if counts or self._purse is not None else best_before
        window = (visit.claim.amounts_fen.get("maf_pay") or 0) if counts else 0
        entitled = _received(year, window) if counts else year.best_fen - best_before
        is_spent = False
        if self._purse is not None:
            entitled, is_spent = self._purse.take(visit.claim.benefit_year, chosen, entitled)
            year.received_fen += 0 if counts else entitled
        return Given(
            rate=self._pipes[chosen].rate,
            entitled_fen=entitled,
            window_fen=window,
            working=Working(
                year.burden_fen[chosen], best_before, year.best_fen, received_before, year.relief_fen[chosen], traces[chosen]
            ),
            seen=Seen(
                burden_fen=visit.burden_fen,
                is_above=year.best_fen > 0 or any(one.is_over for one in traces.values()),
                is_at_cap=is_spent or any(one.is_at_cap for one in traces.values()),
                is_better_elsewhere=year.best_fen > year.relief_fen[chosen],
                has_excess=any(one.excess_fen for one in traces.values()),
            ),
        )

    def _stepped(self, visit: Visit) -> tuple[_Year, Mapping[str, Trace]]:
        year = self._years[visit.claim.benefit_year]
        held = [code for code in self._pipes if code in visit.held]
        traces = {code: self._pipes[code].step(visit) for code in held}
        for code, trace in traces.items():
            year.burden_fen[code] += visit.burden_fen
            year.relief_fen[code] += trace.relief_fen
        return year, traces

    def give_year(self, visits: Sequence[Visit], *, is_over: bool) -> list[Given]:
        """What each claim of a year gets once all are known; `is_over` says that the year is past."""
        for code, pipe in self._pipes.items():
            pipe.settle_year([one for one in visits if code in one.held], is_over=is_over)
        if self.benefit.best_of is BestOf.ONE_CATEGORY:
            return self._give_one_category(visits)
        return [self.give(visit) for visit in visits]

    def _give_one_category(self, visits: Sequence[Visit]) -> list[Given]:
        """What each claim gets when one category counts for the whole year: that with the highest sum."""
        stepped = [self._stepped(visit) for visit in visits]
        year = self._years[visits[0].claim.benefit_year]
        chosen = min(year.relief_fen, key=lambda code: (-year.relief_fen[code], code))
        found, before, burden = [], 0, 0
        for visit, (_, traces) in zip(visits, stepped, strict=True):
            trace = traces.get(chosen)
            rise = trace.relief_fen if trace else 0
            burden += visit.burden_fen if trace else 0
            found.append(
                Given(
                    rate=self._pipes[chosen].rate,
                    entitled_fen=rise,
                    window_fen=0,
                    working=Working(burden, before, before + rise, before, before + rise, trace or next(iter(traces.values()))),
                    seen=Seen(
                        burden_fen=visit.burden_fen,
                        is_above=year.relief_fen[chosen] > 0 or (trace is not None and trace.is_over),
                        is_at_cap=trace is not None and trace.is_at_cap,
                        is_better_elsewhere=trace is None,
                        has_excess=trace is not None and trace.excess_fen > 0,
                    ),
                )
            )
            before += rise
        return found

    @property
    def is_of_the_year(self) -> bool:
        """Whether all claims of the year must be known before any gets its part."""
        return self.benefit.needs_the_year


def _received(year: _Year, window_fen: int) -> int:
    """Rise of what the person has received in the year, at the window or as relief."""
    year.window_fen += window_fen
    before = year.received_fen
    year.received_fen = max(before, year.best_fen, year.window_fen)
    return year.received_fen - before
