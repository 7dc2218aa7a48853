"""Outcomes that give an identity: what they name is there, and nothing afterwards takes the decision back."""

from __future__ import annotations

from collections.abc import Collection

from mianshen.core.grants import Gives
from mianshen.core.process import Process
from mianshen.policy.shapes import Row


def gives_of(row: Row | None) -> Gives | None:
    """The entry as a value; None where the outcome gives nothing."""
    if row is None:
        return None
    return Gives(row["category"], row["with_item"], row["since_step"], row["back_months"], row["months"])


def check_grants(row: Row, process: Process, *, categories: Collection[str]) -> None:
    """Nothing when every identity that is given can be; MianshenError POLICY_DAMAGED at the first that cannot.

    Its category is one of the county's, its first day is that of a step which was decided before, it lasts at least a month, no
    refusal gives it, and no outcome that may come after it does a step anew: an identity is never given and silently taken.
    """
    for step in row["steps"]:
        for outcome in (one for one in step["outcomes"] if one["gives"] is not None):
            _check(outcome, step["code"], process, categories)


def _check(outcome: Row, step_code: str, process: Process, categories: Collection[str]) -> None:
    given = outcome["gives"]
    if given["category"] not in categories:
        given.at("category").refuse(f"没有类别 {given['category']}", f"there is no category {given['category']}")
    if outcome["refuses"] or outcome["again"]:
        outcome.at("gives").refuse("不予办理、退回重办的结论不能给身份", "a refusal or a return gives no identity")
    if given["since_step"] is not None and given["since_step"] not in {one.code for one in process.steps}:
        given.at("since_step").refuse(f"没有环节 {given['since_step']}", f"there is no step {given['since_step']}")
    if given["months"] is not None and given["months"] < 1:
        given.at("months").refuse("身份至少一个月", "an identity lasts at least a month")
    later = process.after(frozenset(outcome["opens"]))
    for code in sorted(later):
        if any(one.again for one in process.step(code).outcomes):
            outcome.at("gives").refuse(f"之后的 {code} 可以退回重办", f"{code}, which may follow, does steps anew")
