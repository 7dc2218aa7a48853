"""Disposal from the page: who may do which step, from a form of one's own only, dated, kept in the audit chain, never twice."""

from __future__ import annotations

import asyncio
import re
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace

import duckdb
import httpx
import pytest
from sqlalchemy import Engine, select
from tests.dags.conftest import COUNTY, DUE, Browser, signed_in_as
from tests.dags.test_deadlines import PACK
from tests.sql.given import given

from mianshen.policy.packs import load_pack
from mianshen.warehouse import leads as kept
from mianshen.warehouse.clock_store import Subject, open_clock
from mianshen.warehouse.clock_watch import record_misses
from mianshen.warehouse.ledger import AUDIT, CLOCK_EXEMPTION, LEAD_ACT

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Airflow's login imports a test client that is going out of use
    from mianshen_airflow.pages import permits, tokens

NOW = datetime(2026, 11, 20, 9, tzinfo=DUE.tzinfo)
LEAD, CLAIM = f"L{1:024x}", f"L{2:024x}"


@pytest.fixture
def lead(ledger: Engine, at: Callable[[datetime], None]) -> str:
    """A lead about the federation of the disabled, and one of no department."""
    at(NOW)
    common = {"arose_on": "2026-11-14", "amount_fen": 12345, "evidence": "days_late=7"}
    item = {"indicator_code": "ITEM_UNDECIDED", "subject_kind": "item", "subject_id": "I1", "department_code": "disabled"}
    claim = {"indicator_code": "CLAIM_GONE", "subject_kind": "claim", "subject_id": "E1", "department_code": None}
    con = duckdb.connect(":memory:")
    given(con, "out.lead", {"lead_id": LEAD, **item, **common}, {"lead_id": CLAIM, **claim, **common})
    with ledger.begin() as connection:
        kept.raise_new(connection, con, county_code=COUNTY, at=NOW.isoformat(timespec="seconds"), run_id="r")
    return LEAD


@pytest.fixture
def missed(ledger: Engine, at: Callable[[datetime], None]) -> str:
    """A clock of the federation of the disabled that was missed."""
    pack = load_pack(PACK, on=NOW.date())
    with ledger.begin() as connection:
        subject = Subject(COUNTY, "batch", "B1", "disabled")
        started = datetime(2026, 9, 1, 9, tzinfo=DUE.tzinfo)
        clock = open_clock(connection, subject, limit=pack.time_limit("pay_relief"), started=started, calendar=pack.calendar)
        record_misses(connection, COUNTY, as_of=NOW)
    at(NOW)
    return clock


@pytest.fixture
def holder(ledger: Engine, login: None) -> str:
    """The login that answers for the federation of the disabled."""
    return load_pack(PACK, on=NOW.date()).department("disabled").approver


def send(browser: Browser, address: str, *, login: str, **said: str) -> httpx.Response:
    return browser.request("POST", address, data={"mark": tokens.form_mark(login), "document": "监函〔2026〕3号", **said})


def test_a_lead_goes_its_way_from_the_page(supervisor: Browser, ledger: Engine, lead: str, holder: str) -> None:
    page = supervisor.get(f"/leads/{lead}").text
    assert '<option value="asked">' in page and '<option value="answered">' not in page
    asked = send(supervisor, f"/leads/{lead}/acts", login="supervisor", act="asked", department="medical_security")
    assert (asked.status_code, asked.headers["location"]) == (303, f"../{lead}")
    with signed_in_as(holder, answers=True) as clerk:
        form = clerk.get(f"/leads/{lead}").text
        assert '<option value="answered">' in form and '<option value="confirmed">' not in form
        assert send(clerk, f"/leads/{lead}/acts", login=holder, act="answered", document="残函8号").status_code == 303
    for act in ("confirmed", "transferred"):
        done = send(supervisor, f"/leads/{lead}/acts", login="supervisor", act=act, department="medical_security")
        assert done.status_code == 303, act
    page = supervisor.get(f"/leads/{lead}").text
    assert "已移交" in page and "残函8号" in page and holder in page and 'name="mark"' not in page
    with ledger.connect() as connection:
        rows = connection.execute(select(LEAD_ACT).order_by(LEAD_ACT.c.act_no)).mappings().all()
        audited = connection.execute(select(AUDIT.c.action).where(AUDIT.c.subject == lead)).scalars().all()
    assert [(row["act"], row["actor"], row["department_code"]) for row in rows] == [
        ("asked", "supervisor", "medical_security"),
        ("answered", holder, "disabled"),
        ("confirmed", "supervisor", "medical_security"),
        ("transferred", "supervisor", "medical_security"),
    ]
    assert {row["acted_at"] for row in rows} == {NOW.isoformat(timespec="seconds")}, "the server dates it"
    assert audited == [f"lead.{row['act']}" for row in rows]


