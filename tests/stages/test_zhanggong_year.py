"""000 as it goes: lists by 15 December, a list that came late and why, calls, four decisions, forms, the post, who got none.

Who should stand on which list is written down before the first file is delivered.
"""

from __future__ import annotations

from pathlib import Path

from openpyxl import load_workbook
from tests.stages.case_county import ZHANGGONG, CaseCounty, lifted, listed, make_case_county, person, seeded, treated
from tests.stages.test_case_sheets import ROAD, called, names, roll, take, take_calls

from mianshen.core.visits import SpokeWith, Visit, Way
from mianshen.stages import disclose, supervise, visits
from mianshen.warehouse import case_counts, cases, docket
from mianshen.warehouse.clock_store import clocks_of
from mianshen.warehouse.exemptions import GRANTED, ExemptionAct, apply_for, decide

FREE, LEFT, YEAR = "free_treatment", "left_lists", 2027
ILL = {1: 2024, 2: 2025, 3: 2025, 4: 2025, 6: 2023, 7: 2025, 8: 2026}
"""Who was treated, and when. 5 is on a list and asks for the first time."""
TRUTH = {
    "fit": {1, 2, 4, 6, 7, 8},
    "wanted": {1, 2, 4},
    "not_applied": {6, 7, 8},
    "posted": {1, 2},
    "undelivered": {2},
}
ENDS = {1: "served", 2: "served", 4: "refused", 6: "ordinary_route", 7: "declined", 8: "declined"}
CALLS = ("需要", "本人", "电话", "2026-12-16", "话务01")
NOT_HERE = "NOT_INSURED_HERE 未在本地参保"


def on_the_lists(county: CaseCounty) -> None:
    """Three of civil affairs on time, that of rural revitalisation on the 16th; 3 was on one in November."""
    county.drop(
        minzheng_dibao_202611=listed(1, 3, 5, 6),
        weijian_jiuzhi_202611=treated(*((one, "尿毒症", year) for one, year in ILL.items())),
    )
    county.morning()
    assert {row["department_code"] for row in waiting(county)} == {"civil_affairs", "agriculture"}, "the heir, not who ended"
    county.at("2026-12-14 09:00").drop(
        minzheng_dibao_202612=listed(1, 5, 6), minzheng_tekun_202612=listed(4), minzheng_zhichuxing_202612=listed(7, 8)
    )
    county.morning()
    assert not county.rows(FREE, YEAR), "one department's lists are not enough"
    county.at("2026-12-16 00:30")
    assert supervise.run(county.job).counts["misses_recorded"] == 1
    county.at("2026-12-16 09:00").drop(xiangcun_tuopin_202612=lifted(2))
    county.morning()


def waiting(county: CaseCounty) -> list[dict[str, str]]:
    with county.job.ledger.connect() as connection:
        rows = cases.waiting(connection, county_code=county.job.county_code)
    return [row for row in rows if row["process_code"] == "yearly_lists"]


def excused(county: CaseCounty) -> tuple[str, str]:
    """The heir's miss, its exemption applied for by one and granted by another: who was late and how it stands."""
    with county.job.ledger.begin() as connection:
        (miss,) = [row for row in clocks_of(connection, county.job.county_code) if row["missed_at"]]
        said = (miss["holder_department"], county.job.moment, "SYSTEM_OUTAGE", "区农业〔2026〕9号")
        for what, actor in (("applied", "nongye01"), (GRANTED, "health01")):
            act = ExemptionAct(what, actor, *said)
            (apply_for if what == "applied" else decide)(connection, miss["clock_id"], act, county_code=county.job.county_code)
        row = docket.clock_row(connection, miss["clock_id"], county_codes=[county.job.county_code], as_of=county.job.as_of)
    assert row is not None and row["missed_at"], "the miss itself stays"
    return str(miss["holder_department"]), str(row["state"])


