"""Lists roll up to their month and the missing ones are named; working days skip holidays and keep working weekends."""

from __future__ import annotations

from datetime import UTC, datetime

import pendulum
import pytest
from airflow.partition_mappers.base import RollupMapper
from airflow.serialization.decoders import decode_partition_mapper, decode_timetable
from airflow.serialization.encoders import encode_partition_mapper, encode_timetable
from airflow.timetables.base import DataInterval, TimeRestriction

from mianshen.core.days import ZONE
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
