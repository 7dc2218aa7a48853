"""Amounts as a page writes them: in yuan, or as a multiple or share of a published number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mianshen.core.money import PPM
from mianshen.policy.pages import Spot
from mianshen.policy.scalars import CODE, PERCENT, WHOLE, YUAN
from mianshen.policy.shapes import Field, Record


@dataclass(frozen=True, slots=True)
class Reference:
    """An amount that follows a published number."""

    standard: str
    """Code of the standard."""
    factor_ppm: int
    """What it is multiplied by, parts per million."""
    spot: Spot
    """Where it is written."""


_REFERENCE = Record(
    {
        "times": Field(WHOLE, "so many times the number; either this or `share`", is_required=False),
        "share": Field(PERCENT, "a share of the number", is_required=False),
        "of": Field(CODE, "a standard of policy.yaml"),
    }
)


@dataclass(frozen=True, slots=True)
class Amount:
    """Yuan, or `{times: 24, of: standard}`, or `{share: 10%, of: standard}`."""

    def read(self, spot: Spot) -> int | Reference:
        """Fen, or the reference."""
        if not spot.is_mapping():
            return int(YUAN.read(spot))
        row = _REFERENCE.read(spot)
        if row.has("times") == row.has("share"):
            spot.refuse("times 与 share 须写且只写一个", "write either times or share")
        return Reference(row["of"], row["times"] * PPM if row.has("times") else row["share"], spot)

    def schema(self) -> dict[str, Any]:
        """Either."""
        return {"anyOf": [YUAN.schema(), _REFERENCE.schema()]}


AMOUNT = Amount()
"""Where an amount may follow a published number."""
