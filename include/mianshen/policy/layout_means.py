"""What a county's means.yaml may hold: how a family's income is held against the living standard of the day."""

from __future__ import annotations

from mianshen.policy.layout_words import dated, sourced
from mianshen.policy.scalars import CODE, TEXT, WHOLE, YUAN
from mianshen.policy.shapes import Field, Record

MEANS = Record(
    {
        "means": Field(
            sourced(
                process=Field(CODE, "the process of process.yaml whose cases are tested"),
                applied_at=Field(CODE, "its step of the assisted application"),
                checked_at=Field(CODE, "its step in which another department tells incomes"),
                answered_as=Field(CODE, "the outcome of that step once every member's income is told"),
                decided_at=Field(CODE, "its step that decides"),
                agreed_as=Field(CODE, "the outcome that only a family within the line gets"),
                reason=Field(CODE, "the reason that only a family above the line is refused for"),
                times=Field(WHOLE, "the line is so many times the standard"),
                months=Field(WHOLE, "income is told for so many months before the application"),
                least_borne_yuan=Field(YUAN, "care of at least so much borne makes poor through illness"),
            ),
            "the test",
        ),
        "standard": Field(
            dated(
                yuan=Field(YUAN, "per head and month"),
                text_zh=Field(TEXT, "the sentence that a clerk reads out"),
            ),
            "the living standard by day",
        ),
    }
)
"""means.yaml."""
