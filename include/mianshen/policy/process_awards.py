"""The process that applications of relief go through: what it must say so that each department's part is one of its steps."""

from __future__ import annotations

from collections.abc import Sequence

from mianshen.core.decisions import REASONS_OF, Outcome
from mianshen.core.forms import FormCode
from mianshen.core.process import Decider
from mianshen.policy.shapes import Row

_KNOWN = frozenset(one.value for one in Outcome)


def check_awards(processes: Sequence[Row], *, routed: frozenset[str]) -> None:
    """Nothing when at most one process concerns awards and says what it must; MianshenError POLICY_DAMAGED at the first fault.

    `routed` are the departments that decide about relief: each has a step that is named like it, waits from the start and comes
    to agree, return or refuse, the latter two with reasons that a decision on relief may carry.
    """
    own = [one for one in processes if one["concerns"] == "awards"]
    if len(own) > 1:
        own[1].at("concerns").refuse("只能有一个流程用于救助审批", "one process only concerns awards")
    for process in own:
        steps = {one["code"]: one for one in process["steps"]}
        missing = sorted(routed - set(process["starts"]))
        if missing:
            process.at("starts").refuse(
                f"routing.yaml 中的部门 {missing[0]} 没有审批环节", f"the department {missing[0]} of routing.yaml has no step"
            )
        for code in steps.keys() & set(process["starts"]):
            _check_step(steps[code])
        for code in sorted(steps.keys() - set(process["starts"])):
            _check_notice(steps[code], set(process["starts"]))


def _check_notice(step: Row, departments: set[str]) -> None:
    """What comes after the department is its public notice: an objection opens the department's step again, and nothing else.

    Of several departments an objection would open steps in which the application has no part.
    """
    if FormCode.PUBLIC_NOTICE not in step["forms"] or step["decided_by"] != Decider.TIME:
        step.at("forms").refuse("部门审批之后只能是公示环节", "nothing but a public notice comes after the departments")
    if len(departments) > 1:
        step.at("code").refuse("多部门并联的流程不能写公示", "a notice stands where one department decides")
    back = [one for one in step["outcomes"] if one["again"]]
    if len(back) != 1 or set(back[0]["again"]) != departments:
        step.at("outcomes").refuse("公示应有一个退回部门重审的结论", "one outcome of a notice opens the department's step again")


def _check_step(step: Row) -> None:
    if step["code"] != step["department"]:
        step.at("department").refuse("部门审批环节以部门代码为环节代码", "a department's step is named like the department")
    if {one["code"] for one in step["outcomes"]} != _KNOWN:
        step.at("outcomes").refuse(f"结论应为 {', '.join(sorted(_KNOWN))}", "its outcomes are agree, return and refuse")
    for outcome in step["outcomes"]:
        allowed = REASONS_OF[Outcome(outcome["code"])]
        wrong = [one for one in outcome["reasons"] if one not in allowed]
        if wrong or (outcome["code"] != Outcome.AGREE and not outcome["reasons"]):
            said = wrong[0] if wrong else "—"
            outcome.spot.refuse(f"理由 {said} 不在 {', '.join(allowed)} 中", f"its reasons are some of {', '.join(allowed)}")
