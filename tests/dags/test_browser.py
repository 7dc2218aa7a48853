"""The supervisor's page in a real browser against a real Airflow: sign in, see the planted miss, drill down, export, dispose.

A month of a small county was worked on past the due day of a list that never came. Each page
is looked at in Chinese and in English, in the light and in the dark theme, by axe-core too, and used by keyboard alone.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.end_to_end.counties import LATE, MISSED, PACK, House, make_house, pack, refusing_one, write_files
from tests.unit.cli.test_demo import free_port

from mianshen.cli.demo.processes import Site, running
from mianshen.cli.demo.rest import Api

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
HOLDER = "civil_affairs"
"""Who keeps the list that never came."""


def late_list() -> str:
    """The name of that list."""
    return next(one.name_zh for one in pack().lists if one.list_code == LATE)


SLOW = 60_000
"""Milliseconds that a page may take on a machine that does other things as well."""

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="NOT RUN: no chromium (.ci/run installs it)"),
    pytest.mark.timeout(900),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """October of a small county, worked on when one list was late."""
    files = write_files(tmp_path_factory.mktemp("county"), insured=800)
    made = make_house(tmp_path_factory.mktemp("home"))
    made.receive(files.folder)
    made.carry(MISSED, clerk=refusing_one)
    return made


@pytest.fixture(scope="module")
def site(house: House) -> Iterator[Site]:
    """Airflow's API server on that home, with a supervisor, an engineer and the departments' logins."""
    approvers = [one.approver for one in pack().departments]
    users = {"supervisor": "viewer", "engineer": "admin", **dict.fromkeys(approvers, "user")}
    made = Site(house.home.root, free_port(), users=users, as_of=MISSED.replace(hour=15).isoformat())
    made.prepare()
    with running(made) as started:
        started.start("api-server")
        started.wait(Api(made.url, made.passwords).is_healthy, what="api-server")
        yield made


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


def signed_in(browser: Browser, site: Site, user: str, *, locale: str = "zh-CN") -> BrowserContext:
    """A browser session of this account, signed in through Airflow's own form."""
    size = {"width": 1440, "height": 900}
    context = browser.new_context(locale=locale, timezone_id="Asia/Shanghai", base_url=site.url, viewport=size)
    context.set_default_timeout(SLOW)
    expect.set_options(timeout=SLOW)
    page = context.new_page()
    page.goto("/auth/login")
    page.locator("input[name=username]").fill(user)
    page.locator("input[name=password]").fill(site.passwords[user])
    page.locator("button[type=submit]").click()
    page.wait_for_url(lambda url: "/auth/login" not in url)
    page.close()
    return context


@pytest.fixture(scope="module")
def session(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    context = signed_in(browser, site, "supervisor")
    yield context
    context.close()


@pytest.fixture
def page(session: BrowserContext) -> Iterator[Page]:
    opened = session.new_page()
    yield opened
    opened.close()


def test_a_stranger_sees_nothing(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url)
    for path in ("/mianshen/", "/mianshen/clocks", "/mianshen/api/leads", "/mianshen/clocks.xlsx"):
        assert context.request.get(path).status in (401, 403), path
    context.close()


def test_the_page_stands_in_airflow_s_own_navigation(page: Page) -> None:
    page.goto("/plugin/mianshen")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="免申即享 监督台")).to_be_visible()
    expect(frame.get_by_text("办理时限").first).to_be_visible()


def test_the_planted_miss_is_drilled_down_to_the_task_that_watches_it(page: Page) -> None:
    page.goto(f"/mianshen/?county={PACK}")
    late = page.get_by_role("row").filter(has=page.get_by_role("cell", name="未交", exact=True))
    expect(late).to_have_count(1)
    expect(late).to_contain_text(pack().department(HOLDER).name_zh)
    page.locator(f'a[href*="state=overdue"][href*="{PACK}"]').first.click()
    expect(page.get_by_role("heading", name="时限台账")).to_be_visible()
    page.get_by_role("region", name="时限明细").get_by_role("row").filter(has_text=late_list()).get_by_role("link").click()
    expect(page.get_by_text("逾期", exact=False).first).to_be_visible()
    watched = page.get_by_role("link", name="任务日志").get_attribute("href")
    assert watched and re.fullmatch(rf"/dags/{PACK}__deadlines/runs/roster_due~{LATE}~2026-10/tasks/watch", watched)


