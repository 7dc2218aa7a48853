"""The portrait report of a county's October: its figures are the tables', small ones are hidden, it opens and prints offline."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html as lxml_html
from playwright.sync_api import Browser, Page, Request, sync_playwright
from tests.end_to_end.conftest import Worked
from tests.end_to_end.counties import IN_TIME, House
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.core.money import show_yuan
from mianshen.documents.pdf import can_print
from mianshen.documents.portrait.shown import ABSENT, KEPT
from mianshen.stages import report as stage

FEW = 10
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
A4 = (210, 297)
"""Millimetres."""
LARGEST = 5_000_000
"""Bytes of a report at most."""
needs_pdfinfo = pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="NOT RUN: no pdfinfo (.ci/run installs it)")
needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason="NOT RUN: no chromium (.ci/run installs it)")


@dataclass(frozen=True)
class Report:
    """The report of the worked month, and what it was made from."""

    house: House
    """The county's home."""
    content: bytes
    """The file."""

    @property
    def page(self) -> Any:
        """The parsed page."""
        return lxml_html.fromstring(self.content.decode())

    def cells(self) -> dict[tuple[str, str, str], str]:
        """Every figure of its tables as it stands there, by table, line and column."""
        found = {}
        for table in self.page.xpath("//table[@data-table]"):
            columns = [one.get("data-column") for one in table.xpath("./thead/tr/th")]
            for line in table.xpath("./tbody/tr"):
                texts = [one.text_content() for one in line.xpath("./td")]
                for column, text in zip(columns, texts, strict=True):
                    found[table.get("data-table"), line.get("data-line"), column] = text
        return found


@pytest.fixture(scope="module")
def report(worked: Worked) -> Report:
    return Report(worked.house, stage.read_report(worked.house.job(IN_TIME)))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


def same(cells: dict[tuple[str, str, str], str], table: str, line: str, *, few: int, **figures: int) -> int:
    """Compare a line's figures with its cells; returns how many were shown. Few people are never shown."""
    shown = 0
    for column, figure in figures.items():
        text = cells[table, line, column]
        said = show_yuan(figure) if column.endswith("_fen") else f"{figure:,}"
        if 0 < few < FEW:
            assert text in (f"<{FEW}", KEPT), (table, line, column)
        elif text != KEPT:
            assert text == said, (table, line, column)
            shown += 1
    return shown


def test_its_figures_are_those_of_the_tables_to_the_fen(report: Report) -> None:
    cells, lake, shown = report.cells(), report.house.lake, 0
    for code, people, treated, cost, fund, burden in lake(
        "select category_code, people, people_treated, cost_fen, fund_fen, burden_fen from out.category_counts",
        "out.category_counts",
    ):
        shown += same(cells, "categories", code, few=people, people=people)
        shown += same(cells, "categories", code, few=treated, cost_fen=cost, fund_fen=fund, burden_fen=burden)
    for scope, kind, step, people, visits, fen in lake("from out.funnel", "out.funnel"):
        figures = {f"{scope}_people": people, f"{scope}_visits": visits, f"{scope}_relief_fen": fen}
        shown += same(cells, f"funnel_{kind}", step, few=people, **figures)
    for scope, code, people, visits, window, amount in lake(
        "select scope, benefit_code, people, visits, window_fen, amount_fen from out.relief_summary", "out.relief_summary"
    ):
        figures = {
            f"{scope}_people": people,
            f"{scope}_visits": visits,
            f"{scope}_window_fen": window,
            f"{scope}_amount_fen": amount,
        }
        shown += same(cells, "benefits", code, few=people, **figures)
    for limit, met, late, running, overdue in lake(
        """
        select
            time_limit_code,
            count(*) filter (where state = 'met'),
            count(*) filter (where state = 'met_late'),
            count(*) filter (where state = 'open'),
            count(*) filter (where state = 'overdue')
        from out.clock_board group by time_limit_code
        """,
        "out.clock_board",
    ):
        shown += same(cells, "deadlines", limit, few=0, met=met, met_late=late, open=running, overdue=overdue)
    assert shown > 60


def test_money_goes_on_to_the_fen(report: Report) -> None:
    cells = {line: text for (table, line, _), text in report.cells().items() if table == "money"}
    ((approved,),) = report.house.ledger(
        "select sum(i.amount_fen) from approval_item i join decision d on d.approval_item_id = i.approval_item_id"
        " where d.outcome = 'agree'"
    )
    assert cells["approved"] == show_yuan(approved)
    parts = [int(text.replace(",", "").replace(".", "")) for line, text in cells.items() if line != "approved"]
    assert sum(parts) == approved > 0


def test_every_chart_has_its_figures_beside_it_and_is_named(report: Report) -> None:
    charts = report.page.xpath("//figure/svg")
    assert len(charts) >= 8
    for chart in charts:
        title, desc = (chart.xpath(f"./{name}")[0] for name in ("title", "desc"))
        assert chart.get("role") == "img" and chart.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
        assert title.text and desc.text
        table = title.get("id").removeprefix("chart-").removesuffix("-title")
        assert len(report.page.xpath(f"//table[@data-table='{table}']/tbody/tr")) > 0, table


def test_few_people_stand_behind_no_figure_and_no_chart_says_what_its_table_hides(report: Report) -> None:
    cells = report.cells()
    assert sum(text in (f"<{FEW}", KEPT) for text in cells.values()) > 20, "the county has small cells"
    people = [text for (_, _, column), text in cells.items() if column.endswith("people")]
    assert not [text for text in people if text.isdigit() and 0 < int(text) < FEW]
    drawn = {
        text for one in report.page.xpath("//figure/svg//text/text()") for text in [one.strip()] if re.fullmatch(r"[\d,]+", text)
    }
    assert drawn - set(cells.values()) == set(), "numbers on charts are shown numbers"
    hidden = report.house.lake(
        "select b.window_fen, b.amount_fen from out.relief_summary as b where b.people < 10 and b.amount_fen > 0",
        "out.relief_summary",
    )
    assert hidden and not [fen for row in hidden for fen in row if fen and show_yuan(fen) in report.content.decode()]


def test_it_names_nobody(report: Report) -> None:
    text = report.content.decode()
    keys = {key for (key,) in report.house.lake("select distinct person_key from facts.person_month", "facts.person_month")}
    assert len(keys) > 100 and not [key for key in keys if key in text]
    assert not re.search(r"\d{17}[\dXx]", text)


def test_the_release_table_says_what_the_page_says(report: Report) -> None:
    rows = report.house.lake(
        "select table_code, line_code, column_code, figure_unit, figure, hidden_code from release.portrait_figure",
        "release.portrait_figure",
    )
    cells = report.cells()
    assert {(table, line, column) for table, line, column, *_ in rows} == set(cells)
    for table, line, column, unit, figure, hidden in rows:
        text = cells[table, line, column]
        assert (hidden is not None) == (text in (f"<{FEW}", KEPT)), (table, line, column)
        assert (figure is None) == (hidden is not None or text == ABSENT), (table, line, column)
        if figure is not None and unit != "ppm":
            assert text == (show_yuan(figure) if unit == "fen" else f"{figure:,}")


def test_the_same_run_gives_the_same_bytes_and_few_of_them(report: Report) -> None:
    job = report.house.job(IN_TIME)
    run_id = stage.run(job).run_id
    assert stage.read_report(job) == report.content
    assert run_id and run_id in report.content.decode()
    assert len(report.content) < LARGEST


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
