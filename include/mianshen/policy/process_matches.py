"""What lists and rules decide by themselves, and the lists of people of a process: that each says all it must."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from mianshen.core.matching import OF_LISTS, OF_RULES
from mianshen.core.process import Decider
from mianshen.policy.shapes import Row

_WHENS = {Decider.LIST: OF_LISTS, Decider.RULE: OF_RULES}


def check_matches(
    processes: Sequence[Row], *, confirmations: Collection[str], lists: Collection[str], departments: Collection[str]
) -> None:
    """Nothing when every step that decides by itself knows what to do in each situation; MianshenError POLICY_DAMAGED.

    `confirmations` are those of eligibility.yaml, `lists` the codes of the county's contracts.
    """
    for process in processes:
        if process["confirmation"] is not None and process["confirmation"] not in confirmations:
            _unknown(process, "confirmation", "eligibility.yaml")
        for step in process["steps"]:
            _check_whens(process, step)
            _check_match(processes, process, step, confirmations)
            _check_lists(step, lists)
            if process["free"] and step["fee_yuan"]:
                step.at("fee_yuan").refuse("本流程写明不收费,环节不得收费", "the process is free: no step asks a fee")
        _check_ends(processes, process)
        for channel in process["channels"]:
            if channel["list"] not in lists:
                _unknown(channel, "list", "feeds/")
        for roll in process["rolls"]:
            _check_roll(process, roll, departments)


def _check_lists(step: Row, lists: Collection[str]) -> None:
    for paper in step["papers"]:
        if paper["list"] is not None and paper["list"] not in lists:
            _unknown(paper, "list", "feeds/")


def _check_ends(processes: Sequence[Row], process: Row) -> None:
    for end in process["ends"]:
        if end["followed_by"] is not None and end["followed_by"] not in _personal(processes):
            _unknown(end, "followed_by", "processes")


def _check_whens(process: Row, step: Row) -> None:
    said = [one["when"] for one in step["outcomes"] if one["when"] is not None]
    if not said:
        return
    wanted = _WHENS.get(Decider(step["decided_by"]), frozenset())
    if set(said) != set(wanted) or len(said) != len(wanted):
        step.at("outcomes").refuse(
            f"由名单或规则办结的环节,when 须写全且各一次:{', '.join(sorted(wanted)) or '—'}",
            f"every situation is said once: {', '.join(sorted(wanted)) or 'nobody decides this by itself'}",
        )
    if process["confirmation"] is None:
        step.at("outcomes").refuse("写了 when 的流程须写 confirmation", "a process that decides by itself names its confirmation")


def _check_match(processes: Sequence[Row], process: Row, step: Row, confirmations: Collection[str]) -> None:
    found = step["matches"]
    if found is None:
        return
    if step["decided_by"] != Decider.RULE or process["concerns"] != "county":
        step.at("matches").refuse("比对是全县流程中由规则办结的环节", "a match is a step of the county's own, decided by rule")
    if found["confirmation"] not in confirmations:
        _unknown(found, "confirmation", "eligibility.yaml")
    for key in ("fit", "left"):
        if found[key] not in _personal(processes):
            _unknown(found, key, "processes")
    if found["outcome"] not in {one["code"] for one in step["outcomes"]}:
        _unknown(found, "outcome", "outcomes")


def _personal(processes: Sequence[Row]) -> set[str]:
    """Processes of one person's matter."""
    return {one["code"] for one in processes if one["concerns"] is None and one["items_of"] is None}


def _check_roll(process: Row, roll: Row, departments: Collection[str]) -> None:
    steps = {one["code"]: {two["code"] for two in one["outcomes"]} for one in process["steps"]}
    for row in roll["after"]:
        if row["outcome"] not in steps.get(row["step"], ()):
            _unknown(row, "outcome", "steps")
    if roll["for"] not in departments:
        _unknown(roll, "for", "departments.yaml")


def _unknown(row: Row, key: str, where: str) -> None:
    row.at(key).refuse(f"{where} 中没有 {row[key]}", f"{where} has no {row[key]}")
