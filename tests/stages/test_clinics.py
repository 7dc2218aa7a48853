"""Clinics are paid what finance signed for them, through the bank, on the same ledger; never an account that nobody confirmed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.ledgers import disarm
from tests.stages.bank_county import PAPER, clinic, payments_of, rows, settle, states, uscc_of
from tests.stages.money_county import County, Line, make_county, steady_entropy
from tests.stages.staged_county import PACK, StagedCounty, listed, make_staged
from tests.stages.test_funds import FUND, done, held, keeping, sign, waiting
from tests.stages.test_reviews_and_withdrawals import computed
from tests.stages.test_service_packages import assessed

from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.policy.packs import load_pack
from mianshen.stages import apply, pay, reconcile
from mianshen.stages.reconcile import acts
from mianshen.stages.reconcile import fund_acts as funds
from mianshen.vault import register
from mianshen.vault.keyring import make_keyring
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import AWARD_POSTING, PAYMENT, PAYMENT_HOLD

PAID, BACK = "0000", "1002"
Agree = Callable[..., None]


@pytest.fixture
def county(tmp_path: Path) -> County:
    return keeping(make_county(tmp_path / "home", ["陈一"]))


def held_for(county: County) -> set[str]:
    return {row["reason_code"] for row in rows(county, PAYMENT_HOLD) if row["lifted_at"] is None}


def test_a_signed_advance_leaves_with_the_next_batch_and_reaches_the_clinic(county: County) -> None:
    clinic(county, "H1")
    done(county, "receipt", 1000)
    done(county, "advance", 300, clinic_code="H1")
    counts = pay.run(county.job).counts
    assert (counts["sent_fen"], counts["unsigned"]) == (300, 0)
    assert held(county) == {(FUND, ""): 700, (FUND, "H1"): 300}
    settle(county, {payments_of(county)["H1"][0]: PAID})
    assert states(county) == {"H1": "paid"}
    assert pay.run(county.job).counts["drafted"] == 0
    assert reconcile.run(county.job).counts["differences"] == 0


def test_nothing_is_signed_for_a_clinic_that_nobody_confirmed(county: County) -> None:
    record = clinic(county, "H1", is_confirmed=False)
    done(county, "receipt", 1000)
    act = funds.ask(
        county.job, "advance", fund_code=FUND, amount_fen=300, happened_on=date(2026, 11, 3), paper_sha256=PAPER, clinic_code="H1"
    )
    with pytest.raises(MianshenError, match="CLINIC_UNKNOWN"):
        sign(county, act)
    assert held(county) == {(FUND, ""): 1000}
    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        pay.clinics.confirm(county.job, record)
    pay.clinics.confirm(replace(county.job, actor="finance"), record)
    sign(county, act)
    assert pay.run(county.job).counts["sent_fen"] == 300


def test_a_clinics_new_account_is_paid_only_once_another_person_confirmed_it(county: County) -> None:
    clinic(county, "H1")
    done(county, "receipt", 1000)
    done(county, "advance", 300, clinic_code="H1")
    county.later(days=1)
    changed = clinic(county, "H1", account="6291000000000000007", is_confirmed=False)
    assert pay.run(county.job).counts["drafted"] == 0
    assert held_for(county) == {"ACCOUNT_UNCONFIRMED"}
    pay.clinics.confirm(replace(county.job, actor="finance"), changed)
    assert pay.run(county.job).counts["sent_fen"] == 300


def test_a_batch_with_a_clinic_and_a_person_asks_finance_for_the_persons_relief_only(county: County, agree_all: Agree) -> None:
    clinic(county, "H1")
    done(county, "receipt", 1000)
    done(county, "advance", 300, clinic_code="H1")
    county.assess([Line("陈一", "e1", 50)])
    apply.run(county.job)
    agree_all(county)
    assert pay.run(county.job).counts["unsigned"] == 1
    (act,) = waiting(county)
    sign(county, act)
    assert held(county) == {(FUND, ""): 650, (FUND, "H1"): 300}
    assert pay.run(county.job).counts["sent_fen"] == 350
    assert reconcile.run(county.job).counts["differences"] == 0


def test_an_advance_that_came_back_is_paid_again_and_stays_the_clinics(county: County, agree_all: Agree) -> None:
    clinic(county, "H1")
    done(county, "receipt", 1000)
    done(county, "advance", 300, clinic_code="H1")
    county.assess([Line("陈一", "e1", 50)])
    apply.run(county.job)
    agree_all(county)
    pay.run(county.job)
    sign(county, waiting(county)[0])
    pay.run(county.job)
    sent = payments_of(county)
    assert settle(county, {sent["H1"][0]: BACK, sent["陈一"][0]: PAID})["credited"] == 0
    assert held(county) == {(FUND, ""): 650, (FUND, "H1"): 300}
    county.job = replace(county.job, as_of=datetime(2026, 12, 10, 9, tzinfo=ZONE))
    assert funds.settle_advances(county.job, 2026, paper_sha256=PAPER) == [], "it never had the money"
    acts.reissue(county.job, sent["H1"][0], keeps_account=True)
    county.later(days=1)
    assert pay.run(county.job).counts["sent_fen"] == 300
    assert held(county) == {(FUND, ""): 650, (FUND, "H1"): 300}
    assert reconcile.run(county.job).counts["differences"] == 0


def test_a_recomputation_takes_nothing_of_a_clinic_back(county: County) -> None:
    clinic(county, "H1")
    done(county, "receipt", 1000)
    done(county, "advance", 300, clinic_code="H1")
    county.assess([])
    apply.run(county.job)
    assert [row["amount_fen"] for row in rows(county, AWARD_POSTING)] == [300]


def test_a_posting_that_nobody_signed_is_found(county: County) -> None:
    clinic(county, "H1")
    done(county, "receipt", 1000)
    done(county, "advance", 300, clinic_code="H1")
    county.job.ledger.dispose()
    disarm(str(county.job.home.root / "ledger.db"))
    with county.job.ledger.begin() as connection:
        connection.execute(text("update award_posting set amount_fen = 301"))
    found = reconcile.run(county.job)
    assert any("clinic_posting" in note and FUND in note for note in found.notes)
    assert pay.run(county.job).counts["sent"] == 0


@pytest.mark.parametrize("fault", [{"uscc": "12100999MB00000019"}, {"clinic_code": "卫生院"}, {"account": ""}, {"name": " "}])
def test_a_form_that_says_too_little_is_refused(county: County, fault: dict[str, str]) -> None:
    form = {"clinic_code": "H1", "uscc": uscc_of(1), "name": "卫生院", "account": "6290000000000000001"} | fault
    with pytest.raises(MianshenError, match="RELATION_INVALID"):
        pay.clinics.add(county.job, json.dumps(form), paper_sha256=PAPER)


@pytest.fixture
def serving(tmp_path: Path) -> StagedCounty:
    """A county whose clinics serve people, with money in its fund; money is kept here."""
    made = make_staged(tmp_path / "home")
    make_keyring(made.job.home.keyring, steady_entropy())
    vault = open_database(made.job.vault_url)
    register.create(vault)
    vault.dispose()
    (made.job.home.root / "settings.json").write_text("{}\n", encoding="utf-8")
    pack = load_pack(PACK, on=made.job.as_of.date(), overlays=("service_package",))
    pack = replace(pack, accounts=replace(pack.accounts, is_kept=True))
    made.job = replace(made.job, funds_since=made.job.as_of.date())
    made.job = replace(made.job, pack=pack, overlays=("service_package",), entropy=steady_entropy("clinics"))
    made.deliver("roster", "bureau_list", "2026-10", listed("P1"), listed("P2"))
    made.deliver("roster", "union_list", "2026-10")
    return made


def asked(county: StagedCounty) -> list[tuple[str, int]]:
    """What is asked for clinics now, and signed."""
    found = funds.ask_services(county.job, paper_sha256=PAPER)
    for one in found:
        funds.check(replace(county.job, actor="finance"), one["act_id"], is_agreed=True, reason="")
    return [(one["clinic_code"], one["amount_fen"]) for one in found]


def money(county: StagedCounty) -> County:
    """The same county, as the money's helpers know one."""
    return County(county.job, {})


