"""The case machine: an act in a case gives the events that it causes, or a refusal with its reason; then nothing of it happens.

Nothing here knows a county or a store: a process, the events so far and one act go in, new events come out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mianshen.core.cases import SYSTEM, CaseState, Event, Happening, OpenStep, state_of
from mianshen.core.clocks import WorkingCalendar
from mianshen.core.days import local
from mianshen.core.errors import MianshenError
from mianshen.core.process import OPENER, Decider, Outcome, Process, Step

ACTS = (Happening.PAPERS, Happening.DELEGATED, Happening.PAUSED, Happening.RESUMED, Happening.DECIDED)
"""What somebody may do; the rest follows."""
CAME = "PAPERS_CAME"
"""Why a step that was sent back for papers is done anew."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody wants to do in a case."""

    happening: Happening
    """One of ACTS."""
    step_code: str
    """In which step."""
    actor: str
    """Login, or `system`."""
    department_code: str
    """For which department he acts."""
    at: datetime
    """When, with zone."""
    outcome_code: str = ""
    """Of a decision."""
    reason_code: str | None = None
    """Why; needed by some outcomes and by every pause."""
    papers: tuple[str, ...] = ()
    """Papers that came."""
    to_department: str = ""
    """Of a delegation: who takes the step over."""
    how: str = ""
    """Of a decision: rule, person or bulk, where the process asks."""


def opening(process: Process, *, at: datetime, actor: str, starts: Sequence[str] | None = None) -> tuple[Event, ...]:
    """The first events of a case: it is opened, and the steps with which the process starts, or those of them that concern it."""
    state = CaseState()
    events = [Event(Happening.OPENED, at, actor)]
    _open(process, state, process.starts if starts is None else starts, at, events)
    return tuple(events)


def moved(
    process: Process,
    events: Sequence[Event],
    act: Act,
    *,
    where: str,
    benefit_year: int,
    calendar: WorkingCalendar,
    drawn: Collection[str] | None = None,
) -> tuple[Event, ...]:
    """The events that the act causes: itself first, then what follows from it. Empty when the very same act stands already.

    MianshenError STEP_NOT_OPEN (with who decided it, and when), CASE_ENDED, STEP_NOT_YOURS, STEP_EARLY, STEP_PAUSED,
    PAUSE_UNKNOWN, EXPERT_NOT_DRAWN, OUTCOME_UNKNOWN, VISIT_MISSING, OUTCOME_USED_UP, CASE_REASON, PAPERS_MISSING,
    PAPER_UNKNOWN or MAKER_IS_CHECKER says why it cannot be; `where` names the case in it. `drawn` are the experts of the
    step's round; None where the county draws none.
    """
    if _stands(events, act):
        return ()
    state = state_of(events)
    if _waits(process, state, act):
        return _done_anew(process, state, act, where)
    step = _check(process, state, act, where)
    found: list[Event] = []
    match act.happening:
        case Happening.PAPERS:
            _check_papers(step, act, where)
            _add(state, found, _event(state, act, papers=act.papers))
        case Happening.DELEGATED:
            _add(state, found, replace(_event(state, act), department_code=act.to_department))
        case Happening.PAUSED | Happening.RESUMED:
            _check_pause(state, step, act, where)
            _add(state, found, _event(state, act))
        case Happening.DECIDED:
            _check_drawn(step, act, drawn, where)
            _check_window(step, act, benefit_year, calendar, where)
            outcome = _check_outcome(state, step, act, where)
            _add(state, found, _event(state, act))
            _follow(process, state, outcome, act, found)
        case _:
            raise MianshenError("OUTCOME_UNKNOWN", found=act.happening.value, where=where)
    return tuple(found)


def _stands(events: Iterable[Event], act: Act) -> bool:
    """Whether the very act was recorded before, in whichever round: the same delivery twice changes nothing."""
    kind = act.happening
    asked = (kind, act.step_code, act.actor, act.at, act.reason_code)
    said = {Happening.DECIDED: act.outcome_code, Happening.PAPERS: act.papers, Happening.DELEGATED: act.to_department}.get(kind)
    for one in events:
        if kind is Happening.RESUMED and (one.reason_code, one.step_code, one.actor, one.at) == (CAME, *asked[1:4]):
            return True
        says = {Happening.DECIDED: one.outcome_code, Happening.PAPERS: one.papers, Happening.DELEGATED: one.department_code}
        if (one.happening, one.step_code, one.actor, one.at, one.reason_code) == asked and says.get(kind) == said:
            return True
    return False


