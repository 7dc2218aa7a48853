"""The reference: what one person is due under a Plan, exact and plain (docs/reference/relief-semantics.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from mianshen.core.plan import EventKind, Plan
from mianshen.policy.arrange import Decided, run_best
from mianshen.policy.base import base_of
from mianshen.policy.chain import Chain, Progress
from mianshen.policy.claims import Claim, IdentitySpan, categories_held, upgraded
from mianshen.policy.january import close_year
from mianshen.policy.results import Assessment, Line, OrderTried, PersonResult, Share, Working
from mianshen.policy.verdicts import refusal, verdict


def assess_person(
    plan: Plan, *, events: Iterable[Claim], spans: Sequence[IdentitySpan], decided: Decided | None = None
) -> PersonResult:
    """Lines and assessments of one person's claims, of any kinds and benefit years; what rests on a late list is held.

    A Plan without a service package knows no claims of that kind.
    `decided` is what departments refused, payments locked and which years are over; nothing and none when left out.
    """
    listed = tuple(one for one in events if one.kind is not EventKind.SERVICE or plan.service_package_fen is not None)
    settled = decided or Decided()
    whole, progresses = _compute(plan, listed, spans, settled)
    firm = [one for one in spans if not one.is_provisional]
    return whole if len(firm) == len(spans) else _hold(whole, progresses, _compute(plan, listed, firm, settled)[0])


def _compute(
    plan: Plan, events: Iterable[Claim], spans: Sequence[IdentitySpan], decided: Decided
) -> tuple[PersonResult, list[Progress]]:
    """The result under these spans, and how each claim came to it, in the order of the assessments."""
    progresses: list[Progress] = []
    lines: list[Line] = []
    workings: list[Working] = []
    orders: list[OrderTried] = []
    chain = Chain(plan, plan.benefits)
    ordered = sorted(events, key=lambda one: (one.benefit_year, one.kind.value, one.order))
    for (benefit_year, kind), grouped in groupby(ordered, key=lambda one: (one.benefit_year, one.kind)):
        claims = list(grouped)
        if plan.arrangements and kind is EventKind.CARE:
            year, sums, tried = run_best(plan, partial(_progresses, plan, claims, spans), decided)
            orders += tried
        else:
            year = _progresses(plan, claims, spans)
            sums = chain.run(year, refused=decided.refused_in(benefit_year), is_over=decided.is_over(plan, benefit_year))
        if decided.is_over(plan, benefit_year):
            close_year(plan, year, sums, refused=decided.refused_in(benefit_year))
        progresses += year
        for one in year:
            lines += one.lines
            workings += one.workings
        lines += sums.lines
        workings += sums.workings
    assessments = tuple(_assessment(plan, one, decided) for one in progresses)
    shares = tuple(
        Share(one.claim.event_id, one.claim.benefit_year, code, fen) for one in progresses for code, fen in one.shares_fen.items()
    )
    return PersonResult(assessments, tuple(lines), tuple(workings), tuple(orders), shares), progresses


def _progresses(plan: Plan, claims: Sequence[Claim], spans: Sequence[IdentitySpan]) -> list[Progress]:
    """The claims of one kind and benefit year, in order, before any benefit saw them."""
    admissions = _admissions(plan, claims)
    found = []
    for claim in claims:
        held = upgraded(categories_held(claim, spans, plan.categories), plan.upgrades)
        anywhere = upgraded(categories_held(claim, spans, plan.categories, anywhere=True), plan.upgrades)
        found.append(Progress(claim, held, anywhere, admissions.get(claim.stay, 0), base_of(plan, claim, held)))
    return found


def _admissions(plan: Plan, claims: Sequence[Claim]) -> dict[str, int]:
    """The stays with a claim of the Plan's kinds of care, numbered in the order of the first such claim of each."""
    listed = (one for one in claims if one.kind is EventKind.CARE and not one.stopped)
    stays = dict.fromkeys(one.stay for one in listed if one.med_type in plan.admission_med_types)
    return {stay: place for place, stay in enumerate(stays, 1)}


def _assessment(plan: Plan, progress: Progress, decided: Decided) -> Assessment:
    claim, base = progress.claim, progress.base_fen
    outcome, reason = refusal(
        plan, claim, progress.held, anywhere=progress.anywhere, refused=decided.refused_in(claim.benefit_year)
    )
    if reason is None and base is None:
        outcome, reason = "HELD", "PAYER_UNKNOWN"
    if reason is None:
        has_money = bool(progress.shares_fen) or any(one.amount_fen for one in progress.lines)
        outcome, reason = verdict(progress.seen, has_money=has_money, has_line=bool(progress.lines), is_closed=progress.is_closed)
    return Assessment(
        event_id=claim.event_id,
        benefit_year=claim.benefit_year,
        base_fen=base,
        relief_fen=sum(one.amount_fen for one in progress.lines) + sum(progress.shares_fen.values()),
        left_fen=None if base is None else progress.left_fen,
        outcome=outcome,
        reason_code=reason,
        is_provisional=progress.is_provisional,
    )


def _hold(whole: PersonResult, progresses: Sequence[Progress], firm: PersonResult) -> PersonResult:
    """The whole result; lines that are not the same without the provisional spans are held (section 9)."""
    sure = {_key(one): one for one in firm.lines}
    lines = tuple(_held_or_sure(one, sure.get(_key(one))) for one in whole.lines)
    by_key = {_key(one): one for one in lines}
    assessments = tuple(
        replace(one, outcome="HELD", reason_code="IDENTITY_PROVISIONAL") if _waits(progress, by_key) else one
        for one, progress in zip(whole.assessments, progresses, strict=True)
    )
    return replace(whole, assessments=assessments, lines=lines)


def _key(line: Line) -> tuple[str | None, int, str]:
    return (line.event_id, line.benefit_year, line.benefit_code)


def _waits(progress: Progress, lines: dict[tuple[str | None, int, str], Line]) -> bool:
    """Whether the claim has money and all of it is held."""
    year = progress.claim.benefit_year
    own = [lines[_key(one)] for one in progress.lines if one.amount_fen]
    behind = [*own, *(lines[(None, year, code)] for code in progress.shares_fen)]
    return bool(behind) and all(one.is_held for one in behind)


def _held_or_sure(line: Line, other: Line | None) -> Line:
    if other is None or (other.entitled_fen, other.amount_fen) != (line.entitled_fen, line.amount_fen):
        return replace(line, is_held=True)
    return replace(line, category_code=other.category_code, clause_id=other.clause_id)
