"""Where the supervisor's checks and the radar draw their lines, as they hold on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from mianshen.core import leads, radar
from mianshen.policy.dated import in_force
from mianshen.policy.layout_files import SUPERVISION
from mianshen.policy.packs import POLICIES
from mianshen.policy.pages import open_page
from mianshen.policy.shapes import Row

PAGE = "national/supervision.yaml"
RADAR_PAGE = "national/radar.yaml"


def load_supervision(*, on: date, root: Path | None = None) -> Mapping[str, int]:
    """Every line of core.leads.LIMITS as it holds on the day: days, seconds or hours as its name says.

    MianshenError POLICY_DAMAGED with file and line for a line that is missing, unknown, or whose days overlap.
    """
    return _lines(PAGE, leads.LIMITS, on=on, root=root)


def load_radar(*, on: date, root: Path | None = None) -> Mapping[str, int]:
    """Every line of core.radar.LIMITS as it holds on the day: yuan, months or days as its name says; errors as above."""
    return _lines(RADAR_PAGE, radar.LIMITS, on=on, root=root)


def _lines(name: str, known: Sequence[str], *, on: date, root: Path | None) -> Mapping[str, int]:
    page = SUPERVISION.read(open_page((root or POLICIES) / name, shown_as=name))
    by_code: dict[str, list[Row]] = {}
    for row in page["limits"]:
        if row["code"] not in known:
            row.at("code").refuse(f"没有这条判定线 {row['code']}", f"no check goes by {row['code']}")
        by_code.setdefault(row["code"], []).append(row)
    missing = [code for code in known if code not in by_code]
    if missing:
        page.spot.refuse(f"缺少 {missing[0]}", f"{missing[0]} is missing")
    return {code: int(in_force(by_code[code], on=on).row["amount"]) for code in known}
