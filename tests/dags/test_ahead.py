"""预判 on the page and through the interface: whoever is too slow is named before the miss; charts say what the ledger holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine
from tests.dags.conftest import COUNTY, DUE, Browser, signed_in_as
from tests.dags.test_deadlines import PACK
from tests.stages.test_approval_pace import answer, county_of

from mianshen.core.clocks import Due, WorkingCalendar
from mianshen.warehouse.clock_store import Subject, clock_id, open_clocks_due, record_event
from mianshen.warehouse.clock_watch import record_misses
from mianshen.warehouse.forecast import BurnDown
from mianshen_airflow.pages.charts import age_pyramid, burning

NOW = datetime(2026, 11, 20, 9, tzinfo=DUE.tzinfo)  # a Friday
WEDNESDAY = date(2026, 11, 25)


def open_clock(connection: Connection, name: str, *, holder: str, due_on: date, kind: str = "application") -> str:
    who = Subject(COUNTY, kind, name, holder)
    at = datetime.combine(due_on + timedelta(days=1), time(0), tzinfo=DUE.tzinfo)
    limit = "roster_due" if kind == "list" else "pay_relief"
    open_clocks_due(connection, [(who, limit, NOW - timedelta(days=16), Due(on=due_on, at=at, provisional=False))])
    return clock_id(who, limit)


@pytest.fixture
def clocks(ledger: Engine, at: Callable[[datetime], None]) -> None:
    """One department closes three a working day and has twenty due on Wednesday; the other has done as much and has ten."""
    at(NOW)
    with ledger.begin() as connection:
        for holder, waiting in (("disabled", 20), ("civil_affairs", 10)):
            for number in range(30):
                done = open_clock(connection, f"{holder}-{number}", holder=holder, due_on=WEDNESDAY)
                record_event(connection, done, event="closed", at=NOW - timedelta(days=1 + number % 14))
            for number in range(waiting):
                open_clock(connection, f"{holder}-w{number}", holder=holder, due_on=WEDNESDAY)
        for month, late in (("2026-08", True), ("2026-09", False), ("2026-10", True)):
            listed = open_clock(connection, f"canlian_zhongdu|{month}", holder="disabled", due_on=date(2026, 11, 5), kind="list")
            record_event(connection, listed, event="closed", at=NOW - timedelta(days=3 if late else 17))
        open_clock(connection, "canlian_zhongdu|2026-11", holder="disabled", due_on=WEDNESDAY, kind="list")
        open_clock(connection, "tekun|2026-11", holder="civil_affairs", due_on=WEDNESDAY, kind="list")
        record_misses(connection, COUNTY, as_of=NOW)


def test_who_is_too_slow_is_named_and_leads_to_his_clocks(supervisor: Browser, clocks: None) -> None:
    page = supervisor.get("/ahead", params={"county": PACK}).text
    assert "who will miss" not in page, "one language a page"
    missing = page[page.index("以后将逾期") : page.index("可能迟交的名单")]
    assert "区残疾人联合会" in missing and "区民政局" not in missing, "ten are done in four working days, twenty are not"
    address, count = re.search(r'href="(clocks\?[^"]+)">(\d+)<', missing).groups()  # type: ignore[union-attr]
    listed = supervisor.get("/" + address.replace("&amp;", "&") + "&state=open").text
    assert (count, listed.count('href="clocks/')) == ("8", 20)
    assert re.search(r'class="n">3\.0</td><td class="n">5</td>', missing), "pace and what is needed"


def test_the_interface_says_the_same_two_working_days_ahead(
    supervisor: Browser, clocks: None, at: Callable[[datetime], None]
) -> None:
    def disabled() -> dict[str, object]:
        found: list[dict[str, object]] = supervisor.get("/api/ahead", params={"county": PACK}).json()
        return next(one for one in found if one["holder_department"] == "disabled")

    early = disabled()
    assert early["shortfalls"] == [{"due_on": "2026-11-25", "clocks": 8, "workdays_left": 4}]
    assert (early["done"], early["days"], early["required"], early["clocks_soon"]) == (30, 10, 5, 0)
    at(NOW + timedelta(days=3))
    page = supervisor.get("/ahead").text
    assert "区残疾人联合会" in page[page.index("两个工作日内将逾期") : page.index("以后将逾期")]
    assert disabled()["clocks_soon"] == 13, "on Monday, two working days ahead: 24 in ten days are 7 in three"


def test_a_list_that_mostly_came_late_is_expected_late(supervisor: Browser, clocks: None) -> None:
    page = supervisor.get("/ahead").text
    lists = page[page.index("可能迟交的名单") :]
    assert "重度残疾人名单 2026-11" in lists and "最近3个月迟交2次" in lists
    assert "特困" not in lists, "of a list that never came nothing is foretold"


def test_what_began_today_has_no_pace_yet(supervisor: Browser, ledger: Engine, at: Callable[[datetime], None]) -> None:
    """Fresh clocks foretell nothing; on the next working day they do."""
    at(NOW - timedelta(days=16))
    with ledger.begin() as connection:
        open_clock(connection, "fresh", holder="disabled", due_on=WEDNESDAY)
    assert supervisor.get("/api/ahead").json() == []
    at(NOW - timedelta(days=15))
    (found,) = supervisor.get("/api/ahead").json()
    assert (found["days"], found["done"], found["clocks"]) == (1, 0, 1)


def test_all_in_time_is_said(supervisor: Browser) -> None:
    assert "按现在的速度都能按期办结" in supervisor.get("/ahead").text
    assert supervisor.get("/ahead", params={"county": "999999_nowhere"}).status_code == 404


@pytest.fixture
def approving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, login: None) -> Iterator[Browser]:
    """Three hundred items wait since 3 November, forty were decided."""
    county = county_of(tmp_path, 300)
    answer(county, range(1, 21), 4)
    answer(county, range(21, 41), 5)
    settings = {"counties": {PACK: {"go_live_on": "2026-10-01"}}}
    (county.job.home.root / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    monkeypatch.setenv("MIANSHEN_HOME", str(county.job.home.root))
    monkeypatch.setenv("MIANSHEN_AS_OF", "2026-11-05T12:00:00+08:00")
    with signed_in_as("supervisor", judges=True) as browser:
        yield browser


def test_the_burn_down_says_what_is_left_day_by_day(approving: Browser) -> None:
    page = approving.get("/ahead").text
    chart = page[page.index("待审燃尽图") :]
    for said in ("300 件,余 260 件", "2026-11-17 到期,此后每工作日至少 29 件", "配额每日 60 件"):
        assert said in chart, said
    days = re.findall(r'<td class="d">(\S+)</td><td class="n">(\d+)</td>', chart)
    assert days == [("2026-11-03", "300"), ("2026-11-04", "280"), ("2026-11-05", "260")]
    assert chart.count("<circle") == 3 and 'role="img"' in chart


EVERY_WEEKDAY = WorkingCalendar(workdays={}, provisional_since=date(2026, 1, 1))


def test_the_lines_of_the_burn_down_begin_and_end_where_they_should() -> None:
    friday = date(2026, 11, 6)
    left = ((date(2026, 11, 4), 100), (date(2026, 11, 5), 80), (friday, 60))
    table = BurnDown("medical_security", date(2026, 11, 4), date(2026, 11, 14), 100, left)
    chart = burning(table, quota=20, today=friday, calendar=EVERY_WEEKDAY)
    assert chart.so_far == "0.0,0.0 64.0,36.0 128.0,72.0"
    assert chart.needed == "128.0,72.0 640.0,180.0"
    assert chart.required == 10, "six working days from Friday to the next"
    flat = [float(point.split(",")[1]) for point in chart.by_quota.split()]
    assert flat[:3] == [72.0, 72.0, 72.0] and flat[-1] == 180.0, "nothing is asked for at the weekend"
    assert burning(table, quota=None, today=friday, calendar=EVERY_WEEKDAY).by_quota == ""


def test_the_pyramid_has_every_running_clock_once() -> None:
    started = {("2026-11-20", False): 5, ("2026-11-10", False): 2, ("2026-11-10", True): 3, ("2026-01-01", True): 7}
    bands = age_pyramid(started, today=NOW.date())
    assert [(one.in_time, one.late) for one in bands] == [(0, 7), (0, 0), (0, 0), (0, 0), (2, 3), (0, 0), (5, 0)]
    assert bands[0].name[0] == "60天以上", "the oldest first"


def test_the_register_shows_the_pyramid_under_its_filters(supervisor: Browser, clocks: None) -> None:
    page = supervisor.get("/clocks", params={"holder": "civil_affairs", "county": PACK}).text
    pyramid = page[page.index("在办时限已历天数") : page.index("在办时限距到期日")]
    assert re.search(r"<td>11<span[^>]*></span></td><th scope=\"row\">11—20天</th>", pyramid)
