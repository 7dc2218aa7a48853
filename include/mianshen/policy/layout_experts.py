"""What a county's experts.yaml may hold: the pool from which experts are drawn for a review."""

from __future__ import annotations

from mianshen.policy.layout_words import sourced
from mianshen.policy.scalars import CODE, WHOLE
from mianshen.policy.shapes import Field, Listed, Record

EXPERTS = Record(
    {
        "draw": Field(sourced(experts=Field(WHOLE, "how many are drawn for one matter")), "how they are drawn"),
        "experts": Field(
            Listed(
                sourced(
                    code=Field(CODE, "login of the expert"),
                    hospital=Field(CODE, "code of the hospital where the expert works"),
                    items=Field(
                        Listed(CODE, may_be_empty=True),
                        "diseases that the expert judges; none is any",
                        is_required=False,
                        default=(),
                    ),
                )
            ),
            "the pool",
        ),
    }
)
"""experts.yaml."""
