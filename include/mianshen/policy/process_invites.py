"""Processes by which people are invited: that they ask the person, and that who says yes has the matter opened."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from mianshen.core.matching import Inviting
from mianshen.policy.shapes import Row


def inviting_of(row: Row | None) -> Inviting | None:
    """The entry as a value; None where nobody is invited."""
    return None if row is None else Inviting(row["confirmation"], row["process"])


def check_invites(processes: Sequence[Row], *, confirmations: Collection[str]) -> None:
    """Nothing when every invitation asks somebody and leads somewhere; MianshenError POLICY_DAMAGED.

    The first steps ask the person, the law and the process are there, and one end is followed by that process.
    """
    codes = {one["code"] for one in processes}
    for process in (one for one in processes if one["invites"] is not None):
        asked = process["invites"]
        if asked["confirmation"] not in confirmations:
            asked.at("confirmation").refuse(
                f"eligibility.yaml 中没有 {asked['confirmation']}", f"eligibility.yaml has no {asked['confirmation']}"
            )
        if asked["process"] not in codes:
            asked.at("process").refuse(f"没有流程 {asked['process']}", f"there is no process {asked['process']}")
        asking = {one["code"] for one in process["steps"] if one["asks"]}
        if not set(process["starts"]) <= asking:
            process.at("starts").refuse("邀请须先问本人(asks: true)", "who is invited is asked first")
        if asked["process"] not in {one["followed_by"] for one in process["ends"]}:
            process.at("ends").refuse(f"没有一种办结接着办 {asked['process']}", f"no end is followed by {asked['process']}")
