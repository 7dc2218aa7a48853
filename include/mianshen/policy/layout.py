"""What each policy page may hold: the one description behind the loader and include/policies/policy.schema.json."""

from __future__ import annotations

from mianshen.core.clocks import Counting
from mianshen.core.plan import EventKind, MafCounting, Status
from mianshen.policy.scalars import AREA, CLOCK, CODE, DAY, PAGE, PERCENT, TEXT, TRUTH, WHOLE, YUAN
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
_NAMES = {"name_zh": Field(TEXT, "Chinese name"), "name_en": Field(TEXT, "English name")}


def sourced(**fields: Field) -> Record:
    """A record that must name its document, article and status."""
    return Record({**fields, **SOURCE})


def _dated(**fields: Field) -> Listed:
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

_BASE_TERM = Record(
    {
        "field": Field(CODE, "national money field of a settlement"),
        "sign": Field(Choice(("plus", "minus")), "whether it adds to the base or is taken off"),
        "absent_means": Field(Choice(("zero", "unknown")), "what a settlement without the field means"),
        "reason": Field(TEXT, "why an absent field means that"),
    }
)

_BRACKET = Record(
    {
        "from_yuan": Field(YUAN, "where it begins, above the deductible"),
        "to_yuan": Field(Maybe(YUAN), "where it ends; null is open"),
        "ratio": Field(PERCENT, "share paid of the part inside"),
    }
)
_RATE = _dated(
    deductible_yuan=Field(YUAN, "subtracted once a benefit year"),
    brackets=Field(Listed(_BRACKET), "marginal brackets above the deductible, touching, from 0"),
    cap_yuan=Field(Maybe(YUAN), "most that is paid in a benefit year; null is no cap"),
    text_zh=Field(TEXT, "the sentence that a clerk reads out"),
)
BENEFIT = Record(
    {
        "code": Field(CODE, "unique in the pack, part of the key of every award"),
        **_NAMES,
        "department": Field(CODE, "who decides and pays"),
        "fund": Field(CODE, "where the money comes from"),
        "event": Field(Choice(tuple(one.value for one in EventKind)), "what it pays for"),
        "counts_window_relief": Field(TRUTH, "whether maf_pay was an advance of this benefit"),
        "term": Field(TERM, "days of care it covers, when narrower than the policy's", is_required=False),
        "covers": Field(
            _dated(
                med_types=Field(Listed(CODE, may_be_empty=True), "kinds of care; empty is all"),
                dise_codes=Field(Listed(CODE, may_be_empty=True), "beginnings of disease codes; empty is all"),
            ),
            "dated",
        ),
        "table": Field(
            Listed(
                Record(
                    {
                        "categories": Field(Listed(CODE), "categories of this row of the paper table"),
                        "values": Field(_RATE, "dated"),
                    }
                )
            ),
            "rows of the paper table",
        ),
    }
)
"""One benefit of a tier page."""

TIER = Record(
    {
        "tier": Field(CODE, "code of the tier, as in policy.yaml"),
        "benefits": Field(Listed(BENEFIT), "in the order in which they pay"),
    }
)
"""tier pages."""

