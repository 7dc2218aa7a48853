"""Approval by people: one task a batch and department, parked without a worker until the department answers.

What was opened again after its form was answered, by an objection or by papers that came, is asked for by a run of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Asset, BaseOperator, BranchMixIn, Context, Param
from airflow.sdk.exceptions import AirflowSkipException

from mianshen.core.approving import is_asked
from mianshen.core.codes import reason
from mianshen.core.days import last_full_month, local
from mianshen.core.decisions import CHOICES, FIRST, REASONS_OF, STAYS_OPEN, Outcome
from mianshen.core.errors import MianshenError
from mianshen_airflow import defaults
from mianshen_airflow.news import News, Tidings, tell
from mianshen_airflow.operators import StageOperator

if TYPE_CHECKING:
    from mianshen.documents.approval_view import BatchView
    from mianshen.stages.frame import Job

BATCHES = "batches"
"""Event extra, and a run's conf: askings, each a batch; `batch~moment` asks for what was opened again until then, too."""
REST = "rest_stays_open"
"""Field of the form: what is not named stays open."""
OPEN = "open"
"""Id of the task that hands out the batches."""


def batch_key(department_code: str) -> str:
    """XCom key of the batch that a person of the department must see."""
    return f"batch_{department_code}"


def ask_id(department_code: str) -> str:
    """Id of the department's task."""
    return f"ask_{department_code}"


