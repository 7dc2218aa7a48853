"""Exceptional awards: recorded with their minutes, approved by another person, paid once, never computed nor taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.stages.money_county import County, Line, make_county

from mianshen.core.errors import MianshenError
from mianshen.core.exceptional import Grant
from mianshen.stages import apply, approve, exceptional, pay, supervise
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.connect import compute
from mianshen.warehouse.exceptionals import listed
from mianshen.warehouse.lake import show
from mianshen.warehouse.ledger import APPROVAL_BATCH, APPROVAL_ITEM, AUDIT, AWARD_POSTING, EXCEPTIONAL_AWARD, PAYMENT

FEN = 8_000_00


@pytest.fixture
def county(tmp_path: Path) -> County:
    made = make_county(tmp_path / "home", ("甲", "乙"))
    made.with_pack(lambda pack: replace(pack, routing=tuple(replace(one, sample_ppm=0) for one in pack.routing)))
    made.assess([Line("甲", "e1", 1000)])
    apply.run(made.job)
    approve.run(made.job)
    made.job = replace(made.job, actor="zhang")
    return made


def grant(county: County, **said: Any) -> Grant:
    first = Grant(
        person_key=county.people["甲"],
        department_code="civil_affairs",
        fund_code=county.job.pack.funds[0].code,
        amount_fen=FEN,
        minutes_no="新医救会〔2026〕7号",
        document_sha256="ab" * 32,
        decided_by="区医疗救助领导小组",
        decided_on=date(2026, 11, 2),
        benefit_year=2026,
    )
    return replace(first, **said)


def rows(county: County, table: Any) -> list[dict[str, Any]]:
    with county.job.ledger.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def batch_of(county: County) -> str:
    items = [one for one in rows(county, APPROVAL_ITEM) if one["route_reason"] == "EXCEPTIONAL"]
    return str(items[-1]["approval_batch_id"])


def reply(county: County, by: str = "approver_civil_affairs", **said: str) -> dict[str, str]:
    return {"chosen": "同意", "decided_by": by, "decided_at": county.job.moment, **said}


def paid(county: County) -> dict[str, int]:
    return {one["payee_key"]: one["amount_fen"] for one in rows(county, PAYMENT)}


def test_it_waits_for_a_person_and_is_paid_with_the_rest(county: County) -> None:
    exceptional.add(county.job, grant(county))
    assert approve.run(county.job).counts["by_rule"] == 0, "no rule decides it"
    approve.record_replies(county.job, batch_of(county), reply(county))
    pay.run(county.job)
    assert paid(county) == {county.people["甲"]: FEN + 1000}
    with county.job.ledger.connect() as connection:
        (one,) = listed(connection, county_code=county.job.county_code)
        assert verify(rows_of(connection)).problem == "ok"
    said = (one["minutes_no"], one["decided_by"], one["recorded_by"], one["outcome"], one["approved_by"])
    assert said == ("新医救会〔2026〕7号", "区医疗救助领导小组", "zhang", "agree", "approver_civil_affairs")


def test_no_computation_takes_it_back_or_grants_it_again(county: County) -> None:
    exceptional.add(county.job, grant(county))
    approve.record_replies(county.job, batch_of(county), reply(county))
    before = rows(county, AWARD_POSTING)
    county.later(days=1)
    assert apply.run(county.job).counts["postings"] == 0
    county.assess([])
    assert apply.run(county.job).counts["award_fen"] == -1000, "only what the rules had given is taken back"
    standing = [one for one in rows(county, AWARD_POSTING) if one["benefit_code"] == "exceptional"]
    assert standing == [one for one in before if one["benefit_code"] == "exceptional"]
    assert sum(one["amount_fen"] for one in standing) == FEN


def test_who_records_it_neither_decided_nor_approves_it(county: County) -> None:
    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        exceptional.add(county.job, grant(county, decided_by="zhang"))
    exceptional.add(county.job, grant(county))
    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        approve.record_replies(county.job, batch_of(county), reply(county, by="zhang"))


def test_the_same_again_changes_nothing_and_another_amount_is_refused(county: County) -> None:
    first = exceptional.add(county.job, grant(county))
    before = rows(county, AUDIT)
    assert exceptional.add(county.job, grant(county)) == first
    with pytest.raises(MianshenError, match="EXCEPTIONAL_RECORDED"):
        exceptional.add(county.job, grant(county, amount_fen=1))
    assert rows(county, AUDIT) == before and len(rows(county, EXCEPTIONAL_AWARD)) == 1


def test_other_minutes_for_the_same_person_are_another_award(county: County) -> None:
    exceptional.add(county.job, grant(county))
    exceptional.add(county.job, grant(county, minutes_no="新医救会〔2026〕8号", amount_fen=5_00))
    assert len(rows(county, APPROVAL_BATCH)) == 3
    for batch in rows(county, APPROVAL_BATCH)[-2:]:
        approve.record_replies(county.job, batch["approval_batch_id"], reply(county))
    pay.run(county.job)
    assert paid(county)[county.people["甲"]] == FEN + 5_00 + 1000


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_fen": 0},
        {"amount_fen": -5},
        {"minutes_no": " "},
        {"minutes_no": "110101199001011234"},
        {"document_sha256": "ab"},
        {"decided_by": ""},
        {"department_code": "office"},
        {"fund_code": "purse"},
        {"decided_on": date(2026, 11, 4)},
        {"benefit_year": 2027},
    ],
)
def test_what_says_too_little_is_refused_and_leaves_nothing(county: County, wrong: dict[str, Any]) -> None:
    before = rows(county, AUDIT)
    with pytest.raises(MianshenError, match="EXCEPTIONAL_INVALID"):
        exceptional.add(county.job, grant(county, **wrong))
    assert (rows(county, AUDIT), rows(county, EXCEPTIONAL_AWARD)) == (before, [])


def test_a_person_whom_nobody_knows_gets_nothing(county: County) -> None:
    with pytest.raises(MianshenError, match="EXCEPTIONAL_PERSON"):
        exceptional.add(county.job, grant(county, person_key="P-none"))


def test_what_is_refused_is_not_paid(county: County) -> None:
    exceptional.add(county.job, grant(county))
    approve.record_replies(county.job, batch_of(county), reply(county, chosen="不予救助", refusals="*=DUPLICATE_RELIEF"))
    pay.run(county.job)
    assert paid(county) == {county.people["甲"]: 1000}


def test_the_supervisor_has_a_list_of_its_own(county: County) -> None:
    exceptional.add(county.job, grant(county))
    supervise.run(county.job)
    con = compute()
    name = "out.exceptional_award"
    show(con, name, county.job.lake.current(name, county_code=county.job.county_code, month=str(county.job.month)))
    columns = "minutes_no, document_sha256, decided_by, recorded_by, amount_fen, outcome, payment_state"
    found = con.execute(f"select {columns} from {name}").fetchall()
    assert found == [("新医救会〔2026〕7号", "ab" * 32, "区医疗救助领导小组", "zhang", FEN, "open", None)]
    assert "会商特殊救助" in supervise.read_summary(county.job)
