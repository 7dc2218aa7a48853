"""Funds kept here: nothing is entered unsigned, no balance falls below zero, no batch leaves beyond or without its sign-off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from tests.ledgers import disarm
from tests.stages.bank_county import PAPER, clinic, payments_of, rows, settle
from tests.stages.money_county import County, Line, make_county

from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.pack import Fund
from mianshen.stages import apply, pay, reconcile
from mianshen.stages.reconcile import acts
from mianshen.stages.reconcile import fund_acts as funds
from mianshen.warehouse.connect import compute
from mianshen.warehouse.funds import acts_of, balances
from mianshen.warehouse.ledger import FUND_ACT, FUND_CHECK, FUND_ENTRY, PAYMENT_BATCH

Agree = Callable[..., None]
FUND, CHARITY = "district_medical_relief", "charity"
PAID, BACK = "0000", "1002"
DAY = date(2026, 11, 3)


def keeping(county: County) -> County:
    """The county with its funds' balances kept here."""
    known = (Fund(FUND, "区级资金", "district money"), Fund(CHARITY, "慈善资金", "charity money"))
    county.with_pack(lambda pack: replace(pack, funds=known, accounts=replace(pack.accounts, is_kept=True)))
    county.job = replace(county.job, funds_since=county.job.go_live_on)
    return county


@pytest.fixture
def county(tmp_path: Path) -> County:
    return keeping(make_county(tmp_path / "home", ["陈一", "李二"]))


def finance(county: County) -> County:
    return County(replace(county.job, actor="finance"), county.people)


def sign(county: County, act: str) -> None:
    funds.check(finance(county).job, act, is_agreed=True, reason="")


def done(county: County, kind: str, fen: int, *, fund: str = FUND, **more: str) -> str:
    act = funds.ask(county.job, kind, fund_code=fund, amount_fen=fen, happened_on=DAY, paper_sha256=PAPER, **more)
    sign(county, act)
    return act


def held(county: County) -> dict[tuple[str, str], int]:
    with county.job.ledger.connect() as connection:
        return balances(connection, county_code=county.job.county_code)


def waiting(county: County) -> list[str]:
    with county.job.ledger.connect() as connection:
        found = acts_of(connection, county_code=county.job.county_code)
    return [row["act_id"] for row in found if row["outcome"] is None]


def due(county: County, agree_all: Agree, lines: list[Line]) -> dict[str, int]:
    county.assess(lines)
    apply.run(county.job)
    agree_all(county)
    return pay.run(county.job).counts


def test_nothing_is_entered_before_another_person_signs(county: County) -> None:
    act = funds.ask(county.job, "receipt", fund_code=FUND, amount_fen=500, happened_on=DAY, paper_sha256=PAPER)
    assert funds.ask(county.job, "receipt", fund_code=FUND, amount_fen=500, happened_on=DAY, paper_sha256=PAPER) == act
    assert held(county) == {}
    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        funds.check(county.job, act, is_agreed=True, reason="")
    sign(county, act)
    assert held(county) == {(FUND, ""): 500}
    with pytest.raises(MianshenError, match="FUND_ACT_UNKNOWN"):
        sign(county, act)


def test_a_batch_waits_for_finance_and_takes_what_it_pays(county: County, agree_all: Agree) -> None:
    done(county, "receipt", 500)
    counts = due(county, agree_all, [Line("陈一", "e1", 300), Line("李二", "e2", 50)])
    assert (counts["sent"], counts["unsigned"]) == (0, 1)
    with pytest.raises(DBAPIError, match="not agreed"), county.job.ledger.begin() as connection:
        connection.execute(update(PAYMENT_BATCH).values(state="sent", file_sha256="x"))
    (act,) = waiting(county)
    sign(county, act)
    assert held(county) == {(FUND, ""): 150}
    assert pay.run(county.job).counts["sent_fen"] == 350
    assert reconcile.run(county.job).counts["differences"] == 0


def test_a_batch_beyond_its_fund_is_not_signed_until_money_comes(county: County, agree_all: Agree) -> None:
    done(county, "receipt", 100)
    due(county, agree_all, [Line("陈一", "e1", 101)])
    (act,) = waiting(county)
    with pytest.raises(MianshenError, match="FUND_SHORT"):
        sign(county, act)
    assert (held(county), waiting(county)) == ({(FUND, ""): 100}, [act])
    assert pay.run(county.job).counts["unsigned"] == 1
    done(county, "receipt", 1, fund=CHARITY)
    done(county, "transfer", 1, fund=CHARITY, other_fund=FUND)
    sign(county, act)
    assert pay.run(county.job).counts["sent_fen"] == 101
    assert held(county) == {(CHARITY, ""): 0, (FUND, ""): 0}


