"""A county's rules for the check of a family's means, from its means.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mianshen.core.means import MeansRules, Standard
from mianshen.core.process import Process
from mianshen.policy.dated import check_dates
from mianshen.policy.shapes import Row


def means_of(row: Row | None, *, processes: Sequence[Process], titles: Mapping[str, str]) -> MeansRules | None:
    """The rules; None for a county that says nothing.

    POLICY_DAMAGED when its process, steps or outcomes are not there, the reason is none of a refusal, or a source is unknown.
    """
    if row is None:
        return None
    said, standard = row["means"], row["standard"]
    check_dates(standard)
    for one in (said, *standard):
        if one["source"] not in titles:
            one.at("source").refuse(f"documents 中没有 {one['source']}", f"documents has no {one['source']}")
    _check_course(said, {one.code: one for one in processes})
    for name in ("times", "months"):
        if said[name] < 1:
            said.at(name).refuse("至少为 1", "at least 1")
    return MeansRules(
        process_code=said["process"],
        applied_at=said["applied_at"],
        checked_at=said["checked_at"],
        answered_as=said["answered_as"],
        decided_at=said["decided_at"],
        agreed_as=said["agreed_as"],
        reason_code=said["reason"],
        times=said["times"],
        months=said["months"],
        least_borne_fen=said["least_borne_yuan"],
        standards=tuple(
            Standard(one["since"], one["yuan"], f"{titles[one['source']]} {one['article']}", one["status"]) for one in standard
        ),
        article=f"{titles[said['source']]} {said['article']}",
        status=said["status"],
    )


def _check_course(said: Row, known: Mapping[str, Process]) -> None:
    process = known.get(said["process"])
    if process is None:
        said.at("process").refuse(f"process.yaml 中没有 {said['process']}", f"process.yaml has no {said['process']}")
    steps = {one.code: one for one in process.steps}
    for name in ("applied_at", "checked_at", "decided_at"):
        if said[name] not in steps:
            said.at(name).refuse(f"没有环节 {said[name]}", f"there is no step {said[name]}")
    for step, name in (("checked_at", "answered_as"), ("decided_at", "agreed_as")):
        if steps[said[step]].outcome(said[name]) is None:
            said.at(name).refuse(f"没有结论 {said[name]}", f"there is no outcome {said[name]}")
    reasons = {code for one in steps[said["decided_at"]].outcomes if one.refuses for code in one.reasons}
    if said["reason"] not in reasons:
        said.at("reason").refuse(f"不予认定的理由中没有 {said['reason']}", f"no refusal gives {said['reason']}")