POLICY = Record(
    {
        "schema_version": Field(WHOLE, "1"),
        "county": Field(
            Record(
                {
                    "code": Field(AREA, "six-digit division code"),
                    **_NAMES,
                    "area_aliases": Field(Listed(AREA, may_be_empty=True), "old division codes of the same county"),
                    "towns": Field(Listed(TEXT), "towns as the county spells them"),
                }
            ),
            "the county",
        ),
        "documents": Field(
            Keyed(
                Record(
                    {
                        "title_zh": Field(TEXT, "title of the document"),
                        "file": Field(TEXT, "page under sources/ that says where it comes from"),
                        "status": Field(STATUS, "how sure the product is of the text"),
                    }
                )
            ),
            "documents that values quote, by short name",
        ),
        "term": Field(TERM, "days of care that the policy covers"),
        "benefit_year_by": Field(_dated(value=Field(Choice(("settlement", "discharge")), "the day that decides it")), "dated"),
        "maf_counts_as": Field(
            _dated(value=Field(Choice(tuple(one.value for one in MafCounting)), "what window relief counts as")),
            "dated",
        ),
        "base": Field(_dated(terms=Field(Listed(_BASE_TERM), "terms of the base of care claims")), "dated"),
        "tiers": Field(
            Listed(
                Record(
                    {
                        "code": Field(CODE, "code of the tier"),
                        **_NAMES,
                        "file": Field(PAGE, "page of the tier, unless its benefits stand here", is_required=False),
                        "benefits": Field(
                            Listed(BENEFIT), "in the order in which they pay, unless they have a page", is_required=False
                        ),
                    }
                )
            ),
            "tiers in the order in which they pay",
        ),
        "bank": Field(CODE, "bank profile, a page of national/bank"),
        "cannot_express": Field(
            Listed(
                Record(
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
            ),
            "rules of the documents that no number here carries; shown, never applied",
            is_required=False,
            default=(),
        ),
    }
)
"""policy.yaml."""

CATEGORIES = Record(
    {
        "categories": Field(
            Listed(sourced(code=Field(CODE, "upper-case code"), department=Field(CODE, "who keeps the list"), **_NAMES)),
            "kinds of person in need",
        )
    }
)
"""categories.yaml."""

DEPARTMENTS = Record(
    {
        "departments": Field(
            Listed(sourced(code=Field(CODE, "short Latin code"), approver=Field(CODE, "login of its approver"), **_NAMES)),
            "departments",
        )
    }
)
"""departments.yaml."""

LISTS = Record(
    {
        "lists": Field(
            Listed(
                sourced(
                    list_code=Field(CODE, "list code of its contract"),
                    department=Field(CODE, "who delivers it"),
                    name_zh=Field(TEXT, "what supervisors read"),
                    due_day=Field(WHOLE, "day of the following month by whose end it is due"),
                    is_essential=Field(TRUTH, "whether amounts that depend on it are held while it is late"),
                    is_complete=Field(
                        TRUTH, "whether each delivery states everybody: absence ends an identity", is_required=False, default=True
                    ),
                )
            ),
            "lists expected each month",
        ),
        "watch": Field(
            sourced(
                large_share=Field(PERCENT, "more of a list's people that left since the list before are shown"),
                fewest_people=Field(WHOLE, "lists and towns of fewer people are not judged by their share"),
            ),
            "when what a list lost is shown to the supervisor",
        ),
    }
)
"""lists.yaml."""

ROUTING = Record(
    {
        "routing": Field(
            Listed(
                sourced(
                    department=Field(CODE, "the deciding department"),
                    large_yuan=Field(YUAN, "items of at least this amount go to a person"),
                    is_first_time_to_person=Field(TRUTH, "whether a person's first relief goes to a person"),
                    sample_ratio=Field(PERCENT, "share of the rest that is drawn for a person"),
                )
            ),
            "which items a person decides",
        )
    }
)
"""routing.yaml."""

FUNDS = Record({"funds": Field(Listed(sourced(code=Field(CODE, "short Latin code"), **_NAMES)), "where money comes from")})
"""funds.yaml."""

TIME_LIMITS = Record(
    {
        "time_limits": Field(
            Listed(
                sourced(
                    code=Field(CODE, "quoted in clocks and reports"),
                    **_NAMES,
                    amount=Field(WHOLE, "how many days, at least 1"),
                    counting=Field(Choice(tuple(one.value for one in Counting)), "working or calendar days"),
                    starts_at=Field(Choice(("arrival", "trigger", "discharge_settlement", "list_due")), "what opens the clock"),
                    ends_at=Field(
                        Choice(("application", "decision", "money_sent", "money_received", "arrival")), "what closes it"
                    ),
                    warn_days=Field(Listed(WHOLE, may_be_empty=True), "days ahead of the due day on which holders are warned"),
                    day_ends_at=Field(CLOCK, "end of the office day"),
                )
            ),
            "the clocks that are watched",
        )
    }
)
"""time_limits.yaml."""

OVERLAY = Record(
    {
        "overlay": Field(CODE, "name of the overlay, the file's own"),
        "banner_zh": Field(TEXT, "what every page shows while it is applied, in Chinese"),
        "banner_en": Field(TEXT, "the same in English"),
        "term": Field(TERM, "the days of care that stand in place of the policy's"),
    }
)
"""overlays/*.yaml; applied only when a county's home names it."""
