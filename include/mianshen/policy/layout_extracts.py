"""What the page about departments' extracts may hold."""

from __future__ import annotations

from mianshen.core.extract import COLUMNS
from mianshen.policy.layout_words import sourced
from mianshen.policy.scalars import CODE, WHOLE, YUAN
from mianshen.policy.shapes import Choice, Field, Listed, Record

_EXTRACT = sourced(
    department=Field(CODE, "who sees its own listed people"),
    columns=Field(Listed(Choice(tuple(COLUMNS))), "what it sees of them; its own key of a person always"),
)

EXTRACTS = Record(
    {
        "bands": Field(
            sourced(
                age_years=Field(WHOLE, "years of an age band"),
                edges_yuan=Field(Listed(YUAN), "where bands of cost and burden begin, ascending; less than the first is nothing"),
                gap_yuan=Field(YUAN, "a burden of at least this much without relief of the department is a gap"),
                fewest_alike=Field(WHOLE, "people who share what identifies together; what fewer share is hidden"),
            ),
            "how exactly people are told, the same for every department",
        ),
        "extracts": Field(Listed(_EXTRACT), "one a department"),
    }
)
"""extracts.yaml of a county: which department sees what of its own people (限权开放)."""
