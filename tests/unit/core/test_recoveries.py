"""What becomes of money that was paid too much: who is asked, what settles it, to the fen."""

from __future__ import annotations

from random import Random

import pytest

from mianshen.core.late_news import CAUSES, RAISING
from mianshen.core.recoveries import Kept, RecoveryEntry, RecoveryRules, RecoveryWay, instalments, keep_for, way_of, weightiest

RULES = RecoveryRules("recovery", 500, True, ("code",), 12, "附则", "illustrative")


@pytest.mark.parametrize(
    ("fen", "cause", "way"),
    [
        (500, "refund", RecoveryWay.SMALL),
        (501, "refund", RecoveryWay.CASE),
        (501, "code", RecoveryWay.FORGIVEN),
        (1, "code", RecoveryWay.FORGIVEN),
    ],
)
def test_a_small_difference_and_our_own_mistake_ask_nobody(fen: int, cause: str, way: RecoveryWay) -> None:
    assert way_of(fen, cause, RULES) is way


def test_a_paper_names_what_took_something_away() -> None:
    assert weightiest(["claim_new", "identity_revoked", "refund"]) == "refund"
    assert weightiest(["claim_new"]) == "claim_new"
    assert weightiest([]) == "unknown"
    assert set(CAUSES) > RAISING


def test_an_award_for_the_claims_own_event_makes_it_fall_first() -> None:
    owed = [("C1", 500, frozenset({"S1"}))]
    awards = [("W1", 200, "S9"), ("W2", 400, "S1")]
    kept = keep_for(owed, awards, is_offset_allowed=True)
    assert kept == [Kept("C1", "W2", RecoveryEntry.FALLEN, 400), Kept("C1", "W1", RecoveryEntry.OFFSET, 100)]
    assert keep_for(owed, awards, is_offset_allowed=False) == kept[:1]


@pytest.mark.parametrize("seed", range(60))
def test_no_award_and_no_claim_is_kept_twice(seed: int) -> None:
    draw = Random(seed)
    events = [f"S{number}" for number in range(4)]
    owed = [(f"C{place}", draw.randint(1, 900), frozenset(draw.sample(events, draw.randint(1, 3)))) for place in range(3)]
    awards = [(f"W{place}", draw.randint(1, 900), draw.choice(events)) for place in range(5)]
    kept = keep_for(owed, awards, is_offset_allowed=bool(seed % 2))
    for recovery, fen, _ in owed:
        assert sum(one.amount_fen for one in kept if one.recovery_id == recovery) <= fen
    for award, fen, _ in awards:
        assert sum(one.amount_fen for one in kept if one.award_id == award) <= fen
    if seed % 2:
        assert sum(one.amount_fen for one in kept) == min(sum(one[1] for one in owed), sum(one[1] for one in awards))


@pytest.mark.parametrize(("fen", "parts"), [(1000, 3), (7, 7), (100, 1), (12_345, 12)])
def test_instalments_add_up_to_the_fen(fen: int, parts: int) -> None:
    plan = instalments(fen, parts)
    assert sum(plan) == fen and len(plan) == parts and min(plan) > 0 and plan[-1] >= plan[0]


def test_nobody_pays_in_more_parts_than_there_are_fen() -> None:
    with pytest.raises(ValueError, match="fen"):
        instalments(3, 4)
