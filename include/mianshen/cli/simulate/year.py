"""A county's year, event by event: matters come, clerks act, time passes, watchers look. The clock is the next event's moment.

Cases are opened and moved by the stages' own entries, and a watcher does what the triggerer does: it looks, records the misses,
and looks again at the next due moment. Nothing here decides whether something is late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random

from mianshen.cli.simulate import clerk
from mianshen.cli.simulate.agenda import Agenda
from mianshen.cli.simulate.clerk import Intent, Moments
from mianshen.cli.simulate.matters import Coming
from mianshen.cli.simulate.truth import Alarm, Truth
from mianshen.core.case_clocks import CaseClock, clocks_of, due_of
from mianshen.core.cases import Event, Happening, state_of
from mianshen.core.days import local
from mianshen.core.forms import FormCode
from mianshen.core.moves import Act
from mianshen.core.process import Decider, Process, Step
from mianshen.stages import disclose, handle
from mianshen.stages.catalogue import entry
from mianshen.stages.draw import draw as draw_experts
from mianshen.stages.frame import Job
from mianshen.warehouse import cases
from mianshen.warehouse.clock_store import clocks_named
from mianshen.warehouse.clock_watch import look

NOTICES_AT = 18
"""The hour at which the notices of a day are made."""
LAST = timedelta(days=500)
"""How long after the year's first event the simulation ends at the latest."""


