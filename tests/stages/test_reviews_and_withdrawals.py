"""Claims wait for a person with a clock, decisions stand once; wrong deliveries are taken back and what they paid is owed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from tests.stages.staged_county import StagedCounty, listed, make_staged, settlement

from mianshen.core.days import ZONE, Month
from mianshen.core.errors import MianshenError
from mianshen.core.reviews import ReviewCode, ReviewOutcome
from mianshen.stages import apply, assess, profile
from mianshen.stages.frame import StageReport
from mianshen.warehouse import audit, withdrawals
from mianshen.warehouse.claim_reviews import decide_claims, reviews_of, summary_of
from mianshen.warehouse.clock_store import clocks_of
from mianshen.warehouse.clock_watch import record_misses
from mianshen.warehouse.ledger import AWARD_POSTING, DELIVERY

FIRST, AGAIN = date(2026, 10, 12), date(2026, 10, 20)


@pytest.fixture
def county(tmp_path: Path) -> StagedCounty:
    made = make_staged(tmp_path / "home")
    made.deliver("roster", "bureau_list", "2026-10", listed("P1"), listed("P2"))
    made.deliver("roster", "union_list", "2026-10")
    return made


def computed(county: StagedCounty) -> list[StageReport]:
    county.later(hours=1)
    return [stage.run(county.job) for stage in (profile, assess, apply)]


def outcomes(county: StagedCounty) -> dict[str, tuple[str, str | None]]:
    return {row["event_id"]: (row["outcome"], row["reason_code"]) for row in county.rows("out.assessment")}


def posted(county: StagedCounty) -> dict[str, int]:
    query = select(AWARD_POSTING.c.event_id, func.sum(AWARD_POSTING.c.amount_fen)).group_by(AWARD_POSTING.c.event_id)
    with county.job.ledger.connect() as connection:
        return {event: int(fen) for event, fen in connection.execute(query)}


def decided(county: StagedCounty, code: ReviewCode, outcome: ReviewOutcome, *events: str, **changes: str) -> int:
    words = {"reason": "looked at the bills", "at": county.job.moment, "actor": "clerk"} | changes
    place = {"county_code": county.job.county_code, "month": str(county.job.month)}
    return decide_claims(county.job.lake, code=code, outcome=outcome, events=events or None, **place, **words)


def clocks(county: StagedCounty) -> list[Any]:
    with county.job.ledger.connect() as connection:
        return [one for one in clocks_of(connection, county.job.county_code) if one["subject_kind"] == "claim"]


def arrived(county: StagedCounty) -> list[Any]:
    with county.job.ledger.connect() as connection:
        return [one for one in clocks_of(connection, county.job.county_code) if one["subject_kind"] == "delivery"]


def stay(setl_id: str, **changes: Any) -> Any:
    return settlement(setl_id, **({"fixmedins_code": "H1"} | changes))


def renumbered(numbers: Iterable[int], prefix: str) -> list[Any]:
    return [stay(f"{prefix}{number}", on=date(2026, 10, number), medfee_sumamt=2_000_000 + number) for number in numbers]


def test_a_province_that_renumbers_its_settlements_doubles_nothing(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10", *renumbered(range(1, 11), "A"))
    computed(county)
    before = posted(county)
    county.deliver("settlement", "settlement", "2026-11", *renumbered(range(1, 11), "B"))
    told = computed(county)
    assert posted(county) == before, "nothing more is paid and nothing is taken back"
    assert {outcomes(county)[f"B{number}"] for number in range(1, 11)} == {("HELD", "SETTLEMENT_RENUMBERED")}
    assert any("SETTLEMENT_RENUMBERED" in note and "10 claims of 1 people" in note for note in told[1].notes)
    assert [one["subject_id"].split("|")[0] for one in clocks(county)] == ["SETTLEMENT_RENUMBERED"], "one clock for the delivery"
    assert sum("SETTLEMENT_RENUMBERED" in note for note in told[1].notes) == 1, "one alarm"
    [alarm] = summary_of(county.job.lake, county_code=county.job.county_code, month=str(county.job.month))
    assert (alarm["claims"], alarm["people"], alarm["waiting"], alarm["deliveries"]) == (10, 1, 10, 1)
    assert alarm["fen"] == sum(2_000_000 + number for number in range(1, 11))
    assert decided(county, ReviewCode.SETTLEMENT_RENUMBERED, ReviewOutcome.REFUSE, "B1") == 1
    assert [one["closed_at"] for one in clocks(county)] == [None], "nine still wait"
    assert decided(county, ReviewCode.SETTLEMENT_RENUMBERED, ReviewOutcome.REFUSE) == 9
    assert all(one["closed_at"] for one in clocks(county))
    computed(county)
    assert {outcomes(county)[f"B{number}"] for number in range(1, 11)} == {("REFUSED", "BILLED_TWICE")}
    assert posted(county) == before


def test_a_first_id_that_is_withdrawn_leaves_the_new_one_in_its_place(county: StagedCounty) -> None:
    old = county.deliver("settlement", "settlement", "2026-10", stay("A1"))
    computed(county)
    county.deliver("settlement", "settlement", "2026-11", stay("B1"))
    computed(county)
    with county.job.ledger.begin() as connection:
        withdrawals.withdraw(connection, old, at=county.job.moment, actor="clerk", reason="old ids")
    computed(county)
    found = posted(county)
    assert outcomes(county) == {"B1": ("PAID", None)}
    assert found["A1"] == 0 and found["B1"] > 0


def test_accident_care_waits_with_a_clock_and_the_first_decision_stands(county: StagedCounty) -> None:
    county.deliver(
        "settlement", "settlement", "2026-10", stay("S1", med_type="21", dise_code="S72.000"), stay("S2", person_key="P2")
    )
    computed(county)
    assert outcomes(county) == {"S1": ("HELD", "ACCIDENT_PENDING"), "S2": ("PAID", None)}
    assert "S1" not in posted(county)
    [clock] = clocks(county)
    assert (clock["subject_id"], clock["holder_department"], clock["closed_at"]) == ("ACCIDENT_PENDING|S1", "bureau", None)
    county.later(days=60)
    with county.job.ledger.begin() as connection:
        record_misses(connection, county.job.county_code, as_of=county.job.as_of)
    [missed] = clocks(county)
    assert (missed["missed_at"], missed["cause_code"]) == (missed["due_at"], "REVIEW_PENDING")
    assert decided(county, ReviewCode.ACCIDENT_PENDING, ReviewOutcome.RELEASE, "S1") == 1
    with pytest.raises(MianshenError, match="REVIEW_DECIDED"):
        decided(county, ReviewCode.ACCIDENT_PENDING, ReviewOutcome.REFUSE, "S1", actor="other")
    computed(county)
    assert outcomes(county)["S1"] == ("PAID", None)
    [closed] = clocks(county)
    assert closed["closed_at"] and closed["missed_at"], "a miss stays visible after it is cured"
    with county.job.ledger.connect() as connection:
        assert audit.stands(connection, action="claim.decided", subject="S1")
        assert audit.verify(audit.rows_of(connection)).problem == "ok"


def test_a_finding_that_comes_by_notice_releases_and_closes_the_clock(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10", stay("S1", med_type="19"), stay("S2", med_type="22", person_key="P2"))
    computed(county)
    found = [
        {"notice_id": "R1", "notice_code": "INJURY_PAYABLE", "setl_id": "S1", "list_code": "injury_finding"},
        {"notice_id": "R2", "notice_code": "INJURY_NOT_PAYABLE", "setl_id": "S2", "list_code": "injury_finding"},
    ]
    county.deliver("notice", "injury_finding", "2026-11", *found)
    computed(county)
    assert outcomes(county)["S2"][1] in {"ACCIDENT_NOT_PAYABLE", "CARE_NOT_COVERED"}
    assert outcomes(county)["S1"][1] != "ACCIDENT_PENDING"
    assert all(one["closed_at"] for one in clocks(county))


def test_an_accident_of_somebody_on_no_list_holds_no_clock(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10", stay("S1", person_key="P9", dise_code="T14.9"))
    computed(county)
    assert outcomes(county) == {"S1": ("REFUSED", "NO_CATEGORY")}
    assert clocks(county) == []


def test_a_decision_needs_a_name_a_reason_and_a_claim_under_review(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10", stay("S1"))
    computed(county)
    with pytest.raises(MianshenError, match="REVIEW_UNKNOWN"):
        decided(county, ReviewCode.ACCIDENT_PENDING, ReviewOutcome.RELEASE, "S1")
    with pytest.raises(MianshenError, match="ACTOR_MISSING"):
        decided(county, ReviewCode.ACCIDENT_PENDING, ReviewOutcome.RELEASE, "S1", actor=" ")
    assert reviews_of(county.job.lake, county_code="100999", month="2026-10", code=ReviewCode.ACCIDENT_PENDING) == []


def test_what_stands_on_a_paid_claim_is_not_taken_back_while_it_is_held(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10", stay("S1", on=FIRST), stay("S2", on=AGAIN, medfee_sumamt=2_400_000))
    computed(county)
    before = posted(county)
    refund = {"setl_id": "S1R", "init_setl_id": "S1", "refd_setl_flag": "1", "reason_code": "MONEY_INVALID"}
    county.deliver("settlement", "settlement", "2026-11", set_aside=[refund])
    computed(county)
    assert outcomes(county)["S1"] == ("HELD", "REFUND_UNREADABLE")
    assert posted(county) == before
    decided(county, ReviewCode.REFUND_UNREADABLE, ReviewOutcome.REFUSE, "S1")
    computed(county)
    after = posted(county)
    assert (after["S1"], after["S2"]) == (0, before["S1"]), "S2 now comes first in the year"


def test_a_wrong_delivery_is_looked_at_and_taken_back(county: StagedCounty) -> None:
    right = county.deliver("settlement", "settlement", "2026-10", stay("S1"))
    county.supersede(right)
    wrong = county.deliver("settlement", "settlement", "2026-10", stay("S1"), stay("S9", person_key="P2"), version=2)
    computed(county)
    before = posted(county)
    found = withdrawals.consequence(county.job.lake, wrong)
    assert (found.rows, found.people, found.events, found.events_gone, found.before) == (2, ("P1", "P2"), 2, 1, right)
    assert {person: one.fen for person, one in found.owed_back.items()} == {"P2": before["S9"]}
    assert sum(fen for _, fen in found.postings.values()) == before["S1"] + before["S9"]
    assert posted(county) == before, "looking changes nothing"
    with county.job.ledger.begin() as connection:
        assert withdrawals.withdraw(connection, wrong, at=county.job.moment, actor="clerk", reason="of another county") == right
    computed(county)
    assert posted(county) == {"S1": before["S1"], "S9": 0}
    with county.job.ledger.connect() as connection:
        assert withdrawals.known(connection, wrong)["state"] == "WITHDRAWN"
        assert withdrawals.known(connection, right)["state"] == "ACCEPTED"
        [act] = withdrawals.acts_of(connection, wrong)
        assert (act["act"], act["actor"], act["reason"]) == ("withdrawn", "clerk", "of another county")
        assert audit.stands(connection, action="delivery.withdrawn", subject=wrong)
        assert audit.verify(audit.rows_of(connection)).problem == "ok"


def test_an_earlier_year_that_is_withdrawn_whole_is_owed_back_by_the_next_run(tmp_path: Path) -> None:
    county = make_staged(tmp_path / "home", month=Month(2027, 1), as_of=datetime(2027, 2, 10, 9, tzinfo=ZONE))
    for month in ("2026-12", "2027-01"):
        county.deliver("roster", "bureau_list", month, listed("P1"))
        county.deliver("roster", "union_list", month)
    county.deliver("notice", "other_payer", "2027-01")
    county.deliver("settlement", "settlement", "2027-01", stay("NEW", on=date(2027, 1, 9)))
    old = county.deliver("settlement", "settlement", "2026-12", stay("OLD", on=date(2026, 12, 9)))
    computed(county)
    before = posted(county)
    assert before["OLD"] > 0 and before["NEW"] > 0
    found = withdrawals.consequence(county.job.lake, old)
    assert {person: one.fen for person, one in found.owed_back.items()} == {"P1": before["OLD"]}
    with county.job.ledger.begin() as connection:
        withdrawals.withdraw(connection, old, at=county.job.moment, actor="clerk", reason="of another county")
    computed(county)
    assert posted(county) == {"OLD": 0, "NEW": before["NEW"]}, "what the rehearsal said is what is owed"
    with county.job.ledger.begin() as connection:
        withdrawals.release(connection, old, at=county.job.moment, actor="clerk", reason="it was ours", pack=county.job.pack)
    computed(county)
    assert posted(county) == before


def test_a_withdrawal_is_refused_twice_and_without_a_name(county: StagedCounty) -> None:
    wrong = county.deliver("settlement", "settlement", "2026-10", stay("S1"))
    said = {"at": county.job.moment, "actor": "clerk", "reason": "wrong"}
    for code, changes in (("ACTOR_MISSING", {"reason": ""}), ("ACTOR_MISSING", {"actor": ""})):
        with county.job.ledger.begin() as connection, pytest.raises(MianshenError, match=code):
            withdrawals.withdraw(connection, wrong, **(said | changes))
    with county.job.ledger.begin() as connection:
        assert withdrawals.withdraw(connection, wrong, **said) is None
    with county.job.ledger.begin() as connection, pytest.raises(MianshenError, match="DELIVERY_NOT_STANDING"):
        withdrawals.withdraw(connection, wrong, **said)
    with county.job.ledger.begin() as connection, pytest.raises(MianshenError, match="DELIVERY_UNKNOWN"):
        withdrawals.withdraw(connection, "D-none", **said)
    with county.job.ledger.begin() as connection:
        assert withdrawals.release(connection, wrong, pack=county.job.pack, **said) == "ACCEPTED"
    computed(county)
    assert outcomes(county)["S1"][0] == "PAID"


def test_a_released_delivery_of_claims_has_its_three_days_and_a_release_again_three_more(county: StagedCounty) -> None:
    held = county.deliver("settlement", "settlement", "2026-10", stay("S1"))
    said = {"at": county.job.moment, "actor": "clerk", "reason": "looked at"}
    with county.job.ledger.begin() as connection:
        connection.execute(
            update(DELIVERY).where(DELIVERY.c.delivery_id == held).values(state="HELD", reason_code="SNAPSHOT_DROP")
        )
    with county.job.ledger.begin() as connection:
        assert withdrawals.release(connection, held, pack=county.job.pack, **said) == "ACCEPTED"
    [clock] = arrived(county)
    assert (clock["subject_id"], clock["time_limit_code"], clock["due_on"]) == (held, "trigger_relief", "2026-11-09")
    assert clock["started_at"] == county.job.moment, "the time runs from the word that freed it"
    computed(county)
    assert arrived(county)[0]["closed_at"] == county.job.moment
    with county.job.ledger.begin() as connection:
        withdrawals.withdraw(connection, held, **(said | {"at": county.job.moment}))
        withdrawals.release(connection, held, pack=county.job.pack, **(said | {"at": county.job.moment}))
    assert {(one["subject_id"], one["closed_at"] is None) for one in arrived(county)} == {(held, False), (f"{held}|3", True)}
    computed(county)
    assert all(one["closed_at"] for one in arrived(county))


def test_a_released_list_has_no_clock_of_its_own(county: StagedCounty) -> None:
    later = county.deliver("roster", "bureau_list", "2026-11", listed("P1"))
    with county.job.ledger.begin() as connection:
        connection.execute(update(DELIVERY).where(DELIVERY.c.delivery_id == later).values(state="HELD"))
        withdrawals.release(connection, later, pack=county.job.pack, at=county.job.moment, actor="clerk", reason="looked at")
    assert arrived(county) == []


def test_a_withdrawn_list_gives_the_one_before_it_back(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10", stay("S1"))
    computed(county)
    before = posted(county)
    with county.job.ledger.connect() as connection:
        right = next(
            one["delivery_id"] for one in withdrawals.listed(connection, county_code=None) if one["list_code"] == "bureau_list"
        )
    county.supersede(right)
    wrong = county.deliver("roster", "bureau_list", "2026-10", listed("P2"), version=2)
    computed(county)
    assert posted(county)["S1"] == 0
    found = withdrawals.consequence(county.job.lake, wrong)
    assert (found.people, found.events, found.owed_back) == (("P2",), 0, {})
    with county.job.ledger.begin() as connection:
        withdrawals.withdraw(connection, wrong, at=county.job.moment, actor="clerk", reason="half a list")
    computed(county)
    assert posted(county) == before
