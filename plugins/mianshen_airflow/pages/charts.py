"""Charts as points: a burn-down against the quota, an age pyramid; the templates draw them, the figures beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from mianshen.core.clocks import WorkingCalendar
from mianshen.warehouse.forecast import BurnDown

WIDE, HIGH = 640, 180
"""Size of the drawing in its own units."""


@dataclass(frozen=True, slots=True)
class Burning:
    """A burn-down as lines; points are `x,y x,y …` in the units of the drawing."""

    table: BurnDown
    """The figures."""
    quota: int | None
    """Items a day that the department must decide at least."""
    required: int
    """Items a working day that are needed from now on; 0 when nothing waits or no due day is known."""
    so_far: str
    """Items left, day by day."""
    needed: str
    """From today's to none at the end of the due day; empty when no due day is known."""
    by_quota: str
    """The same when exactly the quota is decided a working day; empty without a quota."""

    @property
    def now_left(self) -> int:
        """Items left today."""
        return self.table.left[-1][1]


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Running clocks of an age."""

    name: tuple[str, str]
    """Days since they started, in Chinese and English."""
    in_time: int
    """Not late."""
    late: int
    """Past their due moment."""


def burning(table: BurnDown, *, quota: int | None, today: date, calendar: WorkingCalendar) -> Burning:
    """The chart of a department's open batches."""
    left = table.left[-1][1]
    until = max(table.due_on or today, today)
    days = [today + timedelta(days=number) for number in range((until - today).days + 1)]
    workdays = sum(calendar.is_workday(day) for day in days)
    slope = _Drawing(table, until)
    ahead, rest = [slope.at(today, left)], left
    for day in days[1:]:
        rest = max(0, rest - (quota or 0) * calendar.is_workday(day))
        ahead.append(slope.at(day, rest))
    return Burning(
        table=table,
        quota=quota,
        required=-(-left // max(1, workdays)) if table.due_on else 0,
        so_far=" ".join(slope.at(day, count) for day, count in table.left),
        needed=f"{slope.at(today, left)} {slope.at(until, 0)}" if table.due_on and table.due_on > today else "",
        by_quota=" ".join(ahead) if quota else "",
    )


@dataclass(frozen=True, slots=True)
class _Drawing:
    table: BurnDown
    until: date

    def at(self, day: date, count: int) -> str:
        whole = max(1, (self.until - self.table.opened_on).days)
        x = WIDE * (day - self.table.opened_on).days / whole
        return f"{x:.1f},{HIGH - HIGH * count / max(1, self.table.items):.1f}"


_BANDS = (
    (0, ("0—2天", "0–2 days")),
    (3, ("3—5天", "3–5")),
    (6, ("6—10天", "6–10")),
    (11, ("11—20天", "11–20")),
    (21, ("21—30天", "21–30")),
    (31, ("31—60天", "31–60")),
    (61, ("60天以上", "over 60")),
)


def age_pyramid(started: Mapping[tuple[str, bool], int], *, today: date) -> list[AgeBand]:
    """Running clocks by days since they started, the oldest first."""
    counts: Counter[tuple[int, bool]] = Counter()
    for (day, late), count in started.items():
        age = max(0, (today - date.fromisoformat(day)).days)
        counts[max(since for since, _ in _BANDS if since <= age), late] += count
    return [AgeBand(name, counts[since, False], counts[since, True]) for since, name in reversed(_BANDS)]
