"""Tinghu publishes the relief that it agreed to: an objection opens the item again, and nothing is paid or decided twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from tests.stages import money_county
from tests.stages.bank_county import rows
from tests.stages.money_county import AS_OF, County, Line, agree_to_all, make_county
from tests.stages.test_approve import all_to_person
from tests.stages.test_notices import text_of
from tests.stages.test_pay import paid

from mianshen.core.cases import Happening
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act
from mianshen.policy.packs import load_pack
from mianshen.stages import apply, approve, correct, disclose, handle, pay
from mianshen.warehouse import approvals, payments
from mianshen.warehouse.connect import compute
from mianshen.warehouse.ledger import (
    APPLICATION,
    APPROVAL_BATCH,
    APPROVAL_ITEM,
    AWARD_POSTING,
    CLOCK_STANDING,
    DECISION,
    RECOVERY,
)

TINGHU = "tinghu_special"
GROWN, CHILD, HIV, ILL = "王小明", "李小童", "赵某某", "钱大病"


@pytest.fixture
def county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> County:
    """The district's own pack and process; everything goes to a person."""
    monkeypatch.setitem(money_county.DEPARTMENTS, TINGHU, ("health", "YILEI"))
    made = make_county(tmp_path / "home", (GROWN, CHILD, HIV, ILL))
    made.with_pack(lambda _: load_pack("320902_tinghu", on=AS_OF.date(), overlays=("extend_trial",)))
    all_to_person(made)
    said(made)
    return made


def said(county: County) -> None:
    """Who stands on the list of children in hardship, and who was treated for HIV or a mental illness."""
    con = compute()
    with county.job.lake.writing(county.job.run_spec("profile", inputs=("facts",))) as run:
        ill = " union all ".join(
            f"select 'x{code}' as event_id, '{county.people[name]}' as person_key, '{code}' as dise_code"
            for name, code in ((HIV, "B20.9"), (ILL, "F20.0"))
        )
        run.write(con, "facts.care_event", ill)
        listed = f"select '{county.people[CHILD]}' as person_key, 'KUNJING_YI' as category_code, 'minzheng_kunnan' as list_code"
        run.write(con, "facts.identity_span", listed)
        county.job.lake.commit(run)


def agreed(county: County, *lines: Line) -> None:
    """The relief is applied for and the department agrees to it."""
    county.assess(lines)
    apply.run(county.job)
    county.later(hours=1)
    agree_to_all(county)


def award(name: str, fen: int = 60_000, event: str = "e1") -> Line:
    return Line(name, event, fen, benefit=TINGHU)


def object_to(county: County, name: str) -> str:
    """Somebody objects to the person's relief; returns the case."""
    with county.job.ledger.connect() as connection:
        query = select(APPLICATION.c.application_id).where(APPLICATION.c.person_key == county.people[name])
        case = str(connection.execute(query).scalar_one())
    step, outcome = handle.objecting(county.job, case)
    act = Act(Happening.DECIDED, step, "li", "health", county.job.as_of, outcome_code=outcome, reason_code="OBJECTED_MEANS")
    handle.act(county.job, case, act)
    return case


def answer(county: County, chosen: str, **said: str) -> dict[str, int]:
    """The department's answer to all that waits."""
    county.later(hours=1)
    (batch,) = {row["approval_batch_id"] for row in rows(county, APPROVAL_BATCH)}
    reply = {"chosen": chosen, "decided_by": "approver_health", "decided_at": county.job.moment, **said}
    return dict(approve.record_replies(county.job, batch, reply).counts)


def number_of(county: County, name: str) -> int:
    (found,) = [row["item_no"] for row in rows(county, APPROVAL_ITEM) if row["person_key"] == county.people[name]]
    return int(found)


def sent(county: County) -> dict[str, int]:
    """What each person has been sent after one more run of pay."""
    pay.run(county.job)
    return paid(county)


def decisions(county: County) -> list[str]:
    return sorted(row["outcome"] for row in rows(county, DECISION))


def test_r003_13_relief_is_published_for_the_site_and_the_villages_with_who_may_be_named(county: County) -> None:
    agreed(county, *(award(name, event=f"e{number}") for number, name in enumerate((GROWN, CHILD, HIV, ILL))))
    (made,) = disclose.publish(county.job)
    text = text_of(made)
    assert (
        "区政务信息网" in text and "各村(居、社区)政务公开信息栏" in text and "自2026年11月3日起至2026年11月10日止(7天)" in text
    )
    assert "王*明" in text and "600.00" in text and "另有 3 人依法不列姓名" in text
    assert not [name for name in (CHILD, HIV, ILL) if name[0] + "*" in text or name in text]
    assert disclose.publish(county.job) == []
    assert handle.run(county.job).counts["passed_by_time"] == 0
    county.later(days=8)
    assert handle.run(county.job).counts["passed_by_time"] == 4
    assert handle.run(county.job).counts["waiting"] == 0


