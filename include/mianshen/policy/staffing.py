"""The staffing rule from a county's staffing.yaml."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mianshen.core.staffing import Boundary, StaffRule, StaffRules
from mianshen.policy.shapes import Row


def staffing_of(row: Row, *, documents: Mapping[str, Row], departments: Collection[str]) -> StaffRules:
    """The rule; POLICY_DAMAGED for an unknown document or department, bounds that do not rise, a last line not open."""
    if row["source"] not in documents:
        row.at("source").refuse(f"documents 中没有 {row['source']}", f"documents has no {row['source']}")
    bounds = [one["up_to_people"] for one in row["rules"]]
    if bounds[-1] is not None or None in bounds[:-1] or bounds[:-1] != sorted(set(bounds[:-1])):
        row.at("rules").refuse("人数界限应由小到大，最后一条为 null", "bounds rise, and the last line is open")
    rules = tuple(StaffRule(one["up_to_people"], one["staff"]) for one in row["rules"])
    title = documents[row["source"]]["title_zh"]
    if row["department"] not in departments:
        row.at("department").refuse(f"未登记的部门 {row['department']}", f"department {row['department']} is not registered")
    return StaffRules(rules, Boundary(row["at_the_bound"]), f"{title} {row['article']}", row["department"])
