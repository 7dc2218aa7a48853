"""Parts that every policy page uses: sources, names, days."""

from __future__ import annotations

from mianshen.core.plan import Status
from mianshen.policy.scalars import CODE, DAY, TEXT
from mianshen.policy.shapes import Choice, Field, Keyed, Listed, Maybe, Record

STATUS = Choice(tuple(one.value for one in Status))
"""official | quoted | inferred | illustrative."""

SOURCE: dict[str, Field] = {
    "source": Field(CODE, "document the value stands in, a key of `documents` in policy.yaml"),
    "article": Field(TEXT, "chapter and item of that document"),
    "status": Field(STATUS, "how sure the product is of the value"),
    "note": Field(TEXT, "a remark for readers", is_required=False),
}
"""What every leaf must carry."""

NAMES: dict[str, Field] = {"name_zh": Field(TEXT, "Chinese name"), "name_en": Field(TEXT, "English name")}
"""What everything that people read carries."""


def sourced(**fields: Field) -> Record:
    """A record that must name its document, article and status."""
    return Record({**fields, **SOURCE})


def dated(**fields: Field) -> Listed:
    """A list of entries that follow each other, each with its days and its source."""
    days = {
        "since": Field(DAY, "first day on which the value holds"),
        "until": Field(Maybe(DAY), "first day on which it no longer holds; left out or null while it lasts", is_required=False),
        "date_status": Field(STATUS, "how sure the product is of the day, when less sure than of the value", is_required=False),
    }
    return Listed(Record({**days, **fields, **SOURCE}))


TERM = sourced(
    since=Field(DAY, "first day of care that the policy covers"),
    until=Field(Maybe(DAY), "first day of care that it no longer covers; null while it lasts"),
    date_status=Field(STATUS, "how sure the product is of these days", is_required=False),
)
"""The days of care that a policy or a benefit covers."""

DOCUMENTS = Keyed(
    Record(
        {
            "title_zh": Field(TEXT, "title of the document"),
            "file": Field(TEXT, "page under sources/ that says where it comes from"),
            "status": Field(STATUS, "how sure the product is of the text"),
        }
    )
)
"""Documents that values quote, by short name."""

UNEXPRESSED = Record(
    {
        "code": Field(CODE, "short name of the rule"),
        "rule_zh": Field(TEXT, "the rule, in Chinese"),
        "rule_en": Field(TEXT, "the rule, in English"),
        "reason_zh": Field(TEXT, "why it is not carried and what is done meanwhile, in Chinese"),
        "reason_en": Field(TEXT, "the same in English"),
        "source": SOURCE["source"],
        "article": SOURCE["article"],
    }
)
"""A rule of a document that the page does not carry."""
