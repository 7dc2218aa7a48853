"""应救未救 in the supervisor's page: signals by kind and town lead to their visits; who waits, with whom, until when."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import Engine
from tests.dags.conftest import COUNTY, DUE, Browser
from tests.dags.test_deadlines import PACK

from mianshen.core.cases import Happening
from mianshen.core.moves import Act
from mianshen.core.radar import SIGNALS
from mianshen.policy.packs import load_pack
from mianshen.warehouse import radar
from mianshen.warehouse.case_moves import Opening, move, open_cases
from mianshen.warehouse.cases import Matter, case_id

FIRST = datetime(2026, 11, 3, 9, tzinfo=DUE.tzinfo)
NOW = datetime(2026, 11, 20, 9, tzinfo=DUE.tzinfo)
TOWN = "花源街道"


@pytest.fixture
def signals(ledger: Engine, at: Callable[[datetime], None]) -> list[str]:
    """Three people were seen on FIRST: two of a town, one of whom declined since; one whose town nobody knows. Their cases."""
    at(NOW)
    pack = load_pack(PACK, on=FIRST.date())
    process = pack.visit_process
    assert process is not None
    kinds = ("OVER_LINE_UNLISTED", "OVER_LINE_UNLISTED", "LAPSED_IN_STAY")
    matters = [Matter(f"R{n}", 2026, person_key=f"P{n}", town=TOWN if n < 2 else None) for n in range(3)]
    cases = [case_id(COUNTY, process.code, one) for one in matters]
    with ledger.begin() as connection:
        wanted = [Opening(one, None if one.town else ("search",)) for one in matters]
        open_cases(connection, pack, process, wanted, at=FIRST, actor="system")
        found = [
            {
                "signal_id": f"R{n:024x}",
                "signal_code": kinds[n],
                "subject_id": f"S{n}",
                "person_key": f"P{n}",
                "town": matters[n].town,
                "grid_code": "huayuan_2" if n == 1 else None,
                "arose_on": "2026-10-30",
                "amount_fen": 1234567,
                "evidence": "borne_fen=1234567; <b>claims</b>=2",
            }
            for n in range(3)
        ]
        visits = {f"P{n}": cases[n] for n in range(3)}
        radar.keep(connection, found, visits=visits, county_code=COUNTY, at=FIRST.isoformat(timespec="seconds"), run_id="r")
        act = Act(Happening.DECIDED, "visit", "wang", "town", FIRST.replace(hour=15), outcome_code="declines", how="person")
        assert not move(connection, pack, [(cases[0], act)]).refused
    return cases


def test_kinds_are_counted_by_whether_their_visit_is_over(supervisor: Browser, signals: list[str]) -> None:
    page = supervisor.get("/radar", params={"county": PACK}).text
    assert "radar:" not in page, "one language a page"
    for kind in SIGNALS.values():
        assert kind.zh in page and kind.ask_zh in page
    row = page[page.index(SIGNALS["OVER_LINE_UNLISTED"].ask_zh) :]
    assert re.search(r'signal=OVER_LINE_UNLISTED">1</a></td><td class="n">1</td>', row), "one runs, one is over"


def test_towns_are_told_who_waits_and_until_when(supervisor: Browser, signals: list[str]) -> None:
    page = supervisor.get("/radar").text
    waiting = page[page.index('aria-label="待访"') : page.index('aria-label="提示明细"')]
    found = re.findall(r"<tr><td>成都市新津区</td><td>([^<]+)</td><td>([^<]+)</td><td>([^<]+)</td><td>([^<]+)</td>", waiting)
    assert found == [(TOWN, "花源第二网格", "走访", "镇街救助服务站"), ("不明", "不明", "查找联系", "区医疗保障局")]
    assert "Huayuan grid 2" in supervisor.get("/radar", params={"language": "en"}).text
    assert "2026-11-17" in waiting, "ten working days"
    assert re.search(r'<td class="n bad">1</td></tr>', waiting), "the first is three days late"


def test_a_signal_leads_to_its_visit_and_is_escaped(supervisor: Browser, signals: list[str]) -> None:
    page = supervisor.get("/radar", params={"signal": "OVER_LINE_UNLISTED"}).text
    assert set(re.findall(r'href="cases/(K[0-9a-f]+)"', page)) == set(signals[:2])
    assert "<b>claims</b>" not in page and "12,345.67" in page.replace("12345.67", "12,345.67")
    assert supervisor.get(f"/cases/{signals[0]}").status_code == 200


def test_filters_narrow_and_strange_ones_are_refused(supervisor: Browser, signals: list[str]) -> None:
    def told(**asked: str) -> set[str]:
        return {one["signal_id"] for one in supervisor.get("/api/radar", params=asked).json()}

    assert len(told()) == 3
    assert len(told(town=TOWN)) == 2
    assert told(town="unknown") == {f"R{2:024x}"}
    assert told(signal="LAPSED_IN_STAY", town=TOWN) == set()
    assert told(grid="huayuan_2") == {f"R{1:024x}"}
    assert told(grid="unknown") == {f"R{n:024x}" for n in (0, 2)}
    waiting = re.findall(r"<td>走访</td>|<td>查找联系</td>", supervisor.get("/radar", params={"grid": "huayuan_2"}).text)
    assert waiting == ["<td>走访</td>"], "who waits is narrowed too"
    assert supervisor.get("/radar", params={"grid": "a'b"}).status_code == 422
    assert supervisor.get("/radar", params={"signal": "<script>"}).status_code == 422
    assert supervisor.get("/radar", params={"county": "999999_nowhere"}).status_code == 404


def test_the_interface_names_nobody(supervisor: Browser, signals: list[str]) -> None:
    [one, *_] = supervisor.get("/api/radar", params={"signal": "LAPSED_IN_STAY"}).json()
    assert one["end_code"] == "" and one["case_id"] == signals[2]
    assert "person_key" not in one