def test_assessed_packages_are_asked_for_once_and_paid_to_their_clinic(serving: StagedCounty) -> None:
    for number, code in enumerate(("JC01", "JC02"), 1):
        clinic(money(serving), code, number=number)
    fund = next(one.fund_code for one in serving.job.pack.plan.benefits if one.code.startswith("package"))
    done(money(serving), "receipt", 100_000, fund=fund)
    serving.deliver("notice", "service_assessment", "2026-10", assessed("A1", "P1", "JC01"), assessed("A2", "P2", "JC02"))
    computed(serving)
    assert asked(serving) == [("JC01", 12_000), ("JC02", 12_000)]
    assert asked(serving) == [], "the same assessments are not asked for again"
    assert held(money(serving)) == {(fund, ""): 76_000}
    counts = pay.run(serving.job).counts
    assert (counts["sent_payments"], counts["sent_fen"]) == (2, 24_000)
    assert {row["state"] for row in rows(money(serving), PAYMENT)} == {"sent"}
    assert pay.run(serving.job).counts["drafted"] == 0
    assert reconcile.run(serving.job).counts["differences"] == 0


def test_a_package_that_was_corrected_to_failed_is_taken_from_what_is_due_later(serving: StagedCounty) -> None:
    clinic(money(serving), "JC01")
    fund = next(one.fund_code for one in serving.job.pack.plan.benefits if one.code.startswith("package"))
    done(money(serving), "receipt", 100_000, fund=fund)
    serving.deliver("notice", "service_assessment", "2026-10", assessed("A1", "P1", "JC01"))
    computed(serving)
    assert asked(serving) == [("JC01", 12_000)]
    serving.deliver("notice", "service_assessment", "2026-11", assessed("A1", "P1", "JC01", notice_code="SERVICE_FAILED"))
    computed(serving)
    assert asked(serving) == []
    serving.deliver("notice", "service_assessment", "2026-12", assessed("A2", "P2", "JC01"), assessed("A3", "P1", "JC01"))
    computed(serving)
    assert asked(serving) == [("JC01", 12_000)]


def test_what_finance_refused_may_be_asked_for_again(serving: StagedCounty) -> None:
    clinic(money(serving), "JC01")
    fund = next(one.fund_code for one in serving.job.pack.plan.benefits if one.code.startswith("package"))
    done(money(serving), "receipt", 100_000, fund=fund)
    serving.deliver("notice", "service_assessment", "2026-10", assessed("A1", "P1", "JC01"))
    computed(serving)
    (first,) = funds.ask_services(serving.job, paper_sha256=PAPER)
    funds.check(replace(serving.job, actor="finance"), first["act_id"], is_agreed=False, reason="考核表无签字")
    assert asked(serving) == [("JC01", 12_000)]