@dataclass(slots=True)
class Year:
    """One county's year."""

    job: Job
    """The county; its moment moves on."""
    seed: int
    """Equal seeds, equal years."""
    is_watched: bool = True
    """Whether a watcher looks; without one nothing is raised."""
    truth: Truth = field(default_factory=Truth)
    """What was meant and what was raised."""
    told: Callable[[str], None] = print
    """Where what happened is told."""
    counts: Counter[str] = field(default_factory=Counter)
    """How often what happened."""
    agenda: Agenda = field(default_factory=Agenda)
    """What is still to happen."""
    _events: dict[str, list[Event]] = field(default_factory=dict)
    """Every case's events, as they were when last followed."""
    _process: dict[str, Process] = field(default_factory=dict)
    """What each case goes through."""
    _year: dict[str, int] = field(default_factory=dict)
    """Each case's benefit year."""
    _next_look: datetime | None = None
    """When the watcher looks again."""

    def run(self, comings: Sequence[Coming]) -> datetime:
        """The whole year, to the last event; returns the moment up to which everything due was looked at."""
        for one in comings:
            self.agenda.put(one.at, partial(self._open, one))
        last = (self.agenda.next_at or self.job.as_of) + LAST
        while (at := self.agenda.next_at) is not None and at <= last:
            self._step(at)
        self._watch(last)
        return last

    def open_cases(self) -> dict[str, list[str]]:
        """Cases that have not ended, with their open steps."""
        states = {case: state_of(events) for case, events in self._events.items()}
        return {case: sorted(state.open) for case, state in states.items() if state.end_code is None}

    def _step(self, at: datetime) -> None:
        """Everything of the next moment: what is due is looked at first, then everybody acts."""
        self._watch(at)
        self.job = replace(self.job, as_of=at)
        acts: list[tuple[str, Act]] = []
        for due in self.agenda.taken(at):
            if due.act is not None:
                due.act()
            if due.case is not None:
                acts.append(due.case)
        self._act(acts)
        self._look(at)

    def _watch(self, until: datetime) -> None:
        """Look at every due moment up to this one, as the watcher in the triggerer does."""
        while self._next_look is not None and self._next_look <= until:
            self._look(self._next_look)

    def _look(self, at: datetime) -> None:
        if not self.is_watched:
            return
        with self.job.ledger.begin() as connection:
            found = look(connection, self.job.county_code, as_of=at)
            rows = clocks_named(connection, found.missed)
        self._next_look = found.next_due
        for row in rows:
            self.truth.alarms.append(Alarm(row["subject_id"], at))
            self.told(f"{at:%Y-%m-%d %H:%M} 逾期 missed {row['time_limit_code']} {row['holder_department']} {row['subject_id']}")
        self.counts["alarms"] += len(rows)

    def _open(self, coming: Coming) -> None:
        self.adopt(
            handle.open_cases(self.job, coming.process_code, coming.matters),
            process_code=coming.process_code,
            benefit_year=coming.matters[0].benefit_year,
        )

    def adopt(self, fresh: Sequence[str], *, process_code: str, benefit_year: int) -> None:
        """Cases of a process that were opened now, here or by a stage: somebody takes up their first steps."""
        process = self.job.pack.process(process_code)
        self._process |= dict.fromkeys(fresh, process)
        self._year |= dict.fromkeys(fresh, benefit_year)
        self._events |= {case: [] for case in fresh}
        for case in fresh if process.claims_bills else ():
            handle.attach(self.job, case, [f"simulated-{case}"])
        self.counts["cases"] += len(fresh)
        self.told(f"{local(self.job.as_of):%Y-%m-%d %H:%M} 开立 opened {process.code} × {len(fresh)}")
        self._follow(fresh)

    def knows(self, case: str) -> bool:
        """Whether somebody took the case up."""
        return case in self._events

    def _act(self, acts: Sequence[tuple[str, Act]]) -> None:
        """Acts of a moment, one a case at a time; what a colleague's act has cancelled meanwhile is let go."""
        left = list(acts)
        while left:
            now: dict[str, Act] = {}
            later = []
            for case, act in left:
                if case in now:
                    later.append((case, act))
                elif self._waits(case, act):
                    now[case] = act
            left = later
            if now:
                handled = handle.act_on_many(self.job, now)
                for one in handled.refused:
                    raise one.error
                self.counts["acts"] += len(handled.done)
                self._follow(handled.done)

    def _waits(self, case: str, act: Act) -> bool:
        state = state_of(self._events[case])
        step = state.open.get(act.step_code)
        if step is None:
            return False
        return (step.paused_at is not None) == (act.happening is Happening.RESUMED)

    def _follow(self, moved: Iterable[str]) -> None:
        """What the new events of these cases lead to: a clerk takes up each step that opened, notices are made, clocks end."""
        with self.job.ledger.connect() as connection:
            known = cases.events_of(connection, moved)
        for case, events in sorted(known.items()):
            fresh, self._events[case] = events[len(self._events[case]) :], events
            for event in fresh:
                self._take(case, event)

    def _take(self, case: str, event: Event) -> None:
        process = self._process[case]
        match event.happening:
            case Happening.STEP_OPENED | Happening.RESUMED:
                step = process.step(event.step_code)
                if step.decider is Decider.TIME:
                    self._await_time(case, step)
                else:
                    self._plan(case, step, is_new=event.happening is Happening.STEP_OPENED)
            case Happening.CANCELLED:
                self.truth.spare(f"{case}|{event.step_code}|{event.round_no}", event.at)
            case Happening.ENDED:
                self.counts[f"ended.{event.outcome_code}"] += 1
                self.truth.spare_all(case, event.at)
            case _:
                pass

    def _await_time(self, case: str, step: Step) -> None:
        """The stage passes what time decides when its period is over."""
        clock = self._clock(case, step.code)
        until = self._due(case, clock)
        if until is None:
            return
        draw = clerk.draw_of(self.seed, case, step.code, clock.number)
        objection = clerk.objection(step, begins=local(self.job.as_of), until=until, draw=draw)
        if objection is not None:
            self._put_decision(case, step, objection)
        if FormCode.PUBLIC_NOTICE in step.forms:
            now = local(self.job.as_of)
            self.agenda.put_once(max(now, now.replace(hour=NOTICES_AT, minute=0)), self._publish)
        self.agenda.put_once(until, self._pass)

    def _publish(self) -> None:
        self.counts["notices"] += len(disclose.publish(self.job))

    def _pass(self) -> None:
        passed = entry("handle")(self.job).counts["passed_by_time"]
        self.counts["passed_by_time"] += passed
        if passed:
            self._follow([case for case in self._events if self._is_behind(case)])

    def _is_behind(self, case: str) -> bool:
        """Whether a step that time decides was open here when we looked last."""
        return any(self._process[case].step(one).decider is Decider.TIME for one in state_of(self._events[case]).open)

    def _plan(self, case: str, step: Step, *, is_new: bool) -> None:
        """The holder of a step that opened or runs again makes up his mind."""
        events = self._events[case]
        state = state_of(events)
        waiting = state.open[step.code]
        draw = clerk.draw_of(self.seed, case, step.code, waiting.round_no, is_new)
        days = clerk.pause_days(step, draw) if is_new else None
        if days is not None and step.limit_code is not None:
            self._pause(case, step, days, draw)
            return
        own = self._clock(case, step.code) if step.is_timed else None
        spans = self._spans(case)
        ending = [one for one in spans if one.code.endswith(f"..{step.code}")]
        bounding = [one for one in (own, *ending) if one is not None]
        dues = [until for one in bounding if (until := self._due(case, one)) is not None]
        begins = local(self.job.as_of)
        if step.window is not None:
            first = step.window.opens.on(self._year[case], self.job.pack.calendar)
            begins = max(begins, begins.replace(year=first.year, month=first.month, day=first.day, hour=9, minute=0))
        used = [code for (of, code), count in state.chosen.items() if of == step.code for _ in range(count)]
        moments = Moments(begins, min(dues) if dues else None)
        wanted = clerk.intent(step, moments, used=used, calendar=self.job.pack.calendar, draw=draw)
        self._mean(case, step, wanted, [*([own] if own else []), *spans])

    def _mean(self, case: str, step: Step, wanted: Intent, watched: Sequence[CaseClock]) -> None:
        """Write down what will be late by this, then put the act on the agenda."""
        for clock in watched:
            until = self._due(case, clock)
            if until is not None and (wanted.at is None or wanted.at >= until):
                self.truth.plant(f"{case}|{clock.code}|{clock.number}", max(until, clock.started_at))
        self.counts[f"steps.{wanted.manner.value}"] += 1
        self._put_decision(case, step, wanted)

    def _put_decision(self, case: str, step: Step, wanted: Intent) -> None:
        if wanted.at is None:
            return
        holder = step.department_code
        if wanted.outcome.needs_papers and step.papers:
            papers = Act(
                Happening.PAPERS, step.code, "applicant", holder, wanted.at, papers=tuple(one.code for one in step.papers)
            )
            self.agenda.put(wanted.at, None, (case, papers))
        actor = f"{holder}_{step.code}"
        if step.decider is Decider.EXPERT and self.job.pack.experts is not None:
            actor = draw_experts(self.job, case, step.code, {}).experts[0]
        how = "person" if step.asks_person else ""
        act = Act(Happening.DECIDED, step.code, actor, holder, wanted.at, wanted.outcome.code, wanted.reason_code, how=how)
        self.agenda.put(wanted.at, None, (case, act))

    def _pause(self, case: str, step: Step, days: int, draw: Random) -> None:
        at, holder = local(self.job.as_of), step.department_code
        actor = f"{holder}_{step.code}"
        for happening, moment in ((Happening.PAUSED, at), (Happening.RESUMED, at + timedelta(days=days))):
            reason = draw.choice(step.pauses) if happening is Happening.PAUSED else None
            act = Act(happening, step.code, actor, holder, moment, reason_code=reason)
            self.agenda.put(moment, None, (case, act))
        self.counts["pauses"] += 1

    def _clock(self, case: str, code: str) -> CaseClock:
        """The clock of the step that runs now."""
        return next(one for one in reversed(clocks_of(self._process[case], self._events[case])) if one.code == code)

    def _spans(self, case: str) -> list[CaseClock]:
        """Spans that run."""
        return [one for one in clocks_of(self._process[case], self._events[case]) if ".." in one.code and one.closed_at is None]

    def _due(self, case: str, clock: CaseClock) -> datetime | None:
        process, pack = self._process[case], self.job.pack
        limit = pack.time_limit(clock.limit_code or process.window_limit(clock.code))
        found = due_of(clock, process, limit=limit, year=self._year[case], calendar=pack.calendar)
        return None if found is None else found.at
