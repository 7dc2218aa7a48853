"""The portrait report of a county's October: its figures are the tables', small ones are hidden."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from tests.end_to_end.conftest import Worked
from tests.end_to_end.counties import IN_TIME
from tests.end_to_end.portrait_page import Report, report_of

from mianshen.core.disclosure import Hidden, hidden_cells
from mianshen.core.figures import Cell
from mianshen.core.money import show_yuan
from mianshen.documents.portrait.shown import ABSENT, KEPT
from mianshen.stages import report as stage
from mianshen.warehouse.connect import compute
from mianshen.warehouse.portrait_facts import read_facts

FEW = 10
LARGEST = 5_000_000
"""Bytes of a report at most."""


@pytest.fixture(scope="module")
def report(worked: Worked) -> Report:
    return report_of(worked)


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
    ends = lake("from out.funnel_end", "out.funnel_end")
    assert {step for _, _, step, *_ in ends} == {"7_done", "8_open"}
    for scope, kind, step, people, visits, fen in (*lake("from out.funnel", "out.funnel"), *ends):
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
    assert shown > 20


def test_people_and_care_are_those_of_the_tables_to_the_fen(report: Report) -> None:
    cells, lake, shown = report.cells(), report.house.lake, 0
    money = "people_relieved, visits, cost_fen, burden_fen, relief_fen"
    for town, people, treated, relieved, visits, cost, burden, relief in lake(
        f"select town, people, people_treated, {money} from out.portrait_town", "out.portrait_town"
    ):
        line = town or "unknown"
        shown += same(cells, "towns", line, few=people, people=people)
        shown += same(cells, "towns", line, few=treated, people_treated=treated, visits=visits, cost_fen=cost, burden_fen=burden)
        shown += same(cells, "towns", line, few=relieved, people_relieved=relieved, relief_fen=relief)
    for band, sex, people in lake("select age_band, gend, people from out.portrait_age", "out.portrait_age"):
        shown += same(cells, "ages", band, few=people, **{"people" if sex == "TOTAL" else sex: people})
    for one, other, people in lake(
        "select category_code, other_category_code, people from out.category_pair", "out.category_pair"
    ):
        shown += same(cells, "overlap", one, few=people, **{other: people})
    assert shown > 20


def test_care_and_months_are_those_of_the_tables_to_the_fen(report: Report) -> None:
    cells, lake, shown = report.cells(), report.house.lake, 0
    for category, layer, treated, fen in lake(
        "select category_code, layer_code, people_treated, amount_fen from out.spending_layer where scope = 'month'",
        "out.spending_layer",
    ):
        text = cells["layers", category, layer]
        assert text == (KEPT if 0 < treated < FEW else show_yuan(fen)) or text == KEPT
    for group, place, people, visits, cost, burden in lake(
        "select disease_group_code, care_place_code, people, visits, cost_fen, burden_fen from out.care_flow"
        " where scope = 'month'",
        "out.care_flow",
    ):
        shown += same(cells, "diseases", group, few=people, **{"people" if place == "TOTAL" else place: people})
        if place == "TOTAL":
            shown += same(cells, "diseases", group, few=people, visits=visits, cost_fen=cost, burden_fen=burden)
        if group == "TOTAL":
            shown += same(cells, "places", place, few=people, people=people, visits=visits, cost_fen=cost, burden_fen=burden)
    for level, place, people, visits, cost, burden in lake(
        "select hosp_lv, care_place_code, people, visits, cost_fen, burden_fen from out.level_flow where scope = 'month'",
        "out.level_flow",
    ):
        shown += same(cells, "levels", level, few=people, **{"people" if place == "TOTAL" else place: people})
        if place == "TOTAL":
            shown += same(cells, "levels", level, few=people, visits=visits, cost_fen=cost, burden_fen=burden)
    for month, people, treated, visits, cost, burden in lake(
        "select calendar_month, people, people_treated, visits, cost_fen, burden_fen from out.portrait_trend"
        " where category_code = 'TOTAL'",
        "out.portrait_trend",
    ):
        shown += same(cells, "trend", month, few=people, people=people)
        shown += same(cells, "trend", month, few=treated, visits=visits, cost_fen=cost, burden_fen=burden)
    assert shown > 20


def test_who_knows_every_shown_figure_and_every_sum_reckons_no_small_one(report: Report) -> None:
    """With the small cells alone hidden some of them would be what is left of a sum."""
    job = report.house.job(IN_TIME)
    with compute() as con, job.ledger.connect() as ledger:
        facts = read_facts(con, job.lake, ledger, county_code=job.county_code, month=str(job.month), as_of=job.as_of)
    tables = {one.code: one for one in stage.tables_of(job, facts)}
    hidden = hidden_cells(list(tables.values()), threshold=FEW)
    sums = [one for table in tables.values() for one in table.sums]
    small = {cell for cell, why in hidden.items() if why is Hidden.SMALL}

    def told(hidden: Iterable[Cell]) -> set[Cell]:
        """Small counts of people that stand alone as what is not shown of a sum."""
        unknown = {tables[cell.table].basis_of(cell) for cell in hidden}
        sides = [{tables[cell.table].basis_of(cell) for cell in one.cells} & unknown for one in sums if len(one.cells) > 2]
        return {cell for side in sides if len(side) == 1 for cell in side if cell in small}

    assert told(small), "hiding small cells alone gives some of them back"
    assert told(hidden) == set()


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