def asked(county: CaseCounty, process: str, serial: int, outcome: str, way: Way, with_whom: SpokeWith) -> None:
    case = county.by_serial(process, YEAR)[serial]
    visits.record(county.job, case, Visit(outcome, way, with_whom, county.job.as_of.date(), "工作人员01"))


def calls_and_visits(county: CaseCounty) -> None:
    """1, 2 and 4 want it; 7 and 8 do not, 8 at the second call; 6 and 3 answer nobody, 3 is met at home."""
    asked(county, FREE, 8, "no_answer", Way.PHONE, SpokeWith.NOBODY)
    asked(county, FREE, 6, "unreachable", Way.PHONE, SpokeWith.NOBODY)
    asked(county, LEFT, 3, "unreachable", Way.PHONE, SpokeWith.NOBODY)
    refusal = ("不需要", *CALLS[1:])
    take_calls(county, called(county, **{person(7)[0]: refusal}))
    county.at("2026-12-18 10:00")
    asked(county, FREE, 6, "unreachable", Way.HOME, SpokeWith.NOBODY)
    asked(county, LEFT, 3, "told", Way.HOME, SpokeWith.FAMILY)


def decisions_to_post(county: CaseCounty) -> None:
    """医保 refuses 4, the lists and rules agree; forms on the 29th, the post on 4 January, one came back on the 5th."""
    county.morning()
    county.at("2026-12-21 10:00")
    take(county, "medical_security", {person(4)[0]: ("不通过", NOT_HERE)}, first="I", B6="通过")
    take(county, "ordinary_notice", first="I", B6="已书面告知")
    county.morning()
    county.at("2026-12-29 10:00")
    assert disclose.print_step(county.job, FREE, "print", benefit_year=YEAR).printed == 2
    take(county, "print", first="J", B6="已打印")
    county.at("2027-01-04 10:00")
    take(county, "handover", {person(one)[0]: ("已交邮", "", f"XA{one:09d}36") for one in (1, 2)}, first="J")
    county.at("2027-01-05 10:00")
    take(county, "delivery", {person(2)[0]: ("退回，已列入未送达名单反馈卫健委",)}, first="J", B6="已送达")


def test_the_whole_calendar_puts_everybody_on_the_lists_on_which_he_belongs(tmp_path: Path) -> None:
    """R000-04 to R000-21 in one run, the clock an argument."""
    county = make_case_county(tmp_path, ZHANGGONG, seeded(), at="2026-12-01 09:00")
    on_the_lists(county)
    assert excused(county) == ("agriculture", "exempted")
    (left,) = roll(county, "left", LEFT)
    assert (left[1], left[5]) == (person(3)[0], "低保对象,自 2026-12-01")
    calls_and_visits(county)
    decisions_to_post(county)
    assert {code: {row[1] for row in roll(county, code)} for code in TRUTH} == {
        code: set(names(*serials)) for code, serials in TRUTH.items()
    }
    made = disclose.make_roll(county.job, FREE, "undelivered", benefit_year=YEAR)
    (above,) = [row[0] for row in load_workbook(made.path).worksheets[0].iter_rows(min_row=2, max_row=2, values_only=True)]
    assert above == "共 1 人;截至 2027-01-05 10:00。", "a moment as people write it"
    (back,) = roll(county, "undelivered")
    assert back[5:7] == [f"{ROAD}2室", "XA00000000236"]
    assert {row[1] for row in roll(county, "left", LEFT)} == set(names(3, 4)), "who is refused is told too"
    county.at("2027-01-08 10:00")
    take(county, "redeliver", first="J", B6="已送达")
    ends = {serial: county.state(case).end_code for serial, case in county.by_serial(FREE, YEAR).items()}
    assert ends == ENDS
    with county.job.ledger.connect() as connection:
        found = case_counts.ended(connection, county_code=county.job.county_code, calendar=county.job.pack.calendar)
    counted = {one.end_code: one.cases for one in found if one.process_code == FREE}
    assert counted == {"served": 2, "refused": 1, "ordinary_route": 1, "declined": 2}
