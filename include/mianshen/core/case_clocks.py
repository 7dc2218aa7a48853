"""Which clocks a case has had: they follow from its events, for every step with a limit or window and every span over steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from mianshen.core.cases import Event, Happening
from mianshen.core.clocks import Due, TimeLimit, WorkingCalendar, due, end_of_day
from mianshen.core.days import local
from mianshen.core.forms import FormCode
from mianshen.core.process import Decider, Process, Span, Step


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of a running clock."""

    at: datetime
    """When."""
    holder: str
    """Who holds it from now on."""
    stands_still: bool
    """Whether its time stands still from now on."""
    pauses: tuple[tuple[date, date], ...]
    """Pauses that are over by then: paused on, resumed on."""
    reason_code: str | None
    """Why."""


@dataclass(slots=True)
class CaseClock:
    """One clock of a case."""

    code: str
    """The step, or `from..until` of a span."""
    number: int
    """Which of its clocks, from 1."""
    limit_code: str | None
    """Its time limit; None for a step whose window closes."""
    holder: str
    """Who held it at first."""
    started_at: datetime
    """When it opened."""
    closed_at: datetime | None = None
    """When it closed; None while it runs."""
    turns: list[Turn] = field(default_factory=list)
    """Changes, in order."""


def due_of(
    clock: CaseClock, process: Process, *, limit: TimeLimit, year: int, calendar: WorkingCalendar, turns: int | None = None
) -> Due | None:
    """When the clock is due after so many of its turns (all of them when not said); None while its time stands still.

    `limit` is its time limit, of a window the one that `Process.window_limit` names; `year` is the benefit year, to which the
    days of a yearly calendar belong. The day on which a window closes does not move with pauses.
    """
    made = clock.turns if turns is None else clock.turns[:turns]
    if made and made[-1].stands_still:
        return None
    window = process.step(clock.code).window if clock.limit_code is None else None
    if window is None:
        return due(limit, start=clock.started_at, calendar=calendar, pauses=made[-1].pauses if made else ())
    on = window.closes.on(year, calendar)
    return Due(on=on, at=end_of_day(on, limit.day_ends_at), provisional=calendar.is_provisional(on))


def watched_until(
    clock: CaseClock, process: Process, *, limit: TimeLimit, year: int, calendar: WorkingCalendar, turns: int | None = None
) -> Due | None:
    """When the clock is missed, as `due_of`; of a step that time decides at the end of the working day after its period.

    Nobody is late because a period runs its whole course; somebody is when it is over and the step does not pass. The period of
    a step that publishes runs from its notice, for which there is time until the next working day.
    """
    step = next((one for one in process.steps if one.code == clock.code and one.decider is Decider.TIME), None)
    if step is not None and FormCode.PUBLIC_NOTICE in step.forms:
        next_workday = calendar.roll(local(clock.started_at).date() + timedelta(days=1))
        clock = replace(clock, started_at=end_of_day(next_workday) - timedelta(seconds=1))
    found = due_of(clock, process, limit=limit, year=year, calendar=calendar, turns=turns)
    if found is None or step is None:
        return found
    on = calendar.roll(found.on + timedelta(days=1))
    return Due(on=on, at=end_of_day(on, limit.day_ends_at), provisional=calendar.is_provisional(on))


def clocks_of(process: Process, events: Sequence[Event]) -> list[CaseClock]:
    """Every clock that the events have opened, in the order in which they opened.

    A batched step has one from its first turn on, or from the start when it is done anew: the batch's limit ran once.

    A span runs on while the steps inside it are sent back and forth; it closes when its last step is decided without that, and a
    later return, such as after an objection, opens a new one.
    """
    found = [*_of_steps(process, events)]
    for span in process.spans:
        found += _of_span(process, span, events)
    return sorted(found, key=lambda one: one.started_at)


def _of_steps(process: Process, events: Iterable[Event]) -> Iterable[CaseClock]:
    steps = {one.code: one for one in process.steps}
    running: dict[str, CaseClock] = {}
    for event in events:
        code = event.step_code
        match event.happening:
            case Happening.STEP_OPENED if steps[code].is_timed:
                running[code] = CaseClock(code, event.round_no, steps[code].limit_code, event.department_code, event.at)
                if _is_alone(steps[code], running[code]):
                    yield running[code]
            case Happening.DECIDED | Happening.CANCELLED:
                if code in running:
                    running.pop(code).closed_at = event.at
            case Happening.PAUSED | Happening.RESUMED | Happening.DELEGATED:
                if code in running:
                    yield from _by_itself(steps[code], running[code])
                    running[code].turns.append(_turn(running[code], event))
            case _:
                pass


def _by_itself(step: Step, clock: CaseClock) -> Iterable[CaseClock]:
    """The clock of a step that leaves its batch with its first turn; before that the batch's clock runs for it."""
    if not _is_alone(step, clock) and not clock.turns:
        yield clock


def _is_alone(step: Step, clock: CaseClock) -> bool:
    """Whether no batch's clock runs for the step: it belongs to none, or is done anew."""
    return not step.is_batched or clock.number > 1


def _turn(clock: CaseClock, event: Event) -> Turn:
    first = Turn(clock.started_at, clock.holder, stands_still=False, pauses=(), reason_code=None)
    last = clock.turns[-1] if clock.turns else first
    if event.happening is Happening.DELEGATED:
        return Turn(event.at, event.department_code, last.stands_still, last.pauses, event.reason_code)
    if event.happening is Happening.PAUSED:
        return Turn(event.at, last.holder, stands_still=True, pauses=last.pauses, reason_code=event.reason_code)
    began = next(one.at for one in reversed(clock.turns) if one.stands_still)
    pauses = (*last.pauses, (local(began).date(), local(event.at).date()))
    return Turn(event.at, last.holder, stands_still=False, pauses=pauses, reason_code=event.reason_code)


def _of_span(process: Process, span: Span, events: Iterable[Event]) -> list[CaseClock]:
    found: list[CaseClock] = []
    for event in events:
        is_running = bool(found) and found[-1].closed_at is None
        is_first = event.happening is Happening.STEP_OPENED and event.step_code == span.from_step
        if is_first and not is_running:
            code = f"{span.from_step}..{span.until_step}"
            found.append(CaseClock(code, len(found) + 1, span.limit_code, event.department_code, event.at))
        elif is_running and (event.happening is Happening.ENDED or _passes(process, span, event)):
            found[-1].closed_at = event.at
    return found


def _passes(process: Process, span: Span, event: Event) -> bool:
    """Whether the span's last step was decided, and not by sending the case back into the span."""
    if event.happening is not Happening.DECIDED or event.step_code != span.until_step:
        return False
    outcome = process.step(span.until_step).outcome(event.outcome_code)
    undone = process.after(frozenset(outcome.again)) if outcome and outcome.again else frozenset()
    return span.until_step not in undone
