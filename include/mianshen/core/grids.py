"""网格: which villages of a town one grid worker goes to; of a person the grid is kept, never the village."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grid:
    """A few villages of a town, served by one grid worker."""

    code: str
    """Short Latin code."""
    name_zh: str
    """What the town calls it."""
    name_en: str
    """The same in English."""
    town: str
    """The town, as the county spells it."""
    villages: tuple[str, ...]
    """Villages and communities as lists write them."""


def grid_named(grids: Iterable[Grid], code: str | None) -> Grid | None:
    """The grid with this code; None for none, and for one that the county no longer has."""
    return next((one for one in grids if one.code == code), None)
