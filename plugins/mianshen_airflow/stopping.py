"""一键停发 and 恢复发放 from the UI: a run started by hand, with a form, in the name of who started it."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperator, Context, Param
from airflow.sdk.exceptions import AirflowFailException

from mianshen.core.days import last_full_month, local
from mianshen.core.errors import MianshenError
from mianshen_airflow import defaults

STOP, RESUME = "停发", "恢复发放"
"""What the form can do."""
SCOPES = {"全县": "county", "资金": "fund", "批次": "batch"}
"""What can be stopped, as the form says it."""


def stop_form() -> dict[str, Param]:
    """The fields of the form by which a run is started."""
    said = "停发:区划代码、资金代码或批次编号;恢复:停发编号 / the county's code, a fund, a batch; to resume: the stop's number"
    return {
        "act": Param(STOP, type="string", enum=[STOP, RESUME], title="办理 act"),
        "scope": Param("全县", type="string", enum=list(SCOPES), title="范围(停发时)scope of a stop"),
        "subject": Param("", type=["null", "string"], title="对象 subject", description=said),
        "reason": Param("", type=["null", "string"], title="理由,不写姓名证号 why; no name, no number"),
    }


class PaymentStopOperator(BaseOperator):
    """Stops a county, a fund or a batch, or ends a stop, as the person who started the run; nothing by a schedule.

    Who stopped does not resume. What is refused fails the run at once and says why: trying again would change nothing.
    """

    ui_color = "#fde8e8"

    def __init__(self, *, pack: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pack = pack

    def execute(self, context: Context) -> dict[str, Any]:
        """What was done: the stop's number, scope, subject, how many people it touches and how much of their relief."""
        actor = context["dag_run"].triggering_user_name
        if not actor:
            raise AirflowFailException("停发须由具名人员在界面发起 / a stop is put by a person, who starts the run")
        try:
            found = self._act(dict(context["params"]), actor)
        except MianshenError as refusal:
            raise AirflowFailException(refusal.message()) from refusal
        self.log.info("%s", found)
        return found

    def _act(self, form: dict[str, Any], actor: str) -> dict[str, Any]:
        from mianshen.stages.frame import make_job
        from mianshen.stages.reconcile import stopping

        as_of = defaults.now()
        month = last_full_month(local(as_of).date())
        job = make_job(self.pack, month=month, as_of=as_of, home=defaults.home(), entropy=defaults.entropy, actor=actor)
        subject, reason = (form.get("subject") or "").strip(), form.get("reason") or ""
        if form["act"] == RESUME:
            found = stopping.resume(job, subject, reason=reason)
        else:
            scope = SCOPES[form["scope"]]
            named = subject or (job.county_code if scope == "county" else "")
            found = stopping.stop(job, scope=scope, subject_id=named, reason=reason)
        names = ("stop_id", "scope", "subject_id", "persons", "amount_fen")
        return {name: found[name] for name in names if name in found}
