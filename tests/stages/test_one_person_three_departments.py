"""001 成效一: somebody in three categories at once: lists of three departments, one plan, one payment within 20 working days."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.stages.bank_county import rows, settle
from tests.stages.case_county import CaseCounty, make_case_county, seeded
from tests.stages.intake_county import PACK, certno, settlement, settlements, table
from tests.stages.money_county import County, agree_to_all

from mianshen.core.money import format_yuan
from mianshen.stages import apply, assess, pay, reconcile
from mianshen.warehouse.ledger import APPROVAL_ITEM, CLOCK_STANDING, PAYMENT

NAME = "甲二"
LISTS = {
    "minzheng_shehuijiuzhu_202610": (
        ("姓名", "身份证号", "救助类别", "银行账号"),
        (NAME, certno(1), "低保", "6217000000000000001"),
    ),
    "canlian_zhongdu_202610": (("残疾人证号", "姓名", "残疾等级"), (f"{certno(1)}41", NAME, "一级")),
    "tuiyi_youfu_202610": (("姓名", "公民身份号码", "优抚对象类别"), (NAME, certno(1), "带病回乡退役军人")),
}
SHARES = {"medical_security": 1_400_000 + 49_500, "civil_affairs": 290_000, "disabled": 112_000, "veterans": 89_000}
"""Fen: 20,000 x 70 % and the last resort of the rest; (6,000 - 200) x 50 %; (3,100 - 300) x 40 %; (1,980 - 200) x 50 %."""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> CaseCounty:
    """A stay that cost the person 20,000 yuan, and three lists that name them; no other list names anybody."""
    made = make_case_county(tmp_path_factory.mktemp("worked") / "home", PACK, seeded(), at="2026-11-03 09:00")
    made.job = replace(made.job, pack=replace(made.job.pack, lists=()))
    nought = ("fulamt_ownpay_amt", "preselfpay_amt", "act_pay_dedc", "hifp_pay", "hifmi_pay", "fund_pay_sumamt")
    whole = dict.fromkeys(("medfee_sumamt", "inscp_scp_amt", "psn_part_amt", "psn_cash_pay"), "20000.00")
    bill = settlement(1, psn_name=NAME, **dict.fromkeys(nought, "0.00"), **whole)
    made.drop(settlement_510118_202610=settlements(bill), **{name: table(head, [row]) for name, (head, row) in LISTS.items()})
    made.morning()
    assess.run(made.job)
    apply.run(made.job)
    return made


def test_r001_18_each_department_is_asked_for_its_part_of_one_plan_on_the_same_day(county: CaseCounty) -> None:
    with county.job.ledger.connect() as connection:
        asked = connection.execute(select(APPROVAL_ITEM)).mappings().all()
    assert {row["department_code"]: row["amount_fen"] for row in asked} == SHARES and len(asked) == len(SHARES)
    assert len({row["application_id"] for row in asked}) == 1, "one application, which nobody filled in"


def test_r001_18_one_payment_reaches_the_account_within_twenty_working_days(county: CaseCounty, tmp_path: Path) -> None:
    made = County(county.job, {NAME: county.keys([1])[1]})
    agree_to_all(made)
    made.later(days=2)
    pay.run(made.job)
    (payment,) = rows(made, PAYMENT)
    assert (payment["payee_key"], format_yuan(payment["amount_fen"])) == (made.people[NAME], "19405.00")
    made.later(days=2)
    settle(made, {payment["payment_id"]: "0000"})
    (payment,) = rows(made, PAYMENT)
    assert payment["state"] == "paid"
    (clock,) = [one for one in rows(made, CLOCK_STANDING) if one["time_limit_code"] == "pay_relief"]
    assert clock["closed_at"] is not None and clock["closed_at"][:10] < clock["due_on"]
    made.later(days=30)
    assert pay.run(made.job).counts.get("drafted", 0) == 0 and reconcile.run(made.job) is not None
    assert len(rows(made, PAYMENT)) == 1, "paid once"
