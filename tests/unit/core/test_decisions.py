"""Replies are read as clerks write them, and refused with an example when they cannot be."""

from __future__ import annotations

import pytest

from mianshen.core.codes import REASONS, Level
from mianshen.core.codes.money import REFUSALS, RETURNS
from mianshen.core.decisions import CHOICES, Outcome, read_reply, reply_from
from mianshen.core.errors import MianshenError
from mianshen.core.pack import Routing
from mianshen.core.routing import ItemFacts, is_sampled, route_item

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


ROUTING = Routing("civil_affairs", large_fen=1000, is_first_time_to_person=True, sample_ppm=0)


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
    route = route_item(ItemFacts("I1", fen, is_first_time=first, is_flagged=flagged), ROUTING)
    assert (route.route, route.reason_code) == expected


def test_the_sample_is_drawn_by_hash_at_its_share() -> None:
    drawn = [is_sampled(f"I{number}", 100_000) for number in range(20_000)]
    assert drawn == [is_sampled(f"I{number}", 100_000) for number in range(20_000)]
    assert 0.09 < sum(drawn) / len(drawn) < 0.11
    assert not any(is_sampled(f"I{number}", 0) for number in range(1000))
    assert all(is_sampled(f"I{number}", 1_000_000) for number in range(1000))