def test_what_cannot_be_is_said_on_the_page_and_recorded_nowhere(supervisor: Browser, ledger: Engine, lead: str) -> None:
    answer = send(supervisor, f"/leads/{lead}/acts", login="supervisor", act="transferred", department="medical_security")
    assert answer.status_code == 409
    assert "LEAD_ACT_NOT_POSSIBLE" in answer.text and "属实后才能移交" in answer.text
    with ledger.connect() as connection:
        assert connection.execute(select(LEAD_ACT)).all() == []


def test_the_same_form_sent_twice_is_one_act(supervisor: Browser, ledger: Engine, lead: str) -> None:
    for _ in range(2):
        answer = send(supervisor, f"/leads/{lead}/acts", login="supervisor", act="asked", department="medical_security")
        assert answer.status_code == 303
    with ledger.connect() as connection:
        assert len(connection.execute(select(LEAD_ACT)).all()) == 1


@pytest.mark.parametrize("mark", ["", "forged", "of another", "of yesterday"])
def test_no_act_without_a_form_of_one_s_own(
    supervisor: Browser, ledger: Engine, lead: str, missed: str, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if mark == "of another":
        mark = tokens.form_mark("somebody")
    if mark == "of yesterday":
        mark = tokens.form_mark("supervisor")
        monkeypatch.setattr(tokens, "FORM_LIVES", timedelta(seconds=-1))
    said = {"mark": mark, "document": "x", "department": "medical_security"}
    assert supervisor.request("POST", f"/leads/{lead}/acts", data={**said, "act": "asked"}).status_code == 403
    assert supervisor.request("POST", f"/clocks/{missed}/exemption", data={**said, "act": "granted"}).status_code == 403
    with ledger.connect() as connection:
        assert connection.execute(select(LEAD_ACT)).all() == [] and connection.execute(select(CLOCK_EXEMPTION)).all() == []


@pytest.mark.parametrize(
    ("name", "rights", "act"),
    [
        ("reader", {}, "asked"),
        ("reader", {"answers": True}, "answered"),
        ("supervisor", {"judges": True}, "answered"),
        ("approver_civil", {"judges": True, "answers": True}, "answered"),
        ("holder", {"judges": True, "answers": True}, "refuted"),
    ],
)
def test_nobody_takes_somebody_else_s_step(
    ledger: Engine, holder: str, lead: str, name: str, rights: dict[str, bool], act: str
) -> None:
    """A reader takes none; only the department concerned answers, and it does not judge itself whatever its account may do."""
    pack = load_pack(PACK, on=NOW.date())
    who = {"holder": holder, "approver_civil": pack.department("civil_affairs").approver}.get(name, name)
    with ledger.begin() as connection:
        said = {"actor": "zhang", "department_code": "medical_security", "document": "监函3号"}
        kept.act_on(connection, lead, kept.LeadAct.ASKED, county_code=COUNTY, at=NOW.isoformat(), **said)
    with signed_in_as(who, **rights) as browser:
        assert f'<option value="{act}">' not in browser.get(f"/leads/{lead}").text, "the step is not offered"
        answer = send(browser, f"/leads/{lead}/acts", login=who, act=act, department="medical_security")
    assert answer.status_code == 403
    with ledger.connect() as connection:
        assert len(connection.execute(select(LEAD_ACT)).all()) == 1


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"document": "  "}, 422),
        ({"document": "100999199001010012"}, 422),
        ({"act": "erased"}, 422),
        ({"department": "nobody"}, 422),
    ],
)
def test_nonsense_in_the_form_is_refused(supervisor: Browser, lead: str, said: dict[str, str], status: int) -> None:
    whole = {"act": "asked", "department": "medical_security", **said}
    assert send(supervisor, f"/leads/{lead}/acts", login="supervisor", **whole).status_code == status


