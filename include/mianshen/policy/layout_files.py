"""What the pages about files and days may hold: feed contracts, working days, reviews."""

from __future__ import annotations

from mianshen.core.clocks import Counting
from mianshen.core.contract import Feed, Kind
from mianshen.core.reviews import Opening, ReviewAction, ReviewCode, Timed
from mianshen.policy.layout_words import SOURCE, STATUS, dated, sourced
from mianshen.policy.scalars import CLOCK, CODE, DAY, TEXT, TRUTH, WHOLE
from mianshen.policy.shapes import Choice, Field, Keyed, Listed, Record

_COLUMN = Record(
    {
        "name": Field(CODE, "canonical name"),
        "kind": Field(Choice(tuple(one.value for one in Kind)), "how its text is read"),
        "headers": Field(Listed(TEXT), "headings that mean it"),
        "is_required": Field(TRUTH, "whether the header must have it", is_required=False, default=True),
        "may_be_empty": Field(TRUTH, "whether a cell may be empty", is_required=False, default=False),
        "codes": Field(Listed(CODE), "known codes; others are kept and flagged", is_required=False, default=()),
        "renames": Field(Keyed(CODE), "old code to the code in force", is_required=False),
    }
)
_SUM_RULE = Record(
    {
        "reason_code": Field(CODE, "what a breach is called"),
        "total": Field(CODE, "the money column that holds the sum"),
        "parts": Field(Listed(CODE), "the money columns that add up to it"),
        "tolerance_fen": Field(WHOLE, "difference that is flagged instead of quarantined"),
    }
)
_SNAPSHOT = Record(
    {
        "largest_drop": Field(WHOLE, "per cent of its rows that a list may lose"),
        "largest_rise": Field(WHOLE, "per cent of its rows that a list may gain"),
        "fewest_rows": Field(WHOLE, "shorter lists are not judged by their share"),
    }
)
_BAD_ROWS = Record(
    {
        "largest_share": Field(WHOLE, "per cent of its records that may be set aside"),
        "fewest_rows": Field(WHOLE, "fewer bad rows never hold a list"),
    }
)
_CONTRACT: dict[str, Field] = {
    "feed": Field(Choice(tuple(one.value for one in Feed)), "kind of delivery"),
    "list_code": Field(CODE, "code of the list"),
    "department": Field(CODE, "who delivers it"),
    "name_zh": Field(TEXT, "what the department calls it"),
    "file_patterns": Field(Listed(TEXT), "patterns of file names with a group `period`; {county} is the county's codes"),
    "period_grain": Field(Choice(("month", "day")), "how a partition is keyed"),
    "columns": Field(Listed(_COLUMN), "in the order of the paper form"),
    "key": Field(Listed(CODE), "columns that make a row unique within a file"),
    "category_code": Field(CODE, "category of every row", is_required=False),
    "category_column": Field(CODE, "column whose text decides the category", is_required=False),
    "category_words": Field(Keyed(CODE), "written category to category code", is_required=False),
    "category_synonyms": Field(Keyed(TEXT), "other word to a word of category_words", is_required=False),
    "sum_rules": Field(Listed(_SUM_RULE), "accounting identities", is_required=False, default=()),
    "snapshot": Field(_SNAPSHOT, "how much a complete list may change at once", is_required=False),
    "bad_rows": Field(_BAD_ROWS, "when its bad rows hold a complete list whole", is_required=False),
    "whole_insured_for": Field(
        TEXT,
        "what for, when settlements of everybody insured are sent: only listed people and those over the radar's line are kept",
        is_required=False,
    ),
    "sender_zh": Field(TEXT, "who sends it, when that is no department of the pack", is_required=False),
    "by_hand": Field(
        TRUTH, "whether its rows are claimed at a window and wait for the case they belong to", is_required=False, default=False
    ),
    "reversal_suffix": Field(TEXT, "end of the key of a row that takes another back", is_required=False),
}
_OPTIONAL = {name: Field(field.shape, field.note, is_required=False, default=field.default) for name, field in _CONTRACT.items()}
CONTRACT = Record(
    {"extends": Field(CODE, "national page whose keys hold where this page is silent", is_required=False), **_OPTIONAL, **SOURCE}
)
"""feeds/*.yaml; a contract that extends nothing must be complete."""

CONTRACT_REQUIRED = tuple(name for name, field in _CONTRACT.items() if field.is_required)
"""Keys that a contract must have, its own or the national page's."""

WORKDAYS = Record(
    {
        "year": Field(WHOLE, "the calendar year"),
        "notice_zh": Field(TEXT, "the State Council notice that the days come from"),
        "status": Field(STATUS, "how sure the product is of the days"),
        "note": Field(TEXT, "a remark for readers", is_required=False),
        "days_off": Field(Listed(DAY, may_be_empty=True), "Mondays to Fridays on which people rest"),
        "days_worked": Field(Listed(DAY, may_be_empty=True), "Saturdays and Sundays on which people work"),
    }
)
"""national/workdays/<year>.yaml."""

LOOKING_LIMIT = sourced(
    code=Field(CODE, "quoted in clocks and reports"),
    name_zh=Field(TEXT, "what supervisors read"),
    name_en=Field(TEXT, "the same in English"),
    amount=Field(WHOLE, "how many days, at least 1"),
    counting=Field(Choice(tuple(one.value for one in Counting)), "working or calendar days"),
    warn_days=Field(Listed(WHOLE, may_be_empty=True), "days ahead of the due day on which holders are warned"),
    day_ends_at=Field(CLOCK, "end of the office day"),
)
"""How long a look at something may take, as a national page writes it."""
_REVIEW = sourced(
    code=Field(Choice(tuple(one.value for one in ReviewCode)), "why a person looks"),
    action=Field(Choice(tuple(one.value for one in ReviewAction)), "whether the claim waits"),
    department=Field(CODE, "who decides; left out is the sender of the settlements", is_required=False),
    limit=Field(CODE, "the time limit of the decision, one of `limits`", is_required=False),
    med_types=Field(Listed(CODE, may_be_empty=True), "kinds of care that it concerns", is_required=False, default=()),
    dise_codes=Field(Listed(CODE, may_be_empty=True), "prefixes of diagnoses that it concerns", is_required=False, default=()),
    days=Field(WHOLE, "the rule's own number of days", is_required=False),
    before_go_live=Field(
        Choice(tuple(one.value for one in Opening)),
        "what the claim does in opening balances",
        is_required=False,
        default=Opening.COUNT.value,
    ),
    clock_per=Field(
        Choice(tuple(one.value for one in Timed)),
        "a clock a claim, or one a delivery",
        is_required=False,
        default=Timed.CLAIM.value,
    ),
)
REVIEWS = Record(
    {
        "limits": Field(Listed(LOOKING_LIMIT), "how long decisions may take"),
        "reviews": Field(Listed(_REVIEW), "which claims a person looks at, the weightiest first"),
        "resettlement": Field(
            sourced(days=Field(WHOLE, "days from a refund to a new settlement of the stay")), "what is one event"
        ),
    }
)
"""national/reviews.yaml, and a county's own reviews.yaml over it."""

SUPERVISION = Record(
    {
        "limits": Field(
            dated(
                code=Field(CODE, "which line, such as grace_days"),
                amount=Field(WHOLE, "days, seconds, an hour, yuan or months, as the code says"),
            ),
            "where the checks draw their lines",
        )
    }
)
"""national/supervision.yaml; entries of one code follow each other by their days."""
RADAR = SUPERVISION
"""national/radar.yaml, likewise."""
