"""窗口查询台: only a clerk gets there, by POST with a purpose; it says the right thing, and no address or log names anybody."""

from __future__ import annotations

import importlib
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from types import ModuleType

import httpx
import pytest
from sqlalchemy import create_engine, func, select
from tests.dags.conftest import Browser, signed_in_as
from tests.stages import window_county as planted
from tests.stages.window_county import NAMES, Planted, make_planted

from mianshen.core.window import SHOWN_MINUTES
from mianshen.vault.tables import LOOKUP_LOG
from mianshen.warehouse.ledger import WINDOW_QUERY

CLERK = {("POST", "Window Desk _example")}
PACK = "_example"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return make_planted(tmp_path_factory.mktemp("window") / "home")


@pytest.fixture
def at_window(made: Planted, monkeypatch: pytest.MonkeyPatch, login: None) -> Planted:
    monkeypatch.setenv("MIANSHEN_HOME", str(made.county.job.home.root))
    monkeypatch.setenv("MIANSHEN_AS_OF", made.county.job.as_of.isoformat())
    return made


@pytest.fixture
def browser(at_window: Planted) -> Iterator[Browser]:
    with signed_in_as("clerk", rights=CLERK) as found:
        yield found


def tokens() -> ModuleType:
    return importlib.import_module("mianshen_airflow.pages.tokens")


def search(browser: Browser, sought: str, typed: str, *, login: str = "clerk", **more: str) -> httpx.Response:
    said = {"mark": tokens().form_mark(login), "county": PACK, "sought": sought, "typed": typed, "purpose": "in_person"}
    return browser.request("POST", "/window/search", data=said | more)


def ticket_in(page: str) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found
    return found[1]


def act(browser: Browser, what: str, ticket: str, *, login: str = "clerk", **more: str) -> httpx.Response:
    return browser.request("POST", f"/window/{what}", data={"mark": tokens().form_mark(login), "ticket": ticket, **more})


def test_a_person_is_found_by_number_and_told_what_was_paid(browser: Browser, made: Planted) -> None:
    answer = search(browser, "certno", made.certno(planted.PAID), amount="1,243.50")
    page = answer.text
    for said in ("1,243.50 元是什么", "495.00 元", "748.50 元", "2,495.00 × 30% = 748.50", "第九条", "****0000", "欧**清"):
        assert said in page, said
    assert planted.PAID not in page and made.certno(planted.PAID) not in page, "masked"
    assert "window desk" not in page, "one language a page"
    assert answer.headers["cache-control"] == "no-store"
    title = re.search(r"<title>(.*?)</title>", page)
    assert title and title[1] == "窗口查询台 · 免申即享 监督台"


def test_an_amount_that_nobody_was_paid_and_one_that_somebody_was(browser: Browser, made: Planted) -> None:
    assert "欧**清" in search(browser, "certno", made.certno(planted.PAID), amount="1243.51").text
    assert "没有这个金额" in search(browser, "certno", made.certno(planted.PAID), amount="1243.51").text
    page = search(browser, "amount", "1143.50").text
    assert "孙*口" in page and "医院窗口已付 100.00 元" in page


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (planted.BELOW, "若合规自付再多 500.02 元"),
        (planted.UNLISTED, "名单到 1/2 份,未到:困难职工名单"),
        (planted.WAITING, "虚构县医保局自 2026年11月6日 起审批 1,243.50 元"),
        (planted.REFUSED, "不予救助,涉及 1,243.50 元"),
        (planted.BOUNCED, "未入账或已退回"),
        (planted.HOSPITAL, "付给垫付医疗机构 1,243.50 元"),
        (planted.NO_CARD, "由镇街补采账号"),
        (planted.UNENROLLED, "到税务或医保经办窗口核实参保"),
    ],
)
def test_why_nothing_by_name(browser: Browser, name: str, said: str) -> None:
    page = search(browser, "name", name).text
    assert said in page and name not in page
    assert "行政复议" in page and "也无需带任何材料" in page


def test_two_of_one_name_are_listed_apart_and_one_is_opened(browser: Browser, made: Planted) -> None:
    page = search(browser, "name", planted.SHARED_NAME).text
    assert page.count(">查看</button>") == 2 and "东镇" in page and "西乡" in page
    assert planted.SHARED_NAME not in page
    opened = act(browser, "answer", ticket_in(page))
    assert opened.status_code == 200 and "打印核算依据单" in opened.text


def test_nobody_is_told_what_is_here(browser: Browser) -> None:
    page = search(browser, "name", "无此人").text
    assert "没有这个人" in page and "2026-09" in page and "结算数据未到" in page


def test_the_name_in_full_and_the_record_are_acts_of_their_own(browser: Browser, made: Planted) -> None:
    ticket = ticket_in(search(browser, "certno", made.certno(planted.BELOW)).text)
    named = act(browser, "name", ticket)
    assert planted.BELOW in named.text and made.certno(planted.BELOW) in named.text and "已登记" in named.text
    printed = act(browser, "record", ticket)
    assert printed.status_code == 200 and "核算依据单" in printed.text and printed.headers["cache-control"] == "no-store"
    with made.county.job.ledger.connect() as connection:
        query = select(WINDOW_QUERY.c.act).where(WINDOW_QUERY.c.actor == "clerk").order_by(WINDOW_QUERY.c.query_no.desc())
        assert connection.execute(query.limit(4)).scalars().all() == ["printed", "named", "opened", "searched"]


