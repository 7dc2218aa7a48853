"""The portrait report opens without a network, reads for everybody in light and dark, and prints on A4."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, sync_playwright
from tests.end_to_end.conftest import Worked
from tests.end_to_end.counties import IN_TIME
from tests.end_to_end.portrait_page import Report, report_of
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.documents.pdf import can_print

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
A4 = (210, 297)
"""Millimetres."""
needs_pdfinfo = pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="NOT RUN: no pdfinfo (.ci/run installs it)")
needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason="NOT RUN: no chromium (.ci/run installs it)")


@pytest.fixture(scope="module")
def report(worked: Worked) -> Report:
    return report_of(worked)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_without_a_network_and_everybody_can_read_it(
    report: Report, browser: Browser, tmp_path: Path, scheme: Any
) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(report.content)
    context = browser.new_context(color_scheme=scheme, offline=True)
    page, asked = context.new_page(), list[str]()

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.goto(file.as_uri())
    page.wait_for_load_state("networkidle")
    assert asked == [file.as_uri()]
    assert serious_on(page) == []
    wide = page.evaluate("[...document.querySelectorAll('svg.chart')].every(one => one.getBoundingClientRect().width > 200)")
    assert wide
    context.close()


@needs_chromium
def test_a_page_that_asks_a_network_or_hides_its_charts_is_found(report: Report, browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    broken = report.content.decode().replace(' role="img"', ' role="nothing"').replace("</main>", "<img src='logo.png'></main>")
    file.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", broken), encoding="utf-8")
    context = browser.new_context()
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert len(asked) == 2
    assert {rule for rule, _ in serious_on(page)} >= {"image-alt"}
    context.close()


def serious_on(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core calls serious or critical: the rule, and the first places."""
    found = Axe().run(page).response["violations"]
    bad = [one for one in found if one["impact"] in ("serious", "critical")]
    return [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in bad]


@needs_chromium
@needs_pdfinfo
def test_a_browser_prints_it_on_a4(report: Report, browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(report.content)
    context = browser.new_context()
    page = context.new_page()
    page.goto(file.as_uri())
    page.pdf(path=tmp_path / "printed.pdf", prefer_css_page_size=True)
    assert_a4(tmp_path / "printed.pdf")
    context.close()


@needs_pdfinfo
@pytest.mark.skipif(not can_print(), reason="NOT RUN: no pango or CJK font (.ci/run installs them)")
def test_the_terminal_makes_it_and_prints_it_on_a4(report: Report, tmp_path: Path) -> None:
    out, pdf = tmp_path / "portrait.html", tmp_path / "portrait.pdf"
    at = report.house.job(IN_TIME).moment
    where = ["--home", str(report.house.home.root), "--at", at, "--month", "2026-10", "--out", str(out), "--pdf", str(pdf)]
    told = CliRunner().invoke(app, ["report", "portrait", "--pack", "510118_xinjin", *where])
    assert told.exit_code == 0, told.output
    assert out.read_bytes() == report.content
    assert_a4(pdf)


def assert_a4(pdf: Path) -> None:
    told = subprocess.run(["pdfinfo", "-f", "1", "-l", "99", str(pdf)], capture_output=True, text=True, check=True).stdout
    sizes = {tuple(round(float(one) * 254 / 720) for one in box) for box in re.findall(r"size:\s+([\d.]+) x ([\d.]+) pts", told)}
    assert sizes == {A4}, told
