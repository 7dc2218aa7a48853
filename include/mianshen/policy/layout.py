"""What each policy page may hold: the one description behind the loader and include/policies/policy.schema.json."""

from __future__ import annotations

from mianshen.core.clocks import Counting
from mianshen.core.plan import MafCounting
from mianshen.policy.layout_benefits import ADMISSIONS, BUCKETS, JANUARY_DAY, ORDERS, SERVICE_PACKAGE, STANDARDS, TIERS
from mianshen.policy.layout_identity import BASE_ROUNDING, BASE_SCALES, IDENTITIES, UPGRADES
from mianshen.policy.layout_words import DOCUMENTS, NAMES, TERM, UNEXPRESSED, dated, sourced
from mianshen.policy.scalars import AREA, CLOCK, CODE, DAY, PERCENT, TEXT, TRUTH, WHOLE, YUAN
from mianshen.policy.shapes import Choice, Field, Listed, Record

_BASE_TERM = Record(
    {
        "field": Field(CODE, "national money field of a settlement"),
        "sign": Field(Choice(("plus", "minus")), "whether it adds to the base or is taken off"),
        "absent_means": Field(
            Choice(("zero", "unknown", "provisional")),
            "a settlement without the field: nothing was paid; the claim waits; paid as if nothing, and marked provisional",
        ),
        "reason": Field(TEXT, "why an absent field means that"),
    }
)

BASE = dated(terms=Field(Listed(_BASE_TERM), "terms of the base of care claims"))
"""The base of care claims."""

MAF_COUNTS_AS = dated(value=Field(Choice(tuple(one.value for one in MafCounting)), "what window relief counts as"))
"""What relief at the hospital window counts as."""

POLICY = Record(
    {
        "schema_version": Field(WHOLE, "1"),
        "county": Field(
            Record(
                {
                    "code": Field(AREA, "six-digit division code"),
                    **NAMES,
                    "area_aliases": Field(Listed(AREA, may_be_empty=True), "old division codes of the same county"),
                    "towns": Field(Listed(TEXT), "towns as the county spells them"),
                }
            ),
            "the county",
        ),
        "documents": Field(
            DOCUMENTS,
            "documents that values quote, by short name",
        ),
        "term": Field(TERM, "days of care that the policy covers"),
        "benefit_year_by": Field(dated(value=Field(Choice(("settlement", "discharge")), "the day that decides it")), "dated"),
        "maf_counts_as": Field(MAF_COUNTS_AS, "dated"),
        "base": Field(BASE, "dated"),
        "standards": Field(STANDARDS, "published numbers that amounts follow", is_required=False, default=()),
        "base_scales": Field(BASE_SCALES, "shares of the base, the first that fits", is_required=False, default=()),
        "base_rounding": Field(BASE_ROUNDING, "how a scaled base becomes whole; half up when left out", is_required=False),
        "identities": Field(IDENTITIES, "how listed days count, where not as listed", is_required=False, default=()),
        "upgrades": Field(UPGRADES, "categories that follow from others", is_required=False, default=()),
        "admissions": Field(ADMISSIONS, "what counts as an admission, where a deductible counts them", is_required=False),
        "january_day": Field(JANUARY_DAY, "day of January on which the past year is settled; 1 when left out", is_required=False),
        "service_package": Field(SERVICE_PACKAGE, "what clinics are paid a head and year", is_required=False),
        "buckets": Field(BUCKETS, "purses that benefits share", is_required=False, default=()),
        "orders": Field(ORDERS, "orders of benefits that may be tried, where there are several", is_required=False),
        "tiers": Field(TIERS, "in the order in which they pay"),
        "last_resort": Field(
            sourced(department=Field(CODE, "who helps further"), text_zh=Field(TEXT, "the sentence that a clerk reads out")),
            "to whom the list goes of people whom relief leaves with costs",
            is_required=False,
        ),
        "bank": Field(CODE, "bank profile, a page of national/bank"),
        "cannot_express": Field(
            Listed(UNEXPRESSED),
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
            Listed(
                sourced(
                    code=Field(CODE, "upper-case code"),
                    department=Field(CODE, "who keeps the list"),
                    is_mark=Field(
                        TRUTH, "whether only conditions ask for it and it entitles to nothing", is_required=False, default=False
                    ),
                    **NAMES,
                )
            ),
            "kinds of person in need",
        )
    }
)
"""categories.yaml."""

