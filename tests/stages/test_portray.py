"""The portrait of a county of five people, counted by hand: the record, what is counted from it, and what its checks notice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook
from tests.sql.given import fetched, picked
from tests.stages.portrait_county import assessed, planted
from tests.stages.staged_county import StagedCounty, make_staged

from mianshen.cli import policy_portrait
from mianshen.core.errors import MianshenError
from mianshen.policy.portrait import load_portrait
from mianshen.stages import portray
from mianshen.warehouse import portrait
from mianshen.warehouse.build import make_table, require_checks
from mianshen.warehouse.connect import compute

ANNA, BAO, DEEP = 1_165_000, 185_000, 1_200_000
"""Fen. Anna: (20,000 - 3,000) x 50 % + (11,500 - 1,000) x 30 %; Bao: (6,000 - 5,000) x 50 % + (5,500 - 1,000) x 30 %.

Chen bears the whole of 12,000 yuan.
"""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> StagedCounty:
    made = planted(tmp_path_factory.mktemp("portrait") / "home")
    assessed(made)
    portray.run(made.job)
    return made


def of(county: StagedCounty, table: str, *names: str, **wanted: Any) -> list[tuple[Any, ...]]:
    rows = [row for row in county.rows(table) if all(row[name] == value for name, value in wanted.items())]
    return picked(rows, *names)


def test_nothing_is_counted_before_an_assessment(tmp_path: Any) -> None:
    assert portray.run(make_staged(tmp_path / "home").job).run_id is None


def test_the_record_holds_every_category_with_its_days_within_the_month(county: StagedCounty) -> None:
    ((categories, held, household),) = of(
        county, "out.person_month", "categories", "held", "household_key", person_key="Anna", calendar_month="2026-10"
    )
    assert (categories, household) == (["POOR", "WORKER"], "F1")
    assert [(one["category_code"], one["since"], one["until"]) for one in held] == [
        ("POOR", date(2026, 10, 1), date(2026, 11, 1)),
        ("WORKER", date(2026, 10, 11), date(2026, 11, 1)),
    ]
    months = of(county, "out.person_month", "calendar_month", person_key="Anna")
    assert len(months) == 10, "listed since January: a row each month of the year to date"


def test_the_record_holds_places_illness_payers_and_relief_to_date(county: StagedCounty) -> None:
    """R001-06: the live portrait, 身份, 病种, 费用, 就医地."""
    names = ("cost_county_fen", "cost_prefecture_fen", "cost_elsewhere_fen", "disease_groups", "burden_fen", "relief_fen")
    october = {"calendar_month": "2026-10"}
    assert of(county, "out.person_month", *names, person_key="Anna", **october) == [
        (2_000_000, 0, 0, ["CIRCULATORY"], 2_000_000, ANNA)
    ], "an old code of the county is the county"
    assert of(county, "out.person_month", *names, person_key="Bao", **october) == [(0, 1_000_000, 0, ["NEOPLASM"], 600_000, BAO)]
    assert of(county, "out.person_month", *names, person_key="Chen", **october) == [
        (0, 0, 900_000, ["OUTPATIENT_CHRONIC"], 900_000, 0)
    ], "M076 is a chronic outpatient treatment, no illness of bones"
    assert of(county, "out.person_month", "relief_year_fen", "left_year_fen", person_key="Anna", **october) == [
        (30_000 + ANNA, 2_000_000 - ANNA)
    ], "the support of the fee is relief to date, and leaves nothing less of the care"
    assert of(county, "out.person_month", "hifp_fen", "pay_charity_fen", "left_year_fen", person_key="Bao", **october) == [
        (400_000, 100_000, 600_000 - 100_000 - BAO)
    ]
    assert of(county, "out.person_month", "person_key", person_key="Er") == [], "what was refunded is no care"


def test_a_burden_stands_against_the_published_lines_of_its_county(county: StagedCounty) -> None:
    names = ("minimum_living_fen", "burden_to_minimum_living_ppm", "income_line_fen", "burden_to_income_line_ppm")
    assert of(county, "out.person_month", *names, person_key="Chen", calendar_month="2026-09") == [
        (900_000, 333_333, 2_250_000, 133_333)
    ], "3,000 yuan over nine months of 1,000, rounded down"
    con = county_tables(county, minimum_living_fen=None)
    rows = fetched(con, "from out.person_month where person_key = 'Chen'")
    assert {(row["minimum_living_fen"], row["burden_to_minimum_living_ppm"]) for row in rows} == {(None, None)}


def test_flags_follow_their_lines_to_the_fen_and_the_day(county: StagedCounty) -> None:
    flags = ("is_long_stay", "is_dialysis", "is_newly_poor", "is_catastrophic", "is_frequent")
    assert of(county, "out.person_month", *flags, person_key="Chen") == [
        (True, True, False, False, False),
        (False, False, True, False, False),
    ]
    rules = {"long_stay_days": 31, "poor_by_illness_fen": DEEP, "catastrophic_fen": DEEP, "frequent_visits": 1}
    at = fetched(county_tables(county, **rules), "from out.person_month where person_key = 'Chen' order by calendar_month")
    assert picked(at, *flags) == [(True, True, False, False, True), (False, False, True, True, True)]
    above = {"long_stay_days": 32, "poor_by_illness_fen": DEEP + 1, "catastrophic_fen": DEEP + 1, "frequent_visits": 2}
    past = fetched(county_tables(county, **above), "from out.person_month where person_key = 'Chen' order by calendar_month")
    assert picked(past, *flags) == [(False, True, False, False, False), (False,) * 5]
    anna = fetched(county_tables(county, poor_by_illness_fen=100), "from out.person_month where person_key = 'Anna'")
    assert not any(row["is_newly_poor"] for row in anna), "somebody who was listed before is not newly poor"


def test_the_fixed_form_closes_and_counts_people_once_in_its_totals(county: StagedCounty) -> None:
    names = ("category_code", "people", "visits", "amount_fen")
    assert of(county, "out.bureau_form", *names, scope="month", payer_code="TOTAL") == [
        ("ILL", 1, 1, 1_000_000),
        ("NONE", 1, 1, 900_000),
        ("POOR", 1, 1, 2_000_000),
        ("REPEATED", -1, -1, -2_000_000),
        ("TOTAL", 3, 3, 3_900_000),
        ("WORKER", 1, 1, 2_000_000),
    ]
    assert of(county, "out.bureau_form", "payer_code", *names[1:], scope="year", category_code="TOTAL") == [
        ("BASIC", 1, 1, 400_000),
        ("PAY_CHARITY", 1, 1, 100_000),
        ("PERSON", 3, 4, 4_200_000 - 400_000 - 100_000 - ANNA - BAO),
        ("RELIEF_BUREAU", 2, 2, ANNA + BAO),
        ("TOTAL", 3, 4, 4_200_000),
    ]
    assert of(county, "out.bureau_form", "period", scope="year", category_code="TOTAL", payer_code="TOTAL") == [("2026",)]


def test_layers_of_spending_add_up_to_the_cost(county: StagedCounty) -> None:
    layers = dict(of(county, "out.spending_layer", "layer_code", "amount_fen", scope="month", category_code="ILL"))
    assert layers == {
        "BASIC": 400_000,
        "PAY_CHARITY": 100_000,
        "special": 50_000,
        "last_resort": 135_000,
        "PERSON": 1_000_000 - 400_000 - 100_000 - BAO,
    }


def test_flows_name_illness_place_level_and_hospital(county: StagedCounty) -> None:
    names = ("disease_group_code", "care_place_code", "hosp_lv", "fixmedins_code", "people", "cost_fen")
    assert of(county, "out.disease_flow", *names, scope="year") == [
        ("CIRCULATORY", "COUNTY", "2", "H1", 1, 2_000_000),
        ("DIALYSIS", "COUNTY", "UNKNOWN", "UNKNOWN", 1, 300_000),
        ("NEOPLASM", "PREFECTURE", "3", "H2", 1, 1_000_000),
        ("OUTPATIENT_CHRONIC", "ELSEWHERE", "UNKNOWN", "UNKNOWN", 1, 900_000),
    ]


def test_everybody_counts_once_in_each_total_of_flows_ages_and_towns(county: StagedCounty) -> None:
    places = of(county, "out.care_flow", "care_place_code", "people", "visits", scope="year", disease_group_code="TOTAL")
    assert places == [("COUNTY", 2, 2), ("ELSEWHERE", 1, 1), ("PREFECTURE", 1, 1), ("TOTAL", 3, 4)], "Chen is one person"
    levels = of(county, "out.level_flow", "hosp_lv", "people", "visits", scope="year", care_place_code="TOTAL")
    assert levels == [("2", 1, 1), ("3", 1, 1), ("TOTAL", 3, 4), ("UNKNOWN", 1, 2)], "Chen was twice where no level was told"
    ages = of(county, "out.portrait_age", "age_band", "gend", "people", "people_treated")
    assert ages == [("TOTAL", "9", 3, 2), ("TOTAL", "TOTAL", 3, 2), ("unknown", "9", 3, 2), ("unknown", "TOTAL", 3, 2)]
    towns = of(county, "out.portrait_town", "town", "people", "people_treated", "people_relieved", "cost_fen", "relief_fen")
    relieved = (2, 2, 3_000_000, ANNA + BAO)
    assert towns == [("TOTAL", 3, *relieved), ("东镇", 2, *relieved), ("西乡", 1, 0, 0, 0, 0)]


def test_overlaps_are_told_by_pair_and_by_whole_set(county: StagedCounty) -> None:
    pairs = of(county, "out.category_pair", "category_code", "other_category_code", "people")
    assert pairs == [
        ("ILL", "ILL", 1),
        ("POOR", "POOR", 2),
        ("POOR", "WORKER", 1),
        ("WORKER", "POOR", 1),
        ("WORKER", "WORKER", 1),
    ]
    sets = of(county, "out.category_set", "category_set", "people", "people_treated")
    assert sets == [("ILL", 1, 1), ("POOR", 1, 0), ("POOR+WORKER", 1, 1)]


def test_the_trend_tells_every_month_with_flags(county: StagedCounty) -> None:
    names = ("calendar_month", "people", "people_treated", "visits", "relief_fen", "people_dialysis", "people_newly_poor")
    assert of(county, "out.portrait_trend", *names, category_code="TOTAL")[-2:] == [
        ("2026-09", 2, 1, 1, 0, 1, 0),
        ("2026-10", 4, 3, 3, ANNA + BAO, 0, 1),
    ]


def test_the_policies_say_what_they_cover_cost_and_miss(county: StagedCounty) -> None:
    names = ("category_code", "department_code", "is_covered", "is_illustrative", "people", "people_relieved", "relief_fen")
    assert of(county, "out.coverage_matrix", *names) == [
        ("ILL", "bureau", True, True, 1, 1, BAO),
        ("ILL", "union", False, False, 1, 0, 0),
        ("POOR", "bureau", True, True, 2, 1, ANNA + 30_000),
        ("POOR", "union", False, False, 2, 0, 0),
        ("WORKER", "bureau", True, True, 1, 0, 0),
        ("WORKER", "union", True, True, 1, 0, 0),
    ]
    gained = of(county, "out.policy_gain", "benefit_code", "category_code", "people", "relief_fen", scope="year")
    assert sorted(gained) == [
        ("bureau_relief", "ILL", 1, 50_000),
        ("bureau_relief", "POOR", 1, 850_000),
        ("fee_support", "POOR", 1, 30_000),
        ("last_resort", "ILL", 1, 135_000),
        ("last_resort", "POOR", 1, 315_000),
    ]
    gaps = of(county, "out.policy_gap", "category_code", "gap_code", "people", "visits", "left_fen", gap_code="NO_CATEGORY")
    assert gaps == [("NONE", "NO_CATEGORY", 1, 2, DEEP), ("TOTAL", "NO_CATEGORY", 1, 2, DEEP)]
    assert of(county, "out.policy_overlap", "department_set", "people", "relief_fen") == [("bureau", 2, ANNA + BAO + 30_000)]


def test_a_category_that_no_policy_covers_is_named(county: StagedCounty) -> None:
    con = county_tables(county, care_categories=["POOR"])
    rows = fetched(con, "from out.policy_gap where gap_code = 'NO_POLICY' order by category_code")
    assert rows == [], "who was relieved is no gap, whatever names the category"
    con.execute("update out.assessment set outcome = 'REFUSED', reason_code = 'NO_CATEGORY' where event_id = 'B1'")
    make_table(con, "out.policy_gap", {"care_categories": ["POOR"], "small_cell": 2})
    rows = fetched(con, "from out.policy_gap where gap_code = 'NO_POLICY' order by category_code")
    assert picked(rows, "category_code", "people", "cost_fen", "is_small") == [("ILL", 1, 1_000_000, True)]


def test_the_fixed_form_is_printed_in_chinese_with_its_stamp(county: StagedCounty) -> None:
    book = load_workbook(portray.form_path(county.job))
    assert book.sheetnames == ["当月", "年初至当月"]
    lines = [[cell.value for cell in row] for row in book["当月"].iter_rows()]
    assert "虚构县医疗救助固定报表 当月 2026-10" in str(lines[0][0])
    assert county.job.moment in str(lines[1][0]) and "示例" in str(lines[2][0])
    assert lines[4] == ["类别", "支付方", "人数(人)", "人次", "金额(元)", "备注"]
    body = lines[5:]
    assert ["合计(每人每次只计一次)", "总费用", "3", "3", "39000.00", "人数过少,不得对外"] in body
    assert [row[4] for row in body if row[0] == "扣减:同时属于几类者" and row[1] == "总费用"] == ["-20000.00"]
    assert ["合计(每人每次只计一次)", "慈善", "1", "1", "1000.00", "人数过少,不得对外"] in body
    assert not any("RELIEF_" in str(cell) for row in body for cell in row), "departments are named"


def test_the_policy_portrait_is_shown_at_the_terminal(county: StagedCounty, capsys: pytest.CaptureFixture[str]) -> None:
    job = county.job
    (job.home.root / "settings.json").write_text("{}", encoding="utf-8")
    policy_portrait.show_portrait(pack="_example", month="2026-10", home=job.home.root)
    shown = capsys.readouterr().out
    assert "示例" in shown and "● 1 人" in shown and "○" in shown and "—" in shown
    assert "12000.00 元" in shown or "12,000.00 元" in shown, "what nobody relieved"


def test_every_run_says_as_of_when_and_how_sure_it_is(county: StagedCounty) -> None:
    ((run, moment, policy, lines, zh, small),) = of(
        county, "out.portrait_stamp", "run_id", "as_of", "policy_status", "lines_status", "banner_zh", "small_cell"
    )
    assert run == county.job.lake.current_run_id("out.person_month", county_code=county.job.county_code)
    assert (moment, policy, lines, small) == (county.job.moment, "illustrative", "illustrative", 10)
    assert "示例" in zh
    small_cells = {row["is_small"] for row in county.rows("out.category_set")}
    assert small_cells == {True}, "five people are a small cell everywhere"


def test_the_same_again_is_the_same_run_with_the_same_bytes(county: StagedCounty) -> None:
    before = county.digests("portray")
    assert portray.run(county.job).run_id == county.rows("out.portrait_stamp")[0]["run_id"]
    assert county.digests("portray") == before


@pytest.mark.parametrize(
    ("code", "harm"),
    [
        ("cost_conserved", "update out.person_month set cost_fen = cost_fen + 1 where person_key = 'Bao'"),
        ("places_conserved", "update out.person_month set cost_county_fen = 0 where person_key = 'Anna'"),
        ("funds_and_burden_conserved", "update out.person_month set fund_fen = 0 where person_key = 'Bao'"),
        ("payers_conserved", "update out.person_month set hifp_fen = 0 where person_key = 'Bao'"),
        ("relief_conserved", "delete from out.person_month where person_key = 'Anna' and calendar_month = '2026-01'"),
        ("paid_conserved", "update out.person_month set paid_fen = 1 where person_key = 'Anna' and calendar_month = '2026-10'"),
        ("record_once", "insert into out.person_month from out.person_month where person_key = 'Deng'"),
        ("layers_conserved", "delete from out.spending_layer where layer_code = 'PERSON'"),
        ("form_closes_down", "delete from out.bureau_form where category_code = 'REPEATED'"),
        ("form_closes_across", "delete from out.bureau_form where payer_code = 'BASIC'"),
        ("flow_conserved", "delete from out.disease_flow where disease_group_code = 'DIALYSIS'"),
        ("trend_conserved", "delete from out.portrait_trend where calendar_month = '2026-09'"),
        ("sets_conserved", "delete from out.category_set where category_set = 'POOR'"),
        ("figures_conserved", "update out.report_figure set amount = 0 where figure_code = 'relief_fen'"),
    ],
)
def test_a_check_notices_what_it_is_there_for(county: StagedCounty, code: str, harm: str) -> None:
    con = county_tables(county)
    con.execute(harm)
    make_table(con, "checks.portrait", {"months": months(county), "run_month": "2026-10"})
    with pytest.raises(MianshenError, match=code):
        require_checks(con, "checks.portrait")


def months(county: StagedCounty) -> list[str]:
    return [f"2026-{number:02d}" for number in range(1, county.job.month.number + 1)]


def county_tables(county: StagedCounty, **changes: Any) -> Any:
    """The tables of the portrait in memory, with other lines bound."""
    job = county.job
    con = compute()
    runs = {
        "facts_run": job.lake.current_run_id("facts.care_event", county_code=job.county_code),
        "assess_run": job.lake.current_run_id("out.assessment", county_code=job.county_code),
    }
    portrait.show_sources(con, job.lake, county_code=job.county_code, radar_run=None, **runs)
    con.execute("create table kept as from out.assessment; drop view out.assessment; create table out.assessment as from kept")
    rules = load_portrait(job.pack.name, on=job.as_of.date())
    bound = portrait.parameters_of(job.pack, rules, month=job.month) | portrait.stamp_of(job.pack, rules)
    bound |= {"run_id": "R", "facts_run_id": "F", "assess_run_id": "A", "known_at": job.moment} | changes
    portrait.make_parts(con, bound)
    portrait.make_tables(con, bound)
    return con
