"""A plan that moves relief from one fund to another: transferred on the day it is decided, without any payment."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.stages.bank_county import rows
from tests.stages.money_county import County, Line, make_county
from tests.stages.test_funds import CHARITY, FUND, Agree, done, due, held, keeping, replanned, sign, waiting

from mianshen.stages import correct, pay, reconcile
from mianshen.stages.reconcile.stopping import put_stop
from mianshen.warehouse import fund_statement, money_state
from mianshen.warehouse.connect import compute
from mianshen.warehouse.ledger import PAYMENT_LINE


@pytest.fixture
def county(tmp_path: Path) -> County:
    return keeping(make_county(tmp_path / "home", ["陈一", "李二"]))


def paid_from_one_fund(county: County, agree_all: Agree) -> None:
    """100 fen were paid from the district's fund."""
    done(county, "receipt", 100)
    due(county, agree_all, [Line("陈一", "e1", 100)])
    sign(county, waiting(county)[0])
    pay.run(county.job)


def test_a_plan_that_only_changes_funds_is_a_transfer_without_any_payment(county: County, agree_all: Agree) -> None:
    """Booked on the day, on both statements, once; the identity holds for each fund and no later payment carries it again."""
    paid_from_one_fund(county, agree_all)
    done(county, "receipt", 200, fund=CHARITY)
    replanned(county, 100)
    agree_all(county)
    counts = correct.run(county.job).counts
    assert (counts["transfers"], counts["transferred_fen"]) == (1, 100)
    assert held(county) == {(FUND, ""): 100, (CHARITY, ""): 100}
    assert correct.run(county.job).counts["transfers"] == 0 and held(county) == {(FUND, ""): 100, (CHARITY, ""): 100}
    with compute() as con, county.job.ledger.connect() as connection:
        fund_statement.make_tables(con, connection, county_code=county.job.county_code)
        statement = {row["fund_code"]: row["transfer_fen"] for row in fund_statement.rows_of(con, "2026-11")}
    assert statement == {FUND: 100, CHARITY: -100}
    found = reconcile.run(county.job).counts
    assert found["differences"] == 0 and found["waiting_fen"] == 0
    with compute() as con, county.job.ledger.connect() as connection:
        money_state.make_tables(con, connection, county_code=county.job.county_code)
        by_fund = con.execute(
            "select fund_code, sum(paid_fen + in_flight_fen) from out.money_state group by all order by 1"
        ).fetchall()
    assert by_fund == [(CHARITY, 100), (FUND, 0)]
    replanned(county, 130, number=1)
    agree_all(county)
    assert pay.run(county.job).counts["drafted_fen"] == 30
    assert {(row["fund_code"], row["amount_fen"]) for row in rows(county, PAYMENT_LINE)} == {(FUND, 100), (CHARITY, 30)}


def test_a_transfer_waits_for_money_and_is_then_booked(county: County, agree_all: Agree) -> None:
    paid_from_one_fund(county, agree_all)
    replanned(county, 100)
    agree_all(county)
    assert correct.run(county.job).counts["transfers_short"] == 1 and held(county) == {(FUND, ""): 0}
    done(county, "receipt", 100, fund=CHARITY)
    assert correct.run(county.job).counts["transferred_fen"] == 100
    assert held(county) == {(FUND, ""): 100, (CHARITY, ""): 0}


def test_nothing_is_transferred_while_the_department_decides_or_the_fund_is_stopped(county: County, agree_all: Agree) -> None:
    paid_from_one_fund(county, agree_all)
    done(county, "receipt", 200, fund=CHARITY)
    replanned(county, 100)
    with county.job.ledger.begin() as connection:
        put_stop(county.job, connection, scope="fund", subject_id=CHARITY, reason="looked at", by="zhou")
    assert correct.run(county.job).counts["transfers"] == 0
    assert held(county) == {(FUND, ""): 0, (CHARITY, ""): 200}


def test_what_moved_between_funds_inside_a_recovery_is_transferred_and_the_rest_asked_back(
    county: County, agree_all: Agree
) -> None:
    paid_from_one_fund(county, agree_all)
    replanned(county, 60)
    agree_all(county)
    counts = correct.run(county.job).counts
    assert counts["open_fen"] + counts["small_fen"] == 40 and counts["transfers_short"] == 1
    done(county, "receipt", 200, fund=CHARITY)
    assert correct.run(county.job).counts["transferred_fen"] == 60
    assert correct.run(county.job).counts["transfers"] == 0
    assert held(county) == {(FUND, ""): 60, (CHARITY, ""): 140}
    assert reconcile.run(county.job).counts["differences"] == 0
