"""What a page of examples may hold: the law's tests, beside the law they prove."""

from __future__ import annotations

from mianshen.core.plan import EventKind
from mianshen.policy.scalars import CODE, DAY, SIGNED_YUAN, TEXT, TRUTH, WHOLE, YUAN
from mianshen.policy.shapes import Choice, Field, Keyed, Listed, Maybe, Record

_IDENTITY = Record(
    {
        "category": Field(CODE, "category held"),
        "since": Field(DAY, "first day"),
        "until": Field(Maybe(DAY), "first day no longer held; left out while it lasts", is_required=False),
        "is_provisional": Field(TRUTH, "whether its list is late", is_required=False, default=False),
        "applied_on": Field(DAY, "day of the application", is_required=False),
        "is_local": Field(TRUTH, "whether the person is registered in the county", is_required=False),
    }
)
_CLAIM = Record(
    {
        "id": Field(CODE, "name of the claim inside the example"),
        "kind": Field(Choice(tuple(one.value for one in EventKind)), "care when left out", is_required=False, default="care"),
        "since": Field(DAY, "first day of care; the settlement day when left out", is_required=False),
        "until_on": Field(DAY, "last day of care; the settlement day when left out", is_required=False),
        "settled_on": Field(DAY, "day of settlement, or of payment of a fee"),
        "benefit_year": Field(
            WHOLE, "year that a fee is for; otherwise the year of the day that the policy names", is_required=False
        ),
        "med_type": Field(CODE, "kind of care; 21 (a stay) when left out", is_required=False, default="21"),
        "dise_code": Field(CODE, "disease code", is_required=False),
        "stay_id": Field(CODE, "the stay that it belongs to, when several bills make one stay", is_required=False),
        "hosp_level": Field(CODE, "level of the hospital", is_required=False),
        "care_place": Field(CODE, "1 centre, 2 hospital, 3 other county, 4 other province", is_required=False),
        "is_referred": Field(TRUTH, "whether the person was referred", is_required=False),
        "borne_yuan": Field(YUAN, "in-scope amount with no earlier payer", is_required=False, default=0),
        "amounts_yuan": Field(
            Keyed(Maybe(YUAN)), "national money fields that differ; null is a field that was not delivered", is_required=False
        ),
        "passed": Field(TRUTH, "whether a service package passed its assessment", is_required=False, default=True),
        "fee_yuan": Field(YUAN, "the fee of an enrolment", is_required=False, default=0),
    }
)
_CLAIM_EXPECTED = Record(
    {
        "outcome": Field(Choice(("PAID", "REFUSED", "HELD")), "what became of it", is_required=False),
        "reason_code": Field(CODE, "why it is not paid", is_required=False),
        "relief_yuan": Field(SIGNED_YUAN, "sum of its lines", is_required=False),
        "left_yuan": Field(YUAN, "what no benefit took", is_required=False),
        "category": Field(CODE, "category of its last line", is_required=False),
        "is_provisional": Field(TRUTH, "whether its base counts an unknown payer as nothing", is_required=False),
    }
)
_CASE = Record(
    {
        "yuan": Field(YUAN, "what the claim brings: borne in scope with no earlier payer, or the fee"),
        "relief_yuan": Field(SIGNED_YUAN, "what comes out"),
        "arithmetic": Field(TEXT, "how a person works it out"),
    }
)
_THRESHOLD = Record(
    {
        "name": Field(TEXT, "whose threshold it is, and how high; each case's amounts follow it"),
        "requirement": Field(CODE, "requirement that it proves", is_required=False),
        "article": Field(TEXT, "chapter and item"),
        "on": Field(DAY, "day whose values are taken"),
        "overlays": Field(Listed(CODE), "overlays applied", is_required=False, default=()),
        "identities": Field(Listed(_IDENTITY), "categories held"),
        "before": Field(Listed(_CLAIM), "what happened before, the same in every case", is_required=False, default=()),
        "claim": Field(_CLAIM, "the claim whose amount each case says"),
        "benefit": Field(CODE, "the benefit whose sum is told; all of them when left out", is_required=False),
        "cases": Field(Listed(_CASE), "a fen below the threshold, at it, a fen above it"),
    }
)
EXAMPLES = Record(
    {
        "examples": Field(
            Listed(
                Record(
                    {
                        "name": Field(TEXT, "a sentence"),
                        "requirement": Field(CODE, "requirement that it proves", is_required=False),
                        "article": Field(TEXT, "chapter and item"),
                        "arithmetic": Field(TEXT, "how a person works it out"),
                        "on": Field(DAY, "day whose values are taken"),
                        "overlays": Field(Listed(CODE), "overlays applied", is_required=False, default=()),
                        "identities": Field(Listed(_IDENTITY, may_be_empty=True), "categories held"),
                        "claims": Field(Listed(_CLAIM), "what happened"),
                        "refused": Field(
                            Listed(Record({"benefit": Field(CODE, "the benefit"), "year": Field(WHOLE, "the benefit year")})),
                            "what departments refused",
                            is_required=False,
                            default=(),
                        ),
                        "locked": Field(
                            Listed(Record({"year": Field(WHOLE, "the benefit year"), "order": Field(WHOLE, "number from 0")})),
                            "orders that a first payment locked",
                            is_required=False,
                            default=(),
                        ),
                        "expect": Field(
                            Record(
                                {
                                    "order": Field(WHOLE, "number of the order that counts, from 0", is_required=False),
                                    "orders_yuan": Field(
                                        Keyed(YUAN), "sum of the year by number of the order tried, in quotes", is_required=False
                                    ),
                                    "relief_yuan": Field(SIGNED_YUAN, "sum of all lines", is_required=False),
                                    "benefits_yuan": Field(
                                        Keyed(SIGNED_YUAN), "sum of the lines of a benefit", is_required=False
                                    ),
                                    "claims": Field(Keyed(_CLAIM_EXPECTED), "claim by claim", is_required=False),
                                }
                            ),
                            "what must come out",
                        ),
                    }
                )
            ),
            "examples",
            is_required=False,
            default=(),
        ),
        "thresholds": Field(Listed(_THRESHOLD), "tables of cases, one a threshold", is_required=False, default=()),
    }
)
"""tests/*.yaml."""
