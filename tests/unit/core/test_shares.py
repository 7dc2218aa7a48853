"""Shares of a posting add up to it, and a hospital holds what it advanced, no more, whatever is posted and taken back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mianshen.core.ids import is_uscc
from mianshen.core.money import PPM
from mianshen.core.shares import Relation, RelationKind, due_of_advances, share, who_stands

HOSPITAL = Relation("R1", "p", "h", RelationKind.HOSPITAL, "e", 500)
SECOND = Relation("R2", "p", "h2", RelationKind.HOSPITAL, "e", 300)
GUARDIAN = Relation("R3", "p", "g", RelationKind.GUARDIAN)


def heirs(*ppm: int) -> list[Relation]:
    return [Relation(f"H{place}", "p", f"heir{place}", RelationKind.HEIR, share_ppm=one) for place, one in enumerate(ppm)]


@st.composite
def histories(draw: st.DrawFn) -> list[int]:
    """Postings of one event whose sum never falls below zero."""
    found: list[int] = []
    for _ in range(draw(st.integers(1, 8))):
        fen = draw(st.integers(-900, 900).filter(bool))
        if sum(found) + fen >= 0:
            found.append(fen)
    return found


@given(histories(), st.lists(st.integers(1, 2000), min_size=1, max_size=3))
def test_hospitals_hold_their_advances_while_the_award_lasts(postings: list[int], advances: list[int]) -> None:
    hospitals = [Relation(f"R{n}", "p", f"h{n}", RelationKind.HOSPITAL, "e", fen) for n, fen in enumerate(advances)]
    held: dict[str, int] = {}
    awarded = 0
    for fen in postings:
        awarded += fen
        due = due_of_advances(hospitals, awarded_fen=awarded, given_fen=[held.get(one.payee_key, 0) for one in hospitals])
        shares = share(fen, person_key="p", hospitals=due, rest=[])
        assert sum(one.amount_fen for one in shares) == fen
        assert all((one.amount_fen > 0) == (fen > 0) for one in shares)
        for one in shares:
            held[one.payee_key] = held.get(one.payee_key, 0) + one.amount_fen
        left = awarded
        for one in hospitals:
            assert held.get(one.payee_key, 0) == min(one.advanced_fen or 0, left)
            left -= min(one.advanced_fen or 0, left)


@given(st.integers(-100_000, 100_000).filter(bool), st.lists(st.integers(1, 400_000), min_size=1, max_size=4))
def test_heirs_share_to_the_fen(fen: int, parts: list[int]) -> None:
    ppm = [one * PPM // sum(parts) for one in parts]
    ppm[-1] += PPM - sum(ppm)
    shares = share(fen, person_key="p", hospitals=[], rest=heirs(*ppm))
    assert sum(one.amount_fen for one in shares) == fen
    assert all(abs(one.amount_fen) <= abs(fen) and (one.amount_fen > 0) == (fen > 0) for one in shares)


def test_a_relation_that_comes_late_takes_no_more_than_the_posting() -> None:
    due = due_of_advances([HOSPITAL], awarded_fen=1100, given_fen=[0])
    assert [(one.payee_key, one.amount_fen) for one in share(100, person_key="p", hospitals=due, rest=[])] == [("h", 100)]


def test_two_hospitals_are_served_in_the_order_of_their_papers() -> None:
    due = due_of_advances([HOSPITAL, SECOND], awarded_fen=600, given_fen=[0, 0])
    found = share(600, person_key="p", hospitals=due, rest=[GUARDIAN])
    assert [(one.payee_key, one.amount_fen) for one in found] == [("h", 500), ("h2", 100)]


@pytest.mark.parametrize(
    ("relations", "is_dead", "payees", "why"),
    [
        ([], False, [], ""),
        ([HOSPITAL], False, [], ""),
        ([GUARDIAN], False, ["g"], ""),
        ([GUARDIAN, Relation("R4", "p", "home", RelationKind.INSTITUTION)], False, [], "RELATION_AMBIGUOUS"),
        ([], True, [], "PAYEE_DEAD"),
        ([GUARDIAN, HOSPITAL], True, [], "PAYEE_DEAD"),
        (heirs(600_000, 400_000), True, ["heir0", "heir1"], ""),
        (heirs(600_000, 300_000), True, [], "HEIR_SHARES"),
        (heirs(PPM), False, [], "HEIR_BEFORE_NOTICE"),
    ],
)
def test_who_receives_the_rest(relations: list[Relation], is_dead: bool, payees: list[str], why: str) -> None:
    found = who_stands(relations, is_dead=is_dead)
    assert ([one.payee_key for one in found.payees], found.reason_code) == (payees, why)


def test_a_credit_code_is_told_by_its_check_character() -> None:
    assert is_uscc("91350100M000100Y43")
    assert not is_uscc("91350100M000100Y42")
    assert not is_uscc("91350100M000100Y4")
    assert not is_uscc("91350100I000100Y43")
