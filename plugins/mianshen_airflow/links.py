"""The buttons on tasks: the quality report of what was judged, the portrait report that was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperatorLink

from mianshen_airflow.pages.door import URL_PREFIX

if TYPE_CHECKING:
    from airflow.sdk.types import TaskInstanceKey


class QualityLink(BaseOperatorLink):
    """Leads from the validate task of a run to the data docs of its county."""

    @property
    def name(self) -> str:
        """What the button says."""
        return "数据质量 data docs"

    def get_link(self, operator: Any, *, ti_key: TaskInstanceKey) -> str:
        """Where the report lies below Airflow's own address; `operator` names its `pack`."""
        return f"{URL_PREFIX}/quality/{operator.pack}/index.html"


class PortraitLink(BaseOperatorLink):
    """Leads from the report task of a run to the newest portrait report of its county."""

    @property
    def name(self) -> str:
        """What the button says."""
        return "群体画像 portrait report"

    def get_link(self, operator: Any, *, ti_key: TaskInstanceKey) -> str:
        """Where the report lies below Airflow's own address; `operator` names its `pack`."""
        return f"{URL_PREFIX}/portrait/{operator.pack}"
