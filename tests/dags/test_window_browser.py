"""窗口查询台 in a real Chromium: asked by keyboard alone, read by axe-core in both themes; no address names anybody."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.dags.conftest import signed_in_as
from tests.stages import window_county as planted
from tests.stages.window_county import Planted, make_planted

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
SLOW = 30_000
"""Milliseconds that a page may take on a machine that does other things as well."""

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="NOT RUN: no chromium (.ci/run installs it)"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return make_planted(tmp_path_factory.mktemp("window") / "home")


@pytest.fixture(scope="module")
def url(made: Planted, login: None) -> Iterator[str]:
    """The pages as a clerk is served them."""
    with signed_in_as("clerk", rights={("POST", "Window Desk")}) as found:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(found.asked, port=port, log_level="error", ws="none", lifespan="off"))
        serving = threading.Thread(target=server.run, daemon=True)
        serving.start()
        while not server.started:
            assert serving.is_alive()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        serving.join()


@pytest.fixture(autouse=True)
def at_window(made: Planted, monkeypatch: pytest.MonkeyPatch, quiet_environment: None) -> None:
    monkeypatch.setenv("MIANSHEN_HOME", str(made.county.job.home.root))
    monkeypatch.setenv("MIANSHEN_AS_OF", made.county.job.as_of.isoformat())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


def new_page(browser: Browser, url: str, *, locale: str = "zh-CN", theme: str = "light") -> Page:
    context = browser.new_context(locale=locale, base_url=url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(SLOW)
    context.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    return context.new_page()


def look_up(page: Page, certno: str, amount: str = "") -> None:
    """Fill in the form by the keyboard alone, and send it."""
    page.goto("/window")
    page.locator("input[name=typed]").focus()
    page.keyboard.type(certno)
    page.keyboard.press("Tab")
    page.keyboard.type(amount)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="为什么没有钱")).to_be_visible()


def serious_on(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core calls serious or critical: the rule, and the first places."""
    found = Axe().run(page).response["violations"]
    bad = [one for one in found if one["impact"] in ("serious", "critical")]
    return [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in bad]


def test_the_window_answers_by_keyboard_and_no_address_names_anybody(browser: Browser, url: str, made: Planted) -> None:
    page, asked = new_page(browser, url), list[str]()
    certno = made.certno(planted.PAID)
    page.context.on("request", lambda request: asked.append(request.url))
    look_up(page, certno, "1243.50")
    expect(page.get_by_role("heading", name="1,243.50 元是什么")).to_be_visible()
    expect(page.locator("section[aria-labelledby=q]").get_by_text("2,495.00 × 30% = 748.50")).to_be_visible()
    shown = page.locator("main").inner_text()
    assert certno not in shown and planted.PAID not in shown and certno[-4:] in shown
    page.get_by_role("button", name="显示全名全号").click()
    expect(page.get_by_role("heading", name=certno)).to_be_visible()
    with page.context.expect_page() as opening:
        page.get_by_role("button", name="打印核算依据单").click()
    expect(opening.value.get_by_role("heading", name="医疗救助核算依据单")).to_be_visible()
    assert any("/window/record" in one for one in asked)
    assert not [one for one in asked if certno in one or planted.PAID in one or "%" in one]
    assert page.title() == "窗口查询台 · 免申即享 监督台"
    page.context.close()


@pytest.mark.parametrize(("theme", "locale"), [("light", "zh-CN"), ("dark", "en-US")])
def test_the_window_is_readable_by_everybody(browser: Browser, url: str, made: Planted, theme: str, locale: str) -> None:
    """No serious finding of axe-core anywhere; Chinese until English is chosen, whatever the browser speaks."""
    page = new_page(browser, url, locale=locale, theme=theme)
    page.goto("/window")
    assert page.evaluate("document.documentElement.classList.contains('dark')") is (theme == "dark")
    assert serious_on(page) == []
    look_up(page, made.certno(planted.REFUSED))
    shown = page.locator("main").inner_text()
    assert "Why nothing" not in shown and serious_on(page) == []
    page.locator("select[name=sought]").select_option("name")
    page.locator("input[name=typed]").fill(planted.SHARED_NAME)
    page.locator("select[name=purpose]").select_option("phone")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("heading", name="符合的人")).to_be_visible()
    assert serious_on(page) == []
    page.context.close()


def test_what_was_opened_is_gone_after_a_while(browser: Browser, url: str, made: Planted) -> None:
    page = new_page(browser, url)
    page.clock.install()
    look_up(page, made.certno(planted.PAID))
    page.clock.fast_forward("10:01")
    page.wait_for_url("**/window")
    assert "748.50" not in page.locator("body").inner_text()
    page.context.close()
