"""A matter that goes through a county's process without a store: acts are judged by core.moves, clocks follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest

from mianshen.core.case_clocks import CaseClock, clocks_of, due_of
from mianshen.core.cases import CaseState, Event, Happening, state_of
from mianshen.core.clocks import Due
from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act, moved, opening
from mianshen.core.pack import Pack
from mianshen.core.process import Process
from mianshen.policy.packs import load_pack

ON = date(2026, 10, 31)


def at(day: str, hour: int = 10) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=ZONE).replace(hour=hour)


@dataclass
class Walk:
    """One case of a process, moved act by act."""

    pack: Pack
    process: Process
    year: int
    opened: datetime
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.events = list(opening(self.process, at=self.opened, actor="system"))

    @property
    def state(self) -> CaseState:
        return state_of(self.events)

    @property
    def waits(self) -> set[str]:
        return set(self.state.open)

    def act(self, step: str, outcome: str, on: str, *, hour: int = 10, reason: str | None = None, actor: str = "") -> Walk:
        how = "person" if self.process.step(step).asks_person else ""
        said = {"outcome_code": outcome, "reason_code": reason, "actor": actor, "how": how}
        return self._do(step, Happening.DECIDED, at(on, hour), **said)

    def papers(self, step: str, on: str, *codes: str) -> Walk:
        return self._do(step, Happening.PAPERS, at(on), papers=codes)

    def every_paper(self, step: str, on: str) -> Walk:
        return self.papers(step, on, *(one.code for one in self.process.step(step).papers))

    def _do(self, step: str, happening: Happening, moment: datetime, *, actor: str = "", **said: Any) -> Walk:
        holder = self.state.open[step].department_code if step in self.state.open else self.process.step(step).department_code
        act = Act(happening, step, actor or f"clerk_{step}", holder, moment, **said)
        self.events += moved(self.process, self.events, act, where="case", benefit_year=self.year, calendar=self.pack.calendar)
        return self

    def clock(self, code: str, number: int = 1) -> CaseClock:
        return next(one for one in clocks_of(self.process, self.events) if (one.code, one.number) == (code, number))

    def due(self, code: str, number: int = 1) -> Due:
        clock = self.clock(code, number)
        limit = self.pack.time_limit(clock.limit_code or self.process.window_limit(code))
        found = due_of(clock, self.process, limit=limit, year=self.year, calendar=self.pack.calendar)
        assert found is not None
        return found


def begun(name: str, process: str, opened: str, *, year: int = 2026) -> Walk:
    pack = load_pack(name, on=ON)
    return Walk(pack, pack.process(process), year, at(opened))


def refused(walk: Walk, step: str, outcome: str, on: str, **more: Any) -> str:
    """The code with which the act is refused."""
    with pytest.raises(MianshenError) as error:
        walk.act(step, outcome, on, **more)
    return error.value.code


def process(name: str, code: str) -> Process:
    return load_pack(name, on=ON).process(code)
