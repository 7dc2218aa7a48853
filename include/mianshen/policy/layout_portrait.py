"""What the pages about the person-month record may hold: disease groups, lines of flags, published lines."""

from __future__ import annotations

from mianshen.core.portrait import FLAG_LINES, PUBLISHED_LINES
from mianshen.policy.layout_words import NAMES, dated
from mianshen.policy.scalars import CODE, WHOLE
from mianshen.policy.shapes import Choice, Field, Listed, Record

_GROUP = Record(
    {
        "code": Field(CODE, "short upper-case name"),
        **NAMES,
        "values": Field(
            dated(prefixes=Field(Listed(CODE), "beginnings of diagnosis codes; the longest that fits counts")), "by their days"
        ),
    }
)
PORTRAIT = Record(
    {
        "groups": Field(Listed(_GROUP, may_be_empty=True), "groups of diagnoses", is_required=False, default=()),
        "lines": Field(
            dated(
                code=Field(Choice((*FLAG_LINES, *PUBLISHED_LINES)), "which line"),
                amount=Field(WHOLE, "yuan, days or visits, as the code says"),
            ),
            "where flags draw their lines, and published lines",
            is_required=False,
            default=(),
        ),
    }
)
"""national/portrait.yaml, and a county's own portrait.yaml whose entries stand in place of those of the same code."""
