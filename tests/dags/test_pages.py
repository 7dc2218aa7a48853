"""The supervisor's page: closed to strangers on every route, Chinese first, nothing unescaped, figures as in the ledger."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import datetime

import duckdb
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import Engine, insert
from tests.dags.conftest import COUNTY, DUE, Browser
from tests.dags.test_deadlines import PACK
from tests.sql.given import given

from mianshen.policy.packs import load_pack
from mianshen.warehouse.clock_store import Subject, open_clock_due_on
from mianshen.warehouse.lake import Lake, RunSpec
from mianshen.warehouse.ledger import DELIVERY
from mianshen_airflow import defaults
from mianshen_airflow.pages.door import LateApp, plugin_app, plugin_view

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Airflow's login imports a test client that is going out of use
    from mianshen_airflow.pages.app import app, signed_in

ROUTES = [(route.path, method) for route in app.routes if isinstance(route, APIRoute) for method in sorted(route.methods)]


@pytest.fixture
def late_list(ledger: Engine, at: Callable[[datetime], None]) -> None:
    """A list whose day is over, and a rejected delivery with a hostile name of its list."""
    pack = load_pack(PACK, on=DUE.date())
    text = dict.fromkeys(("department_code", "partition", "content_sha256", "file_name", "received_at"), "x")
    counts = dict.fromkeys(("version", "size_bytes", "rows_in", "rows_accepted", "rows_quarantined", "rows_ignored"), 0)
    with ledger.begin() as connection:
        open_clock_due_on(
            connection,
            Subject(COUNTY, "list", "canlian_zhongdu|2026-10", "disabled"),
            limit=pack.time_limit("roster_due"),
            started=datetime(2026, 11, 1, tzinfo=DUE.tzinfo),
            due_on=DUE.date(),
            calendar=pack.calendar,
        )
        connection.execute(
            insert(DELIVERY).values(
                **text, **counts, delivery_id="D1", county_code=COUNTY, feed="unknown", list_code="<script>alert(1)</script>",
                state="REJECTED", reason_code="HEADER_CHANGED",
            )
        )  # fmt: skip
    at(datetime(2026, 11, 20, 9, tzinfo=DUE.tzinfo))


def test_the_app_has_routes() -> None:
    assert {path for path, _ in ROUTES} == {
        "/",
        "/board.json",
        "/clocks",
        "/clocks.xlsx",
        "/clocks/{clock_id}",
        "/api/clocks",
        "/api/clocks/{clock_id}",
        "/api/openapi.json",
        "/ahead",
        "/api/ahead",
        "/api/fresh",
        "/cases/{number}",
        "/cases/{number}/name",
        "/cases/{number}/package",
        "/radar",
        "/api/radar",
        "/operations",
        "/api/operations",
        "/api/leads",
        "/clocks/{clock_id}/exemption",
        "/leads/{lead_id}/acts",
        "/leads",
        "/leads/{lead_id}",
        "/quality/{county}/{page:path}",
        "/window",
        "/window/answer",
        "/window/name",
        "/window/recheck",
        "/window/record",
        "/window/search",
        "/dictionary",
        "/portrait/{county}",
    }


@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_a_stranger_is_sent_away(stranger: Browser, path: str, method: str) -> None:
    assert stranger.request(method, path).status_code == 401
    assert stranger.request(method, path, headers={"Authorization": "Bearer forged"}).status_code in (401, 403)


def test_every_route_is_guarded_by_airflow_s_login() -> None:
    for route in app.routes:
        assert isinstance(route, APIRoute), f"{route} is no guarded route"
        assert signed_in in [one.call for one in route.dependant.dependencies]


def test_the_late_list_shows_with_its_department(supervisor: Browser, late_list: None) -> None:
    page = supervisor.get("/").text
    assert "重度残疾人名单" in page
    assert "List of the severely disabled" in supervisor.get("/", params={"language": "en"}).text
    assert "区残疾人联合会" in page
    assert "未交" in page
    assert "supervisor's page" not in page, "one language a page"
    (row,) = supervisor.get("/board.json", params={"county": PACK}).json()[0]["late_lists"]
    assert (row["holder_department"], row["days_late"], row["arrived_at"]) == ("disabled", 14, None)


def test_what_senders_wrote_is_escaped(supervisor: Browser, late_list: None) -> None:
    page = supervisor.get("/").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_claims_that_a_person_looks_at_stand_in_one_block_a_reason(supervisor: Browser, ledger: Engine) -> None:
    """A renumbered month of 1,000 bills is one row with a count."""
    home = defaults.home()
    counted = {"review_code": "SETTLEMENT_RENUMBERED", "place": 2, "claims": 1000, "people": 800, "fen": 9_900}
    waiting = {"waiting": 1000, "waiting_people": 800, "waiting_fen": 7_700, "deliveries": 1}
    rest = dict.fromkeys(("released", "refused", "opening_counted", "opening_fen", "opening_left_out"), 0)
    spec = RunSpec("assess", COUNTY, "2026-10", DUE.isoformat(), inputs=("x",), policy_hash="p", code_hash="c")
    lake = Lake(home.lake, ledger)
    with duckdb.connect(":memory:") as con, lake.writing(spec) as run:
        given(con, "out.review_summary", counted | waiting | rest)
        run.write(con, "out.review_summary", "select * from out.review_summary")
        lake.commit(run)
    page = supervisor.get("/", params={"county": PACK}).text
    assert page.count("SETTLEMENT_RENUMBERED") == 1
    assert "换了流水号" in page and '<td class="n bad">1000</td>' in page and "77.00" in page
    (row,) = supervisor.get("/board.json", params={"county": PACK}).json()[0]["reviews"]
    assert (row["waiting"], row["deliveries"]) == (1000, 1)


def test_an_empty_county_says_so(supervisor: Browser) -> None:
    page = supervisor.get("/", params={"county": PACK}).text
    assert "没有迟交的名单" in page and "没有须核查的结算" in page
    assert "盐城市亭湖区" in page, "the other county stays one click away"


@pytest.mark.parametrize(("county", "status"), [("999999_nowhere", 404), ("../../etc", 422)])
def test_a_county_that_is_none_is_refused(supervisor: Browser, county: str, status: int) -> None:
    assert supervisor.get("/", params={"county": county}).status_code == status


def test_the_dictionary_says_what_every_column_means_and_fetches_nothing(supervisor: Browser) -> None:
    answer = supervisor.get("/dictionary")
    assert answer.status_code == 200 and "default-src 'self'" in answer.headers["content-security-policy"]
    assert all(one in answer.text for one in ("out.person_month", "facts.care_event", "inscp_scp_amt", "award_posting"))
    assert 'href="dictionary"' in supervisor.get("/", params={"county": PACK}).text


def test_the_portrait_report_of_the_newest_month_opens_and_nothing_beside_it(supervisor: Browser) -> None:
    assert supervisor.get(f"/portrait/{PACK}").status_code == 404
    folder = defaults.home().reports(PACK)
    folder.mkdir(parents=True, exist_ok=True)
    for month in ("2026-09", "2026-10"):
        (folder / f"portrait_{month}.html").write_text(f"<h1>{month}</h1>", encoding="utf-8")
    answer = supervisor.get(f"/portrait/{PACK}")
    assert (answer.status_code, answer.text) == (200, "<h1>2026-10</h1>")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert supervisor.get(f"/portrait/{PACK}", params={"month": "2026-09"}).text == "<h1>2026-09</h1>"
    assert f"portrait/{PACK}" in supervisor.get("/", params={"county": PACK}).text
    for month, status in (("2026-08", 404), ("../summary", 422), ("*", 422)):
        assert supervisor.get(f"/portrait/{PACK}", params={"month": month}).status_code == status, month
    assert supervisor.get("/portrait/999999_nowhere").status_code == 404


def test_the_quality_report_opens_and_nothing_beside_it(supervisor: Browser) -> None:
    home = defaults.home()
    folder = home.data_docs(PACK)
    (folder / "gx").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>数据质量</h1>", encoding="utf-8")
    (folder / "gx" / "secret.json").write_text("{}", encoding="utf-8")
    answer = supervisor.get(f"/quality/{PACK}/index.html")
    assert (answer.status_code, answer.text) == (200, "<h1>数据质量</h1>")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert f"quality/{PACK}/index.html" in supervisor.get("/", params={"county": PACK}).text
    for page in ("none.html", "gx/secret.json", "../../settings.json", "%2e%2e/%2e%2e/settings.json", "/etc/passwd"):
        assert supervisor.get(f"/quality/{PACK}/{page}").status_code == 404, page
    assert supervisor.get("/quality/999999_nowhere/index.html").status_code == 404


def test_without_a_home_the_page_says_what_to_do(supervisor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIANSHEN_HOME", "/nonexistent")
    answer = supervisor.get("/")
    assert answer.status_code == 503
    assert "mianshen init" in answer.json()["detail"]


def test_the_plugin_registers_a_door_that_imports_nothing_heavy() -> None:
    registered = plugin_app()
    assert isinstance(registered["app"], LateApp)
    assert plugin_view()["href"] == f"{registered['url_prefix']}/"
    assert Browser(registered["app"]).get("/").status_code == 401


def test_the_door_hands_requests_on(supervisor: Browser) -> None:
    assert Browser(plugin_app()["app"]).get("/board.json").status_code == 200
