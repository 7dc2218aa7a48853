"""Lists roll up to their month and the missing ones are named; working days skip holidays and keep working weekends."""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pendulum
import pytest
from airflow.partition_mappers.base import RollupMapper
from airflow.serialization.decoders import decode_partition_mapper, decode_timetable
from airflow.serialization.encoders import encode_partition_mapper, encode_timetable
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction

from mianshen.core.days import ZONE
from mianshen_airflow import timetables, wiring
from mianshen_airflow.partitions import ExpectedLists, ListMonthMapper, list_key
from mianshen_airflow.timetables import WorkdayTimetable

LISTS = ("canlian_zhongdu", "tuiyi_youfu")


def rollup() -> RollupMapper:
    """The mapper as the scheduler reads it back."""
    window = ExpectedLists(county_code="510118", list_codes=LISTS)
    again = decode_partition_mapper(encode_partition_mapper(RollupMapper(upstream_mapper=ListMonthMapper(), window=window)))
    assert isinstance(again, RollupMapper)
    return again


def test_a_list_leads_to_its_month() -> None:
    assert rollup().to_downstream("510118|canlian_zhongdu|2026-10") == "2026-10"


def test_a_month_needs_every_expected_list_and_no_other() -> None:
    assert rollup().to_upstream("2026-10") == {list_key("510118", code, "2026-10") for code in LISTS}


@pytest.mark.parametrize("key", ["2026-10", "510118|2026-10", "510118|a|b|2026-10"])
def test_a_key_of_another_shape_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="unpack"):
        ListMonthMapper().to_downstream(key)


def again(timetable: WorkdayTimetable) -> WorkdayTimetable:
    read = decode_timetable(encode_timetable(timetable))
    assert isinstance(read, WorkdayTimetable)
    return read


@pytest.mark.parametrize(
    ("moment", "following"),
    [
        ("2026-11-20 15:59:59", "2026-11-20 16:00"),
        ("2026-11-20 16:00:00", "2026-11-23 16:00"),
        ("2026-09-30 17:00:00", "2026-10-08 16:00"),
        ("2026-10-09 17:00:00", "2026-10-10 16:00"),
    ],
    ids=["the same day", "over a weekend", "over the holiday week", "a Saturday on which people work"],
)
def test_the_next_working_moment(moment: str, following: str) -> None:
    timetable = again(WorkdayTimetable(hour=16))
    start = datetime.fromisoformat(moment).replace(tzinfo=ZONE)
    assert timetable.after(start) == datetime.fromisoformat(following).replace(tzinfo=ZONE)
    assert timetable.at_or_before(datetime.fromisoformat(following).replace(tzinfo=ZONE)) == timetable.after(start)


def test_runs_follow_each_other_and_an_end_ends_them() -> None:
    timetable = WorkdayTimetable(hour=8, minute=30)
    last = DataInterval.exact(pendulum.datetime(2031, 1, 3, 0, 30, tz="UTC"))
    open_ended = TimeRestriction(earliest=None, latest=None, catchup=True)
    first = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=open_ended)
    assert first is not None
    assert first.run_after == pendulum.datetime(2031, 1, 6, 0, 30, tz="UTC"), "3 January 2031 is a Friday"
    ended = TimeRestriction(earliest=None, latest=pendulum.datetime(2031, 1, 5, tz="UTC"), catchup=True)
    assert timetable.next_dagrun_info(last_automated_data_interval=last, restriction=ended) is None


def test_without_catchup_old_moments_are_not_made_up_for() -> None:
    long_ago = DataInterval.exact(pendulum.datetime(2026, 1, 5, 0, 0, tz="UTC"))
    now_only = TimeRestriction(earliest=None, latest=None, catchup=False)
    timetable = WorkdayTimetable(hour=8)
    info = timetable.next_dagrun_info(last_automated_data_interval=long_ago, restriction=now_only)
    assert info is not None
    assert info.run_after >= pendulum.instance(timetable.at_or_before(datetime.now(UTC)))


