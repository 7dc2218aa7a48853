"""What the pages of a county may hold whose law confirms people and names no amount: eligibility.yaml and its examples."""

from __future__ import annotations

from mianshen.policy.eligibility import EarlierYears, GivenFrom
from mianshen.policy.layout_words import DOCUMENTS, NAMES, UNEXPRESSED, dated, sourced
from mianshen.policy.scalars import AREA, CODE, DAY, TEXT, WHOLE
from mianshen.policy.shapes import Choice, Field, Keyed, Listed, Maybe, Record

_CODES = Listed(CODE)
_EVIDENCE = Record(
    {
        "within_months": Field(WHOLE, "months before the day within which the treatment lies, the day of the month included"),
        "level_at_least": Field(WHOLE, "least level of the hospital"),
        "kinds": Field(_CODES, "what the paper may be", is_required=False, default=()),
    }
)
_DEMAND = Record(
    {
        "insutypes": Field(_CODES, "kinds of insurance, one of them", is_required=False, default=()),
        "insured_at": Field(Listed(AREA), "division codes of the insurer, one of them", is_required=False, default=()),
        "holds_any": Field(_CODES, "categories, one of them listed on the day", is_required=False, default=()),
        "items_by_insutype": Field(Keyed(CODE), "kind of insurance to the list of items that it covers", is_required=False),
        "earlier_items": Field(_CODES, "items, one confirmed in an earlier year", is_required=False, default=()),
        "evidence": Field(_EVIDENCE, "one treatment is proven", is_required=False),
        "materials": Field(_CODES, "papers that must all be there", is_required=False, default=()),
        "materials_any": Field(_CODES, "papers of which one is enough", is_required=False, default=()),
    }
)
_RULE = sourced(
    code=Field(CODE, "reason of a refusal"),
    asks=Field(_DEMAND, "what it asks"),
    refusal_zh=Field(TEXT, "what a refused person reads"),
    refusal_en=Field(TEXT, "the same in English"),
    remedy_zh=Field(TEXT, "what to do next"),
    remedy_en=Field(TEXT, "the same in English"),
    reason=Field(CODE, "the reason code of a step that refuses by this rule, one of core.codes", is_required=False),
)
_COMMON = {
    "cannot_express": Field(
        Listed(
            UNEXPRESSED,
            may_be_empty=True,
        ),
        "what the document says and this page does not carry",
    )
}
ELIGIBILITY = Record(
    {
        "schema_version": Field(WHOLE, "1"),
        "county": Field(
            Record(
                {
                    "code": Field(AREA, "six-digit division code"),
                    "towns": Field(Listed(TEXT, may_be_empty=True), "names of its towns", is_required=False, default=()),
                    **NAMES,
                }
            ),
            "the county; where policy.yaml stands beside it, left out: that of policy.yaml",
            is_required=False,
        ),
        "begins": Field(
            sourced(year=Field(WHOLE, "the first benefit year")),
            "since when the law is in force; earlier years are refused",
            is_required=False,
        ),
        "documents": Field(
            DOCUMENTS,
            "documents that values quote; beside policy.yaml left out: those of policy.yaml",
            is_required=False,
        ),
        "categories": Field(
            Listed(
                sourced(code=Field(CODE, "upper-case code"), department=Field(CODE, "who lists it"), **NAMES), may_be_empty=True
            ),
            "kinds of person that departments list or that a confirmation gives; beside policy.yaml those of categories.yaml",
            is_required=False,
        ),
        "items": Field(
            Listed(
                Record(
                    {
                        "list": Field(CODE, "name of the list"),
                        "items": Field(
                            Listed(
                                sourced(
                                    code=Field(CODE, "code of the item"),
                                    name_zh=Field(TEXT, "its name"),
                                    seen_as=Field(
                                        _CODES, "beginnings of disease codes that show it", is_required=False, default=()
                                    ),
                                )
                            ),
                            "items",
                        ),
                    }
                )
            ),
            "lists of diseases or service items",
        ),
        "earlier_years": Field(
            dated(value=Field(Choice(tuple(one.value for one in EarlierYears)), "any earlier year, or the last one")),
            "what an earlier year is",
            is_required=False,
        ),
        "confirmations": Field(
            Listed(
                Record(
                    {
                        "code": Field(CODE, "unique in the pack"),
                        **NAMES,
                        "department": Field(CODE, "who confirms"),
                        "lists": Field(_CODES, "lists whose items it is for"),
                        "gives": Field(Maybe(CODE), "category of the identity that it gives"),
                        "given_from": Field(Choice(tuple(one.value for one in GivenFrom)), "when that begins"),
                        "rules": Field(Listed(_RULE), "all of them must hold"),
                    }
                )
            ),
            "what people are confirmed for",
        ),
        **_COMMON,
    }
)
"""eligibility.yaml."""

_LISTED = Record(
    {
        "category": Field(CODE, "category"),
        "since": Field(DAY, "first day"),
        "until": Field(Maybe(DAY), "first day no longer", is_required=False),
    }
)
ELIGIBILITY_EXAMPLES = Record(
    {
        "examples": Field(
            Listed(
                Record(
                    {
                        "name": Field(TEXT, "a sentence"),
                        "requirement": Field(CODE, "requirement that it proves", is_required=False),
                        "article": Field(TEXT, "chapter and item"),
                        "confirmation": Field(CODE, "what is asked for"),
                        "on": Field(DAY, "day on which it is judged"),
                        "benefit_year": Field(WHOLE, "year that it is for; that of the day when left out", is_required=False),
                        "earlier_years": Field(
                            Choice(tuple(one.value for one in EarlierYears)), "another reading than the page's", is_required=False
                        ),
                        "insutype": Field(CODE, "kind of insurance", is_required=False),
                        "insured_at": Field(AREA, "division code of the insurer", is_required=False),
                        "listed": Field(Listed(_LISTED, may_be_empty=True), "categories", is_required=False, default=()),
                        "earlier": Field(
                            Listed(Record({"item": Field(CODE, "item"), "year": Field(WHOLE, "year")})),
                            "earlier confirmations",
                            is_required=False,
                            default=(),
                        ),
                        "evidence": Field(
                            Listed(
                                Record(
                                    {
                                        "on": Field(DAY, "day of the treatment"),
                                        "level": Field(WHOLE, "level of the hospital"),
                                        "kind": Field(CODE, "what the paper is"),
                                    }
                                )
                            ),
                            "papers of treatments",
                            is_required=False,
                            default=(),
                        ),
                        "materials": Field(Listed(CODE, may_be_empty=True), "papers handed in", is_required=False, default=()),
                        "entered_on": Field(DAY, "day of entry into the system", is_required=False),
                        "expect": Field(
                            Keyed(
                                Record(
                                    {
                                        "refused": Field(Listed(CODE, may_be_empty=True), "every reason; none is confirmed"),
                                        "identity_since": Field(DAY, "first day of the identity given", is_required=False),
                                        "identity_until": Field(DAY, "first day no longer", is_required=False),
                                    }
                                )
                            ),
                            "item by item",
                        ),
                    }
                )
            ),
            "examples",
        )
    }
)
"""tests/*.yaml of such a county."""
