"""The dictionary holds every table and column that a month leaves, and no column that it does not; it opens without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import Engine, create_engine, inspect
from tests.end_to_end.conftest import Worked
from tests.end_to_end.counties import IN_TIME, House
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.vault.tables import create_supervision
from mianshen.warehouse.publish import publish

CHROMIUM = Path("/usr/bin/chromium")
NEEDS_BROWSER = pytest.mark.skipif(not CHROMIUM.exists(), reason="NOT RUN: no chromium (.ci/run installs it)")
SECTION = re.compile(r'<section class="table" data-table="(\w+)\|([\w.]+)"(.*?)</section>', re.DOTALL)
OWN_TABLES = {"alembic_version", "mianshen_ledger_version"}
"""What the migrations keep for themselves."""


@pytest.fixture(scope="module")
def page_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dictionary") / "out" / "dictionary.html"
    ended = CliRunner().invoke(app, ["dictionary", "--out", str(path)])
    assert ended.exit_code == 0, ended.output
    return path


@pytest.fixture(scope="module")
def told(page_path: Path) -> dict[str, dict[str, list[str]]]:
    """{room: {table: its columns}} as the page tells."""
    found: dict[str, dict[str, list[str]]] = {}
    for room, table, body in SECTION.findall(page_path.read_text("utf-8")):
        found.setdefault(room, {})[table] = re.findall(r'data-column="(\w+)"', body)
    return found


@pytest.fixture(scope="module")
def house(worked: Worked) -> House:
    return worked.house


def test_every_table_of_the_lake_has_the_columns_that_the_page_tells(house: House, told: dict[str, dict[str, list[str]]]) -> None:
    lake = {name: columns for room in ("staging", "facts", "out", "release", "checks") for name, columns in told[room].items()}
    made: dict[str, list[str]] = {}
    for (tables,) in house.ledger("select tables from run order by run_no"):
        for table, written in json.loads(tables).items():
            parts = sorted((house.home.lake / written["folder"]).glob("*.parquet"))
            made[table] = pq.ParquetFile(parts[0]).schema_arrow.names
    assert len(made) > 50
    assert {table: columns for table, columns in made.items() if lake.get(table) != columns} == {}


@pytest.mark.parametrize("room", ["ledger", "vault"])
def test_every_table_of_the_databases_stands_in_the_page_and_the_reverse(
    house: House, told: dict[str, dict[str, list[str]]], room: str, tmp_path: Path
) -> None:
    job = house.job(IN_TIME)
    stored = columns_in(create_engine(job.ledger_url if room == "ledger" else job.vault_url))
    if room == "vault":  # the supervisor's look-ups have a database of their own, made with the first of them
        supervision = create_engine(f"sqlite:///{tmp_path / 'lookups.db'}")
        create_supervision(supervision)
        stored |= columns_in(supervision)
    assert {name: set(columns) for name, columns in told[room].items()} == stored


def columns_in(engine: Engine) -> dict[str, set[str]]:
    """The columns of every table and view of a database by its name."""
    seen = inspect(engine)
    names = (set(seen.get_table_names()) | set(seen.get_view_names())) - OWN_TABLES
    found = {name: {one["name"] for one in seen.get_columns(name)} for name in names}
    engine.dispose()
    return found


def test_every_copy_in_the_mart_has_its_columns_and_two_of_its_own(
    house: House, told: dict[str, dict[str, list[str]]], tmp_path: Path
) -> None:
    job = house.job(IN_TIME)
    url = f"sqlite:///{tmp_path / 'mart.db'}"
    publish(job.lake, url, county_code=job.county_code, month="2026-10")
    engine = create_engine(url)
    seen = inspect(engine)
    copies = {name.replace(".", "_"): columns for room in ("out", "release") for name, columns in told[room].items()}
    for name in seen.get_table_names():
        assert [one["name"] for one in seen.get_columns(name)] == ["mart_county_code", "mart_month", *copies[name]]
    engine.dispose()


@pytest.fixture(scope="module")
def page(page_path: Path) -> Iterator[Page]:
    """The file in a browser that has no network."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(offline=True, viewport={"width": 1100, "height": 900})
        opened = context.new_page()
        asked: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        opened.goto(page_path.as_uri())
        assert asked == [page_path.as_uri()], "it asks for nothing else"
        yield opened
        browser.close()


@NEEDS_BROWSER
def test_the_page_is_searched_in_place(page: Page) -> None:
    page.fill("#wanted", "out.award_line entitled")
    shown = page.eval_on_selector_all("section.table:not([hidden])", "all => all.map(one => one.dataset.table)")
    assert "out|out.award_line" in shown and len(shown) < 20
    rows = page.eval_on_selector_all(
        "section.table[data-table='out|out.award_line'] tbody tr:not([hidden])", "all => all.map(one => one.dataset.column)"
    )
    assert "entitled_fen" in rows and "fund_code" not in rows
    page.fill("#wanted", "没有这样的列")
    assert page.locator("section.table:not([hidden])").count() == 0
    page.fill("#wanted", "")
    assert page.locator("section.table[hidden]").count() == 0


@NEEDS_BROWSER
def test_the_page_is_readable_by_everybody(page: Page) -> None:
    found = [one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")]
    assert found == []
