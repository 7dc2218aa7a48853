"""What a department may see of its own listed people: columns, bands, and how few may be alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

COLUMNS: Mapping[str, str] = {
    "category": "对象类别",
    "age_band": "年龄段",
    "gend": "性别",
    "town": "镇街",
    "cost_band": "当年总费用档(元)",
    "burden_band": "当年个人负担档(元)",
    "relief_fen": "本部门当年救助(分)",
    "gaps": "缺口",
}
"""Columns that a county may grant, by their Chinese heading; `department_key` always comes first."""
QUASI_IDENTIFIERS = ("age_band", "gend", "town", "cost_band", "burden_band")
"""Columns that another department's extract may show of the same person in the same words."""
KEY, KEY_ZH = "department_key", "本部门人员键"
"""The department's own key of the person."""
HIDDEN = "*"
"""What stands in place of a value that too few share."""


@dataclass(frozen=True, slots=True)
class ExtractRules:
    """What one department sees."""

    department_code: str
    """The department."""
    columns: tuple[str, ...]
    """Those of COLUMNS that it sees, in their order."""
    age_years: int
    """Years of an age band."""
    edges_fen: tuple[int, ...]
    """Where bands of cost and burden begin, ascending; less than the first is nothing."""
    gap_fen: int
    """A burden of at least this much without relief of the department is a gap."""
    fewest_alike: int
    """People who share what identifies together; what fewer share is hidden."""
