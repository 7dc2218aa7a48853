"""Payees who are not the beneficiary: only by a relation that two people recorded; the dead are not paid, their heirs are."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from tests.stages.bank_county import PAPER, rows, states
from tests.stages.money_county import County, Line, certno_of, facts_of, make_county
from tests.stages.staged_county import StagedCounty

from mianshen.core.errors import MianshenError
from mianshen.documents import pdf
from mianshen.policy.packs import load_bank_profile
from mianshen.stages import apply, disclose, pay, reconcile
from mianshen.stages.pay import payees
from mianshen.vault.records import Fact
from mianshen.warehouse.ledger import PAYEE_CONFIRM, PAYEE_RELATION, PAYMENT, PAYMENT_HOLD, PAYMENT_LINE

Agree = Callable[..., None]
HOSPITAL = "91350100M000100Y43"
"""A credit code with a sound check character; no institution of the county."""


@pytest.fixture
def county(tmp_path: Path) -> County:
    return make_county(tmp_path / "home", ["甲", "乙", "丙"])


def form(**said: str) -> str:
    return json.dumps(said, ensure_ascii=False)


def hospital(advanced: str, *, event: str = "e1", beneficiary: int = 0) -> str:
    return form(
        kind="hospital",
        beneficiary_certno=certno_of(beneficiary),
        payee_certno=HOSPITAL,
        payee_name="虚构县医院",
        payee_account="6288888888888888888",
        event_id=event,
        advanced_yuan=advanced,
    )


def of_person(kind: str, payee: int, name: str, *, beneficiary: int = 0, **more: str) -> str:
    return form(kind=kind, beneficiary_certno=certno_of(beneficiary), payee_certno=certno_of(payee), payee_name=name, **more)


def stand(county: County, written: str) -> str:
    """Record and confirm; returns the relation."""
    found = payees.add(county.job, written, paper_sha256=PAPER)
    payees.confirm(replace(county.job, actor="zhao"), found)
    return found


def settle(county: County, agree_all: Agree, lines: list[Line]) -> dict[str, int]:
    county.assess(lines)
    apply.run(county.job)
    agree_all(county)
    return pay.run(county.job).counts


def paid(county: County) -> dict[str, int]:
    names = {key: name for name, key in county.people.items()}
    query = select(PAYMENT.c.payee_key, func.sum(PAYMENT.c.amount_fen)).group_by(PAYMENT.c.payee_key)
    with county.job.ledger.connect() as connection:
        return {names.get(payee, "other"): int(fen) for payee, fen in connection.execute(query)}


def holds(county: County) -> dict[str, int]:
    return {row["reason_code"]: row["amount_fen"] for row in rows(county, PAYMENT_HOLD) if row["lifted_at"] is None}


def dies(county: County, name: str, on: date) -> None:
    notice = {"list_code": "death", "notice_id": "N1", "notice_code": "DEATH", "happened_on": on}
    StagedCounty(county.job).deliver("notice", "death", "2026-10", {**notice, "person_key": county.people[name]})


def sound(county: County) -> None:
    counts = reconcile.run(county.job).counts
    assert (counts["differences"], counts["difference_fen"]) == (0, 0)


def test_a_hospital_receives_what_it_advanced_and_the_person_the_rest(county: County, agree_all: Agree) -> None:
    """R003-12: a hospital that advanced the cost is the payee up to its advance."""
    stand(county, hospital("0.60"))
    settle(county, agree_all, [Line("甲", "e1", 70), Line("甲", "e1", 30, "special_disabled"), Line("甲", "e2", 5)])
    assert paid(county) == {"other": 60, "甲": 45}
    sound(county)
    county.later(days=1)
    settle(county, agree_all, [Line("甲", "e1", 170), Line("甲", "e1", 30, "special_disabled"), Line("甲", "e2", 5)])
    assert paid(county) == {"other": 60, "甲": 145}
    sound(county)


def test_what_is_taken_back_comes_from_the_person_first_and_is_held_where_it_cannot_be_netted(
    county: County, agree_all: Agree
) -> None:
    stand(county, hospital("0.60"))
    settle(county, agree_all, [Line("甲", "e1", 100), Line("乙", "e3", 9)])
    county.later(days=1)
    settle(county, agree_all, [Line("甲", "e1", 50), Line("乙", "e3", 9)])
    assert holds(county) == {"NET_NOT_POSITIVE": -50}
    county.later(days=1)
    settle(county, agree_all, [Line("甲", "e1", 100), Line("乙", "e3", 9)])
    assert paid(county) == {"other": 60, "甲": 40, "乙": 9}
    sound(county)


def test_a_relation_that_nobody_confirmed_pays_nobody_and_the_recorder_cannot(county: County, agree_all: Agree) -> None:
    relation = payees.add(county.job, hospital("0.60"), paper_sha256=PAPER)
    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        payees.confirm(county.job, relation)
    settle(county, agree_all, [Line("甲", "e1", 100)])
    assert paid(county) == {"甲": 100}


def test_an_ended_relation_pays_no_more_and_what_it_paid_stands(county: County, agree_all: Agree) -> None:
    relation = stand(county, of_person("guardian", 1, "乙"))
    settle(county, agree_all, [Line("甲", "e1", 100)])
    payees.end(county.job, relation, reason="监护终止")
    county.later(days=1)
    settle(county, agree_all, [Line("甲", "e1", 130)])
    assert paid(county) == {"乙": 100, "甲": 30}
    with pytest.raises(MianshenError, match="RELATION_UNKNOWN"):
        payees.end(county.job, relation, reason="再次")


def test_a_guardian_gets_one_payment_and_what_he_owes_is_not_taken_from_his_ward(county: County, agree_all: Agree) -> None:
    settle(county, agree_all, [Line("乙", "e2", 80)])
    stand(county, of_person("guardian", 1, "乙"))
    county.later(days=1)
    settle(county, agree_all, [Line("甲", "e1", 100), Line("乙", "e2", 50)])
    assert (paid(county), holds(county)) == ({"乙": 180}, {"NET_NOT_POSITIVE": -30})
    county.later(days=1)
    settle(county, agree_all, [Line("甲", "e1", 120), Line("乙", "e2", 95)])
    assert (paid(county), len(rows(county, PAYMENT))) == ({"乙": 215}, 3)
    sound(county)


def test_an_account_that_ward_and_guardian_share_is_paid_to_only_with_the_relation(tmp_path: Path, agree_all: Agree) -> None:
    account = "6200000000000000009"

    def facts(name: str, number: int) -> list[Fact]:
        return [replace(one, value=account) if one.kind == "account" and name != "丙" else one for one in facts_of(name, number)]

    county = make_county(tmp_path / "home", ["甲", "乙", "丙"], facts=facts)
    settle(county, agree_all, [Line("甲", "e1", 100)])
    assert (paid(county), holds(county)) == ({}, {"ACCOUNT_SHARED": 100})
    stand(county, of_person("guardian", 1, "乙"))
    pay.run(county.job)
    assert paid(county) == {"乙": 100}


def test_earlier_costs_of_the_dead_go_to_the_hospital_and_the_heirs(county: County, agree_all: Agree) -> None:
    dies(county, "甲", date(2026, 10, 20))
    stand(county, hospital("0.30"))
    settle(county, agree_all, [Line("甲", "e1", 100)])
    assert (paid(county), holds(county)) == ({"other": 30}, {"PAYEE_DEAD": 70})
    stand(county, of_person("heir", 1, "乙", share_percent="50"))
    county.later(days=1)
    pay.run(county.job)
    assert holds(county) == {"HEIR_SHARES": 70}
    stand(county, of_person("heir", 2, "丙", share_percent="50"))
    county.later(days=1)
    pay.run(county.job)
    assert (paid(county), holds(county)) == ({"other": 30, "乙": 35, "丙": 35}, {})
    sound(county)


def test_cost_after_the_death_is_paid_to_nobody(county: County, agree_all: Agree) -> None:
    dies(county, "甲", date(2026, 10, 20))
    stand(county, hospital("0.30", event="e9"))
    stand(county, of_person("heir", 1, "乙", share_percent="100"))
    lines = [Line("甲", "e9", 100, on=date(2026, 10, 21)), Line("甲", "e8", 7, on=date(2026, 10, 20))]
    settle(county, agree_all, lines)
    assert (paid(county), holds(county)) == ({"乙": 7}, {"COST_AFTER_DEATH": 100})


def test_heirs_before_the_notice_wait(county: County, agree_all: Agree) -> None:
    stand(county, of_person("heir", 1, "乙", share_percent="100"))
    settle(county, agree_all, [Line("甲", "e1", 100)])
    assert (paid(county), holds(county)) == ({}, {"HEIR_BEFORE_NOTICE": 100})


def test_a_dead_guardian_is_not_paid(county: County, agree_all: Agree) -> None:
    stand(county, of_person("guardian", 1, "乙"))
    dies(county, "乙", date(2026, 10, 20))
    settle(county, agree_all, [Line("甲", "e1", 100)])
    assert (paid(county), holds(county)) == ({}, {"PAYEE_DEAD": 100})


def test_the_file_and_the_sheet_name_beneficiary_and_relation(
    county: County, agree_all: Agree, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openpyxl import load_workbook

    monkeypatch.setattr(pdf, "can_print", lambda: False)
    county.with_pack(lambda pack: replace(pack, bank=load_bank_profile("yikatong_xlsx")))
    stand(county, hospital("0.60"))
    settle(county, agree_all, [Line("甲", "e1", 100)])
    disclose.run(county.job)
    folder = county.job.home.outbox(county.job.pack.name)
    (path,) = folder.glob("pay_*.xlsx")
    cells = {str(cell) for row in load_workbook(path).worksheets[0].iter_rows(values_only=True) for cell in row}
    assert {"虚构县医院", "甲", "垫付医疗机构", "本人"} <= cells
    (sheet,) = folder.glob("*_sheet.html")
    assert "垫付医疗机构,受益人 甲" in sheet.read_text("utf-8")


def test_the_database_refuses_a_line_to_somebody_else_without_a_confirmed_relation(county: County, agree_all: Agree) -> None:
    relation = payees.add(county.job, of_person("guardian", 1, "乙"), paper_sha256=PAPER)
    settle(county, agree_all, [Line("甲", "e1", 100)])
    (line,) = rows(county, PAYMENT_LINE)
    other = {**line, "payment_line_id": "L2", "payee_key": county.people["乙"], "is_live": False}
    for claimed in (None, relation):
        with pytest.raises(IntegrityError, match="no confirmed relation"), county.job.ledger.begin() as connection:
            connection.execute(insert(PAYMENT_LINE).values(**{**other, "relation_id": claimed}))
    with pytest.raises(IntegrityError), county.job.ledger.begin() as connection:
        values = {"relation_id": relation, "recorded_by": "system", "confirmed_by": "system", "confirmed_at": "x"}
        connection.execute(insert(PAYEE_CONFIRM).values(**values))
    payees.confirm(replace(county.job, actor="zhao"), relation)
    with county.job.ledger.begin() as connection:
        connection.execute(insert(PAYMENT_LINE).values(**{**other, "relation_id": relation}))


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "friend"},
        {"payee_name": ""},
        {"payee_certno": "123"},
        {"payee_certno": certno_of(0)},
        {"advanced_yuan": "0"},
        {"advanced_yuan": "一百"},
        {"event_id": ""},
    ],
)
def test_a_form_that_says_too_little_is_refused_and_leaves_nothing(county: County, said: dict[str, str]) -> None:
    with pytest.raises(MianshenError) as refusal:
        payees.add(county.job, json.dumps({**json.loads(hospital("1.00")), **said}), paper_sha256=PAPER)
    assert refusal.value.code == "RELATION_INVALID"
    assert rows(county, PAYEE_RELATION) == []


def test_the_same_form_twice_is_one_relation_and_an_unknown_beneficiary_none(county: County) -> None:
    first = payees.add(county.job, hospital("1.00"), paper_sha256=PAPER)
    assert payees.add(county.job, hospital("1.00"), paper_sha256=PAPER) == first
    with pytest.raises(MianshenError, match="PERSON_UNKNOWN"):
        payees.add(county.job, hospital("1.00", beneficiary=77), paper_sha256=PAPER)


@pytest.mark.parametrize(("kind", "reason"), [("officer", "ACCOUNT_OF_OFFICER"), ("flagged", "ACCOUNT_FLAGGED")])
def test_a_watched_account_waits_until_another_person_releases_it(
    county: County, agree_all: Agree, kind: str, reason: str
) -> None:
    account = f"62{0:017d}"
    assert payees.watch(county.job, [account, ""], kind=kind) == 1
    assert payees.watch(county.job, [account], kind=kind) == 0
    settle(county, agree_all, [Line("甲", "e1", 100), Line("乙", "e2", 7)])
    assert (paid(county), holds(county)) == ({"乙": 7}, {reason: 100})
    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        payees.unwatch(county.job, account, reason="本人待遇")
    assert payees.unwatch(replace(county.job, actor="zhao"), account, reason="本人待遇") == 1
    county.later(days=1)
    pay.run(county.job)
    assert paid(county) == {"乙": 7, "甲": 100}
    assert set(states(county).values()) == {"sent"}
