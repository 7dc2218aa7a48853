"""When people are at work: a timetable that knows the State Council's working days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from airflow.timetables.base import DagRunInfo, DataInterval, Timetable

from mianshen.core.days import ZONE, local

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


class WorkdayTimetable(Timetable):
    """Every working day at the same time in Asia/Shanghai; holidays are left out, working weekends are kept."""

    def __init__(self, *, hour: int = 9, minute: int = 0) -> None:
        self.at = time(hour, minute)
        self.description = f"每个工作日 {self.at:%H:%M} / working days at {self.at:%H:%M}"

    @property
    def summary(self) -> str:
        """What the UI shows."""
        return f"工作日 {self.at:%H:%M}"

    def serialize(self) -> dict[str, Any]:
        """The timetable as JSON values."""
        return {"hour": self.at.hour, "minute": self.at.minute}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> WorkdayTimetable:
        """The timetable again."""
        return cls(hour=data["hour"], minute=data["minute"])

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
        """The first working moment later than this one."""
        day = local(moment).date()
        while not calendar().is_workday(day) or self._on(day) <= moment:
            day += timedelta(days=1)
        return self._on(day)

    def at_or_before(self, moment: datetime) -> datetime:
        """The last working moment that is not later than this one."""
        day = local(moment).date()
        while not calendar().is_workday(day) or self._on(day) > moment:
            day -= timedelta(days=1)
        return self._on(day)

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at, tzinfo=ZONE)
