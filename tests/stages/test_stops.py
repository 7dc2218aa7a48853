"""一键停发: nothing is sent while it stands, the people touched are listed, another person resumes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from tests.stages.bank_county import rows
from tests.stages.money_county import County, Line, make_county

from mianshen.core.errors import MianshenError
from mianshen.stages import apply, pay
from mianshen.stages.reconcile.stopping import resume, stop
from mianshen.warehouse.ledger import AUDIT, PAYMENT_BATCH, PAYMENT_HOLD, PAYMENT_RESUME
from mianshen.warehouse.stops import people_of, standing

Agree = Callable[..., None]
FUND = "district_medical_relief"


@pytest.fixture
def county(agreed: County, tmp_path: Path) -> County:
    """The same in a home of the test's own."""
    return agreed.copy(tmp_path / "home")


@pytest.fixture(scope="module")
def agreed(tmp_path_factory: pytest.TempPathFactory, agree_all: Agree) -> County:
    """甲 1.00 and 乙 0.70 yuan, agreed and not yet in a batch; the fund is one of the pack's."""
    county = make_county(tmp_path_factory.mktemp("agreed") / "home", ["甲", "乙"])
    county.with_pack(lambda pack: replace(pack, funds=tuple(replace(one, code=FUND) for one in pack.funds[:1])))
    county.assess([Line("甲", "e1", 100), Line("乙", "e2", 70)])
    apply.run(county.job)
    agree_all(county)
    return county


def touched(county: County, stop_id: str) -> dict[str, int]:
    names = {key: name for name, key in county.people.items()}
    with county.job.ledger.connect() as connection:
        return {names[row["person_key"]]: row["amount_fen"] for row in people_of(connection, stop_id)}


def outbox(county: County) -> list[str]:
    folder = county.job.home.outbox(county.job.pack.name)
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_stopped_fund_drafts_nothing_and_a_second_person_lets_it_go_on(county: County) -> None:
    put = stop(county.job, scope="fund", subject_id=FUND, reason="接到举报,先停发核查")
    assert (put["persons"], put["amount_fen"], touched(county, put["stop_id"])) == (2, 170, {"甲": 100, "乙": 70})
    assert pay.run(county.job).counts["drafted"] == 0
    assert {row["reason_code"] for row in rows(county, PAYMENT_HOLD)} == {"PAYMENT_STOPPED"}
    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        resume(county.job, put["stop_id"], reason="查清")
    resume(replace(county.job, actor="zhao"), put["stop_id"], reason="查清")
    county.later(hours=1)
    assert pay.run(county.job).counts["sent_fen"] == 170
    assert [row["action"] for row in rows(county, AUDIT)][2:4] == ["payment.stopped", "payment.resumed"]


@pytest.mark.parametrize("scope", ["batch", "fund", "county"])
def test_a_batch_that_waits_is_not_sent_while_it_is_stopped(county: County, scope: str) -> None:
    pay.draft(pay.Till(county.job))
    pay.approve(county.job, checker="finance_checker")
    (batch,) = rows(county, PAYMENT_BATCH)
    subject = {"batch": batch["payment_batch_id"], "fund": FUND, "county": county.job.county_code}[scope]
    put = stop(county.job, scope=scope, subject_id=subject, reason="核查")
    assert touched(county, put["stop_id"]) == {"甲": 100, "乙": 70}
    counts = pay.run(county.job).counts
    assert (counts["sent"], counts["stopped"], outbox(county)) == (0, 1, [])
    with pytest.raises(DBAPIError, match="stopped"), county.job.ledger.begin() as connection:
        connection.execute(update(PAYMENT_BATCH).values(state="sent", file_sha256="x"))
    resume(replace(county.job, actor="zhao"), put["stop_id"], reason="查清")
    assert pay.run(county.job).counts["sent_fen"] == 170


def test_the_database_itself_wants_another_person_to_resume(county: County) -> None:
    put = stop(county.job, scope="county", subject_id=county.job.county_code, reason="核查")
    values = {"stop_id": put["stop_id"], "reason": "x", "resumed_at": county.job.moment}
    for claimed, by in (("system", "system"), ("somebody", "zhao")):
        with pytest.raises(IntegrityError), county.job.ledger.begin() as connection:
            connection.execute(insert(PAYMENT_RESUME).values(**values, stopped_by=claimed, resumed_by=by))
    assert len(rows(county, PAYMENT_RESUME)) == 0


def test_the_same_stop_twice_is_one_and_an_unknown_subject_none(county: County) -> None:
    first = stop(county.job, scope="fund", subject_id=FUND, reason="核查")
    assert stop(replace(county.job, actor="zhao"), scope="fund", subject_id=FUND, reason="再查")["stop_id"] == first["stop_id"]
    with pytest.raises(MianshenError, match="STOP_SUBJECT"):
        stop(county.job, scope="batch", subject_id="D0", reason="核查")
    with pytest.raises(MianshenError, match="CASE_REASON"):
        stop(county.job, scope="fund", subject_id=FUND, reason=" ")
    with pytest.raises(MianshenError, match="STOP_UNKNOWN"):
        resume(county.job, "S0", reason="查清")
    with county.job.ledger.connect() as connection:
        assert len(standing(connection, county_code=county.job.county_code)) == 1


def test_a_number_in_the_reason_is_blotted_out(county: County) -> None:
    put = stop(county.job, scope="fund", subject_id=FUND, reason="举报人 13800001234 称重复")
    assert "13800001234" not in put["reason"] and "称重复" in put["reason"]
