"""A year of Daye: people are found in their own bills and asked, apply, are judged by experts, published, entered and told."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.stages.case_county import CaseCounty, certno, copied, make_case_county, person, phone, seeded
from tests.stages.intake_county import settlement, settlements, table
from tests.stages.test_channels import DAYE, HEADS, PROCESS

from mianshen.core.cases import Happening
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act
from mianshen.core.visits import SpokeWith, Visit, Way
from mianshen.stages import disclose, handle, profile, visits
from mianshen.stages.draw import draw
from mianshen.warehouse.clock_store import clocks_of
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import show

ASKED = "invitation"
PAPERS = ("id_or_card", "review_form", "medical_records", "test_report")
NOTHING = dict.fromkeys(("lists", "fit", "left", "decided", "applied", "followed", "invited"), 0)
TREATED = {"dise_code": "N18.500", "hosp_lv": "2", "insu_admdvs": "420281", "med_type": "11"}
"""Care that shows 慢性肾功能衰竭."""


def bill(serial: int, number: int = 0, *, on: str = "2026-03-02", **changes: str) -> Mapping[str, str]:
    days = {"begndate": on, "enddate": on, "setl_time": f"{on} 10:00:00", "updt_time": f"{on} 12:00:00"}
    own = {"setl_id": f"420281H{serial:02d}{number:02d}", "certno": certno(serial), "psn_name": person(serial)[0]}
    return settlement(serial, **{**TREATED, **days, **own, **changes})


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> CaseCounty:
    """1 to 9 were treated for their kidneys, each in another way; 9 applied for it at the window already."""
    made = make_case_county(tmp_path_factory.mktemp("daye"), DAYE, seeded(), at="2026-11-03 09:00")
    made.drop(
        settlement_420281_202610=settlements(
            bill(1),
            bill(1, 1, on="2026-04-02"),
            bill(2, hosp_lv="1"),
            bill(3, on="2023-11-02"),
            bill(4, on="2023-11-03", dise_code="I10.x00"),
            bill(5, insutype="310", dise_code="G40.900"),
            bill(6, insutype="310"),
            bill(7, dise_code="J06.900"),
            bill(8),
            bill(9),
        ),
        apply_window_202611=table((*HEADS["window"], "联系电话"), [(*person(9), "慢性肾功能衰竭", phone(9))]),
    )
    made.morning()
    return made


@pytest.fixture
def county(staged: CaseCounty, tmp_path: Path) -> CaseCounty:
    return copied(staged, tmp_path / "home")


def invited(county: CaseCounty) -> dict[int, set[str]]:
    of = {key: serial for serial, key in county.keys(range(1, 30)).items()}
    found: dict[int, set[str]] = {}
    for row in county.rows(ASKED, 2026):
        found.setdefault(of[row["person_key"]], set()).add(row["item_code"])
    return found


def test_who_was_treated_for_it_in_three_years_at_level_2_is_invited_once_and_nobody_else(county: CaseCounty) -> None:
    assert invited(county) == {1: {"M005"}, 4: {"M001"}, 6: {"M005"}, 8: {"M005"}}
    assert county.morning()["confirm"]["invited"] == 0, "asked once a year"


def case_of(county: CaseCounty, process: str, serial: int, item: str = "M005") -> str:
    key = county.keys([serial])[serial]
    return str(next(row["case_id"] for row in county.rows(process, 2026) if (row["person_key"], row["item_code"]) == (key, item)))


def asked(county: CaseCounty, serial: int, outcome: str, who: SpokeWith = SpokeWith.SELF) -> None:
    visit = Visit(outcome, Way.PHONE, who, county.job.as_of.date(), "话务01")
    visits.record(county.job, case_of(county, ASKED, serial), visit)


def act(county: CaseCounty, case: str, step: str, outcome: str = "", *, actor: str = "", **said: Any) -> None:
    process = county.job.pack.process(PROCESS)
    happening = said.pop("happening", Happening.DECIDED)
    holder = process.step(step).department_code
    handle.act(county.job, case, Act(happening, step, actor or f"clerk_{step}", holder, county.job.as_of, outcome, **said))


def judged(county: CaseCounty, case: str, outcome: str = "agree", **said: Any) -> None:
    act(county, case, "review", outcome, actor=draw(county.job, case, "review", {}).experts[0], **said)


def held(county: CaseCounty, serial: int) -> list[tuple[str, date, date | None, str]]:
    """What the person holds, as profile says it."""
    profile.run(county.job)
    with compute() as con:
        show(con, "facts.identity_span", county.job.lake.current("facts.identity_span", county_code=county.job.county_code))
        query = "select category_code, since, until, list_code from facts.identity_span where person_key = $key order by all"
        return con.execute(query, {"key": county.keys([serial])[serial]}).fetchall()


def told(county: CaseCounty) -> dict[str, dict[str, str]]:
    disclose.run(county.job)
    path = county.job.home.outbox(DAYE) / "status" / f"{PROCESS}_420281.csv"
    return {row["编号"]: row for row in csv.DictReader(path.read_text("utf-8-sig").splitlines())}


def test_who_says_yes_is_applied_for_by_itself_and_silence_is_never_a_no(county: CaseCounty) -> None:
    asked(county, 1, "applies", SpokeWith.FAMILY)
    with pytest.raises(MianshenError, match="VISIT_INVALID"):
        asked(county, 6, "declines", SpokeWith.NOBODY)
    asked(county, 6, "unreachable", SpokeWith.NOBODY)
    asked(county, 8, "declines")
    assert county.morning()["confirm"] == NOTHING | {"followed": 1}
    case = case_of(county, PROCESS, 1)
    assert set(county.state(case).open) == {"first_check"}
    assert set(county.state(case_of(county, ASKED, 6)).open) == {"letter"}, "who was not reached is told in writing"
    assert {one["item_code"] for one in county.rows(PROCESS, 2026)} == {"M005"}
    county.drop(apply_clinic_202611=table(HEADS["clinic"], [(*person(1), "慢性肾功能衰竭")]))
    assert county.morning()["confirm"]["applied"] == 0, "who then comes to the clinic has the matter already"


def test_r002_03_what_is_missing_is_told_once_and_in_full(county: CaseCounty) -> None:
    case = case_of(county, PROCESS, 9)
    act(county, case, "first_check", happening=Happening.PAPERS, papers=("review_form",))
    with pytest.raises(MianshenError) as refused:
        act(county, case, "first_check", "accept")
    missing = [one.name_zh for one in county.job.pack.process(PROCESS).step("first_check").papers if one.code != "review_form"]
    assert refused.value.code == "PAPERS_MISSING" and all(one in refused.value.found for one in missing)
    act(county, case, "first_check", "supplement")
    county.at("2026-11-04 09:00")
    act(county, case, "papers", "brought")
    county.at("2026-11-05 09:00")
    with pytest.raises(MianshenError, match="OUTCOME_USED_UP"):
        act(county, case, "first_check", "supplement")


def test_r002_10_and_14_the_whole_way_with_an_objection_and_nothing_is_held_before_the_entry(county: CaseCounty) -> None:
    case = case_of(county, PROCESS, 9)
    act(county, case, "first_check", happening=Happening.PAPERS, papers=PAPERS)
    act(county, case, "first_check", "accept")
    county.at("2026-11-05 09:00")
    judged(county, case)
    act(county, case, "recheck", "agree")
    assert told(county)[case]["办理情况"] == "待网上公示"
    county.at("2026-11-09 09:00")
    disclose.take_objection(county.job, case, "他没有这个病".encode())
    act(county, case, "notice", "objection", reason_code="OBJECTED_IDENTITY")
    judged(county, case)
    county.at("2026-11-10 09:00")
    act(county, case, "recheck", "agree")
    disclose.run(county.job)
    county.at("2026-11-17 23:59").morning()
    assert set(county.state(case).open) == {"notice"}, "the seven days run anew from the second notice"
    assert held(county, 9) == [], "who applied holds nothing yet"
    county.at("2026-11-18 00:00").morning()
    assert set(county.state(case).open) == {"entry", "card"}
    county.at("2026-11-18 09:00")
    act(county, case, "entry", "entered")
    assert held(county, 9) == [
        ("M005", date(2026, 11, 18), None, PROCESS),
        ("MENMANTE", date(2026, 11, 18), None, PROCESS),
    ], "the benefit begins with the entry, and does not wait for the card"
    assert told(county)[case]["办理情况"] == "待领取慢性病证"
    with county.job.ledger.connect() as connection:
        running = [one for one in clocks_of(connection, county.job.county_code) if not one["closed_at"]]
    clocks = {one["time_limit_code"]: one["due_on"] for one in running}
    assert clocks["card_days"] == "2026-12-09", "fifteen working days after the 18th"
    act(county, case, "card", "not_wanted")
    assert county.state(case).end_code == "certified"
    county.at("2026-12-01 09:00").morning()
    assert {code for code, *_ in held(county, 9)} == {"M005", "MENMANTE"}
    assert county.morning()["confirm"]["invited"] == 0