def test_what_was_opened_expires_and_belongs_to_the_clerk(browser: Browser, at_window: Planted, made: Planted) -> None:
    ticket = ticket_in(search(browser, "certno", made.certno(planted.BELOW)).text)
    with signed_in_as("other", rights=CLERK) as other:
        assert act(other, "answer", ticket, login="other").status_code == 410
    assert act(browser, "answer", ticket[:-2] + "xx").status_code == 410
    itsdangerous = importlib.import_module("itsdangerous.timed")
    now = itsdangerous.time.time
    try:
        itsdangerous.time.time = lambda: now() + timedelta(minutes=SHOWN_MINUTES).total_seconds() + 2
        late = act(browser, "answer", ticket)
    finally:
        itsdangerous.time.time = now
    assert late.status_code == 410 and "重新查询" in late.text and "S02" not in late.text


ROUTES = [("GET", "/window"), *(("POST", f"/window/{one}") for one in ("search", "answer", "name", "record"))]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    ("login", "rights"),
    [
        ("viewer", set()),
        ("supervisor", {("POST", "Audit Logs"), ("GET", "Window Desk"), ("POST", "Window Desk 510118_xinjin")}),
        ("approver_bureau", {("POST", "Window Desk")}),
    ],
)
def test_without_the_right_nothing_is_opened(
    at_window: Planted, method: str, path: str, login: str, rights: set[tuple[str, str]]
) -> None:
    """A reader, a supervisor, another county's clerk and a department's own login are all sent away, unlogged and unopened."""
    before = looked(at_window)
    with signed_in_as(login, rights=rights) as nobody:
        said = {"mark": tokens().form_mark(login), "county": PACK, "sought": "name", "typed": planted.PAID, "purpose": "phone"}
        answer = nobody.request(method, path, data={**said, "ticket": "x"} if method == "POST" else None)
    assert answer.status_code == 403 and "欧" not in answer.text
    assert looked(at_window) == before


def test_who_reads_alike_is_listed_with_the_rule_and_never_opened_by_itself(browser: Browser, made: Planted) -> None:
    page = search(browser, "name", "王为超").text
    assert "NAME_SOUNDS_ALIKE" in page and "王*超" in page and "若合规自付再多" not in page
    assert "若合规自付再多" in act(browser, "answer", ticket_in(page)).text, "opened by the clerk alone"


def test_one_press_opens_a_recheck_and_the_page_says_until_when(browser: Browser, made: Planted) -> None:
    opened = search(browser, "certno", made.certno(planted.NO_CARD)).text
    assert "window/recheck" in opened
    page = act(browser, "recheck", ticket_in(opened)).text
    case = re.search(r"cases/(K[0-9a-f]{24})", page)
    assert case and "<strong>复核</strong>, 最晚 <strong>2026-" in page
    assert "window/recheck" not in page, "one that is open is not opened again"
    assert case[1] in act(browser, "recheck", ticket_in(page)).text
    assert browser.get(f"/cases/{case[1]}").status_code == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"purpose": ""}, 422),
        ({"purpose": "curious"}, 422),
        ({"mark": "forged"}, 403),
        ({"county": "510118_xinjin"}, 403),
        ({"note": "找王未超"}, 422),
        ({"typed": "100999195001010019"}, 422),
    ],
)
def test_a_look_without_purpose_mark_or_county_opens_nothing(
    browser: Browser, at_window: Planted, change: dict[str, str], status: int
) -> None:
    before = looked(at_window)
    sought = "certno" if "typed" in change else "name"
    answer = search(browser, sought, change.pop("typed", planted.BELOW), **change)
    assert answer.status_code == status
    assert looked(at_window) == before


def test_a_look_is_never_asked_for_in_an_address(browser: Browser, made: Planted) -> None:
    for path in ("search", "answer", "name", "record", "recheck"):
        assert browser.get(f"/window/{path}?typed={made.certno(planted.PAID)}&purpose=phone").status_code == 405


def test_no_log_and_no_address_names_anybody(browser: Browser, made: Planted, caplog: pytest.LogCaptureFixture) -> None:
    """The canary is found where it was typed; no record of any logger, and no address that was asked, bears it."""
    with caplog.at_level(logging.DEBUG):
        answers = [search(browser, "certno", made.certno(planted.PAID)), search(browser, "name", planted.SHARED_NAME)]
        answers.append(act(browser, "name", ticket_in(answers[0].text)))
    assert planted.PAID in answers[-1].text
    said = [record.getMessage() for record in caplog.records] + [str(one.request.url) for one in answers]
    assert any("/window/search" in one for one in said)
    assert not [one for one in said for name in NAMES if name in one or made.certno(planted.PAID) in one]


def looked(made: Planted) -> tuple[int, int]:
    """How many rows the vault's log and the ledger's have."""
    engine = create_engine(made.county.job.vault_url)
    with engine.connect() as vault, made.county.job.ledger.connect() as ledger:
        counted = (
            vault.execute(select(func.count()).select_from(LOOKUP_LOG)).scalar_one(),
            ledger.execute(select(func.count()).select_from(WINDOW_QUERY)).scalar_one(),
        )
    engine.dispose()
    return counted
