"""What the summary says of how long relief took to be paid, from each of the three days from which it may be counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mianshen.documents.columns import in_columns

_STARTS = {
    "discharge": "从出院结算 from discharge",
    "arrival": "从数据到达 from arrival",
    "trigger": "从触发申请 from trigger",
}
_HEADING = (
    "起点 from",
    "部门 department",
    "已付 paid",
    "超时 late",
    "中位 median",
    "最长 most",
    "未付 unpaid",
    "已超时 late",
    "未量 unknown",
)
_COLUMNS = ("paid", "paid_late", "median_workdays", "most_workdays", "waiting", "waiting_late", "not_measured")


def award_day_lines(rows: Sequence[Mapping[str, Any]], *, limit: int | None, departments: Mapping[str, str]) -> list[str]:
    """The lines of out.award_days_summary, a department under each start; empty while nothing was agreed."""
    if not rows:
        return []
    shown = [
        (
            _STARTS[one["start_code"]],
            departments.get(one["department_code"], one["department_code"]),
            *("—" if one[name] is None else str(one[name]) for name in _COLUMNS),
        )
        for one in sorted(rows, key=lambda one: (list(_STARTS).index(one["start_code"]), one["department_code"]))
    ]
    said = f",时限 {limit} limit {limit}" if limit is not None else ""
    return [
        f"  到账用时(工作日{said}) Working days until paid",
        *(f"    {line}" for line in in_columns([_HEADING, *shown], right=range(2, len(_HEADING)))),
    ]
