"""When people are at work: a timetable that knows the State Council's working days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from airflow.timetables.base import DagRunInfo, DataInterval, Timetable

from mianshen.core.days import ZONE, Month, local

if TYPE_CHECKING:
    from airflow.timetables.base import TimeRestriction
    from pendulum import DateTime

    from mianshen.core.clocks import WorkingCalendar


@cache
def calendar() -> WorkingCalendar:
    """The national working days, read once a process."""
    from mianshen.policy.packs import POLICIES
    from mianshen.policy.workdays import load_calendar

    return load_calendar(POLICIES / "national" / "workdays")


EVENING = time(17, 30)
"""When the schedules run once more on days on which something ends."""
MonthDay = tuple[int, int]
"""Month and day of every year."""


class WorkdayTimetable(Timetable):
    """Every working day at the same time in Asia/Shanghai; holidays are left out, working weekends are kept.

    At EVENING once more on the monthly roster days, `month_days`, each rolled past a holiday as a due day is, and on the working
    days of a yearly `window`, both ends included, which may lie over New Year.
    """

    def __init__(
        self, *, hour: int = 9, minute: int = 0, month_days: Sequence[int] = (), window: Sequence[MonthDay] = ()
    ) -> None:
        self.at = time(hour, minute)
        self.month_days = tuple(month_days)
        self.window = tuple((month, day) for month, day in window)
        self.description = f"每个{self.summary} / working days at {self.at:%H:%M}" + (
            f", at {EVENING:%H:%M} too on the days on which something ends" if self.month_days or self.window else ""
        )

    @property
    def summary(self) -> str:
        """What the UI shows."""
        said = [f"工作日 {self.at:%H:%M}"]
        said += [f"每月{'、'.join(map(str, self.month_days))}日 {EVENING:%H:%M}"] if self.month_days else []
        said += ["至".join(f"{month}月{day}日" for month, day in self.window) + f" {EVENING:%H:%M}"] if self.window else []
        return ";".join(said)

    def serialize(self) -> dict[str, Any]:
        """The timetable as JSON values."""
        return {
            "hour": self.at.hour,
            "minute": self.at.minute,
            "month_days": list(self.month_days),
            "window": [list(one) for one in self.window],
        }

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> WorkdayTimetable:
        """The timetable again."""
        return cls(**data)

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        """A run started by hand stands for its own moment."""
        return DataInterval.exact(run_after)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """The next run: after the last one; without catch-up not before the newest moment that has come."""
        from pendulum import instance

        if last_automated_data_interval is None:
            following = self.after(max(datetime.now(ZONE), restriction.earliest or datetime.now(ZONE)))
        else:
            following = self.after(last_automated_data_interval.end)
            if not restriction.catchup:
                following = max(following, self.at_or_before(datetime.now(ZONE)))
        moment = instance(following)
        if restriction.latest is not None and moment > restriction.latest:
            return None
        return DagRunInfo.exact(moment)

    def after(self, moment: datetime) -> datetime:
        """The first moment of the timetable later than this one."""
        day = local(moment).date()
        while not (later := [one for one in self._moments(day) if one > moment]):
            day += timedelta(days=1)
        return later[0]

    def at_or_before(self, moment: datetime) -> datetime:
        """The last moment of the timetable that is not later than this one."""
        day = local(moment).date()
        while not (before := [one for one in self._moments(day) if one <= moment]):
            day -= timedelta(days=1)
        return before[-1]

    def _moments(self, day: date) -> list[datetime]:
        """The moments of a day, in order; none when nobody works."""
        if not calendar().is_workday(day):
            return []
        times = [self.at, EVENING] if self._is_roster_day(day) or self._is_in_window(day) else [self.at]
        return [datetime.combine(day, one, tzinfo=ZONE) for one in times]

    def _is_roster_day(self, day: date) -> bool:
        """Whether a roster day of this month, or of the one before when a holiday lies between, ends on this day."""
        months = (Month(day.year, day.month), Month(day.year, day.month).shift(-1))
        ends = {month.first_day.replace(day=min(one, month.last_day.day)) for month in months for one in self.month_days}
        return any(calendar().roll(one) == day for one in ends)

    def _is_in_window(self, day: date) -> bool:
        if not self.window:
            return False
        (first, last), on = self.window, (day.month, day.day)
        return first <= on <= last if first <= last else on >= first or on <= last