def test_r003_13_an_objection_opens_the_item_again_and_the_notice_runs_anew(county: County) -> None:
    """The item waits for a person, is decided once more, never twice, and is paid once; its next notice has seven new days."""
    agreed(county, award(GROWN))
    (first,) = disclose.publish(county.job)
    county.later(days=3)
    object_to(county, GROWN)
    assert decisions(county) == [] and sent(county) == {}
    with county.job.ledger.connect() as connection:
        (item,) = approvals.undecided(connection, county_code=county.job.county_code, route="person")
    assert (item["route_reason"], item["is_again"]) == ("NOTICE_OBJECTED", True)
    assert approve.run(county.job).counts["by_rule"] == 0, "no rule decides what somebody objected to"
    assert answer(county, "同意")["agree"] == 1 and decisions(county) == ["agree"]
    (second,) = disclose.publish(county.job)
    assert second.path != first.path and "自2026年11月6日起至2026年11月13日止" in text_of(second)
    assert sent(county) == {GROWN: 60_000}
    county.later(days=8)
    assert handle.run(county.job).counts["passed_by_time"] == 1
    assert sent(county) == {GROWN: 60_000}


def test_the_item_that_was_opened_again_has_a_limit_of_its_own(county: County) -> None:
    agreed(county, award(GROWN))
    approve.run(county.job)
    county.later(days=2)
    case = object_to(county, GROWN)
    with county.job.ledger.connect() as connection:
        query = select(CLOCK_STANDING.c.started_at, CLOCK_STANDING.c.due_on, CLOCK_STANDING.c.closed_at)
        clocks = connection.execute(query.where(CLOCK_STANDING.c.subject_id.startswith(f"{case}|health"))).all()
    assert [(one.started_at[:10], one.due_on, one.closed_at) for one in clocks] == [("2026-11-05", "2026-12-17", None)]


def test_what_was_paid_before_the_objection_is_asked_back_when_it_is_then_refused(county: County) -> None:
    agreed(county, award(GROWN), award(ILL, 5_000, "e2"))
    pay.run(county.job)
    county.later(days=1)
    object_to(county, GROWN)
    assert sent(county) == {GROWN: 60_000, ILL: 5_000}
    assert answer(county, "未定", refusals=f"{number_of(county, GROWN)}=COST_NOT_ACCEPTED")["refuse"] == 1
    county.assess([award(ILL, 5_000, "e2")])
    apply.run(county.job)
    assert correct.run(county.job).counts["case_fen"] == 60_000
    assert [row["person_key"] for row in rows(county, RECOVERY)] == [county.people[GROWN]]
    assert sent(county) == {GROWN: 60_000, ILL: 5_000}


def test_what_was_paid_before_the_objection_and_agreed_again_is_not_paid_again(county: County) -> None:
    agreed(county, award(GROWN))
    pay.run(county.job)
    county.later(days=1)
    object_to(county, GROWN)
    assert correct.run(county.job).counts["case_found"] == 0, "nothing is asked back while the department looks again"
    answer(county, "同意")
    apply.run(county.job)
    assert sent(county) == {GROWN: 60_000}
    assert len(rows(county, AWARD_POSTING)) == 1


def test_a_refund_while_the_department_looks_again_is_settled_once_it_has_decided(county: County) -> None:
    """Neither asked back nor paid out in the meantime, however late the department is."""
    agreed(county, award(GROWN))
    pay.run(county.job)
    county.later(days=1)
    object_to(county, GROWN)
    county.assess([award(GROWN, 40_000)])
    apply.run(county.job)
    county.later(days=90)
    assert correct.run(county.job).counts["case_found"] == 0
    answer(county, "同意")
    assert correct.run(county.job).counts["case_fen"] == 20_000
    assert sent(county) == {GROWN: 60_000}


def test_a_sheet_of_before_the_objection_decides_nothing(county: County) -> None:
    county.assess([award(GROWN)])
    apply.run(county.job)
    (batch,) = rows(county, APPROVAL_BATCH)
    blank = approve.make_sheet(county.job, batch["approval_batch_id"])
    answer(county, "同意")
    object_to(county, GROWN)
    with pytest.raises(MianshenError, match="SHEET_CHANGED"):
        approve.take_sheet(county.job, blank, by="approver_health", where="old.xlsx")
    assert decisions(county) == []
    with county.job.ledger.connect() as connection:
        assert payments.payable(connection, county_code=county.job.county_code) == []
