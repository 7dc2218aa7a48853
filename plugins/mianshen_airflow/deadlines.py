"""Airflow's own deadlines (Browse > 截止期限), computed by the same function and the same calendar as our clocks.

Airflow deletes a deadline that was met, and knows deadlines of runs only; the truth is our clock store. `DAGRUN_QUEUED_AT` of
Airflow 3.3.2 breaks when a run is cleared, and `DAGRUN_LOGICAL_DATE` makes no deadline for a run without a logical date, which
all of ours are: hence a reference of our own.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import BaseDeadlineReference, DeadlineAlert, DeadlineReference, deadline_reference

from mianshen.core.days import local
from mianshen.core.errors import MianshenError
from mianshen_airflow import watching

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from mianshen.core.pack import Pack


@lru_cache(maxsize=16)
def _pack(name: str, day: str) -> Pack:
    from datetime import date

    from mianshen.policy.packs import load_pack

    return load_pack(name, on=date.fromisoformat(day))


def due_moment(*, pack: str, limit_code: str, started: datetime) -> datetime:
    """When the limit of the pack ends for a clock that started then: core.clocks.due with the pack's calendar."""
    from mianshen.core.clocks import due

    county = _pack(pack, local(started).date().isoformat())
    return due(county.time_limit(limit_code), start=started, calendar=county.calendar).at


@deadline_reference(DeadlineReference.TYPES.DAGRUN_CREATED)
@dataclass(eq=False)
class WorkingDayDeadline(BaseDeadlineReference):
    """The due moment of a statutory step that begins with its run."""

    pack: str = ""
    """Whose law and calendar."""
    limit_code: str = ""
    """The time limit, such as `trigger_relief`."""

    required_kwargs: ClassVar[set[str]] = {"dag_id", "run_id"}

    def serialize_reference(self) -> dict[str, Any]:
        """The reference as JSON values."""
        return {"reference_type": self.reference_name, "pack": self.pack, "limit_code": self.limit_code}

    @classmethod
    def deserialize_reference(cls, reference_data: dict[str, Any]) -> WorkingDayDeadline:
        """The reference again."""
        return cls(pack=reference_data["pack"], limit_code=reference_data["limit_code"])

    def _evaluate_with(self, *, session: Session, dag_id: str, run_id: str, **_: Any) -> datetime | None:
        """The due moment; None, so no native deadline, when the policy cannot be read: the clock store still holds it."""
        from airflow.models import DagRun
        from sqlalchemy import select

        started = session.scalar(select(DagRun.run_after).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
        try:
            return None if started is None else due_moment(pack=self.pack, limit_code=self.limit_code, started=started)
        except (MianshenError, KeyError):
            return None


@deadline_reference(DeadlineReference.TYPES.DAGRUN_CREATED)
@dataclass(eq=False)
class WatchedDeadline(BaseDeadlineReference):
    """The due moment that stands in the run's conf, for runs that watch this limit (and this list, when one is named)."""

    limit_code: str = ""
    """The time limit."""
    list_code: str = ""
    """The list; empty for limits that do not run on lists."""

    required_kwargs: ClassVar[set[str]] = {"dag_id", "run_id"}

    def serialize_reference(self) -> dict[str, Any]:
        """The reference as JSON values."""
        return {"reference_type": self.reference_name, "limit_code": self.limit_code, "list_code": self.list_code}

    @classmethod
    def deserialize_reference(cls, reference_data: dict[str, Any]) -> WatchedDeadline:
        """The reference again."""
        return cls(limit_code=reference_data["limit_code"], list_code=reference_data["list_code"])

    def _evaluate_with(self, *, session: Session, dag_id: str, run_id: str, **_: Any) -> datetime | None:
        """The due moment; None for a run that watches something else."""
        from airflow.models import DagRun
        from sqlalchemy import select

        conf = session.scalar(select(DagRun.conf).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
        watch = conf or {}
        watched = (watch.get("time_limit_code"), str(watch.get("subject_id", "")).split("|")[0])
        if watched != (self.limit_code, self.list_code):
            return None
        return local(datetime.fromisoformat(watch["due_at"]), where="conf.due_at")


async def on_missed(context: dict[str, Any], county_code: str) -> None:
    """Airflow saw a run pass its deadline: record what our clocks say of that moment."""
    await asyncio.to_thread(watching.record, county_code)


def alert(reference: BaseDeadlineReference, *, name: str, county_code: str) -> DeadlineAlert:
    """A native deadline that shows red in Browse > 截止期限 and records into our clock store."""
    return DeadlineAlert(
        name=name,
        reference=reference,
        interval=timedelta(0),
        callback=AsyncCallback(on_missed, kwargs={"county_code": county_code}),
    )
