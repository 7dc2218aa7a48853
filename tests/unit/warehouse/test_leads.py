"""A lead is raised once, stays when the check no longer finds it, and every step of its disposal is kept (R001-14)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import Engine
from tests.ledgers import new_ledger
from tests.sql.given import given

from mianshen.core.errors import MianshenError
from mianshen.core.leads import FOLLOWS, LeadAct
from mianshen.warehouse import audit, leads
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.leads import WantedLeads

COUNTY = "100999"
FIRST, LATER, LAST = "2026-11-20T09:00:00+08:00", "2026-11-21T09:00:00+08:00", "2026-11-22T09:00:00+08:00"
LEAD = {
    "lead_id": "L1",
    "indicator_code": "ITEM_UNDECIDED",
    "subject_kind": "item",
    "subject_id": "I1",
    "department_code": "civil",
    "arose_on": "2026-11-14",
    "amount_fen": 1000,
    "evidence": "due_on=2026-11-13",
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    new_ledger(url)
    engine = open_database(url)
    yield engine
    engine.dispose()


def raised(ledger: Engine, *rows: dict[str, object], at: str) -> int:
    con = duckdb.connect(":memory:")
    given(con, "out.lead", *rows)
    with ledger.begin() as connection:
        return leads.raise_new(connection, con, county_code=COUNTY, at=at, run_id="r")


def acted(ledger: Engine, act: LeadAct, *, document: str = "函1号", at: str = LATER) -> None:
    with ledger.begin() as connection:
        leads.act_on(connection, "L1", act, county_code=COUNTY, actor="li", department_code="civil", at=at, document=document)


def test_a_lead_is_raised_once_and_stays_when_it_is_cured(ledger: Engine) -> None:
    assert raised(ledger, LEAD, at=FIRST) == 1
    assert raised(ledger, LEAD, {**LEAD, "lead_id": "L2", "subject_id": "I2"}, at=LATER) == 1
    assert raised(ledger, LEAD, at=LATER) == 1, "the same moment again says the same"
    assert raised(ledger, LEAD, at=LAST) == 0
    with ledger.connect() as connection:
        rows = leads.standing(connection, WantedLeads((COUNTY,)), most=10)
        new = leads.standing(connection, WantedLeads((COUNTY,), raised_since=LATER), most=10)
    assert [row["lead_id"] for row in rows] == ["L2", "L1"]
    assert [row["lead_id"] for row in new] == ["L2"], "what is new since the last visit"


def test_each_step_is_kept_and_stands_in_the_audit_chain(ledger: Engine) -> None:
    raised(ledger, LEAD, at=FIRST)
    for act in (LeadAct.ASKED, LeadAct.ANSWERED, LeadAct.CONFIRMED, LeadAct.TRANSFERRED):
        acted(ledger, act)
        acted(ledger, act)  # the same again changes nothing
    with ledger.connect() as connection:
        found = leads.lead_of(connection, "L1", county_codes=(COUNTY,))
        said = [row["action"] for row in audit.rows_of(connection)]
        counts = leads.summed(connection, county_code=COUNTY)
    assert found is not None
    assert [row["act"] for row in found[1]] == ["asked", "answered", "confirmed", "transferred"]
    assert said == ["lead.asked", "lead.answered", "lead.confirmed", "lead.transferred"]
    assert counts == {"waiting": 0, "asked": 0, "confirmed": 0, "over": 1}


@pytest.mark.parametrize("act", [one for one in LeadAct if None not in FOLLOWS[one]])
def test_nothing_is_answered_or_transferred_before_its_time(ledger: Engine, act: LeadAct) -> None:
    raised(ledger, LEAD, at=FIRST)
    with pytest.raises(MianshenError, match="LEAD_ACT_NOT_POSSIBLE"):
        acted(ledger, act)


@pytest.mark.parametrize("over", [LeadAct.REFUTED])
@pytest.mark.parametrize("act", list(LeadAct))
def test_what_was_refuted_is_over(ledger: Engine, over: LeadAct, act: LeadAct) -> None:
    raised(ledger, LEAD, at=FIRST)
    acted(ledger, over)
    with pytest.raises(MianshenError, match="LEAD_ACT_NOT_POSSIBLE"):
        acted(ledger, act, document="函2号")


def test_another_county_s_lead_is_unknown(ledger: Engine) -> None:
    raised(ledger, LEAD, at=FIRST)
    with ledger.begin() as connection, pytest.raises(MianshenError, match="LEAD_UNKNOWN"):
        leads.act_on(
            connection, "L1", LeadAct.ASKED, county_code="999999", actor="li", department_code="civil", at=LATER, document="x"
        )
