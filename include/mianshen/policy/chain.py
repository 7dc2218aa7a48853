"""The chain: benefits in their order, each on what the earlier ones left (docs/reference/relief-semantics.md, 5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mianshen.core.plan import Benefit, Plan
from mianshen.policy.accounts import Account, Given, Purse
from mianshen.policy.base import Base
from mianshen.policy.claims import Claim
from mianshen.policy.leaps import leap_of
from mianshen.policy.pipeline import Visit
from mianshen.policy.results import Line, Working
from mianshen.policy.verdicts import Seen, covers


@dataclass(slots=True)
class Progress:
    """One claim on its way through the chain."""

    claim: Claim
    """The claim."""
    held: frozenset[str]
    """Categories that it holds."""
    anywhere: frozenset[str]
    """Those that it would hold wherever the person is registered."""
    admission_no: int
    """Which stay of the year it belongs to; 0 for none."""
    base: Base
    """Its base."""
    left_fen: int = 0
    """What no benefit took so far."""
    lines: list[Line] = field(default_factory=list)
    """Its lines."""
    workings: list[Working] = field(default_factory=list)
    """One a line."""
    shares_fen: dict[str, int] = field(default_factory=dict)
    """Its parts of sums of the year, by benefit."""
    seen: list[Seen] = field(default_factory=list)
    """What covering benefits saw."""
    is_closed: bool = False
    """Whether its year is over and was closed: it stayed within a deductible."""

    @property
    def base_fen(self) -> int | None:
        """Its base in fen; None while a payer is unknown."""
        return self.base.fen

    @property
    def is_provisional(self) -> bool:
        """Whether its base counts an unknown payer as nothing."""
        return self.base.is_provisional

    @property
    def takes_part(self) -> bool:
        """Whether it has a base and stands in the chain."""
        return self.base_fen is not None and not self.claim.stopped


@dataclass(slots=True)
class Sums:
    """Lines of sums of one year, with what is behind them."""

    lines: list[Line] = field(default_factory=list)
    """One a benefit whose relief is one sum a year."""
    workings: list[Working] = field(default_factory=list)
    """One a line."""


class Chain:
    """The benefits of a Plan in one order, with one person's running totals."""

    def __init__(self, plan: Plan, order: Sequence[Benefit]) -> None:
        purses = {one.code: Purse(one) for one in plan.buckets}
        self._plan = plan
        self._is_over = False
        self._refused: frozenset[str] = frozenset()
        self._accounts = [Account(one, purses[one.bucket_code] if one.bucket_code else None) for one in order]

    def run(self, year: Sequence[Progress], *, refused: frozenset[str], is_over: bool) -> Sums:
        """Sends the claims of one kind and benefit year, in order, through the benefits; gives the sums of the year.

        `refused` are benefits that a department refused to this person for the year: they cover nothing. `is_over` says that the
        year is past, so that what waits for January is due.
        """
        sums = Sums()
        self._refused, self._is_over = refused, is_over
        for one in year:
            one.left_fen = one.base_fen or 0
        for accounts in _segments(self._accounts):
            if accounts[0].is_of_the_year:
                self._pay_year(accounts[0], year, sums)
                continue
            for progress in year:
                for account in accounts:
                    self._pay(account, progress)
        return sums

    def _pay(self, account: Account, progress: Progress) -> None:
        benefit, claim = account.benefit, progress.claim
        if progress.base_fen is None or benefit.event_kind is not claim.kind:
            return
        if self._covers(benefit, progress):
            _book(benefit, progress, account.give(self._visit(progress)))
        elif benefit.counts_window_relief:
            progress.left_fen = max(0, progress.left_fen - (claim.amounts_fen.get("maf_pay") or 0))

    def _pay_year(self, account: Account, year: Sequence[Progress], sums: Sums) -> None:
        benefit = account.benefit
        covered = [one for one in year if self._covers(benefit, one)]
        if not covered:
            return
        visits = [self._visit(one) for one in covered]
        if not benefit.is_year_jump:
            for progress, given in zip(covered, account.give_year(visits, is_over=self._is_over), strict=True):
                _book(benefit, progress, given)
            return
        leap = leap_of(benefit, visits, is_over=self._is_over)
        for progress, share, seen in zip(covered, leap.shares_fen, leap.seen, strict=True):
            progress.seen.append(seen)
            progress.left_fen -= share
            if share:
                progress.shares_fen[benefit.code] = share
        if leap.relief_fen:
            sums.workings.append(leap.working)
            sums.lines.append(
                Line(
                    event_id=None,
                    benefit_year=covered[0].claim.benefit_year,
                    benefit_code=benefit.code,
                    category_code=leap.rate.category_code,
                    base_fen=leap.total_fen,
                    entitled_fen=leap.relief_fen,
                    window_fen=0,
                    amount_fen=leap.relief_fen,
                    is_held=False,
                    clause_id=leap.rate.clause_id,
                    is_provisional=any(one.is_provisional for one in covered),
                )
            )

    def _covers(self, benefit: Benefit, progress: Progress) -> bool:
        is_open = progress.takes_part and benefit.code not in self._refused
        return is_open and covers(self._plan, benefit, progress.claim, progress.held)

    def _visit(self, progress: Progress) -> Visit:
        claim = progress.claim
        day = claim.event_on(self._plan.benefit_year_by)
        return Visit(claim, progress.held, day, progress.admission_no, progress.left_fen)


def _segments(accounts: Sequence[Account]) -> Iterator[list[Account]]:
    """Accounts that go claim by claim together; one that needs the whole year stands alone."""
    together: list[Account] = []
    for one in accounts:
        if one.is_of_the_year:
            yield from ([together] if together else [])
            yield [one]
            together = []
        else:
            together.append(one)
    if together:
        yield together


def _book(benefit: Benefit, progress: Progress, given: Given) -> None:
    burden = progress.left_fen
    progress.seen.append(given.seen)
    progress.left_fen = max(0, burden - given.entitled_fen)
    if given.entitled_fen or given.window_fen:
        progress.workings.append(given.working)
        progress.lines.append(
            Line(
                event_id=progress.claim.event_id,
                benefit_year=progress.claim.benefit_year,
                benefit_code=benefit.code,
                category_code=given.rate.category_code,
                base_fen=burden,
                entitled_fen=given.entitled_fen,
                window_fen=given.window_fen,
                amount_fen=given.entitled_fen - given.window_fen,
                is_held=False,
                clause_id=given.rate.clause_id,
                is_provisional=progress.is_provisional,
            )
        )