def test_what_comes_back_is_the_funds_again_and_is_taken_anew(county: County, agree_all: Agree) -> None:
    done(county, "receipt", 350)
    due(county, agree_all, [Line("陈一", "e1", 300), Line("李二", "e2", 50)])
    sign(county, waiting(county)[0])
    pay.run(county.job)
    first = payments_of(county)["李二"][0]
    assert settle(county, {first: BACK, payments_of(county)["陈一"][0]: PAID})["credited"] == 1
    assert held(county) == {(FUND, ""): 50}
    assert reconcile.run(county.job).counts["credited"] == 0
    acts.reissue(county.job, first, keeps_account=True)
    county.later(days=1)
    pay.run(county.job)
    sign(county, waiting(county)[0])
    assert pay.run(county.job).counts["sent_fen"] == 50
    assert held(county) == {(FUND, ""): 0}
    assert reconcile.run(county.job).counts["differences"] == 0


def test_a_signed_batch_that_is_cancelled_gives_its_money_back(county: County, agree_all: Agree) -> None:
    done(county, "receipt", 350)
    due(county, agree_all, [Line("陈一", "e1", 300)])
    sign(county, waiting(county)[0])
    acts.cancel_batch(county.job, rows(county, PAYMENT_BATCH)[0]["payment_batch_id"])
    reconcile.run(county.job)
    assert held(county) == {(FUND, ""): 350}


def test_the_use_of_a_cancelled_batch_is_signed_no_more(county: County, agree_all: Agree) -> None:
    done(county, "receipt", 350)
    due(county, agree_all, [Line("陈一", "e1", 300)])
    acts.cancel_batch(county.job, rows(county, PAYMENT_BATCH)[0]["payment_batch_id"])
    with pytest.raises(MianshenError, match="FUND_ACT_UNKNOWN"):
        sign(county, waiting(county)[0])
    assert held(county) == {(FUND, ""): 350}


def test_a_plan_that_changes_funds_is_a_transfer_between_them(county: County, agree_all: Agree) -> None:
    """The award moves from the district's benefit to another fund's: the batch gives the one back and takes from the other."""
    done(county, "receipt", 100)
    done(county, "receipt", 200, fund=CHARITY)
    due(county, agree_all, [Line("陈一", "e1", 100)])
    sign(county, waiting(county)[0])
    pay.run(county.job)
    replanned(county, 130)
    agree_all(county)
    assert pay.run(county.job).counts["drafted_fen"] == 30
    assert {(row["fund_code"], row["amount_fen"]) for row in rows(county, FUND_ACT) if row["kind"] == "batch"} == {
        (FUND, 100), (FUND, -100), (CHARITY, 130),
    }  # fmt: skip
    for act in waiting(county):
        sign(county, act)
    assert pay.run(county.job).counts["sent_fen"] == 30
    assert held(county) == {(FUND, ""): 100, (CHARITY, ""): 70}
    assert reconcile.run(county.job).counts["differences"] == 0


def replanned(county: County, fen: int, number: int = 0) -> None:
    """The person's relief becomes another department's, of another fund; the department agrees to what is more."""
    benefit, clause = "special_disabled", "clause.special_disabled"
    with county.job.lake.writing(county.job.run_spec("assess", inputs=(f"another plan {number}",))) as run:
        con = compute()
        con.execute(
            "create table line as select $who as person_key, $benefit as benefit_code, 2026 as benefit_year, 'e1' as event_id,"
            " cast($fen as bigint) as amount_fen, false as is_held, date '2026-10-12' as event_on,"
            " 'ZHONGDU_CANJI' as category_code,"
            " $clause as clause_id, 'disabled' as department_code, 'charity' as fund_code",
            {"who": county.people["陈一"], "benefit": benefit, "clause": clause, "fen": fen},
        )
        run.write(con, "out.award_line", "select * from line")
        run.write(con, "out.assessment", "select event_id, person_key, benefit_year, 'PAID' as outcome from line")
        county.job.lake.commit(run)
    county.later(days=1)
    apply.run(county.job)


