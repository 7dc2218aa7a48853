"""Bills of a case: laid to one case, released by its outcome, paid by the ledger, and only then called paid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.stages.money_county import AS_OF, County, Line, make_county
from tests.stages.test_pay import paid

from mianshen.core.cases import Happening
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act
from mianshen.policy.packs import load_pack
from mianshen.stages import apply, handle, pay
from mianshen.warehouse import bills, case_counts, cases
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.cases import Matter
from mianshen.warehouse.ledger import CASE_BILL, CLAIM_DECISION

PROCESS = "town_reimburse_002036006002"
Agree = Callable[..., None]


@pytest.fixture
def county(tmp_path: Path) -> County:
    """The small county with the reimbursement of another one: a process is data."""
    made = make_county(tmp_path, ("甲",))
    lent = load_pack("360981_fengcheng", on=AS_OF.date())
    limits = {one.code: one for one in (*lent.time_limits, *made.job.pack.time_limits)}
    known = {one.code for one in made.job.pack.departments}
    departments = tuple(one for one in lent.departments if one.code not in known)
    made.with_pack(
        lambda pack: replace(
            pack,
            processes=(*pack.processes, lent.process(PROCESS)),
            time_limits=tuple(limits.values()),
            departments=(*pack.departments, *departments),
        )
    )
    return made


def opened(county: County, subject: str = "A1") -> str:
    (case,) = handle.open_cases(county.job, PROCESS, [Matter(subject, 2026, channel="window", town="花桥街道")])
    process = county.job.pack.process(PROCESS)
    act(county, case, "intake", happening=Happening.PAPERS, papers=tuple(one.code for one in process.step("intake").papers))
    act(county, case, "intake", "accept")
    act(county, case, "town_check", "agree")
    return case


def act(county: County, case: str, step: str, outcome: str = "", **said: Any) -> None:
    county.later(hours=1)
    department = county.job.pack.process(PROCESS).step(step).department_code
    happening = said.pop("happening", Happening.DECIDED)
    handle.act(county.job, case, Act(happening, step, f"clerk_{step}", department, county.job.as_of, outcome, **said))


def decided(county: County) -> dict[str, tuple[str, str]]:
    with county.job.ledger.connect() as connection:
        query = select(CLAIM_DECISION.c.event_id, CLAIM_DECISION.c.outcome, CLAIM_DECISION.c.decided_by)
        return {row.event_id: (row.outcome, row.decided_by) for row in connection.execute(query)}


def refused(county: County, case: str, step: str, outcome: str, **said: Any) -> str:
    with pytest.raises(MianshenError) as error:
        act(county, case, step, outcome, **said)
    return error.value.code


def test_one_case_three_steps_one_payment(county: County, agree_all: Agree) -> None:
    """R004-08: reimbursement, serious illness and relief of two bills are one application, one item a department, one payment."""
    case = opened(county)
    assert refused(county, case, "city_review", "agree") == "BILL_MISSING"
    assert handle.attach(county.job, case, ["E1", "E2"]) == 2
    assert handle.attach(county.job, case, ["E2", "E1"]) == 0
    act(county, case, "city_review", "agree")
    assert decided(county) == dict.fromkeys(("E1", "E2"), ("release", "clerk_city_review"))
    assert refused(county, case, "pay", "paid") == "BILL_NOT_PAID", "nothing was computed yet"
    county.assess([Line("甲", "E1", 600_00), Line("甲", "E1", 150_00, "district_last_resort"), Line("甲", "E2", 50_00)])
    apply.run(county.job)
    assert refused(county, case, "pay", "paid") == "BILL_NOT_PAID", "nobody agreed to the money yet"
    agree_all(county)
    assert refused(county, case, "pay", "paid") == "BILL_NOT_PAID", "it has not left yet"
    pay.run(county.job)
    with county.job.ledger.connect() as connection:
        found = bills.standing(connection, [case], county_code=county.job.county_code)[case]
    assert [(one.event_id, one.awarded_fen, one.away_fen) for one in found] == [("E1", 750_00, 750_00), ("E2", 50_00, 50_00)]
    act(county, case, "pay", "paid")
    assert paid(county) == {"甲": 800_00}
    county.assess([Line("甲", "E1", 600_00), Line("甲", "E1", 150_00, "district_last_resort"), Line("甲", "E2", 50_00)])
    apply.run(county.job)
    agree_all(county)
    pay.run(county.job)
    assert paid(county) == {"甲": 800_00}, "the same bills again are nothing more"
    with county.job.ledger.connect() as connection:
        assert verify(rows_of(connection)).problem == "ok"


def test_who_lacked_papers_came_twice_and_nobody_came_for_the_review(county: County) -> None:
    """R004-09: trips are counted; sent back from the city to the town is none."""
    case = opened(county)
    act(county, case, "city_review", "return", reason_code="COST_NOT_ACCEPTED")
    handle.open_cases(county.job, PROCESS, [Matter("A2", 2026)])
    with county.job.ledger.connect() as connection:
        other = next(
            row["case_id"]
            for row in cases.waiting(connection, county_code=county.job.county_code)
            if row["step_code"] == "intake"
        )
    act(county, other, "intake", "supplement")
    act(county, other, "papers", "brought")
    with county.job.ledger.connect() as connection:
        found = case_counts.trips(connection, county.job.pack)
    assert found == [(PROCESS, 2026, "", 1, 1), (PROCESS, 2026, "", 2, 1)]


def test_a_bill_belongs_to_one_case(county: County) -> None:
    first, second = opened(county), opened(county, "A2")
    handle.attach(county.job, first, ["E1"])
    with pytest.raises(MianshenError) as error:
        handle.attach(county.job, second, ["E2", "E1"])
    assert error.value.code == "BILL_TAKEN" and first in error.value.message()
    with county.job.ledger.connect() as connection:
        assert connection.execute(select(func.count()).select_from(CASE_BILL)).scalar_one() == 1, "whole or not at all"


def test_a_decided_case_takes_no_more_bills_and_the_first_decision_stands(county: County) -> None:
    case = opened(county)
    handle.attach(county.job, case, ["E1"])
    act(county, case, "city_review", "agree")
    with pytest.raises(MianshenError) as error:
        handle.attach(county.job, case, ["E2"])
    assert error.value.code == "BILL_NOT_TAKEN"
    act(county, case, "pay", "nothing_due", reason_code="COST_NOT_ACCEPTED")
    assert decided(county) == {"E1": ("release", "clerk_city_review")}


def test_a_refused_case_refuses_its_bills(county: County) -> None:
    case = opened(county)
    handle.attach(county.job, case, ["E1"])
    act(county, case, "city_review", "refuse", reason_code="NOT_INSURED_HERE")
    assert decided(county) == {"E1": ("refuse", "clerk_city_review")}


def test_a_case_that_claims_no_bills_takes_none(county: County) -> None:
    process = next(one for one in county.job.pack.processes if one.is_of_visits)
    (case,) = handle.open_cases(county.job, process.code, [Matter("A1", 2026)])
    with pytest.raises(MianshenError) as error:
        handle.attach(county.job, case, ["E1"])
    assert error.value.code == "BILL_NOT_TAKEN"
