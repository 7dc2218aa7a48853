"""The reference: what one person is due under a Plan, exact and plain (docs/reference/relief-semantics.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from mianshen.core.plan import Benefit, EventKind, MafCounting, Plan
from mianshen.policy.claims import Claim, IdentitySpan, categories_held
from mianshen.policy.formula import relief_of


@dataclass(frozen=True, slots=True)
class Line:
    """What one benefit gives for one claim."""

    event_id: str
    """The claim."""
    benefit_year: int
    """The year that it counts in."""
    benefit_code: str
    """The benefit."""
    category_code: str
    """The category that counts (就高不重复)."""
    base_fen: int
    """Burden that the benefit saw: what earlier ones left."""
    entitled_fen: int
    """Rise of the year's rounded cumulative relief, window relief included."""
    window_fen: int
    """Part that the hospital window already paid."""
    amount_fen: int
    """entitled - window; negative when the window paid more than this claim adds."""
    is_held: bool
    """Whether the money rests on a list that is late."""
    clause_id: str
    """Where the numbers stand."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What became of one claim."""

    event_id: str
    """The claim."""
    benefit_year: int
    """The year that it counts in."""
    base_fen: int | None
    """Its base; None while a payer is unknown."""
    relief_fen: int
    """Sum of the amounts of its lines."""
    left_fen: int | None
    """What no benefit took; None while a payer is unknown."""
    outcome: str
    """PAID | REFUSED | HELD."""
    reason_code: str | None
    """Why it is not PAID, from core.codes."""


@dataclass(frozen=True, slots=True)
class Working:
    """The year's totals behind one line."""

    burden_fen: int
    """The category's cumulative burden, this claim included."""
    best_before_fen: int
    """The benefit's cumulative relief before this claim: the best category's."""
    best_fen: int
    """The same with this claim."""
    received_before_fen: int
    """What the person had received before, at the window included; equals best_before where no window relief counts."""


@dataclass(frozen=True, slots=True)
class PersonResult:
    """Lines and assessments of one person, claims in order, benefits in Plan order."""

    assessments: tuple[Assessment, ...]
    """One a claim."""
    lines: tuple[Line, ...]
    """One a claim and benefit with money."""
    workings: tuple[Working, ...]
    """One a line, in the same order."""

    def total_fen(self, benefit_code: str | None = None) -> int:
        """Sum of the amounts, of one benefit when it is named."""
        return sum(one.amount_fen for one in self.lines if benefit_code in (None, one.benefit_code))


@dataclass(slots=True)
class _Account:
    """Running totals of one benefit in one benefit year."""

    burden_fen: dict[str, int]
    best_fen: int = 0
    window_fen: int = 0
    received_fen: int = 0


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one covering benefit saw and gave."""

    burden_fen: int
    best_fen: int
    held_best_fen: int
    is_at_cap: bool


@dataclass(slots=True)
class _Progress:
    """One claim on its way through the chain."""

    claim: Claim
    held: frozenset[str]
    left_fen: int
    lines: list[Line] = field(default_factory=list)
    workings: list[Working] = field(default_factory=list)
    seen: list[_Seen] = field(default_factory=list)


def assess_person(plan: Plan, *, events: Iterable[Claim], spans: Sequence[IdentitySpan]) -> PersonResult:
    """Lines and assessments of one person's claims, of any kinds and benefit years; what rests on a late list is held."""
    listed = tuple(events)
    whole = _compute(plan, listed, spans)
    firm = [one for one in spans if not one.is_provisional]
    return whole if len(firm) == len(spans) else _hold(whole, _compute(plan, listed, firm))


def _compute(plan: Plan, events: Iterable[Claim], spans: Sequence[IdentitySpan]) -> PersonResult:
    assessments: list[Assessment] = []
    lines: list[Line] = []
    workings: list[Working] = []
    accounts: dict[tuple[int, str], _Account] = {}
    for claim in sorted(events, key=lambda one: (one.benefit_year, one.kind.value, one.order)):
        progress = _Progress(claim=claim, held=categories_held(claim, spans), left_fen=0)
        assessments.append(_assess(plan, progress, accounts))
        lines += progress.lines
        workings += progress.workings
    return PersonResult(tuple(assessments), tuple(lines), tuple(workings))


def _hold(whole: PersonResult, firm: PersonResult) -> PersonResult:
    """The whole result; lines that are not the same without the provisional spans are held (section 9)."""
    sure = {(one.event_id, one.benefit_code): one for one in firm.lines}
    lines = tuple(_held_or_sure(one, sure.get((one.event_id, one.benefit_code))) for one in whole.lines)
    held = {one.event_id for one in lines if one.amount_fen and one.is_held}
    waiting = held - {one.event_id for one in lines if one.amount_fen and not one.is_held}
    assessments = tuple(
        replace(one, outcome="HELD", reason_code="IDENTITY_PROVISIONAL") if one.event_id in waiting else one
        for one in whole.assessments
    )
    return replace(whole, assessments=assessments, lines=lines)


def _held_or_sure(line: Line, other: Line | None) -> Line:
    if other is None or (other.entitled_fen, other.amount_fen) != (line.entitled_fen, line.amount_fen):
        return replace(line, is_held=True)
    return replace(line, category_code=other.category_code, clause_id=other.clause_id)


def base_fen(plan: Plan, claim: Claim) -> int | None:
    """The base of a claim in fen; None while a payer is unknown."""
    if claim.kind is EventKind.ENROLMENT:
        return claim.fee_fen
    if plan.maf_counts_as is MafCounting.SAME_BENEFIT and claim.amounts_fen.get("maf_pay") is None:
        return None
    total = 0
    for term in plan.base:
        amount = claim.amounts_fen.get(term.field)
        if amount is None and term.absent_means == "unknown":
            return None
        total += term.sign * (amount or 0)
    return max(0, total)


