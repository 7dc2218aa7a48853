"""What stands in a case: it follows from the case's events, which are only ever added to. `core.moves` says which may come."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from mianshen.core.days import local

SYSTEM = "system"
"""Who acts where nobody does."""
HOW = ("rule", "person", "bulk")
"""A decision was made by rule, by a person who opened this case, or by one who confirmed what a rule says of many at once."""


class Happening(StrEnum):
    """Kinds of event in a case."""

    OPENED = "opened"
    STEP_OPENED = "step_opened"
    PAPERS = "papers"
    DELEGATED = "delegated"
    PAUSED = "paused"
    RESUMED = "resumed"
    DECIDED = "decided"
    CANCELLED = "cancelled"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; append-only."""

    happening: Happening
    """Its kind."""
    at: datetime
    """When, with zone."""
    actor: str
    """Login, or `system`."""
    step_code: str = ""
    """The step; empty for the case itself."""
    round_no: int = 0
    """Which opening of the step, from 1."""
    department_code: str = ""
    """Whose step it is from now on; of an act, who acted."""
    outcome_code: str = ""
    """Of a decision or an end."""
    reason_code: str | None = None
    """Why."""
    papers: tuple[str, ...] = ()
    """Papers that came."""
    how: str = ""
    """Of a decision: one of HOW; empty where the process does not ask."""


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that waits for somebody."""

    step_code: str
    """The step."""
    round_no: int
    """Which opening of it, from 1."""
    opened_at: datetime
    """Since when."""
    department_code: str
    """Who holds it."""
    paused_at: datetime | None = None
    """Since when its time stands still."""
    pauses: tuple[tuple[date, date], ...] = ()
    """Days of the pauses that are over: paused on, resumed on."""


@dataclass(frozen=True, slots=True)
class Passed:
    """The last decision of a step that was not taken back."""

    outcome_code: str
    """What was decided."""
    actor: str
    """By whom."""
    at: datetime
    """When."""


@dataclass(slots=True)
class CaseState:
    """What stands in a case now."""

    open: dict[str, OpenStep] = field(default_factory=dict)
    """Open steps by code."""
    passed: dict[str, Passed] = field(default_factory=dict)
    """Decided steps by code."""
    rounds: Counter[str] = field(default_factory=Counter)
    """How often each step was opened."""
    chosen: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each outcome of each step was chosen."""
    papers: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Papers that came, by step; a step that is done anew keeps them."""
    end_code: str | None = None
    """How it ended; None while it runs."""
    opened_by: str = ""
    """Who opened it."""

    def take(self, event: Event) -> None:
        """The state after one more event."""
        code = event.step_code
        match event.happening:
            case Happening.STEP_OPENED:
                self.rounds[code] = event.round_no
                self.open[code] = OpenStep(code, event.round_no, event.at, event.department_code)
            case Happening.DECIDED:
                del self.open[code]
                self.passed[code] = Passed(event.outcome_code, event.actor, event.at)
                self.chosen[code, event.outcome_code] += 1
            case Happening.CANCELLED:
                self.open.pop(code, None)
                self.passed.pop(code, None)
            case Happening.ENDED:
                self.end_code = event.outcome_code
            case Happening.PAPERS:
                self.papers[code].update(event.papers)
            case Happening.OPENED:
                self.opened_by = event.actor
            case _:
                self.open[code] = _changed(self.open[code], event)


def _changed(step: OpenStep, event: Event) -> OpenStep:
    match event.happening:
        case Happening.DELEGATED:
            return replace(step, department_code=event.department_code)
        case Happening.PAUSED:
            return replace(step, paused_at=event.at)
        case Happening.RESUMED:
            days = (local(step.paused_at or event.at).date(), local(event.at).date())
            return replace(step, paused_at=None, pauses=(*step.pauses, days))
        case other:
            raise ValueError(f"{other} does not change an open step")


def state_of(events: Iterable[Event]) -> CaseState:
    """What stands after these events, in their order."""
    state = CaseState()
    for event in events:
        state.take(event)
    return state