def test_the_ui_says_it_in_words() -> None:
    assert WorkdayTimetable(hour=16).summary == "工作日 16:00"


def moments(timetable: WorkdayTimetable, first: str, last: str) -> list[str]:
    """Every moment of the timetable in [first, last], as text."""
    found, at, until = [], datetime.fromisoformat(f"{first} 00:00").replace(tzinfo=ZONE), f"{last} 23:59"
    while (said := f"{(at := timetable.after(at)):%Y-%m-%d %H:%M}") <= until:
        found.append(said)
        assert timetable.at_or_before(at) == at
    return found


def test_a_roster_day_has_an_evening_on_the_working_day_to_which_it_rolls() -> None:
    """5 September 2026 is a Saturday; 5 October lies in the holiday week, and people work on Saturday the 10th."""
    timetable = again(WorkdayTimetable(hour=8, month_days=[5]))
    evenings = [one for one in moments(timetable, "2026-08-31", "2026-11-08") if one.endswith("17:30")]
    assert evenings == ["2026-09-07 17:30", "2026-10-08 17:30", "2026-11-05 17:30"]
    assert timetable.summary == "工作日 08:00;每月5日 17:30"
    last = [
        one for one in moments(WorkdayTimetable(hour=8, month_days=[31]), "2026-01-01", "2026-03-08") if one.endswith("17:30")
    ]
    assert last == ["2026-02-02 17:30", "2026-02-28 17:30"], "January's last day rolls into February, whose last day is worked"


def test_a_window_over_new_year_has_evenings_on_its_working_days_only() -> None:
    timetable = again(WorkdayTimetable(hour=8, window=[(12, 29), (1, 5)]))
    assert moments(timetable, "2025-12-28", "2026-01-06") == [
        "2025-12-29 08:00", "2025-12-29 17:30", "2025-12-30 08:00", "2025-12-30 17:30", "2025-12-31 08:00", "2025-12-31 17:30",
        "2026-01-04 08:00", "2026-01-04 17:30", "2026-01-05 08:00", "2026-01-05 17:30", "2026-01-06 08:00",
    ]  # fmt: skip
    assert timetable.summary == "工作日 08:00;12月29日至1月5日 17:30"


def test_the_schedules_of_the_counties_have_their_roster_day_and_their_year_end() -> None:
    receive = wiring.county_dags("510118_xinjin")["510118_xinjin__receive"].timetable
    handle = wiring.county_dags("360702_zhanggong")["360702_zhanggong__handle"].timetable
    assert receive.timetable.month_days == (5,) and receive.timetable.window == ()
    first, last = handle.timetable.window
    assert first[0] in (11, 12) and last[0] == 1, "the plan runs from the end of the year into January"


def test_airflow_s_calendar_plans_working_days_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the calendar of the UI draws as planned from a run of 25 September 2026 on: the holiday week is left out."""
    monkeypatch.setattr(timetables, "datetime", StoppedClock)
    last = DataInterval.exact(pendulum.datetime(2026, 9, 25, 0, 0, tz="UTC"))
    dag = SimpleNamespace(timetable=WorkdayTimetable(hour=8))
    info = DagRunInfo(run_after=last.end, data_interval=last, partition_date=None, partition_key=None)
    whole = SimpleNamespace(value=None)
    restriction = TimeRestriction(earliest=None, latest=None, catchup=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Airflow's login imports a test client that is going out of use
        from airflow.api_fastapi.core_api.services.ui.calendar import CalendarService
    service: Any = CalendarService()
    planned = service._calculate_timetable_planned_runs(dag, info, 2026, restriction, whole, "daily")
    days = {one.date.date() for one in planned}
    known = timetables.calendar()
    expected = {day for day in (date(2026, 9, 26) + timedelta(days=number) for number in range(97)) if known.is_workday(day)}
    assert days == expected and date(2026, 10, 10) in days and date(2026, 10, 5) not in days


class StoppedClock(datetime):
    """A clock that stands at noon of 25 September 2026."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime(2026, 9, 25, 12, tzinfo=tz)
