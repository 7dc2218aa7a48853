"""Approvals on the case machine: an application is a case, an item is a step of it; turned by hand, and decided in one act."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from tests.stages.money_county import County, Line, make_county

from mianshen.core.cases import Happening, state_of
from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act
from mianshen.stages import apply, approve, handle, pay, supervise
from mianshen.warehouse import approvals, cases
from mianshen.warehouse.clock_store import STANDS_STILL, clocks_of
from mianshen.warehouse.ledger import APPROVAL_BATCH, APPROVAL_ITEM, CASE, CASE_EVENT, DECISION, PAYMENT

NAMES = ("甲", "乙", "丙")
AT = "2026-11-04T10:00:00+08:00"


@pytest.fixture
def county(tmp_path: Path) -> County:
    """甲 with two departments, 乙 and 丙 with one; everything waits for people."""
    made = make_county(tmp_path / "home", NAMES)
    made.with_pack(lambda pack: replace(pack, routing=tuple(replace(one, large_fen=0) for one in pack.routing)))
    lines = [Line(name, f"e{number}", 1000 * (number + 1)) for number, name in enumerate(NAMES)]
    made.assess([*lines, Line("甲", "e9", 500, "special_disabled")])
    apply.run(made.job)
    return made


def rows(county: County, table: Any) -> list[dict[str, Any]]:
    with county.job.ledger.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def batch_of(county: County, department: str = "civil_affairs") -> str:
    return str(next(one["approval_batch_id"] for one in rows(county, APPROVAL_BATCH) if one["department_code"] == department))


def item(county: County, number: int, department: str = "civil_affairs") -> dict[str, Any]:
    found = [one for one in rows(county, APPROVAL_ITEM) if (one["item_no"], one["department_code"]) == (number, department)]
    return found[0]


def turn(county: County, number: int, happening: Happening, **said: Any) -> None:
    county.later(hours=1)
    wanted = Act(
        happening, "civil_affairs", said.pop("actor", "zhang"), said.pop("by", "civil_affairs"), county.job.as_of, **said
    )
    handle.act(county.job, item(county, number)["application_id"], wanted)


def reply(chosen: str = "同意", *, by: str = "approver_civil_affairs", **said: str) -> dict[str, str]:
    return {"chosen": chosen, "decided_by": by, "decided_at": AT, **said}


def test_an_application_is_a_case_with_a_step_for_each_department_concerned(county: County) -> None:
    """R001-11: pushed to the departments concerned at once."""
    applications = {one["application_id"] for one in rows(county, APPROVAL_ITEM)}
    assert {one["case_id"] for one in rows(county, CASE)} == applications
    with county.job.ledger.connect() as connection:
        waiting = cases.waiting(connection, county_code=county.job.county_code, process_code="relief_approval")
    assert sorted((one["case_id"], one["step_code"]) for one in waiting) == sorted(
        (one["application_id"], one["department_code"]) for one in rows(county, APPROVAL_ITEM)
    )


def test_a_decision_is_the_event_and_stands_nowhere_else(county: County) -> None:
    approve.record_replies(county.job, batch_of(county), reply(refusals="2=DUPLICATE_RELIEF"))
    decided = [one for one in rows(county, CASE_EVENT) if one["happening"] == "decided"]
    assert sorted((one["outcome_code"], one["reason_code"], one["actor"], one["how"]) for one in decided) == sorted(
        (one["outcome"], one["reason_code"], one["decided_by"], one["how"]) for one in rows(county, DECISION)
    )
    for statement in ("insert into decision (approval_item_id) values ('x')", "delete from decision"):
        with pytest.raises(DBAPIError), county.job.ledger.begin() as connection:
            connection.execute(text(statement))


def test_the_database_itself_refuses_a_second_decision(county: County) -> None:
    approve.record_replies(county.job, batch_of(county), reply())
    first = next(one for one in rows(county, CASE_EVENT) if one["happening"] == "decided")
    with pytest.raises(IntegrityError), county.job.ledger.begin() as connection:
        connection.execute(CASE_EVENT.insert().values({**first, "event_no": 99, "actor": "rogue"}))


def test_a_case_ends_when_its_departments_have_decided_and_says_whether_all_refused(county: County) -> None:
    approve.record_replies(county.job, batch_of(county), reply("不予救助", refusals="*=DUPLICATE_RELIEF"))
    ends = {one["case_id"]: one["outcome_code"] for one in rows(county, CASE_EVENT) if one["happening"] == "ended"}
    two = item(county, 1, "disabled")["application_id"]
    assert set(ends.values()) == {"refused"} and two not in ends, "the other department has not decided"
    approve.record_replies(county.job, batch_of(county, "disabled"), reply(by="approver_disabled"))
    with county.job.ledger.connect() as connection:
        assert state_of(cases.events_of(connection, [two])[two]).end_code == "decided"


def test_a_delegated_item_is_answered_by_who_took_it_over(county: County) -> None:
    turn(county, 2, Happening.DELEGATED, to_department="disabled")
    batch = batch_of(county)
    view = approve.open_batch_view(county.job, "civil_affairs")
    assert view is not None and [one.item_no for one in view.items] == [1, 3]
    with pytest.raises(MianshenError, match="delegated"):
        approve.record_replies(county.job, batch, reply(refusals="2=DUPLICATE_RELIEF"))
    assert approve.record_replies(county.job, batch, reply()).counts["recorded"] == 2
    given = reply(by="approver_disabled", department_code="disabled")
    assert approve.record_replies(county.job, batch, given).counts["recorded"] == 1
    assert item(county, 2)["department_code"] == "civil_affairs", "who pays does not change with who decides"


def test_a_paused_item_waits_and_the_rest_is_decided_and_paid(county: County) -> None:
    turn(county, 2, Happening.PAUSED, reason_code="WAITS_FOR_CHECK")
    batch = batch_of(county)
    assert approve.record_replies(county.job, batch, reply()).counts["recorded"] == 2
    approve.record_replies(county.job, batch_of(county, "disabled"), reply(by="approver_disabled"))
    county.job = replace(county.job, as_of=datetime(2026, 11, 30, 9, tzinfo=ZONE))
    pay.run(county.job)
    paid = {one["payee_key"] for one in rows(county, PAYMENT)}
    assert paid == {one["person_key"] for one in rows(county, APPROVAL_ITEM)} - {item(county, 2)["person_key"]}
    turn(county, 2, Happening.RESUMED)
    later = reply() | {"decided_at": county.job.moment}
    assert approve.record_replies(county.job, batch, later).counts["recorded"] == 1


def test_an_item_that_was_paused_has_a_clock_of_its_own_and_the_batch_does_not_wait_for_it(county: County) -> None:
    turn(county, 2, Happening.PAUSED, reason_code="WAITS_FOR_CHECK")
    approve.record_replies(county.job, batch_of(county), reply())
    with county.job.ledger.connect() as connection:
        clocks = {one["subject_id"]: one for one in clocks_of(connection, county.job.county_code)}
    own = clocks[f"{item(county, 2)['application_id']}|civil_affairs|1"]
    assert own["due_on"] == STANDS_STILL.date().isoformat()
    assert clocks[batch_of(county)]["closed_at"] is not None
    county.job = replace(county.job, as_of=datetime(2027, 1, 20, 9, tzinfo=ZONE))
    with county.job.ledger.connect() as connection:
        paused = [one for one in approvals.undecided(connection, county_code=county.job.county_code) if one["is_paused"]]
    assert [one["item_no"] for one in paused] == [2]


def test_a_silent_department_is_missed_once_for_its_batch_and_is_no_veto(county: County) -> None:
    approve.record_replies(county.job, batch_of(county), reply())
    county.job = replace(county.job, as_of=datetime(2026, 11, 18, 9, tzinfo=ZONE))
    assert supervise.run(county.job).counts["misses_recorded"] == 1
    pay.run(county.job)
    assert {one["payee_key"] for one in rows(county, PAYMENT)} == set(county.people.values())


def test_a_reason_is_needed_for_a_pause_and_only_the_holder_or_the_lead_may_turn_an_item(county: County) -> None:
    with pytest.raises(MianshenError, match="PAUSE_UNKNOWN"):
        turn(county, 1, Happening.PAUSED, reason_code="DUPLICATE_RELIEF")
    with pytest.raises(MianshenError, match="STEP_NOT_YOURS"):
        turn(county, 1, Happening.PAUSED, reason_code="WAITS_FOR_CHECK", by="disabled")
    turn(county, 1, Happening.PAUSED, reason_code="WAITS_FOR_CHECK", by="medical_security")


def test_five_thousand_items_are_decided_in_one_act(tmp_path: Path) -> None:
    made = make_county(tmp_path / "home", ())
    made.with_pack(lambda pack: replace(pack, routing=tuple(replace(one, large_fen=0) for one in pack.routing)))
    made.assess([Line(f"p{number}", f"e{number}", 100 + number) for number in range(5_000)])
    apply.run(made.job)
    (batch,) = rows(made, APPROVAL_BATCH)
    said = "; ".join(f"{number}=REVIEWED" for number in (7, 4_999))
    counts = approve.record_replies(
        made.job, batch["approval_batch_id"], reply(agrees=said, refusals="12=DUPLICATE_RELIEF")
    ).counts
    assert counts == {"recorded": 5_000, "agree": 4_999, "return": 0, "refuse": 1}
    how = [one["how"] for one in rows(made, DECISION)]
    assert (how.count("bulk"), how.count("person")) == (4_997, 3), "only what was opened by itself counts as looked at"