class OpenApprovalsOperator(StageOperator, BranchMixIn):
    """Runs `approve` (clear cases by rule) and goes on to every department that has a batch for a person; others are skipped.

    One task asks about one batch. When events of several batches started one run, the rest is told again and starts another.
    """

    inherits_from_skipmixin = True

    def __init__(self, *, departments: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.departments = tuple(departments)

    def execute(self, context: Context) -> Any:
        """Nothing; the departments' tasks are followed or skipped."""
        waiting = self._after_the_rule(context)
        for department_code, batches in waiting.items():
            context["ti"].xcom_push(key=batch_key(department_code), value=batches[0])
        return self.do_branch(context, [ask_id(one) for one in waiting])

    def _after_the_rule(self, context: Context) -> dict[str, list[str]]:
        super().execute(context)
        return self.waiting(context)

    def _news(self, context: Context, since: datetime) -> News:
        left_over = [batch for batches in self.waiting(context).values() for batch in batches[1:]]
        again = {"applied": Tidings(extra={BATCHES: left_over})} if left_over else {}
        return {**super()._news(context, since), **again}

    def waiting(self, context: Context) -> dict[str, list[str]]:
        """The run's batches that wait for a person, by department."""
        from mianshen.warehouse.approvals import opened_again, undecided

        wanted = batches_told(context)
        with defaults.ledger(defaults.home()).connect() as connection:
            items = undecided(connection, county_code=self.county_code, route="person")
            newest = opened_again(connection, county_code=self.county_code)
        if wanted is None:
            wanted = {asking(one["approval_batch_id"], newest.get(one["approval_batch_id"])) for one in items}
        until = {batch: moment for batch, moment in map(asked_for, sorted(wanted))}
        found: dict[str, list[str]] = {}
        for item in items:
            batch, listed = str(item["approval_batch_id"]), found.setdefault(item["department_code"], [])
            if batch not in until or not is_asked(item, until[batch]):
                continue
            token = asking(batch, until[batch])
            if token not in listed:
                listed.append(token)
        return {code: batches for code, batches in found.items() if batches}


def asking(batch_id: str, moment: str | None) -> str:
    """What a run is asked: the batch, and until when what was opened again of it belongs to the form."""
    return batch_id if moment in (None, FIRST) else f"{batch_id}~{moment}"


def asked_for(written: str) -> tuple[str, str]:
    """The batch of an asking, and FIRST or its moment: a form decides nothing that was opened again later."""
    batch_id, _, moment = written.partition("~")
    return batch_id, moment or FIRST


def batches_told(context: Context) -> set[str] | None:
    """Askings named by the events that started the run, or by its conf; None when started by hand: all that wait."""
    events = [event for told in context["triggering_asset_events"].values() for event in told]
    if events:
        return {batch for event in events for batch in event.extra.get(BATCHES, ())}
    named = (context["dag_run"].conf or {}).get(BATCHES)
    return None if named is None else set(named)


class OpenedAgainOperator(BaseOperator):
    """Finds what was opened again and waits, and starts the runs that ask for it: one for each time something was opened.

    Returns their arguments; a run that was started before, whether or not it was answered, is not started again. `asks` is the id
    of the DAG that asks.
    """

    ui_color = "#e8f0fe"

    def __init__(self, *, county_code: str, asks: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.county_code = county_code
        self.asks = asks

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """The arguments of each run."""
        from mianshen.warehouse.approvals import opened_again

        with defaults.ledger(defaults.home()).connect() as connection:
            found = opened_again(connection, county_code=self.county_code)
        runs: list[dict[str, Any]] = [
            {"trigger_run_id": again_id(batch, at), "conf": {BATCHES: [asking(batch, at)]}} for batch, at in sorted(found.items())
        ]
        count = context["ti"].get_dr_count
        return [one for one in runs if not count(dag_id=self.asks, run_ids=[one["trigger_run_id"]])]


def again_id(batch_id: str, at: str) -> str:
    """Id of the run that asks for what of the batch was opened again at this moment."""
    return f"again~{batch_id}~{datetime.fromisoformat(at):%Y%m%dT%H%M%S}"


class DepartmentApprovalOperator(HITLOperator):
    """Asks one department about one frozen batch; the first recorded answer on an item counts.

    The form shows item number, receipt, category, town, amount and why a person decides: nothing that names anybody. The
    department's own paper, printed by `disclose`, says who stands behind a number. Only the department's approver may answer.
    Airflow keeps the form's text of the first asking, so it is built once the batch is known and never changes. Who answers some
    items and leaves the rest open is asked about the rest in a new run, by a new form: `tells` is the asset that starts it.
    """

    template_fields = ()

    def __init__(
        self,
        *,
        pack: str,
        department_code: str,
        department_name: str,
        approver: str,
        tells: Sequence[Asset] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(
            subject=f"{department_name}审批 / approval",
            options=list(CHOICES),
            params={
                "agrees": _opened(),
                "refusals": _form(Outcome.REFUSE),
                "returns": _form(Outcome.RETURN),
                REST: _rest(),
            },
            assigned_users=[{"id": approver, "name": approver}],
            **kwargs,
        )
        self.pack = pack
        self.department_code = department_code
        self.outlets = list(tells)

    def execute(self, context: Context) -> Any:
        """Ask; skipped when every item of the batch was decided already, as after a clear."""
        asked = self._asked(context)
        view = self._view(self._job(defaults.now()), asked)
        if view is None or not view.items:
            raise AirflowSkipException(f"批次 {asked} 没有待审事项 / nothing in the batch waits")
        self.subject, self.body = view.subject, view.body
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Record the answer and say how many items it decided; an answer that cannot be read is asked for again.

        What the answer left open is told, so that a new run asks for it.
        """
        from mianshen.stages.approve import record_replies

        answered = super().execute_complete(context, event)
        batch_id, asks_for = asked_for(self._asked(context))
        written, at = answered["params_input"], defaults.fixed_moment() or local(answered["responded_at"])
        reply = {
            "chosen": STAYS_OPEN if written.get(REST) else answered["chosen_options"][0],
            "refusals": written.get("refusals") or "",
            "returns": written.get("returns") or "",
            "agrees": written.get("agrees") or "",
            "asks_for": asks_for,
            "decided_by": answered["responded_by_user"]["name"],
            "decided_at": at.isoformat(timespec="seconds"),
        }
        try:
            report: dict[str, Any] = record_replies(self._job(at), batch_id, reply).as_dict()
        except MianshenError as refusal:
            if refusal.code != "DECISION_INVALID":
                raise
            self.log.warning("%s", refusal.message())
            super().execute(context)
            raise
        self.outlets[:] = tell(context, outlets=self.outlets, news=self._left_open(context, at))
        return report

    def _left_open(self, context: Context, as_of: datetime) -> News:
        asked = self._asked(context)
        view = self._view(self._job(as_of), asked)
        return {"applied": Tidings(extra={BATCHES: [asked]})} if view is not None and view.items else {}

    def _asked(self, context: Context) -> str:
        return str(context["ti"].xcom_pull(task_ids=OPEN, key=batch_key(self.department_code)))

    def _job(self, as_of: datetime) -> Job:
        from mianshen.stages.frame import make_job

        month = last_full_month(local(as_of).date())
        return make_job(self.pack, month=month, as_of=as_of, home=defaults.home(), entropy=defaults.entropy)

    def _view(self, job: Job, asked: str) -> BatchView | None:
        from mianshen.documents.approval_view import batch_view
        from mianshen.warehouse.approvals import batches, items_of

        batch_id, asks_for = asked_for(asked)
        with job.ledger.connect() as connection:
            for batch in batches(connection, county_code=job.county_code):
                if batch["approval_batch_id"] == batch_id:
                    return batch_view(batch, items_of(connection, batch_id), pack=job.pack, asks_for=asks_for)
        return None


def _rest() -> Param:
    return Param(
        False,
        type=["null", "boolean"],
        title="其余不动",
        description_md="勾选后只答复上面写了序号的事项(同意的写进第一栏),其余保持待审,另开一张表单再问;上方所选意见不作数 / "
        "only the numbers named above are answered; the rest stays open and is asked for in a new form, whatever is chosen above",
    )


def _opened() -> Param:
    return Param(
        "",
        type=["null", "string"],
        title=f"{Outcome.AGREE.name_zh}(逐件核查过的)",
        description_md="逐件打开核查后同意的序号,用逗号隔开,如 `1, 4`;没有写的按整批意见记,不算逐件核查 / "
        "numbers that you opened one by one and agree to; what is not named is recorded as confirmed together",
    )


def _form(outcome: Outcome) -> Param:
    codes = "\n".join(f"- `{code}` {reason(code).zh} / {reason(code).en}" for code in REASONS_OF[outcome])
    return Param(
        "",
        type=["null", "string"],
        title=f"{outcome.name_zh}(逐项)",
        description_md=f"`序号=原因代码`,用分号隔开 / number=REASON, separated by semicolons\n\n{codes}",
    )
