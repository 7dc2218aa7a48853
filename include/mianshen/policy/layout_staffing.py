"""What a county's staffing.yaml may hold: how many full-time staff a service point needs by the people it serves."""

from __future__ import annotations

from mianshen.core.staffing import Boundary
from mianshen.policy.layout_words import sourced
from mianshen.policy.scalars import CODE, WHOLE
from mianshen.policy.shapes import Choice, Field, Listed, Maybe, Record

STAFFING = Record(
    {
        "staffing": Field(
            sourced(
                department=Field(CODE, "department of process.yaml whose steps the staff of the points decide"),
                at_the_bound=Field(
                    Choice(tuple(one.value for one in Boundary)),
                    "what is asked exactly at a bound: as above it, or as below it",
                    is_required=False,
                    default=Boundary.STRICTER.value,
                ),
                rules=Field(
                    Listed(
                        Record(
                            {
                                "up_to_people": Field(Maybe(WHOLE), "the bound; null is open, and last"),
                                "staff": Field(WHOLE, "full-time staff at least"),
                            }
                        )
                    ),
                    "smallest bound first",
                ),
            ),
            "the rule",
        )
    }
)
"""staffing.yaml."""