DEPARTMENTS = Record(
    {
        "departments": Field(
            Listed(
                sourced(
                    code=Field(CODE, "short Latin code"),
                    approver=Field(CODE, "login of its approver"),
                    until=Field(DAY, "first day on which it is no more; its successor takes over", is_required=False),
                    successor=Field(CODE, "the department that takes over", is_required=False),
                    **NAMES,
                )
            ),
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
                    **NAMES,
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
                    seed=Field(TEXT, "what the draw begins with; another text draws other items", is_required=False, default=""),
                    odd=Field(
                        Record(
                            {
                                "times": Field(WHOLE, "at least so many times the lower median of the batch and category"),
                                "fewest_items": Field(WHOLE, "categories with fewer items in the batch have no usual amount"),
                            }
                        ),
                        "amounts far above what is usual go to a person",
                        is_required=False,
                    ),
                )
            ),
            "which items a person decides",
        )
    }
)
"""routing.yaml."""

FUNDS = Record(
    {
        "funds": Field(Listed(sourced(code=Field(CODE, "short Latin code"), **NAMES)), "where money comes from"),
        "accounts": Field(
            sourced(
                balances=Field(
                    Choice(("kept", "elsewhere")),
                    "whether the funds' balances are kept here: no batch is sent beyond them, nor before its use is signed",
                ),
                settled_month=Field(WHOLE, "month, 1 to 12, in which clinics' advances are settled"),
                settled_day=Field(WHOLE, "day of it, 1 to 28; rolls past a holiday"),
                most_returns=Field(WHOLE, "money that came back so often is left to the town's officer"),
            ),
            "how the funds' money is kept",
        ),
    }
)
"""funds.yaml."""

TIME_LIMITS = Record(
    {
        "time_limits": Field(
            Listed(
                sourced(
                    code=Field(CODE, "quoted in clocks and reports"),
                    **NAMES,
                    amount=Field(WHOLE, "how many days, at least 1"),
                    counting=Field(Choice(tuple(one.value for one in Counting)), "working or calendar days"),
                    starts_at=Field(
                        Choice(("arrival", "trigger", "discharge_settlement", "list_due", "step")), "what opens the clock"
                    ),
                    ends_at=Field(
                        Choice(("application", "decision", "money_sent", "money_received", "arrival", "step")), "what closes it"
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

OVERLAID = (
    *("term", "maf_counts_as", "base", "base_scales", "base_rounding", "identities", "upgrades"),
    *("standards", "admissions", "january_day", "service_package", "buckets", "orders", "tiers"),
)
"""What an overlay may write in the policy's place."""

OVERLAY = Record(
    {
        "overlay": Field(CODE, "name of the overlay, the file's own"),
        "banner_zh": Field(TEXT, "what every page shows while it is applied, in Chinese"),
        "banner_en": Field(TEXT, "the same in English"),
        "term": Field(TERM, "the days of care that stand in place of the policy's", is_required=False),
        "maf_counts_as": Field(MAF_COUNTS_AS, "in place of the policy's", is_required=False),
        "base": Field(BASE, "in place of the policy's", is_required=False),
        "standards": Field(STANDARDS, "in place of the policy's", is_required=False),
        "base_scales": Field(BASE_SCALES, "in place of the policy's", is_required=False),
        "base_rounding": Field(BASE_ROUNDING, "in place of the policy's", is_required=False),
        "identities": Field(IDENTITIES, "in place of the policy's", is_required=False),
        "upgrades": Field(UPGRADES, "in place of the policy's", is_required=False),
        "admissions": Field(ADMISSIONS, "in place of the policy's", is_required=False),
        "january_day": Field(JANUARY_DAY, "in place of the policy's", is_required=False),
        "service_package": Field(SERVICE_PACKAGE, "in place of the policy's", is_required=False),
        "buckets": Field(BUCKETS, "in place of the policy's", is_required=False),
        "orders": Field(ORDERS, "in place of the policy's", is_required=False),
        "tiers": Field(TIERS, "in place of all tiers of the policy, benefits written here", is_required=False),
    }
)
"""overlays/*.yaml; applied only when a county's home names it."""