def _check(process: Process, state: CaseState, act: Act, where: str) -> Step:
    if state.end_code is not None:
        raise MianshenError("CASE_ENDED", found=process.end(state.end_code).name_zh, where=where)
    steps = {one.code: one for one in process.steps}
    if act.step_code not in state.open:
        raise MianshenError("STEP_NOT_OPEN", found=_why_not_open(state, steps, act.step_code), where=where)
    step, waiting = steps[act.step_code], state.open[act.step_code]
    if local(act.at) < waiting.opened_at:
        said = f"{local(act.at).isoformat(timespec='minutes')} < {local(waiting.opened_at).isoformat(timespec='minutes')}"
        raise MianshenError("STEP_EARLY", found=f"{step.name_zh}:{said}", where=where)
    if act.actor != SYSTEM and act.department_code not in _may(process, waiting, act):
        raise MianshenError("STEP_NOT_YOURS", found=f"{step.name_zh}:{waiting.department_code}", where=where)
    if act.happening is Happening.DECIDED and act.actor in _makers(state, step):
        raise MianshenError("MAKER_IS_CHECKER", found=act.actor, where=where)
    return step


def _waits(process: Process, state: CaseState, act: Act) -> bool:
    """Whether the act resumes a step that was sent back for papers."""
    return act.happening is Happening.RESUMED and state.end_code is None and act.step_code in _waiting(process, state)


def _waiting(process: Process, state: CaseState) -> frozenset[str]:
    """Steps whose decision waits for papers."""
    found = ((code, process.step(code).outcome(one.outcome_code)) for code, one in state.passed.items())
    return frozenset(code for code, outcome in found if outcome is not None and outcome.waits)


def _done_anew(process: Process, state: CaseState, act: Act, where: str) -> tuple[Event, ...]:
    """The papers have come: the decision that waited for them is taken back, the step waits for a new one."""
    step, sent_back = process.step(act.step_code), state.passed[act.step_code]
    if local(act.at) < sent_back.at:
        said = f"{local(act.at).isoformat(timespec='minutes')} < {local(sent_back.at).isoformat(timespec='minutes')}"
        raise MianshenError("STEP_EARLY", found=f"{step.name_zh}:{said}", where=where)
    if act.actor != SYSTEM and act.department_code not in (step.department_code, process.lead_department):
        raise MianshenError("STEP_NOT_YOURS", found=f"{step.name_zh}:{step.department_code}", where=where)
    found: list[Event] = []
    _add(state, found, replace(_event(state, act), happening=Happening.CANCELLED, reason_code=CAME))
    _open(process, state, (step.code,), act.at, found)
    return tuple(found)


def _makers(state: CaseState, step: Step) -> set[str]:
    """Who acted in the steps that must be another's."""
    found = {state.passed[one].actor for one in step.not_by if one in state.passed}
    return (found | ({state.opened_by} if OPENER in step.not_by else set())) - {SYSTEM}


def _may(process: Process, waiting: OpenStep, act: Act) -> tuple[str, ...]:
    """Departments that may do this: the holder; the lead department may also delegate, pause and resume."""
    is_decision = act.happening in (Happening.DECIDED, Happening.PAPERS)
    return (waiting.department_code,) if is_decision else (waiting.department_code, process.lead_department)


def _why_not_open(state: CaseState, steps: Mapping[str, Step], code: str) -> str:
    if code not in steps:
        return code
    last = state.passed.get(code)
    said = f",{last.actor} {local(last.at).isoformat(timespec='minutes')} {last.outcome_code}" if last else ""
    return f"{steps[code].name_zh}{said}"


def _check_papers(step: Step, act: Act, where: str) -> None:
    known = {one.code for one in step.papers}
    unknown = [one for one in act.papers if one not in known]
    if unknown or not act.papers:
        raise MianshenError("PAPER_UNKNOWN", found=", ".join(unknown) or "0", where=where)


def _check_pause(state: CaseState, step: Step, act: Act, where: str) -> None:
    is_paused = state.open[step.code].paused_at is not None
    if (act.happening is Happening.PAUSED) == is_paused:
        raise MianshenError(
            "STEP_PAUSED", found=f"{step.name_zh}:{'已中止 paused' if is_paused else '未中止 running'}", where=where
        )
    if act.happening is Happening.PAUSED and act.reason_code not in step.pauses:
        raise MianshenError("PAUSE_UNKNOWN", found=f"{act.reason_code} ∉ {', '.join(step.pauses) or '—'}", where=where)


