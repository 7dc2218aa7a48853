"""监督疑点 in the supervisor's page: counts lead to their leads, a lead to its evidence and to what was done about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import duckdb
import pytest
from sqlalchemy import Engine
from tests.dags.conftest import COUNTY, DUE, Browser
from tests.dags.test_deadlines import PACK
from tests.sql.given import given

from mianshen.core.leads import INDICATORS, LeadAct
from mianshen.warehouse import leads as kept

NOW = datetime(2026, 11, 20, 9, tzinfo=DUE.tzinfo)
FIRST, SECOND = f"L{1:024x}", f"L{2:024x}"


@pytest.fixture
def leads(ledger: Engine, at: Callable[[datetime], None]) -> None:
    """Two leads; one was asked about."""
    at(NOW)
    evidence = "due_on=2026-11-13; days_late=7"
    common = {"department_code": "disabled", "arose_on": "2026-11-14", "amount_fen": 12345, "evidence": evidence}
    con = duckdb.connect(":memory:")
    given(
        con,
        "out.lead",
        {"lead_id": FIRST, "indicator_code": "ITEM_UNDECIDED", "subject_kind": "item", "subject_id": "I1", **common},
        {"lead_id": SECOND, "indicator_code": "CLAIM_GONE", "subject_kind": "claim", "subject_id": "<b>E1</b>", **common},
    )
    with ledger.begin() as connection:
        kept.raise_new(connection, con, county_code=COUNTY, at=NOW.isoformat(timespec="seconds"), run_id="r")
        who = {"actor": "zhang", "department_code": "disabled", "document": "监函3号"}
        kept.act_on(connection, SECOND, LeadAct.ASKED, county_code=COUNTY, at=NOW.isoformat(), **who)


def test_counts_lead_to_their_leads(supervisor: Browser, leads: None) -> None:
    page = supervisor.get("/leads", params={"county": PACK}).text
    assert "leads:" not in page, "one language a page"
    for code, act, lead in (("ITEM_UNDECIDED", "new", FIRST), ("CLAIM_GONE", "asked", SECOND)):
        address = re.search(rf'href="(leads\?[^"]*indicator={code}[^"]*act={act})">1<', page)
        assert address
        listed = supervisor.get("/" + address[1].replace("&amp;", "&")).text
        assert f"leads/{lead}" in listed
        assert len(re.findall(r'href="leads/L', listed)) == 1
    for kind in INDICATORS.values():
        assert kind.zh in page


def test_a_lead_shows_its_evidence_and_its_disposal(supervisor: Browser, leads: None) -> None:
    page = supervisor.get(f"/leads/{SECOND}").text
    assert "已问询" in page and "监函3号" in page and "zhang" in page and "区残疾人联合会" in page
    assert "到期日" in page and "2026-11-13" in page and "123.45" in page
    assert "<b>E1</b>" not in page
    assert "尚未处置" in supervisor.get(f"/leads/{FIRST}").text
    assert supervisor.get(f"/leads/L{3:024x}").status_code == 404


def test_what_is_new_since_a_visit(supervisor: Browser, leads: None) -> None:
    assert len(supervisor.get("/api/leads", params={"since": "2026-11-20T09:00:00+08:00"}).json()) == 2
    assert supervisor.get("/api/leads", params={"since": "2026-11-20T09:00:01+08:00"}).json() == []


@pytest.mark.parametrize(
    ("asked", "status"),
    [({"act": "lost"}, 422), ({"since": "yesterday"}, 422), ({"indicator": "x;"}, 422), ({"county": "999999_no"}, 404)],
)
def test_nonsense_in_the_address_is_refused(supervisor: Browser, leads: None, asked: dict[str, str], status: int) -> None:
    assert supervisor.get("/leads", params=asked).status_code == status
