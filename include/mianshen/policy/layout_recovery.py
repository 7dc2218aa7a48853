"""What a county's recovery.yaml may hold: what becomes of money that was paid too much."""

from __future__ import annotations

from mianshen.core.late_news import CAUSES
from mianshen.policy.layout_words import sourced
from mianshen.policy.scalars import CODE, TRUTH, WHOLE, YUAN
from mianshen.policy.shapes import Choice, Field, Listed, Record

RECOVERY = Record(
    {
        "recovery": Field(
            sourced(
                process=Field(CODE, "the process of process.yaml whose cases ask for the money"),
                small_difference_yuan=Field(YUAN, "up to this sum nothing is asked for"),
                is_offset_allowed=Field(TRUTH, "whether later awards of the person may be kept for it"),
                forgiven=Field(
                    Listed(Choice(tuple(CAUSES)), may_be_empty=True),
                    "causes for which nothing is asked",
                    is_required=False,
                    default=(),
                ),
                most_instalments=Field(WHOLE, "in how many parts a person may pay back at most"),
            ),
            "what becomes of money that was paid too much",
        )
    }
)
"""recovery.yaml."""