def _check_drawn(step: Step, act: Act, drawn: Collection[str] | None, where: str) -> None:
    if step.decider is Decider.EXPERT and drawn is not None and act.actor not in drawn:
        raise MianshenError("EXPERT_NOT_DRAWN", found=f"{act.actor} ∉ {', '.join(sorted(drawn)) or '—'}", where=where)


def _check_window(step: Step, act: Act, benefit_year: int, calendar: WorkingCalendar, where: str) -> None:
    if step.window is None:
        return
    opens = step.window.opens.on(benefit_year, calendar)
    if local(act.at).date() < opens:
        raise MianshenError("STEP_EARLY", found=f"{step.name_zh}:{local(act.at).date()} < {opens}", where=where)


def _check_outcome(state: CaseState, step: Step, act: Act, where: str) -> Outcome:
    waiting, outcome = state.open[step.code], step.outcome(act.outcome_code)
    if outcome is None:
        known = " / ".join(f"{one.code} {one.name_zh}" for one in step.outcomes)
        raise MianshenError("OUTCOME_UNKNOWN", found=f"{act.outcome_code} ∉ {known}", where=where)
    if waiting.paused_at is not None:
        raise MianshenError("STEP_PAUSED", found=f"{step.name_zh}:已中止 paused", where=where)
    if step.asks_person and act.how != "person":
        raise MianshenError("VISIT_MISSING", found=step.name_zh, where=where)
    if outcome.most is not None and state.chosen[step.code, outcome.code] >= outcome.most:
        raise MianshenError("OUTCOME_USED_UP", found=f"{outcome.name_zh} {outcome.most}", where=where)
    if outcome.reasons and act.reason_code not in outcome.reasons:
        raise MianshenError("CASE_REASON", found=f"{act.reason_code} ∉ {', '.join(outcome.reasons)}", where=where)
    missing = step.missing(frozenset(state.papers[step.code])) if outcome.needs_papers else ()
    if missing:
        raise MianshenError("PAPERS_MISSING", found="、".join(one.name_zh for one in missing), where=where)
    return outcome


def _event(state: CaseState, act: Act, *, papers: tuple[str, ...] = ()) -> Event:
    return Event(
        happening=act.happening,
        at=act.at,
        actor=act.actor,
        step_code=act.step_code,
        round_no=state.rounds[act.step_code],
        department_code=act.department_code,
        outcome_code=act.outcome_code if act.happening is Happening.DECIDED else "",
        reason_code=act.reason_code,
        papers=papers,
        how=act.how if act.happening is Happening.DECIDED else "",
    )


def _add(state: CaseState, events: list[Event], event: Event) -> None:
    state.take(event)
    events.append(event)


def _follow(process: Process, state: CaseState, outcome: Outcome, act: Act, events: list[Event]) -> None:
    """What the outcome leads to: an end, steps done anew, steps that open; at last the end of what has nothing left to do."""
    if outcome.again:
        undone = process.after(frozenset(outcome.again))
        _cancel(state, [one.code for one in process.steps if one.code in undone], act.at, events)
        _open(process, state, outcome.again, act.at, events)
    _open(process, state, outcome.opens, act.at, events)
    decided = [(code, one.outcome_code) for code, one in state.passed.items()]
    end = outcome.ends or (None if state.open or _waiting(process, state) else process.done_code(decided))
    if end is not None:
        _cancel(state, list(state.open), act.at, events)
        _add(state, events, Event(Happening.ENDED, act.at, SYSTEM, outcome_code=end, reason_code=act.reason_code))


def _cancel(state: CaseState, codes: Iterable[str], at: datetime, events: list[Event]) -> None:
    for code in codes:
        if code in state.open or code in state.passed:
            _add(state, events, Event(Happening.CANCELLED, at, SYSTEM, code, state.rounds[code]))


def _open(process: Process, state: CaseState, codes: Iterable[str], at: datetime, events: list[Event]) -> None:
    """Open each step that is not open or passed already and whose needs have all passed to it."""
    for code in codes:
        step = process.step(code)
        is_ready = all(one in state.passed and code in _opened_by(process, one, state) for one in step.needs)
        if is_ready and code not in state.open and code not in state.passed:
            opened = Event(Happening.STEP_OPENED, at, SYSTEM, code, state.rounds[code] + 1, step.department_code)
            _add(state, events, opened)


def _opened_by(process: Process, code: str, state: CaseState) -> tuple[str, ...]:
    outcome = process.step(code).outcome(state.passed[code].outcome_code)
    return outcome.opens if outcome else ()
