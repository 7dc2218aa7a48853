"""A county's rules for money that was paid too much, from its recovery.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mianshen.core.forms import FormCode
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
    if not _says_until_when(process):
        row.at("process").refuse("追回通知书之后没有限期退回的环节", "no step with a limit follows the letter")
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


def _says_until_when(process: Process) -> bool:
    """Whether the first step after each letter has a limit: the letter says within how many days money is given back."""
    limits = {step.code: step.limit_code for step in process.steps}
    letters = [step for step in process.steps if FormCode.RECOVERY in step.forms]
    opened = [outcome.opens[0] for step in letters for outcome in step.outcomes if outcome.opens]
    return bool(opened) and all(limits[code] for code in opened)
