"""What a tier page may hold: benefits, and the rows of their paper tables in every form that the policy language knows."""

from __future__ import annotations

from mianshen.core.plan import EventKind
from mianshen.core.rates import Below, BestOf, BracketsOn, CapKind, DeductibleKind, Form, Period, Position, RoundingMode
from mianshen.policy.amounts import AMOUNT
from mianshen.policy.layout_words import NAMES, TERM, dated, sourced
from mianshen.policy.scalars import CODE, DAY, PAGE, PERCENT, TEXT, TRUTH, WHOLE, YUAN
from mianshen.policy.shapes import Choice, Field, Listed, Maybe, Record

ACCEPTABLE = ("falls", "above_cost", "cap_unreachable", "dead")
"""Holes that a policy may accept with a source; gaps, overlaps and numbers out of range are faults of the page."""
_PERIODS = Choice(tuple(one.value for one in Period))
_CODES = Listed(CODE)

CONDITION = Record(
    {
        "med_types": Field(_CODES, "kinds of care", is_required=False, default=()),
        "dise_codes": Field(_CODES, "beginnings of disease codes", is_required=False, default=()),
        "hosp_levels": Field(_CODES, "levels of the hospital", is_required=False, default=()),
        "care_places": Field(_CODES, "1 centre, 2 hospital, 3 other county, 4 other province", is_required=False, default=()),
        "is_referred": Field(TRUTH, "whether the person was referred", is_required=False),
        "marks": Field(_CODES, "categories or marks of which the claim holds one", is_required=False, default=()),
        "since": Field(DAY, "first day of care that fits", is_required=False),
        "until": Field(DAY, "first day of care that no longer fits", is_required=False),
    }
)
"""What a claim must be: every part that is written must fit."""

_WAIVED = Field(Listed(CONDITION), "claims that pass whole and do not use it up", is_required=False, default=())

