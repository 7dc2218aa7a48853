"""The one file that Airflow discovers: it registers what the package mianshen_airflow holds."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from mianshen_airflow import listeners
from mianshen_airflow.deadlines import WatchedDeadline, WorkingDayDeadline
from mianshen_airflow.pages.door import plugin_app, plugin_view
from mianshen_airflow.partitions import ExpectedLists, ListMonthMapper
from mianshen_airflow.timetables import WorkdayTimetable


class MianshenPlugin(AirflowPlugin):
    """免申即享 inside Airflow."""

    name = "mianshen"
    timetables = [WorkdayTimetable]  # noqa: RUF012 - Airflow reads plain class attributes
    partition_mappers = [ListMonthMapper]  # noqa: RUF012
    windows = [ExpectedLists]  # noqa: RUF012
    deadline_references = [WorkingDayDeadline, WatchedDeadline]  # noqa: RUF012
    listeners = [listeners]  # noqa: RUF012
    fastapi_apps = [plugin_app()]  # noqa: RUF012
    external_views = [plugin_view()]  # noqa: RUF012
