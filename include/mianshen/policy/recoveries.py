"""A county's rules for money that was paid too much, from its recovery.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mianshen.core.process import Process
from mianshen.core.recoveries import RecoveryRules
from mianshen.policy.shapes import Row

SETTLED = "settled"
"""The outcome, of each step that waits for the person's money, that ends a case once nothing is open of its sum."""


def recovery_of(row: Row | None, *, processes: Sequence[Process], titles: Mapping[str, str]) -> RecoveryRules | None:
    """The rules; None for a county that says nothing. POLICY_DAMAGED when its process is not there or cannot be settled."""
    if row is None:
        return None
    known = {one.code: one for one in processes}
    process = known.get(row["process"])
    if process is None:
        row.at("process").refuse(f"process.yaml 中没有 {row['process']}", f"process.yaml has no {row['process']}")
    if not any(outcome.code == SETTLED and outcome.ends for step in process.steps for outcome in step.outcomes):
        row.at("process").refuse(f"流程没有办结的结论 {SETTLED}", f"no outcome `{SETTLED}` ends the process")
    if row["most_instalments"] < 1:
        row.at("most_instalments").refuse("至少 1 期", "at least 1 part")
    return RecoveryRules(
        process_code=row["process"],
        small_difference_fen=row["small_difference_yuan"],
        is_offset_allowed=row["is_offset_allowed"],
        forgiven_causes=tuple(row["forgiven"]),
        most_instalments=row["most_instalments"],
        article=f"{titles[row['source']]} {row['article']}",
        status=row["status"],
    )
