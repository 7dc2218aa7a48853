"""What a county's grids.yaml may hold: which villages of a town make a grid."""

from __future__ import annotations

from mianshen.policy.layout_words import NAMES, sourced
from mianshen.policy.scalars import CODE, TEXT
from mianshen.policy.shapes import Field, Listed, Record

GRIDS = Record(
    {
        "grids": Field(
            Listed(
                sourced(
                    code=Field(CODE, "short Latin code"),
                    town=Field(TEXT, "town of policy.yaml"),
                    villages=Field(Listed(TEXT), "villages and communities as lists write them; each in one grid of its town"),
                    **NAMES,
                )
            ),
            "the grids of the county",
        )
    }
)
"""grids.yaml."""