_DEDUCTIBLE = Record(
    {
        "amounts_yuan": Field(Listed(AMOUNT), "the amount; by claim or stay also one for each admission of the year"),
        "kind": Field(Choice(tuple(one.value for one in DeductibleKind)), "subtracted, or a gate after which all counts"),
        "period": Field(_PERIODS, "over which claims it is reached"),
        "opens": Field(Choice(("at", "above")), "of a gate: whether the amount itself opens it", is_required=False, default="at"),
        "waived": _WAIVED,
        "below": Field(
            Choice(tuple(one.value for one in Below)),
            "whom a whole year leaves within it: paid above it; in January of the next year whole; or closed then, and told",
            is_required=False,
            default=Below.SUM.value,
        ),
    }
)
_BRACKET = Record(
    {
        "from_yuan": Field(YUAN, "where it begins"),
        "to_yuan": Field(Maybe(YUAN), "where it ends; null is open"),
        "ratio": Field(PERCENT, "share paid of the part inside, or of the whole for bands", is_required=False),
        "lump_yuan": Field(YUAN, "of a band: a fixed sum in the ratio's place", is_required=False),
        "ratios": Field(
            Listed(Record({"when": Field(CONDITION, "for which claims"), "ratio": Field(PERCENT, "share paid of their part")})),
            "ratios of certain claims; the first that fits counts",
            is_required=False,
            default=(),
        ),
    }
)
_CAP = Record(
    {
        "yuan": Field(AMOUNT, "the bound"),
        "kind": Field(Choice(tuple(one.value for one in CapKind)), "what happens above it", is_required=False, default="clip"),
        "period": Field(_PERIODS, "over which claims", is_required=False, default="year"),
        "per_day": Field(TRUTH, "whether the bound is one of each day of care", is_required=False, default=False),
        "waived": _WAIVED,
    }
)
_RATE = dated(
    deductible_yuan=Field(AMOUNT, "subtracted once a benefit year; in its place `deductible`", is_required=False),
    deductible=Field(_DEDUCTIBLE, "any other deductible", is_required=False),
    form=Field(
        Choice(tuple(one.value for one in Form)),
        "each part by its bracket, or the whole by its band",
        is_required=False,
        default=Form.MARGINAL.value,
    ),
    brackets_on=Field(
        Choice(tuple(one.value for one in BracketsOn)),
        "on which amount the bounds lie",
        is_required=False,
        default=BracketsOn.EXCESS.value,
    ),
    bracket_period=Field(_PERIODS, "over which claims it is added up", is_required=False, default=Period.YEAR.value),
    brackets=Field(Listed(_BRACKET), "touching, from 0"),
    cap_yuan=Field(Maybe(AMOUNT), "most that is paid in a benefit year; null is no cap; in its place `caps`", is_required=False),
    caps=Field(Listed(_CAP), "any other caps, applied one after the other", is_required=False),
    text_zh=Field(TEXT, "the sentence that a clerk reads out"),
)
_MODIFIER = dated(
    when=Field(CONDITION, "for which claims"),
    position=Field(Choice(tuple(one.value for one in Position)), "on the ratio, or on what the caps let through"),
    factor=Field(PERCENT, "multiplies; either this or `add`", is_required=False),
    add=Field(PERCENT, "points added to the ratio, up to 100%", is_required=False),
    text_zh=Field(TEXT, "the sentence that a clerk reads out"),
)
_ROUNDING = dated(
    mode=Field(Choice(tuple(one.value for one in RoundingMode)), "which way"),
    place_yuan=Field(Choice(("0.01", "0.1", "1")), "fen, jiao or yuan, in quotes"),
    period=Field(Choice((Period.CLAIM.value, Period.STAY.value, Period.YEAR.value)), "bill by bill, by stay, or over the year"),
)
BENEFIT = Record(
    {
        "code": Field(CODE, "unique in the pack, part of the key of every award"),
        **NAMES,
        "department": Field(CODE, "who decides and pays"),
        "fund": Field(CODE, "where the money comes from"),
        "event": Field(Choice(tuple(one.value for one in EventKind)), "what it pays for"),
        "active": Field(TRUTH, "whether it pays; false keeps the paper's row in sight", is_required=False, default=True),
        "needs": Field(Listed(CODE), "rules of `cannot_express` without which it cannot be paid", is_required=False, default=()),
        "counts_window_relief": Field(TRUTH, "whether maf_pay was an advance of this benefit"),
        "term": Field(TERM, "days of care it covers, when narrower than the policy's", is_required=False),
        "covers": Field(
            dated(
                med_types=Field(Listed(CODE, may_be_empty=True), "kinds of care; empty is all"),
                dise_codes=Field(Listed(CODE, may_be_empty=True), "beginnings of disease codes; empty is all"),
            ),
            "dated",
        ),
        "rounding": Field(_ROUNDING, "how amounts become whole; half up to the fen, once over the year", is_required=False),
        "best_of": Field(
            dated(value=Field(Choice(tuple(one.value for one in BestOf)), "how the best category is found")),
            "the running maximum over the year when left out",
            is_required=False,
        ),
        "modifiers": Field(
            Listed(Record({"values": Field(_MODIFIER, "dated")})),
            "changes of what it pays, in order",
            is_required=False,
            default=(),
        ),
        "bucket": Field(CODE, "a shared purse of policy.yaml", is_required=False),
        "accepted_breaks": Field(
            Listed(
                sourced(
                    categories=Field(_CODES, "categories whose rate has it"),
                    hole=Field(Choice(ACCEPTABLE), "what `mianshen policy prove` would find"),
                    text_zh=Field(TEXT, "why the document makes it and why it stays"),
                )
            ),
            "holes that the document itself makes",
            is_required=False,
            default=(),
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

TIERS = Listed(
    Record(
        {
            "code": Field(CODE, "code of the tier"),
            **NAMES,
            "file": Field(PAGE, "page of the tier, unless its benefits stand here", is_required=False),
            "benefits": Field(Listed(BENEFIT), "in the order in which they pay, unless they have a page", is_required=False),
        }
    )
)
"""Tiers in the order in which they pay."""

ADMISSIONS = dated(med_types=Field(_CODES, "kinds of care that are a stay in hospital"))
"""What counts as an admission."""

JANUARY_DAY = dated(
    value=Field(WHOLE, "1 to 31"),
    text_zh=Field(TEXT, "the sentence that a clerk reads out"),
)
"""When what January settles is due (次年1月一次性办理)."""

SERVICE_PACKAGE = dated(
    yuan=Field(AMOUNT, "what a head's yearly package is worth"),
    text_zh=Field(TEXT, "the sentence that a clerk reads out"),
)
"""The base of an assessed service package; the clinic is paid (基层服务补助)."""

STANDARDS = Listed(
    Record(
        {
            "code": Field(CODE, "unique in the pack"),
            **NAMES,
            "values": Field(
                dated(yuan=Field(YUAN, "the published number"), text_zh=Field(TEXT, "what a clerk reads out")), "dated"
            ),
        }
    )
)
"""Published numbers that amounts follow, such as a minimum income."""

BUCKETS = Listed(
    Record(
        {
            "code": Field(CODE, "unique in the pack"),
            "name_zh": Field(TEXT, "what people read"),
            "values": Field(
                dated(
                    bounds=Field(
                        Listed(Record({"categories": Field(_CODES, "categories"), "yuan": Field(AMOUNT, "their bound")})),
                        "most that its benefits pay together in a benefit year, by the category that counts",
                    ),
                    text_zh=Field(TEXT, "the sentence that a clerk reads out"),
                ),
                "dated",
            ),
        }
    )
)
"""Purses that benefits share."""

ORDERS = dated(
    free=Field(Listed(CODE, may_be_empty=True), "care benefits whose order is free among themselves"),
    before=Field(Listed(Listed(CODE), may_be_empty=True), "pairs: the first stands before the second"),
    exclusive=Field(Listed(Listed(CODE), may_be_empty=True), "groups of which at most one pays a person in a year"),
    choice=Field(Choice(("year_end", "locked_at_first_payment")), "when the order of a person-year is settled"),
    text_zh=Field(TEXT, "the sentence that a clerk reads out"),
)
"""The orders of benefits that the policy permits."""