def _assess(plan: Plan, progress: _Progress, accounts: dict[tuple[int, str], _Account]) -> Assessment:
    claim = progress.claim
    base = base_fen(plan, claim)
    outcome, reason = _refusal(plan, progress)
    if reason is None and base is None:
        outcome, reason = "HELD", "PAYER_UNKNOWN"
    if base is not None:
        progress.left_fen = base
        _run_chain(plan, progress, accounts)
    if reason is None:
        outcome, reason = _verdict(progress)
    return Assessment(
        event_id=claim.event_id,
        benefit_year=claim.benefit_year,
        base_fen=base,
        relief_fen=sum(one.amount_fen for one in progress.lines),
        left_fen=None if base is None else progress.left_fen,
        outcome=outcome,
        reason_code=reason,
    )


def _run_chain(plan: Plan, progress: _Progress, accounts: dict[tuple[int, str], _Account]) -> None:
    claim = progress.claim
    for benefit in plan.benefits:
        if benefit.event_kind is not claim.kind:
            continue
        if not claim.stopped and _covers(plan, benefit, progress):
            opened = _Account({one.category_code: 0 for one in benefit.rates})
            _pay(benefit, progress, accounts.setdefault((claim.benefit_year, benefit.code), opened))
        elif benefit.counts_window_relief:
            progress.left_fen = max(0, progress.left_fen - (claim.amounts_fen.get("maf_pay") or 0))


def _pay(benefit: Benefit, progress: _Progress, account: _Account) -> None:
    claim, burden = progress.claim, progress.left_fen
    held = [rate for rate in benefit.rates if rate.category_code in progress.held]
    for rate in held:
        account.burden_fen[rate.category_code] += burden
    relief = {rate.category_code: relief_of(rate, account.burden_fen[rate.category_code]) for rate in benefit.rates}
    best_before, account.best_fen = account.best_fen, max(relief.values())
    chosen = min(held, key=lambda rate: (-relief[rate.category_code], rate.category_code))
    received_before = account.received_fen if benefit.counts_window_relief else best_before
    window = (claim.amounts_fen.get("maf_pay") or 0) if benefit.counts_window_relief else 0
    entitled = _received(account, window) if benefit.counts_window_relief else account.best_fen - best_before
    progress.seen.append(
        _Seen(
            burden_fen=burden,
            best_fen=account.best_fen,
            held_best_fen=relief[chosen.category_code],
            is_at_cap=any(rate.cap_fen is not None and relief[rate.category_code] == rate.cap_fen for rate in held),
        )
    )
    progress.left_fen = max(0, burden - entitled)
    if entitled or window:
        progress.workings.append(
            Working(account.burden_fen[chosen.category_code], best_before, account.best_fen, received_before)
        )
        progress.lines.append(
            Line(
                event_id=claim.event_id,
                benefit_year=claim.benefit_year,
                benefit_code=benefit.code,
                category_code=chosen.category_code,
                base_fen=burden,
                entitled_fen=entitled,
                window_fen=window,
                amount_fen=entitled - window,
                is_held=False,
                clause_id=chosen.clause_id,
            )
        )


def _received(account: _Account, window_fen: int) -> int:
    """Rise of what the person has received in the year, at the window or as relief."""
    account.window_fen += window_fen
    before = account.received_fen
    account.received_fen = max(before, account.best_fen, account.window_fen)
    return account.received_fen - before


def _concerns(benefit: Benefit, progress: _Progress) -> bool:
    return benefit.event_kind is progress.claim.kind and any(rate.category_code in progress.held for rate in benefit.rates)


def _matches(benefit: Benefit, claim: Claim) -> bool:
    kind_fits = not benefit.med_types or claim.med_type in benefit.med_types
    disease_fits = not benefit.dise_codes or (claim.dise_code is not None and claim.dise_code.startswith(benefit.dise_codes))
    return kind_fits and disease_fits


def _is_valid(plan: Plan, benefit: Benefit, claim: Claim) -> bool:
    day = claim.event_on(plan.benefit_year_by)
    return benefit.valid_since <= day and (benefit.valid_until is None or day < benefit.valid_until)


def _covers(plan: Plan, benefit: Benefit, progress: _Progress) -> bool:
    return _concerns(benefit, progress) and _matches(benefit, progress.claim) and _is_valid(plan, benefit, progress.claim)


def _refusal(plan: Plan, progress: _Progress) -> tuple[str, str | None]:
    concerned = [one for one in plan.benefits if _concerns(one, progress)]
    if not concerned:
        return "REFUSED", "NO_CATEGORY"
    matching = [one for one in concerned if _matches(one, progress.claim)]
    if not matching:
        return "REFUSED", "CARE_NOT_COVERED"
    if not any(_is_valid(plan, one, progress.claim) for one in matching):
        return "REFUSED", "POLICY_EXPIRED"
    return progress.claim.stopped or ("PAID", None)


def _verdict(progress: _Progress) -> tuple[str, str | None]:
    if any(one.amount_fen for one in progress.lines):
        return "PAID", None
    if progress.lines:
        return "REFUSED", "WINDOW_PAID"
    rules = (
        ("NOTHING_LEFT", not any(one.burden_fen for one in progress.seen)),
        ("BELOW_DEDUCTIBLE", not any(one.best_fen for one in progress.seen)),
        ("CAP_REACHED", any(one.is_at_cap for one in progress.seen)),
        ("BETTER_ELSEWHERE", any(one.best_fen > one.held_best_fen for one in progress.seen)),
    )
    return "REFUSED", next((reason for reason, fits in rules if fits), "BELOW_ONE_FEN")
