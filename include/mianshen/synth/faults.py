"""The catalogue of planted faults: what is done to a row, how often, and what the product is expected to say about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from mianshen.core.contract import Feed
from mianshen.synth.shape import Shape
from mianshen.synth.streams import Flags, Stream, pick

Labels = npt.NDArray[np.object_]
"""One kind of fault a row, empty text where there is none."""


class Effect(StrEnum):
    """What the product is expected to do with the row.

    FIXED: read as if it were right. FLAGGED: accepted with its reason (names that differ: on this or another row of the person).
    QUARANTINED: set aside with its reason. REPEATED: counted once. SUPERSEDED: a newer version comes. WAITING: for its original.
    """

    FIXED = "FIXED"
    FLAGGED = "FLAGGED"
    QUARANTINED = "QUARANTINED"
    REPEATED = "REPEATED"
    SUPERSEDED = "SUPERSEDED"
    WAITING = "WAITING"


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault in one kind of delivery."""

    kind: str
    """What was done."""
    feed: Feed
    """Where."""
    share: float
    """Of the rows that can carry it."""
    effect: Effect
    """What becomes of the row."""
    reason_code: str = ""
    """The reason it is expected to carry; empty when it is accepted without one."""


def _everywhere(kind: str, effect: Effect, reason_code: str = "", *, share: float = 0.0006) -> tuple[Fault, ...]:
    return tuple(Fault(kind, feed, share, effect, reason_code) for feed in Feed)


def _in(feed: Feed, kind: str, effect: Effect, reason_code: str = "", *, share: float = 0.0005) -> Fault:
    return Fault(kind, feed, share, effect, reason_code)


_SETTLEMENT, _ROSTER, _ENROLMENT = Feed.SETTLEMENT, Feed.ROSTER, Feed.ENROLMENT

CATALOGUE: tuple[Fault, ...] = (
    *_everywhere("certno_full_width", Effect.FIXED),
    *_everywhere("certno_inner_space", Effect.FIXED, share=0.0015),
    *_everywhere("certno_apostrophe", Effect.FIXED),
    *_everywhere("certno_lower_case_x", Effect.FIXED, share=0.0015),
    *_everywhere("certno_fifteen_digits", Effect.FIXED),
    *_everywhere("certno_trailing_tab", Effect.FIXED),
    *_everywhere("certno_bad_check_digit", Effect.QUARANTINED, "CERTNO_CHECK_DIGIT"),
    *_everywhere("certno_missing", Effect.QUARANTINED, "CERTNO_MISSING"),
    *_everywhere("certno_scientific", Effect.QUARANTINED, "CERTNO_DAMAGED"),
    *_everywhere("certno_masked", Effect.QUARANTINED, "CERTNO_MASKED"),
    *_everywhere("certno_impossible_date", Effect.QUARANTINED, "CERTNO_DATE"),
    *_everywhere("name_spaced", Effect.FIXED, share=0.01),
    *_everywhere("name_homophone", Effect.FLAGGED, "NAMES_DIFFER", share=0.001),
    *_everywhere("name_lost_character", Effect.FLAGGED, "NAME_DOUBTFUL"),
    *_everywhere("row_doubled", Effect.REPEATED, "ROW_REPEATED", share=0.001),
    _in(_ROSTER, "card_reissued", Effect.FIXED, share=0.07),
    _in(_ROSTER, "card_broken", Effect.QUARANTINED, "CARD_NOT_IDENTITY", share=0.005),
    _in(_ROSTER, "category_unknown", Effect.FLAGGED, "CATEGORY_UNKNOWN", share=0.001),
    _in(_ROSTER, "category_spaced", Effect.FIXED, share=0.005),
    _in(_ROSTER, "date_wrong", Effect.FLAGGED, "DATE_DOUBTFUL"),
    _in(_ENROLMENT, "date_wrong", Effect.QUARANTINED, "DATE_INVALID"),
    _in(_ENROLMENT, "money_invalid", Effect.QUARANTINED, "MONEY_INVALID"),
    _in(_ENROLMENT, "key_missing", Effect.QUARANTINED, "KEY_MISSING"),
    _in(_SETTLEMENT, "date_wrong", Effect.QUARANTINED, "DATE_INVALID"),
    _in(_SETTLEMENT, "date_order", Effect.QUARANTINED, "DATE_ORDER"),
    _in(_SETTLEMENT, "enddate_missing", Effect.FLAGGED, "ENDDATE_MISSING", share=0.004),
    _in(_SETTLEMENT, "money_invalid", Effect.QUARANTINED, "MONEY_INVALID"),
    _in(_SETTLEMENT, "money_missing", Effect.QUARANTINED, "MONEY_MISSING"),
    _in(_SETTLEMENT, "money_negative", Effect.QUARANTINED, "MONEY_NEGATIVE"),
    _in(_SETTLEMENT, "money_decorated", Effect.FIXED),
    _in(_SETTLEMENT, "key_missing", Effect.QUARANTINED, "KEY_MISSING"),
    _in(_SETTLEMENT, "key_conflict", Effect.QUARANTINED, "KEY_CONFLICT"),
    _in(_SETTLEMENT, "cert_type_other", Effect.QUARANTINED, "CERT_TYPE_UNSUPPORTED"),
    _in(_SETTLEMENT, "code_unknown", Effect.FLAGGED, "CODE_UNKNOWN"),
    _in(_SETTLEMENT, "sum_off_by_one", Effect.FLAGGED, "IDENTITY_TOLERATED", share=0.003),
    _in(_SETTLEMENT, "sum_total_broken", Effect.QUARANTINED, "IDENTITY_TOTAL"),
    _in(_SETTLEMENT, "sum_fund_broken", Effect.QUARANTINED, "IDENTITY_FUND"),
    _in(_SETTLEMENT, "sum_person_broken", Effect.QUARANTINED, "IDENTITY_PERSON"),
    _in(_SETTLEMENT, "refund_without_original", Effect.WAITING, "WAITING_ORIGINAL", share=0.0003),
    _in(_SETTLEMENT, "repeated_next_file", Effect.REPEATED, share=0.004),
    _in(_SETTLEMENT, "corrected_later", Effect.SUPERSEDED, share=0.003),
)
"""Every kind, by delivery."""
LEAST = {Feed.SETTLEMENT: 2, Feed.ROSTER: 2, Feed.ENROLMENT: 1}
"""How many rows of each kind there are at least, when rows can carry it and its share is not 0."""

EXPECTED: Mapping[tuple[str, str], Fault] = {(one.feed.value, one.kind): one for one in CATALOGUE}
"""The catalogue by delivery and kind."""


def choose(chance: Stream, feed: Feed, *, can_carry: Mapping[str, Flags], count: int, shape: Shape) -> Labels:
    """The kind of fault that each row gets; a row carries at most one. A kind without a mask fits every row."""
    labels = np.full(count, "", dtype=object)
    free = np.ones(count, dtype=np.bool_)
    for fault in CATALOGUE:
        share = shape.fault_shares.get(fault.kind, fault.share) * shape.fault_scale
        if fault.feed is not feed or not share:
            continue
        fits = free & can_carry.get(fault.kind, free)
        chosen = pick(chance, fits, max(LEAST[feed], round(share * int(fits.sum()))))
        labels[chosen] = fault.kind
        free[chosen] = False
    return labels
