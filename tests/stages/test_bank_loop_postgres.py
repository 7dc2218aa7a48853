"""The bank loop, stops, payees and funds on a PostgreSQL ledger: the same guards stand there, whoever writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.postgres import new_database
from tests.stages.bank_county import payments_of, rows, settle, states
from tests.stages.money_county import County, Line, make_county
from tests.stages.test_funds import FUND, done, held, keeping, sign, waiting
from tests.stages.test_payees import hospital, stand

from mianshen.core.errors import MianshenError
from mianshen.stages import apply, pay, reconcile
from mianshen.stages.reconcile import acts
from mianshen.stages.reconcile.stopping import resume, stop
from mianshen.warehouse.ledger import PAYMENT_LINE

ROGUE = (
    "update payment set state = 'paid'",
    "update payment set amount_fen = amount_fen + 1",
    "update payment_batch set state = 'drafted'",
    "update payment_line set fund_code = 'charity'",
    "delete from payment_line",
    "delete from payment_batch",
    "insert into fund_entry select act_id, fund_code, 'H9', county_code, -1, entered_at from fund_entry limit 1",
    "insert into payment_line select 'L2', payment_id, award_id, 'somebody', fund_code, department_code, amount_fen, false,"
    " null from payment_line limit 1",
)
"""What somebody with the database's password may try; each is refused by a trigger."""


@pytest.fixture(scope="module")
def ledger_url(postgres: str) -> str:
    return new_database(postgres, "bank_loop")


@pytest.mark.timeout(600)
def test_the_loop_runs_and_every_guard_stands(tmp_path: Path, ledger_url: str, agree_all: Callable[..., None]) -> None:
    county: County = keeping(make_county(tmp_path / "home", ["甲", "乙"], ledger_url=ledger_url))
    done(county, "receipt", 150)
    stand(county, hospital("0.60"))
    county.assess([Line("甲", "e1", 100), Line("乙", "e2", 50)])
    apply.run(county.job)
    agree_all(county)
    assert pay.run(county.job).counts["unsigned"] == 1
    put = stop(county.job, scope="county", subject_id=county.job.county_code, reason="核查")
    sign(county, waiting(county)[0])
    sent = "update payment_batch set state = 'sent', file_sha256 = 'x'"
    with pytest.raises(DBAPIError, match="stopped"), county.job.ledger.begin() as connection:
        connection.execute(text(sent))
    resume(replace(county.job, actor="zhao"), put["stop_id"], reason="查清")
    assert pay.run(county.job).counts["sent_fen"] == 150
    assert sorted(row["amount_fen"] for row in rows(county, PAYMENT_LINE)) == [40, 50, 60]
    first = payments_of(county)["乙"][0]
    counts = settle(county, {first: "1002", payments_of(county)["甲"][0]: "0000"})
    assert (counts["returned"], counts["paid"], counts["credited"], counts["differences"]) == (1, 1, 1, 0)
    assert held(county) == {(FUND, ""): 50}
    for statement in ROGUE:
        with pytest.raises(DBAPIError, match=r"payment|fund entry"), county.job.ledger.begin() as connection:
            connection.execute(text(statement))
    with pytest.raises(MianshenError, match="FUND_SHORT"):
        done(county, "advance", 51, clinic_code="H1")
    acts.reissue(county.job, first, keeps_account=True)
    county.later(days=1)
    pay.run(county.job)
    sign(county, waiting(county)[-1])
    assert pay.run(county.job).counts["sent_fen"] == 50
    assert states(county)["乙"] == "sent"
    assert reconcile.run(county.job).counts["differences"] == 0
    county.job.ledger.dispose()
