"""Pictures of a running demo for the README: a DAG's graph, Airflow's own deadlines page, the supervisor's page.

    make demo KEEP=1 &                                      # in one terminal, until the summary is printed
    .venv/bin/python tools/screenshots.py http://127.0.0.1:8080 .demo/airflow/passwords.json

Needs Debian's chromium. Nothing personal stands on these pages.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

OUT = Path(__file__).resolve().parent.parent / "docs" / "img"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
USER = "supervisor"
SETTLE = 4000
"""Milliseconds that a page of the UI takes to draw what it fetched."""
DRAWN, PATIENCE = ".react-flow__node", 60_000
"""What stands there once a graph is drawn, and how many milliseconds that may take."""
PAGES = {
    "dag-graph": "/dags/510118_xinjin__approve",
    "deadlines": "/deadlines?missed=true",
    "supervisor": "/plugin/mianshen",
    "page-overview": "/plugin/mianshen",
    "page-clocks": "/mianshen/clocks",
    "page-ahead": "/mianshen/ahead",
    "page-operations": "/mianshen/operations",
    "page-leads": "/mianshen/leads",
    "page-radar": "/mianshen/radar",
    "page-english": "/mianshen/operations?language=en",
    "calendar": "/dags/510118_xinjin__supervise/calendar",
}
"""File name to address; a matter or a clock is named on the command line: page-case=/mianshen/cases/NUMBER. The calendar plans
from the DAG's last run on: it needs one."""


def take(url: str, passwords: Path, pages: dict[str, str]) -> None:
    """Sign in as the supervisor and write one PNG a page into docs/img."""
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1440, "height": 900})
        _sign_in(page, url, json.loads(passwords.read_text("utf-8"))[USER])
        for name, address in pages.items():
            is_calendar = address.endswith("/calendar")
            page.evaluate(f"localStorage.setItem('default_dag_view', JSON.stringify('{'grid' if is_calendar else 'graph'}'))")
            page.goto(url + address)
            if address.startswith("/dags/") and not is_calendar:
                page.locator(DRAWN).first.wait_for(timeout=PATIENCE)
            page.wait_for_timeout(SETTLE)
            if is_calendar:
                page.get_by_role("button", name="每日").click()
                page.wait_for_timeout(SETTLE)
            page.screenshot(path=str(OUT / f"{name}.png"))
        browser.close()


def _sign_in(page: Page, url: str, password: str) -> None:
    page.goto(f"{url}/auth/login")
    page.wait_for_timeout(SETTLE)
    page.locator("input[name=username]").fill(USER)
    page.locator("input[name=password]").fill(password)
    page.locator("button[type=submit]").click()
    page.wait_for_timeout(SETTLE)


if __name__ == "__main__":
    given = dict(part.split("=", 1) for part in sys.argv[3:])
    take(sys.argv[1].rstrip("/"), Path(sys.argv[2]), given or PAGES)