def test_an_exemption_takes_two(supervisor: Browser, ledger: Engine, missed: str, holder: str) -> None:
    address = f"/clocks/{missed}/exemption"
    assert send(supervisor, address, login="supervisor", act="granted", department="medical_security").status_code == 409
    with signed_in_as(holder, judges=True, answers=True) as clerk:
        assert "SYSTEM_OUTAGE" in clerk.get(f"/clocks/{missed}").text
        assert send(clerk, address, login=holder, act="applied", ground="SYSTEM_OUTAGE").status_code == 303
        assert send(clerk, address, login=holder, act="granted", department="disabled").status_code == 403
    assert '<option value="granted">' in supervisor.get(f"/clocks/{missed}").text
    assert send(supervisor, address, login="supervisor", act="granted", department="medical_security").status_code == 303
    story = supervisor.get(f"/api/clocks/{missed}").json()
    assert story["clock"]["state"] == "exempted" and story["clock"]["missed_at"], "the miss stays"
    assert [one["actor"] for one in story["history"] if one["what"].startswith("exemption")] == [holder, "supervisor"]


def test_only_the_holder_applies_and_on_a_listed_ground(ledger: Engine, missed: str, holder: str) -> None:
    other = load_pack(PACK, on=NOW.date()).department("civil_affairs").approver
    for who, ground in ((other, "SYSTEM_OUTAGE"), (holder, "WE_FORGOT")):
        with signed_in_as(who, answers=True) as clerk:
            answer = send(clerk, f"/clocks/{missed}/exemption", login=who, act="applied", ground=ground)
        assert answer.status_code == 403
    with ledger.connect() as connection:
        assert connection.execute(select(CLOCK_EXEMPTION)).all() == []


def test_acts_are_asked_of_airflow_s_auth_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rights and not roles: what the account may do in Airflow decides."""
    asked = []

    class Manager:
        def is_authorized_custom_view(self, *, method: str, resource_name: str, user: str) -> bool:
            asked.append((method, resource_name))
            return resource_name == "Audit Logs"

    monkeypatch.setattr(permits, "get_auth_manager", Manager)
    found = asyncio.run(permits.reading(SimpleNamespace(get_name=lambda: "li")))
    assert found == permits.Reader("li", may_judge=True, may_answer=False)
    assert asked == [permits.JUDGING, permits.ANSWERING]


@pytest.fixture
def visits(ledger: Engine, login: None, lead: str, missed: str, at: Callable[[datetime], None]) -> Iterator[Callable[..., str]]:
    """Looks at the page as an account at a moment, with its cookie."""
    cookies: dict[str, str] = {}

    def look(moment: datetime, *, name: str = "supervisor") -> str:
        at(moment)
        with signed_in_as(name, judges=True) as browser:
            answer = browser.get("/", headers={"Cookie": f"{tokens.COOKIE}={cookies[tokens.COOKIE]}"} if cookies else {})
        cookies.update(answer.cookies)
        return answer.text

    yield look


def test_what_is_new_since_my_last_visit_whose_and_since_when(visits: Callable[..., str], lead: str) -> None:
    """The miss fell due between two visits, the lead was raised between them; a visit goes on while one looks."""
    before = NOW - timedelta(days=90)
    assert "上次查看以来" not in visits(before), "a first visit has no before"
    assert "上次查看以来" not in visits(before + timedelta(minutes=10)), "it is the same visit"
    for moment in (NOW, NOW + timedelta(minutes=20)):
        page = visits(moment)
        block = page[page.index("上次查看以来") : page.index("办理时限")]
        assert "区残疾人联合会" in block and "审批事项逾期未作决定" in block and "2026-11-14" in block
        assert re.search(r'class="n bad"><a href="clocks\?[^"]*holder=disabled[^"]*">1<', block)
    later = visits(NOW + timedelta(hours=3))
    assert "没有新的逾期和疑点" in later
    assert "上次查看以来" not in visits(NOW + timedelta(hours=4), name="somebody"), "another account's cookie is none"


def test_the_interface_says_what_is_new(supervisor: Browser, lead: str, missed: str) -> None:
    found = supervisor.get("/api/fresh", params={"since": "2026-09-01T00:00:00+08:00", "county": PACK}).json()
    assert [(one["holder_department"], one["clocks"]) for one in found["missed"]] == [("disabled", 1)]
    assert {(one["department_code"], one["indicator_code"], one["leads"]) for one in found["leads"]} == {
        ("disabled", "ITEM_UNDECIDED", 1),
        (None, "CLAIM_GONE", 1),
    }
    assert supervisor.get("/api/fresh", params={"since": ""}).json()["leads"] == []


def test_a_page_is_framed_by_airflow_alone_and_kept_by_nobody(supervisor: Browser, lead: str) -> None:
    for path in ("/", "/leads", f"/leads/{lead}", "/clocks"):
        headers = supervisor.get(path).headers
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
    cookie = supervisor.get("/").headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
