"""The register of clocks in the supervisor's page: filters in the address, a number leads to its clocks, a clock to its story."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
from sqlalchemy import Engine
from tests.dags.conftest import COUNTY, DUE, Browser
from tests.dags.test_deadlines import PACK

from mianshen.core.clocks import Due
from mianshen.core.codes import REASONS
from mianshen.core.codes.clocks import GROUNDS
from mianshen.policy.packs import load_pack
from mianshen.warehouse.clock_store import Subject, clock_id, open_clocks_due, record_event
from mianshen.warehouse.clock_watch import record_misses
from mianshen.warehouse.docket import PAGE_SIZE, STATES
from mianshen.warehouse.exemptions import ExemptionAct, apply_for, decide
from mianshen_airflow.pages.wording import EVENT_NAMES, KIND_NAMES, STATE_NAMES

NOW = datetime(2026, 11, 20, 9, tzinfo=DUE.tzinfo)
MANY = PAGE_SIZE + 20


@pytest.fixture
def clocks(ledger: Engine, at: Callable[[datetime], None]) -> dict[str, str]:
    """One clock a state, each known by it, and more running ones than a page holds."""
    at(NOW)
    found: dict[str, str] = {}
    with ledger.begin() as connection:
        for state, due_in, closed_in in (("overdue", -3, None), ("due_soon", 1, None), ("met_late", -9, -2), ("met", -9, -12),
                                         ("exempted", -20, None)):  # fmt: skip
            found[state] = _open(connection, f"A-{state}", NOW + timedelta(days=due_in), town="花源镇")
            if closed_in is not None:
                record_event(connection, found[state], event="closed", at=NOW + timedelta(days=closed_in))
        for number in range(MANY):
            _open(connection, f"B{number:03d}", NOW + timedelta(days=30), town=None)
        record_misses(connection, COUNTY, as_of=NOW)
        _exempt(connection, found["exempted"])
    return found


def _open(connection: Any, subject: str, at: datetime, *, town: str | None) -> str:
    until = Due(on=(at - timedelta(days=1)).date(), at=at, provisional=False)
    who = Subject(COUNTY, "application", subject, "medical_security", town)
    open_clocks_due(connection, [(who, "pay_relief", at - timedelta(days=20), until)])
    return clock_id(who, "pay_relief")


def _exempt(connection: Any, clock: str) -> None:
    for number, (act, actor) in enumerate((("applied", "zhang"), ("granted", "li"))):
        said = ExemptionAct(
            act, actor, "medical_security", (NOW - timedelta(hours=2 - number)).isoformat(), "SYSTEM_OUTAGE", "纪要3号"
        )
        (apply_for if act == "applied" else decide)(connection, clock, said, county_code=COUNTY)


def _get(browser: Browser, path: str, **asked: str) -> str:
    answer = browser.get(path, **({"params": asked} if asked else {}))
    assert answer.status_code == 200, answer.text
    return answer.text


def test_each_state_has_its_number_and_the_number_leads_to_its_clocks(supervisor: Browser, clocks: dict[str, str]) -> None:
    page = _get(supervisor, "/clocks", county=PACK)
    for state, count in {"overdue": 1, "due_soon": 1, "met_late": 1, "met": 1, "exempted": 1, "open": MANY, "paused": 0}.items():
        found = re.search(rf'href="(clocks\?[^"]*state={state})"[^>]*><b>(\d+)</b>', page)
        assert found and int(found[2]) == count, state
        listed = _get(supervisor, "/" + found[1].replace("&amp;", "&"))
        assert (clocks[state] in listed) if state in clocks else (listed.count('href="clocks/') == min(count, PAGE_SIZE))
    assert "register of clocks" not in page, "one language a page"


def test_a_miss_names_its_holder_its_days_and_its_whole_history(supervisor: Browser, clocks: dict[str, str]) -> None:
    page = _get(supervisor, f"/clocks/{clocks['met_late']}")
    assert "区医疗保障局" in page and "8 天" in page and "花源镇" in page
    assert page.index("起算") < page.index("逾期", page.index("经过")) < page.index("办结", page.index("经过"))
    assert f"/dags/{PACK}__deadlines/runs/pay_relief~" in page, "the run that watches it keeps the log"
    spared = _get(supervisor, f"/clocks/{clocks['exempted']}")
    assert "认定免责" in spared and "纪要3号" in spared and "zhang" in spared and "系统故障" in spared
    assert supervisor.get("/clocks/C-none").status_code == 404


def test_pages_follow_each_other_without_gap_or_repeat(supervisor: Browser, clocks: dict[str, str]) -> None:
    seen: list[str] = []
    asked = {"county": PACK, "state": "open"}
    while True:
        answer = supervisor.get("/api/clocks", params=asked).json()
        seen += [one["clock_id"] for one in answer["clocks"]]
        if not answer["after"]:
            break
        asked["after"] = answer["after"]
    assert len(seen) == len(set(seen)) == MANY


def test_the_address_carries_the_filters_on(supervisor: Browser, clocks: dict[str, str]) -> None:
    page = _get(supervisor, "/clocks", county=PACK, state="open", since="2026-12-01")
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following
    address = following[1].replace("&amp;", "&")
    assert "state=open" in address and "since=2026-12-01" in address
    assert _get(supervisor, f"/{address}").count('href="clocks/') == MANY - PAGE_SIZE


def test_the_same_clocks_leave_as_a_workbook_of_text(supervisor: Browser, clocks: dict[str, str]) -> None:
    answer = supervisor.get("/clocks.xlsx", params={"county": PACK, "town": "花源镇"})
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    assert {row[-1] for row in rows} == set(clocks.values())
    assert {row[4] for row in rows} == {STATE_NAMES[state][0] for state in clocks}
    assert all(cell.data_type == "s" for row in sheet.iter_rows() for cell in row if cell.value is not None)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"state": "lost"}, 422),
        ({"county": "999999_nowhere"}, 404),
        ({"since": "2026-13-01"}, 422),
        ({"since": "0001-01-01"}, 422),
        ({"until": "9999-12-31"}, 422),
        ({"limit": "x' or 1=1"}, 422),
        ({"after": "x~y"}, 422),
        ({"town": "<script>alert(1)</script>"}, 200),
    ],
)
def test_nonsense_in_the_address_is_refused_or_finds_nothing(
    supervisor: Browser, clocks: dict[str, str], asked: dict[str, str], status: int
) -> None:
    for path in ("/clocks", "/api/clocks") if "after" in asked else ("/clocks", "/clocks.xlsx", "/api/clocks"):
        answer = supervisor.get(path, params=asked)
        assert answer.status_code == status, (path, urlencode(asked))
    assert "<script>alert(1)" not in answer.text


def test_every_state_subject_and_event_has_a_name() -> None:
    assert set(STATE_NAMES) == set(STATES)
    assert {"opened", "missed", "closed", "warned_2", "warned_1"} < set(EVENT_NAMES)
    assert set(KIND_NAMES) == {"application", "batch", "delivery", "list", "claim", "case_step"}
    assert set(GROUNDS) < set(REASONS)


def test_the_interface_describes_itself(supervisor: Browser) -> None:
    described = supervisor.get("/api/openapi.json").json()
    assert set(described["paths"]) >= {"/api/clocks", "/api/clocks/{clock_id}", "/clocks.xlsx"}


def test_the_county_has_its_limits(clocks: dict[str, str]) -> None:
    assert load_pack(PACK, on=NOW.date()).time_limit("pay_relief").name_zh
