"""Where the supervisor's checks draw their lines, as they hold on a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from mianshen.core.leads import LIMITS
from mianshen.policy.dated import in_force
from mianshen.policy.layout_files import SUPERVISION
from mianshen.policy.packs import POLICIES
from mianshen.policy.pages import open_page
from mianshen.policy.shapes import Row

PAGE = "national/supervision.yaml"


def load_supervision(*, on: date, root: Path | None = None) -> Mapping[str, int]:
    """Every line of core.leads.LIMITS as it holds on the day: days, seconds or hours as its name says.

    MianshenError POLICY_DAMAGED with file and line for a line that is missing, unknown, or whose days overlap.
    """
    page = SUPERVISION.read(open_page((root or POLICIES) / PAGE, shown_as=PAGE))
    by_code: dict[str, list[Row]] = {}
    for row in page["limits"]:
        if row["code"] not in LIMITS:
            row.at("code").refuse(f"没有这条判定线 {row['code']}", f"no check goes by {row['code']}")
        by_code.setdefault(row["code"], []).append(row)
    missing = [code for code in LIMITS if code not in by_code]
    if missing:
        page.spot.refuse(f"缺少 {missing[0]}", f"{missing[0]} is missing")
    return {code: int(in_force(by_code[code], on=on).row["amount"]) for code in LIMITS}