def test_the_choice_leaves_as_a_workbook(page: Page, tmp_path: Path) -> None:
    page.goto(f"/mianshen/clocks?county={PACK}&state=overdue")
    with page.expect_download() as leaving:
        page.get_by_role("link", name="导出 Excel").click()
    leaving.value.save_as(tmp_path / "clocks.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO((tmp_path / "clocks.xlsx").read_bytes())).worksheets[0]
    assert any(late_list() in str(cell.value) for row in sheet.iter_rows(min_row=5) for cell in row)


def test_a_lead_is_disposed_of_by_two_people_and_leads_to_its_case(page: Page, browser: Browser, site: Site) -> None:
    listed: list[dict[str, Any]] = page.request.get("/mianshen/api/leads?act=new").json()
    lead = next(one for one in listed if one["department_code"])
    page.goto("/mianshen/leads?act=new")
    page.locator(f'a[href$="{lead["lead_id"]}"]').click()
    form = page.get_by_role("form", name="处置")
    form.locator("select[name=act]").select_option("asked")
    form.get_by_label("依据文号").fill("监函〔2026〕3号")
    form.get_by_role("button").click()
    expect(page.get_by_role("cell", name="已问询")).to_be_visible()
    expect(page.get_by_role("cell", name="监函〔2026〕3号")).to_be_visible()
    clerk = signed_in(browser, site, pack().department(lead["department_code"]).approver)
    answering = clerk.new_page()
    answering.goto(f"/mianshen/leads/{lead['lead_id']}")
    answering.get_by_label("依据文号").fill("复函8号")
    answering.get_by_role("button", name="登记").click()
    expect(answering.get_by_role("cell", name="已答复")).to_be_visible()
    clerk.close()
    acts = page.request.get("/mianshen/api/leads?act=answered").json()
    assert [one["lead_id"] for one in acts] == [lead["lead_id"]]


def a_case(house: House) -> str:
    named = "select application_id from award_posting where application_id is not null order by award_id limit 1"
    ((key,),) = house.ledger(named)
    return str(key)


def test_a_case_tells_its_arithmetic_and_names_nobody_until_asked(page: Page, house: House) -> None:
    key = a_case(house)
    page.goto(f"/mianshen/cases/{key}")
    records = page.get_by_role("region", name="核算依据单")
    expect(records.get_by_text("合规自付").first).to_be_visible()
    expect(page.get_by_text("已遮蔽")).to_be_visible()
    page.get_by_label("查看姓名的用途").fill("核实来信")
    page.get_by_role("button", name="查看姓名").click()
    expect(page.get_by_text("本次查询已登记")).to_be_visible()
    page.goto(f"/mianshen/cases/{key}")
    expect(page.get_by_text("已遮蔽")).to_be_visible()


PAGES = ("", "clocks", "ahead", "leads", "radar", "operations")


@pytest.mark.parametrize(("theme", "language"), [("light", "zh"), ("dark", "en"), ("light", "en"), ("dark", "zh")])
def test_every_page_is_readable_by_everybody(browser: Browser, site: Site, house: House, theme: str, language: str) -> None:
    """No serious finding of axe-core in either language; the switch in the header turns every page; the theme is Airflow's."""
    context = signed_in(browser, site, "supervisor", locale="en-US")
    context.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    page = context.new_page()
    clock = page.request.get("/mianshen/api/clocks?state=overdue").json()["clocks"][0]["clock_id"]
    lead = page.request.get("/mianshen/api/leads").json()[0]["lead_id"]
    page.goto("/mianshen/clocks?state=overdue")
    expect(page.get_by_role("heading", name="免申即享 监督台")).to_be_visible()
    if language == "en":
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", name="Supervisor's page")).to_be_visible()
        assert "state=overdue" in page.url, "the filters stay"
    for path in (*PAGES, f"clocks/{clock}", f"leads/{lead}", f"cases/{a_case(house)}"):
        page.goto(f"/mianshen/{path}")
        assert page.evaluate("document.documentElement.classList.contains('dark')") is (theme == "dark")
        assert page.evaluate("document.documentElement.lang") == {"zh": "zh-CN", "en": "en"}[language]
        shown = page.locator("body").inner_text()
        assert ("监督台" in shown, "Supervisor's page" in shown) == (language == "zh", language == "en")
        assert serious_on(page) == [], (path, theme)
    context.close()


def serious_on(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core calls serious or critical: the rule, and the first places."""
    found = Axe().run(page).response["violations"]
    bad = [one for one in found if one["impact"] in ("serious", "critical")]
    return [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in bad]


def test_axe_would_find_a_page_that_some_cannot_read(page: Page) -> None:
    page.goto("/mianshen/clocks")
    page.evaluate("document.querySelector('select').parentElement.replaceWith(document.querySelector('select'))")
    assert "select-name" in {rule for rule, _ in serious_on(page)}


def test_the_page_is_used_by_keyboard_alone(page: Page) -> None:
    """The first stop skips to the content; links, filters and wide tables are all reached, and Enter filters."""
    page.goto(f"/mianshen/clocks?county={PACK}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    reached: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate("(e => e.name || e.textContent.trim().slice(0, 20) || e.tagName)(document.activeElement)")
        reached.append(str(at))
        if at == "until":
            break
    assert {"county", "limit", "holder", "town", "state", "since", "until"} <= set(reached)
    page.locator("select[name=state]").focus()
    page.keyboard.press("ArrowDown")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "submit":
            break
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("state=overdue"))
