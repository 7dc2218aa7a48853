"""Replies are read as clerks write them, and refused with an example when they cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mianshen.core.codes import REASONS, Level
from mianshen.core.codes.money import REFUSALS, RETURNS
from mianshen.core.decisions import CHOICES, STAYS_OPEN, Outcome, read_reply, reply_from
from mianshen.core.errors import MianshenError
from mianshen.core.pack import Oddness, Routing
from mianshen.core.process import Decider
from mianshen.core.routing import ItemFacts, is_sampled, route_item, usual_fen

SIGNED = {"decided_by": "a", "decided_at": "2026-11-03T09:00:00+08:00"}


def read(chosen: str = "同意", refusals: str = "", returns: str = "") -> dict[int, tuple[Outcome, str]]:
    written = {
        "chosen": chosen,
        "refusals": refusals,
        "returns": returns,
        "decided_by": "a",
        "decided_at": "2026-11-03T09:00:00+08:00",
    }
    return {
        number: (one.outcome, one.reason_code)
        for number, one in read_reply(reply_from(written, where="b"), where="b").named.items()
    }


@pytest.mark.parametrize(
    "written",
    [
        "3=IDENTITY_NOT_CONFIRMED; 7=DUPLICATE_RELIEF",
        "3=IDENTITY_NOT_CONFIRMED;7=DUPLICATE_RELIEF;",
        " 3 = identity_not_confirmed ;\n7=DUPLICATE_RELIEF",
        "3=IDENTITY_NOT_CONFIRMED，7＝DUPLICATE_RELIEF",
        "３=IDENTITY_NOT_CONFIRMED、07=DUPLICATE_RELIEF；3=IDENTITY_NOT_CONFIRMED",
    ],
)
def test_every_way_of_writing_the_same_is_read_the_same(written: str) -> None:
    expected = {3: (Outcome.REFUSE, "IDENTITY_NOT_CONFIRMED"), 7: (Outcome.REFUSE, "DUPLICATE_RELIEF")}
    assert read(refusals=written) == expected


def test_the_choices_are_the_three_that_the_form_offers() -> None:
    assert CHOICES == ("同意", "退回补正", "不予救助")


def test_codes_of_replies_stand_in_the_closed_list_as_item_reasons() -> None:
    assert all(REASONS[code].level is Level.ITEM for code in (*REFUSALS, *RETURNS, "CONFIRMED"))
    assert not set(REFUSALS) & set(RETURNS)


def test_sending_back_needs_no_reason_of_its_own_refusing_does() -> None:
    reply = reply_from({"chosen": "退回补正", **SIGNED}, where="b")
    assert read_reply(reply, where="b").others.reason_code == "PAPERS_WANTED"
    with pytest.raises(MianshenError, match=r"\*="):
        read(chosen="不予救助")


def test_the_message_shows_how_to_write_it() -> None:
    with pytest.raises(MianshenError, match="3=IDENTITY_NOT_CONFIRMED"):
        read(refusals="第三件不同意")


ROUTING = Routing("civil_affairs", large_fen=1000, is_first_time_to_person=True, sample_ppm=0, odd=Oddness(3, 5))


def facts(
    fen: int, *, first: bool = False, flagged: bool = False, usual: int | None = None, by: Decider = Decider.LIST
) -> ItemFacts:
    return ItemFacts("I1", fen, is_first_time=first, is_flagged=flagged, usual_fen=usual, decider=by)


@pytest.mark.parametrize(
    ("fen", "first", "flagged", "expected"),
    [
        (999, False, False, ("rule", "LIST_MATCH")),
        (1000, False, False, ("person", "AMOUNT_LARGE")),
        (1001, False, False, ("person", "AMOUNT_LARGE")),
        (5, True, False, ("person", "FIRST_TIME")),
        (5000, True, True, ("person", "FLAGGED")),
    ],
)
def test_items_are_routed_by_the_first_reason_that_applies(
    fen: int, first: bool, flagged: bool, expected: tuple[str, str]
) -> None:
    route = route_item(facts(fen, first=first, flagged=flagged), ROUTING)
    assert (route.route, route.reason_code) == expected


@pytest.mark.parametrize(
    ("fen", "usual", "expected"),
    [(299, 100, "LIST_MATCH"), (300, 100, "AMOUNT_ODD"), (301, 100, "AMOUNT_ODD"), (900, None, "LIST_MATCH")],
)
def test_what_is_far_above_the_usual_goes_to_a_person(fen: int, usual: int | None, expected: str) -> None:
    assert route_item(facts(fen, usual=usual), ROUTING).reason_code == expected


def test_what_is_usual_is_the_lower_median_and_few_items_have_none() -> None:
    assert usual_fen([7, 1, 5, 3, 900, 4], ROUTING) == 4
    assert usual_fen([7, 1, 5, 3], ROUTING) is None
    assert usual_fen([7, 1, 5, 3, 900], replace(ROUTING, odd=None)) is None


@pytest.mark.parametrize(
    ("by", "expected"),
    [(Decider.LIST, ("rule", "LIST_MATCH")), (Decider.RULE, ("rule", "RULE_MATCH")), (Decider.PERSON, ("person", "BY_PERSON"))],
)
def test_what_decides_a_department_s_step_decides_its_clear_cases(by: Decider, expected: tuple[str, str]) -> None:
    route = route_item(facts(5, by=by), ROUTING)
    assert (route.route, route.reason_code) == expected


def test_another_seed_draws_another_sample_of_the_same_size() -> None:
    ids = [f"I{number}" for number in range(20_000)]
    one, other = ([item for item in ids if is_sampled(item, 100_000, seed=seed)] for seed in ("2026-10", "2026-11"))
    assert 1_800 < len(one) < 2_200 and 1_800 < len(other) < 2_200
    assert 100 < len(set(one) & set(other)) < 300, "the two draws know nothing of each other"


def test_items_may_be_agreed_one_by_one_and_the_rest_stays_open() -> None:
    reply = reply_from(
        {"chosen": STAYS_OPEN, "agrees": "1=REVIEWED; 2=CONFIRMED", "refusals": "3=DUPLICATE_RELIEF", **SIGNED}, where="b"
    )
    found = read_reply(reply, where="b")
    assert {number: (one.outcome, one.is_opened) for number, one in found.named.items()} == {
        1: (Outcome.AGREE, True),
        2: (Outcome.AGREE, False),
        3: (Outcome.REFUSE, True),
    }
    assert found.of(4) is None


@pytest.mark.parametrize(
    "wrong", [{"agrees": "1=LIST_MATCH"}, {"agrees": "*=CONFIRMED"}, {"agrees": "3=REVIEWED", "returns": "3=PAPERS_WANTED"}]
)
def test_nobody_agrees_in_the_rule_s_name_nor_twice(wrong: dict[str, str]) -> None:
    with pytest.raises(MianshenError, match="DECISION_INVALID"):
        read_reply(reply_from({"chosen": STAYS_OPEN, **wrong, **SIGNED}, where="b"), where="b")


def test_the_sample_is_drawn_by_hash_at_its_share() -> None:
    drawn = [is_sampled(f"I{number}", 100_000) for number in range(20_000)]
    assert drawn == [is_sampled(f"I{number}", 100_000) for number in range(20_000)]
    assert 0.09 < sum(drawn) / len(drawn) < 0.11
    assert not any(is_sampled(f"I{number}", 0) for number in range(1000))
    assert all(is_sampled(f"I{number}", 1_000_000) for number in range(1000))
