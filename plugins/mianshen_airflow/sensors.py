"""The sensor that enforces a time limit: it waits for the clocks to close and raises the miss at the due moment."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseSensorOperator, Context, PokeReturnValue
from airflow.sdk.exceptions import AirflowFailException

from mianshen_airflow import defaults, watching
from mianshen_airflow.triggers import WorkingDayDeadlineTrigger
from mianshen_airflow.watching import Ending, WatchNote

LONGER_THAN_ANY_LIMIT = 400 * 24 * 3600
"""Seconds; a poking sensor must not give up before the law does."""


class WorkingDayDeadlineSensor(BaseSensorOperator):
    """Waits until every watched clock has closed (`arrived`) or the due moment has come (`missed`).

    The watch is the run's conf, a WatchNote: its due moment was computed by core.clocks.due when the clocks opened, so neither a
    retry nor a restart moves it. A miss is recorded in the clock store against the department that holds the clock. Then the run
    goes on (`on_miss="go_on"`) or fails (`on_miss="fail"`). Its outlets hear of a miss only,
    and only when amounts were computed before the due moment and not since. Deferred or poking, it ends alike.
    """

    def __init__(self, *, pack: str, on_miss: str = "go_on", deferrable: bool = True, **kwargs: Any) -> None:
        if on_miss not in ("go_on", "fail"):
            raise ValueError(f"on_miss is [{on_miss}] in task [{kwargs.get('task_id')}]: write go_on or fail")
        patience: dict[str, Any] = {
            "mode": "reschedule",
            "timeout": LONGER_THAN_ANY_LIMIT,
            "poke_interval": defaults.poll_seconds(),
        }
        super().__init__(**(patience | kwargs))
        self.pack = pack
        self.on_miss = on_miss
        self.deferrable = deferrable

    def execute(self, context: Context) -> dict[str, Any]:
        """How the watch ended, by deferring or by poking."""
        if not self.deferrable:
            return self.finish(context, super().execute(context))
        ending = watching.look(note_of(context))
        if ending is Ending.OPEN:
            self.defer(
                trigger=WorkingDayDeadlineTrigger(pack=self.pack, watch=dict(context["dag_run"].conf or {})),
                method_name="finish",
            )
        return self.finish(context, {"status": ending.value})

    def poke(self, context: Context) -> PokeReturnValue:
        """One look."""
        ending = watching.look(note_of(context))
        return PokeReturnValue(ending is not Ending.OPEN, {"status": ending.value})

    def finish(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Record what the watch ended with; AirflowFailException when a miss must fail the run."""
        note = note_of(context)
        watching.record(note.county_code)
        if event["status"] != Ending.MISSED or not watching.is_computed_before(note):
            self.outlets[:] = []
        if event["status"] == Ending.MISSED:
            self._warn(note)
        return {"status": event["status"], "limit": note.time_limit_code, "due_at": note.due_at}

    def _warn(self, note: WatchNote) -> None:
        said = f"逾期 / missed: {note.time_limit_code} {note.subject_id or note.started_at}, 到期 due {note.due_at}"
        self.log.warning(said)
        if self.on_miss == "fail":
            raise AirflowFailException(said)


def note_of(context: Context) -> WatchNote:
    """The watch that the run was started with; ValueError for a run started without one."""
    try:
        return WatchNote(**(context["dag_run"].conf or {}))
    except TypeError as cause:
        raise ValueError(
            "这个 DAG 只由收件、触发和监督环节启动 / this DAG is started by receive, trigger and supervise only: "
            "its conf names one watch"
        ) from cause
