"""The rules of a release as they hold on a day: the national page, and over it a county's own, which may only be stricter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

from mianshen.core.release import FEWEST_PEOPLE, LARGEST_SUPPRESSED, LIMITS, QUASI_IDENTIFIERS, SENSITIVE, ReleaseRules
from mianshen.policy.dated import in_force
from mianshen.policy.layout_release import COUNTY_RELEASE, RELEASE
from mianshen.policy.packs import POLICIES
from mianshen.policy.pages import open_page
from mianshen.policy.shapes import Row

PAGE = "national/release.yaml"
COUNTY_PAGE = "release.yaml"


def load_release(pack: str, *, on: date, towns: Sequence[str], root: Path | None = None) -> ReleaseRules:
    """The county's rules on the day; `towns` are those that its pack knows.

    MianshenError POLICY_DAMAGED with file and line for a value that is missing, unknown, or laxer than the national one.
    """
    folder = root or POLICIES
    page = RELEASE.read(open_page(folder / PAGE, shown_as=PAGE))
    own = _county_page(folder, pack)
    limits = _limits(page["limits"], on=on)
    missing = [code for code in LIMITS if code not in limits] + [one for one in SENSITIVE if one not in _diversity(page)]
    missing += [one for one in QUASI_IDENTIFIERS if one not in {row["column"] for row in page["quasi_identifiers"]}]
    if missing:
        page.spot.refuse(f"缺少 {missing[0]}", f"{missing[0]} is missing")
    used = [*page["limits"], *page["quasi_identifiers"], *page["sensitive"], page["relief_bands"]]
    used += [] if own is None else [*own["limits"], *own["sensitive"], *own["town_groups"]]
    return ReleaseRules(
        k=_stricter_k(own, limits[FEWEST_PEOPLE], on=on),
        suppressed_ppm=limits[LARGEST_SUPPRESSED],
        levels=_levels(page["quasi_identifiers"], has_groups=own is not None and bool(own["town_groups"])),
        diversity=_stricter_diversity(own, _diversity(page)),
        band_edges_fen=_edges(page["relief_bands"]),
        town_groups={} if own is None else _town_groups(own["town_groups"], towns),
        statuses=tuple(sorted({row["status"] for row in used})),
    )


def _county_page(folder: Path, pack: str) -> Row | None:
    shown = f"{pack}/{COUNTY_PAGE}"
    return COUNTY_RELEASE.read(open_page(folder / shown, shown_as=shown)) if (folder / shown).is_file() else None


def _limits(rows: Sequence[Row], *, on: date) -> dict[str, int]:
    codes = {row["code"] for row in rows}
    return {code: int(in_force([row for row in rows if row["code"] == code], on=on).row["amount"]) for code in codes}


def _diversity(page: Row) -> dict[str, int]:
    return {row["column"]: int(row["values"]) for row in page["sensitive"]}


def _stricter_k(own: Row | None, national: int, *, on: date) -> int:
    rows = [] if own is None else own["limits"]
    for row in rows:
        if row["code"] != FEWEST_PEOPLE:
            row.at("code").refuse("县区只能加严 k", "a county may raise k alone")
        if row["amount"] < national:
            row.at("amount").refuse(f"不得宽于全国的 {national}", f"laxer than the national {national}")
    return _limits(rows, on=on).get(FEWEST_PEOPLE, national)


def _stricter_diversity(own: Row | None, national: Mapping[str, int]) -> dict[str, int]:
    for row in [] if own is None else own["sensitive"]:
        if row["values"] < national[row["column"]]:
            row.at("values").refuse(
                f"不得宽于全国的 {national[row['column']]}", f"laxer than the national {national[row['column']]}"
            )
    return {**national, **({} if own is None else _diversity(own))}


def _levels(rows: Sequence[Row], *, has_groups: bool) -> dict[str, tuple[str, ...]]:
    found = {}
    for row in rows:
        known = QUASI_IDENTIFIERS[row["column"]]
        stray = [level for level in row["levels"] if level not in known]
        if stray:
            row.at("levels").refuse(f"{row['column']} 没有细度 {stray[0]}", f"{row['column']} knows no level {stray[0]}")
        found[row["column"]] = tuple(level for level in known if level in row["levels"] and (has_groups or level != "group"))
    return found


def _edges(row: Row) -> tuple[int, ...]:
    edges = tuple(int(one) for one in row["edges_yuan"])
    if any(later <= earlier for earlier, later in pairwise((0, *edges))):
        row.at("edges_yuan").refuse("分档起点须从小到大", "the edges must ascend")
    return edges


def _town_groups(rows: Sequence[Row], towns: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        for town in row["towns"]:
            if town not in towns or town in found:
                row.at("towns").refuse(
                    f"{town} 不是本县镇街或已在别组", f"{town} is no town of the pack, or stands in two groups"
                )
            found[town] = row["name_zh"]
    return found