def test_an_advance_is_used_by_the_month_topped_up_and_settled_in_december(county: County) -> None:
    clinic(county, "H51011800001")
    done(county, "receipt", 1000)
    done(county, "advance", 300, clinic_code="H51011800001")
    with pytest.raises(MianshenError, match="FUND_SHORT"):
        done(county, "used", 301, clinic_code="H51011800001", month="2026-09")
    done(county, "used", 250, clinic_code="H51011800001", month="2026-10")
    with pytest.raises(MianshenError, match="FUND_ACT_STANDS"):
        done(county, "used", 9, clinic_code="H51011800001", month="2026-10")
    done(county, "top_up", 200, clinic_code="H51011800001")
    assert pay.run(county.job).counts["sent_fen"] == 500
    settle(county, {payments_of(county)["H51011800001"][0]: PAID})
    assert held(county) == {(FUND, ""): 500, (FUND, "H51011800001"): 250}
    with pytest.raises(MianshenError, match="FUND_ACT_INVALID"):
        funds.settle_advances(county.job, 2026, paper_sha256=PAPER)
    county.job = replace(county.job, as_of=datetime(2026, 12, 10, 9, tzinfo=ZONE))
    (act,) = funds.settle_advances(county.job, 2026, paper_sha256=PAPER)
    sign(county, act)
    assert held(county) == {(FUND, ""): 750, (FUND, "H51011800001"): 0}
    assert funds.settle_advances(county.job, 2026, paper_sha256=PAPER) == []


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("receipt", {"fund_code": "nowhere"}),
        ("receipt", {"amount_fen": 0}),
        ("batch", {}),
        ("transfer", {}),
        ("transfer", {"other_fund": FUND}),
        ("advance", {}),
        ("used", {"clinic_code": "H1"}),
        ("receipt", {"month": "2026-10"}),
    ],
)
def test_an_act_that_is_not_written_rightly_is_refused(county: County, kind: str, more: dict[str, object]) -> None:
    said = {"fund_code": FUND, "amount_fen": 5, "happened_on": DAY, "paper_sha256": PAPER, **more}
    with pytest.raises(MianshenError, match="FUND_ACT_INVALID"):
        funds.ask(county.job, kind, **said)  # type: ignore[arg-type]


def test_the_statement_of_a_month_opens_where_the_one_before_closed(county: County, tmp_path: Path) -> None:
    act = funds.ask(county.job, "receipt", fund_code=FUND, amount_fen=1000, happened_on=date(2026, 10, 30), paper_sha256=PAPER)
    sign(county, act)
    clinic(county, "H1")
    done(county, "advance", 300, clinic_code="H1")
    out = tmp_path / "statement.xlsx"
    assert funds.write_statement(county.job, "2026-11", out) == 2
    sheet = load_workbook(out).worksheets[0]
    lines = [[str(cell) for cell in row] for row in sheet.iter_rows(min_row=4, values_only=True)]
    assert lines[0][:4] == ["区级资金", "—", "10.00", "0.00"] and lines[0][-1] == "7.00"
    assert lines[1][:3] == ["区级资金", "H1", "0.00"] and lines[1][-1] == "3.00"
    before = out.read_bytes()
    funds.write_statement(county.job, "2026-11", out)
    assert out.read_bytes() == before
    assert funds.write_statement(county.job, "2026-12", out) == 2
    assert load_workbook(out).worksheets[0]["C4"].value == "7.00"


def test_the_database_refuses_entries_unsigned_or_below_zero(county: County) -> None:
    act = funds.ask(county.job, "receipt", fund_code=FUND, amount_fen=5, happened_on=DAY, paper_sha256=PAPER)
    entry = {"act_id": act, "fund_code": FUND, "holder": "", "county_code": county.job.county_code, "entered_at": "x"}
    with pytest.raises(IntegrityError, match="not agreed"), county.job.ledger.begin() as connection:
        connection.execute(insert(FUND_ENTRY).values(**entry, amount_fen=5))
    with pytest.raises(IntegrityError), county.job.ledger.begin() as connection:
        said = {"act_id": act, "made_by": "system", "outcome": "agreed", "reason": "", "checked_at": "x"}
        connection.execute(insert(FUND_CHECK).values(**said, checked_by="system"))
    sign(county, act)
    with pytest.raises(IntegrityError, match="below zero"), county.job.ledger.begin() as connection:
        connection.execute(insert(FUND_ENTRY).values(**{**entry, "holder": "H1"}, amount_fen=-1))


def test_entries_that_differ_from_the_batch_are_found(county: County, agree_all: Agree) -> None:
    done(county, "receipt", 500)
    due(county, agree_all, [Line("陈一", "e1", 300)])
    sign(county, waiting(county)[0])
    pay.run(county.job)
    county.job.ledger.dispose()
    disarm(str(county.job.home.root / "ledger.db"))
    with county.job.ledger.begin() as connection:
        connection.execute(text("update fund_entry set amount_fen = -299 where amount_fen = -300"))
    found = reconcile.run(county.job)
    assert any("fund_entries" in note and FUND in note for note in found.notes)
