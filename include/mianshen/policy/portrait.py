"""The rules of the person-month record as they hold on a day: the national page, a county's own entries in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from mianshen.core.portrait import FLAG_LINES, PUBLISHED_LINES, DiseaseGroup, Line, PortraitRules
from mianshen.policy.dated import in_force
from mianshen.policy.layout_portrait import PORTRAIT
from mianshen.policy.packs import POLICIES
from mianshen.policy.pages import open_page
from mianshen.policy.shapes import Row

PAGE = "national/portrait.yaml"
OWN = "portrait.yaml"


def load_portrait(pack: str, *, on: date, root: Path | None = None) -> PortraitRules:
    """Disease groups and lines of a county on the day.

    MianshenError POLICY_DAMAGED with file and line for a flag's line that is missing, a published line on the national page,
    a beginning that two groups hold, or days that overlap.
    """
    folder = root or POLICIES
    page = PORTRAIT.read(open_page(folder / PAGE, shown_as=PAGE))
    groups = {one["code"]: one for one in page["groups"]}
    lines = _by_code(page["lines"])
    missing = [code for code in FLAG_LINES if code not in lines]
    if missing:
        page.spot.refuse(f"缺少 {missing[0]}", f"{missing[0]} is missing")
    for code in PUBLISHED_LINES:
        if code in lines:
            lines[code][0].at("code").refuse(f"{code} 只能写在县区自己的页上", f"only a county's own page can state {code}")
    if (folder / pack / OWN).is_file():
        own = PORTRAIT.read(open_page(folder / pack / OWN, shown_as=f"{pack}/{OWN}"))
        groups |= {one["code"]: one for one in own["groups"]}
        lines |= _by_code(own["lines"])
    return PortraitRules(
        groups=tuple(_groups(groups.values(), on)),
        lines={one.code: one for one in _lines(lines.values(), on)},
    )


def _by_code(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["code"], []).append(row)
    return found


def _groups(rows: Iterable[Row], on: date) -> Iterator[DiseaseGroup]:
    holder: dict[str, str] = {}
    for row in rows:
        value = in_force(row["values"], on=on).row
        for prefix in value["prefixes"]:
            other = holder.setdefault(prefix, row["code"])
            if other != row["code"]:
                value.at("prefixes").refuse(f"{prefix} 已在 {other} 中", f"{other} holds {prefix} as well")
        yield DiseaseGroup(row["code"], row["name_zh"], row["name_en"], tuple(value["prefixes"]), value["status"])


def _lines(entries: Iterable[Sequence[Row]], on: date) -> Iterator[Line]:
    for rows in entries:
        row = in_force(rows, on=on).row
        yield Line(row["code"], row["amount"], row["source"], row["article"], row["status"])
