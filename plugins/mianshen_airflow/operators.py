"""The operator that runs stages: one task, one or several stages, and what the task then tells the other DAGs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, BaseOperator, Context

from mianshen_airflow import defaults
from mianshen_airflow.links import PortraitLink, QualityLink
from mianshen_airflow.news import News, Teller, tell
from mianshen_airflow.watching import notes_of

if TYPE_CHECKING:
    from mianshen.core.days import Month
    from mianshen.stages.frame import Job

REPORTS = "reports"
"""XCom key: what the stages reported."""


class StageOperator(BaseOperator):
    """Runs stages in their order; their reports go to the XCom `reports`: numbers and codes, never a person.

    `pack` is the county. `stages` are names of mianshen.stages.catalogue. With `each_year` the stages run once for every benefit
    year in work (its last month stands for the year to date), else once for the newest month. `teller` says afterwards which of
    `tells` have news; only those emit an event. With `watches`, the id of the DAG that watches clocks, the task returns what is
    not watched yet, as arguments of that DAG's runs.
    """

    ui_color = "#e8f0fe"

    def __init__(
        self,
        *,
        pack: str,
        county_code: str,
        stages: Sequence[str],
        each_year: bool = False,
        tells: Sequence[Asset] = (),
        teller: Teller | None = None,
        watches: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pack = pack
        self.county_code = county_code
        self.stages = tuple(stages)
        self.each_year = each_year
        self.teller = teller
        self.watches = watches
        self.outlets = list(tells)

    def execute(self, context: Context) -> Any:
        """The watches to start, each as the arguments of a run; nothing unless `watches` is set."""
        since = defaults.run_floor(context)
        reports = [report for job in self._jobs(since) for report in self._run(job)]
        context["ti"].xcom_push(key=REPORTS, value=reports)
        self.outlets[:] = tell(context, outlets=self.outlets, news=self._news(context, since))
        return None if self.watches is None else self._to_watch(context, since, watched_by=self.watches)

    def _jobs(self, since: datetime) -> list[Job]:
        from mianshen.stages.frame import make_job

        place = defaults.home()
        months, as_of = self._months(since)
        return [
            make_job(self.pack, month=month, as_of=as_of, home=place, entropy=defaults.entropy)
            for month in (months if self.each_year else months[-1:])
        ]

    def _months(self, since: datetime) -> tuple[tuple[Month, ...], datetime]:
        """The months to work on and the moment of the work: the run's own, but never earlier than what the ledger knows."""
        from mianshen.warehouse.progress import months_in_work, newest_moment

        with defaults.ledger(defaults.home()).connect() as connection:
            as_of = defaults.fixed_moment() or max(since, newest_moment(connection, self.county_code) or since)
            return months_in_work(connection, self.county_code, since=since, as_of=as_of), as_of

    def _run(self, job: Job) -> list[dict[str, Any]]:
        from mianshen.stages.catalogue import STAGES

        reports = []
        for name in self.stages:
            report = STAGES[name](job).as_dict()
            self.log.info("%s %s %s: %s", self.pack, name, job.month, report["counts"])
            for note in report["notes"]:
                self.log.info("%s", note)
            reports.append(report)
        return reports

    def _news(self, context: Context, since: datetime) -> News:
        if self.teller is None:
            return {}
        with defaults.ledger(defaults.home()).connect() as connection:
            return self.teller(connection, self.county_code, since)

    def _to_watch(self, context: Context, since: datetime, *, watched_by: str) -> list[dict[str, Any]]:
        from mianshen.warehouse.clock_watch import open_watches

        with defaults.ledger(defaults.home()).connect() as connection:
            notes = notes_of(open_watches(connection, self.county_code, since=since))
        count = context["ti"].get_dr_count
        return [one.as_run() for one in notes if not count(dag_id=watched_by, run_ids=[one.run_id])]


class ValidateOperator(StageOperator):
    """The stage that judges batches; its task leads to their quality report."""

    operator_extra_links = (QualityLink(),)


class ReportOperator(StageOperator):
    """The stage that makes the month's portrait report; its task leads to it."""

    operator_extra_links = (PortraitLink(),)


class CompleteListsOperator(BaseOperator):
    """Says that every expected list of the run's month was accepted; its event carries the month as partition."""

    ui_color = "#e6f4ea"

    def __init__(self, *, lists: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lists = lists

    def execute(self, context: Context) -> dict[str, Any]:
        """The month and the number of its lists."""
        month = context["dag_run"].partition_key
        self.log.info("%s 名单齐全 / complete: %s", month, self.lists)
        return {"month": month, "lists": self.lists}
