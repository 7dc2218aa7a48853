"""What the page about releases may hold: the national one, and a county's stricter one over it."""

from __future__ import annotations

from mianshen.core.release import LIMITS, QUASI_IDENTIFIERS, SENSITIVE
from mianshen.policy.layout_words import SOURCE, dated, sourced
from mianshen.policy.scalars import TEXT, WHOLE, YUAN
from mianshen.policy.shapes import Choice, Field, Listed, Record

_LEVELS = tuple(dict.fromkeys(level for levels in QUASI_IDENTIFIERS.values() for level in levels))
_LIMITS = dated(
    code=Field(Choice(LIMITS), "k: people of a group; suppressed_ppm: share suppressed for the sake of detail"),
    amount=Field(WHOLE, "how many"),
)
_QUASI = sourced(
    column=Field(Choice(tuple(QUASI_IDENTIFIERS)), "what identifies together with the others"),
    levels=Field(Listed(Choice(_LEVELS)), "levels of detail that are tried, the finest first"),
)
_SENSITIVE = sourced(
    column=Field(Choice(SENSITIVE), "what must not be told of a person"),
    values=Field(WHOLE, "different values that a group has at least"),
)
_BANDS = sourced(edges_yuan=Field(Listed(YUAN), "where the bands begin, ascending; less than the first is no relief"))
_GROUP = Record(
    {
        "name_zh": Field(TEXT, "what the group of towns is called"),
        "towns": Field(Listed(TEXT), "towns of the pack"),
        **SOURCE,
    }
)

RELEASE = Record(
    {
        "limits": Field(_LIMITS, "how large a group is, how much is suppressed"),
        "quasi_identifiers": Field(Listed(_QUASI), "columns that identify when combined"),
        "sensitive": Field(Listed(_SENSITIVE), "columns of which a group holds several values"),
        "relief_bands": Field(_BANDS, "how relief is told"),
    }
)
"""national/release.yaml."""

COUNTY_RELEASE = Record(
    {
        "limits": Field(_LIMITS, "k at least the national one", is_required=False, default=()),
        "sensitive": Field(Listed(_SENSITIVE), "at least the national values", is_required=False, default=()),
        "town_groups": Field(Listed(_GROUP), "towns told as one", is_required=False, default=()),
    }
)
"""release.yaml of a county: stricter than the national page, never laxer."""
