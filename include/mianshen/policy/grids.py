"""The grids from a county's grids.yaml."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mianshen.core.grids import Grid
from mianshen.policy.binder import Binder
from mianshen.policy.layout_grids import GRIDS
from mianshen.policy.shapes import Row

PAGE = "grids.yaml"
"""Name of the page."""


def grids_of(binder: Binder, *, documents: Mapping[str, Row], towns: Collection[str]) -> tuple[Grid, ...]:
    """The county's grids in the page's order; none without the page.

    MianshenError POLICY_DAMAGED for an unknown document or town, a code that stands twice, a village in two grids of a town.
    """
    if not binder.has(PAGE):
        return ()
    found: dict[str, Grid] = {}
    placed: set[tuple[str, str]] = set()
    for row in binder.read(GRIDS, PAGE)["grids"]:
        _check(row, documents=documents, towns=towns)
        if row["code"] in found:
            row.at("code").refuse(f"网格 {row['code']} 写了两次", f"grid {row['code']} stands twice")
        for village in row["villages"]:
            if (row["town"], village) in placed:
                row.at("villages").refuse(
                    f"{row['town']}的{village}已属于另一网格", f"{village} is in another grid of {row['town']}"
                )
            placed.add((row["town"], village))
        found[row["code"]] = Grid(row["code"], row["name_zh"], row["name_en"], row["town"], tuple(row["villages"]))
    return tuple(found.values())


def _check(row: Row, *, documents: Mapping[str, Row], towns: Collection[str]) -> None:
    if row["source"] not in documents:
        row.at("source").refuse(f"documents 中没有 {row['source']}", f"documents has no {row['source']}")
    if row["town"] not in towns:
        row.at("town").refuse(f"towns 中没有 {row['town']}", f"towns has no {row['town']}")
