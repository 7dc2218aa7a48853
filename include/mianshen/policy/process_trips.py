"""最多跑一次: once a person's papers are complete, offices hand the matter on and never send the person again."""

from __future__ import annotations

from mianshen.core.process import Process, Step
from mianshen.policy.shapes import Row


def check_trips(row: Row, process: Process) -> None:
    """Nothing when the page asks for one trip and keeps to it; MianshenError POLICY_DAMAGED at the outcome that sends the person.

    The person comes to the first steps, to those that take papers, and to those that do a first step anew. What may follow once
    papers are complete is none of these.
    """
    if not row["one_trip"]:
        return
    ahead = {code for code in process.starts for one in process.step(code).outcomes if one.needs_papers for code in one.opens}
    found, fresh = set(ahead), set(ahead)
    while fresh:
        fresh = {
            code for one in fresh for outcome in process.step(one).outcomes for code in (*outcome.opens, *outcome.again)
        } - found
        found |= fresh
    for step in row["steps"]:
        if step["code"] in found and _sends_person(process, process.step(step["code"])):
            step.spot.refuse(
                f"受理之后又要申请人来办 {step['name_zh']}", "after its papers are complete the person is sent again"
            )


def _sends_person(process: Process, step: Step) -> bool:
    is_again = any(code in process.starts for one in step.outcomes for code in one.again)
    return step.code in process.starts or bool(step.papers) or step.asks_person or is_again
