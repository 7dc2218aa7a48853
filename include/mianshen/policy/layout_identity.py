"""What policy.yaml may say of identities and of the base beyond its terms."""

from __future__ import annotations

from mianshen.core.identity import MonthArithmetic, Tested
from mianshen.core.rates import RoundingMode
from mianshen.policy.layout_benefits import CONDITION
from mianshen.policy.layout_words import dated, sourced
from mianshen.policy.scalars import CODE, PERCENT, TEXT, TRUTH, WHOLE
from mianshen.policy.shapes import Choice, Field, Listed, Maybe, Record

IDENTITIES = Listed(
    sourced(
        categories=Field(Listed(CODE), "categories whose listed days count like this"),
        tested_on=Field(
            Listed(Choice(tuple(one.value for one in Tested))),
            "days of a claim on which it is tested; one is enough; all three when left out",
            is_required=False,
            default=tuple(one.value for one in Tested),
        ),
        by=Field(Choice(("day", "month")), "whether a month counts whole", is_required=False, default="day"),
        ends_after_months=Field(
            Maybe(WHOLE), "0: with the month of the last day; n: n months later; null as listed", is_required=False
        ),
        reaches_back_months=Field(Maybe(WHOLE), "months before the application from which it counts", is_required=False),
        month_arithmetic=Field(
            Choice(tuple(one.value for one in MonthArithmetic)),
            "a day that the month does not have: its last day, or on into the next month",
            is_required=False,
            default=MonthArithmetic.CLAMP.value,
        ),
        yearly=Field(TRUTH, "whether it ends with the calendar year in which it began", is_required=False, default=False),
        hukou=Field(Choice(("any", "county")), "where the person must be registered", is_required=False, default="any"),
        hukou_unknown=Field(
            Choice(("counts", "refused")), "a registration that was not delivered", is_required=False, default="counts"
        ),
        text_zh=Field(TEXT, "the sentence that a clerk reads out"),
    )
)
"""How listed days of a category count."""

UPGRADES = Listed(
    sourced(
        category=Field(CODE, "who holds this"),
        mark=Field(CODE, "and this"),
        also=Field(CODE, "also holds this"),
        text_zh=Field(TEXT, "the sentence that a clerk reads out"),
    )
)
"""Categories that follow from others, in order."""

BASE_SCALES = Listed(
    Record(
        {
            "values": Field(
                dated(
                    when=Field(CONDITION, "for which claims"),
                    ratio=Field(PERCENT, "share of the base that counts"),
                    text_zh=Field(TEXT, "the sentence that a clerk reads out"),
                ),
                "dated",
            )
        }
    )
)
"""Shares of the base; the first that fits counts."""

BASE_ROUNDING = dated(value=Field(Choice(tuple(one.value for one in RoundingMode)), "which way, to the fen"))
"""How a scaled base becomes whole."""
