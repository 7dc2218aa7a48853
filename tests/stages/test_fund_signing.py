"""Finance's standing order signs what the funds cover and nothing else; a home's books begin on a day of its settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.stages.bank_county import rows
from tests.stages.money_county import County, Line, make_county
from tests.stages.test_funds import FUND, Agree, done, due, held, keeping

from mianshen.core.errors import MianshenError
from mianshen.stages import pay, reconcile
from mianshen.warehouse.ledger import FUND_CHECK


@pytest.fixture
def county(tmp_path: Path) -> County:
    return keeping(make_county(tmp_path / "home", ["陈一", "李二"]))


def test_by_a_standing_order_finance_signs_what_is_covered_and_nothing_else(county: County, agree_all: Agree) -> None:
    county.job = replace(county.job, funds_signer="finance")
    done(county, "receipt", 300)
    counts = due(county, agree_all, [Line("陈一", "e1", 300)])
    assert (counts["signed"], counts["fund_short"], counts["sent_fen"]) == (1, 0, 300)
    county.later(days=1)
    counts = due(county, agree_all, [Line("陈一", "e1", 300), Line("李二", "e2", 50)])
    assert (counts["signed"], counts["fund_short"], counts["sent_fen"]) == (0, 1, 0)
    assert held(county) == {(FUND, ""): 0}
    done(county, "receipt", 50)
    assert pay.run(county.job).counts["sent_fen"] == 50
    assert {row["checked_by"] for row in rows(county, FUND_CHECK)} == {"finance"}
    assert reconcile.run(county.job).counts["differences"] == 0


def test_who_asked_signs_nothing_by_a_standing_order_either(county: County, agree_all: Agree) -> None:
    done(county, "receipt", 300)
    county.job = replace(county.job, funds_signer=county.job.actor)
    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        due(county, agree_all, [Line("陈一", "e1", 300)])
    assert held(county) == {(FUND, ""): 300}


def test_before_its_books_begin_a_home_leaves_the_balances_elsewhere(county: County, agree_all: Agree) -> None:
    county.job = replace(county.job, funds_since=date(2026, 11, 4))
    assert due(county, agree_all, [Line("陈一", "e1", 300)])["sent_fen"] == 300
    county.later(days=1)
    assert due(county, agree_all, [Line("陈一", "e1", 300), Line("李二", "e2", 50)])["unsigned"] == 1
