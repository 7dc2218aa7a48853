"""What each department may see of its own listed people, from the county's extracts.yaml."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise
from pathlib import Path

from mianshen.core.extract import COLUMNS, ExtractRules
from mianshen.policy.layout_extracts import EXTRACTS
from mianshen.policy.packs import POLICIES
from mianshen.policy.pages import open_page
from mianshen.policy.shapes import Row


def load_extracts(pack: str, *, departments: Collection[str], root: Path | None = None) -> Mapping[str, ExtractRules]:
    """Each department's rules by its code; empty where the county writes no page.

    `departments` are those that its pack knows. MianshenError POLICY_DAMAGED with file and line for the first fault.
    """
    shown = f"{pack}/extracts.yaml"
    path = (root or POLICIES) / shown
    if not path.is_file():
        return {}
    page = EXTRACTS.read(open_page(path, shown_as=shown))
    found: dict[str, ExtractRules] = {}
    for row in page["extracts"]:
        code = row["department"]
        if code not in departments or code in found:
            row.at("department").refuse(f"部门 {code} 未登记或写了两次", f"department {code} is not registered, or stands twice")
        found[code] = _rules(row, page["bands"])
    return found


def _rules(row: Row, bands: Row) -> ExtractRules:
    edges = tuple(int(one) for one in bands["edges_yuan"])
    if any(later <= earlier for earlier, later in pairwise((0, *edges))):
        bands.at("edges_yuan").refuse("分档起点须从小到大", "the edges must ascend")
    if bands["age_years"] < 5 or bands["fewest_alike"] < 2:
        bands.spot.refuse("年龄段至少 5 岁,相同者至少 2 人", "an age band has at least 5 years, and at least 2 people are alike")
    return ExtractRules(
        department_code=row["department"],
        columns=tuple(one for one in COLUMNS if one in row["columns"]),
        age_years=bands["age_years"],
        edges_fen=edges,
        gap_fen=bands["gap_yuan"],
        fewest_alike=bands["fewest_alike"],
    )
